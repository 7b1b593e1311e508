//! Work of every kind that a vault keeps, told line by line: what is told is acknowledged, and must be there whatever
//! happens next. [`Told`] hears the lines and compares a vault with them.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use cairn_core::change::Lower;
use cairn_core::form::{Answer, Answers};
use cairn_core::transport::{Https, Reply, Transport, TransportError};
use cairn_core::vault::{Anchor, FileAnchor, Machine};
use cairn_core::wire::digest::Hash;
use cairn_core::wire::id::RecordId;
use cairn_core::{Error, Vault};

use crate::dice::Dice;
use crate::sample;

/// The import that a worker takes in, batch by batch.
const SOURCE: [u8; 32] = [7; 32];
/// Rows of a batch.
const BATCH: u64 = 4;
/// After so many failures in a row there is nothing more to learn.
const ENOUGH: usize = 8;

/// A mark that goes with its octets alone: an image of a disk is the same vault, not a copy of it.
pub struct Octets;

impl Anchor for Octets {
    fn read(&self, folder: &Path) -> io::Result<Option<Hash>> {
        match fs::read(folder.join("mark")) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            read => {
                let mut hash = [0; 32];
                hash.iter_mut().zip(read?).for_each(|(octet, read)| *octet = read);
                Ok(Some(hash))
            }
        }
    }

    fn renew(&self, folder: &Path) -> io::Result<Hash> {
        FileAnchor.renew(folder)?;
        self.read(folder)?.ok_or_else(|| io::ErrorKind::NotFound.into())
    }
}

/// The machine that workers and images of their disks stand on.
pub fn machine() -> Machine {
    Machine::default().with_anchor(std::sync::Arc::new(Octets))
}

/// Opens a vault. A program that is just being started may hold its lock for a moment, as all that was open is open
/// there too until it runs.
///
/// # Errors
/// What the vault says.
pub fn open(folder: &Path, passphrase: &str) -> Result<Vault, Error> {
    for _ in 0..100 {
        match Vault::open_on(folder, passphrase, &machine()) {
            Err(Error::InUse) => std::thread::sleep(std::time::Duration::from_millis(20)),
            opened => return opened,
        }
    }
    Err(Error::InUse)
}

/// What a record of that name says; edits count its age up from 0.
pub fn answers(name: &str) -> Answers {
    let seed = name.bytes().fold(5381_u64, |sum, octet| sum.wrapping_mul(33) ^ u64::from(octet));
    let mut answers = sample::answers(name, &mut Dice::new(seed));
    answers.insert("age".to_owned(), Answer::Integer(0));
    answers
}

