//! A form in a file: a spreadsheet, or what Cairn wrote.

use std::path::Path;

use cairn_core::form::Form;
use cairn_core::form::xlsform::{self, Reading};

use crate::pick;
use crate::trouble::Trouble;

/// A form's file is at most so many MiB.
const MOST: u64 = 64;
/// What may come before a form's JSON when it travels: versions, the newest last.
const VERSIONS: [u8; 2] = [1, 2];

/// Reads a form from a file.
pub(super) fn read(path: &Path) -> Result<Reading, Trouble> {
    let bytes = pick::whole(path, MOST)?;
    let name = path.display().to_string();
    let decoded = match bytes.first() {
        // The JSON alone does not say which version it needs.
        Some(b'{') => Form::from_json(&bytes),
        Some(version) if VERSIONS.contains(version) => Form::decode(&bytes),
        _ => {
            let stem = path.file_stem().map(|stem| stem.to_string_lossy()).unwrap_or_default();
            return xlsform::read(&bytes, &stem).map_err(|source| Trouble::Spreadsheet { name, source });
        }
    };
    let form = decoded.map_err(|source| Trouble::FormFile { name, source })?;
    Ok(Reading { form, warnings: Vec::new() })
}
