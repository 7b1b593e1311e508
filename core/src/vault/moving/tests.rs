//! Records and the editions of their form, through the front door.

use std::collections::BTreeMap;

use cairn_wire::digest::VerifyingKey;
use cairn_wire::id::RecordId;

use super::*;
use crate::form::{Answer, Answers, Choice, Kind, Part, Question, Rule};
use crate::vault::{Query, ServerAddress};
use crate::view::Gone;

fn vault(form: &Form) -> (Vault, tempfile::TempDir) {
    let dir = tempfile::tempdir().unwrap();
    let mut vault = Vault::create(dir.path(), "correct horse battery staple").unwrap();
    let key = VerifyingKey([9; 32]);
    vault.found(&ServerAddress { url: "https://a:1".to_owned(), key, proxy: None }, "office").unwrap();
    vault.publish_form(form).unwrap();
    (vault, dir)
}

fn first() -> Form {
    let mut form = Form::new("f", "9");
    form.questions = vec![
        Question::new("name", Kind::Text),
        Question::new("nick", Kind::Text),
        Question::new("work", Kind::SelectOne("work".to_owned())),
        Question { part: Part::Health, ..Question::new("pain", Kind::Text) },
    ];
    let work = ["farm", "mine"].iter().map(|name| Choice::new(name, &name.to_uppercase())).collect();
    form.lists = BTreeMap::from([("work".to_owned(), work)]);
    form
}

/// Only adds.
fn tenth() -> Form {
    let mut form = Form { version: "10".to_owned(), ..first() };
    form.questions.push(Question::new("phone", Kind::Text));
    form
}

/// Takes away a question and a choice.
fn eleventh() -> Form {
    let mut form = Form { version: "11".to_owned(), ..tenth() };
    form.questions.retain(|question| question.name != "nick");
    form.lists.get_mut("work").unwrap().remove(1);
    form
}

fn text(text: &str) -> Answer {
    Answer::Text(text.to_owned())
}

fn answers() -> Answers {
    let given = [("name", "Mira"), ("nick", "Swallow"), ("work", "mine"), ("pain", "headache")];
    given.into_iter().map(|(field, answer)| (field.to_owned(), text(answer))).collect()
}

fn edit(vault: &mut Vault, record: &RecordId, field: &str, answer: &str) -> Result<bool, Error> {
    vault.edit_record(record, &BTreeMap::from([(field.to_owned(), Some(text(answer)))]))
}

fn found(vault: &Vault, words: &str) -> usize {
    vault.list(&Query { words: words.to_owned(), most: 9, ..Query::default() }).unwrap().len()
}

#[test]
fn what_a_later_edition_only_adds_comes_along_with_an_edit() {
    let (mut vault, _dir) = vault(&first());
    let record = vault.new_record("f", answers()).unwrap();
    assert_eq!(vault.would_move(&record, None).unwrap(), None, "there is no other edition");
    vault.publish_form(&tenth()).unwrap();
    assert_eq!(vault.form("f").unwrap().form.version, "10", "10 comes after 9");
    let planned = vault.would_move(&record, None).unwrap().unwrap();
    assert!(!planned.asks() && planned.differences.len() == 1, "{planned:?}");
    assert_eq!(vault.record(&record).unwrap().version, "9", "nobody has edited it");
    assert!(!edit(&mut vault, &record, "name", "Mira").unwrap());
    assert_eq!(vault.record(&record).unwrap().version, "9", "nothing was changed");
    assert!(edit(&mut vault, &record, "phone", "17").unwrap());
    let view = vault.record(&record).unwrap();
    assert_eq!((view.version.as_str(), &view.answers["phone"]), ("10", &text("17")));
    assert_eq!(view.left, [], "nothing is left over");
    let shelves = vault.shelves().unwrap();
    let parts = vault.documents(&record, &shelves).unwrap();
    assert_eq!(parts.len(), 2);
    assert!(parts.iter().all(|one| one.content.version == "10"), "all parts move together");
    assert_eq!(vault.would_move(&record, None).unwrap(), None);
}

