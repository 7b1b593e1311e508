//! Packs: kept in pieces, handed out whole, and what they make superfluous.

use cairn_wire::digest::{Hash, half, next_root};
use cairn_wire::id::{CircleId, DeviceId, WorkspaceId};
use cairn_wire::limits;
use cairn_wire::pack::{Offer, SignedManifest};
use rusqlite::{Connection, OptionalExtension};

use super::super::{HeldPack, LogError, PackEntry, PackOutcome};
use super::{charge, int, uint};

/// Whole packs of one circle that are kept beside the one the log begins with.
const MOST: usize = 2;

/// Keeps pieces of a pack, if it fits the log and they continue what is held of it.
pub(super) fn put(
    connection: &Connection,
    entry: &PackEntry,
    first: u64,
    pieces: &[Vec<u8>],
    quota: u64,
) -> Result<PackOutcome, LogError> {
    let PackEntry { workspace, circle, pack, .. } = entry;
    let found: Option<(i64, i64)> = connection
        .prepare_cached("SELECT number, held FROM pack WHERE workspace = ?1 AND pack = ?2")?
        .query_row((&workspace.0, pack), |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    let before = match found {
        Some((0.., held)) => uint(held),
        // One that is being given back is not part of this log.
        Some(_) => return Ok(PackOutcome::Refused),
        None if fits(connection, entry)? => {
            begin(connection, entry, quota)?;
            0
        }
        None => return Ok(PackOutcome::Refused),
    };
    let held = add_pieces(connection, entry, before, first, pieces, quota)?;
    if before < entry.pieces && held == entry.pieces {
        finish(connection, entry)?;
        drop_superseded(connection, *workspace, *circle)?;
    }
    Ok(PackOutcome::Held(held))
}

/// Adds pieces from number `first` on to the `held` first ones; gives how many are held then.
pub(super) fn add_pieces(
    connection: &Connection,
    entry: &PackEntry,
    mut held: u64,
    first: u64,
    pieces: &[Vec<u8>],
    quota: u64,
) -> Result<u64, LogError> {
    let PackEntry { workspace, pack, .. } = entry;
    let fresh = usize::try_from(held.saturating_sub(first)).unwrap_or(usize::MAX);
    if first <= held {
        for piece in pieces.iter().skip(fresh) {
            if held >= entry.pieces {
                break;
            }
            connection
                .prepare_cached(
                    "INSERT INTO pack_piece (workspace, pack, number, bytes) VALUES (?1, ?2, ?3, ?4)",
                )?
                .execute((&workspace.0, pack, int(held), piece))?;
            charge(connection, *workspace, piece.len() as u64, quota)?;
            held += 1;
        }
        set_held(connection, entry, held)?;
    }
    Ok(held)
}

/// Whether the log, as it is or was, has this root at this place, and still holds what follows it.
fn fits(connection: &Connection, entry: &PackEntry) -> Result<bool, LogError> {
    let Some((base, seq)) = base(connection, entry.workspace, entry.circle)? else { return Ok(false) };
    if entry.seq <= base || entry.seq > seq {
        return Ok(false);
    }
    Ok(root_at(connection, entry.workspace, entry.circle, base, entry.seq)? == Some(entry.root))
}

/// How many segments of a circle's log have been let go, and how many there have been.
pub(super) fn base(
    connection: &Connection,
    workspace: WorkspaceId,
    circle: CircleId,
) -> Result<Option<(u64, u64)>, LogError> {
    let found = connection
        .prepare_cached("SELECT base, seq FROM circle WHERE workspace = ?1 AND circle = ?2")?
        .query_row((&workspace.0, &circle.0), |row| Ok((uint(row.get(0)?), uint(row.get(1)?))))
        .optional()?;
    Ok(found)
}

fn root_at(
    connection: &Connection,
    workspace: WorkspaceId,
    circle: CircleId,
    base: u64,
    seq: u64,
) -> Result<Option<Hash>, LogError> {
    let Some(mut root) = base_root(connection, workspace, circle, base)? else { return Ok(None) };
    let mut statement = connection.prepare_cached(
        "SELECT hash FROM segment WHERE workspace = ?1 AND circle = ?2 AND seq > ?3 AND seq <= ?4 ORDER BY seq",
    )?;
    let mut rows = statement.query((&workspace.0, &circle.0, int(base), int(seq)))?;
    while let Some(row) = rows.next()? {
        root = next_root(&root, &row.get(0)?);
    }
    Ok(Some(root))
}

/// The root over the segments that have been let go.
pub(crate) fn base_root(
    connection: &Connection,
    workspace: WorkspaceId,
    circle: CircleId,
    base: u64,
) -> Result<Option<Hash>, LogError> {
    if base == 0 {
        return Ok(Some([0; 32]));
    }
    let found = connection
        .prepare_cached(
            "SELECT root FROM pack WHERE workspace = ?1 AND circle = ?2 AND seq = ?3 AND number > 0",
        )?
        .query_row((&workspace.0, &circle.0, int(base)), |row| row.get(0))
        .optional()?;
    Ok(found)
}

pub(super) fn begin(connection: &Connection, entry: &PackEntry, quota: u64) -> Result<(), LogError> {
    // Whatever this author has left unfinished in this circle will never be finished now.
    let unfinished: Vec<Hash> = connection
        .prepare_cached(
            "SELECT pack FROM pack WHERE workspace = ?1 AND circle = ?2 AND device = ?3 AND number <= 0",
        )?
        .query_map((&entry.workspace.0, &entry.circle.0, &entry.device.0), |row| row.get(0))?
        .collect::<Result<_, _>>()?;
    for pack in unfinished {
        remove(connection, entry.workspace, &pack)?;
    }
    connection
        .prepare_cached(
            "INSERT INTO pack (workspace, pack, circle, device, seq, root, pieces, day, manifest)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
        )?
        .execute((
            &entry.workspace.0,
            &entry.pack,
            &entry.circle.0,
            &entry.device.0,
            int(entry.seq),
            &entry.root,
            int(entry.pieces),
            int(entry.day),
            &entry.manifest,
        ))?;
    charge(connection, entry.workspace, entry.manifest.len() as u64, quota)
}

fn set_held(connection: &Connection, entry: &PackEntry, held: u64) -> Result<(), LogError> {
    connection.prepare_cached("UPDATE pack SET held = ?3 WHERE workspace = ?1 AND pack = ?2")?.execute((
        &entry.workspace.0,
        &entry.pack,
        int(held),
    ))?;
    Ok(())
}

/// Gives a pack that is whole its number, and counts the grace time from today.
pub(super) fn finish(connection: &Connection, entry: &PackEntry) -> Result<(), LogError> {
    let number: i64 = connection
        .prepare_cached("UPDATE workspace SET packs = packs + 1 WHERE workspace = ?1 RETURNING packs")?
        .query_row([&entry.workspace.0], |row| row.get(0))?;
    connection
        .prepare_cached("UPDATE pack SET number = ?3, day = ?4 WHERE workspace = ?1 AND pack = ?2")?
        .execute((&entry.workspace.0, &entry.pack, number, int(entry.day)))?;
    Ok(())
}

/// How many packs a workspace has had.
pub(super) fn count(connection: &Connection, workspace: WorkspaceId) -> Result<u64, LogError> {
    let count = connection
        .prepare_cached("SELECT packs FROM workspace WHERE workspace = ?1")?
        .query_row([&workspace.0], |row| row.get(0))
        .optional()?;
    Ok(count.map_or(0, uint))
}

/// The whole packs of some circles, newest first, with what vouches for them.
pub(super) fn offers(
    connection: &Connection,
    workspace: WorkspaceId,
    circles: &[CircleId],
) -> Result<Vec<Offer>, LogError> {
    let mut offers = Vec::new();
    for circle in circles {
        let mut statement = connection.prepare_cached(
            "SELECT pack, manifest FROM pack WHERE workspace = ?1 AND circle = ?2 AND number > 0
             ORDER BY seq DESC, number DESC",
        )?;
        let rows = statement.query_map((&workspace.0, &circle.0), |row| {
            Ok((row.get::<_, Hash>(0)?, row.get::<_, Vec<u8>>(1)?))
        })?;
        for row in rows {
            let (pack, manifest) = row?;
            let attestations = attestations(connection, workspace, &pack)?;
            let attestations = attestations.into_iter().map(|(_, bytes)| bytes).collect();
            offers.push(Offer { manifest, attestations });
        }
    }
    Ok(offers)
}

fn attestations(
    connection: &Connection,
    workspace: WorkspaceId,
    pack: &Hash,
) -> Result<Vec<(DeviceId, Vec<u8>)>, LogError> {
    let mut statement = connection.prepare_cached(
        "SELECT device, bytes FROM attestation WHERE workspace = ?1 AND pack = ?2 ORDER BY device",
    )?;
    let rows = statement.query_map((&workspace.0, pack), |row| Ok((DeviceId(row.get(0)?), row.get(1)?)))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Pieces of a whole pack of one of these circles, as many as the budget allows but at least one.
pub(super) fn pieces(
    connection: &Connection,
    workspace: WorkspaceId,
    circles: &[CircleId],
    pack: &Hash,
    first: u64,
    budget: u64,
) -> Result<Vec<Vec<u8>>, LogError> {
    let circle: Option<[u8; 16]> = connection
        .prepare_cached("SELECT circle FROM pack WHERE workspace = ?1 AND pack = ?2 AND number > 0")?
        .query_row((&workspace.0, pack), |row| row.get(0))
        .optional()?;
    if !circle.is_some_and(|circle| circles.contains(&CircleId(circle))) {
        return Ok(Vec::new());
    }
    let mut statement = connection.prepare_cached(
        "SELECT bytes FROM pack_piece WHERE workspace = ?1 AND pack = ?2 AND number >= ?3 ORDER BY number",
    )?;
    let mut rows = statement.query((&workspace.0, pack, int(first)))?;
    let (mut pieces, mut octets) = (Vec::<Vec<u8>>::new(), 0);
    while let Some(row) = rows.next()? {
        let bytes: Vec<u8> = row.get(0)?;
        octets += bytes.len() as u64;
        if !pieces.is_empty() && (octets > budget || pieces.len() >= limits::REQUEST / limits::PACK_PIECE) {
            break;
        }
        pieces.push(bytes);
    }
    Ok(pieces)
}

/// Keeps a device's word for a whole pack; `false` if there is no such pack.
pub(super) fn attest(
    connection: &Connection,
    workspace: WorkspaceId,
    circle: CircleId,
    pack: &Hash,
    device: DeviceId,
    bytes: &[u8],
) -> Result<bool, LogError> {
    let known = connection
        .prepare_cached(
            "SELECT 1 FROM pack WHERE workspace = ?1 AND pack = ?2 AND circle = ?3 AND number > 0",
        )?
        .exists((&workspace.0, pack, &circle.0))?;
    if !known || attestations(connection, workspace, pack)?.len() >= limits::ATTESTATIONS {
        return Ok(known);
    }
    connection
        .prepare_cached(
            "INSERT OR IGNORE INTO attestation (workspace, pack, device, bytes) VALUES (?1, ?2, ?3, ?4)",
        )?
        .execute((&workspace.0, pack, &device.0, bytes))?;
    Ok(true)
}

/// Whole packs that cover segments still held, oldest first, with the devices that vouch for each.
pub(super) fn held(connection: &Connection, workspace: WorkspaceId) -> Result<Vec<HeldPack>, LogError> {
    let mut statement = connection.prepare_cached(
        "SELECT p.pack, p.circle, p.device, p.day, p.manifest, b.manifest FROM pack p
         JOIN circle c ON c.workspace = p.workspace AND c.circle = p.circle
         LEFT JOIN pack b ON b.workspace = p.workspace AND b.circle = p.circle AND b.seq = c.base
              AND b.number > 0 AND c.base > 0
         WHERE p.workspace = ?1 AND p.number > 0 AND p.seq > c.base ORDER BY p.seq",
    )?;
    let rows = statement.query_map([&workspace.0], |row| {
        Ok(HeldPack {
            pack: row.get(0)?,
            circle: CircleId(row.get(1)?),
            devices: vec![DeviceId(row.get(2)?)],
            day: uint(row.get(3)?),
            roster_seq: row.get::<_, Vec<u8>>(4).map(|manifest| roster_seq(&manifest))?,
            before: row.get::<_, Option<Vec<u8>>>(5)?.map_or(0, |manifest| roster_seq(&manifest)),
        })
    })?;
    let mut held: Vec<HeldPack> = rows.collect::<Result<_, _>>()?;
    for pack in &mut held {
        let others = attestations(connection, workspace, &pack.pack)?;
        pack.devices.extend(others.into_iter().map(|(device, _)| device));
        pack.devices.sort_unstable();
        pack.devices.dedup();
    }
    Ok(held)
}

/// The newest roster entry that the author of a pack knew; what is on disk was read before it was kept.
fn roster_seq(manifest: &[u8]) -> u64 {
    SignedManifest::decode(manifest).map_or(0, |signed| signed.manifest.roster_seq)
}

/// Lets go of the segments a pack covers, of older packs, and of wrapped keys before an epoch; gives how many
/// segments that were.
pub(super) fn collect(
    connection: &Connection,
    workspace: WorkspaceId,
    pack: &Hash,
    keys_before: u64,
) -> Result<u64, LogError> {
    let found: Option<([u8; 16], i64)> = connection
        .prepare_cached("SELECT circle, seq FROM pack WHERE workspace = ?1 AND pack = ?2 AND number > 0")?
        .query_row((&workspace.0, pack), |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    let Some((circle, seq)) = found else { return Ok(0) };
    let circle = CircleId(circle);
    if base(connection, workspace, circle)?.is_none_or(|(base, _)| uint(seq) <= base) {
        return Ok(0);
    }
    let octets: i64 = connection
        .prepare_cached(
            "SELECT coalesce(sum(length(bytes)), 0) FROM segment
             WHERE workspace = ?1 AND circle = ?2 AND seq <= ?3",
        )?
        .query_row((&workspace.0, &circle.0, seq), |row| row.get(0))?;
    let gone = connection
        .prepare_cached("DELETE FROM segment WHERE workspace = ?1 AND circle = ?2 AND seq <= ?3")?
        .execute((&workspace.0, &circle.0, seq))?;
    discharge(connection, workspace, uint(octets))?;
    connection
        .prepare_cached("UPDATE circle SET base = ?3, lost = 0 WHERE workspace = ?1 AND circle = ?2")?
        .execute((&workspace.0, &circle.0, seq))?;
    connection
        .prepare_cached("DELETE FROM wrap WHERE workspace = ?1 AND circle = ?2 AND epoch < ?3")?
        .execute((&workspace.0, &circle.0, int(keys_before)))?;
    let older: Vec<Hash> = connection
        .prepare_cached(
            "SELECT pack FROM pack WHERE workspace = ?1 AND circle = ?2 AND pack <> ?3 AND seq <= ?4",
        )?
        .query_map((&workspace.0, &circle.0, pack, seq), |row| row.get(0))?
        .collect::<Result<_, _>>()?;
    for pack in older {
        remove(connection, workspace, &pack)?;
    }
    Ok(gone as u64)
}

/// Of the packs that are ahead of the log's beginning only the newest stay, and the newest that somebody
/// beside its author vouches for.
fn drop_superseded(
    connection: &Connection,
    workspace: WorkspaceId,
    circle: CircleId,
) -> Result<(), LogError> {
    let ahead: Vec<(Hash, bool)> = connection
        .prepare_cached(
            "SELECT p.pack, EXISTS (SELECT 1 FROM attestation a
                                    WHERE a.workspace = p.workspace AND a.pack = p.pack AND a.device <> p.device)
             FROM pack p JOIN circle c ON c.workspace = p.workspace AND c.circle = p.circle
             WHERE p.workspace = ?1 AND p.circle = ?2 AND p.number > 0 AND p.seq > c.base
             ORDER BY p.seq DESC, p.number DESC",
        )?
        .query_map((&workspace.0, &circle.0), |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect::<Result<_, _>>()?;
    let vouched = ahead.iter().position(|(_, vouched)| *vouched);
    for (place, (pack, _)) in ahead.iter().enumerate() {
        if place >= MOST && Some(place) != vouched {
            remove(connection, workspace, pack)?;
        }
    }
    Ok(())
}

pub(super) fn remove(connection: &Connection, workspace: WorkspaceId, pack: &Hash) -> Result<(), LogError> {
    let octets: i64 = connection
        .prepare_cached(
            "SELECT coalesce((SELECT sum(length(bytes)) FROM pack_piece WHERE workspace = ?1 AND pack = ?2), 0)
                  + coalesce((SELECT length(manifest) FROM pack WHERE workspace = ?1 AND pack = ?2), 0)",
        )?
        .query_row((&workspace.0, pack), |row| row.get(0))?;
    for table in ["pack_piece", "attestation", "pack"] {
        connection
            .prepare_cached(&format!("DELETE FROM {table} WHERE workspace = ?1 AND pack = ?2"))?
            .execute((&workspace.0, pack))?;
    }
    discharge(connection, workspace, uint(octets))
}

/// Takes off what a workspace is charged for.
pub(super) fn discharge(
    connection: &Connection,
    workspace: WorkspaceId,
    octets: u64,
) -> Result<(), LogError> {
    connection
        .prepare_cached("UPDATE workspace SET bytes = max(bytes - ?2, 0) WHERE workspace = ?1")?
        .execute((&workspace.0, int(octets)))?;
    Ok(())
}

/// Every workspace there is.
pub(super) fn workspaces(connection: &Connection) -> Result<Vec<WorkspaceId>, LogError> {
    let mut statement = connection.prepare_cached("SELECT workspace FROM workspace ORDER BY workspace")?;
    let rows = statement.query_map([], |row| Ok(WorkspaceId(row.get(0)?)))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Whether a segment that its chain has and the log no longer holds may be the one with this hash.
pub(super) fn was_held(chain_height: u64, chain_link: &[u8; 16], seq: u64, hash: &Hash) -> bool {
    seq < chain_height || (seq == chain_height && *chain_link == half(hash))
}
