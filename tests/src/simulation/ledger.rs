//! What people were told is saved, and what must have become of it in the end.

use std::collections::{BTreeMap, BTreeSet};

use cairn_core::Vault;
use cairn_core::form::Answer;
use cairn_core::form::field::field;
use cairn_core::form::rows::rows;

use crate::level::shown;

/// What an entry says. Every value occurs once in a world.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Said {
    /// A record of this name.
    Record(String),
    /// This age was given.
    Age(i64),
    /// This word was put into a story.
    Word(String),
    /// This was added to a log.
    Call(String),
    /// Somebody of this name was added in a row.
    Row(String),
}

/// What must become of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fate {
    /// It must be there.
    Kept,
    /// It may be there: the disk it was on was put back, and it may have left before.
    Open,
    /// It must be nowhere: a revoked device said it too late.
    Nowhere,
}

struct Entry {
    said: Said,
    /// The title of the record it is about.
    about: String,
    /// Who that belongs holds it for sure, and since when.
    holders: BTreeMap<usize, u64>,
    /// Whether the server holds it for sure.
    sent: bool,
    /// Whether it may have left.
    loose: bool,
    fate: Fate,
}

/// Everything that was said in a world.
#[derive(Default)]
pub(crate) struct Ledger {
    entries: Vec<Entry>,
    /// Titles of records that were erased, and what must become of all that is about them.
    erased: BTreeMap<String, Fate>,
    ticks: u64,
}

impl Ledger {
    /// A number that nobody has had.
    pub(crate) fn tick(&mut self) -> u64 {
        self.ticks += 1;
        self.ticks
    }

    /// `who` was told that it is saved.
    pub(crate) fn said(&mut self, who: usize, about: &str, said: Said, revoked: bool) {
        let fate = if revoked { Fate::Nowhere } else { Fate::Kept };
        self.entries.push(Entry {
            said,
            about: about.to_owned(),
            holders: BTreeMap::from([(who, self.ticks)]),
            sent: false,
            loose: false,
            fate: self.erased.get(about).copied().unwrap_or(fate),
        });
    }

    /// The server took all that `who` had.
    pub(crate) fn sent(&mut self, who: usize) {
        let held = self.entries.iter_mut().filter(|entry| entry.holders.contains_key(&who));
        held.for_each(|entry| entry.sent = true);
    }

    /// `who`, who belongs, synced: the server took all it had, and gave it all that is there.
    pub(crate) fn synced(&mut self, who: usize) {
        self.sent(who);
        let now = self.tick();
        for entry in self.entries.iter_mut().filter(|entry| entry.sent) {
            entry.holders.entry(who).or_insert(now);
        }
    }

    /// Something of what `who` has may have left.
    pub(crate) fn set_out(&mut self, who: usize) {
        let held = self.entries.iter_mut().filter(|entry| entry.holders.contains_key(&who));
        held.for_each(|entry| entry.loose = true);
    }

    /// `copy` has all that `who` has.
    pub(crate) fn copied(&mut self, who: usize, copy: usize) {
        for entry in &mut self.entries {
            if let Some(since) = entry.holders.get(&who).copied() {
                entry.holders.insert(copy, since);
            }
        }
    }

    /// `who` has lost all it got since `tick`.
    pub(crate) fn put_back(&mut self, who: usize, tick: u64) {
        for entry in &mut self.entries {
            if entry.holders.get(&who).is_some_and(|since| *since > tick) {
                entry.holders.remove(&who);
            }
        }
        self.note_lost();
    }

    /// The server has lost something.
    pub(crate) fn server_lost(&mut self) {
        self.entries.iter_mut().for_each(|entry| entry.sent = false);
        self.note_lost();
    }

    /// What nobody holds for sure may be gone.
    fn note_lost(&mut self) {
        let nowhere = |entry: &&mut Entry| entry.holders.is_empty() && !entry.sent;
        let lost = self.entries.iter_mut().filter(nowhere).filter(|entry| entry.fate == Fate::Kept);
        lost.for_each(|entry| entry.fate = Fate::Open);
    }

