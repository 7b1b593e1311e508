//! `cairn export`: records for other programs.

use std::fs;
use std::io::BufWriter;
use std::path::{Path, PathBuf};

use cairn_core::Vault;
use cairn_core::error::Error;
use cairn_core::form::Form;
use cairn_core::view::export::{ExportError, Exporter, Format, Options};
use clap::Args;
use serde_json::json;
use tempfile::{Builder, NamedTempFile};

use crate::door::Door;
use crate::out::Said;
use crate::pick;
use crate::progress::bar;
use crate::trouble::Trouble;
use crate::words::{count, ended, line};

/// Writes records into a file for other programs
///
/// Whoever gets the file can read it: nothing protects it any more.
#[derive(Debug, Args)]
pub(crate) struct Export {
    /// csv, jsonl or xlsx; for cases of the built-in form also htcds (HTCDS 2.0) and ctdc (codes only)
    #[arg(long, value_name = "FORMAT")]
    format: Format,
    /// The file to write; one that is there is replaced when the new one is whole
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    /// The form; the only one when none is named
    #[arg(long, value_name = "FORM")]
    form: Option<String>,
    /// Writes labels instead of names, in the chosen language
    #[arg(long)]
    labels: bool,
    /// Writes the rows of this repeat instead of the records, in CSV; XLSX has a sheet for each
    #[arg(long, value_name = "REPEAT")]
    repeat: Option<String>,
    /// Begins CSV with the mark that Excel needs to read it as UTF-8
    #[arg(long)]
    excel: bool,
}

impl Export {
    pub(crate) fn run(self, door: &Door) -> Result<Said, Trouble> {
        let vault = door.open()?;
        vault.need_reader()?;
        let known = pick::form(&vault, self.form.as_deref())?;
        let folder = self.out.parent().filter(|folder| !folder.as_os_str().is_empty());
        let folder = folder.unwrap_or(Path::new("."));
        fs::metadata(folder).map_err(Trouble::file(folder))?;
        // In the same folder, so that renaming is one step; only the owner may read it (0600).
        let file = Builder::new().prefix(".cairn-export-").tempfile_in(folder);
        let file = file.map_err(Trouble::file(folder))?;
        let options = Options {
            labels: self.labels,
            language: door.language.clone(),
            mark: self.excel,
            repeat: self.repeat.clone().filter(|_| self.format == Format::Csv),
            scratch: Some(folder.to_owned()),
        };
        let bar = bar(door, vault.counts()?.records, "{bar:40} {pos} of {len}");
        let written = write(&vault, &known.form, self.format, &options, file, || bar.inc(1));
        bar.finish_and_clear();
        let Written { file, records, damaged, left } = written?;
        vault.lock()?;
        file.as_file().sync_all().map_err(Trouble::file(&self.out))?;
        file.persist(&self.out).map_err(|error| Trouble::file(&self.out)(error.error))?;
        let mut text = String::new();
        line!(text, "Wrote {} into {}.", count(records, "record"), self.out.display());
        if damaged > 0 {
            line!(
                text,
                "{} could not be read and are left out; run `cairn doctor`.",
                count(damaged, "record")
            );
        }
        if !left.is_empty() {
            line!(text, "Not carried:");
        }
        for (name, why, records) in &left {
            line!(text, "  {name} in {}: {why}", count(*records, "record"));
        }
        line!(text, "warning: whoever gets this file can read it. Delete it when it is no longer needed.");
        let json = json!({
            "records": records,
            "damaged": damaged,
            "form": known.form.id,
            "format": self.format.name(),
            "out": self.out.display().to_string(),
            "not_carried": left
                .iter()
                .map(|(name, why, records)| json!({ "name": name, "why": why, "records": records }))
                .collect::<Vec<_>>(),
        });
        Ok(Said { text: ended(text), json, status: u8::from(damaged > 0) })
    }
}

/// What came of it.
struct Written {
    file: NamedTempFile,
    records: u64,
    damaged: u64,
    /// What another standard has no place for: name, reason, number of records.
    left: Vec<(String, String, u64)>,
}

fn write(
    vault: &Vault,
    form: &Form,
    format: Format,
    options: &Options,
    file: NamedTempFile,
    mut step: impl FnMut(),
) -> Result<Written, Trouble> {
    let mut exporter = Exporter::new(format, form, options, BufWriter::new(file)).map_err(Trouble::Export)?;
    let mut damaged = 0;
    let mut failed = None;
    let all = vault.every_record(
        |view| {
            step();
            if view.form != form.id {
                return Ok(());
            }
            // The front door's own error stands in for the one that is kept beside it.
            exporter.record(&view).map_err(|error| {
                failed = Some(error);
                Error::Full
            })
        },
        |_, _| damaged += 1,
    );
    if let Some(error) = failed {
        return Err(Trouble::Export(error));
    }
    all?;
    let records = exporter.records();
    let left = exporter.left().into_iter().flat_map(|left| left.all());
    let left = left.map(|(name, loss, records)| (name.to_owned(), loss.to_string(), records)).collect();
    let file = exporter.finish().map_err(Trouble::Export)?;
    let file = file.into_inner().map_err(|error| Trouble::Export(ExportError::Write(error.into_error())))?;
    Ok(Written { file, records, damaged, left })
}
