//! The two forms that come with Cairn: their text tables, as they lie in `forms/`, are part of the program.

use super::xlsform::{self, Reading, XlsformError};

/// A form that comes with the program.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BuiltIn {
    /// Its name, which is its form's id too.
    pub name: &'static str,
    tables: [(&'static str, &'static [u8]); 3],
}

macro_rules! built_in {
    ($name:literal) => {
        BuiltIn {
            name: $name,
            tables: [
                ("survey.csv", include_bytes!(concat!("../../../forms/", $name, "/survey.csv"))),
                ("choices.csv", include_bytes!(concat!("../../../forms/", $name, "/choices.csv"))),
                ("settings.csv", include_bytes!(concat!("../../../forms/", $name, "/settings.csv"))),
            ],
        }
    };
}

/// All of them.
pub const BUILT_IN: [BuiltIn; 2] = [built_in!("victim-support"), built_in!("border-observation")];

impl BuiltIn {
    /// The one of that name.
    pub fn named(name: &str) -> Option<Self> {
        BUILT_IN.into_iter().find(|form| form.name == name)
    }

    /// Reads it.
    ///
    /// # Errors
    /// None: a test reads each.
    pub fn read(self) -> Result<Reading, XlsformError> {
        xlsform::read_tables(self.name, &|file| {
            let found = self.tables.into_iter().find(|(name, _)| *name == file);
            found.map(|(_, bytes)| bytes.to_vec())
        })
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::path::Path;

    use super::*;

    #[test]
    fn every_form_in_the_folder_is_built_in_and_is_read_the_same() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../forms");
        let mut names = BTreeSet::new();
        for entry in std::fs::read_dir(&folder).unwrap().flatten() {
            if !entry.path().join("survey.csv").exists() {
                continue;
            }
            let name = entry.file_name().to_string_lossy().into_owned();
            let read = |file: &str| std::fs::read(entry.path().join(file)).ok();
            let reading = xlsform::read_tables(&name, &read).unwrap();
            assert_eq!(BuiltIn::named(&name).unwrap().read(), Ok(reading));
            let files = std::fs::read_dir(entry.path()).unwrap().count();
            assert_eq!(files, 3, "{name} has a file that is not built in");
            names.insert(name);
        }
        assert_eq!(names, BUILT_IN.map(|form| form.name.to_owned()).into());
        for form in BUILT_IN {
            let Reading { form: read, warnings } = form.read().unwrap();
            assert_eq!((read.id.as_str(), warnings.as_slice()), (form.name, &[][..]));
        }
        assert_eq!(BuiltIn::named("no-such-form"), None);
    }
}
