use std::collections::{BTreeMap, BTreeSet};

use super::*;
use crate::form::expression::Moment;
use crate::form::{Choice, Group, Logic, Missing, Part, Preset, Repeat, Table, Translations};

mod garbage;
mod saving;
mod whole;

/// 2024-01-31 12:00 in UTC.
const NOON: i64 = 1_706_702_400_000;

fn text(text: &str) -> Answer {
    Answer::Text(text.to_owned())
}

fn asked(name: &str, kind: Kind, logic: Logic) -> Question {
    Question { logic, ..Question::new(name, kind) }
}

fn some(text: &str) -> Option<String> {
    Some(text.to_owned())
}

/// A form with a condition, a check, a calculation, a filter, a table, and people who have children.
pub(super) fn form() -> Form {
    let town = |name: &str, land: &str| Choice {
        columns: BTreeMap::from([("land".to_owned(), land.to_owned())]),
        ..Choice::new(name, &name.to_uppercase())
    };
    let message = Translations::from([
        (String::new(), "At most 120, not ${age}".to_owned()),
        ("Русский (ru)".to_owned(), "Не больше 120, а не ${age}".to_owned()),
    ]);
    let group = |group| move |question: Question| Question { group: Some(group), ..question };
    let (in_adult, in_person, in_child) = (group(0), group(1), group(2));
    Form {
        groups: vec![
            Group { relevant: some("${age} >= 18"), ..Group::new("adult") },
            Group { repeat: Some(Repeat::default()), ..Group::new("person") },
            Group {
                repeat: Some(Repeat { count: some("${children}") }),
                parent: Some(1),
                ..Group::new("child")
            },
        ],
        questions: vec![
            asked(
                "age",
                Kind::Integer,
                Logic { constraint: some(". <= 120"), constraint_message: message, ..Logic::default() },
            ),
            in_adult(Question { required: true, ..Question::new("work", Kind::Text) }),
            asked("double", Kind::Calculate, Logic { calculation: some("${age} * 2"), ..Logic::default() }),
            asked(
                "land",
                Kind::SelectOne("lands".into()),
                Logic { default: Some(Preset::Literal("tj".into())), ..Logic::default() },
            ),
            asked(
                "town",
                Kind::SelectOne("towns".into()),
                Logic {
                    choice_filter: some("land = ${land}"),
                    required_when: some("${age} > 60"),
                    ..Logic::default()
                },
            ),
            asked(
                "price",
                Kind::Integer,
                Logic {
                    calculation: some("pulldata('prices', 'price', 'town', ${town})"),
                    ..Logic::default()
                },
            ),
            in_person(Question::new("called", Kind::Text)),
            in_person(Question::new("children", Kind::Integer)),
            in_child(Question::new("born", Kind::Date)),
            asked(
                "all",
                Kind::Calculate,
                Logic { calculation: some("sum(${children})"), ..Logic::default() },
            ),
        ],
        lists: BTreeMap::from([
            ("lands".to_owned(), vec![Choice::unlabelled("tj"), Choice::unlabelled("kg")]),
            ("towns".to_owned(), vec![town("khj", "tj"), town("osh", "kg"), town("dyu", "tj")]),
        ]),
        tables: BTreeMap::from([(
            "prices".to_owned(),
            Table {
                columns: vec!["town".to_owned(), "price".to_owned()],
                rows: vec![vec!["dyu".to_owned(), "7".to_owned()]],
            },
        )]),
        instance_name: some("concat('aged ', ${age})"),
        ..Form::new("f", "1")
    }
}

