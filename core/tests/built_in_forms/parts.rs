//! Who may not see a part sees the same form. Nothing that is asked, checked or worked out hangs on an answer
//! that somebody else at work on the record cannot have.

use std::collections::BTreeMap;

use super::tables::{FORMS, Row, Tables, references};

const PARTS: [&str; 6] = ["case", "identity", "health", "legal", "shelter", "intel"];
const EXPRESSIONS: [&str; 4] = ["relevant", "constraint", "calculation", "default"];

/// The part of a row: its own, or that of the innermost group that names one.
pub(crate) fn part(row: &Row, around: &[&Row]) -> String {
    let own = std::iter::once(row).chain(around.iter().rev().copied());
    own.map(|row| row.get("cairn::part")).find(|part| !part.is_empty()).unwrap_or("case").to_owned()
}

/// Conditions that look from one part into another. Everybody may look into the case: every record has it.
fn looks_across(tables: &Tables) -> Vec<String> {
    let rows = tables.nested();
    let part_of: BTreeMap<&str, String> =
        rows.iter().map(|(row, around)| (row.name(), part(row, around))).collect();
    let mut across = Vec::new();
    for (row, around) in &rows {
        let own = part(row, around);
        let texts = EXPRESSIONS.iter().map(|column| row.get(column));
        for text in
            texts.chain(super::tables::LANGUAGES.iter().map(|l| row.0[&format!("label::{l}")].as_str()))
        {
            for name in references(text) {
                let other = &part_of[name];
                if *other != own && other != "case" {
                    across.push(format!("{} ({own}) looks at {name} ({other})", row.name()));
                }
            }
        }
    }
    across
}

#[test]
fn no_condition_looks_into_a_part_that_others_may_not_see() {
    for form in FORMS {
        let mut tables = Tables::read(form);
        assert_eq!(looks_across(&tables), [""; 0], "{form}");

        // The control: what a court needs must not hang on a name.
        let asked = if form == "victim-support" {
            ("legal_willing", "family_name")
        } else {
            ("danger_to_observer", "off_rank")
        };
        let row = tables.survey.iter_mut().find(|row| row.name() == asked.0).expect("the question");
        row.0.insert("relevant".to_owned(), format!("${{{}}} != ''", asked.1));
        assert_eq!(looks_across(&tables).len(), 1, "{form}");
    }
}

#[test]
fn a_repeat_lies_in_one_part_and_parts_are_known() {
    for form in FORMS {
        let tables = Tables::read(form);
        for (row, around) in tables.nested() {
            let own = part(row, &around);
            assert!(PARTS.contains(&own.as_str()), "{form} {}: {own}", row.name());
            if let Some(repeat) = around.iter().position(|group| group.kind() == "begin_repeat") {
                let whole = part(around[repeat], &around[..repeat]);
                assert_eq!(own, whole, "{form}: {} lies apart from its row", row.name());
            }
        }
    }
}

#[test]
fn everything_that_is_kept_says_how_sensitive_it_is_and_how_it_merges() {
    for form in FORMS {
        let tables = Tables::read(form);
        for (row, _) in tables.nested() {
            let (level, merge) = (row.get("cairn::sensitivity"), row.get("cairn::merge"));
            let fits = match row.kind() {
                "note" | "begin_group" | "begin_repeat" => level.is_empty() && merge.is_empty(),
                "start" | "end" | "today" => level == "0",
                "select_multiple" => merge == "set" || (merge == "imm" && row.name() == "ref_shared"),
                "text" => matches!(merge, "imm" | "mv" | "txt" | "log"),
                "integer" => matches!(merge, "mv" | "ctr" | "max"),
                "select_one" => matches!(merge, "imm" | "mv" | "max"),
                _ => matches!(merge, "imm" | "mv"),
            };
            let known = matches!(level, "" | "0" | "1" | "2" | "3" | "4");
            assert!(fits && known, "{form} {}: {level:?} {merge:?}", row.name());
            assert_eq!(merge == "txt", row.get("appearance") == "multiline", "{form} {}", row.name());
        }
    }
}

/// Danger is never lowered in silence: the worse answer stands last in its list.
#[test]
fn of_two_answers_about_danger_the_worse_one_wins() {
    let victim = Tables::read("victim-support");
    let border = Tables::read("border-observation");
    let ranked = |tables: &Tables, question: &str| {
        assert_eq!(tables.row(question).get("cairn::merge"), "max", "{question}");
        let list = tables.row(question).list().expect("a list").to_owned();
        tables.list(&list).iter().map(|row| row.name().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(ranked(&victim, "risk_level"), ["Low", "Medium", "High", "Imminent"]);
    assert_eq!(ranked(&victim, "is_minor"), ["no", "presumed", "yes"]);
    assert_eq!(ranked(&victim, "need_urgency"), ["Later", "Soon", "Today", "Now"]);
    assert_eq!(
        ranked(&border, "danger_to_observer"),
        ["None", "Noticed", "Followed", "Threatened", "Detained"]
    );
}
