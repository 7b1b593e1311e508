//! A record travels from the field, sealed, through a blind server, to the office.

use cairn_core::form::{Answer, Kind, Question};
use cairn_core::vault::Query;
use cairn_core::wire::roster::Role;
use cairn_core::{Error, Vault};
use cairn_tests::dice::Dice;
use cairn_tests::ground::Ground;
use cairn_tests::sample;

#[test]
fn a_record_travels_from_the_field_to_the_office() {
    let ground = Ground::new();
    let mut office = ground.office("office");
    office.publish_form(&sample::form()).unwrap();
    let mut field = ground.member(&mut office, "field", Role::Field);
    ground.sync(&mut office);
    ground.sync(&mut field);
    assert_eq!(field.forms().len(), 1, "the form travelled through the workspace");
    let record = field.new_record("sample", sample::answers("Sample One", &mut Dice::new(1))).unwrap();
    let report = ground.sync(&mut field);
    assert_eq!((report.records_up, report.segments_up), (1, 1));
    let report = ground.sync(&mut office);
    assert_eq!(report.records_down, 1);
    let view = office.record(&record).unwrap();
    assert_eq!(view.title, "Sample One");
    assert_eq!(view, field.record(&record).unwrap());
    let found = office.list(&Query { words: "samp".to_owned(), most: 10, ..Query::default() }).unwrap();
    assert_eq!(found.len(), 1);
}

#[test]
fn two_values_survive_are_shown_with_who_and_when_and_can_be_settled() {
    let ground = Ground::new();
    let (mut office, mut field) = ground.office_and_field();
    let record = field.new_record("sample", sample::answers("Sample", &mut Dice::new(1))).unwrap();
    ground.sync(&mut field);
    ground.sync(&mut office);
    office.edit_record(&record, &sample::edit("age", Answer::Integer(101))).unwrap();
    field.edit_record(&record, &sample::edit("age", Answer::Integer(102))).unwrap();
    for _ in 0..2 {
        ground.sync(&mut office);
        ground.sync(&mut field);
    }
    let conflicts = office.conflicts(10).unwrap();
    assert_eq!(conflicts.len(), 1);
    assert_eq!(conflicts, field.conflicts(10).unwrap(), "both see the same");
    let names: Vec<_> = conflicts[0].values.iter().map(|(_, author)| author.name.clone().unwrap()).collect();
    assert!(names.contains(&"office".to_owned()) && names.contains(&"field".to_owned()), "{names:?}");
    office.settle(&record, "age", Some(Answer::Integer(102))).unwrap();
    ground.sync(&mut office);
    ground.sync(&mut field);
    for vault in [&office, &field] {
        assert!(vault.conflicts(10).unwrap().is_empty());
        assert_eq!(vault.record(&record).unwrap().answers["age"], Answer::Integer(102));
    }
    assert!(office.history(&record, Some("age")).unwrap().len() >= 3, "settling is itself a change");
}

/// Whichever answers are picked, and in whichever order.
#[test]
fn what_is_worked_out_is_settled_with_the_last_answer_that_people_gave() {
    for (picked, order) in
        [(0, ["age", "name"]), (1, ["age", "name"]), (0, ["name", "age"]), (1, ["name", "age"])]
    {
        let about = format!("{picked} {order:?}");
        let ground = Ground::new();
        let (mut office, mut field) = ground.office_and_field();
        let mut form = sample::form();
        form.version = "2".to_owned();
        for (name, calculation) in [("twice", "${age} * 2"), ("thrice", "${age} * 3")] {
            let mut question = Question::new(name, Kind::Calculate);
            question.logic.calculation = Some(calculation.to_owned());
            form.questions.push(question);
        }
        office.publish_form(&form).unwrap();
        let record = office.new_record("sample", sample::answers("Sample", &mut Dice::new(1))).unwrap();
        ground.sync(&mut office);
        ground.sync(&mut field);
        for (vault, name, age) in [(&mut office, "Ana", 101), (&mut field, "Bea", 102)] {
            let mut edits = sample::edit("age", Answer::Integer(age));
            edits.extend(sample::edit("name", sample::text(name)));
            vault.edit_record(&record, &edits).unwrap();
        }
        for _ in 0..2 {
            ground.sync(&mut office);
            ground.sync(&mut field);
        }
        let fields = |vault: &Vault| -> Vec<String> {
            vault.conflicts(10).unwrap().into_iter().map(|conflict| conflict.field).collect()
        };
        assert_eq!(fields(&office), ["age", "name", "thrice", "twice"], "control");
        for (field, left) in order.into_iter().zip([1, 0]) {
            let conflicts = office.conflicts(10).unwrap();
            let conflict = conflicts.iter().find(|conflict| conflict.field == field).unwrap();
            let answer = conflict.values[picked].0.clone();
            office.settle(&record, field, answer.clone()).unwrap();
            assert_eq!(office.record(&record).unwrap().answers.get(field), answer.as_ref(), "{about}");
            let asked = fields(&office).into_iter().filter(|field| ["age", "name"].contains(&field.as_str()));
            assert_eq!(asked.count(), left, "{about}: nobody settles what people said");
        }
        ground.sync(&mut office);
        ground.sync(&mut field);
        for vault in [&office, &field] {
            assert_eq!(fields(vault), [""; 0], "{about}");
            let answers = vault.record(&record).unwrap().answers;
            let Answer::Integer(age) = answers["age"] else { panic!("{about}") };
            for (name, times) in [("twice", 2), ("thrice", 3)] {
                assert_eq!(sample::plain(&answers[name]), (age * times).to_string(), "{about}");
            }
        }
    }
}