#[test]
fn what_asks_waits_until_somebody_says_yes_and_nothing_is_lost() {
    let (mut vault, _dir) = vault(&first());
    let record = vault.new_record("f", answers()).unwrap();
    vault.publish_form(&eleventh()).unwrap();
    assert!(edit(&mut vault, &record, "name", "Mira B.").unwrap());
    assert_eq!(vault.record(&record).unwrap().version, "9", "an edit does not say yes");
    assert!(edit(&mut vault, &record, "phone", "17").is_err(), "the edition it has does not ask this");
    // What comes between and only adds is gone to.
    vault.publish_form(&tenth()).unwrap();
    assert!(edit(&mut vault, &record, "phone", "17").unwrap());
    assert_eq!(vault.record(&record).unwrap().version, "10");
    assert_eq!(
        vault.form("f").unwrap().form.version,
        "11",
        "the newest is the latest, not the last to arrive"
    );

    let planned = vault.would_move(&record, None).unwrap().unwrap();
    assert!(planned.asks() && planned.to == "11");
    assert_eq!(vault.move_record(&record, None).unwrap(), Some(planned));
    assert_eq!(vault.move_record(&record, None).unwrap(), None, "it is there");
    let view = vault.record(&record).unwrap();
    assert_eq!(
        (view.version.as_str(), &view.answers["nick"], &view.answers["work"]),
        ("11", &text("Swallow"), &text("mine"))
    );
    let left: Vec<_> =
        view.left.iter().map(|left| (left.field.as_str(), left.version.as_str(), left.gone)).collect();
    assert_eq!(left, [("nick", "10", Gone::Question), ("work", "10", Gone::Choice)]);
    assert_eq!((found(&vault, "swallow"), found(&vault, "headache"), found(&vault, "nobody")), (1, 1, 0));
    let mined = Query { choices: vec![("work".to_owned(), "mine".to_owned())], most: 9, ..Query::default() };
    assert_eq!(vault.list(&mined).unwrap().len(), 1);

    let strange = edit(&mut vault, &record, "nick", "Swift").unwrap_err();
    assert!(matches!(&strange, Error::Invalid(faults) if faults[0].rule == Rule::UnknownField), "{strange}");
    for version in ["9", "10"] {
        assert!(matches!(vault.would_move(&record, Some(version)), Err(Error::NotLater { .. })));
    }
    assert!(matches!(vault.move_record(&record, Some("12")), Err(Error::NotFound { .. })));
    assert!(edit(&mut vault, &record, "work", "farm").unwrap());
    let left = vault.record(&record).unwrap().left;
    assert_eq!(left.len(), 1, "another choice takes its place: {left:?}");
}

#[test]
fn a_question_that_became_another_one_is_left_over_and_says_so() {
    let (mut vault, _dir) = vault(&first());
    let record = vault.new_record("f", answers()).unwrap();
    let mut other = Form { version: "12".to_owned(), ..first() };
    other.questions[1] = Question::new("nick", Kind::Narrative);
    vault.publish_form(&other).unwrap();
    vault.move_record(&record, None).unwrap().unwrap();
    let long = BTreeMap::from([("nick".to_owned(), Some(Answer::Narrative("Swift".to_owned())))]);
    let error = vault.edit_record(&record, &long).unwrap_err();
    assert!(matches!(&error, Error::Invalid(faults) if faults[0].rule == Rule::AskedOtherwise), "{error}");
    let view = vault.record(&record).unwrap();
    assert_eq!((&view.answers["nick"], view.left.len()), (&text("Swallow"), 1));
    assert!(edit(&mut vault, &record, "name", "Mira B.").unwrap(), "the rest of it can be edited");
    let new = vault.new_record("f", [("nick".to_owned(), Answer::Narrative("Swift".to_owned()))].into());
    assert_eq!(vault.record(&new.unwrap()).unwrap().left, [], "control: a record begun with it");
}

