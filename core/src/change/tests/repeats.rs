//! Rows come together by what they are, not by where they stand.

use automerge::{ROOT, transaction::Transactable};

use super::super::{Breach, history, read};
use super::foreign::{breach, foreign_to};
use super::village::{Device, Edits, Sent, take, village_of};
use super::{care, chain, choices, narrative, said, text};
use crate::form::{
    Answer, Answers, Entry,
    field::{field, next_row_id, row},
    rows::rows,
};

/// A row's identifier: the dice are `random`.
fn id(after: Option<&str>, random: u64) -> String {
    next_row_id(after, random << 16)
}

fn begun(answers: &[(String, Answer)]) -> [Device; 3] {
    village_of(care(), &answers.iter().cloned().collect()).1
}

fn meet(devices: &mut [Device; 3]) {
    let all: Vec<Sent> = devices.iter().flat_map(|device| device.sent.clone()).collect();
    devices.iter_mut().for_each(|device| device.hear(&all));
    let [first, rest @ ..] = devices;
    rest.iter().for_each(|device| assert_eq!(device.content(), first.content()));
}

fn add(device: &mut Device, id: &str, who: &str) {
    device.put(&field("who", &[id]), text(who), 2);
}

#[test]
fn rows_added_at_once_are_all_there_and_none_is_mixed_with_another() {
    let first = id(None, 5);
    let mut devices = begun(&[(field("who", &[&first]), text("first"))]);
    let second = id(Some(&first), 9);
    add(&mut devices[0], &second, "anna's");
    let other = id(Some(&first), 3);
    add(&mut devices[1], &other, "boris's");
    devices[1].put(&field("risk", &[&other]), text("high"), 3);
    let third = id(Some(&other), 1);
    add(&mut devices[1], &third, "boris's second");
    meet(&mut devices);
    let answers = devices[2].content().answers;
    assert_eq!(rows(&answers, "people", &[]), [first.as_str(), &other, &second, &third]);
    assert_eq!(answers[&field("who", &[&second])], text("anna's"));
    assert_eq!(answers.get(&field("risk", &[&second])), None);
    assert_eq!(answers[&field("risk", &[&other])], text("high"));
    assert_eq!(devices[2].content().conflicts, vec![]);
}

#[test]
fn each_way_of_merging_holds_in_each_row() {
    let (one, two) = (id(None, 1), id(None, 2));
    let mut devices = begun(&[(field("who", &[&one]), text("x")), (field("who", &[&two]), text("y"))]);
    for (number, device) in (0i64..).zip(&mut devices) {
        let levels = ["low", "deadly", "high"];
        device.put(&field("risk", &[&one]), text(levels[usize::try_from(number).unwrap()]), 2);
        device.put(&field("met", &[&two]), Answer::Integer(1), 2);
        device.put(&field("tale", &[&one]), narrative(&format!("{number}")), 2);
        device.put(&field("held", &[&two, &id(None, 7)]), Answer::Log(vec![Entry::new("taken")]), 2);
    }
    meet(&mut devices);
    let answers = devices[0].content().answers;
    assert_eq!(answers[&field("risk", &[&one])], text("deadly"));
    assert_eq!(answers[&field("met", &[&two])], Answer::Integer(3));
    assert_eq!(said(&answers, &field("held", &[&two, &id(None, 7)])).len(), 3);
    let Answer::Narrative(tale) = &answers[&field("tale", &[&one])] else { panic!("a narrative") };
    assert_eq!(tale.len(), 3, "three people wrote into one text: {tale}");
    assert_eq!(devices[0].content().conflicts, vec![]);
}

#[test]
fn a_row_that_somebody_writes_in_is_not_taken_away_at_the_same_time() {
    let (one, inner) = (id(None, 1), id(None, 2));
    let start = [(field("who", &[&one]), text("x")), (field("paper", &[&one, &inner]), text("passport"))];
    // The control: taken away while nobody writes, it is gone.
    let mut devices = begun(&start);
    devices[0].edit(&Edits::from([(row("people", &[&one]), None)]), 2);
    meet(&mut devices);
    assert_eq!(devices[1].content().answers, Answers::new());
    for (field, answer) in [
        (field("who", &[&one]), text("z")),
        (field("tale", &[&one]), narrative("She said.")),
        (field("paper", &[&one, &inner]), text("a copy")),
        (field("paper", &[&one, &id(None, 9)]), text("another")),
    ] {
        let mut devices = begun(&start);
        devices[0].edit(&Edits::from([(row("people", &[&one]), None)]), 2);
        devices[1].put(&field, answer.clone(), 2);
        assert_eq!(devices[0].content().answers, Answers::new());
        meet(&mut devices);
        let answers = devices[0].content().answers;
        assert_eq!(answers[&field], answer, "{field}");
        assert!(answers.contains_key(&super::super::super::form::field::field("who", &[&one])));
    }
}

