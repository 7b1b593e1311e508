//! One workspace: its roster, its circles' logs and roots, its chains, and what it is charged.

use std::collections::BTreeMap;

use cairn_wire::digest::{Hash, half, next_root, sha256};
use cairn_wire::id::{ChainId, CircleId, DeviceId, WorkspaceId};
use cairn_wire::pack::SignedManifest;
use cairn_wire::roster::Roster;
use cairn_wire::segment;
use rusqlite::Connection;

use super::{Report, attachments};
use crate::log::LogError;
use crate::log::sqlite::{int, uint};

/// A chain as its segments tell it.
struct Told {
    circle: CircleId,
    device: DeviceId,
    height: u64,
    link: [u8; 16],
}

/// Recomputes everything of one workspace.
pub(super) fn examine(
    connection: &Connection,
    workspace: WorkspaceId,
    report: &mut Report,
) -> Result<(), LogError> {
    let Some(roster) = roster(connection, workspace, report)? else { return Ok(()) };
    let chains = segments(connection, workspace, &roster, report)?;
    compare_chains(connection, workspace, &chains, report)?;
    letters(connection, workspace, &roster, report)?;
    attachments::examine(connection, workspace, report)?;
    let (charged, held): (i64, i64) = connection.query_row(
        "SELECT bytes, (SELECT coalesce(sum(length(bytes)), 0) FROM segment WHERE workspace = ?1)
             + (SELECT coalesce(sum(length(bytes)), 0) FROM roster_entry WHERE workspace = ?1)
             + (SELECT coalesce(sum(length(sealed)), 0) FROM wrap WHERE workspace = ?1)
             + (SELECT coalesce(sum(length(bytes)), 0) FROM letter WHERE workspace = ?1)
             + (SELECT coalesce(sum(length(bytes)), 0) FROM pack_piece WHERE workspace = ?1)
             + (SELECT coalesce(sum(length(manifest)), 0) FROM pack WHERE workspace = ?1)
         FROM workspace WHERE workspace = ?1",
        [&workspace.0],
        |row| Ok((row.get(0)?, row.get(1)?)),
    )?;
    // A wrap posted twice in one post is charged twice and kept once.
    if charged < held {
        report.problem(format!("{charged} octets are charged, {held} are held"));
    }
    Ok(())
}

fn roster(
    connection: &Connection,
    workspace: WorkspaceId,
    report: &mut Report,
) -> Result<Option<Roster>, LogError> {
    let mut statement =
        connection.prepare("SELECT seq, hash, bytes FROM roster_entry WHERE workspace = ?1 ORDER BY seq")?;
    let mut rows = statement.query([&workspace.0])?;
    let mut folded: Option<Roster> = None;
    while let Some(row) = rows.next()? {
        let (seq, hash, bytes): (u64, Hash, Vec<u8>) = (uint(row.get(0)?), row.get(1)?, row.get(2)?);
        report.roster_entries += 1;
        let accepted = match &mut folded {
            None => Roster::begin(workspace, &bytes).map(|roster| folded = Some(roster)),
            Some(roster) => roster.append(&bytes).map(|_| ()),
        };
        if let Err(error) = accepted {
            report.problem(format!("roster: {error}"));
            return Ok(folded);
        }
        if folded.as_ref().map(|roster| (roster.seq(), roster.head())) != Some((seq, hash)) {
            report.problem(format!("roster entry {seq} has another number or hash"));
        }
    }
    if folded.is_none() {
        report.problem("it has no roster");
    }
    Ok(folded)
}

