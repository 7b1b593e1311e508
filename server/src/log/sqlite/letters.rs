//! Late letters: kept beside the log, in the order they came.

use std::time::{SystemTime, UNIX_EPOCH};

use cairn_wire::digest::half;
use cairn_wire::id::{ChainId, CircleId, DeviceId, WorkspaceId};
use cairn_wire::letter::Letter;
use cairn_wire::limits;
use cairn_wire::refusal::SegmentRefusal;
use rusqlite::{Connection, OptionalExtension};

use super::super::{Chain, LogError, SegmentEntry, SegmentOutcome};
use super::{charge, int, segments, uint};

/// So many bits of a letter's number count letters, and those above them seconds: nobody hands in a million letters
/// a second.
const A_SECOND: u32 = 20;

/// A chain with the letters that continue it.
pub(super) fn chain(
    connection: &Connection,
    workspace: WorkspaceId,
    chain: ChainId,
) -> Result<Option<Chain>, LogError> {
    let held = segments::chain(connection, workspace, chain)?;
    let newest = connection
        .prepare_cached(
            "SELECT circle, device, chain_seq, hash FROM letter WHERE workspace = ?1 AND chain = ?2
             ORDER BY chain_seq DESC LIMIT 1",
        )?
        .query_row((&workspace.0, &chain.0), |row| {
            Ok(Chain {
                circle: CircleId(row.get(0)?),
                device: DeviceId(row.get(1)?),
                height: uint(row.get(2)?),
                link: half(&row.get(3)?),
                frozen: held.as_ref().is_some_and(|held| held.frozen),
                last: held.as_ref().and_then(|held| held.last),
            })
        })
        .optional()?;
    Ok(newest.or(held))
}

/// What the numbers of letters begin after when the log is opened at `now`. Coordinators ask for what comes after
/// the newest they have: a log that was put back to before that must not give the same numbers again.
pub(super) fn floor(now: SystemTime) -> u64 {
    now.duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs() << A_SECOND)
}

/// Keeps a letter if it continues its chain; one that is held already stays as it is.
pub(super) fn put(
    connection: &Connection,
    entry: &SegmentEntry,
    floor: u64,
    quota: u64,
) -> Result<SegmentOutcome, LogError> {
    let SegmentEntry { workspace, circle, chain: id, device, .. } = entry;
    let held = chain(connection, *workspace, *id)?;
    let (height, link) = held.map_or((0, [0; 16]), |held| (held.height, held.link));
    if entry.seq <= height {
        return Ok(SegmentOutcome::Held);
    }
    if entry.seq != height + 1 || (height > 0 && entry.prev != link) {
        return Ok(SegmentOutcome::Refused(SegmentRefusal::Gap));
    }
    let count: i64 = connection
        .prepare_cached("SELECT count(*) FROM letter WHERE workspace = ?1 AND device = ?2")?
        .query_row((&workspace.0, &device.0), |row| row.get(0))?;
    if uint(count) >= limits::LETTERS as u64 {
        return Ok(SegmentOutcome::Refused(SegmentRefusal::TooLarge));
    }
    let number = newest(connection, *workspace)?.max(floor) + 1;
    connection
        .prepare_cached(
            "INSERT INTO letter (workspace, number, circle, device, chain, chain_seq, day, hash, bytes)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
        )?
        .execute((
            &workspace.0,
            int(number),
            &circle.0,
            &device.0,
            &id.0,
            int(entry.seq),
            int(entry.day),
            &entry.hash,
            &entry.bytes,
        ))?;
    charge(connection, *workspace, entry.bytes.len() as u64, quota)?;
    Ok(SegmentOutcome::Stored)
}

/// The number of the newest letter; 0 if there is none.
pub(super) fn newest(connection: &Connection, workspace: WorkspaceId) -> Result<u64, LogError> {
    let newest: Option<i64> = connection
        .prepare_cached("SELECT max(number) FROM letter WHERE workspace = ?1")?
        .query_row([&workspace.0], |row| row.get(0))?;
    Ok(newest.map_or(0, uint))
}

/// Letters after a number, as many as the budget allows but at least one.
pub(super) fn after(
    connection: &Connection,
    workspace: WorkspaceId,
    circles: &[CircleId],
    after: u64,
    budget: u64,
) -> Result<Vec<Letter>, LogError> {
    let mut statement = connection.prepare_cached(
        "SELECT number, circle, device, bytes FROM letter WHERE workspace = ?1 AND number > ?2
         ORDER BY number",
    )?;
    let mut rows = statement.query((&workspace.0, int(after)))?;
    let (mut letters, mut octets) = (Vec::new(), 0);
    while let Some(row) = rows.next()? {
        let circle = CircleId(row.get(1)?);
        if !circles.contains(&circle) {
            continue;
        }
        let bytes: Vec<u8> = row.get(3)?;
        octets += bytes.len() as u64;
        if !letters.is_empty() && (octets > budget || letters.len() >= limits::SEGMENTS) {
            break;
        }
        letters.push(Letter { number: uint(row.get(0)?), circle, device: DeviceId(row.get(2)?), bytes });
    }
    Ok(letters)
}
