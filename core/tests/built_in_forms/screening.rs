//! The screening says what it counts and why, and takes nothing unanswered for a no.

use super::desk::{Desk, Sheet};
use super::tables::LANGUAGES;

fn desk() -> Desk {
    Desk::new("victim-support", 7)
}

/// The result, and the lines that are shown for act, means, purpose and age.
fn read<'s>(sheet: &'s Sheet<'_>) -> (String, Vec<&'s str>) {
    let of_law =
        |line: &&str| ["act_", "means_", "purpose_", "age_"].iter().any(|head| line.starts_with(head));
    (sheet.value("screen_rule"), sheet.trace().into_iter().filter(of_law).collect())
}

const ACT: (&str, &str) = ("screen_act", "recruitment transportation");
const MEANS: (&str, &str) = ("screen_means", "deception");
const PURPOSE: (&str, &str) = ("screen_purpose", "forced_labour_or_services");

#[test]
fn scenarios() {
    let desk = desk();
    let (act, purpose) = (["act_recruitment", "act_transportation"], "purpose_forced_labour_or_services");
    let cases = [
        ("nothing answered", vec![], "not_known", vec!["act_open", "means_open", "age_open", "purpose_open"]),
        (
            "a child needs no means",
            vec![("is_minor", "yes"), ACT, PURPOSE],
            "indicated",
            vec![act[0], act[1], "means_not_needed", purpose],
        ),
        (
            "who is presumed a child is treated as one",
            vec![("is_minor", "presumed"), ACT, PURPOSE],
            "indicated",
            vec![act[0], act[1], "means_not_needed", purpose],
        ),
        (
            "a child for whom means are marked all the same",
            vec![("is_minor", "yes"), ACT, MEANS, PURPOSE],
            "indicated",
            vec![act[0], act[1], "means_deception", "means_not_needed", purpose],
        ),
        (
            "a child without a purpose",
            vec![("is_minor", "yes"), ACT],
            "not_enough",
            vec![act[0], act[1], "means_not_needed", "purpose_open"],
        ),
        (
            "an adult with all three",
            vec![("is_minor", "no"), ACT, MEANS, PURPOSE],
            "indicated",
            vec![act[0], act[1], "means_deception", purpose],
        ),
        (
            "an adult whose means are not known",
            vec![("is_minor", "no"), ACT, PURPOSE],
            "not_enough",
            vec![act[0], act[1], "means_open", purpose],
        ),
        (
            "an adult without means",
            vec![("is_minor", "no"), ACT, ("screen_means", "none"), PURPOSE],
            "not_enough",
            vec![act[0], act[1], "means_none", purpose],
        ),
        (
            "no age, no means: the age would matter",
            vec![ACT, PURPOSE],
            "not_enough",
            vec![act[0], act[1], "means_open", "age_open", purpose],
        ),
        (
            "no age, but all three",
            vec![ACT, MEANS, PURPOSE],
            "indicated",
            vec![act[0], act[1], "means_deception", "age_open", purpose],
        ),
        (
            "none of all is an answer, and still not a no",
            vec![
                ("is_minor", "no"),
                ("screen_act", "none"),
                ("screen_means", "none"),
                ("screen_purpose", "none"),
            ],
            "not_enough",
            vec!["act_none", "means_none", "purpose_none"],
        ),
        (
            "only an age says nothing",
            vec![("is_minor", "yes")],
            "not_known",
            vec!["act_open", "means_not_needed", "purpose_open"],
        ),
    ];
    for (name, answers, result, lines) in cases {
        let sheet = desk.fill(&answers);
        assert_eq!(read(&sheet), (result.to_owned(), lines), "{name}");
        assert!(sheet.filling.failures().is_empty(), "{name}: {:?}", sheet.filling.failures());
    }
}

/// What was taken for the result is kept with it, in words that no translation changes.
#[test]
fn the_trace_is_kept_with_the_result() {
    let desk = desk();
    let child = desk.fill(&[("is_minor", "yes"), ACT, PURPOSE]);
    assert_eq!(
        child.value("screen_rule_trace"),
        "rule=1; minor=yes; act=recruitment,transportation; means=not_needed; \
         purpose=forced_labour_or_services; result=indicated"
    );
    assert_eq!(
        desk.fill(&[]).value("screen_rule_trace"),
        "rule=1; minor=open; act=open; means=open; purpose=open; result=not_known"
    );
}

/// An answer that is taken back leaves no line behind.
#[test]
fn the_trace_follows_the_answers() {
    let desk = desk();
    let mut sheet = desk.fill(&[("is_minor", "yes"), ACT, PURPOSE]);
    sheet.answer("is_minor", "no");
    assert_eq!(sheet.value("screen_rule"), "not_enough");
    assert!(!sheet.trace().contains(&"means_not_needed"));
    sheet.answer("screen_means", "deception");
    assert_eq!(sheet.value("screen_rule"), "indicated");
    sheet.answer("screen_purpose", "");
    assert_eq!(read(&sheet).0, "not_enough");
    assert!(sheet.trace().contains(&"purpose_open"));
}

