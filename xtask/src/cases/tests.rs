use std::collections::BTreeMap;

use cairn_core::form::{Answers, Form, xlsform};

use super::*;

fn htcds() -> Form {
    let book = include_bytes!("../../../tests/fixtures/htcds/htcds_xlsform.xlsx");
    xlsform::read(book, "htcds").unwrap().form
}

fn many() -> Vec<Case> {
    (0..600).map(|number| case(7, number)).collect()
}

#[test]
fn every_case_fits_the_form() {
    let form = htcds();
    for case in many() {
        let mut answers = Answers::new();
        for (name, value) in &case.answers {
            let question = form.question(name).unwrap_or_else(|| panic!("{name}"));
            answers.insert(name.clone(), form.parse_json(question, value).unwrap().unwrap());
        }
        assert_eq!(form.check(&answers), []);
    }
}

#[test]
fn the_same_seed_gives_the_same_cases_however_many() {
    assert_eq!(case(3, 250), case(3, 250));
    assert_ne!(case(3, 250), case(4, 250));
    let few: Vec<Case> = (0..10).map(|number| case(7, number)).collect();
    assert_eq!(few, many()[..10]);
}

#[test]
fn scripts_take_turns_and_are_written_so() {
    let mut letters: BTreeMap<&str, [usize; 3]> = BTreeMap::new();
    for case in many() {
        let Some(details) = case.answers.get("cas_IncomingReferralDetails").and_then(Value::as_str) else {
            continue;
        };
        let count = letters.entry(case.script.name()).or_default();
        for letter in details.chars().filter(|letter| letter.is_alphabetic()) {
            let script = match letter {
                '\u{400}'..='\u{52F}' => 1,
                '\u{600}'..='\u{6FF}' => 2,
                _ => 0,
            };
            count[script] += 1;
        }
    }
    for (own, script) in Script::ALL.iter().enumerate() {
        let counted = letters[script.name()];
        assert_eq!(counted[own], counted.iter().sum::<usize>(), "{script:?}");
        assert!(counted[own] > 10_000);
    }
}

#[test]
fn every_planted_name_is_planted() {
    let all = lines(&many());
    for word in canary_words() {
        assert!(word.len() >= 9, "{word} could come about by chance");
        assert!(all.contains(word), "{word}");
    }
}

#[test]
fn without_consent_nobody_is_named() {
    let mut refused = 0;
    for case in many().iter().filter(|case| case.answers["con_Consent"] == "FALSE") {
        refused += 1;
        assert!(
            case.answers.keys().all(|name| !name.starts_with("prs_")
                || ["prs_Gender", "prs_Citizenship"].contains(&name.as_str()))
        );
    }
    assert!(refused > 10);
}

#[test]
fn the_table_says_the_same() {
    let cases = many();
    let first: Vec<&Case> = cases.iter().filter(|case| case.script == Script::Arabic).collect();
    let table = table::csv(&first);
    assert_eq!(table.matches("\r\n").count(), first.len() + 1);
    assert!(table.starts_with("cas_IncomingReferralDate,"));
}
