//! What a circle is called and which parts of records it holds, as it travels.
//!
//! ```text
//! since | name blob | parts count (blob)* | team blob | sharing u8 (0 no, 1 yes, 2 for sealed records)
//! ```
//! A label stands in its own circle and nowhere else, so that nobody outside learns of it, the server least.

use std::collections::BTreeSet;

use cairn_wire::codec::{Malformed, Reader, Writer};

use crate::form::Part;

/// Octets of a name or team.
const NAME: usize = 256;
/// Parts that a label can name: more than there are, so that a newer one is not garbage.
const PARTS: usize = 64;

/// What a coordinator says of the circle that this stands in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Label {
    /// It counts for what was sealed at this roster entry or a later one: whoever sealed earlier could not
    /// know it.
    pub since: u64,
    /// What people call the circle.
    pub name: String,
    /// Which parts of records belong there.
    pub parts: BTreeSet<Part>,
    /// Whose records these are, where several teams keep theirs apart; empty for everybody's.
    pub team: String,
    /// Whether single records are shared here with outsiders: it then holds whole records and nothing of
    /// others.
    pub sharing: bool,
    /// Whether sealed records go here: whole ones as well, from devices that can read none. Such a circle is one
    /// for sharing in everything else.
    pub sealed: bool,
}

impl Label {
    /// Appends the label.
    pub fn write(&self, writer: &mut Writer) {
        writer.int(self.since).blob(self.name.as_bytes()).count(self.parts.len());
        for part in &self.parts {
            writer.blob(part.name().as_bytes());
        }
        let kind = if self.sealed { 2 } else { u8::from(self.sharing) };
        writer.blob(self.team.as_bytes()).octet(kind);
    }

    /// Reads [`Label::write`].
    pub fn read(reader: &mut Reader<'_>) -> Result<Self, Malformed> {
        let since = reader.int("label since")?;
        let name = text(reader, "circle name")?;
        let mut parts = BTreeSet::new();
        for _ in 0..reader.count(PARTS, "parts")? {
            let part = text(reader, "part")?;
            // A part of a newer version: the whole segment waits for the update.
            let part = Part::from_name(&part).ok_or(Malformed { at: 0, what: "part version" })?;
            if parts.last().is_some_and(|last| *last >= part) {
                return Err(reader.malformed("parts"));
            }
            parts.insert(part);
        }
        let team = text(reader, "team")?;
        let (sharing, sealed) = match reader.octet("sharing")? {
            0 => (false, false),
            1 => (true, false),
            2 => (true, true),
            _ => return Err(reader.malformed("sharing")),
        };
        Ok(Self { since, name, parts, team, sharing, sealed })
    }
}

fn text(reader: &mut Reader<'_>, what: &'static str) -> Result<String, Malformed> {
    let bytes = reader.blob(NAME, what)?.to_vec();
    String::from_utf8(bytes).map_err(|_| reader.malformed(what))
}
