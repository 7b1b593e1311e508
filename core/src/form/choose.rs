//! Which choices a text means.

use std::collections::BTreeSet;

use super::{Form, Offered, Question, Rule};

impl Form {
    /// The name of the choice that a text means: the choice of that name, or else the only one
    /// whose name or label in any language it is when upper and lower case do not matter.
    pub(super) fn choice(&self, question: &Question, text: &str) -> Result<String, Rule> {
        let text = text.trim();
        if self.offers(question, text) {
            return Ok(text.to_owned());
        }
        let folded = text.to_lowercase();
        let mut meant = self.choices(question).iter().filter(|choice| choice.is_called(&folded));
        match (meant.next(), meant.next()) {
            (Some(only), None) => Ok(only.name.to_owned()),
            (Some(_), Some(_)) => Err(Rule::AmbiguousChoice),
            (None, _) => Err(Rule::UnknownChoice),
        }
    }

    /// The names of the choices that a text puts in an order, with blanks between: parted at semicolons if
    /// there are any, then at commas, then at blanks.
    pub(super) fn ranked(&self, question: &Question, text: &str) -> Result<String, Rule> {
        const MARKS: [fn(char) -> bool; 3] = [
            |mark| matches!(mark, ';' | '\u{61B}'),
            |mark| matches!(mark, ',' | '\u{60C}'),
            char::is_whitespace,
        ];
        let text = text.trim();
        let mark = MARKS.into_iter().find(|mark| text.contains(*mark)).unwrap_or(char::is_whitespace);
        let pieces = text.split(mark).map(str::trim).filter(|piece| !piece.is_empty());
        let names: Vec<String> =
            pieces.map(|piece| self.choice(question, piece)).collect::<Result<_, _>>()?;
        Ok(names.join(" "))
    }

    /// The names of the choices that a text means. Labels hold commas and blanks themselves, so
    /// each piece is tried whole before it is parted: at semicolons, then commas, then blanks.
    pub(super) fn several(&self, question: &Question, text: &str) -> Result<BTreeSet<String>, Rule> {
        const MARKS: [fn(char) -> bool; 3] = [
            |mark| matches!(mark, ';' | '\u{61B}'),
            |mark| matches!(mark, ',' | '\u{60C}'),
            char::is_whitespace,
        ];
        let mut chosen = BTreeSet::new();
        let mut pieces = vec![(text, 0_usize)];
        while let Some((piece, parted)) = pieces.pop() {
            if piece.trim().is_empty() {
                continue;
            }
            match (self.choice(question, piece), MARKS.get(parted)) {
                (Ok(choice), _) => {
                    chosen.insert(choice);
                }
                (Err(Rule::UnknownChoice), Some(mark)) => {
                    pieces.extend(piece.split(mark).map(|smaller| (smaller, parted.saturating_add(1))));
                }
                (Err(rule), _) => return Err(rule),
            }
        }
        Ok(chosen)
    }
}

impl Offered<'_> {
    fn is_called(self, folded: &str) -> bool {
        let mut names = std::iter::once(self.name).chain(self.labels().map(|(_, label)| label));
        names.any(|name| name.trim().to_lowercase() == folded)
    }
}
