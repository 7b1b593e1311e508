//! Which edition is later, and what it asks differently.

use std::cmp::Ordering;
use std::sync::Arc;

use proptest::prelude::*;

use super::super::edition::{Change, compare, standing};
use super::*;

#[test]
fn versions_that_grow_come_later() {
    let ascending = [
        "",
        "01",
        "1",
        "1.0",
        "1.1",
        "1.2",
        "1.10",
        "2",
        "9",
        "10",
        "2026",
        "2026-2-1",
        "2026-11-01",
        "2026-11-01b",
        "20261101",
        "99999999999999999999998",
        "99999999999999999999999",
        "draft",
        "v1",
        "v1-draft",
        "V2",
        "v10",
    ];
    for (at, one) in ascending.iter().enumerate() {
        for (other_at, other) in ascending.iter().enumerate() {
            assert_eq!(compare(one, other), at.cmp(&other_at), "{one} {other}");
        }
    }
    assert_eq!(compare("۱۰", "9"), Ordering::Greater, "digits of other scripts are digits");
    assert_ne!(compare("v1", "V1"), Ordering::Equal, "no two texts are one edition");
}

proptest! {
    #[test]
    fn the_order_of_editions_is_an_order(
        one in "[0-9vV.٣-]{0,6}", two in "[0-9vV.٣-]{0,6}", three in "[0-9vV.٣-]{0,6}",
    ) {
        prop_assert_eq!(compare(&one, &two), compare(&two, &one).reverse());
        prop_assert_eq!(compare(&one, &two) == Ordering::Equal, one == two);
        if compare(&one, &two).is_le() && compare(&two, &three).is_le() {
            prop_assert!(compare(&one, &three).is_le());
        }
    }
}

/// What `edit` makes of the form, told.
fn told(edit: impl FnOnce(&mut Form)) -> Vec<(String, Change)> {
    let older = form();
    let mut newer = form();
    edit(&mut newer);
    let told = older.towards(&newer);
    assert_eq!(older.leads_to(&newer), told.iter().all(|one| !one.asks()));
    assert!(told.iter().all(|one| !one.to_string().contains("{}")), "{told:?}");
    told.into_iter().map(|one| (one.name, one.change)).collect()
}

fn one(name: &str, change: Change) -> Vec<(String, Change)> {
    vec![(name.to_owned(), change)]
}

fn at(form: &mut Form, name: &str) -> usize {
    form.questions.iter().position(|question| question.name == name).unwrap()
}

#[test]
fn what_is_only_added_asks_nobody() {
    assert_eq!(told(|_| {}), vec![], "control");
    let added = told(|form| form.questions.push(question("phone", Kind::Text)));
    assert_eq!(added, one("phone", Change::QuestionAdded));
    assert!(!Change::QuestionAdded.asks());
    let offered = told(|form| form.lists.get_mut("work").unwrap().push(choice("mine", "Mining", "Шахта")));
    assert_eq!(offered, one("work/mine", Change::ChoiceAdded));
    let reworded = told(|form| {
        form.questions[0].label.insert("English (en)".to_owned(), "Otherwise".to_owned());
    });
    assert_eq!(reworded, one("text", Change::QuestionReworded));
    let language = told(|form| {
        for question in &mut form.questions {
            question.label.insert("Тоҷикӣ (tg)".to_owned(), "Савол".to_owned());
        }
    });
    assert_eq!(language, one("Тоҷикӣ (tg)", Change::LanguageAdded), "not every question is told");
    let checked = told(|form| form.questions[2].logic.constraint = Some(". > 0".to_owned()));
    assert_eq!(checked, one("integer", Change::LogicChanged));
    let task = told(|form| form.questions[0].task = Some(TaskRole::What));
    assert_eq!(task, one("text", Change::TaskChanged));
    assert_eq!(told(|form| form.questions[0].required = false), one("text", Change::NotRequired));
    assert_eq!(told(|form| form.questions.swap(2, 3)), one("", Change::OrderChanged));
    let noted = told(|form| drop(form.questions.pop()));
    assert_eq!(noted, vec![], "a note holds nothing");
    let dangerous = told(|form| form.questions[2].sensitivity = Some(Sensitivity::LIFE_SAFETY));
    assert_eq!(dangerous, one("integer", Change::MoreSensitive));
    for change in [Change::ChoiceAdded, Change::LogicChanged, Change::OrderChanged, Change::MoreSensitive] {
        assert!(!change.asks(), "{change:?}");
    }
}

