//! The refused rows of an import: the first ones in memory to be shown, all of them in a file if wanted.

use std::fs::{File, OpenOptions};
use std::io;
use std::path::Path;

use super::Refused;
use crate::trouble::Trouble;

/// More refused rows are counted and not shown.
const SHOWN: usize = 1000;

/// The refused rows of an import.
pub(crate) struct Ledger {
    shown: Vec<Refused>,
    count: u64,
    file: Option<(String, csv::Writer<File>)>,
}

impl Ledger {
    /// Begins the file anew, or goes on where an import that was cut off left it.
    pub(crate) fn open(path: Option<&Path>, goes_on: bool) -> Result<Self, Trouble> {
        let file = path.map(|path| {
            let name = path.display().to_string();
            let mut options = OpenOptions::new();
            options.create(true).write(true).truncate(!goes_on).append(goes_on);
            let file = options.open(path).map_err(Trouble::file(path))?;
            let is_new = file.metadata().map_err(Trouble::file(path))?.len() == 0;
            let mut writer = csv::Writer::from_writer(file);
            if is_new {
                writer.write_record(["line", "field", "reason"]).map_err(trouble(&name))?;
            }
            Ok::<_, Trouble>((name, writer))
        });
        Ok(Self { shown: Vec::new(), count: 0, file: file.transpose()? })
    }

    /// Notes a refused row.
    pub(crate) fn note(&mut self, refused: Refused) -> Result<(), Trouble> {
        self.count += 1;
        if let Some((name, writer)) = &mut self.file {
            for (field, reason) in &refused.faults {
                let (line, reason) = (refused.line.to_string(), reason.to_string());
                let cells = [line.as_str(), field.as_deref().unwrap_or_default(), reason.as_str()];
                writer.write_record(cells).map_err(trouble(name))?;
            }
        }
        if self.shown.len() < SHOWN {
            self.shown.push(refused);
        }
        Ok(())
    }

    /// Puts everything noted so far onto the disk.
    pub(crate) fn flush(&mut self) -> Result<(), Trouble> {
        match &mut self.file {
            Some((name, writer)) => writer.flush().map_err(Trouble::file(&*name)),
            None => Ok(()),
        }
    }

    /// The first refused rows of this run.
    pub(crate) fn shown(&self) -> &[Refused] {
        &self.shown
    }

    /// How many rows this run refused.
    pub(crate) fn count(&self) -> u64 {
        self.count
    }
}

fn trouble(name: &str) -> impl FnOnce(csv::Error) -> Trouble {
    move |error| {
        let source = match error.into_kind() {
            csv::ErrorKind::Io(source) => source,
            _ => io::Error::from(io::ErrorKind::InvalidData),
        };
        Trouble::File { name: name.to_owned(), source }
    }
}
