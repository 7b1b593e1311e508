//! Each way of merging, between three devices that write at the same time, and against who keeps to none.

use automerge::{ROOT, ScalarValue, transaction::Transactable};
use cairn_wire::digest::Hash;
use proptest::prelude::*;

use super::super::{
    Breach, ChangeError, Lower, edit, edit_with, hash, history, split, synthetic::Dice, take_back,
};
use super::foreign::{breach, foreign_to};
use super::village::{Device, Edits, Sent, forms, take, village_of};
use super::{care, chain, choices, record, said, text};
use crate::form::{Answer, Answers, Entry, Missing, field::field};

fn log(text: &str) -> Answer {
    Answer::Log(vec![Entry::new(text)])
}

fn begun(answers: &[(&str, Answer)]) -> [Device; 3] {
    let answers = answers.iter().map(|(field, answer)| ((*field).to_owned(), answer.clone())).collect();
    village_of(care(), &answers).1
}

/// Everybody hears of everything.
fn meet(devices: &mut [Device; 3]) {
    let all: Vec<Sent> = devices.iter().flat_map(|device| device.sent.clone()).collect();
    devices.iter_mut().for_each(|device| device.hear(&all));
    let [first, rest @ ..] = devices;
    rest.iter().for_each(|device| assert_eq!(device.content(), first.content()));
}

/// Why a document refuses what chain 2 writes by hand.
fn refused(document: &[u8], key: &str, value: impl Into<ScalarValue>) -> Breach {
    let value = value.into();
    let change = foreign_to(document, |transaction| transaction.put(ROOT, key, value).unwrap());
    let mut refused = take(Some(document), &[(chain(2), change)]).refused;
    assert_eq!(refused.len(), 1, "{key} was let in");
    breach(refused.remove(0).1)
}

fn tried(device: &Device, field: &str, answer: Option<Answer>) -> Result<(), ChangeError> {
    let edits = [(field.to_owned(), answer)].into();
    edit(&device.document, &device.form, &edits, &device.by(9)).map(|_| ())
}

fn lower(device: &mut Device, field: &str, answer: Option<Answer>) {
    let edits: Edits = [(field.to_owned(), answer)].into();
    device.keep(edit_with(&device.document, &device.form, &edits, &device.by(9), Lower::Allowed).unwrap());
}

#[test]
fn the_first_answer_stands_and_a_later_one_is_told() {
    let mut devices = begun(&[]);
    // Boris's came first: Anna's device had heard of more before hers.
    devices[0].put("name", text("Нина"), 1);
    devices[0].put("code", text("A"), 2);
    devices[1].put("code", text("B"), 3);
    meet(&mut devices);
    let content = devices[2].content();
    assert_eq!(content.answers["code"], text("B"));
    let told: Vec<_> =
        content.conflicts[0].values.iter().map(|value| value.answer.clone().unwrap()).collect();
    assert_eq!(told, [text("B"), text("A")]);
    // Nobody makes it a third; one of the two can be chosen.
    let answered = Err(ChangeError::Answered { field: "code".to_owned() });
    assert_eq!(tried(&devices[2], "code", Some(text("C"))), answered);
    assert_eq!(refused(&devices[1].document, "code!", "C"), Breach::Rewritten);
    devices[2].put("code", text("A"), 4);
    meet(&mut devices);
    assert_eq!(
        (devices[0].content().answers["code"].clone(), devices[0].content().conflicts),
        (text("A"), vec![])
    );
    for edit in [Some(text("B")), None] {
        assert_eq!(tried(&devices[0], "code", edit), answered);
    }
    assert_eq!(refused(&devices[1].document, "code!", "B"), Breach::Rewritten);
    assert_eq!(refused(&devices[1].document, "code!", ScalarValue::Null), Breach::WrongKind);
    assert_eq!(
        refused(&devices[1].document, "code", "B"),
        Breach::WrongKind,
        "not under the plain key either"
    );
    assert_eq!(history(&devices[0].document, Some("code")).unwrap().len(), 3);
}