#[test]
fn what_takes_away_or_means_something_else_asks() {
    let removed = told(|form| drop(form.questions.remove(0)));
    assert_eq!(removed, one("text", Change::QuestionRemoved));
    let fewer = told(|form| drop(form.lists.get_mut("work").unwrap().remove(0)));
    assert_eq!(fewer, one("work/farm", Change::ChoiceRemoved));
    let longer = told(|form| form.questions[0].kind = Kind::Narrative);
    assert!(longer.contains(&("text".to_owned(), Change::KindChanged)), "{longer:?}");
    let merged = told(|form| form.questions[0].merge = Some(Merge::Immutable));
    assert_eq!(merged, one("text", Change::MergeChanged));
    assert_eq!(told(|form| form.questions[0].merge = Some(Merge::Several)), vec![], "what was meant anyway");
    assert_eq!(told(|form| form.questions[0].part = Part::Health), one("text", Change::PartChanged));
    let safe = told(|form| form.questions[0].sensitivity = Sensitivity::new(0));
    assert_eq!(safe, one("text", Change::LessSensitive));
    let swapped = told(|form| {
        let work = form.lists["work"].clone();
        form.lists.insert("jobs".to_owned(), work);
        let one = at(form, "one");
        form.questions[one].kind = Kind::SelectOne("jobs".to_owned());
    });
    assert_eq!(swapped, one("one", Change::ListChanged));
    let rows = told(|form| form.groups[1].repeat = Some(Repeat::default()));
    assert_eq!(rows[0], ("integer".to_owned(), Change::RowsChanged), "{rows:?}");
    for change in [Change::QuestionRemoved, Change::ChoiceRemoved, Change::ListChanged, Change::PlacesChanged]
    {
        assert!(change.asks(), "{change:?}");
    }
}

#[test]
fn a_choice_put_between_others_asks_only_where_places_count() {
    let between = |merge: Option<Merge>| {
        let mut older = form();
        let one = at(&mut older, "one");
        older.questions[one].merge = merge;
        let mut newer = older.clone();
        newer.lists.get_mut("work").unwrap().insert(1, choice("mine", "Mining", "Шахта"));
        older.towards(&newer)
    };
    let plain: Vec<Change> = between(None).into_iter().map(|one| one.change).collect();
    assert_eq!(plain, [Change::ChoiceAdded]);
    let worst = between(Some(Merge::Worst));
    assert_eq!(worst[0].change, Change::PlacesChanged, "what asks comes first");
    assert!(worst[0].asks());
}

#[test]
fn a_question_that_was_another_one_is_not_asked_of_records_that_knew_it() {
    let older = Arc::new(form());
    let mut newer = form();
    newer.questions[0].kind = Kind::Narrative;
    newer.questions[1].part = Part::Health;
    let note = at(&mut newer, "note");
    newer.questions[note].kind = Kind::Integer;
    let newer = Arc::new(newer);
    let asked = standing(&[older.clone(), newer.clone()]).unwrap();
    assert!(asked.question("text").is_none(), "it has another kind");
    assert!(asked.question("narrative").is_some(), "in another part is another place");
    assert!(asked.question("note").is_some(), "nobody ever answered a note");
    assert_eq!(standing(std::slice::from_ref(&newer)), Some(newer), "control: begun with it");
    assert_eq!(standing(&[older.clone(), older.clone()]), Some(older));
    assert_eq!(standing(&[]), None);
}
