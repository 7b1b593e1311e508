//! `cargo xtask cases`: synthetic cases that fit the HTCDS XLSForm, in three scripts.
//!
//! A line of `cases.jsonl` is one case, answers by question name, as `cairn record new --file -` takes
//! it. `cases-SCRIPT.csv` holds the same for `cairn import`. `canaries.txt` lists the words of planted
//! names, one a line. The same count and seed give the same octets on every machine, and a case does not
//! depend on how many come after it.

mod canary;
mod language;
mod person;
mod random;
mod referral;
pub(crate) mod table;
mod victim;

use std::fs;
use std::path::PathBuf;

use clap::Args;
use serde_json::{Map, Value};

pub(crate) use canary::words as canary_words;
pub(crate) use language::Script;

use self::language::Language;
use self::random::Random;
use crate::trouble::Trouble;

/// Writes synthetic cases that fit the HTCDS form.
#[derive(Debug, Args)]
pub(crate) struct Cases {
    /// How many
    #[arg(long, default_value_t = 300)]
    count: u64,
    /// Which ones: the same seed, the same cases
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Folder to write into; made if missing
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
}

/// One synthetic case.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Case {
    /// How its texts are written.
    pub(crate) script: Script,
    /// Its answers by question name.
    pub(crate) answers: Map<String, Value>,
}

/// Case `number` of `seed`. Scripts take turns.
pub(crate) fn case(seed: u64, number: u64) -> Case {
    let turn = usize::try_from(number % 3).unwrap_or(0);
    let script = Script::ALL.get(turn).copied().unwrap_or(Script::Latin);
    let mut random = Random::for_case(seed, number);
    let language = script.language(&mut random);
    let planted = canary::planted(script, number);
    let mut draft = Draft { random, language, answers: Map::new() };
    let consent = planted.is_some() || draft.random.chance(92);
    draft.answer("con_Consent", if consent { "TRUE" } else { "FALSE" });
    person::describe(&mut draft, consent, planted);
    victim::describe(&mut draft);
    referral::describe(&mut draft, planted);
    Case { script, answers: draft.answers }
}

/// A case while it is being made up.
struct Draft {
    random: Random,
    language: &'static Language,
    answers: Map<String, Value>,
}

impl Draft {
    fn answer(&mut self, question: &str, answer: impl Into<Value>) {
        self.answers.insert(question.to_owned(), answer.into());
    }

    /// Answers so many times in a hundred; otherwise nobody asked.
    fn maybe(&mut self, percent: u64, question: &str, answer: impl FnOnce(&mut Self) -> Value) {
        if self.random.chance(percent) {
            let answer = answer(self);
            self.answer(question, answer);
        }
    }

    fn date(&mut self, years: (u64, u64)) -> String {
        let year = self.random.between(years.0, years.1);
        format!("{year}-{:02}-{:02}", self.random.between(1, 12), self.random.between(1, 28))
    }
}

impl Cases {
    pub(crate) fn run(self) -> Result<(), Trouble> {
        fs::create_dir_all(&self.out).map_err(|error| Trouble::at(&self.out, error))?;
        let cases: Vec<Case> = (0..self.count).map(|number| case(self.seed, number)).collect();
        let mut files = vec![("cases.jsonl".to_owned(), lines(&cases)), ("canaries.txt".to_owned(), words())];
        for script in Script::ALL {
            let own: Vec<&Case> = cases.iter().filter(|case| case.script == script).collect();
            files.push((format!("cases-{}.csv", script.name()), table::csv(&own)));
        }
        for (name, contents) in files {
            let path = self.out.join(name);
            fs::write(&path, &contents).map_err(|error| Trouble::at(&path, error))?;
            println!("{} ({} bytes)", path.display(), contents.len());
        }
        Ok(())
    }
}

fn lines(cases: &[Case]) -> String {
    cases.iter().map(|case| format!("{}\n", Value::Object(case.answers.clone()))).collect()
}

fn words() -> String {
    canary_words().map(|word| format!("{word}\n")).collect()
}

#[cfg(test)]
mod tests;
