//! Packs that come back to a log that has lost what they cover.
//!
//! Only a circle that began by healing takes one, so nothing that claims to heal can shorten a log that was
//! never lost. The pack becomes the beginning of the log. What is held and not covered by it comes behind,
//! in the order in which it stands.

use std::collections::BTreeMap;

use cairn_wire::digest::{Hash, half, next_root};
use cairn_wire::id::{ChainId, DeviceId};
use rusqlite::{Connection, OptionalExtension};

use super::super::{Beginning, LogError, PackEntry, PackOutcome};
use super::packs::{add_pieces, begin, discharge, finish, remove};
use super::{int, segments, uint};

/// A pack that is being given back has this number until it is whole.
const COMING_BACK: i64 = -1;

/// Keeps pieces of a pack; with the last one the log begins with it.
pub(super) fn put(
    connection: &Connection,
    entry: &PackEntry,
    beginning: &Beginning,
    first: u64,
    pieces: &[Vec<u8>],
    quota: u64,
) -> Result<PackOutcome, LogError> {
    let found: Option<(i64, i64)> = connection
        .prepare_cached("SELECT number, held FROM pack WHERE workspace = ?1 AND pack = ?2")?
        .query_row((&entry.workspace.0, &entry.pack), |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    if let Some((1.., held)) = found {
        return Ok(PackOutcome::Held(uint(held)));
    }
    if !was_lost(connection, entry)? || !agrees(connection, entry, beginning)? {
        return Ok(PackOutcome::Refused);
    }
    if !says_more(connection, entry, beginning)? {
        return Ok(PackOutcome::Known);
    }
    let held = match found {
        Some((COMING_BACK, held)) => uint(held),
        other => {
            if other.is_some() {
                remove(connection, entry.workspace, &entry.pack)?;
            }
            begin(connection, entry, quota)?;
            connection
                .prepare_cached("UPDATE pack SET number = ?3 WHERE workspace = ?1 AND pack = ?2")?
                .execute((&entry.workspace.0, &entry.pack, COMING_BACK))?;
            0
        }
    };
    let held = add_pieces(connection, entry, held, first, pieces, quota)?;
    if held == entry.pieces {
        finish(connection, entry)?;
        for (device, bytes) in &beginning.attestations {
            connection
                .prepare_cached(
                    "INSERT OR IGNORE INTO attestation (workspace, pack, device, bytes) VALUES (?1, ?2, ?3, ?4)",
                )?
                .execute((&entry.workspace.0, &entry.pack, &device.0, bytes))?;
        }
        begin_with(connection, entry, beginning)?;
    }
    Ok(PackOutcome::Held(held))
}

/// Whether this circle's log began by healing.
fn was_lost(connection: &Connection, entry: &PackEntry) -> Result<bool, LogError> {
    let lost = connection
        .prepare_cached("SELECT lost FROM circle WHERE workspace = ?1 AND circle = ?2")?
        .query_row((&entry.workspace.0, &entry.circle.0), |row| row.get(0))
        .optional()?;
    Ok(lost.unwrap_or(false))
}

/// Whether the chains it names are nobody else's.
fn agrees(connection: &Connection, entry: &PackEntry, beginning: &Beginning) -> Result<bool, LogError> {
    for head in &beginning.chains {
        let held = segments::chain(connection, entry.workspace, head.chain)?;
        if held.is_some_and(|held| held.circle != entry.circle || held.device != head.device) {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Whether it covers a segment that is not held.
fn says_more(connection: &Connection, entry: &PackEntry, beginning: &Beginning) -> Result<bool, LogError> {
    for head in &beginning.chains {
        let held = segments::chain(connection, entry.workspace, head.chain)?;
        if held.map_or(0, |held| held.height) < head.height {
            return Ok(true);
        }
    }
    Ok(false)
}

/// How far a chain goes, and whose it is.
struct Reached {
    device: DeviceId,
    height: u64,
    link: [u8; 16],
}

/// Lets the log begin with a pack that is whole.
fn begin_with(connection: &Connection, entry: &PackEntry, beginning: &Beginning) -> Result<(), LogError> {
    let PackEntry { workspace, circle, pack, seq: base, root, .. } = entry;
    let others: Vec<Hash> = connection
        .prepare_cached("SELECT pack FROM pack WHERE workspace = ?1 AND circle = ?2 AND pack <> ?3")?
        .query_map((&workspace.0, &circle.0, pack), |row| row.get(0))?
        .collect::<Result<_, _>>()?;
    for other in others {
        remove(connection, *workspace, &other)?;
    }
    let mut reached = BTreeMap::new();
    for head in beginning.chains.iter().filter(|head| head.height > 0) {
        reached.insert(head.chain, Reached { device: head.device, height: head.height, link: head.link });
    }
    let (mut seq, mut root) = (*base, *root);
    let held: Vec<(i64, [u8; 16], i64, Hash, [u8; 16])> = connection
        .prepare_cached(
            "SELECT s.seq, s.chain, s.chain_seq, s.hash, c.device FROM segment s
             JOIN chain c ON c.workspace = s.workspace AND c.chain = s.chain
             WHERE s.workspace = ?1 AND s.circle = ?2 ORDER BY s.seq",
        )?
        .query_map((&workspace.0, &circle.0), |row| {
            Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?))
        })?
        .collect::<Result<_, _>>()?;
    let mut gone = 0;
    for (place, chain, number, hash, device) in held {
        let (chain, number) = (ChainId(chain), uint(number));
        let bytes: Vec<u8> = connection
            .prepare_cached("SELECT bytes FROM segment WHERE workspace = ?1 AND circle = ?2 AND seq = ?3")?
            .query_row((&workspace.0, &circle.0, place), |row| row.get(0))?;
        let (height, link) = reached.get(&chain).map_or((0, [0; 16]), |at| (at.height, at.link));
        if number == height + 1 && (height == 0 || (beginning.prev)(&bytes) == Some(link)) {
            (seq, root) = (seq + 1, next_root(&root, &hash));
            let at = Reached { device: DeviceId(device), height: number, link: half(&hash) };
            reached.insert(chain, at);
            // Below zero for now, where nothing else stands.
            connection
                .prepare_cached(
                    "UPDATE segment SET seq = -?4 WHERE workspace = ?1 AND circle = ?2 AND seq = ?3",
                )?
                .execute((&workspace.0, &circle.0, place, int(seq)))?;
        } else {
            gone += bytes.len() as u64;
            connection
                .prepare_cached("DELETE FROM segment WHERE workspace = ?1 AND circle = ?2 AND seq = ?3")?
                .execute((&workspace.0, &circle.0, place))?;
        }
    }
    connection
        .prepare_cached("UPDATE segment SET seq = -seq WHERE workspace = ?1 AND circle = ?2")?
        .execute((&workspace.0, &circle.0))?;
    discharge(connection, *workspace, gone)?;
    for (chain, Reached { device, height, link }) in &reached {
        connection
            .prepare_cached(
                "INSERT INTO chain (workspace, chain, circle, device, height, link) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
                 ON CONFLICT DO UPDATE SET height = excluded.height, link = excluded.link",
            )?
            .execute((&workspace.0, &chain.0, &circle.0, &device.0, int(*height), link))?;
    }
    connection
        .prepare_cached(
            "UPDATE circle SET base = ?3, seq = ?4, root = ?5 WHERE workspace = ?1 AND circle = ?2",
        )?
        .execute((&workspace.0, &circle.0, int(*base), int(seq), &root))?;
    Ok(())
}
