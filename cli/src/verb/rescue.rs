//! `cairn rescue`: what can be read of a damaged vault, into a folder beside it.

use std::collections::BTreeMap;
use std::fs::{self, OpenOptions};
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use cairn_core::Vault;
use cairn_core::error::Error;
use cairn_core::vault::{KnownForm, Rescue as Report, Rescued};
use cairn_core::view::export::{Exporter, Format, Options};
use cairn_core::view::{RecordView, handle};
use cairn_core::wire::id::RecordId;
use clap::Args;
use serde_json::{Value, json};

use crate::door::Door;
use crate::out::Said;
use crate::passphrase;
use crate::trouble::Trouble;
use crate::words::{answer, count, ended, line};

/// Takes everything that can be read out of a damaged vault
///
/// Nothing in the damaged folder is changed or removed. Records, drafts and forms are written into a new folder,
/// as anybody can read them: nothing protects them any more. What cannot be read is named in REPORT.txt.
#[derive(Debug, Args)]
pub(crate) struct Rescue {
    /// The damaged vault's folder, or a copy of it
    #[arg(value_name = "FOLDER")]
    folder: PathBuf,
    /// A folder for what can be read; it must not exist, nor lie in the vault
    #[arg(long, value_name = "FOLDER")]
    to: PathBuf,
}

impl Rescue {
    pub(crate) fn run(self, door: &Door) -> Result<Said, Trouble> {
        if !Vault::exists(&self.folder) {
            return Err(Error::NoVault.into());
        }
        self.check_place()?;
        let passphrase = passphrase::known(door.passphrase_file.as_deref(), door.json)?;
        let out = Out::new(&self.to)?;
        let work = out.folder("work")?;
        let written = Vault::rescue(&self.folder, &passphrase, &door.machine(), &work.path)
            .map_err(Trouble::from)
            .and_then(|rescued| write(&out, rescued, &door.language));
        // Encrypted under a key that nobody has any more; still it is of no use.
        let removed = fs::remove_dir_all(&work.path).map_err(Trouble::file(&work.path));
        if written.is_err() {
            // Only if there is nothing in it.
            _ = fs::remove_dir(&self.to);
        }
        let (report, written) = written?;
        removed?;
        let text = words(&report, &written, &self.to);
        let json = numbers(&report, &written, &self.to);
        out.write("REPORT.txt", text.as_bytes())?;
        out.write("report.json", json.to_string().as_bytes())?;
        let status = u8::from(!is_whole(&report));
        Ok(Said { text: ended(text), json, status })
    }

    /// The new folder must neither lie in the damaged one nor hold it.
    fn check_place(&self) -> Result<(), Trouble> {
        let folder = self.folder.canonicalize().map_err(Trouble::file(&self.folder))?;
        let parent =
            self.to.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let parent = parent.canonicalize().map_err(Trouble::file(parent))?;
        if parent.starts_with(&folder) {
            return Err(Trouble::InsideTheVault { name: self.to.display().to_string() });
        }
        if self.to.exists() {
            let source = std::io::Error::from(std::io::ErrorKind::AlreadyExists);
            return Err(Trouble::file(&self.to)(source));
        }
        Ok(())
    }
}

/// A folder that only its owner may look into.
struct Out {
    path: PathBuf,
}

impl Out {
    fn new(path: &Path) -> Result<Self, Trouble> {
        let mut maker = fs::DirBuilder::new();
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut maker, 0o700);
        maker.create(path).map_err(Trouble::file(path))?;
        Ok(Self { path: path.to_owned() })
    }

    fn folder(&self, name: &str) -> Result<Self, Trouble> {
        Self::new(&self.path.join(name))
    }

    fn create(&self, name: &str) -> Result<fs::File, Trouble> {
        let path = self.path.join(name);
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        options.open(&path).map_err(Trouble::file(&path))
    }

    fn write(&self, name: &str, bytes: &[u8]) -> Result<(), Trouble> {
        let mut file = self.create(name)?;
        let written = file.write_all(bytes).and_then(|()| file.sync_all());
        written.map_err(Trouble::file(&self.path.join(name)))
    }
}

