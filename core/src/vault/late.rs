//! Segments that lie in the log although their author had lost the right to write there.
//!
//! An honest server lets none in. One that was put back to before a revocation does, until it is healed; whoever
//! does not know of the revocation then takes them in, and others build on them. Whoever knows does not: for them
//! it is a late letter like any that was handed in, and a coordinator decides for everybody.

use cairn_wire::digest::half;
use cairn_wire::id::DeviceId;
use cairn_wire::roster::{Body, Entry, Role, Roster, Standing};
use cairn_wire::segment::{Parsed, parse};

use super::merge::{Held, Taking};
use crate::segment::verify_late;
use crate::store::{ChainRow, Rows, StoreError};

/// Octets of the log that are looked through at once.
const AT_ONCE: usize = 4 << 20;

/// What a segment is that does not count by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Late {
    /// Late it is not.
    Not,
    /// It is late, and no coordinator has accepted it.
    Undecided,
    /// It is late and has been accepted: what it says came with that.
    Accepted,
}

impl Taking<'_, '_> {
    /// Whether a segment of the log is late. A coordinator keeps it as a letter; everybody remembers whose chain
    /// it is, so that what continues it is known too.
    pub(super) fn late(&mut self, parsed: &Parsed<'_>, bytes: &[u8]) -> Result<Late, Held> {
        let header = &parsed.header;
        let known = self.rows.chain(&header.chain)?;
        let author = match &known {
            None => header.opens_for(),
            Some(chain) if chain.circle != *self.circle => None,
            Some(chain) if chain.height == 0 => header.opens_for().or(Some(chain.device)),
            Some(chain) => Some(chain.device),
        };
        let Some(author) = author else { return Ok(Late::Not) };
        if verify_late(parsed.clone(), self.roster, *self.circle, author).is_err() {
            return Ok(Late::Not);
        }
        if known.is_none() {
            self.rows.put_chain(&ChainRow {
                chain: header.chain,
                circle: *self.circle,
                device: author,
                height: 0,
                link: author.0,
            })?;
        }
        if decides(self.roster, &self.own) && author != self.own {
            let kept = self.rows.put_letter(self.circle, &author, bytes)?;
            self.tally.report.letters += u64::from(kept);
        }
        let accepted = self.rows.is_accepted(&half(&parsed.hash))?;
        Ok(if accepted { Late::Accepted } else { Late::Undecided })
    }
}

/// Keeps as letters what this coordinator has taken in and what new roster entries say came too late: others
/// refuse it. Gives how many there are.
pub(super) fn look_back(
    rows: &Rows<'_>,
    roster: &Roster,
    entries: &[Vec<u8>],
    own: &DeviceId,
) -> Result<u64, StoreError> {
    let ends = |bytes: &Vec<u8>| {
        let body = Entry::decode(bytes).map(|entry| entry.body);
        matches!(body, Ok(Body::Revoke { .. }))
    };
    if !decides(roster, own) || !entries.iter().any(ends) {
        return Ok(0);
    }
    let mut found = 0;
    for circle in rows.circles()? {
        let mut after = circle.base;
        loop {
            let segments = rows.segments_after(&circle.circle, after, AT_ONCE)?;
            let Some(last) = segments.last() else { break };
            after = last.seq;
            for segment in &segments {
                let Ok(parsed) = parse(&segment.bytes) else { continue };
                let Some(chain) = rows.chain(&parsed.header.chain)? else { continue };
                let standing = roster.standing(&chain.device, &circle.circle, &parsed.header);
                if standing == Standing::Late && chain.device != *own {
                    let kept = rows.put_letter(&circle.circle, &chain.device, &segment.bytes)?;
                    found += u64::from(kept);
                }
            }
        }
    }
    Ok(found)
}

fn decides(roster: &Roster, device: &DeviceId) -> bool {
    roster.member(device).is_some_and(|member| member.role == Role::Coordinator)
}
