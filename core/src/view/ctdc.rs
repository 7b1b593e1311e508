//! Coded columns with the names of the Counter-Trafficking Data Collaborative (CTDC), as `forms/ctdc.csv` says.
//!
//! Only codes leave, nothing of sensitivity 3 or 4, and never a 0: what was not marked is not a no. The table is
//! no publication: rows of few people still point at them, and CTDC itself shows no group of fewer than eleven.

use std::collections::BTreeSet;

use super::RecordView;
use crate::form::field::field;
use crate::form::rows::every_row;
use crate::form::{Answer, Answers, Form};

const TABLE: &str = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../forms/ctdc.csv"));

/// The variables in their order.
#[derive(Debug)]
pub struct Ctdc {
    variables: Vec<Variable>,
}

/// One variable; the first of its rules that says something fills it.
#[derive(Debug)]
struct Variable {
    name: String,
    rules: Vec<Rule>,
}

#[derive(Debug)]
struct Rule {
    question: String,
    choices: Vec<String>,
    /// What it does: see [`Rule::says`].
    kind: String,
    value: String,
    /// Only where this choice stands for that question, in the same row.
    only_where: Option<(String, String)>,
}

impl Ctdc {
    /// The questions that its variables look at.
    pub fn questions(&self) -> impl Iterator<Item = &str> {
        let rules = self.variables.iter().flat_map(|variable| &variable.rules);
        rules.map(|rule| rule.question.as_str()).filter(|question| !question.is_empty())
    }

    /// The variables as `forms/ctdc.csv` describes them.
    pub fn new() -> Self {
        let mut variables: Vec<Variable> = Vec::new();
        for row in csv::Reader::from_reader(TABLE.as_bytes()).records().flatten() {
            let cell = |index: usize| row.get(index).unwrap_or_default().to_owned();
            let pair =
                |text: String| text.split_once('=').map(|(name, code)| (name.to_owned(), code.to_owned()));
            let rule = Rule {
                question: cell(1),
                choices: cell(2).split_whitespace().map(str::to_owned).collect(),
                kind: cell(3),
                value: cell(4),
                only_where: pair(cell(5)),
            };
            match variables.last_mut().filter(|variable| variable.name == cell(0)) {
                Some(variable) => variable.rules.push(rule),
                None => variables.push(Variable { name: cell(0), rules: vec![rule] }),
            }
        }
        Self { variables }
    }

    /// The headings of the table.
    pub fn headings(&self) -> Vec<&str> {
        self.variables.iter().map(|variable| variable.name.as_str()).collect()
    }

    /// The cells of a record, one for each of [`Ctdc::headings`].
    pub fn cells(&self, form: &Form, record: &RecordView) -> Vec<String> {
        let say = |variable: &Variable| {
            let said = variable.rules.iter().filter_map(|rule| rule.says(form, &record.answers));
            said.into_iter().next().unwrap_or_default()
        };
        self.variables.iter().map(say).collect()
    }
}

impl Default for Ctdc {
    fn default() -> Self {
        Self::new()
    }
}

impl Rule {
    fn says(&self, form: &Form, answers: &Answers) -> Option<String> {
        if self.kind == "constant" {
            return Some(self.value.clone());
        }
        let given = self.given(form, answers)?;
        let chosen: BTreeSet<&str> = given.iter().flat_map(|answer| names(answer)).collect();
        let value = || Some(self.value.clone());
        match self.kind.as_str() {
            "any" if self.choices.iter().any(|choice| chosen.contains(choice.as_str())) => value(),
            "all" if self.choices.iter().all(|choice| chosen.contains(choice.as_str())) => value(),
            "unanswered" if chosen.is_empty() => value(),
            "codes" => Some(chosen.into_iter().collect::<Vec<_>>().join(";")),
            "only" if chosen.len() == 1 => chosen.first().map(|code| (*code).to_owned()),
            "year" => chosen.first().and_then(|day| day.get(..4)).map(str::to_owned),
            "age" => match given.first() {
                Some(Answer::Integer(age)) if *age < 18 => Some("Minor".to_owned()),
                Some(Answer::Integer(_)) => Some("Adult".to_owned()),
                _ => None,
            },
            _ => None,
        }
        .filter(|text| !text.is_empty())
    }

