//! A form in a file: a spreadsheet, a folder of tables, or what Cairn wrote.

use std::path::{Component, Path, PathBuf};

use cairn_core::form::Form;
use cairn_core::form::xlsform::{self, Reading, XlsformError};

use crate::pick;
use crate::trouble::Trouble;

/// A form's file is at most so many MiB.
const MOST: u64 = 64;
/// What may come before a form's JSON when it travels: versions, the newest last.
const VERSIONS: [u8; 4] = [1, 2, 3, 4];

/// Reads a form from a file, or from a folder that holds `survey.csv`.
pub(in crate::verb) fn read(path: &Path) -> Result<Reading, Trouble> {
    let name = path.display().to_string();
    let stem = path.file_stem().map(|stem| stem.to_string_lossy()).unwrap_or_default();
    let spreadsheet = |source: XlsformError| Trouble::Spreadsheet { name: name.clone(), source };
    if path.is_dir() {
        let folders = [path.to_owned(), path.join("media")];
        return xlsform::read_tables(&stem, &|file| beside(&folders, file)).map_err(spreadsheet);
    }
    let bytes = pick::whole(path, MOST)?;
    let decoded = match bytes.first() {
        // The JSON alone does not say which version it needs.
        Some(b'{') => Form::from_file(&bytes),
        Some(version) if VERSIONS.contains(version) => Form::decode(&bytes),
        _ => {
            let here = path.parent().unwrap_or(Path::new(""));
            let folders = [here.to_owned(), here.join("media"), here.join(format!("{stem}-media"))];
            return xlsform::read_with(&bytes, &stem, &|file| beside(&folders, file)).map_err(spreadsheet);
        }
    };
    let form = decoded.map_err(|source| Trouble::FormFile { name: name.clone(), source })?;
    Ok(Reading { form, warnings: Vec::new() })
}

/// A file that the form names, from the first folder that has it. A name that leads elsewhere finds nothing.
fn beside(folders: &[PathBuf], file: &str) -> Option<Vec<u8>> {
    let mut steps = Path::new(file).components();
    if !matches!((steps.next(), steps.next()), (Some(Component::Normal(_)), None)) {
        return None;
    }
    folders.iter().find_map(|folder| pick::whole(&folder.join(file), MOST).ok())
}