/// What was written.
#[derive(Default)]
struct Written {
    records: u64,
    drafts: u64,
    forms: u64,
    unsent: u64,
    /// Records of which a line is there and which cannot be shown.
    unreadable: Vec<RecordId>,
}

fn write(out: &Out, rescued: Rescued, language: &str) -> Result<(Report, Written), Trouble> {
    let Rescued { vault, rescue, quarantine, unsent } = rescued;
    let mut written = Written::default();
    let mut views: BTreeMap<String, Vec<RecordView>> = BTreeMap::new();
    vault.every_record(
        |view| {
            views.entry(view.form.clone()).or_default().push(view);
            Ok(())
        },
        |record, _| written.unreadable.push(record),
    )?;
    // Those of which nothing is left are told apart.
    written.unreadable.retain(|record| !rescue.lost.contains(record));
    let (records, waiting) = (out.folder("records")?, out.folder("unsent")?);
    let options = Options { language: language.to_owned(), ..Options::default() };
    for (number, (form, views)) in views.iter().enumerate() {
        written.records += views.len() as u64;
        let name = format!("{}-{}", number + 1, plain_name(form));
        let newest = vault.forms().iter().rev().find(|known| known.form.id == *form);
        let own: Vec<&RecordView> = views.iter().filter(|view| rescue.unsent.contains(&view.id)).collect();
        written.unsent += own.len() as u64;
        let all: Vec<&RecordView> = views.iter().collect();
        lines(&records, &name, &all)?;
        table(&records, &name, newest, &all, &options)?;
        table(&waiting, &name, newest, &own, &options)?;
    }
    written.drafts = drafts(out, &vault)?;
    let forms = out.folder("forms")?;
    for (number, known) in vault.forms().iter().enumerate() {
        forms.write(&format!("{}-{}", number + 1, plain_name(&known.form.id)), &known.form.encode())?;
        written.forms += 1;
    }
    for (number, (_, bytes)) in unsent.iter().enumerate() {
        waiting.write(&format!("as-it-rests-{}", number + 1), bytes)?;
    }
    let aside = out.folder("quarantine")?;
    for (number, page) in &quarantine {
        aside.write(&format!("page-{number}"), page)?;
    }
    Ok((rescue, written))
}

/// A form's name as a file may be called.
fn plain_name(form: &str) -> String {
    let plain =
        |letter: char| if letter.is_ascii_alphanumeric() || "-_".contains(letter) { letter } else { '_' };
    form.chars().take(60).map(plain).collect()
}

fn lines(out: &Out, name: &str, views: &[&RecordView]) -> Result<(), Trouble> {
    let name = format!("{name}.jsonl");
    let mut file = BufWriter::new(out.create(&name)?);
    for view in views {
        let answers: BTreeMap<&String, Value> =
            view.answers.iter().map(|(field, one)| (field, answer(Some(one)))).collect();
        let line = json!({
            "record": view.id.to_string(),
            "handle": handle(&view.id),
            "form": view.form,
            "version": view.version,
            "answers": answers,
        });
        writeln!(file, "{line}").map_err(Trouble::file(&out.path.join(&name)))?;
    }
    file.flush().map_err(Trouble::file(&out.path.join(&name)))
}

/// As a table, where the form is there; `cairn import` takes it in again.
fn table(
    out: &Out,
    name: &str,
    known: Option<&std::sync::Arc<KnownForm>>,
    views: &[&RecordView],
    options: &Options,
) -> Result<(), Trouble> {
    let Some(known) = known.filter(|_| !views.is_empty()) else { return Ok(()) };
    let file = BufWriter::new(out.create(&format!("{name}.csv"))?);
    let mut exporter = Exporter::new(Format::Csv, &known.form, options, file).map_err(Trouble::Export)?;
    for view in views {
        exporter.record(view).map_err(Trouble::Export)?;
    }
    exporter.finish().map_err(Trouble::Export)?.flush().map_err(Trouble::file(&out.path.join(name)))
}

