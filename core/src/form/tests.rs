use std::collections::BTreeSet;

use super::*;

mod apart;
mod bytes;
mod checking;
mod editions;
mod reading;
mod rows;
mod showing;

fn texts(pairs: &[(&str, &str)]) -> Translations {
    pairs.iter().map(|(language, text)| ((*language).to_owned(), (*text).to_owned())).collect()
}

fn question(name: &str, kind: Kind) -> Question {
    Question {
        label: texts(&[("English (en)", name), ("Русский (ru)", "Вопрос")]),
        ..Question::new(name, kind)
    }
}

fn choice(name: &str, english: &str, russian: &str) -> Choice {
    let label = texts(&[("English (en)", english), ("Русский (ru)", russian)]);
    let label = if english.is_empty() { Translations::new() } else { label };
    Choice { label, ..Choice::unlabelled(name) }
}

/// A form with one question of each kind, named like the kind.
fn form() -> Form {
    let list = || "work".to_owned();
    let kinds = [
        ("text", Kind::Text),
        ("narrative", Kind::Narrative),
        ("integer", Kind::Integer),
        ("decimal", Kind::Decimal),
        ("date", Kind::Date),
        ("time", Kind::Time),
        ("date_time", Kind::DateTime),
        ("one", Kind::SelectOne(list())),
        ("many", Kind::SelectMultiple(list())),
        ("geopoint", Kind::Geopoint),
        ("acknowledge", Kind::Acknowledge),
        ("barcode", Kind::Barcode),
        ("start", Kind::Start),
        ("end", Kind::End),
        ("today", Kind::Today),
        ("calculate", Kind::Calculate),
        ("hidden", Kind::Hidden),
        ("note", Kind::Note),
    ];
    let mut questions: Vec<Question> = kinds.into_iter().map(|(name, kind)| question(name, kind)).collect();
    questions[0].required = true;
    questions[0].hint = texts(&[("English (en)", "Anything")]);
    questions[1].appearance = "multiline".to_owned();
    questions[2].group = Some(1);
    questions[15].constant = Some("v1".to_owned());
    let work = vec![
        choice("farm", "Farming, fishing", "Сельское хозяйство"),
        choice("home", "At home", "Дома"),
        choice("Other", "Other", "Другое"),
        choice("other_home", "Other home", "Другое"),
        choice("1", "", ""),
    ];
    Form {
        title: texts(&[("", "All kinds")]),
        default_language: "English (en)".to_owned(),
        groups: vec![
            Group { label: texts(&[("English (en)", "Outer")]), ..Group::new("outer") },
            Group { parent: Some(0), ..Group::new("inner") },
        ],
        questions,
        lists: BTreeMap::from([(list(), work), ("unused".to_owned(), Vec::new())]),
        ..Form::new("all", "1")
    }
}

fn text(text: &str) -> Answer {
    Answer::Text(text.to_owned())
}

fn choices(names: &[&str]) -> Answer {
    Answer::Choices(names.iter().map(|name| (*name).to_owned()).collect::<BTreeSet<_>>())
}
