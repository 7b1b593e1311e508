use cairn_wire::digest::VerifyingKey;

use super::*;
use crate::form::field::next_row_id;
use crate::form::{Group, Kind, Question, Repeat};
use crate::vault::ServerAddress;

const PASSPHRASE: &str = "correct horse battery staple";

fn form(version: &str) -> Form {
    let name = Question { required: true, ..Question::new("name", Kind::Text) };
    let born = Question { group: Some(0), ..Question::new("born", Kind::Date) };
    let people = Group { repeat: Some(Repeat::default()), ..Group::new("people") };
    Form {
        groups: vec![people],
        questions: vec![name, Question::new("age", Kind::Integer), born],
        ..Form::new("f", version)
    }
}

struct Scene {
    vault: Vault,
    dir: tempfile::TempDir,
}

impl Scene {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let mut vault = Vault::create(dir.path(), PASSPHRASE).unwrap();
        let key = VerifyingKey([9; 32]);
        vault.found(&ServerAddress { url: "https://a:1".to_owned(), key, proxy: None }, "office").unwrap();
        vault.publish_form(&form("1")).unwrap();
        Self { vault, dir }
    }

    /// As when the program was ended by force: nothing is tidied up.
    fn ended(self) -> Self {
        let Self { vault, dir } = self;
        drop(vault);
        Self { vault: Vault::open(dir.path(), PASSPHRASE).unwrap(), dir }
    }

    fn give(&mut self, draft: u64, field: &str, answer: Option<Answer>) -> Result<(), Error> {
        self.vault.answer_draft(draft, &BTreeMap::from([(field.to_owned(), answer)]))
    }
}

fn text(text: &str) -> Option<Answer> {
    Some(Answer::Text(text.to_owned()))
}

#[test]
fn every_answer_is_there_after_a_forced_end_and_the_finished_record_has_all() {
    let mut scene = Scene::new();
    let draft = scene.vault.begin_draft("f", None).unwrap();
    let row = next_row_id(None, 5);
    let row_key = format!("#people#{row}");
    let born = format!("born#{row}");
    let given = [
        ("name", text("Sample")),
        ("age", Some(Answer::Integer(3))),
        (row_key.as_str(), Some(Answer::Row)),
        (born.as_str(), text("1990-01-01")),
    ];
    for (count, (field, answer)) in (1..).zip(given.clone()) {
        scene.give(draft, field, answer).unwrap();
        scene = scene.ended();
        let held = scene.vault.draft(draft).unwrap().given;
        assert_eq!(held.len(), count);
        assert!(given[..count].iter().all(|(field, answer)| held.get(*field) == Some(answer)));
    }
    assert!(scene.vault.list(&crate::vault::Query { most: 9, ..Default::default() }).unwrap().is_empty());
    let record = scene.vault.finish_draft(draft, Lower::Refused).unwrap();
    let scene = scene.ended();
    let answers = scene.vault.record(&record).unwrap().answers;
    for (field, answer) in given {
        assert_eq!(answers.get(field), answer.as_ref(), "{field}");
    }
    assert!(matches!(scene.vault.draft(draft), Err(Error::NotFound { .. })), "and there is no draft left");
    assert_eq!(scene.vault.drafts().unwrap(), []);
}

#[test]
fn what_is_unfit_is_refused_at_once_and_what_is_missing_only_at_the_end() {
    let mut scene = Scene::new();
    let draft = scene.vault.begin_draft("f", None).unwrap();
    for (field, answer) in [
        ("nothing", text("x")),
        ("age", text("x")),
        ("#people#0000000000000001", text("x")),
        ("born#xyz", text("1990-01-01")),
    ] {
        let refused = scene.give(draft, field, answer);
        assert!(matches!(refused, Err(Error::Invalid(_))), "{field}: {refused:?}");
    }
    scene.give(draft, "age", Some(Answer::Integer(3))).unwrap();
    let Err(Error::Invalid(faults)) = scene.vault.finish_draft(draft, Lower::Refused) else { panic!() };
    assert_eq!((faults[0].field.as_str(), faults[0].rule), ("name", Rule::Required));
    assert_eq!(scene.vault.draft(draft).unwrap().given.len(), 1, "the draft stays");
    assert_eq!(scene.vault.counts().unwrap().records, 0);
    scene.give(draft, "name", text("Sample")).unwrap();
    scene.give(draft, "age", None).unwrap();
    let record = scene.vault.finish_draft(draft, Lower::Refused).unwrap();
    assert_eq!(scene.vault.record(&record).unwrap().answers.get("age"), None);
}

