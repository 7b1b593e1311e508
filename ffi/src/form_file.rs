//! A form in a file: a spreadsheet, a folder of tables, or what Cairn wrote.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use cairn_core::form::Form;

use crate::trouble::CairnError;

/// A form's file is at most so many MiB.
const MOST: u64 = 64;
/// What may come before a form's JSON when it travels: versions, the newest last.
const VERSIONS: [u8; 4] = [1, 2, 3, 4];

/// A form that was read, and what its author should look at.
pub(crate) struct FileForm {
    pub(crate) form: Form,
    pub(crate) warnings: Vec<String>,
}

/// Reads a form from a file, or from a folder that holds `survey.csv`.
pub(crate) fn read(path: &Path) -> Result<FileForm, CairnError> {
    if path.is_dir() {
        return spreadsheet::folder(path);
    }
    let bytes = whole(path).map_err(|error| unread(path, "bad_file", &error))?;
    let decoded = match bytes.first() {
        // The JSON alone does not say which version it needs.
        Some(b'{') => Form::from_file(&bytes),
        Some(version) if VERSIONS.contains(version) => Form::decode(&bytes),
        _ => return spreadsheet::file(path, &bytes),
    };
    let form = decoded.map_err(|error| unread(path, "bad_form", &error))?;
    Ok(FileForm { form, warnings: Vec::new() })
}

/// A whole file.
fn whole(path: &Path) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    File::open(path)?.take((MOST << 20) + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > MOST << 20 {
        return Err(std::io::Error::other(format!("larger than {MOST} MiB")));
    }
    Ok(bytes)
}

fn unread(path: &Path, code: &str, why: &dyn std::fmt::Display) -> CairnError {
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let hint = "Correct the form's file, or take another one.";
    CairnError::person(code, format!("{name}: {why}"), hint).naming("name", name).naming("problem", why)
}

#[cfg(feature = "office")]
pub(crate) mod spreadsheet {
    use std::path::{Component, Path, PathBuf};

    use cairn_core::form::built_in::{BUILT_IN, BuiltIn};
    use cairn_core::form::xlsform::{self, Reading};

    use super::{FileForm, unread, whole};
    use crate::trouble::CairnError;

    impl From<Reading> for FileForm {
        fn from(reading: Reading) -> Self {
            let warnings = reading.warnings.iter().map(ToString::to_string).collect();
            Self { form: reading.form, warnings }
        }
    }

    pub(super) fn folder(path: &Path) -> Result<FileForm, CairnError> {
        let folders = [path.to_owned(), path.join("media")];
        let read = xlsform::read_tables(&stem(path), &|file| beside(&folders, file));
        Ok(read.map_err(|error| unread(path, "bad_form", &error))?.into())
    }

    pub(super) fn file(path: &Path, bytes: &[u8]) -> Result<FileForm, CairnError> {
        let here = path.parent().unwrap_or(Path::new(""));
        let folders = [here.to_owned(), here.join("media"), here.join(format!("{}-media", stem(path)))];
        let read = xlsform::read_with(bytes, &stem(path), &|file| beside(&folders, file));
        Ok(read.map_err(|error| unread(path, "bad_form", &error))?.into())
    }

    /// The names of the forms that come with Cairn.
    pub(crate) fn built_in() -> Vec<String> {
        BUILT_IN.iter().map(|form| form.name.to_owned()).collect()
    }

    /// One of them.
    pub(crate) fn named(name: &str) -> Result<Option<FileForm>, CairnError> {
        let Some(found) = BuiltIn::named(name) else { return Ok(None) };
        Ok(Some(found.read().map_err(|error| unread(Path::new(name), "bad_form", &error))?.into()))
    }

    fn stem(path: &Path) -> String {
        path.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default()
    }

    /// A file that the form names, from the first folder that has it. A name that leads elsewhere finds nothing.
    fn beside(folders: &[PathBuf], file: &str) -> Option<Vec<u8>> {
        let mut steps = Path::new(file).components();
        if !matches!((steps.next(), steps.next()), (Some(Component::Normal(_)), None)) {
            return None;
        }
        folders.iter().find_map(|folder| whole(&folder.join(file)).ok())
    }
}

/// Built without what reads spreadsheets: a phone need not carry it.
#[cfg(not(feature = "office"))]
pub(crate) mod spreadsheet {
    use std::path::Path;

    use super::{FileForm, unread};
    use crate::trouble::CairnError;

    pub(super) fn folder(path: &Path) -> Result<FileForm, CairnError> {
        file(path, &[])
    }

    pub(super) fn file(path: &Path, _: &[u8]) -> Result<FileForm, CairnError> {
        Err(unread(path, "no_office", &"this program reads no spreadsheets"))
    }

    pub(crate) fn built_in() -> Vec<String> {
        Vec::new()
    }

    pub(crate) fn named(_: &str) -> Result<Option<FileForm>, CairnError> {
        Ok(None)
    }
}
