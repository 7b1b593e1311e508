//! From the cells of the standard to the answers of a record.

use std::collections::{BTreeMap, BTreeSet};

use super::table::{Column, Pick, Which};
use super::{Htcds, Left, Loss};
use crate::form::field::{field, next_row_id};
use crate::form::{Answer, Answers, Form, Question};

/// One record on its way.
struct Entering<'r> {
    form: &'r Form,
    answers: Answers,
    /// The rows begun so far, by repeat and by what picks them.
    begun: BTreeMap<(String, String), String>,
    /// The last row of each repeat.
    last: BTreeMap<String, String>,
    random: &'r mut dyn FnMut() -> u64,
    losses: BTreeSet<(String, Loss)>,
}

/// The answers that a row of a table gives: cells with their headings, in the words of the standard or of IOM's
/// own XLSForm. Blank cells say nothing. What cannot be taken in is counted in `left`, by its heading if it is one
/// of the standard's, else as the table's own. `random` names new rows.
pub fn entered(
    htcds: &Htcds,
    form: &Form,
    cells: &[(&str, &str)],
    random: &mut dyn FnMut() -> u64,
    left: &mut Left,
) -> Answers {
    let mut entering = Entering {
        form,
        answers: Answers::new(),
        begun: BTreeMap::new(),
        last: BTreeMap::new(),
        random,
        losses: BTreeSet::new(),
    };
    // In the order of the standard, so that the first row of a repeat is begun first.
    let mut known = BTreeSet::new();
    for column in &htcds.columns {
        for (heading, text) in cells {
            if *heading == column.name || (!column.in_xlsform.is_empty() && *heading == column.in_xlsform) {
                known.insert(*heading);
                entering.take(column, text.trim());
            }
        }
    }
    for (heading, text) in cells {
        if !known.contains(heading) && !text.trim().is_empty() {
            entering.losses.insert(((*heading).to_owned(), Loss::NoColumn));
        }
    }
    let Entering { answers, losses, .. } = entering;
    left.add(losses);
    form.with_rows(answers)
}

impl Entering<'_> {
    fn take(&mut self, column: &Column, text: &str) {
        if text.is_empty() {
            return;
        }
        let Some(question) = self.form.question(&column.question) else {
            let loss =
                if column.remark.is_empty() { Loss::NoColumn } else { Loss::Kept(column.remark.clone()) };
            return self.lose(column, loss);
        };
        if !column.carried.enters {
            return self.lose(column, Loss::Kept(column.remark.clone()));
        }
        let Some(text) = self.choices(column, question, text) else { return };
        match self.form.parse_text(question, &text) {
            Ok(Some(answer)) => {
                if let Some(key) = self.key(question, column) {
                    self.put(key, answer);
                }
            }
            Ok(None) => {}
            Err(_) => self.lose(column, Loss::NoFit),
        }
    }

    /// The text with our choices in place of their codes; none if no code is ours.
    fn choices(&mut self, column: &Column, question: &Question, text: &str) -> Option<String> {
        if column.codes.is_empty() || column.is_open() {
            return Some(text.to_owned());
        }
        let several = matches!(question.kind, crate::form::Kind::SelectMultiple(_));
        let said =
            text.split(|letter: char| several && (letter.is_whitespace() || matches!(letter, ';' | ',')));
        let mut choices = Vec::new();
        for code in said.filter(|code| !code.is_empty()) {
            match column.codes.iter().find(|known| known.code.eq_ignore_ascii_case(code)) {
                Some(_) => {
                    let ours = column
                        .codes
                        .iter()
                        .find(|known| known.code.eq_ignore_ascii_case(code) && known.carried.enters);
                    match ours {
                        Some(known) => choices.push(known.choice.clone()),
                        None => self.lose(column, Loss::Kept(column.remark.clone())),
                    }
                }
                None => self.lose(column, Loss::NoCode),
            }
        }
        (!choices.is_empty()).then(|| choices.join(" "))
    }

    /// The key that the answer stands under; in a repeat its row is begun if it is not there.
    fn key(&mut self, question: &Question, column: &Column) -> Option<String> {
        let repeats = self.form.repeats_around(question);
        let repeat = match repeats.as_slice() {
            [] => return Some(question.name.clone()),
            [repeat] => (*repeat).to_owned(),
            _ => return None,
        };
        let row = self.row(&repeat, &column.entering, &column.name);
        Some(field(&question.name, &[&row]))
    }

    fn row(&mut self, repeat: &str, pick: &Pick, column: &str) -> String {
        let with = pick.with.as_ref().map(|(name, choice)| format!("{name}={choice}")).unwrap_or_default();
        let which = match pick.which {
            Which::First | Which::Last => String::new(),
            Which::Second => "second".to_owned(),
            Which::New => column.to_owned(),
        };
        let name = (repeat.to_owned(), format!("{which} {with}"));
        if let Some(row) = self.begun.get(&name) {
            return row.clone();
        }
        let row = next_row_id(self.last.get(repeat).map(String::as_str), (self.random)());
        self.last.insert(repeat.to_owned(), row.clone());
        if let Some((question, choice)) = &pick.with
            && self.form.question(question).is_some()
        {
            self.answers.insert(field(question, &[&row]), Answer::Text(choice.clone()));
        }
        self.begun.insert(name, row.clone());
        row
    }

    /// Where several columns are one question, as street and town are, their texts are joined.
    fn put(&mut self, key: String, answer: Answer) {
        let joined = match (self.answers.get(&key), &answer) {
            (Some(Answer::Text(before)), Answer::Text(after)) => Answer::Text(format!("{before}, {after}")),
            _ => answer,
        };
        self.answers.insert(key, joined);
    }

    fn lose(&mut self, column: &Column, loss: Loss) {
        self.losses.insert((column.name.clone(), loss));
    }
}