#[test]
fn a_new_edition_breaks_no_open_draft_and_both_live_side_by_side() {
    let mut scene = Scene::new();
    let old = scene.vault.begin_draft("f", None).unwrap();
    scene.give(old, "age", Some(Answer::Integer(3))).unwrap();
    let mut second = form("2");
    second.questions.remove(1);
    scene.vault.publish_form(&second).unwrap();
    let new = scene.vault.begin_draft("f", None).unwrap();
    for draft in [old, new] {
        scene.give(draft, "name", text("Sample")).unwrap();
    }
    assert!(matches!(scene.give(new, "age", Some(Answer::Integer(4))), Err(Error::Invalid(_))), "control");
    let records = [old, new].map(|draft| scene.vault.finish_draft(draft, Lower::Refused).unwrap());
    let views = records.map(|record| scene.vault.record(&record).unwrap());
    assert_eq!((views[0].version.as_str(), views[1].version.as_str()), ("1", "2"));
    assert_eq!(views[0].answers.get("age"), Some(&Answer::Integer(3)));
}

#[test]
fn a_draft_of_a_record_changes_it_only_when_it_is_finished() {
    let mut scene = Scene::new();
    let answers = Answers::from([
        ("name".to_owned(), Answer::Text("Sample".to_owned())),
        ("age".to_owned(), Answer::Integer(3)),
    ]);
    let record = scene.vault.new_record("f", answers.clone()).unwrap();
    let draft = scene.vault.begin_draft_of(&record).unwrap();
    scene.give(draft, "age", None).unwrap();
    scene.give(draft, "name", text("Other")).unwrap();
    assert_eq!(scene.vault.begin_draft_of(&record).unwrap(), draft, "there is one");
    assert_eq!(scene.vault.record(&record).unwrap().answers, answers);
    let seen = scene.vault.draft_answers(&scene.vault.draft(draft).unwrap()).unwrap();
    assert_eq!(seen, Answers::from([("name".to_owned(), Answer::Text("Other".to_owned()))]));
    assert_eq!(scene.vault.finish_draft(draft, Lower::Refused).unwrap(), record);
    assert_eq!(scene.vault.record(&record).unwrap().answers, seen);
    let other = scene.vault.begin_draft_of(&record).unwrap();
    assert_ne!(other, draft);
    scene.vault.discard_draft(other).unwrap();
    assert_eq!(scene.vault.drafts().unwrap(), []);
}

#[test]
fn a_row_that_is_taken_away_takes_along_what_lies_in_it() {
    let mut scene = Scene::new();
    let draft = scene.vault.begin_draft("f", None).unwrap();
    let (one, two) = (next_row_id(None, 5), next_row_id(None, 6 << 16));
    for row in [&one, &two] {
        scene.give(draft, &format!("#people#{row}"), Some(Answer::Row)).unwrap();
        scene.give(draft, &format!("born#{row}"), text("1990-01-01")).unwrap();
    }
    scene.give(draft, &format!("#people#{one}"), None).unwrap();
    let left: Vec<String> = scene.vault.draft(draft).unwrap().given.into_keys().collect();
    assert_eq!(left, [format!("#people#{two}"), format!("born#{two}")]);
}

#[test]
fn an_answer_that_cannot_be_read_is_named_and_kept_and_stops_only_its_own_draft() {
    let mut scene = Scene::new();
    let [bad, good] = [(); 2].map(|()| scene.vault.begin_draft("f", None).unwrap());
    for draft in [bad, good] {
        scene.give(draft, "name", text("Sample")).unwrap();
    }
    let store = &mut scene.vault.store;
    store.gesture(|rows| rows.put_draft_answer(bad, "age", "{\"of tomorrow\":1}")).unwrap();
    assert_eq!(scene.vault.drafts().unwrap().len(), 2);
    assert_eq!(scene.vault.draft(bad).unwrap().unread, BTreeSet::from(["age".to_owned()]));
    assert!(matches!(scene.vault.finish_draft(bad, Lower::Refused), Err(Error::Damaged { .. })));
    let kept = scene.vault.store.rows().draft_answers(bad).unwrap();
    assert_eq!(kept[0], ("age".to_owned(), "{\"of tomorrow\":1}".to_owned()), "nothing was thrown away");
    scene.vault.finish_draft(good, Lower::Refused).unwrap();
    scene.give(bad, "age", Some(Answer::Integer(4))).unwrap();
    let record = scene.vault.finish_draft(bad, Lower::Refused).unwrap();
    assert_eq!(scene.vault.record(&record).unwrap().answers.get("age"), Some(&Answer::Integer(4)));
}