/// Each of two people gives another of the answers that a sum looks at: neither sum is the one of what stands.
#[test]
fn what_is_worked_out_is_settled_from_the_answers_of_both() {
    let ground = Ground::new();
    let (mut office, mut field) = ground.office_and_field();
    let mut form = sample::form();
    form.version = "2".to_owned();
    form.questions.push(Question::new("more", Kind::Integer));
    for (name, calculation) in
        [("sum", "${age} + ${more}"), ("twice", "${sum} * 2"), ("needed", "count-selected(${needs})")]
    {
        let mut question = Question::new(name, Kind::Calculate);
        question.logic.calculation = Some(calculation.to_owned());
        form.questions.push(question);
    }
    office.publish_form(&form).unwrap();
    let mut answers = sample::answers("Sample", &mut Dice::new(1));
    let needs = |needs: &[&str]| Answer::Choices(needs.iter().map(|need| (*need).to_owned()).collect());
    answers.extend([
        ("age".to_owned(), Answer::Integer(1)),
        ("more".to_owned(), Answer::Integer(1)),
        ("needs".to_owned(), needs(&["food"])),
    ]);
    let record = office.new_record("sample", answers).unwrap();
    ground.sync(&mut office);
    ground.sync(&mut field);
    let fields = |vault: &Vault| -> Vec<String> {
        vault.conflicts(10).unwrap().into_iter().map(|conflict| conflict.field).collect()
    };
    let said = |vault: &Vault| {
        let answers = vault.record(&record).unwrap().answers;
        ["sum", "twice", "needed"].map(|field| sample::plain(&answers[field]))
    };
    // The last time nothing but what is worked out is in conflict: whichever of its values is picked.
    for (round, names) in [["Ana", "Bea"], ["Cem", "Dia"], ["Eva", "Eva"]].into_iter().enumerate() {
        let (age, more) = (10 + 5 * round as i64, 100 + 7 * round as i64);
        let given = [("age", age, ["food", "legal", "medical"]), ("more", more, ["food", "shelter", "food"])];
        for ((vault, name), (field, number, chosen)) in
            [(&mut office, names[0]), (&mut field, names[1])].into_iter().zip(given)
        {
            vault.edit_record(&record, &sample::edit("needs", needs(&["food"]))).unwrap();
            let mut edits = sample::edit(field, Answer::Integer(number));
            edits.extend(sample::edit("name", sample::text(name)));
            edits.extend(sample::edit("needs", needs(&chosen)));
            vault.edit_record(&record, &edits).unwrap();
        }
        for _ in 0..2 {
            ground.sync(&mut office);
            ground.sync(&mut field);
        }
        let settled = if round < 2 { "name" } else { "sum" };
        assert_eq!(fields(&office).contains(&"name".to_owned()), round < 2, "control");
        assert!(fields(&office).contains(&"sum".to_owned()), "control: {:?}", fields(&office));
        let conflicts = office.conflicts(10).unwrap();
        let conflict = conflicts.iter().find(|conflict| conflict.field == settled).unwrap();
        for (answer, _) in &conflict.values {
            assert_ne!(*answer, Some(sample::text(&(age + more).to_string())), "control: nobody knew it");
        }
        office.settle(&record, settled, conflict.values[0].0.clone()).unwrap();
        ground.sync(&mut office);
        ground.sync(&mut field);
        for vault in [&office, &field] {
            assert_eq!(fields(vault), [""; 0], "{round}");
            let (sum, twice) = (age + more, (age + more) * 2);
            assert_eq!(said(vault), [sum.to_string(), twice.to_string(), "4".to_owned()], "{round}");
        }
    }
}

#[test]
fn a_new_key_lets_late_typing_leave_under_it() {
    let ground = Ground::new();
    let (mut office, mut field) = ground.office_and_field();
    field.new_record("sample", sample::answers("Before", &mut Dice::new(1))).unwrap();
    office.renew_keys(&ground.transport()).unwrap();
    let report = ground.sync(&mut field);
    assert_eq!((report.records_up, report.late, report.round_trips), (1, 1, 2), "one more round trip");
    ground.sync(&mut office);
    assert_eq!(office.counts().unwrap().records, 1);
    let mut late = ground.member(&mut office, "newcomer", Role::Field);
    ground.sync(&mut late);
    assert_eq!(late.counts().unwrap().records, 1, "a newcomer walks back through the epochs");
}

#[test]
fn nothing_new_costs_one_round_trip_and_at_most_500_bytes() {
    let ground = Ground::new();
    let mut office = ground.office("office");
    office.publish_form(&sample::form()).unwrap();
    let transport = ground.transport();
    office.sync(&transport, |_| {}).unwrap();
    let report = office.sync(&transport, |_| {}).unwrap();
    assert_eq!(report.round_trips, 1);
    assert!(report.bytes_up + report.bytes_down <= 500, "{report:?}");
}

#[test]
fn a_field_device_publishes_no_forms_and_invites_nobody() {
    let ground = Ground::new();
    let mut office = ground.office("office");
    let mut field = ground.member(&mut office, "field", Role::Field);
    assert!(matches!(field.publish_form(&sample::form()), Err(Error::NotAllowed { .. })));
    let terms = cairn_core::vault::InviteTerms { role: Role::Field, hours: 1 };
    assert!(matches!(field.invite(&terms), Err(Error::NotAllowed { .. })));
}
