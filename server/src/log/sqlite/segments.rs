//! Chains and segments: what continues them and what does not.

use cairn_wire::digest::{Hash, half, next_root};
use cairn_wire::id::{ChainId, CircleId, DeviceId, WorkspaceId};
use cairn_wire::refusal::SegmentRefusal;
use rusqlite::{Connection, OptionalExtension};

use super::super::{Chain, LogError, SegmentEntry, SegmentOutcome};
use super::{charge, int, packs, uint};

/// A chain, if any of it is held.
pub(super) fn chain(
    connection: &Connection,
    workspace: WorkspaceId,
    chain: ChainId,
) -> Result<Option<Chain>, LogError> {
    let found = connection
        .prepare_cached(
            "SELECT circle, device, height, link, frozen, last FROM chain WHERE workspace = ?1 AND chain = ?2",
        )?
        .query_row((&workspace.0, &chain.0), |row| {
            Ok(Chain {
                circle: CircleId(row.get(0)?),
                device: DeviceId(row.get(1)?),
                height: uint(row.get(2)?),
                link: row.get(3)?,
                frozen: row.get(4)?,
                last: row.get::<_, Option<i64>>(5)?.map(uint),
            })
        })
        .optional()?;
    Ok(found)
}

/// The hash of a held segment.
pub(super) fn hash(
    connection: &Connection,
    workspace: WorkspaceId,
    chain: ChainId,
    seq: u64,
) -> Result<Option<Hash>, LogError> {
    let found = connection
        .prepare_cached("SELECT hash FROM segment WHERE workspace = ?1 AND chain = ?2 AND chain_seq = ?3")?
        .query_row((&workspace.0, &chain.0, int(seq)), |row| row.get(0))
        .optional()?;
    Ok(found)
}

/// Appends a segment to its chain and its circle's log, if it continues the chain.
pub(super) fn append(
    connection: &Connection,
    entry: &SegmentEntry,
    quota: u64,
) -> Result<SegmentOutcome, LogError> {
    let refused = |refusal| Ok(SegmentOutcome::Refused(refusal));
    let held = chain(connection, entry.workspace, entry.chain)?;
    if let Some(held) = &held {
        if entry.seq <= held.height
            && hash(connection, entry.workspace, entry.chain, entry.seq)? == Some(entry.hash)
        {
            return Ok(SegmentOutcome::Held);
        }
        // Only the author can fork a chain; anybody else's segment does not touch it.
        if held.circle != entry.circle || held.device != entry.device {
            return refused(SegmentRefusal::NotEntitled);
        }
        if entry.seq <= held.height
            && hash(connection, entry.workspace, entry.chain, entry.seq)?.is_none()
            && packs::was_held(held.height, &held.link, entry.seq, &entry.hash)
        {
            // A pack covers it now.
            return Ok(SegmentOutcome::Held);
        }
        if entry.seq <= held.height {
            // What its author sealed again under a newer key may still arrive as it first left: no fork.
            if circle(connection, entry)?.is_some_and(|(epoch, ..)| entry.epoch < epoch) {
                return refused(SegmentRefusal::StaleEpoch);
            }
            freeze(connection, entry)?;
        }
        if held.frozen || entry.seq <= held.height {
            return refused(SegmentRefusal::Fork);
        }
        if held.last.is_some_and(|last| entry.seq > last) {
            return refused(SegmentRefusal::Late);
        }
    }
    let Some((epoch, seq, root)) = circle(connection, entry)? else {
        return refused(SegmentRefusal::NotEntitled);
    };
    if entry.epoch != epoch && !entry.healing {
        return refused(SegmentRefusal::StaleEpoch);
    }
    let continues = match &held {
        None => entry.seq == 1,
        Some(held) => entry.seq == held.height + 1 && entry.prev == held.link,
    };
    if !continues {
        return refused(SegmentRefusal::Gap);
    }
    insert(connection, entry, seq + 1, &root)?;
    charge(connection, entry.workspace, entry.bytes.len() as u64, quota)?;
    Ok(SegmentOutcome::Stored)
}

fn circle(connection: &Connection, entry: &SegmentEntry) -> Result<Option<(u64, u64, Hash)>, LogError> {
    let found = connection
        .prepare_cached("SELECT epoch, seq, root FROM circle WHERE workspace = ?1 AND circle = ?2")?
        .query_row((&entry.workspace.0, &entry.circle.0), |row| {
            Ok((uint(row.get(0)?), uint(row.get(1)?), row.get(2)?))
        })
        .optional()?;
    Ok(found)
}

fn freeze(connection: &Connection, entry: &SegmentEntry) -> Result<(), LogError> {
    connection
        .prepare_cached("UPDATE chain SET frozen = 1 WHERE workspace = ?1 AND chain = ?2")?
        .execute((&entry.workspace.0, &entry.chain.0))?;
    Ok(())
}

fn insert(connection: &Connection, entry: &SegmentEntry, seq: u64, root: &Hash) -> Result<(), LogError> {
    let SegmentEntry { workspace, circle, chain, device, .. } = entry;
    connection
        .prepare_cached(
            "INSERT INTO segment (workspace, circle, seq, chain, chain_seq, day, hash, bytes)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
        )?
        .execute((
            &workspace.0,
            &circle.0,
            int(seq),
            &chain.0,
            int(entry.seq),
            int(entry.day),
            &entry.hash,
            &entry.bytes,
        ))?;
    connection
        .prepare_cached(
            "INSERT INTO chain (workspace, chain, circle, device, height, link) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
             ON CONFLICT DO UPDATE SET height = excluded.height, link = excluded.link",
        )?
        .execute((&workspace.0, &chain.0, &circle.0, &device.0, int(entry.seq), &half(&entry.hash)))?;
    connection
        .prepare_cached("UPDATE circle SET seq = ?3, root = ?4 WHERE workspace = ?1 AND circle = ?2")?
        .execute((&workspace.0, &circle.0, int(seq), &next_root(root, &entry.hash)))?;
    Ok(())
}
