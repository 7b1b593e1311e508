//! Each proposed field is asked, or the list says why not; and nothing is asked that no list knows. The lists
//! stand beside this file: the proposal's sensitivity, merge rule and part, and the questions that ask it.

use std::collections::BTreeSet;
use std::path::PathBuf;

use super::parts::part;
use super::tables::{FORMS, Row, Tables, rows};

fn proposal(form: &str) -> Vec<Row> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/built_in_forms");
    rows(&folder.join(format!("{form}.csv")))
}

#[test]
fn every_proposed_field_is_asked_or_left_out_with_a_reason() {
    for (form, fields) in FORMS.into_iter().zip([100, 48]) {
        let rows = proposal(form);
        let proposed: Vec<&Row> = rows.iter().filter(|row| !row.get("proposed").is_empty()).collect();
        assert_eq!(proposed.len(), fields, "{form}");
        let tables = Tables::read(form);
        let nested = tables.nested();
        for field in proposed {
            let name = field.get("proposed");
            let reason = !field.get("remark").is_empty();
            assert!(
                reason || !field.get("asked_as").is_empty(),
                "{form}: {name} is left out without a reason"
            );
            for question in field.get("asked_as").split(' ').filter(|question| !question.is_empty()) {
                let (row, around) =
                    nested.iter().find(|(row, _)| row.name() == question).expect("a question of the form");
                // How sensitive it is is never a matter of taste.
                let levels: BTreeSet<&str> = field.get("sensitivity").split(" / ").collect();
                assert!(levels.contains(row.get("cairn::sensitivity")), "{form}: {question}");
                let merge = row.get("cairn::merge");
                assert!(merge == field.get("merge") || reason, "{form}: {question} merges as {merge}");
                let own = part(row, around);
                let agreed = field.get("part").is_empty() || field.get("part") == own;
                assert!(agreed || reason, "{form}: {question} lies in {own}");
            }
        }
    }
}

#[test]
fn nothing_is_kept_that_no_list_knows() {
    for form in FORMS {
        let rows = proposal(form);
        let mut known = BTreeSet::new();
        for question in
            rows.iter().flat_map(|row| row.get("asked_as").split(' ')).filter(|name| !name.is_empty())
        {
            assert!(known.insert(question), "{form}: {question} asks two fields");
        }
        for (row, _) in Tables::read(form).nested() {
            let kept = row.is_asked() || matches!(row.kind(), "calculate" | "start" | "end" | "today");
            assert_eq!(kept, known.contains(row.name()), "{form}: {}", row.name());
        }
    }
}
