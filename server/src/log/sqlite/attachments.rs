//! Attachments: kept in pieces under names that follow from them, and charged apart from everything else.

use cairn_wire::attachment::{Fetched, State};
use cairn_wire::digest::Hash;
use cairn_wire::id::{AttachmentId, DeviceId, WorkspaceId};
use cairn_wire::limits;
use rusqlite::{Connection, OptionalExtension};

use super::super::{AttachmentEntry, AttachmentPiece, LogError, PieceOutcome};
use super::{int, uint};

/// What each attachment is charged beside its pieces and their hashes, for as long as its name is known.
pub(crate) const NAME: u64 = 64;

/// Begins an attachment, unless its name is known.
pub(super) fn begin(connection: &Connection, entry: &AttachmentEntry, quota: u64) -> Result<State, LogError> {
    let AttachmentEntry { workspace, attachment, hashes, day, late } = entry;
    let known = state(connection, *workspace, *attachment)?;
    if known != State::Unknown {
        return Ok(known);
    }
    let (count, hashes) = (hashes.len() as u64, hashes.concat());
    insert(connection, *workspace, *attachment, count, *day, &hashes)?;
    let octets = NAME + hashes.len() as u64;
    charge(connection, *workspace, octets, quota)?;
    charge_late(connection, *workspace, *late, octets)?;
    Ok(State::Held { held: 0, count })
}

fn insert(
    connection: &Connection,
    workspace: WorkspaceId,
    attachment: AttachmentId,
    count: u64,
    day: u64,
    hashes: &[u8],
) -> Result<(), LogError> {
    connection
        .prepare_cached(
            "INSERT INTO attachment (workspace, attachment, pieces, day, hashes) VALUES (?1, ?2, ?3, ?4, ?5)",
        )?
        .execute((&workspace.0, &attachment.0, int(count), int(day), hashes))?;
    Ok(())
}

/// Keeps the next piece of an attachment, if it is the one that belongs there.
pub(super) fn put(
    connection: &Connection,
    piece: &AttachmentPiece,
    quota: u64,
) -> Result<PieceOutcome, LogError> {
    let AttachmentPiece { workspace, attachment, number, hash, bytes, day, late } = piece;
    let known = state(connection, *workspace, *attachment)?;
    let State::Held { held, count } = known else { return Ok(PieceOutcome::Now(known)) };
    if named(connection, *workspace, *attachment, *number)? != Some(*hash) {
        return Ok(PieceOutcome::OtherContent);
    }
    if *number != held {
        return Ok(PieceOutcome::Now(known));
    }
    connection
        .prepare_cached(
            "INSERT INTO attachment_piece (workspace, attachment, number, bytes) VALUES (?1, ?2, ?3, ?4)",
        )?
        .execute((&workspace.0, &attachment.0, int(*number), bytes))?;
    charge(connection, *workspace, bytes.len() as u64, quota)?;
    charge_late(connection, *workspace, *late, bytes.len() as u64)?;
    let held = held + 1;
    // When it came is of no use once nothing is missing.
    let day = if held == count { 0 } else { *day };
    connection
        .prepare_cached("UPDATE attachment SET held = ?3, day = ?4 WHERE workspace = ?1 AND attachment = ?2")?
        .execute((&workspace.0, &attachment.0, int(held), int(day)))?;
    Ok(PieceOutcome::Now(State::Held { held, count }))
}

/// The hash of the piece with this number, if the attachment has one.
fn named(
    connection: &Connection,
    workspace: WorkspaceId,
    attachment: AttachmentId,
    number: u64,
) -> Result<Option<Hash>, LogError> {
    if number >= limits::ATTACHMENT_PIECES as u64 {
        return Ok(None);
    }
    let place = number * size_of::<Hash>() as u64 + 1;
    let found: Vec<u8> = connection
        .prepare_cached(
            "SELECT substr(hashes, ?3, 32) FROM attachment WHERE workspace = ?1 AND attachment = ?2",
        )?
        .query_row((&workspace.0, &attachment.0, int(place)), |row| row.get(0))?;
    // Beyond the last one there is nothing.
    Ok(found.try_into().ok())
}