fn segments(
    connection: &Connection,
    workspace: WorkspaceId,
    roster: &Roster,
    report: &mut Report,
) -> Result<BTreeMap<ChainId, Told>, LogError> {
    let mut chains = BTreeMap::new();
    let mut statement =
        connection.prepare("SELECT circle, epoch, seq, root, base FROM circle WHERE workspace = ?1")?;
    let mut rows = statement.query([&workspace.0])?;
    let mut listed = 0;
    while let Some(row) = rows.next()? {
        let circle = CircleId(row.get(0)?);
        let (epoch, count, root): (u64, u64, Hash) = (uint(row.get(1)?), uint(row.get(2)?), row.get(3)?);
        listed += 1;
        if roster.epoch_at(&circle, roster.seq()) != Some(epoch) {
            report.problem(format!("circle {circle} has another epoch than in the roster"));
        }
        let base = packs(connection, workspace, circle, uint(row.get(4)?), roster, &mut chains, report)?;
        let (seq, recomputed) = circle_log(connection, workspace, circle, base, roster, &mut chains, report)?;
        if (seq, recomputed) != (count, root) {
            report.problem(format!(
                "circle {circle} says {count} segments, {seq} are held, or its root differs"
            ));
        }
    }
    if listed != roster.circles().len() {
        report.problem("the circles are not those of the roster");
    }
    Ok(chains)
}

/// Checks the packs of a circle and gives where its log begins: after the segments that were let go, which
/// the pack of that place covers.
fn packs(
    connection: &Connection,
    workspace: WorkspaceId,
    circle: CircleId,
    base: u64,
    roster: &Roster,
    chains: &mut BTreeMap<ChainId, Told>,
    report: &mut Report,
) -> Result<(u64, Hash), LogError> {
    let mut beginning = (base == 0).then_some([0; 32]);
    let mut statement = connection
        .prepare("SELECT pack, manifest, number > 0, seq FROM pack WHERE workspace = ?1 AND circle = ?2")?;
    let mut rows = statement.query((&workspace.0, &circle.0))?;
    while let Some(row) = rows.next()? {
        let (pack, manifest): (Hash, Vec<u8>) = (row.get(0)?, row.get(1)?);
        let (whole, seq): (bool, u64) = (row.get(2)?, uint(row.get(3)?));
        let signed = SignedManifest::decode(&manifest).ok().filter(|signed| {
            let head = roster.head_at(signed.manifest.roster_seq);
            let key = roster.member(&signed.manifest.device).map(|member| member.keys.signing);
            let (Some(head), Some(key)) = (head, key) else { return false };
            signed.hash == pack && signed.verify(&key, workspace, &head)
        });
        let Some(signed) = signed else {
            report.problem(format!("circle {circle}: the pack up to {seq} is damaged or not its author's"));
            continue;
        };
        if !whole {
            continue;
        }
        report.packs += 1;
        let mut pieces = connection
            .prepare("SELECT bytes FROM pack_piece WHERE workspace = ?1 AND pack = ?2 ORDER BY number")?;
        let pieces = pieces.query_map((&workspace.0, &pack), |row| row.get::<_, Vec<u8>>(0))?;
        let hashes: Vec<Hash> =
            pieces.map(|piece| Ok(sha256(&[&piece?]))).collect::<Result<_, LogError>>()?;
        if hashes != signed.manifest.pieces {
            report.problem(format!("circle {circle}: the pack up to {seq} lacks pieces or they are damaged"));
        }
        if base > 0 && seq == base {
            beginning = Some(signed.manifest.root);
            for head in signed.manifest.chains.iter().filter(|head| head.height > 0) {
                let told = Told { circle, device: head.device, height: head.height, link: head.link };
                chains.insert(head.chain, told);
            }
        }
    }
    if beginning.is_none() {
        report.problem(format!("circle {circle}: no pack covers the {base} segments that were let go"));
    }
    Ok((base, beginning.unwrap_or([0; 32])))
}

