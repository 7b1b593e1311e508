//! The attachments of one workspace: their names, their pieces, and what they are charged.

use cairn_wire::attachment::name;
use cairn_wire::digest::{Hash, sha256};
use cairn_wire::id::{AttachmentId, WorkspaceId};
use rusqlite::Connection;

use super::Report;
use crate::log::LogError;
use crate::log::sqlite::attachments::NAME;
use crate::log::sqlite::uint;

/// Recomputes everything of the attachments of one workspace.
pub(super) fn examine(
    connection: &Connection,
    workspace: WorkspaceId,
    report: &mut Report,
) -> Result<(), LogError> {
    let mut statement = connection
        .prepare("SELECT attachment, pieces, held, day, hashes FROM attachment WHERE workspace = ?1")?;
    let mut rows = statement.query([&workspace.0])?;
    while let Some(row) = rows.next()? {
        let attachment = AttachmentId(row.get(0)?);
        let (count, held, day) = (uint(row.get(1)?), uint(row.get(2)?), uint(row.get(3)?));
        let hashes: Vec<u8> = row.get(4)?;
        let (hashes, odd) = hashes.as_chunks::<32>();
        let dropped = count == 0;
        report.attachments += u64::from(!dropped);
        let named = if dropped { hashes.is_empty() } else { name(workspace, hashes) == attachment };
        if !named || !odd.is_empty() || hashes.len() as u64 != count {
            report.problem(format!("attachment {attachment} is not called by its pieces"));
        }
        let good = pieces(connection, workspace, attachment, hashes)?;
        if good != Some(held) {
            report.problem(format!("attachment {attachment} lacks pieces or they are damaged"));
        }
        if (held == count) != (day == 0) {
            report.problem(format!("attachment {attachment} is whole or dropped and has a day, or neither"));
        }
    }
    charges(connection, workspace, report)
}

/// How many pieces are held; none if one is not what its hash says or stands behind a gap.
fn pieces(
    connection: &Connection,
    workspace: WorkspaceId,
    attachment: AttachmentId,
    hashes: &[Hash],
) -> Result<Option<u64>, LogError> {
    let mut statement = connection.prepare_cached(
        "SELECT number, bytes FROM attachment_piece WHERE workspace = ?1 AND attachment = ?2 ORDER BY number",
    )?;
    let mut rows = statement.query((&workspace.0, &attachment.0))?;
    let (mut held, mut hashes) = (0, hashes.iter());
    while let Some(row) = rows.next()? {
        let (number, bytes): (i64, Vec<u8>) = (row.get(0)?, row.get(1)?);
        if uint(number) != held || hashes.next() != Some(&sha256(&[&bytes])) {
            return Ok(None);
        }
        held += 1;
    }
    Ok(Some(held))
}

fn charges(connection: &Connection, workspace: WorkspaceId, report: &mut Report) -> Result<(), LogError> {
    let (charged, names, octets, strays): (i64, i64, i64, i64) = connection.query_row(
        "SELECT attachments,
                (SELECT count(*) FROM attachment WHERE workspace = ?1),
                (SELECT coalesce(sum(length(hashes)), 0) FROM attachment WHERE workspace = ?1)
              + (SELECT coalesce(sum(length(bytes)), 0) FROM attachment_piece WHERE workspace = ?1),
                (SELECT count(*) FROM attachment_piece p WHERE workspace = ?1 AND NOT EXISTS
                     (SELECT 1 FROM attachment a WHERE a.workspace = ?1 AND a.attachment = p.attachment))
         FROM workspace WHERE workspace = ?1",
        [&workspace.0],
        |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)),
    )?;
    let held = uint(names) * NAME + uint(octets);
    if uint(charged) != held {
        report.problem(format!("{charged} octets are charged for attachments, {held} are held"));
    }
    if strays > 0 {
        report.problem(format!("{strays} pieces belong to no attachment"));
    }
    Ok(())
}