#[test]
fn what_nobody_knew_at_first_can_still_be_answered_once() {
    let mut devices = begun(&[("code", Answer::Missing(Missing::Unknown)), ("seen", choices(&["legal"]))]);
    devices[0].put("code", text("A"), 2);
    devices[1].put("code", Answer::Missing(Missing::Declined), 2);
    meet(&mut devices);
    assert_eq!(devices[2].content().answers["code"], text("A"));
    assert_eq!(devices[2].content().conflicts, vec![]);
    assert!(tried(&devices[2], "code", Some(text("B"))).is_err());
    assert!(tried(&devices[2], "seen", Some(choices(&["food"]))).is_err());
    assert_eq!(
        refused(&devices[1].document, "seen!", ScalarValue::Bytes(b"food".to_vec())),
        Breach::Rewritten
    );
}

#[test]
fn a_raise_beats_a_lowering_that_did_not_know_of_it() {
    let mut devices = begun(&[("danger", text("low"))]);
    assert_eq!(
        tried(&devices[0], "danger", Some(text("none"))),
        Err(ChangeError::Lowers { field: "danger".to_owned() })
    );
    lower(&mut devices[0], "danger", Some(text("none")));
    devices[1].put("danger", text("deadly"), 2);
    devices[2].put("danger", text("high"), 2);
    assert_eq!(devices[0].content().answers["danger"], text("none"));
    meet(&mut devices);
    for device in &devices {
        assert_eq!(device.content().answers["danger"], text("deadly"));
        assert_eq!(device.content().conflicts, vec![], "the worst stands without asking");
    }
    let told = history(&devices[1].document, Some("danger")).unwrap();
    assert_eq!(told.iter().filter(|past| past.lowered).count(), 1);
    assert_eq!(told.len(), 4, "nothing that was said is gone");
    // Who saw it lowers it, and again.
    lower(&mut devices[0], "danger", Some(text("low")));
    lower(&mut devices[0], "danger", None);
    meet(&mut devices);
    assert_eq!(devices[2].content().answers.get("danger"), None);
}

#[test]
fn nobody_lowers_in_silence() {
    for (field, high, low, stored) in [
        ("danger", text("high"), text("none"), ScalarValue::from("0 none")),
        ("threats", Answer::Integer(3), Answer::Integer(2), 2i64.into()),
        ("pain", Answer::Decimal(7.5), Answer::Decimal(7.25), 7.25.into()),
        ("minor", text("OK"), Answer::Missing(Missing::Unknown), ScalarValue::Uint(1)),
    ] {
        let [anna, mut boris, chloe] = begun(&[(field, high.clone())]);
        let key = format!("{field}^");
        for value in [stored.clone(), ScalarValue::Null, ScalarValue::Uint(2)] {
            assert_eq!(refused(&anna.document, &key, value), Breach::Lowered, "{field}");
        }
        for better in [Some(low.clone()), None, Some(Answer::Missing(Missing::Declined))] {
            assert!(matches!(tried(&chloe, field, better), Err(ChangeError::Lowers { .. })), "{field}");
        }
        // The control: said openly, the same value gets in.
        lower(&mut boris, field, Some(low.clone()));
        assert_eq!(take(Some(&anna.document), &boris.sent).content.unwrap().answers[field], low);
        let open = foreign_to(&anna.document, |transaction| {
            transaction.put(ROOT, &key, stored.clone()).unwrap();
            transaction.put(ROOT, format!("{field}^-"), 1i64).unwrap();
        });
        assert_eq!(take(Some(&anna.document), &[(chain(2), open)]).refused, vec![], "{field}");
    }
    let [anna, ..] = begun(&[("danger", text("high"))]);
    assert_eq!(refused(&anna.document, "danger^", "9 deadly"), Breach::Unoffered, "a choice knows its place");
    assert_eq!(refused(&anna.document, "danger^", "high"), Breach::WrongKind);
}

#[test]
fn no_answer_hides_no_danger() {
    for why in Missing::ALL {
        let mut devices = begun(&[]);
        devices[0].put("danger", Answer::Missing(why), 2);
        devices[1].put("danger", text("none"), 2);
        meet(&mut devices);
        assert_eq!(devices[2].content().answers["danger"], text("none"));
    }
}

