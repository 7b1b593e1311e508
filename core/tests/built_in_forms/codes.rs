//! What other data standards call our answers: `forms/htcds.csv` and `forms/ctdc.csv` name only what exists, and
//! leave nothing out without a reason.

use std::collections::BTreeSet;

use super::parts::part;
use super::tables::{Row, Tables, root, rows};

fn table(name: &str) -> Vec<Row> {
    rows(&root().join("forms").join(name))
}

fn victim() -> Tables {
    Tables::read("victim-support")
}

/// The choices a question offers.
fn offered(tables: &Tables, question: &str) -> BTreeSet<String> {
    let list = tables.row(question).list().unwrap_or_else(|| panic!("{question} offers no choices"));
    tables.list(list).iter().map(|row| row.name().to_owned()).collect()
}

#[test]
fn the_tables_name_only_what_exists() {
    let tables = victim();
    for row in table("htcds.csv") {
        let (question, choice) = (row.get("question"), row.get("choice"));
        assert!(question.is_empty() || tables.row(question).is_asked(), "{question}");
        let known = choice.is_empty() || choice == "*" || is_yes_no(choice, &tables, question);
        assert!(known || offered(&tables, question).contains(choice), "{question}: {choice}");
        assert!(matches!(row.get("carried"), "both" | "in" | "out" | "no"), "{row:?}");
        for pick in [row.get("row"), row.get("row_in")].into_iter().filter(|pick| !pick.is_empty()) {
            let (which, with) = pick.split_once(' ').unwrap_or((pick, ""));
            assert!(matches!(which, "first" | "second" | "last" | "new"), "{pick}");
            let picked = with.split_once('=');
            assert!(picked.is_none_or(|(asked, choice)| offered(&tables, asked).contains(choice)), "{pick}");
        }
    }
    for row in table("ctdc.csv") {
        let rules = ["", "any", "all", "unanswered", "codes", "only", "year", "age", "constant"];
        assert!(rules.contains(&row.get("rule")), "{}", row.get("variable"));
        if let Some((question, choice)) = row.get("where").split_once('=') {
            assert!(offered(&tables, question).contains(choice), "{question}: {choice}");
        }
        for choice in row.get("choices").split(' ').filter(|choice| !choice.is_empty()) {
            assert!(
                offered(&tables, row.get("question")).contains(choice),
                "{}: {choice}",
                row.get("variable")
            );
        }
    }
}

/// `TRUE` and `FALSE` of HTCDS stand beside answers of lists of another name.
fn is_yes_no(choice: &str, tables: &Tables, question: &str) -> bool {
    matches!(choice, "yes" | "no") && offered(tables, question).contains(choice)
}

#[test]
fn every_htcds_column_is_there_and_what_is_not_carried_says_why() {
    let rows = table("htcds.csv");
    let columns: BTreeSet<&str> = rows.iter().map(|row| row.get("column")).collect();
    assert_eq!(columns.len(), 83);
    for column in columns {
        let of: Vec<&Row> = rows.iter().filter(|row| row.get("column") == column).collect();
        assert!(
            of[0].get("code").is_empty() && of[0].get("choice").is_empty(),
            "{column}: the column comes first"
        );
        for row in of {
            let plain = matches!(row.get("carried"), "both");
            let coded = !row.get("choice").is_empty();
            assert!(
                plain || coded || !row.get("remark").is_empty(),
                "{column} is not carried without a reason"
            );
        }
    }
}

/// IOM's own form: each of its columns and codes is known here.
#[test]
fn every_code_of_the_htcds_xlsform_has_its_choice() {
    let rows = table("htcds.csv");
    let lists = [
        ("gender", "prs_Gender"),
        ("methodofrecruitment", "vic_MethodOfRecruitment"),
        ("methodsofcontrol", "vic_MethodsOfControl"),
        ("typeofexploitation", "vic_TypeOfExploitation"),
        ("forcedlabourindustry", "vic_ForcedLabourIndustry"),
        ("typeofsexexploitation", "vic_TypeOfSexExploitation"),
        ("status", "cas_Status"),
        ("traffickingstatus", "vic_TraffickingStatus"),
        ("traffickingstatusdecisionmakingorg", "vic_TraffickingStatusDecisionMakingOrg"),
        ("consent", "con_Consent"),
    ];
    let choices = super::tables::rows(&root().join("tests/fixtures/htcds/htcds_xlsform_choices.csv"));
    let mut seen = 0;
    for choice in choices.iter().filter(|choice| choice.get("list_name") != "citizenship") {
        let (_, column) =
            lists.iter().find(|(list, _)| *list == choice.get("list_name")).expect("a list that is mapped");
        let code = choice.name().trim();
        let known = rows.iter().any(|row| row.get("column") == *column && row.get("code") == code);
        assert!(known, "{column}: {code}");
        seen += 1;
    }
    assert!(seen > 70, "{seen}");
    let in_xlsform: BTreeSet<&str> =
        rows.iter().map(|row| row.get("in_xlsform")).filter(|name| !name.is_empty()).collect();
    assert_eq!(in_xlsform.len(), 31);
}

/// Every choice of a question that goes out as codes goes out as some code, or says why not.
#[test]
fn no_choice_of_ours_is_lost_in_silence() {
    let (tables, rows) = (victim(), table("htcds.csv"));
    let coded = rows.iter().filter(|row| !row.get("choice").is_empty() && row.get("choice") != "*");
    let columns: BTreeSet<(&str, &str)> = coded.map(|row| (row.get("column"), row.get("question"))).collect();
    for (column, question) in columns {
        let mapped: BTreeSet<String> = rows
            .iter()
            .filter(|row| row.get("column") == column)
            .map(|row| row.get("choice").to_owned())
            .filter(|choice| !choice.is_empty())
            .collect();
        assert_eq!(mapped, offered(&tables, question), "{column}");
    }
}

/// What goes out by either table is nothing that must stay in its circle.
#[test]
fn nothing_of_life_and_death_goes_out() {
    let tables = victim();
    let nested = tables.nested();
    let closed = |question: &str| {
        let (row, around) = nested.iter().find(|(row, _)| row.name() == question).expect("a question");
        row.get("cairn::sensitivity") == "4"
            || matches!(part(row, around).as_str(), "intel" | "shelter" | "health")
    };
    for row in table("htcds.csv") {
        if matches!(row.get("carried"), "both" | "out") {
            assert!(!closed(row.get("question")), "{}", row.get("column"));
        }
    }
    let mut variables = BTreeSet::new();
    for row in table("ctdc.csv") {
        variables.insert(row.get("variable").to_owned());
        let question = row.get("question");
        assert!(!row.get("rule").is_empty() || !row.get("remark").is_empty(), "{}", row.get("variable"));
        if !question.is_empty() {
            assert!(!closed(question), "{question}");
            let level = tables.row(question).get("cairn::sensitivity");
            assert!(matches!(level, "0" | "1" | "2"), "{question} points at a person");
        }
    }
    assert_eq!(variables.len(), 65);
    assert!(closed("contact_value") && closed("link_entity"), "the control");
}
