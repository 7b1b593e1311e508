use std::collections::BTreeMap;
use std::io::Cursor;

use cairn_wire::id::{ChainId, DeviceId, DocumentId, RecordId};
use serde_json::{Value, json};

use super::*;
use crate::form::field::field;
use crate::form::{
    Answer, Answers, Apart, Choice, Group, Kind, Missing, Question, Repeat, Sheet, Translations,
};
use crate::view::{Author, ConflictView};

mod sheets;
mod tables;

fn texts(pairs: &[(&str, &str)]) -> Translations {
    pairs.iter().map(|(language, text)| ((*language).to_owned(), (*text).to_owned())).collect()
}

fn question(name: &str, label: &str, kind: Kind) -> Question {
    Question {
        label: texts(&[("English (en)", label), ("العربية (ar)", &format!("ع {label}"))]),
        ..Question::new(name, kind)
    }
}

/// A form with a question of every kind that matters here.
fn form() -> Form {
    let choice = Choice::new;
    let needs = vec![choice("legal", "Legal aid"), choice("food", "Food"), choice("-99", "Not asked")];
    Form {
        default_language: "English (en)".to_owned(),
        questions: vec![
            question("hello", "Welcome", Kind::Note),
            question("name", "Name", Kind::Text),
            question("story", "Story", Kind::Narrative),
            question("age", "Number", Kind::Integer),
            question("weight", "Number", Kind::Decimal),
            question("born", "Born", Kind::Date),
            question("met", "Met", Kind::DateTime),
            question("place", "Place", Kind::Geopoint),
            question("need", "Main need", Kind::SelectOne("needs".to_owned())),
            question("needs", "Needs", Kind::SelectMultiple("needs".to_owned())),
        ],
        lists: BTreeMap::from([("needs".to_owned(), needs)]),
        ..Form::new("f", "2")
    }
}

fn record(answers: &[(&str, Answer)]) -> RecordView {
    RecordView {
        elsewhere: std::collections::BTreeSet::new(),
        shared: Vec::new(),
        id: RecordId(DocumentId::of(ChainId([0xab; 16]), 17).0),
        form: "f".to_owned(),
        version: "1".to_owned(),
        title: String::new(),
        answers: answers.iter().map(|(name, answer)| ((*name).to_owned(), answer.clone())).collect(),
        left: Vec::new(),
        conflicts: Vec::new(),
        changed: 1_763_757_000,
    }
}

fn text(text: &str) -> Answer {
    Answer::Text(text.to_owned())
}

fn choices(names: &[&str]) -> Answer {
    Answer::Choices(names.iter().map(|name| (*name).to_owned()).collect())
}

fn written(format: Format, options: &Options, records: &[RecordView]) -> Vec<u8> {
    let form = form();
    let mut exporter = Exporter::new(format, &form, options, Cursor::new(Vec::new())).unwrap();
    for record in records {
        exporter.record(record).unwrap();
    }
    assert_eq!(exporter.records(), records.len() as u64);
    exporter.finish().unwrap().into_inner()
}

#[test]
fn formats_are_known_by_name() {
    assert_eq!("XLSX".parse(), Ok(Format::Xlsx));
    assert_eq!("jsonl".parse(), Ok(Format::Jsonl));
    assert_eq!("ods".parse::<Format>(), Err(UnknownFormat));
}

#[test]
fn a_record_of_another_form_is_refused_and_the_export_goes_on() {
    let form = form();
    for format in [Format::Csv, Format::Jsonl, Format::Xlsx] {
        let mut exporter =
            Exporter::new(format, &form, &Options::default(), Cursor::new(Vec::new())).unwrap();
        let other = RecordView { form: "g".to_owned(), ..record(&[]) };
        assert!(matches!(exporter.record(&other), Err(ExportError::OtherForm { .. })));
        exporter.record(&record(&[])).unwrap();
        assert_eq!(exporter.records(), 1);
        assert!(!exporter.finish().unwrap().into_inner().is_empty());
    }
}

#[test]
fn json_lines_tell_unanswered_from_empty_and_show_every_value_that_stands() {
    let author = Author { device: Some(DeviceId([1; 16])), name: Some("Field 2".to_owned()), time: 0 };
    let values = vec![(Some(text("=a")), author.clone()), (None, author)];
    let conflict = ConflictView { record: record(&[]).id, field: "name".to_owned(), values };
    let mut first = record(&[("name", text("=a")), ("needs", choices(&[])), ("age", Answer::Integer(7))]);
    first.conflicts.push(conflict);
    let lines = written(Format::Jsonl, &Options::default(), &[first, record(&[])]);
    let lines: Vec<Value> = std::str::from_utf8(&lines)
        .unwrap()
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(lines[0]["answers"], json!({"age": 7, "name": "=a", "needs": []}));
    assert_eq!(lines[0]["record"], "abab-17");
    assert_eq!(lines[0]["changed"], "2025-11-21T20:30:00Z");
    let all = &lines[0]["conflicts"]["name"];
    assert_eq!(all[0]["answer"], "=a");
    assert_eq!(all[0]["name"], "Field 2");
    assert_eq!(all[1]["answer"], Value::Null);
    assert_eq!(all[1]["time"], "1970-01-01T00:00:00Z");
    assert_eq!(lines[1]["answers"], json!({}));
    // What was written can be read again, answer by answer.
    let form = form();
    let question = form.question("needs").unwrap();
    assert_eq!(form.parse_json(question, &json!(["food"])).unwrap(), Some(choices(&["food"])));
    assert_eq!(Answers::new(), record(&[]).answers);
}