fn drafts(out: &Out, vault: &Vault) -> Result<u64, Trouble> {
    let drafts = vault.drafts().unwrap_or_default();
    let all: Vec<Value> = drafts
        .iter()
        .map(|draft| {
            let given: BTreeMap<&String, Value> =
                draft.given.iter().map(|(field, one)| (field, answer(one.as_ref()))).collect();
            json!({
                "form": draft.about.form,
                "version": draft.about.version,
                "record": draft.about.record.map(|record| record.to_string()),
                "answers": given,
                "unread": draft.unread,
            })
        })
        .collect();
    out.write("drafts.json", json!(all).to_string().as_bytes())?;
    Ok(drafts.len() as u64)
}

fn is_whole(report: &Report) -> bool {
    report.damaged + report.missing + report.logged.1 == 0 && report.lost.is_empty()
}

fn words(report: &Report, written: &Written, to: &Path) -> String {
    let mut text = String::new();
    let (records, drafts) = (count(written.records, "record"), count(written.drafts, "draft"));
    line!(text, "Read {records}, {drafts} and {} into {}.", count(written.forms, "form"), to.display());
    if !report.from_log.is_empty() {
        line!(text, "{} of them were damaged and made again from the log.", report.from_log.len());
    }
    line!(
        text,
        "{} had not been sent; they stand in the folder unsent too.",
        count(written.unsent, "record")
    );
    if is_whole(report) && written.unreadable.is_empty() {
        line!(text, "Nothing is damaged.");
    } else {
        let (damaged, all) = (report.damaged, report.pages);
        line!(text, "Could not be read: {damaged} of {all} pages of the database.");
        if report.missing > 0 {
            line!(text, "Missing at the end of the database: {}.", count(report.missing.into(), "page"));
        }
        if report.logged.1 > 0 {
            let (all, damaged) = report.logged;
            line!(text, "Could not be read: {damaged} of {all} pages of the write-ahead log.");
        }
        for (table, rows) in &report.torn {
            line!(text, "Read in part and left out: {} of the table {table}.", count(*rows, "row"));
        }
        if let Some(trouble) = &report.log_trouble {
            line!(text, "The log could not be asked for what is missing: {trouble}.");
        }
        for record in report.lost.iter().chain(&written.unreadable) {
            line!(text, "Lost: record {} ({record}).", handle(record));
        }
        line!(text, "Other records may have been on the damaged pages; nothing tells of them.");
    }
    line!(text, "What to do next: keep the damaged folder as it is, on another disk if this one fails.");
    line!(text, "Have this device taken out and invited anew: what had been sent comes back with that.");
    line!(
        text,
        "Then `cairn import` takes in what stands in unsent/*.csv. Look for records that came twice."
    );
    line!(text, "warning: whoever gets this folder can read it. Delete it when it is no longer needed.");
    text
}

fn numbers(report: &Report, written: &Written, to: &Path) -> Value {
    let ids = |records: &[RecordId]| records.iter().map(ToString::to_string).collect::<Vec<_>>();
    json!({
        "to": to.display().to_string(),
        "records": written.records,
        "drafts": written.drafts,
        "forms": written.forms,
        "unsent": written.unsent,
        "made_again_from_the_log": ids(&report.from_log),
        "lost": ids(&report.lost),
        "unreadable": ids(&written.unreadable),
        "pages": report.pages,
        "pages_damaged": report.damaged,
        "pages_missing": report.missing,
        "log_pages": report.logged.0,
        "log_pages_damaged": report.logged.1,
        "log_trouble": report.log_trouble,
        "rows": report.rows,
        "rows_torn": report.torn,
    })
}