/// Opens a form for a reader of Russian, and goes on with the session.
fn with<T>(form: &Form, answers: Answers, begun: bool, go: impl FnOnce(Session<'_>) -> T) -> T {
    let prepared = Prepared::new(form).expect("a sound form");
    let around = Surroundings::new(form, &prepared, "ru", Moment::new(NOON, 300), 7);
    go(Session::open(form, &prepared, &around, answers, begun))
}

fn rules(session: &Session<'_>) -> Vec<(String, Rule)> {
    session.faults().into_iter().map(|told| (told.fault.field, told.fault.rule)).collect()
}

#[test]
fn an_answer_says_what_it_changed_and_nothing_else() {
    form().is_sound().expect("a sound form");
    with(&form(), Answers::new(), false, |mut session| {
        assert!(!session.is_relevant("work") && !session.is_required("work"));
        let changed = session.answer("age", Some(Answer::Integer(30))).unwrap();
        assert_eq!(changed.relevant, BTreeMap::from([("work".to_owned(), true)]));
        assert_eq!(changed.required, BTreeMap::from([("work".to_owned(), true)]));
        assert_eq!(changed.values, BTreeMap::from([("double".to_owned(), Some(text("60")))]));
        assert_eq!(changed.wrong["age"], None);
        assert_eq!(changed.wrong["work"], Some(Rule::Required), "it is asked now, and has no answer");
        assert!(changed.choices.is_empty() && changed.rows.is_empty());
        let changed = session.answer("age", Some(Answer::Integer(31))).unwrap();
        assert_eq!(changed.relevant, BTreeMap::new(), "control: what stays as it was is not told");
        assert_eq!(session.name().as_deref(), Some("aged 31"));
        let changed = session.answer("age", None).unwrap();
        assert!(!changed.relevant["work"]);
        assert_eq!(changed.values["double"], None);
        assert!(session.answer("no_such", None).is_err());
    });
}

#[test]
fn what_is_missing_or_wrong_is_told_in_the_forms_own_words() {
    with(&form(), Answers::new(), false, |mut session| {
        assert_eq!(rules(&session), [], "nobody is grown up, so nothing is missing");
        session.answer("age", Some(Answer::Integer(121))).unwrap();
        let told = session.faults();
        assert_eq!(told[0].fault.rule, Rule::Constraint);
        assert_eq!(told[0].message.as_deref(), Some("Не больше 120, а не 121"));
        let expected = [("age", Rule::Constraint), ("work", Rule::Required), ("town", Rule::Required)];
        assert_eq!(rules(&session), expected.map(|(field, rule)| (field.to_owned(), rule)));
        session.answer("age", Some(Answer::Integer(17))).unwrap();
        assert_eq!(rules(&session), []);
        session.answer("age", Some(Answer::Integer(18))).unwrap();
        session.answer("work", Some(Answer::Missing(Missing::NotAsked))).unwrap();
        assert_eq!(rules(&session), [("work".to_owned(), Rule::Required)]);
        session.answer("work", Some(Answer::Missing(Missing::Declined))).unwrap();
        assert_eq!(rules(&session), [], "who will not say has been asked");
    });
}

#[test]
fn a_filter_leaves_choices_and_a_choice_it_takes_away_is_told() {
    with(&form(), Answers::new(), false, |mut session| {
        assert_eq!(session.answers()["land"], text("tj"), "given by default");
        assert_eq!(session.choices("town"), Some(&[0, 2][..]));
        let changed = session.answer("town", Some(text("dyu"))).unwrap();
        assert_eq!(changed.values["price"], Some(Answer::Integer(7)), "looked up, as a number");
        let changed = session.answer("land", Some(text("kg"))).unwrap();
        assert_eq!(changed.choices, ["town".to_owned()].into());
        assert_eq!(session.choices("town"), Some(&[1][..]));
        assert_eq!(rules(&session), [("town".to_owned(), Rule::NotOffered)]);
        assert_eq!(session.answers()["town"], text("dyu"), "nothing that was answered is lost");
    });
}

#[test]
fn rows_are_begun_by_people_and_by_counts_and_keep_their_names() {
    let saved = with(&form(), Answers::new(), false, |mut session| {
        let (one, _) = session.add_row("person", &[]).unwrap();
        let (two, changed) = session.add_row("person", &[]).unwrap();
        assert_eq!(changed.rows, ["person".to_owned()].into());
        assert!(one < two, "in the order in which they were begun");
        let children = |row: &str| field::field("children", &[row]);
        session.answer(&children(&one), Some(Answer::Integer(1))).unwrap();
        let changed = session.answer(&children(&two), Some(Answer::Integer(2))).unwrap();
        assert_eq!(changed.values["all"], Some(text("3")));
        assert_eq!(changed.rows, [field::field("child", &[&two])].into());
        let born = rows(session.answers(), "child", &[&two]);
        assert_eq!(born.len(), 2);
        let born = field::field("born", &[&two, born[1]]);
        session.answer(&born, Some(text("2020-01-01"))).unwrap();
        assert!(session.add_row("child", &[&two]).is_err(), "its count is worked out");
        // A count that shrinks takes no answer away.
        session.answer(&children(&two), Some(Answer::Integer(1))).unwrap();
        assert_eq!(session.answers()[&born], text("2020-01-01"));
        session.remove_row("person", &[&one]).unwrap();
        assert_eq!(session.answers()["all"], text("1"));
        assert!(!session.answers().keys().any(|key| key.contains(&one)), "nothing of the row is left");
        assert!(session.remove_row("person", &[&one]).is_err());
        session.answers().clone()
    });
    with(&form(), saved.clone(), true, |session| {
        assert_eq!(*session.answers(), saved, "opened again it is the same");
        assert_eq!(rules(&session), []);
    });
}

#[test]
fn one_answer_in_a_form_of_a_thousand_questions_works_out_its_own_chain_only() {
    let mut form = Form::new("big", "1");
    form.questions = (0..1000).map(|index| Question::new(&format!("q{index}"), Kind::Integer)).collect();
    for index in 0..200_usize {
        form.questions[800 + index].logic.calculation = Some(format!("${{q{}}} + 1", index));
    }
    with(&form, Answers::new(), false, |mut session| {
        assert_eq!(session.evaluations(), 200, "opening works out everything once");
        session.answer("q7", Some(Answer::Integer(1))).unwrap();
        assert_eq!(session.evaluations(), 201);
        assert_eq!(session.answers()["q807"], Answer::Integer(2));
    });
}

#[test]
fn a_text_shows_the_answers_it_names_as_people_read_them() {
    with(&form(), Answers::new(), false, |mut session| {
        session.answer("town", Some(text("khj"))).unwrap();
        let (row, _) = session.add_row("person", &[]).unwrap();
        let called = field::field("called", &[&row]);
        session.answer(&called, Some(text("A"))).unwrap();
        let texts = Translations::from([(String::new(), "${called} of ${town}, ${nobody}".to_owned())]);
        let children = field::field("children", &[&row]);
        assert_eq!(session.said(&texts, &children), "A of KHJ, ");
    });
}
