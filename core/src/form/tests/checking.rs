use super::*;

fn rules(faults: Vec<Fault>) -> Vec<(String, Rule)> {
    faults.into_iter().map(|fault| (fault.field, fault.rule)).collect()
}

fn rule(field: &str, answer: Answer) -> Option<Rule> {
    let form = form();
    form.check_answer(form.question(field).unwrap(), &answer).err().map(|fault| fault.rule)
}

#[test]
fn a_finished_record_answers_what_is_required() {
    let form = form();
    let required = || vec![("text".to_owned(), Rule::Required)];
    assert_eq!(rules(form.check(&Answers::new())), required());
    assert_eq!(rules(form.check(&Answers::from([("text".to_owned(), text(" \u{A0}"))]))), required());
    assert_eq!(form.check(&Answers::from([("text".to_owned(), text("yes"))])), []);
}

#[test]
fn a_required_question_that_nobody_is_asked_holds_nothing_up() {
    let mut form = form();
    for question in &mut form.questions {
        question.required = !question.kind.is_asked();
    }
    assert_eq!(form.check(&Answers::new()), []);
}

#[test]
fn who_was_asked_and_does_not_know_has_been_asked() {
    let form = form();
    for why in Missing::ALL {
        let answers = Answers::from([("text".to_owned(), Answer::Missing(why))]);
        let faults =
            if why == Missing::NotAsked { vec![("text".to_owned(), Rule::Required)] } else { Vec::new() };
        assert_eq!(rules(form.check(&answers)), faults);
        for question in &form.questions {
            let wrong = (!question.kind.is_asked()).then_some(Rule::NotAnswerable);
            assert_eq!(rule(&question.name, Answer::Missing(why)), wrong, "{}", question.name);
            let said = form.parse_text(question, &format!(" {} ", why.marker()));
            assert_eq!(said.ok() == Some(Some(Answer::Missing(why))), wrong.is_none(), "{}", question.name);
            let json = form.parse_json(question, &Answer::Missing(why).to_json());
            assert_eq!(json.ok() == Some(Some(Answer::Missing(why))), wrong.is_none(), "{}", question.name);
        }
        assert_eq!(Answer::Missing(why).to_expression(), "");
    }
}

#[test]
fn every_fault_is_listed_in_the_order_of_the_questions() {
    let answers = Answers::from([
        ("zzz".to_owned(), text("x")),
        ("integer".to_owned(), text("5")),
        ("date".to_owned(), text("2026-02-30")),
        ("many".to_owned(), choices(&["farm", "nowhere"])),
        ("note".to_owned(), text("x")),
    ]);
    let owned = str::to_owned;
    assert_eq!(
        rules(form().check(&answers)),
        [
            (owned("text"), Rule::Required),
            (owned("integer"), Rule::NotInteger),
            (owned("date"), Rule::NotDate),
            (owned("many"), Rule::UnknownChoice),
            (owned("note"), Rule::NotAnswerable),
            (owned("zzz"), Rule::UnknownField),
        ]
    );
}

#[test]
fn answers_of_the_right_type_fit() {
    for (field, answer) in [
        ("text", text("Ғафур\n")),
        ("narrative", Answer::Narrative("long".into())),
        ("integer", Answer::Integer(i64::MIN)),
        ("decimal", Answer::Decimal(-0.5)),
        ("date", text("2024-02-29")),
        ("time", text("23:59:59.999+05:00")),
        ("date_time", text("2026-09-28T14:30:00Z")),
        ("one", text("Other")),
        ("many", choices(&["farm", "1"])),
        ("many", choices(&[])),
        ("geopoint", text("38.56 68.78 800 5")),
        ("acknowledge", text("OK")),
        ("barcode", text("0012")),
        ("start", text("2026-09-28T14:30:00.000+05:00")),
        ("end", text("2026-09-28T14:30")),
        ("today", text("2026-09-28")),
        ("calculate", text("v1")),
        ("hidden", text("x")),
    ] {
        assert_eq!(rule(field, answer.clone()), None, "{field} {answer:?}");
    }
}

#[test]
fn answers_of_a_wrong_type_break_the_rule_of_their_kind() {
    for (field, answer, broken) in [
        ("text", Answer::Integer(1), Rule::NotText),
        ("text", Answer::Narrative("x".into()), Rule::NotText),
        ("narrative", text("x"), Rule::NotText),
        ("integer", Answer::Decimal(1.0), Rule::NotInteger),
        ("decimal", Answer::Integer(1), Rule::NotDecimal),
        ("decimal", Answer::Decimal(f64::NAN), Rule::NotDecimal),
        ("decimal", Answer::Decimal(f64::INFINITY), Rule::NotDecimal),
        ("date", text("28.09.2026"), Rule::NotDate),
        ("date", text("1403-07-06"), Rule::OtherCalendar),
        ("time", text("25:00"), Rule::NotTime),
        ("date_time", text("2026-09-28"), Rule::NotDateTime),
        ("date_time", text("1403-07-06T10:00"), Rule::OtherCalendar),
        ("one", text("other"), Rule::UnknownChoice),
        ("one", choices(&["farm"]), Rule::NotText),
        ("many", text("farm"), Rule::NotChoices),
        ("geopoint", text("91 0"), Rule::NotPlace),
        ("acknowledge", text("ok"), Rule::NotAcknowledged),
        ("today", text(""), Rule::NotDate),
        ("note", text(""), Rule::NotAnswerable),
        ("text", text(&"x".repeat(limits::TEXT + 1)), Rule::TooLong),
        ("narrative", Answer::Narrative("x".repeat(limits::NARRATIVE + 1)), Rule::NarrativeTooLong),
    ] {
        assert_eq!(rule(field, answer), Some(broken), "{field}");
    }
}

#[test]
fn a_fault_says_what_is_expected_and_never_what_was_answered() {
    let form = form();
    let secret = "Gulnora-992900112233";
    for question in &form.questions {
        for answer in [text(secret), Answer::Narrative(secret.into()), choices(&[secret])] {
            if let Err(fault) = form.check_answer(question, &answer) {
                assert!(!format!("{fault} {fault:?}").contains(secret), "{fault}");
                assert!(fault.to_string().starts_with(&format!("{}: ", question.name)));
            }
        }
        if let Err(fault) = form.parse_text(question, secret) {
            assert!(!format!("{fault} {fault:?}").contains(secret), "{fault}");
        }
    }
}
