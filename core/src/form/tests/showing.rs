use serde_json::json;

use super::*;

fn shown(field: &str, answer: &Answer, language: &str) -> String {
    let form = form();
    answer.display(&form, form.question(field).unwrap(), language)
}

#[test]
fn answers_are_shown_with_the_labels_of_the_language() {
    assert_eq!(shown("one", &text("home"), "ru"), "Дома");
    assert_eq!(shown("one", &text("home"), "tg"), "At home");
    assert_eq!(shown("one", &text("1"), "ru"), "1");
    assert_eq!(shown("one", &text("gone"), "ru"), "gone");
    assert_eq!(shown("many", &choices(&["gone", "home", "farm"]), "en"), "Farming, fishing; At home; gone");
    assert_eq!(shown("text", &text("home"), "ru"), "home");
    assert_eq!(shown("integer", &Answer::Integer(-5), "ru"), "-5");
    assert_eq!(shown("decimal", &Answer::Decimal(2.0), "ru"), "2");
    assert_eq!(shown("narrative", &Answer::Narrative("a\nb".into()), "ru"), "a\nb");
}

#[test]
fn what_is_shown_of_choices_can_be_read_again() {
    let form = form();
    let many = form.question("many").unwrap();
    let chosen = choices(&["home", "farm", "1"]);
    for language in ["en", "ru"] {
        let shown = chosen.display(&form, many, language);
        assert_eq!(form.parse_text(many, &shown), Ok(Some(chosen.clone())), "{shown}");
    }
}

#[test]
fn a_question_without_a_label_is_called_by_its_name() {
    let mut form = form();
    form.questions[0].label.clear();
    assert_eq!(form.label(&form.questions[0], "en"), "text");
    assert_eq!(form.label(&form.questions[1], "ru"), "Вопрос");
}

#[test]
fn answers_are_written_as_plain_json() {
    assert_eq!(text("x").to_json(), json!("x"));
    assert_eq!(Answer::Integer(5).to_json(), json!(5));
    assert_eq!(Answer::Decimal(5.0).to_json(), json!(5.0));
    assert_eq!(choices(&["b", "a"]).to_json(), json!(["a", "b"]));
}
