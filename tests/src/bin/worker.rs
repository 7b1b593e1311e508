//! Somebody at work in a process of its own, which a test may kill at any moment.
//!
//! `worker FOLDER PASSPHRASE honest|hasty RUN`: saves records without end and says so, one line each,
//! syncing now and then. The hasty one says so before it saves: what a test must notice.
//!
//! `worker FOLDER PASSPHRASE drafting|drafting-hastily RUN`: answers the questions of drafts without end and says
//! so, `DRAFT FIELD ANSWER` each; every fourth draft is finished, which is said as a record.
#![allow(clippy::expect_used, reason = "part of the tests: a panic here is the report")]

use std::collections::BTreeMap;
use std::io::Write;

use cairn_core::Vault;
use cairn_core::change::Lower;
use cairn_core::form::{Answer, Answers};
use cairn_core::transport::Https;
use cairn_tests::dice::Dice;
use cairn_tests::sample::{self, plain};

/// How many records the hasty worker holds back.
const HASTE: usize = 8;

fn main() {
    let mut arguments = std::env::args().skip(1);
    let mut next = || arguments.next().expect("FOLDER PASSPHRASE honest|hasty RUN");
    let (folder, passphrase, manner, run) = (next(), next(), next(), next());
    let mut vault = Vault::open(folder.as_ref(), &passphrase).expect("the vault opens");
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

fn save(vault: &mut Vault, answers: Answers) {
    vault.new_record("sample", answers).expect("the record is saved");
}

/// Says that a record is safe. The parent may be gone: then there is nobody to work for.
fn tell(name: &str) {
    let mut out = std::io::stdout().lock();
    if writeln!(out, "{name}").and_then(|()| out.flush()).is_err() {
        std::process::exit(0);
    }
}
