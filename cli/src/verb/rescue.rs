//! `cairn rescue`: what can be read of a damaged vault, into a folder beside it.

mod files;
mod report;

use std::collections::BTreeMap;
use std::fs::{self, OpenOptions};
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use cairn_core::Vault;
use cairn_core::error::Error;
use cairn_core::form::Answer;
use cairn_core::vault::{Draft, KnownForm, LooseAnswers, Rescue as Report, Rescued};
use cairn_core::view::export::{Exporter, Format, Options};
use cairn_core::view::{RecordView, handle};
use cairn_core::wire::id::RecordId;
use clap::Args;
use serde_json::{Value, json};

use crate::door::Door;
use crate::out::Said;
use crate::passphrase;
use crate::trouble::Trouble;
use crate::words::{answer, ended};
use report::{is_whole, numbers, words};

/// Takes everything that can be read out of a damaged vault
///
/// Nothing in the damaged folder is changed or removed, but for what a passphrase does anywhere: wrong ones are
/// counted, and the duress passphrase destroys the other vault's key. Records, drafts and forms are written into a new folder,
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
        let status = u8::from(!is_whole(&report, &written));
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
    /// Drafts of which only answers are left.
    loose: u64,
    forms: u64,
    unsent: u64,
    /// How many of these are in no table, since their form is lost.
    without_table: u64,
    /// Records of which a line is there and which cannot be shown.
    unreadable: Vec<RecordId>,
    /// Attached files that were written.
    files: u64,
    /// Attached files that are damaged here, or of which pieces are gone, and that the server may not have.
    files_lost: u64,
    /// Attached files that are not on this device, and that the server may have.
    files_away: u64,
}

fn write(out: &Out, rescued: Rescued, language: &str) -> Result<(Report, Written), Trouble> {
    let Rescued { vault, rescue, quarantine, unsent, drafts, loose } = rescued;
    let mut written = Written::default();
    let waiting = out.folder("unsent")?;
    let with_files = records(out, &waiting, &vault, &rescue, &mut written, language)?;
    files::files(out, &vault, &with_files, &drafts, &mut written)?;
    out.write("drafts.json", begun(&rescue, &drafts, &loose).to_string().as_bytes())?;
    (written.drafts, written.loose) = (drafts.len() as u64, loose.len() as u64);
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

/// Writes the records, form by form; those that were not sent into `waiting` too. Gives those that name files.
fn records(
    out: &Out,
    waiting: &Out,
    vault: &Vault,
    rescue: &Report,
    written: &mut Written,
    language: &str,
) -> Result<Vec<RecordId>, Trouble> {
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
    let records = out.folder("records")?;
    let options = Options { language: language.to_owned(), ..Options::default() };
    for (number, (form, views)) in views.iter().enumerate() {
        let name = format!("{}-{}", number + 1, plain_name(form));
        let newest = vault.forms().iter().rev().find(|known| known.form.id == *form);
        let all: Vec<&RecordView> = views.iter().collect();
        let own: Vec<&RecordView> =
            all.iter().copied().filter(|view| rescue.unsent.contains(&view.id)).collect();
        for (place, views) in [(&records, &all), (waiting, &own)] {
            lines(place, &name, views, rescue)?;
            let older = |view: &&RecordView| rescue.older_records.contains(&view.id);
            let (older, sure): (Vec<&RecordView>, Vec<&RecordView>) = views.iter().copied().partition(older);
            table(place, &name, newest, &sure, &options)?;
            table(place, &format!("{name}-may-be-older"), newest, &older, &options)?;
        }
        written.records += all.len() as u64;
        written.unsent += own.len() as u64;
        if newest.is_none() {
            written.without_table += own.len() as u64;
        }
    }
    Ok(files::ids(views.values().flatten()))
}

/// A form's name as a file may be called.
fn plain_name(form: &str) -> String {
    let plain =
        |letter: char| if letter.is_ascii_alphanumeric() || "-_".contains(letter) { letter } else { '_' };
    form.chars().take(60).map(plain).collect()
}

fn lines(out: &Out, name: &str, views: &[&RecordView], rescue: &Report) -> Result<(), Trouble> {
    if views.is_empty() {
        return Ok(());
    }
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
            "may_be_older": rescue.older_records.contains(&view.id),
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

/// The drafts, and answers of drafts that are lost, as a list.
fn begun(rescue: &Report, drafts: &[Draft], loose: &[LooseAnswers]) -> Value {
    let answers = |given: &BTreeMap<String, Option<Answer>>| -> Value {
        let given = given.iter().map(|(field, one)| (field.clone(), answer(one.as_ref())));
        Value::Object(given.collect())
    };
    let draft = |draft: &Draft| {
        json!({
            "draft": draft.about.number,
            "form": draft.about.form,
            "version": draft.about.version,
            "record": draft.about.record.map(|record| record.to_string()),
            "answers": answers(&draft.given),
            "unread": draft.unread,
            "may_be_older": rescue.older_drafts.contains(&draft.about.number),
        })
    };
    let loose_answers = |loose: &LooseAnswers| {
        json!({
            "draft": loose.number,
            // Nobody knows.
            "form": null,
            "answers": answers(&loose.given),
            "unread": loose.unread,
            "may_be_older": rescue.older_drafts.contains(&loose.number),
        })
    };
    drafts.iter().map(draft).chain(loose.iter().map(loose_answers)).collect()
}