#[test]
fn what_was_taken_away_keeps_what_it_says_and_can_be_brought_back() {
    let (one, inner) = (id(None, 1), id(None, 2));
    let mut devices = begun(&[
        (field("who", &[&one]), text("x")),
        (field("paper", &[&one, &inner]), text("passport")),
        ("needs".to_owned(), choices(&["food"])),
    ]);
    let before = devices[0].content().answers;
    devices[0].edit(&Edits::from([(row("papers", &[&one, &inner]), None)]), 2);
    assert_eq!(devices[0].content().answers.get(&field("paper", &[&one, &inner])), None);
    devices[0].edit(&Edits::from([(row("people", &[&one]), None)]), 3);
    assert_eq!(devices[0].content().answers.keys().collect::<Vec<_>>(), ["needs"]);
    meet(&mut devices);
    devices[2].edit(&Edits::from([(row("papers", &[&one, &inner]), Some(Answer::Row))]), 4);
    meet(&mut devices);
    assert_eq!(devices[0].content().answers, before);
    let told = history(&devices[0].document, Some(&row("people", &[&one]))).unwrap();
    let told: Vec<_> = told.into_iter().map(|past| past.answer).collect();
    assert_eq!(told, [Some(Answer::Row), None, Some(Answer::Row)]);
}

#[test]
fn a_row_is_there_only_if_its_change_says_so() {
    let one = id(None, 1);
    let [anna, ..] = begun(&[(field("who", &[&one]), text("x"))]);
    let put = |key: String, value: &str, also: Option<(String, i64)>| {
        let change = foreign_to(&anna.document, |transaction| {
            transaction.put(ROOT, key, value).unwrap();
            if let Some((row, word)) = also {
                transaction.put(ROOT, row, word).unwrap();
            }
        });
        let admission = take(Some(&anna.document), &[(chain(2), change)]);
        admission.refused.into_iter().next().map(|(_, refusal)| breach(refusal))
    };
    let who = field("who", &[&one]);
    assert_eq!(put(who.clone(), "y", None), Some(Breach::NoRow));
    assert_eq!(put(who.clone(), "y", Some((row("people", &[&one]), -2))), Some(Breach::NoRow));
    assert_eq!(put(who.clone(), "y", Some((row("people", &[&one]), 2))), None);
    assert_eq!(put(who.clone(), "y", Some((row("people", &[&one]), 0))), Some(Breach::WrongKind));
    let inner = id(None, 2);
    let paper = field("paper", &[&one, &inner]);
    assert_eq!(
        put(paper, "y", Some((row("papers", &[&one, &inner]), 1))),
        Some(Breach::NoRow),
        "the outer one too"
    );
    for strange in
        ["who", "who#1", "who#ZZZZZZZZZZZZZZZZ", &field("who", &[&one, &one]), &field("name", &[&one])]
    {
        assert_eq!(put(strange.to_owned(), "y", None), Some(Breach::Unasked), "{strange}");
    }
    for strange in
        [row("more", &[&one]), row("people", &[]), row("people", &[&one, &one]), row("goods", &[&one])]
    {
        assert_eq!(put(who.clone(), "y", Some((strange.clone(), 1))), Some(Breach::Unasked), "{strange}");
    }
}

#[test]
fn a_first_change_with_rows_is_read_as_it_was_written() {
    let (one, two, inner) = (id(None, 1), id(None, 2), id(None, 3));
    let answers = Answers::from([
        (field("who", &[&one]), text("x")),
        (field("tale", &[&two]), narrative("once")),
        (field("held", &[&two, &inner]), Answer::Log(vec![Entry::new("taken"), Entry::new("lost")])),
        ("visits".to_owned(), Answer::Integer(2)),
        ("danger".to_owned(), text("high")),
        ("seen".to_owned(), choices(&["food", "legal"])),
    ]);
    let (begun, [mut anna, ..]) = village_of(care(), &answers);
    let single = read(&anna.document).unwrap().answers;
    assert_eq!(take(None, &[begun]).document.unwrap(), anna.document, "built as others would build it");
    anna.put("name", text("Нина"), 2);
    let mut whole = anna.content().answers;
    whole.remove("name");
    assert_eq!(whole, single, "read from its operations as from the document");
    assert_eq!(said(&single, &field("held", &[&two, &inner])), ["taken", "lost"]);
    assert_eq!(rows(&single, "people", &[]).len(), 2);
    assert_eq!(anna.document[0], 2);
}
