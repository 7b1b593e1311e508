//! Somebody at work in a process of its own, which a test may kill at any moment.
//!
//! `worker FOLDER PASSPHRASE honest|hasty RUN`: saves records without end and says so, one line each,
//! syncing now and then. The hasty one says so before it saves: what a test must notice.
//!
//! `worker FOLDER PASSPHRASE drafting|drafting-hastily RUN`: answers the questions of drafts without end and says
//! so, `DRAFT FIELD ANSWER` each; every fourth draft is finished, which is said as a record.
//!
//! `worker FOLDER PASSPHRASE sealing|keeping WORD`: fills a draft of a sealed form with the word, finishes it unless it
//! is to be kept, says so, and waits to be killed.
//!
//! `worker FOLDER PASSPHRASE working|working-carelessly RUN [ACTS]`: does everything a vault is for and tells each act
//! when it is done ([`cairn_tests::working`]); the careless one does not sync what it commits.
//!
//! `worker FOLDER PASSPHRASE opening RUN`: opens the vault and says so; under duress, what that does.
#![allow(clippy::expect_used, reason = "part of the tests: a panic here is the report")]

use std::collections::BTreeMap;

use cairn_core::Vault;
use cairn_core::change::Lower;
use cairn_core::form::{Answer, Answers};
use cairn_core::transport::Https;
use cairn_tests::dice::Dice;
use cairn_tests::sample::{self, plain};
use cairn_tests::working::{Working, machine, tell};

/// How many records the hasty worker holds back.
const HASTE: usize = 8;

fn main() {
    let mut arguments = std::env::args().skip(1);
    let mut next = || arguments.next().expect("FOLDER PASSPHRASE MANNER RUN");
    let (folder, passphrase, manner, run) = (next(), next(), next(), next());
    if let Some(manner) = manner.strip_prefix("working") {
        let acts = arguments.next().map_or(u64::MAX, |acts| acts.parse().expect("ACTS is a number"));
        match Working::begin(folder.as_ref(), &passphrase, &run, !manner.is_empty()) {
            Ok(mut working) => working.go_on(acts),
            Err(error) => tell(&format!("failed open {} {}", error.who().name(), error.code())),
        }
        return;
    }
    if manner == "opening" {
        let vault = Vault::open_on(folder.as_ref(), &passphrase, &machine()).expect("the vault opens");
        tell("opened");
        vault.lock().expect("the vault locks");
        return;
    }
    let mut vault = Vault::open(folder.as_ref(), &passphrase).expect("the vault opens");
    if ["sealing", "keeping"].contains(&manner.as_str()) {
        seal(&mut vault, &run, manner == "sealing");
    }
    let mut dice = Dice::new(run.parse().expect("RUN is a number"));
    if let Some(manner) = manner.strip_prefix("drafting") {
        draft(&mut vault, &run, !manner.is_empty());
    }
    let mut held: Vec<Answers> = Vec::new();
    for number in 0.. {
        let name = format!("Record {run}-{number}");
        let answers = sample::answers(&name, &mut dice);
        if manner == "hasty" {
            held.push(answers);
            tell(&name);
            if held.len() == HASTE {
                held.drain(..).for_each(|answers| save(&mut vault, answers));
            }
        } else {
            save(&mut vault, answers);
            tell(&name);
        }
        if dice.once_in(6) {
            let address = vault.server().expect("the vault reads").expect("a server");
            let transport = Https::new(&address.url, address.key, None).expect("an address");
            // Without a network the work goes on.
            let _ = vault.sync(&transport, |_| {});
        }
    }
}

/// What is given to a field of a draft, told from what is given to every other.
fn given(field: &str, run: &str, number: u64) -> Answer {
    match field {
        "age" => Answer::Integer(number as i64 % 90),
        "story" => Answer::Narrative(format!("Synthetic story {run}-{number}")),
        _ => Answer::Text(format!("Record {run}-{number}")),
    }
}

fn draft(vault: &mut Vault, run: &str, is_hasty: bool) -> ! {
    let mut held = Vec::new();
    for number in 0.. {
        let draft = vault.begin_draft("sample", None).expect("a draft");
        for field in ["name", "age", "story"] {
            let answer = given(field, run, number);
            let line = format!("{draft} {field} {}", plain(&answer));
            held.push((draft, BTreeMap::from([(field.to_owned(), Some(answer))])));
            if is_hasty {
                tell(&line);
            }
            if !is_hasty || held.len() == 3 * HASTE {
                for (draft, edit) in held.drain(..) {
                    vault.answer_draft(draft, &edit).expect("an answer is kept");
                }
            }
            if !is_hasty {
                tell(&line);
            }
        }
        if !is_hasty && number % 4 == 3 {
            vault.finish_draft(draft, Lower::Refused).expect("the record is saved");
            tell(&format!("{draft} finished Record {run}-{number}"));
        }
    }
    unreachable!("numbers do not end")
}

/// One draft or sealed record, and no good end.
fn seal(vault: &mut Vault, word: &str, finishes: bool) -> ! {
    let draft = vault.begin_draft("sealed", None).expect("a draft");
    for (field, answer) in [
        ("name", Answer::Text(word.to_owned())),
        ("story", Answer::Narrative(format!("{word} was seen. ").repeat(400))),
    ] {
        let edit = BTreeMap::from([(field.to_owned(), Some(answer))]);
        vault.answer_draft(draft, &edit).expect("an answer is kept");
    }
    if finishes {
        vault.finish_draft(draft, Lower::Refused).expect("the record is sealed");
    }
    tell("done");
    loop {
        std::thread::park();
    }
}

fn save(vault: &mut Vault, answers: Answers) {
    vault.new_record("sample", answers).expect("the record is saved");
}
