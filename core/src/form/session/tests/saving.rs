use super::*;

fn seen() -> BTreeSet<Part> {
    [Part::Case, Part::Health].into()
}

fn save(form: &Form, given: Answers) -> (Answers, Vec<Fault>) {
    let prepared = Prepared::new(form).expect("a sound form");
    let around = Surroundings::new(form, &prepared, "", Moment::new(NOON, 0), 7);
    finished(form, &prepared, &around, given, &seen())
}

fn edit(
    form: &Form,
    before: &Answers,
    edits: &[(&str, Option<Answer>)],
) -> (BTreeMap<String, Option<Answer>>, Vec<Fault>) {
    let prepared = Prepared::new(form).expect("a sound form");
    let around = Surroundings::new(form, &prepared, "", Moment::new(NOON + 86_400_000, 0), 8);
    let edits = edits.iter().map(|(key, answer)| ((*key).to_owned(), answer.clone())).collect();
    consequences(form, &prepared, &around, before, &edits, &BTreeSet::new(), &seen())
}

#[test]
fn a_finished_record_has_its_defaults_and_calculations() {
    let (answers, faults) = save(&form(), Answers::from([("age".to_owned(), Answer::Integer(12))]));
    assert_eq!(faults, []);
    assert_eq!((&answers["double"], &answers["land"]), (&text("24"), &text("tj")));
    let (_, faults) = save(&form(), Answers::from([("age".to_owned(), Answer::Integer(20))]));
    assert_eq!(faults, [Fault { field: "work".into(), rule: Rule::Required }]);
}

#[test]
fn an_edit_takes_along_what_depends_on_it_and_leaves_the_rest_alone() {
    let mut form = form();
    form.questions.push(asked("day", Kind::Date, Logic { calculation: some("today()"), ..Logic::default() }));
    let (before, _) = save(&form, Answers::from([("age".to_owned(), Answer::Integer(12))]));
    assert_eq!(before["day"], text("2024-01-31"));
    let (edits, faults) = edit(&form, &before, &[("age", Some(Answer::Integer(13)))]);
    assert_eq!(faults, []);
    let expected = [("age".to_owned(), Some(Answer::Integer(13))), ("double".to_owned(), Some(text("26")))];
    assert_eq!(edits, BTreeMap::from(expected), "a day has passed, and nobody said that the day was wrong");
    let (edits, faults) = edit(&form, &before, &[("age", Some(Answer::Integer(130)))]);
    assert_eq!(faults, [Fault { field: "age".into(), rule: Rule::Constraint }]);
    assert_eq!(edits["double"], Some(text("260")));
}

#[test]
fn what_is_worked_out_anew_is_what_the_standing_answers_say_and_nothing_else_is() {
    let mut form = form();
    let worked_out = |name: &str, calculation: &str, trigger: &[&str]| {
        let trigger = trigger.iter().map(|name| (*name).to_owned()).collect();
        let logic = Logic { calculation: some(calculation), trigger, ..Logic::default() };
        asked(name, Kind::Calculate, logic)
    };
    form.questions.extend([
        worked_out("moved", "${age} * 3", &["land"]),
        worked_out("broken", "date(${age} div 0)", &[]),
        worked_out("dice", "random()", &[]),
        Question { part: Part::Legal, ..asked("court", Kind::Text, Logic::default()) },
        worked_out("heard", "${court}", &[]),
    ]);
    form.questions.push(worked_out("kept", "${age} * 4", &[]));
    let stood = ["double", "moved", "broken", "dice", "heard", "kept"];
    let mut before = Answers::from([("age".to_owned(), Answer::Integer(12))]);
    before.extend(stood.map(|name| (name.to_owned(), text("7"))));
    let anew = |said: &[(&str, &str)], anew: &[&str]| {
        let prepared = Prepared::new(&form).expect("a sound form");
        let around = Surroundings::new(&form, &prepared, "", Moment::new(NOON, 0), 8);
        let edits = said.iter().map(|(key, answer)| ((*key).to_owned(), Some(text(answer)))).collect();
        let anew = anew.iter().map(|key| (*key).to_owned()).collect();
        let (all, faults) = consequences(&form, &prepared, &around, &before, &edits, &anew, &seen());
        assert_eq!(faults, []);
        all.into_iter().filter_map(|(key, answer)| Some((key, answer?))).collect::<Vec<_>>()
    };
    let own = |all: &[(&str, &str)]| -> Vec<_> {
        all.iter().map(|(key, answer)| ((*key).to_owned(), text(answer))).collect()
    };
    assert_eq!(anew(&[], &[]), [], "control");
    // What waits for its trigger, cannot be worked out or looks at what is not seen is not said; dice are not thrown.
    assert_eq!(anew(&[], &stood[..5]), own(&[("dice", "7"), ("double", "24")]));
    // What was picked stands where nothing can be worked out.
    let picked = [("dice", "1"), ("double", "1"), ("heard", "1"), ("moved", "1")];
    let stands = [("dice", "1"), ("double", "24"), ("heard", "1"), ("moved", "1")];
    assert_eq!(anew(&picked, &stood[..5]), own(&stands));
}

#[test]
fn what_depends_on_a_part_that_is_not_seen_is_not_worked_out() {
    let mut form = form();
    form.questions[0].part = Part::Legal;
    let (answers, _) = save(&form, Answers::new());
    assert!(!answers.contains_key("double"), "somebody else may have answered");
    assert!(answers.contains_key("land"), "control: what depends on nothing is there");
    let before = Answers::from([("double".to_owned(), text("24"))]);
    let (edits, _) = edit(&form, &before, &[("land", Some(text("kg")))]);
    assert_eq!(edits.into_keys().collect::<Vec<_>>(), ["land"]);
}

#[test]
fn a_worse_value_is_worked_out_and_a_better_one_is_not() {
    let mut form = form();
    form.questions[0].logic.constraint = None;
    let danger =
        Question { merge: Some(crate::form::Merge::Worst), ..Question::new("danger", Kind::Integer) };
    form.questions.push(Question {
        logic: Logic { calculation: some("if(${age} < 18, 3, 1)"), ..Logic::default() },
        ..danger
    });
    let (before, _) =
        save(&form, Answers::from([("age".to_owned(), Answer::Integer(30)), ("work".to_owned(), text("x"))]));
    assert_eq!(before["danger"], Answer::Integer(1));
    let (worse, _) = edit(&form, &before, &[("age", Some(Answer::Integer(10)))]);
    assert_eq!(worse["danger"], Some(Answer::Integer(3)));
    let before =
        Answers::from([("age".to_owned(), Answer::Integer(10)), ("danger".to_owned(), Answer::Integer(3))]);
    let (better, _) = edit(&form, &before, &[("age", Some(Answer::Integer(30)))]);
    assert!(!better.contains_key("danger"), "a danger is never lowered in silence");
}

#[test]
fn a_new_row_counts_in_what_looks_at_all_rows() {
    let (before, _) = save(&form(), Answers::new());
    let row = next_row_id(None, 9);
    let children = field::field("children", &[&row]);
    let (edits, faults) = edit(
        &form(),
        &before,
        &[(&field::row("person", &[&row]), Some(Answer::Row)), (&children, Some(Answer::Integer(4)))],
    );
    assert_eq!(faults, []);
    assert_eq!(edits["all"], Some(text("4")));
}