/// How far one attachment is held.
fn state(
    connection: &Connection,
    workspace: WorkspaceId,
    attachment: AttachmentId,
) -> Result<State, LogError> {
    let found: Option<(i64, i64)> = connection
        .prepare_cached("SELECT held, pieces FROM attachment WHERE workspace = ?1 AND attachment = ?2")?
        .query_row((&workspace.0, &attachment.0), |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    Ok(match found {
        None => State::Unknown,
        Some((_, 0)) => State::Dropped,
        Some((held, count)) => State::Held { held: uint(held), count: uint(count) },
    })
}

/// How far some attachments are held.
pub(super) fn states(
    connection: &Connection,
    workspace: WorkspaceId,
    attachments: &[AttachmentId],
) -> Result<Vec<State>, LogError> {
    attachments.iter().map(|attachment| state(connection, workspace, *attachment)).collect()
}

/// Held pieces of an attachment, as many as the budget allows but at least one.
pub(super) fn pieces(
    connection: &Connection,
    workspace: WorkspaceId,
    attachment: AttachmentId,
    first: u64,
    budget: u64,
) -> Result<Fetched, LogError> {
    let state = state(connection, workspace, attachment)?;
    let mut statement = connection.prepare_cached(
        "SELECT bytes FROM attachment_piece WHERE workspace = ?1 AND attachment = ?2 AND number >= ?3
         ORDER BY number",
    )?;
    let mut rows = statement.query((&workspace.0, &attachment.0, int(first)))?;
    let (mut pieces, mut octets) = (Vec::<Vec<u8>>::new(), 0);
    while let Some(row) = rows.next()? {
        let bytes: Vec<u8> = row.get(0)?;
        octets += bytes.len() as u64;
        if !pieces.is_empty() && octets > budget {
            break;
        }
        pieces.push(bytes);
    }
    Ok(Fetched { state, pieces })
}

/// Lets go of attachments and keeps their names. One that never came needs room for its name.
pub(super) fn drop(
    connection: &Connection,
    workspace: WorkspaceId,
    attachments: &[AttachmentId],
    quota: u64,
) -> Result<(), LogError> {
    for attachment in attachments {
        match state(connection, workspace, *attachment)? {
            State::Dropped => {}
            State::Unknown => {
                insert(connection, workspace, *attachment, 0, 0, &[])?;
                charge(connection, workspace, NAME, quota)?;
            }
            State::Held { .. } => {
                empty(connection, workspace, *attachment)?;
                connection
                    .prepare_cached(
                        "UPDATE attachment SET pieces = 0, held = 0, day = 0, hashes = x''
                         WHERE workspace = ?1 AND attachment = ?2",
                    )?
                    .execute((&workspace.0, &attachment.0))?;
            }
        }
    }
    Ok(())
}

/// Takes the pieces away, and them and their hashes off what the workspace is charged.
fn empty(connection: &Connection, workspace: WorkspaceId, attachment: AttachmentId) -> Result<(), LogError> {
    let octets: i64 = connection
        .prepare_cached(
            "SELECT length(hashes) + (SELECT coalesce(sum(length(bytes)), 0) FROM attachment_piece
                                      WHERE workspace = ?1 AND attachment = ?2)
             FROM attachment WHERE workspace = ?1 AND attachment = ?2",
        )?
        .query_row((&workspace.0, &attachment.0), |row| row.get(0))?;
    connection
        .prepare_cached("DELETE FROM attachment_piece WHERE workspace = ?1 AND attachment = ?2")?
        .execute((&workspace.0, &attachment.0))?;
    discharge(connection, workspace, uint(octets))
}

/// Lets go of what is not whole and has not grown since before a day; gives how many that were.
pub(super) fn collect(connection: &Connection, workspace: WorkspaceId, before: u64) -> Result<u64, LogError> {
    let stale: Vec<[u8; 16]> = connection
        .prepare_cached("SELECT attachment FROM attachment WHERE workspace = ?1 AND day > 0 AND day < ?2")?
        .query_map((&workspace.0, int(before)), |row| row.get(0))?
        .collect::<Result<_, _>>()?;
    for attachment in &stale {
        empty(connection, workspace, AttachmentId(*attachment))?;
        connection
            .prepare_cached("DELETE FROM attachment WHERE workspace = ?1 AND attachment = ?2")?
            .execute((&workspace.0, attachment))?;
        discharge(connection, workspace, NAME)?;
    }
    Ok(stale.len() as u64)
}

/// Adds to what a workspace stores in attachments, within its quota.
fn charge(connection: &Connection, workspace: WorkspaceId, octets: u64, quota: u64) -> Result<(), LogError> {
    let held: i64 = connection
        .prepare_cached(
            "UPDATE workspace SET attachments = attachments + ?2 WHERE workspace = ?1 RETURNING attachments",
        )?
        .query_row((&workspace.0, int(octets)), |row| row.get(0))?;
    if uint(held) > quota { Err(LogError::AttachmentsQuota) } else { Ok(()) }
}

/// Adds to what a device has brought since it was revoked, within its limit. That is never taken off again: whoever
/// has seized the device could have room made for it for ever.
fn charge_late(
    connection: &Connection,
    workspace: WorkspaceId,
    device: Option<DeviceId>,
    octets: u64,
) -> Result<(), LogError> {
    let Some(device) = device else { return Ok(()) };
    let brought: i64 = connection
        .prepare_cached(
            "INSERT INTO late_attachments (workspace, device, octets) VALUES (?1, ?2, ?3)
             ON CONFLICT (workspace, device) DO UPDATE SET octets = octets + ?3 RETURNING octets",
        )?
        .query_row((&workspace.0, &device.0, int(octets)), |row| row.get(0))?;
    if uint(brought) > limits::LATE_ATTACHMENTS { Err(LogError::LateAttachments) } else { Ok(()) }
}

/// Takes off what a workspace stores in attachments.
fn discharge(connection: &Connection, workspace: WorkspaceId, octets: u64) -> Result<(), LogError> {
    connection
        .prepare_cached("UPDATE workspace SET attachments = max(attachments - ?2, 0) WHERE workspace = ?1")?
        .execute((&workspace.0, int(octets)))?;
    Ok(())
}