#[test]
fn all_that_was_said_stays_in_one_order() {
    let mut devices = begun(&[("calls", log("first"))]);
    devices[0].put("calls", log("anna"), 30);
    devices[1].put("calls", Answer::Log(vec![Entry::new("boris"), Entry::new("boris again")]), 20);
    meet(&mut devices);
    devices[2].put("calls", log("chloe"), 10);
    meet(&mut devices);
    let all = said(&devices[0].content().answers, "calls");
    assert_eq!((all.len(), all[0].as_str(), all[4].as_str()), (5, "first", "chloe"));
    let Answer::Log(entries) = &devices[1].content().answers["calls"] else { panic!("a log") };
    assert_eq!(entries.iter().map(|entry| entry.time).collect::<Vec<_>>()[4], 10, "clocks order nothing");
    for gone in [None, Some(Answer::Missing(Missing::Declined))] {
        assert_eq!(tried(&devices[0], "calls", gone), Err(ChangeError::Stays { field: "calls".to_owned() }));
    }
    // What is there already is not said again.
    assert_eq!(
        edit(
            &devices[0].document,
            &care(),
            &[("calls".to_owned(), Some(Answer::Log(entries.clone())))].into(),
            &devices[0].by(9)
        )
        .unwrap(),
        None
    );
    let told = history(&devices[0].document, Some("calls")).unwrap();
    assert_eq!(
        told.iter()
            .map(|past| said(&[("calls".to_owned(), past.answer.clone().unwrap())].into(), "calls").len())
            .collect::<Vec<_>>()
            .iter()
            .sum::<usize>(),
        5
    );
}

#[test]
fn nobody_rewrites_what_was_said_or_counts_in_anothers_name() {
    let [anna, boris, _] = begun(&[("calls", log("first")), ("visits", Answer::Integer(3))]);
    let Answer::Log(entries) = &anna.content().answers["calls"] else { panic!("a log") };
    let entry = format!("calls@{}", entries[0].id);
    assert_eq!(refused(&anna.document, &entry, "other"), Breach::Rewritten);
    let forged = format!("calls@{:08x}{}00", 2, "03".repeat(8));
    assert_eq!(refused(&anna.document, &forged, "other"), Breach::Rewritten);
    let counted = format!("visits+{}", "01".repeat(8));
    assert_eq!(refused(&anna.document, &counted, 0i64), Breach::Rewritten);
    assert_eq!(refused(&anna.document, &format!("visits+{}", "02".repeat(8)), "two"), Breach::WrongKind);
    assert_eq!(refused(&anna.document, "visits", 0i64), Breach::WrongKind);
    // The control: in one's own name both get in.
    let mut boris = boris;
    boris.put("calls", log("second"), 2);
    boris.put("visits", Answer::Integer(4), 3);
    let content = take(Some(&anna.document), &boris.sent).content.unwrap();
    assert_eq!(
        (said(&content.answers, "calls").len(), content.answers["visits"].clone()),
        (2, Answer::Integer(4))
    );
}

#[test]
fn counts_made_at_once_add_up() {
    let mut devices = begun(&[("visits", Answer::Integer(3))]);
    devices[0].put("visits", Answer::Integer(4), 2);
    devices[0].put("visits", Answer::Integer(5), 2);
    devices[1].put("visits", Answer::Integer(4), 2);
    devices[2].put("visits", Answer::Integer(2), 2);
    meet(&mut devices);
    assert_eq!(devices[0].content().answers["visits"], Answer::Integer(3 + 2 + 1 - 1));
    devices[1].put("visits", Answer::Integer(0), 3);
    devices[2].put("visits", Answer::Integer(1), 3);
    meet(&mut devices);
    assert_eq!(devices[0].content().answers["visits"], Answer::Integer(0), "never below none");
    devices[0].put("visits", Answer::Integer(2), 4);
    meet(&mut devices);
    assert_eq!(
        devices[1].content().answers["visits"],
        Answer::Integer(2),
        "a number means what its author saw"
    );
    assert!(tried(&devices[1], "visits", None).is_err());
    assert!(tried(&devices[1], "visits", Some(Answer::Integer(-1))).is_err());
}