    /// The answers it looks at; none if the form does not ask, or if it holds nowhere.
    fn given<'a>(&self, form: &Form, answers: &'a Answers) -> Option<Vec<&'a Answer>> {
        let question = form.question(&self.question)?;
        let rows = every_row(answers, &form.repeats_around(question));
        let holds = |row: &&Vec<&str>| {
            self.only_where.as_ref().is_none_or(|(name, choice)| {
                answers.get(&field(name, row)).is_some_and(|answer| names(answer).contains(&choice.as_str()))
            })
        };
        let rows: Vec<&Vec<&str>> = rows.iter().filter(holds).collect();
        let given = rows.iter().filter_map(|row| answers.get(&field(&self.question, row))).collect();
        (!rows.is_empty()).then_some(given)
    }
}

/// The names that stand in an answer to a question with choices.
fn names(answer: &Answer) -> Vec<&str> {
    match answer {
        Answer::Text(name) => vec![name.as_str()],
        Answer::Choices(names) => names.iter().map(String::as_str).collect(),
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::super::htcds::tests::{choices, form, record, text};
    use super::*;

    fn cell(record: &RecordView, variable: &str) -> String {
        let ctdc = Ctdc::new();
        let at = ctdc.headings().iter().position(|name| *name == variable).expect("a variable");
        ctdc.cells(&form(), record)[at].clone()
    }

    #[test]
    fn codes_leave_under_the_names_of_ctdc() {
        let record = record(&[
            ("intake_date", text("2026-03-04")),
            ("sex", text("F")),
            ("age_band", text("18-20")),
            ("is_minor", text("no")),
            ("age_at_entry", Answer::Integer(16)),
            ("citizenship", choices(&["TJ"])),
            ("expl_types", choices(&["ForcedLabour", "SexualExploitation"])),
            ("expl_control", choices(&["DebtBondage", "RestrictsMovement", "PhysicalThreats"])),
            ("expl_industry", choices(&["F_Construction", "P_Education"])),
            ("screen_means", choices(&["abduction"])),
            ("ep_type#0000000000000001", text("Transit")),
            ("ep_country#0000000000000001", text("KZ")),
            ("ep_type#0001000000000002", text("Exploitation")),
            ("ep_country#0001000000000002", text("RU")),
        ]);
        for (variable, code) in [
            ("yearOfRegistration", "2026"),
            ("Datasource", "Case Management"),
            ("gender", "Female"),
            ("ageBroad", "18--20"),
            ("majorityStatus", "Adult"),
            ("majorityEntry", "Minor"),
            ("citizenship", "TJ"),
            ("meansOfControlDebtBondage", "1"),
            ("meansOfControlThreats", "1"),
            ("meansOfControlConcatenated", "DebtBondage;PhysicalThreats;RestrictsMovement"),
            ("isSexAndLabour", "1"),
            ("typeOfLabourConstruction", "1"),
            ("typeOfLabourOther", "1"),
            ("isAbduction", "1"),
            ("CountryOfExploitation", "RU"),
            // Not marked is not a no.
            ("meansOfControlTakesEarnings", ""),
            ("meansOfControlNotSpecified", ""),
        ] {
            assert_eq!(cell(&record, variable), code, "{variable}");
        }
    }

    #[test]
    fn what_nobody_said_stays_empty_and_no_cell_says_zero() {
        let ctdc = Ctdc::new();
        let cells = ctdc.cells(&form(), &record(&[]));
        let filled: Vec<(&str, &String)> =
            ctdc.headings().into_iter().zip(&cells).filter(|(_, cell)| !cell.is_empty()).collect();
        let names: Vec<&str> = filled.iter().map(|(name, _)| *name).collect();
        assert_eq!(names, ["Datasource", "meansOfControlNotSpecified", "recruiterRelationUnknown"]);
        assert!(cells.iter().all(|cell| cell != "0"));
        // Two countries are not one.
        let two = record(&[("citizenship", choices(&["TJ", "UZ"]))]);
        assert_eq!(cell(&two, "citizenship"), "");
    }

    #[test]
    fn nothing_that_points_at_a_person_leaves() {
        let said =
            [("family_name", text("Canary")), ("contact_value#0000000000000001", text("+992 00 CANARY"))];
        let cells = Ctdc::new().cells(&form(), &record(&said)).join("|");
        assert!(!cells.to_lowercase().contains("canary"), "{cells}");
    }
}
