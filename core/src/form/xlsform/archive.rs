//! A look into the zip before the spreadsheet library gets it.
//!
//! That library trusts sizes a file states about itself. So every part is unpacked once here, into
//! nothing, and counted: neither a bomb nor a torn part reaches it.

use std::io::{Cursor, Read};

use zip::ZipArchive;
use zip::read::ZipFile;

use super::XlsformError;

/// One packed file, in octets.
pub(super) const PACKED: usize = 16 << 20;
/// All its parts unpacked, in octets.
pub(super) const UNPACKED: u64 = 64 << 20;
/// Parts in it. Spreadsheets have a dozen.
const PARTS: usize = 1_000;
/// Strings its table of shared strings may announce; room is made for them before they are read.
const STRINGS: u64 = 1_000_000;

/// Refuses what is no `.xlsx`, too large, or torn.
pub(super) fn inspect(bytes: &[u8]) -> Result<(), XlsformError> {
    if bytes.len() > PACKED {
        return Err(XlsformError::TooLarge { what: "octets in the file", limit: PACKED as u64 });
    }
    if bytes.starts_with(b"\xD0\xCF\x11\xE0") {
        return Err(XlsformError::OldOrLocked);
    }
    if !bytes.starts_with(b"PK") {
        return Err(XlsformError::NotSpreadsheet);
    }
    let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(|_| XlsformError::Torn { part: None })?;
    if archive.len() > PARTS {
        return Err(XlsformError::TooLarge { what: "parts in the file", limit: PARTS as u64 });
    }
    let mut room = UNPACKED;
    for index in 0..archive.len() {
        let part = archive.by_index(index).map_err(|_| XlsformError::Torn { part: None })?;
        room = count(part, room)?;
    }
    Ok(())
}

/// Unpacks one part and returns how much room is left. The size it declares is not believed.
fn count(mut part: ZipFile<'_, Cursor<&[u8]>>, room: u64) -> Result<u64, XlsformError> {
    let name = part.name().map(|name| name.replace('\\', "/").to_ascii_lowercase()).unwrap_or_default();
    let torn = || XlsformError::Torn { part: Some(crate::form::name::quoted(&name)) };
    let mut unpacked = (&mut part).take(room.saturating_add(1));
    if !name.ends_with("sharedstrings.xml") {
        let size = std::io::copy(&mut unpacked, &mut std::io::sink()).map_err(|_| torn())?;
        return left(room, size);
    }
    let mut text = Vec::new();
    let size = unpacked.read_to_end(&mut text).map_err(|_| torn())?;
    let room = left(room, size as u64)?;
    if announced_strings(&text).ok_or_else(torn)? > STRINGS {
        return Err(XlsformError::TooLarge { what: "texts in the file", limit: STRINGS });
    }
    Ok(room)
}

fn left(room: u64, size: u64) -> Result<u64, XlsformError> {
    let too_large = XlsformError::TooLarge { what: "octets in the file, unpacked,", limit: UNPACKED };
    room.checked_sub(size).ok_or(too_large)
}

/// The largest `uniqueCount` anywhere in the table of shared strings; `None` if the part is not
/// the plain UTF-8 in which that word could be found.
fn announced_strings(xml: &[u8]) -> Option<u64> {
    let xml = std::str::from_utf8(xml).ok()?;
    if xml.chars().any(|letter| letter.is_ascii_control() && !matches!(letter, '\t' | '\n' | '\r')) {
        return None;
    }
    let number = |after: &str| {
        let digits = after.trim_start_matches(|letter: char| !letter.is_ascii_digit());
        let end = digits.find(|letter: char| !letter.is_ascii_digit()).unwrap_or(digits.len());
        digits.get(..end).unwrap_or("").parse::<u64>().unwrap_or(u64::MAX)
    };
    // The word may also stand in a cell's text, but hardly with an equals sign after it.
    let tails = xml.split("uniqueCount").skip(1).filter(|after| after.trim_start().starts_with('='));
    Some(tails.map(number).max().unwrap_or(0))
}