#[test]
fn what_is_said_again_under_another_name_is_said_once() {
    let [_, mut boris, _] =
        begun(&[("calls", log("first")), ("visits", Answer::Integer(1)), ("danger", text("high"))]);
    for (number, word) in ["one", "two"].into_iter().enumerate() {
        boris.put("calls", log(word), 2);
        boris.put("visits", Answer::Integer(2 + i64::try_from(number).unwrap()), 2);
    }
    lower(&mut boris, "danger", Some(text("low")));
    let unsent = boris.sent.iter().filter_map(|(_, change)| hash(change)).collect();
    let back = take_back(&boris.document, &unsent).unwrap().unwrap();
    let about = super::super::About { record: record(9), part: "case" };
    let again = back.say(&forms, &about, chain(7)).unwrap();
    let content = super::super::read(&again.document).unwrap();
    assert_eq!(said(&content.answers, "calls"), ["first", "one", "two"]);
    assert_eq!((&content.answers["visits"], &content.answers["danger"]), (&Answer::Integer(3), &text("low")));
}

/// One device writes, or hears of some of what the others wrote.
#[derive(Debug, Clone)]
enum Act {
    Write(usize, &'static str, Answer),
    Lower(usize, &'static str, Answer),
    /// Writes in a row of two, or takes it away.
    Row(usize, usize, Option<Answer>),
    Hear(usize, usize),
}

/// Two rows that anybody may begin, write in, and take away.
const ROWS: [&str; 2] = ["000000000000000a", "000000000000000b"];

fn any_act() -> impl Strategy<Value = Act> {
    let danger = || prop::sample::select(vec!["none", "low", "high", "deadly"]).prop_map(text);
    let missing = prop::sample::select(Missing::ALL.to_vec()).prop_map(Answer::Missing);
    let number = || (0i64..6).prop_map(Answer::Integer);
    let write = prop_oneof![
        ("[ab]").prop_map(|word| ("code", text(&word))),
        danger().prop_map(|danger| ("danger", danger)),
        missing.prop_map(|missing| ("danger", missing)),
        number().prop_map(|number| ("threats", number)),
        number().prop_map(|number| ("visits", number)),
        ("[ab]{1,2}").prop_map(|word| ("calls", log(&word))),
    ];
    prop_oneof![
        4 => (0usize..3, write).prop_map(|(who, (field, answer))| Act::Write(who, field, answer)),
        1 => (0usize..3, danger()).prop_map(|(who, danger)| Act::Lower(who, "danger", danger)),
        1 => (0usize..3, number()).prop_map(|(who, number)| Act::Lower(who, "threats", number)),
        3 => (0usize..3, 0usize..2, prop::option::of("[ab]{1,2}".prop_map(|word| text(&word))))
            .prop_map(|(who, row, answer)| Act::Row(who, row, answer)),
        2 => (0usize..3, 0usize..3).prop_map(|(who, whom)| Act::Hear(who, whom)),
    ]
}

/// How bad an answer is; whatever says nothing is none.
fn badness(answer: Option<&Answer>) -> usize {
    match answer {
        Some(Answer::Text(name)) => {
            1 + ["none", "low", "high", "deadly"].iter().position(|one| one == name).unwrap()
        }
        _ => 0,
    }
}

/// Whether the change `later` has `earlier` in its past.
fn builds_on(all: &[Sent], later: &Hash, earlier: &Hash) -> bool {
    let change = all.iter().find(|(_, change)| hash(change).as_ref() == Some(later));
    let Some((deps, _)) = change.and_then(|(_, change)| split(change)) else { return false };
    deps.iter().any(|dep| dep == earlier || builds_on(all, dep, earlier))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// The promise of every way at once, for three devices, whatever they heard of when.
    #[test]
    fn whatever_is_heard_when_all_say_the_same_and_nothing_is_lost(
        acts in prop::collection::vec(any_act(), 1..14),
        seed in any::<u64>(),
    ) {
        let (begun, mut devices) = village_of(care(), &Answers::new());
        let (mut words, mut counted, mut said_of_rows) = (0, 0i64, Vec::new());
        for (act, time) in acts.iter().zip(2..) {
            match act {
                Act::Write(who, field, answer) => {
                    let device = &mut devices[*who];
                    let before = device.content();
                    let edits: Edits = [((*field).to_owned(), Some(answer.clone()))].into();
                    match edit(&device.document, &care(), &edits, &device.by(time)) {
                        Ok(Some(written)) => device.keep(Some(written)),
                        Ok(None) => continue,
                        Err(ChangeError::Answered { .. }) => {
                            prop_assert!(before.answers.contains_key("code"));
                            continue;
                        }
                        Err(ChangeError::Lowers { .. }) => {
                            prop_assert!(before.answers.contains_key(*field));
                            continue;
                        }
                        Err(other) => return Err(TestCaseError::fail(other.to_string())),
                    }
                    prop_assert!(badness(before.answers.get("danger")) <= badness(devices[*who].content().answers.get("danger")));
                    words += usize::from(*field == "calls");
                    if let ("visits", Answer::Integer(number)) = (*field, answer) {
                        // What was seen, not clamped: the test only counts while nobody goes below none.
                        let seen = match before.answers.get("visits") { Some(Answer::Integer(seen)) => *seen, _ => 0 };
                        counted += number - seen;
                    }
                }
                Act::Lower(who, field, answer) => lower(&mut devices[*who], field, Some(answer.clone())),
                Act::Row(who, row, answer) => {
                    let key = match answer {
                        Some(_) => field("who", &[ROWS[*row]]),
                        None => crate::form::field::row("people", &[ROWS[*row]]),
                    };
                    let device = &mut devices[*who];
                    let before = device.sent.len();
                    device.edit(&[(key, answer.clone())].into(), time);
                    if device.sent.len() > before {
                        let hash = hash(&device.sent[before].1).unwrap();
                        said_of_rows.push((hash, *row, answer.is_some()));
                    }
                }
                Act::Hear(who, whom) => {
                    let sent = devices[*whom].sent.clone();
                    let known: Vec<Sent> = sent.into_iter().collect();
                    let admission = take(Some(&devices[*who].document), &known);
                    prop_assert!(admission.refused.iter().all(|(_, refusal)| refusal.may_pass_later()));
                    if let Some(document) = admission.document { devices[*who].document = document; }
                }
            }
        }
        let mut all: Vec<Sent> = devices.iter().flat_map(|device| device.sent.clone()).collect();
        devices.iter_mut().for_each(|device| device.hear(&all));
        let content = devices[0].content();
        prop_assert_eq!(&devices[1].content(), &content);
        prop_assert_eq!(&devices[2].content(), &content);
        prop_assert_eq!(said(&content.answers, "calls").len(), words);
        if let Some(Answer::Integer(total)) = content.answers.get("visits") {
            prop_assert!(*total == counted.max(0) || counted < *total, "{} {}", total, counted);
        }
        // A row is there if the last word on it of some branch is that it is: of a word that nobody knew who spoke
        // after it.
        for (row, id) in ROWS.iter().enumerate() {
            let own: Vec<_> = said_of_rows.iter().filter(|(_, of, _)| *of == row).collect();
            let known = |word: &Hash| -> bool {
                own.iter().any(|(later, _, _)| later != word && builds_on(&all, later, word))
            };
            let there = own.iter().any(|(word, _, there)| *there && !known(word));
            let key = crate::form::field::row("people", &[*id]);
            prop_assert_eq!(content.answers.contains_key(&key), there, "row {}", row);
        }
        // In any order, one by one, it comes to the same.
        let mut dice = Dice(seed);
        let mut document = take(None, &[begun]).document.unwrap();
        while !all.is_empty() {
            let place = usize::try_from(dice.below(all.len() as u64)).unwrap();
            let admission = take(Some(&document), &all[place..=place]);
            if admission.refused.is_empty() {
                all.swap_remove(place);
                document = admission.document.unwrap_or(document);
            } else {
                prop_assert!(admission.refused[0].1.may_pass_later(), "{}", admission.refused[0].1);
            }
        }
        prop_assert_eq!(super::super::read(&document).unwrap(), content.clone());
        // Every word anybody gave is in the history.
        let told = history(&document, None).unwrap();
        for one in devices.iter().flat_map(|device| &device.sent) {
            let name = hash(&one.1).unwrap();
            prop_assert!(told.iter().any(|past| past.change == name));
        }
    }
}
