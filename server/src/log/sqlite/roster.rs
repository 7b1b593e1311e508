//! Workspaces, roster entries and the wraps that come with them.

use std::collections::BTreeSet;

use cairn_wire::id::WorkspaceId;
use rusqlite::{Connection, OptionalExtension};

use super::super::{Closing, Creation, LogError, RosterAppend, RosterOutcome};
use super::{charge, int, uint};

/// Begins a workspace.
pub(super) fn create(
    connection: &Connection,
    workspace: WorkspaceId,
    append: &RosterAppend,
    most: u64,
    today: u64,
    quota: u64,
) -> Result<Creation, LogError> {
    if newest(connection, workspace)?.is_some() {
        return Ok(Creation::Exists);
    }
    let count: i64 = connection.query_row("SELECT count(*) FROM workspace", [], |row| row.get(0))?;
    if uint(count) >= most {
        return Ok(Creation::TooMany);
    }
    connection
        .execute("INSERT INTO workspace (workspace, day) VALUES (?1, ?2)", (&workspace.0, int(today)))?;
    insert(connection, workspace, append, quota)?;
    Ok(Creation::Created)
}

/// Appends entries if nothing has come after the expected one.
pub(super) fn append(
    connection: &Connection,
    workspace: WorkspaceId,
    append: &RosterAppend,
    quota: u64,
) -> Result<RosterOutcome, LogError> {
    if newest(connection, workspace)? != Some(append.expected_seq) {
        return Ok(RosterOutcome::Moved);
    }
    for closing in &append.closings {
        // Whoever ends a chain must know all of it, or what came last would count for some and not for others.
        let named: BTreeSet<_> =
            closing.lasts.iter().map(|last| (last.chain.0, last.seq, last.link)).collect();
        if named != growing(connection, workspace, closing)? {
            return Ok(RosterOutcome::Moved);
        }
    }
    insert(connection, workspace, append, quota)?;
    Ok(RosterOutcome::Appended)
}

/// All entries after `seq`; `None` for an unknown workspace.
pub(super) fn after(
    connection: &Connection,
    workspace: WorkspaceId,
    seq: u64,
) -> Result<Option<Vec<Vec<u8>>>, LogError> {
    let mut statement = connection
        .prepare_cached("SELECT bytes FROM roster_entry WHERE workspace = ?1 AND seq > ?2 ORDER BY seq")?;
    let entries: Vec<Vec<u8>> =
        statement.query_map((&workspace.0, int(seq)), |row| row.get(0))?.collect::<Result<_, _>>()?;
    if entries.is_empty() && newest(connection, workspace)?.is_none() {
        return Ok(None);
    }
    Ok(Some(entries))
}

/// The chains that a closing must name: number and link of the newest segment of each.
fn growing(
    connection: &Connection,
    workspace: WorkspaceId,
    closing: &Closing,
) -> Result<BTreeSet<([u8; 16], u64, [u8; 16])>, LogError> {
    let mut statement = connection.prepare_cached(
        "SELECT chain, height, link FROM chain
         WHERE workspace = ?1 AND device = ?2 AND (?3 IS NULL OR circle = ?3) AND last IS NULL",
    )?;
    let circle = closing.circle.map(|circle| circle.0);
    let rows = statement.query_map((&workspace.0, &closing.device.0, circle), |row| {
        Ok((row.get(0)?, uint(row.get(1)?), row.get(2)?))
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

fn newest(connection: &Connection, workspace: WorkspaceId) -> Result<Option<u64>, LogError> {
    let newest = connection
        .prepare_cached("SELECT seq FROM roster_entry WHERE workspace = ?1 ORDER BY seq DESC LIMIT 1")?
        .query_row([&workspace.0], |row| row.get(0))
        .optional()?;
    Ok(newest.map(uint))
}

fn insert(
    connection: &Connection,
    workspace: WorkspaceId,
    append: &RosterAppend,
    quota: u64,
) -> Result<(), LogError> {
    let mut seq = append.expected_seq;
    let mut octets = 0;
    for (hash, bytes) in &append.entries {
        seq += 1;
        octets += bytes.len() as u64;
        connection
            .prepare_cached("INSERT INTO roster_entry (workspace, seq, hash, bytes) VALUES (?1, ?2, ?3, ?4)")?
            .execute((&workspace.0, int(seq), hash, bytes))?;
    }
    for (circle, epoch) in &append.epochs {
        connection
            .prepare_cached(
                "INSERT INTO circle (workspace, circle, epoch, root, lost) VALUES (?1, ?2, ?3, zeroblob(32), ?4)
                 ON CONFLICT DO UPDATE SET epoch = excluded.epoch",
            )?
            .execute((&workspace.0, &circle.0, int(*epoch), append.healing))?;
    }
    for (device, wrap) in &append.wraps {
        octets += wrap.sealed.len() as u64;
        connection
            .prepare_cached(
                "INSERT OR REPLACE INTO wrap (workspace, device, roster_seq, circle, epoch, sealed)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
            )?
            .execute((&workspace.0, &device.0, int(seq), &wrap.circle.0, int(wrap.epoch), &wrap.sealed))?;
    }
    for last in append.closings.iter().flat_map(|closing| &closing.lasts) {
        connection
            .prepare_cached("UPDATE chain SET last = ?3 WHERE workspace = ?1 AND chain = ?2")?
            .execute((&workspace.0, &last.chain.0, int(last.seq)))?;
    }
    for invite in &append.used {
        connection
            .prepare_cached("DELETE FROM join_request WHERE workspace = ?1 AND invite = ?2")?
            .execute((&workspace.0, &invite.0))?;
    }
    charge(connection, workspace, octets, quota)
}
