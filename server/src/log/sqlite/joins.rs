//! Newcomers' requests, kept until a coordinator has answered or they have ended.

use cairn_wire::id::{DeviceId, InviteId, WorkspaceId};
use cairn_wire::limits;
use rusqlite::{Connection, OptionalExtension};

use super::super::{JoinEntry, JoinOutcome, LogError};
use super::{int, uint};

/// A request waits at most so many days, whatever expiry it names.
const DAYS: u64 = 30;
const SECONDS_A_DAY: u64 = 24 * 60 * 60;

/// Keeps a request: one for each invitation.
pub(super) fn put(
    connection: &Connection,
    workspace: WorkspaceId,
    join: &JoinEntry,
    now: u64,
) -> Result<JoinOutcome, LogError> {
    let today = now / SECONDS_A_DAY;
    connection
        .prepare_cached("DELETE FROM join_request WHERE workspace = ?1 AND (expiry < ?2 OR day < ?3)")?
        .execute((&workspace.0, int(now), int(today.saturating_sub(DAYS))))?;
    let holder: Option<[u8; 16]> = connection
        .prepare_cached("SELECT device FROM join_request WHERE workspace = ?1 AND invite = ?2")?
        .query_row((&workspace.0, &join.invite.0), |row| row.get(0))
        .optional()?;
    if holder.is_some_and(|holder| DeviceId(holder) != join.device) {
        return Ok(JoinOutcome::Taken);
    }
    let waiting: i64 = connection
        .prepare_cached("SELECT count(*) FROM join_request WHERE workspace = ?1")?
        .query_row([&workspace.0], |row| row.get(0))?;
    if holder.is_none() && uint(waiting) >= limits::JOINS as u64 {
        return Ok(JoinOutcome::Crowded);
    }
    connection
        .prepare_cached(
            "INSERT OR REPLACE INTO join_request (workspace, invite, device, expiry, day, bytes)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        )?
        .execute((&workspace.0, &join.invite.0, &join.device.0, int(join.expiry), int(today), &join.bytes))?;
    Ok(JoinOutcome::Waiting)
}

/// The requests that have not ended at `now`.
pub(super) fn waiting(
    connection: &Connection,
    workspace: WorkspaceId,
    now: u64,
) -> Result<Vec<(InviteId, Vec<u8>)>, LogError> {
    let mut statement = connection.prepare_cached(
        "SELECT invite, bytes FROM join_request WHERE workspace = ?1 AND expiry >= ?2 ORDER BY invite LIMIT ?3",
    )?;
    let rows = statement.query_map((&workspace.0, int(now), int(limits::JOINS as u64)), |row| {
        Ok((InviteId(row.get(0)?), row.get(1)?))
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}