    /// These have been revoked: what they have not sent comes too late.
    pub(crate) fn revoked(&mut self, all: &BTreeSet<usize>) {
        for entry in &mut self.entries {
            let theirs = !entry.holders.is_empty() && entry.holders.keys().all(|who| all.contains(who));
            if theirs && !entry.sent && entry.fate == Fate::Kept {
                entry.fate = if entry.loose { Fate::Open } else { Fate::Nowhere };
            }
            entry.holders.retain(|who, _| !all.contains(who));
        }
    }

    /// What was said too late may count after all, since the office accepts all letters.
    pub(crate) fn accepted(&mut self) {
        let erased = &self.erased;
        let late = self.entries.iter_mut().filter(|entry| !erased.contains_key(&entry.about));
        late.filter(|entry| entry.fate == Fate::Nowhere).for_each(|entry| entry.fate = Fate::Open);
    }

    /// A record of this title was erased: all about it must be nowhere, or may be there once under another name
    /// if some vault has been `copied`.
    pub(crate) fn erased(&mut self, title: &str, copied: bool) {
        let fate = if copied { Fate::Open } else { Fate::Nowhere };
        self.erased.insert(title.to_owned(), fate);
        let about = self.entries.iter_mut().filter(|entry| entry.about == title);
        about.for_each(|entry| entry.fate = fate);
    }

    /// Claims something that nobody said.
    pub(crate) fn forge(&mut self) {
        self.said(0, "nothing", Said::Age(-1), false);
    }

    /// Claims that the first thing that must be there was said too late.
    pub(crate) fn forge_late(&mut self) {
        if let Some(entry) = self.entries.iter_mut().find(|entry| entry.fate == Fate::Kept) {
            entry.fate = Fate::Nowhere;
        }
    }

    /// What is missing, doubled, or there although it must not be.
    pub(crate) fn missing(&self, vault: &Vault) -> Vec<String> {
        let mut times: BTreeMap<Said, usize> = BTreeMap::new();
        for (record, view) in shown(vault) {
            *times.entry(Said::Record(view.title)).or_default() += 1;
            let past = vault.history(&record, Some("age")).unwrap_or_default();
            let ages: BTreeSet<i64> = past
                .into_iter()
                .filter_map(|past| match past.answer {
                    Some(Answer::Integer(age)) => Some(age),
                    _ => None,
                })
                .collect();
            ages.into_iter().for_each(|age| *times.entry(Said::Age(age)).or_default() += 1);
            if let Some(Answer::Narrative(story)) = view.answers.get("story") {
                let words = story.split_whitespace().map(str::to_owned);
                words.for_each(|word| *times.entry(Said::Word(word)).or_default() += 1);
            }
            if let Some(Answer::Log(entries)) = view.answers.get("calls") {
                let calls = entries.iter().map(|entry| Said::Call(entry.text.clone()));
                calls.for_each(|call| *times.entry(call).or_default() += 1);
            }
            for row in rows(&view.answers, "people", &[]) {
                if let Some(Answer::Text(who)) = view.answers.get(&field("who", &[row])) {
                    *times.entry(Said::Row(who.clone())).or_default() += 1;
                }
            }
        }
        let mut findings = Vec::new();
        for entry in &self.entries {
            let times = times.get(&entry.said).copied().unwrap_or_default();
            let said = &entry.said;
            match (entry.fate, times) {
                (Fate::Kept, 1) | (Fate::Open, 0 | 1) | (Fate::Nowhere, 0) => {}
                (Fate::Kept, 0) => findings.push(format!("{said:?} was told to be saved and is gone")),
                (Fate::Nowhere, _) => findings.push(format!("{said:?} was said too late and is there")),
                (_, times) => findings.push(format!("{said:?} is there {times} times")),
            }
        }
        findings
    }
}
