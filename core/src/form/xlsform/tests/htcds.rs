use std::collections::BTreeMap;

use super::*;
use crate::form::Kind;

#[test]
fn htcds_reads_fully_and_without_a_word_of_complaint() {
    let Reading { form, warnings } = read(HTCDS, "htcds_xlsform").unwrap();
    assert_eq!(warnings, []);
    assert_eq!((form.id.as_str(), form.version.as_str()), ("htcds_xlsform", "vSmt4GQA3C9uBMLPEVfgND"));
    assert_eq!(form.title[""], "htcds_xlsform");
    assert_eq!(form.default_language, "");
    assert_eq!(form.groups, []);
    assert_eq!(form.questions.len(), 34);
    let filled_in = |kind: &Kind| matches!(kind, Kind::Start | Kind::End);
    assert_eq!(form.questions.iter().filter(|question| filled_in(&question.kind)).count(), 2);
    assert!(form.questions.iter().all(|question| !question.required));
    let version = form.question("__version__").unwrap();
    assert_eq!(version.kind, Kind::Calculate);
    assert_eq!(version.constant.as_deref(), Some("vSmt4GQA3C9uBMLPEVfgND"));
    let consent = form.question("con_Consent").unwrap();
    assert_eq!(consent.kind, Kind::SelectOne("consent".into()));
    assert!(form.offers(consent, "TRUE"));
    assert_eq!(form.question("prs_Birthdate").unwrap().kind, Kind::Date);
    let control = form.question("vic_Methods_of_Control").unwrap();
    assert_eq!(control.kind, Kind::SelectMultiple("methodsofcontrol".into()));
}

#[test]
fn htcds_choices_are_those_of_its_published_table() {
    let form = read(HTCDS, "htcds").unwrap().form;
    let table = include_bytes!("../../../../../tests/fixtures/htcds/htcds_xlsform_choices.csv");
    let mut expected: BTreeMap<String, Vec<(String, String)>> = BTreeMap::new();
    for row in csv::Reader::from_reader(table.as_slice()).records() {
        let row = row.unwrap();
        // The published table lost Namibia's code: its maker's program took NA for "nothing".
        let name = if &row[2] == "Namibia" { "NA" } else { row[1].trim() };
        let choice = (name.to_owned(), row[2].trim().to_owned());
        expected.entry(row[0].to_owned()).or_default().push(choice);
    }
    let pairs = |choices: &Vec<crate::form::Choice>| {
        choices.iter().map(|choice| (choice.name.clone(), choice.label[""].clone())).collect::<Vec<_>>()
    };
    let read: BTreeMap<_, _> =
        form.lists.iter().map(|(list, choices)| (list.clone(), pairs(choices))).collect();
    assert_eq!(read, expected);
    assert_eq!(read.values().map(Vec::len).sum::<usize>(), 331);
    assert_eq!(read["citizenship"].len(), 249);
}

#[test]
fn blanks_after_names_and_labels_are_trimmed() {
    let form = read(HTCDS, "htcds").unwrap().form;
    assert_eq!(form.lists["gender"][0].label[""], "Feminine");
    assert!(form.lists["methodsofcontrol"].iter().any(|choice| choice.name == "DebtBondage"));
}

#[test]
fn htcds_travels_in_a_few_kilobytes() {
    let form = read(HTCDS, "htcds").unwrap().form;
    let octets = form.encode();
    assert!(octets.len() < 32 << 10, "{}", octets.len());
    assert_eq!(crate::form::Form::decode(&octets).unwrap(), form);
}