/// Each choice of the three lists has its line, and the line says the choice in every language.
#[test]
fn every_choice_has_its_line_in_every_language() {
    let desk = desk();
    let mut lines = 0;
    for question in ["screen_act", "screen_means", "screen_purpose"] {
        let list = desk.tables.row(question).list().expect("a list").to_owned();
        for choice in desk.tables.list(&list).into_iter().filter(|choice| choice.name() != "none") {
            let sheet = desk.fill(&[(question, choice.name())]);
            let said = |language: &str| {
                let column = format!("label::{language}");
                sheet.shown().iter().any(|row| {
                    row.name().starts_with("trace_") && row.get(&column).ends_with(choice.get(&column))
                })
            };
            assert!(LANGUAGES.iter().all(|language| said(language)), "{question}: {}", choice.name());
            lines += 1;
        }
    }
    assert_eq!(lines, 5 + 8 + 6);
}

#[test]
fn none_of_these_stands_alone() {
    let desk = desk();
    for question in ["screen_act", "screen_means", "screen_purpose"] {
        let other = desk.tables.list(desk.tables.row(question).list().expect("a list"))[0].name().to_owned();
        assert!(desk.fill(&[(question, "none")]).is_valid(question));
        assert!(desk.fill(&[(question, &other)]).is_valid(question));
        assert!(!desk.fill(&[(question, &format!("{other} none"))]).is_valid(question));
    }
}

/// Eleven signs, and what nobody could tell is counted as that.
#[test]
fn signs_of_forced_labour_are_counted_apart() {
    let desk = desk();
    let counts = |sheet: &Sheet<'_>| ["ilo_clear", "ilo_some", "ilo_open"].map(|name| sheet.value(name));
    assert_eq!(counts(&desk.fill(&[])), ["0", "0", "11"]);
    let sheet = desk.fill(&[
        ("ilo_wages", "clear"),
        ("ilo_debt", "clear"),
        ("ilo_isolation", "some"),
        ("ilo_violence", "no"),
        ("ilo_threats", "unclear"),
    ]);
    assert_eq!(counts(&sheet), ["2", "1", "7"]);
    let lines: Vec<&str> = sheet.trace().into_iter().filter(|line| line.starts_with("ilo_")).collect();
    assert_eq!(lines, ["ilo_isolation", "ilo_wages", "ilo_debt"]);
}

/// People decide: no rule fills in what they think, and the form says so wherever it shows a result.
#[test]
fn no_rule_decides() {
    let desk = desk();
    for answers in [vec![], vec![("is_minor", "yes"), ACT, PURPOSE], vec![("is_minor", "no"), ACT]] {
        let sheet = desk.fill(&answers);
        assert!(sheet.trace().contains(&"no_decision"));
        assert_eq!(sheet.value("screen_outcome"), "");
    }
    assert!(desk.tables.row("screen_outcome").get("calculation").is_empty());
}

#[test]
fn a_case_gets_a_code_that_can_be_said_and_keeps_it() {
    let desk = desk();
    let mut codes = std::collections::BTreeSet::new();
    for _ in 0..20 {
        let mut sheet = desk.fill(&[]);
        let code = sheet.value("case_code");
        let spoken = code.split('-').collect::<Vec<_>>();
        assert_eq!(spoken.len(), 2, "{code}");
        for half in spoken {
            let letters: Vec<char> = half.chars().collect();
            let vowels = letters.iter().skip(1).step_by(2).all(|letter| "aeiou".contains(*letter));
            assert!(letters.len() == 6 && vowels, "{code}");
        }
        sheet.answer("is_minor", "yes");
        assert_eq!(sheet.value("case_code"), code);
        codes.insert(code);
    }
    assert_eq!(codes.len(), 20);
}

/// A careless date or number is caught, and a true one is not.
#[test]
fn checks_let_the_truth_pass() {
    let desk = desk();
    let mut sheet = desk.fill(&[("intake_date", "2026-11-22"), ("age_at_entry", "14")]);
    assert!(sheet.is_valid("intake_date") && sheet.is_valid("age_at_entry"));
    sheet.answer("intake_date", "2026-11-23");
    sheet.answer("age_at_entry", "141");
    assert!(!sheet.is_valid("intake_date") && !sheet.is_valid("age_at_entry"));

    for (minor, band, fits) in [
        ("no", "30-38", true),
        ("no", "9-17", false),
        ("yes", "9-17", true),
        ("yes", "18-20", false),
        ("presumed", "18-20", true),
    ] {
        let sheet = desk.fill(&[("is_minor", minor), ("age_band", band)]);
        assert_eq!(sheet.is_valid("age_band"), fits, "{minor} {band}");
    }

    sheet.answer_in("consents", 0, "consent_purpose", "Services");
    sheet.answer_in("consents", 0, "consent_given", "Yes");
    sheet.answer_in("consents", 0, "consent_given_at", "2026-11-20");
    sheet.answer_in("consents", 0, "consent_expires_at", "2026-11-19");
    assert!(sheet.is_valid_in(0, "consent_given_at") && !sheet.is_valid_in(0, "consent_expires_at"));
    sheet.answer_in("consents", 0, "consent_expires_at", "2027-11-19");
    assert!(sheet.is_valid_in(0, "consent_expires_at"));
}