/// The answers of a draft of that name, in the order they are given.
fn drafted(name: &str) -> [(&'static str, Answer); 3] {
    let story = Answer::Narrative(format!("Synthetic story of {name}"));
    [("name", sample::text(name)), ("age", Answer::Integer(0)), ("story", story)]
}

/// Says that something is safe. The parent may be gone: then there is nobody to work for.
pub fn tell(line: &str) {
    let mut out = io::stdout().lock();
    // In one piece, so that being killed cuts no line short.
    if out.write_all(format!("{line}\n").as_bytes()).and_then(|()| out.flush()).is_err() {
        std::process::exit(0);
    }
}

/// Somebody at work in a vault.
pub struct Working {
    folder: PathBuf,
    passphrase: String,
    run: String,
    /// Whether commits are not synced: what must be found to lose.
    is_careless: bool,
    dice: Dice,
    vault: Option<Vault>,
    count: u64,
    /// Records that were saved, with their age.
    records: Vec<(String, RecordId, i64)>,
}

impl Working {
    /// Opens the vault.
    ///
    /// # Errors
    /// What the vault says.
    pub fn begin(folder: &Path, passphrase: &str, run: &str, is_careless: bool) -> Result<Self, Error> {
        let seed = run.bytes().fold(17, |sum: u64, octet| sum.wrapping_mul(31) ^ u64::from(octet));
        let mut working = Self {
            folder: folder.to_owned(),
            passphrase: passphrase.to_owned(),
            run: run.to_owned(),
            is_careless,
            dice: Dice::new(seed),
            vault: None,
            count: 0,
            records: Vec::new(),
        };
        working.open()?;
        Ok(working)
    }

    fn open(&mut self) -> Result<(), Error> {
        let vault = open(&self.folder, &self.passphrase)?;
        if self.is_careless {
            vault.rehearse_carelessness()?;
        }
        self.vault = Some(vault);
        Ok(())
    }

    /// Does so many things, and goes on after what fails.
    pub fn go_on(&mut self, acts: u64) {
        let mut failed = 0;
        for _ in 0..acts {
            let (act, done) = self.act();
            let Err(error) = done else {
                failed = 0;
                continue;
            };
            tell(&format!("failed {act} {} {}", error.who().name(), error.code()));
            if matches!(error, Error::Disk { .. } | Error::Damaged { .. }) {
                // As the keeper does: only a new opening reads on.
                self.vault = None;
            }
            self.look();
            failed += 1;
            if failed == ENOUGH {
                break;
            }
        }
        if let Some(vault) = self.vault.take() {
            match vault.lock() {
                Ok(()) => tell("locked"),
                Err(error) => tell(&format!("failed lock {} {}", error.who().name(), error.code())),
            }
        }
    }

    fn act(&mut self) -> (&'static str, Result<(), Error>) {
        if self.vault.is_none() {
            return ("open", self.open());
        }
        match self.dice.below(24) {
            0..=7 => ("save", self.save()),
            8..=12 => ("edit", self.edit()),
            13..=16 => ("draft", self.draft()),
            17..=18 => ("import", self.import()),
            19..=20 => ("sync", self.sync()),
            21..=22 => ("reopen", self.reopen()),
            _ => ("passphrase", self.change_passphrase()),
        }
    }

    fn vault(&mut self) -> &mut Vault {
        self.vault.as_mut().expect("it is open")
    }

    fn name(&mut self, kind: char) -> String {
        self.count += 1;
        format!("{kind}{}-{}", self.run, self.count)
    }

    fn save(&mut self) -> Result<(), Error> {
        let name = self.name('R');
        let id = self.vault().new_record("sample", answers(&name))?;
        tell(&format!("saved {name}"));
        self.records.push((name, id, 0));
        Ok(())
    }

    fn edit(&mut self) -> Result<(), Error> {
        if self.records.is_empty() {
            return self.save();
        }
        let which = self.dice.below(self.records.len());
        let (name, id, age) = self.records[which].clone();
        self.vault().edit_record(&id, &sample::edit("age", Answer::Integer(age + 1)))?;
        tell(&format!("edited {name} {}", age + 1));
        self.records[which].2 = age + 1;
        Ok(())
    }

    fn draft(&mut self) -> Result<(), Error> {
        let (name, finishes) = (self.name('D'), self.dice.once_in(2));
        let vault = self.vault();
        let draft = vault.begin_draft("sample", None)?;
        for (field, answer) in drafted(&name) {
            vault.answer_draft(draft, &sample::edit(field, answer))?;
            tell(&format!("drafted {name} {draft} {field}"));
        }
        if finishes {
            vault.finish_draft(draft, Lower::Refused)?;
            tell(&format!("finished {name} {draft}"));
        }
        Ok(())
    }

    fn import(&mut self) -> Result<(), Error> {
        let vault = self.vault();
        let done = vault.import_state(&SOURCE)?.line;
        let rows = (done + 1..=done + BATCH).map(|line| (line, answers(&format!("I{line}")))).collect();
        for (_, taken) in vault.import(&SOURCE, "sample", rows, 0, done + BATCH)? {
            taken?;
        }
        tell(&format!("imported {}", done + BATCH));
        Ok(())
    }

    fn sync(&mut self) -> Result<(), Error> {
        let Some(address) = self.vault().server()? else { return Ok(()) };
        let https = Https::new(&address.url, address.key, None)?;
        match self.vault().sync(&Leaving(https), |_| {}) {
            Ok(_) => tell("synced"),
            // Without a network the work goes on.
            Err(Error::Offline) => {}
            Err(error) => return Err(error),
        }
        Ok(())
    }

    fn reopen(&mut self) -> Result<(), Error> {
        if let Some(vault) = self.vault.take() {
            vault.lock()?;
            tell("locked");
        }
        self.open()
    }

    fn change_passphrase(&mut self) -> Result<(), Error> {
        let new = format!("{} {}", self.name('P'), "ordinary words together");
        tell(&format!("changing {new}"));
        let old = self.passphrase.clone();
        match self.vault().change_passphrase(&old, &new) {
            Ok(()) => {
                tell(&format!("changed {new}"));
                self.passphrase = new;
                Ok(())
            }
            // It may have been changed all the same; whoever stands here tries both.
            Err(error) => {
                drop(self.vault.take());
                let opened = self.open().or_else(|_| {
                    self.passphrase.clone_from(&new);
                    self.open()
                });
                if opened.is_err() {
                    self.passphrase = old;
                }
                Err(error)
            }
        }
    }

    /// After a failure everything that was kept must still be readable.
    fn look(&self) {
        let Some(vault) = &self.vault else { return };
        for (name, id, _) in &self.records {
            if let Err(error) = vault.record(id) {
                tell(&format!("unseen {name} {} {}", error.who().name(), error.code()));
            }
        }
    }
}

/// Says so before a request leaves.
struct Leaving(Https);

impl Transport for Leaving {
    fn post(&self, path: &str, body: Vec<u8>) -> Result<Reply, TransportError> {
        tell("leaving");
        self.0.post(path, body)
    }
}

/// What a worker has told.
#[derive(Debug, Clone, Default)]
pub struct Told {
    /// Records, and the age they had come to.
    pub records: BTreeMap<String, i64>,
    drafts: BTreeMap<String, (u64, BTreeSet<String>)>,
    imported: u64,
    passphrases: Vec<String>,
    /// What failed: what was done, who must act, the code.
    pub failed: Vec<(String, String, String)>,
    /// What could not be read after a failure, though the vault was open.
    pub unseen: Vec<String>,
    /// Whether anything left since the last line.
    pub leaving: u64,
}

impl Told {
    /// Nothing yet, in a vault that this passphrase opens.
    pub fn new(passphrase: &str) -> Self {
        Self { passphrases: vec![passphrase.to_owned()], ..Self::default() }
    }

    /// Forgets the passphrases but this one, which opens the vault.
    pub fn settle(&mut self, passphrase: String) {
        self.passphrases = vec![passphrase];
    }

    /// How much was acknowledged.
    pub fn acknowledged(&self) -> usize {
        self.records.len() + self.drafts.len() + usize::try_from(self.imported).unwrap_or(0)
    }

    /// Takes a line in.
    pub fn hear(&mut self, line: &str) {
        let words: Vec<&str> = line.split(' ').collect();
        match words[..] {
            ["saved", name] => _ = self.records.insert(name.to_owned(), 0),
            ["edited", name, age] => _ = self.records.insert(name.to_owned(), age.parse().unwrap()),
            ["drafted", name, draft, field] => {
                let draft =
                    self.drafts.entry(name.to_owned()).or_insert((draft.parse().unwrap(), BTreeSet::new()));
                draft.1.insert(field.to_owned());
            }
            ["finished", name, _] => {
                self.drafts.remove(name);
                self.records.insert(name.to_owned(), 0);
            }
            ["imported", line] => self.imported = line.parse().unwrap(),
            ["changing", ..] => self.passphrases.push(line["changing ".len()..].to_owned()),
            ["changed", ..] => self.passphrases = vec![line["changed ".len()..].to_owned()],
            ["failed", act, who, code] => self.failed.push((act.to_owned(), who.to_owned(), code.to_owned())),
            ["unseen", ..] => self.unseen.push(line.to_owned()),
            ["leaving"] => self.leaving += 1,
            ["synced" | "locked"] => {}
            _ => panic!("nobody says {line:?}"),
        }
    }

    /// Opens a vault with a passphrase that ought to open it.
    ///
    /// # Errors
    /// What the vault says to the newest.
    pub fn open(&self, folder: &Path) -> Result<(Vault, String), Error> {
        let mut said = Error::NoVault;
        for passphrase in self.passphrases.iter().rev() {
            match open(folder, passphrase) {
                Ok(vault) => return Ok((vault, passphrase.clone())),
                Err(error) => said = error,
            }
        }
        Err(said)
    }

    /// What is in a vault and should not be, or should be and is not.
    pub fn compare(&self, vault: &Vault) -> Vec<String> {
        let (mut findings, mut records) = (Vec::new(), BTreeMap::new());
        let each = |view: cairn_core::view::RecordView| {
            let name = match view.answers.get("name") {
                Some(Answer::Text(name)) => name.clone(),
                other => format!("{other:?}"),
            };
            if records.insert(name.clone(), view.answers).is_some() {
                findings.push(format!("{name} is doubled"));
            }
            Ok(())
        };
        let mut unreadable = 0;
        if let Err(error) = vault.every_record(each, |_, _| unreadable += 1) {
            findings.push(format!("records cannot be walked: {error}"));
        }
        if unreadable > 0 {
            findings.push(format!("{unreadable} records cannot be read"));
        }
        for (name, age) in &self.records {
            match records.get(name) {
                None => findings.push(format!("{name} is lost")),
                Some(kept) => match kept.get("age") {
                    Some(Answer::Integer(kept)) if kept >= age => {}
                    other => findings.push(format!("an edit of {name} is lost: {other:?} for {age}")),
                },
            }
        }
        for line in (1..=self.imported).filter(|line| !records.contains_key(&format!("I{line}"))) {
            findings.push(format!("imported line {line} is lost"));
        }
        for (name, kept) in &records {
            let wanted = if name.starts_with('D') {
                Answers::from(drafted(name).map(|(field, answer)| (field.to_owned(), answer)))
            } else {
                answers(name)
            };
            let same = wanted.iter().all(|(field, answer)| field == "age" || kept.get(field) == Some(answer));
            if !same {
                findings.push(format!("{name} says something else"));
            }
        }
        findings.extend(self.drafts_of(vault, &records));
        match vault.import_state(&SOURCE) {
            Ok(state) => {
                let taken = records.keys().filter(|name| name.starts_with('I')).count() as u64;
                if state.taken != taken || state.line < self.imported {
                    findings.push(format!("{taken} imported rows, and the import says {state:?}"));
                }
            }
            Err(error) => findings.push(format!("how far the import came: {error}")),
        }
        findings
    }

    fn drafts_of(&self, vault: &Vault, records: &BTreeMap<String, Answers>) -> Vec<String> {
        let mut findings = Vec::new();
        for (name, (number, fields)) in &self.drafts {
            let kept = match vault.draft(*number) {
                Ok(draft) => draft.answers(Answers::new()),
                // It may have been finished without being able to say so.
                Err(_) => records.get(name).cloned().unwrap_or_default(),
            };
            let lost = drafted(name).into_iter().filter(|(field, _)| fields.contains(*field));
            let lost = lost.filter(|(field, answer)| kept.get(*field) != Some(answer));
            findings.extend(lost.map(|(field, _)| format!("{field} of the draft {name} is lost")));
        }
        findings
    }
}
