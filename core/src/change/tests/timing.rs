//! How long things take: `cargo test --release -p cairn-core change::tests::timing -- --ignored --nocapture`.

use std::{sync::Arc, time::Instant};

use super::super::{About, Arrival, Stamp, admit, edit, first, history, read, synthetic};
use super::{chain, narrative, question, record, text};
use crate::form::{Answers, Form, Kind};

/// The shortest of many rounds, so that other work on the machine hardly counts.
fn time(what: &str, rounds: u32, mut work: impl FnMut()) {
    let shortest = (0..rounds).map(|_| {
        let started = Instant::now();
        work();
        started.elapsed()
    });
    println!("{what:<44} {:>8.1} µs", shortest.min().unwrap().as_secs_f64() * 1e6);
}

/// Thirty questions, all answered.
fn thirty() -> (Arc<Form>, Answers) {
    let questions = (0..29).map(|number| question(&format!("grp_question_{number:02}"), Kind::Text));
    let questions: Vec<_> = questions.chain([question("story", Kind::Narrative)]).collect();
    let mut answers: Answers = questions
        .iter()
        .map(|asked| (asked.name.clone(), text(&format!("value of {}", asked.name))))
        .collect();
    answers.insert("story".to_owned(), narrative("She crossed at night."));
    (Arc::new(Form { questions, ..super::interview() }), answers)
}

#[test]
#[ignore = "measures"]
fn how_long_things_take() {
    let (form, answers) = thirty();
    let forms = |_: &str, _: &str| Some(form.clone());
    let by = Stamp { chain: chain(1), time: 1 };
    let about = About { record: record(1), part: "case" };
    let begun = first(&form, &about, &answers, &by).unwrap();
    let edits = [("grp_question_07".to_owned(), Some(text("another value")))].into();
    let edited = edit(&begun.document, &form, &edits, &by).unwrap().unwrap();
    let arrivals = [&begun.change, &edited.change].map(|change| Arrival { chain: chain(1), change });
    println!(
        "first {} octets, edit {}, document {}",
        begun.change.len(),
        edited.change.len(),
        edited.document.len()
    );

    time("· inspect", 2_000, || drop(super::super::bounds::inspect(&begun.change)));
    time("· parse", 2_000, || drop(super::super::rest::parse(&begun.change)));
    let parsed = super::super::rest::parse(&begun.change).unwrap();
    time("· decode", 2_000, || drop(parsed.decode()));
    let expanded = parsed.decode();
    time("· what it begins", 2_000, || drop(super::super::first::beginning(&expanded)));
    time("· build", 2_000, || drop(super::super::first::build(&form, &about, &answers, &by)));
    let loaded = super::super::rest::load(&edited.document).unwrap();
    time("· load", 500, || drop(super::super::rest::load(&edited.document)));
    time("· copy", 500, || drop(loaded.clone()));
    time("· save", 500, || drop(super::super::rest::whole(&loaded)));
    time("· content", 500, || drop(super::super::read::content(&loaded)));
    time("· lineage", 500, || drop(super::super::lineage::Lineage::of(&loaded)));
    let base = super::super::rest::load(&begun.document).unwrap();
    time("· load single", 500, || drop(super::super::rest::load(&begun.document)));
    let change = super::super::rest::parse(&edited.change).unwrap();
    time("· copy and apply", 500, || drop(base.clone().apply_changes([change.clone()])));
    time("· get back", 500, || drop(automerge::ReadDoc::get_change_by_hash(&loaded, &change.hash())));
    let seen = change.decode();
    time("· replaces", 500, || drop(super::super::vet::replaces_what_it_saw(&loaded, &form, &seen)));
    let past = super::super::lineage::Lineage::of(&base).unwrap().follow(&change).unwrap();
    time("· vet", 500, || drop(super::super::vet::vet(&seen, &form, "case", &past)));
    time("first", 2_000, || drop(first(&form, &about, &answers, &by)));
    time("read, never edited", 2_000, || drop(read(&begun.document)));
    time("read, edited", 1_000, || drop(read(&edited.document)));
    time("edit a fresh document", 500, || drop(edit(&begun.document, &form, &edits, &by)));
    let more = [("grp_question_09".to_owned(), Some(text("more")))].into();
    time("edit an edited document", 500, || drop(edit(&edited.document, &form, &more, &by)));
    time("admit a first change", 1_000, || drop(admit(None, &arrivals[..1], &forms)));
    time("admit a first change and an edit", 500, || drop(admit(None, &arrivals, &forms)));
    time("admit an edit", 500, || drop(admit(Some(&begun.document), &arrivals[1..], &forms)));
    time("history", 500, || drop(history(&edited.document, None)));
    time("100 samples", 5, || drop(synthetic(&form, 1, 100)));

    let mut long = begun.document.clone();
    for number in 0..500 {
        let edits = [("grp_question_07".to_owned(), Some(text(&format!("value {number}"))))].into();
        long = edit(&long, &form, &edits, &by).unwrap().unwrap().document;
    }
    time("edit after 500 edits", 50, || drop(edit(&long, &form, &more, &by)));
    let pages = [("story".to_owned(), Some(narrative(&"word ".repeat(4_000))))].into();
    time("write 20,000 letters", 5, || drop(edit(&begun.document, &form, &pages, &by)));
}
