//! What makes two imports the same import.

use std::fs::File;
use std::io::{Read, Seek};
use std::path::Path;

use cairn_core::form::Form;
use cairn_core::wire::digest::Running;

use super::TableTrouble;
use crate::trouble::Trouble;

/// `SHA-256` over form, version, map, encoding and file, each with its length before it. The file is
/// read through once and rewound.
pub(crate) fn identity(
    file: &mut File,
    name: &Path,
    form: &Form,
    map: &[u8],
    encoding: &str,
) -> Result<[u8; 32], Trouble> {
    if !file.metadata().map_err(Trouble::file(name))?.is_file() {
        return Err(TableTrouble::NotAFile { name: name.display().to_string() }.into());
    }
    let mut hash = Running::new();
    for part in [b"cairn import 1", form.id.as_bytes(), form.version.as_bytes(), map, encoding.as_bytes()] {
        hash.update(&(part.len() as u64).to_be_bytes());
        hash.update(part);
    }
    let mut piece = vec![0; 1 << 16];
    loop {
        let read = file.read(&mut piece).map_err(Trouble::file(name))?;
        if read == 0 {
            break;
        }
        hash.update(piece.get(..read).unwrap_or_default());
    }
    file.rewind().map_err(Trouble::file(name))?;
    Ok(hash.finish())
}