#[test]
fn a_question_that_went_to_another_part_shows_what_was_answered_before() {
    let (mut vault, _dir) = vault(&first());
    let record = vault.new_record("f", answers()).unwrap();
    let mut other = Form { version: "12".to_owned(), ..first() };
    other.questions[1].part = Part::Health;
    vault.publish_form(&other).unwrap();
    vault.move_record(&record, None).unwrap().unwrap();
    assert_eq!(vault.record(&record).unwrap().answers["nick"], text("Swallow"));
    assert!(edit(&mut vault, &record, "nick", "Swift").unwrap());
    let view = vault.record(&record).unwrap();
    assert_eq!(view.answers["nick"], text("Swift"));
    let left: Vec<_> = view.left.iter().map(|left| (left.field.as_str(), &left.answer)).collect();
    assert_eq!(left, [("nick", &text("Swallow"))], "and what stands in the case is not hidden");
}

#[test]
fn what_nobody_can_settle_any_more_is_no_conflict_and_both_answers_are_shown() {
    use crate::change::{Arrival, admit};
    let (mut vault, _dir) = vault(&first());
    let record = vault.new_record("f", answers()).unwrap();
    let shelves = vault.shelves().unwrap();
    let held = vault.documents(&record, &shelves).unwrap();
    let case = held.iter().find(|one| one.row.part == "case").unwrap().clone();
    // Somebody else answers at the same time.
    let other = crate::change::Stamp { chain: cairn_wire::id::ChainId([7; 16]), time: 1 };
    let theirs = BTreeMap::from([("nick".to_owned(), Some(text("Swift")))]);
    let theirs = crate::change::edit(&case.row.bytes, &first(), &theirs, &other).unwrap().unwrap();
    assert!(self::edit(&mut vault, &record, "nick", "Martin").unwrap());
    let mine = vault.documents(&record, &shelves).unwrap();
    let mine = mine.iter().find(|one| one.row.id == case.row.id).unwrap();
    let arrival = [Arrival { chain: other.chain, change: &theirs.change }];
    let admitted = admit(Some(&mine.row.bytes), &arrival, &lookup(&vault.forms)).unwrap();
    let (forms, bytes) = (vault.forms.clone(), admitted.document.unwrap());
    let new = parts::Held {
        row: crate::store::PartRow { bytes, ..mine.row.clone() },
        content: admitted.content.unwrap(),
    };
    vault
        .store
        .gesture(|rows| {
            let before = parts::all(&rows, &record)?;
            parts::keep(&rows, &forms, &shelves, &before, new).map(drop)
        })
        .unwrap();
    assert_eq!((vault.conflicts(9).unwrap().len(), vault.counts().unwrap().conflicts), (1, 1), "control");
    vault.publish_form(&eleventh()).unwrap();
    vault.move_record(&record, None).unwrap().unwrap();
    let left = vault.record(&record).unwrap().left;
    let told: Vec<&Answer> =
        left.iter().filter(|left| left.field == "nick").map(|left| &left.answer).collect();
    assert_eq!(told.len(), 2);
    assert!(told.contains(&&text("Swift")) && told.contains(&&text("Martin")));
    assert_eq!((vault.conflicts(9).unwrap(), vault.counts().unwrap().conflicts), (vec![], 0));
}

#[test]
fn a_draft_of_a_record_that_moved_on_can_let_go_of_what_is_no_longer_asked() {
    let (mut vault, _dir) = vault(&first());
    let record = vault.new_record("f", answers()).unwrap();
    let draft = vault.begin_draft_of(&record).unwrap();
    let given = [("nick", "Swift"), ("name", "Mira B.")];
    let given = given.map(|(field, answer)| (field.to_owned(), Some(text(answer))));
    vault.answer_draft(draft, &given.into()).unwrap();
    vault.publish_form(&eleventh()).unwrap();
    vault.move_record(&record, None).unwrap().unwrap();
    let error = vault.finish_draft(draft, Lower::Refused).unwrap_err();
    assert!(matches!(&error, Error::Invalid(faults) if faults[0].field == "nick"), "{error}");
    vault.answer_draft(draft, &[("nick".to_owned(), None)].into()).unwrap();
    vault.finish_draft(draft, Lower::Refused).unwrap();
    let view = vault.record(&record).unwrap();
    assert_eq!((&view.answers["name"], &view.answers["nick"]), (&text("Mira B."), &text("Swallow")));
}
