use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;

fn read(field: &str, text: &str) -> Result<Option<Answer>, Rule> {
    let form = form();
    form.parse_text(form.question(field).unwrap(), text).map_err(|fault| fault.rule)
}

fn read_json(field: &str, value: Value) -> Result<Option<Answer>, Rule> {
    let form = form();
    form.parse_json(form.question(field).unwrap(), &value).map_err(|fault| fault.rule)
}

#[test]
fn blank_text_is_no_answer_to_anything() {
    for question in form().questions {
        for blank in ["", " ", "\u{A0}\n\t"] {
            assert_eq!(read(&question.name, blank), Ok(None), "{}", question.name);
        }
        assert_eq!(read_json(&question.name, Value::Null), Ok(None), "{}", question.name);
    }
}

#[test]
fn text_is_kept_as_typed() {
    let typed = "  Ғафур\u{200F} e\u{301}\r\n";
    assert_eq!(read("text", typed), Ok(Some(text(typed))));
    assert_eq!(read("narrative", typed), Ok(Some(Answer::Narrative(typed.into()))));
    assert_eq!(read("barcode", "0012 "), Ok(Some(text("0012 "))));
}

#[test]
fn numbers_and_dates_are_read_in_the_digits_people_type() {
    assert_eq!(read("integer", " ٤٢ "), Ok(Some(Answer::Integer(42))));
    assert_eq!(read("integer", "−۷"), Ok(Some(Answer::Integer(-7))));
    assert_eq!(read("integer", "5.0"), Ok(Some(Answer::Integer(5))));
    assert_eq!(read("decimal", "۳٫۵"), Ok(Some(Answer::Decimal(3.5))));
    assert_eq!(read("date", "۲۰۲۶-۰۹-۲۸"), Ok(Some(text("2026-09-28"))));
    assert_eq!(read("time", "٩:٠٥"), Ok(Some(text("09:05"))));
    assert_eq!(read("date_time", "2026-09-28 14:30"), Ok(Some(text("2026-09-28T14:30"))));
    assert_eq!(read("geopoint", "38.56, 68.78"), Ok(Some(text("38.56 68.78"))));
    assert_eq!(read("acknowledge", "ok"), Ok(Some(text("OK"))));
    assert_eq!(read("acknowledge", "no"), Ok(None));
}

#[test]
fn what_could_be_misread_is_not_read() {
    for (field, typed, broken) in [
        ("integer", "5.5", Rule::NotInteger),
        ("integer", "1,000", Rule::NotInteger),
        ("integer", "9223372036854775808", Rule::NotInteger),
        ("decimal", "3,5", Rule::NotDecimal),
        ("decimal", "inf", Rule::NotDecimal),
        ("decimal", "1e400", Rule::NotDecimal),
        ("date", "01/02/2026", Rule::NotDate),
        ("date", "2026-02-29", Rule::NotDate),
        ("date", "۱۴۰۳-۰۷-۰۶", Rule::OtherCalendar),
        ("geopoint", "38,56 68,78", Rule::NotPlace),
        ("acknowledge", "maybe", Rule::NotAcknowledged),
        ("note", "x", Rule::NotAnswerable),
        ("one", "Другое", Rule::AmbiguousChoice),
        ("one", "nowhere", Rule::UnknownChoice),
        ("many", "farm, nowhere", Rule::UnknownChoice),
        ("many", "farm; Другое", Rule::AmbiguousChoice),
    ] {
        assert_eq!(read(field, typed), Err(broken), "{field} {typed}");
    }
    assert_eq!(read("text", &"x".repeat(limits::TEXT + 1)), Err(Rule::TooLong));
    assert_eq!(read("narrative", &"x".repeat(limits::NARRATIVE + 1)), Err(Rule::NarrativeTooLong));
    assert!(read("narrative", &"x".repeat(limits::NARRATIVE)).is_ok());
}

#[test]
fn a_choice_is_found_by_name_or_by_label_in_any_language() {
    for typed in ["farm", " FARM ", "Farming, fishing", "farming, FISHING", "сельское хозяйство"]
    {
        assert_eq!(read("one", typed), Ok(Some(text("farm"))), "{typed}");
    }
    assert_eq!(read("one", "other"), Ok(Some(text("Other"))));
    assert_eq!(read("one", "1"), Ok(Some(text("1"))));
}

#[test]
fn several_choices_are_parted_by_semicolons_commas_or_blanks() {
    let both = Ok(Some(choices(&["farm", "home"])));
    for typed in [
        "farm home",
        "farm,home",
        "farm; home;",
        "home ; farm",
        "Farming, fishing; At home",
        "farm, At home",
        "farm، home",
        "farm؛home",
        " farm farm\nhome ",
    ] {
        assert_eq!(read("many", typed), both, "{typed}");
    }
    assert_eq!(read("many", "Farming, fishing"), Ok(Some(choices(&["farm"]))));
    assert_eq!(read("many", "Other home"), Ok(Some(choices(&["other_home"]))));
    assert_eq!(read("many", " ; ,"), Ok(None));
}

#[test]
fn json_is_read_by_its_own_types() {
    assert_eq!(read_json("integer", json!(5)), Ok(Some(Answer::Integer(5))));
    assert_eq!(read_json("integer", json!(5.0)), Ok(Some(Answer::Integer(5))));
    assert_eq!(read_json("integer", json!("٥")), Ok(Some(Answer::Integer(5))));
    assert_eq!(read_json("decimal", json!(5)), Ok(Some(Answer::Decimal(5.0))));
    assert_eq!(read_json("one", json!(1)), Ok(Some(text("1"))));
    assert_eq!(read_json("many", json!(["farm", "At home"])), Ok(Some(choices(&["farm", "home"]))));
    assert_eq!(read_json("many", json!("farm home")), Ok(Some(choices(&["farm", "home"]))));
    assert_eq!(read_json("many", json!([])), Ok(None));
    assert_eq!(read_json("acknowledge", json!(true)), Ok(Some(text("OK"))));
    assert_eq!(read_json("acknowledge", json!(false)), Ok(None));
    for (field, value, broken) in [
        ("text", json!(5), Rule::NotText),
        ("barcode", json!(12), Rule::NotText),
        ("narrative", json!(["x"]), Rule::NotText),
        ("integer", json!(1.5), Rule::NotInteger),
        ("integer", json!(u64::MAX), Rule::NotInteger),
        ("decimal", json!(true), Rule::NotDecimal),
        ("date", json!(20260928), Rule::NotDate),
        ("one", json!(["farm"]), Rule::NotChoices),
        ("many", json!([1]), Rule::NotChoices),
        ("many", json!(["farm home"]), Rule::UnknownChoice),
        ("many", json!({}), Rule::NotChoices),
        ("note", json!(1), Rule::NotAnswerable),
    ] {
        assert_eq!(read_json(field, value.clone()), Err(broken), "{field} {value}");
    }
}

proptest! {
    #[test]
    fn no_text_brings_the_reader_down_and_what_is_read_fits(typed in "\\PC*|[0-9٠-٩ .,;:TZ+-]{0,40}|[a-z1, ;]{0,30}") {
        let form = form();
        for question in &form.questions {
            if let Ok(Some(answer)) = form.parse_text(question, &typed) {
                prop_assert_eq!(form.check_answer(question, &answer), Ok(()));
                prop_assert!(!answer.is_blank());
                prop_assert_eq!(form.parse_json(question, &answer.to_json()), Ok(Some(answer)));
            }
        }
    }
}