fn circle_log(
    connection: &Connection,
    workspace: WorkspaceId,
    circle: CircleId,
    (mut seq, mut root): (u64, Hash),
    roster: &Roster,
    chains: &mut BTreeMap<ChainId, Told>,
    report: &mut Report,
) -> Result<(u64, Hash), LogError> {
    let mut statement = connection.prepare(
        "SELECT seq, chain, chain_seq, hash, bytes FROM segment
         WHERE workspace = ?1 AND circle = ?2 ORDER BY seq",
    )?;
    let mut rows = statement.query((&workspace.0, &circle.0))?;
    while let Some(row) = rows.next()? {
        let (at, chain_seq, hash): (u64, u64, Hash) = (uint(row.get(0)?), uint(row.get(2)?), row.get(3)?);
        let chain = ChainId(row.get(1)?);
        let bytes: Vec<u8> = row.get(4)?;
        report.segments += 1;
        seq += 1;
        root = next_root(&root, &hash);
        if at != seq {
            report.problem(format!("circle {circle}: segment {seq} is missing"));
            seq = at;
        }
        let parsed = segment::parse(&bytes).ok().filter(|_| sha256(&[&bytes]) == hash);
        let Some(parsed) = parsed.filter(|p| p.header.chain == chain && p.header.seq == chain_seq) else {
            report.problem(format!("circle {circle}: segment {at} is damaged"));
            continue;
        };
        let told = chains.get(&chain);
        let continues = match (told, parsed.header.opens_for()) {
            (None, Some(_)) => true,
            (Some(told), None) => {
                told.circle == circle && told.height + 1 == chain_seq && told.link == parsed.header.prev
            }
            _ => false,
        };
        let device = told.map(|told| told.device).or(parsed.header.opens_for());
        if !continues || !device.is_some_and(|device| signed(&parsed, roster, circle, &device)) {
            report.problem(format!(
                "circle {circle}: segment {at} does not continue its chain or is not its author's"
            ));
        }
        if let Some(device) = device {
            chains.insert(chain, Told { circle, device, height: chain_seq, link: half(&hash) });
        }
    }
    Ok((seq, root))
}

fn signed(parsed: &segment::Parsed<'_>, roster: &Roster, circle: CircleId, device: &DeviceId) -> bool {
    let key = roster.member(device).map(|member| member.keys.signing);
    let head = roster.head_at(parsed.header.roster_seq);
    matches!((key, head), (Some(key), Some(head)) if parsed.verify(&key, roster.workspace(), circle, &head))
}

fn letters(
    connection: &Connection,
    workspace: WorkspaceId,
    roster: &Roster,
    report: &mut Report,
) -> Result<(), LogError> {
    let mut statement =
        connection.prepare("SELECT number, circle, device, hash, bytes FROM letter WHERE workspace = ?1")?;
    let mut rows = statement.query([&workspace.0])?;
    while let Some(row) = rows.next()? {
        let (circle, device) = (CircleId(row.get(1)?), DeviceId(row.get(2)?));
        let (hash, bytes): (Hash, Vec<u8>) = (row.get(3)?, row.get(4)?);
        report.letters += 1;
        let parsed = segment::parse(&bytes).ok().filter(|parsed| parsed.hash == hash);
        if !parsed.is_some_and(|parsed| signed(&parsed, roster, circle, &device)) {
            report.problem(format!("late letter {} is damaged or not its author's", uint(row.get(0)?)));
        }
    }
    Ok(())
}

fn compare_chains(
    connection: &Connection,
    workspace: WorkspaceId,
    told: &BTreeMap<ChainId, Told>,
    report: &mut Report,
) -> Result<(), LogError> {
    let mut statement = connection
        .prepare("SELECT chain, circle, device, height, link, frozen FROM chain WHERE workspace = ?1")?;
    let mut rows = statement.query([&workspace.0])?;
    let mut listed = 0;
    while let Some(row) = rows.next()? {
        listed += 1;
        let chain = ChainId(row.get(0)?);
        let same = told.get(&chain).is_some_and(|told| {
            row.get(1) == Ok(told.circle.0)
                && row.get(2) == Ok(told.device.0)
                && row.get(3) == Ok(int(told.height))
                && row.get(4) == Ok(told.link)
        });
        if !same {
            report.problem(format!("chain {chain} is not as its segments say"));
        }
        report.frozen_chains += u64::from(row.get::<_, bool>(5)?);
    }
    if listed != told.len() {
        report.problem("chains and segments do not agree");
    }
    Ok(())
}
