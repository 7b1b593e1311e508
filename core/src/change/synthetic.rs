//! Invented changes in the shapes real ones have.
//!
//! The segment room learns from them what changes of a form look like, before there are any. Every word and
//! number is made up from a seed; nobody's answers are in them.

use std::collections::BTreeMap;

use cairn_wire::id::{ChainId, RecordId};

use super::{
    About, Stamp, edit, first,
    layout::{self, Shape, Way},
};
use crate::form::{
    Answer, Answers, Entry, Form, Kind, Question,
    field::{field, next_row_id},
};

/// 2026-01-01, in seconds since 1970.
const YEAR_BEGINS: i64 = 1_767_225_600;
/// Choices of a long list that samples take.
const CHOSEN: usize = 1_000;
/// What words are made of.
const SYLLABLES: [&str; 16] =
    ["ka", "ri", "mo", "te", "lu", "na", "si", "ba", "ва", "ни", "то", "ра", "مي", "لا", "نو", "دا"];

/// `count` raw changes, first ones and edits of one field, with invented answers: samples for a
/// compression dictionary. The same seed gives the same bytes.
pub fn synthetic(form: &Form, seed: u64, count: usize) -> Vec<Vec<u8>> {
    let mut dice = Dice(seed);
    let mut changes = Vec::with_capacity(count);
    // Enough tries for any form; one that takes no changes gives none.
    for _ in 0..count {
        if changes.len() >= count {
            break;
        }
        let by =
            Stamp { chain: ChainId(dice.octets()), time: YEAR_BEGINS + dice.below(31_536_000).cast_signed() };
        let (record, answers) = (RecordId(dice.octets()), dice.answers(form));
        for part in form.parts() {
            let about = About { record, part: part.name() };
            let Ok(begun) = first(form, &about, &form.of_part(part, &answers), &by) else { continue };
            changes.push(begun.change);
            if let Some(edits) = dice.one_edit(form)
                && let Ok(Some(edited)) =
                    edit(&begun.document, form, &edits, &Stamp { time: by.time + 600, ..by })
            {
                changes.push(edited.change);
            }
        }
    }
    changes.truncate(count);
    changes
}

/// A small generator with a full period: splitmix64 (Steele, Lea and Flood 2014).
pub(super) struct Dice(pub(super) u64);

impl Dice {
    pub(super) fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// Less than `limit`, or 0.
    pub(super) fn below(&mut self, limit: u64) -> u64 {
        self.roll().checked_rem(limit).unwrap_or(0)
    }

    fn octets(&mut self) -> [u8; 16] {
        (u128::from(self.roll()) << 64 | u128::from(self.roll())).to_be_bytes()
    }

    pub(super) fn pick<'a, T>(&mut self, from: &'a [T]) -> Option<&'a T> {
        let place = self.below(from.len() as u64);
        from.get(usize::try_from(place).ok()?)
    }

    fn words(&mut self, count: u64) -> String {
        let words: Vec<String> = (0..count)
            .map(|_| (0..2 + self.below(2)).filter_map(|_| self.pick(&SYLLABLES).copied()).collect())
            .collect();
        words.join(" ")
    }

    fn date(&mut self) -> String {
        format!("{:04}-{:02}-{:02}", 1960 + self.below(66), 1 + self.below(12), 1 + self.below(28))
    }

    fn time(&mut self) -> String {
        format!("{:02}:{:02}:{:02}", self.below(24), self.below(60), self.below(60))
    }

    /// Two of three questions are answered, as in real records. Of each repeat there is one row.
    fn answers(&mut self, form: &Form) -> Answers {
        let asked = form.questions.iter().filter(|question| Shape::of(&question.kind) != Shape::Nothing);
        let mut answers = Answers::new();
        for question in asked {
            if self.below(3) > 0 {
                let answer = self.answer(form, question);
                answers.insert(Self::place(form, question), answer);
            }
        }
        answers
    }

    /// The question's key; in the first row of every repeat around it.
    fn place(form: &Form, question: &Question) -> String {
        let rows = form.repeats_around(question).into_iter().map(|_| next_row_id(None, 0));
        let rows: Vec<String> = rows.collect();
        field(&question.name, &rows.iter().map(String::as_str).collect::<Vec<_>>())
    }

    fn answer(&mut self, form: &Form, question: &Question) -> Answer {
        if Way::of(question) == Way::Log {
            return Answer::Log(vec![Entry::new(&self.words(6))]);
        }
        let text = match &question.kind {
            Kind::Narrative => {
                let length = 8 + self.below(24);
                return Answer::Narrative(self.words(length));
            }
            Kind::Integer => return Answer::Integer(self.below(90).cast_signed()),
            Kind::Decimal => {
                return Answer::Decimal(i32::try_from(self.below(10_000)).map_or(0.0, f64::from) / 100.0);
            }
            Kind::Range => {
                let (start, step) = question.range().map_or((1.0, 1.0), |range| (range.start, range.step));
                return Answer::Decimal(start + step * f64::from(u8::from(self.below(2) > 0)));
            }
            Kind::Rank(_) => {
                let names = form.choices(question).iter().take(CHOSEN).map(|choice| choice.name);
                names.collect::<Vec<_>>().join(" ")
            }
            Kind::SelectMultiple(_) => {
                let chosen = form.choices(question).iter().take(CHOSEN).filter(|_| self.below(4) == 0);
                return Answer::Choices(chosen.map(|choice| choice.name.to_owned()).collect());
            }
            Kind::SelectOne(_) => {
                let choices = form.choices(question);
                let place = usize::try_from(self.below(choices.len() as u64)).unwrap_or_default();
                let chosen = choices.get(place);
                chosen.map_or_else(String::new, |choice| choice.name.to_owned())
            }
            Kind::Date | Kind::Today => self.date(),
            Kind::Time => self.time(),
            Kind::DateTime | Kind::Start | Kind::End => format!("{}T{}+02:00", self.date(), self.time()),
            Kind::Geopoint => format!(
                "{}.{:05} {}.{:05} 0 5",
                self.below(60),
                self.below(100_000),
                self.below(90),
                self.below(100_000)
            ),
            Kind::Geotrace => "38.56 68.78 0 5; 38.57 68.79 0 5".to_owned(),
            Kind::Geoshape => "38.56 68.78; 38.57 68.78; 38.57 68.79; 38.56 68.78".to_owned(),
            Kind::Image => format!("{}.jpg", self.below(1_000_000)),
            Kind::Audio | Kind::Video | Kind::File => format!("{}.mp4", self.below(1_000_000)),
            Kind::Acknowledge => "OK".to_owned(),
            Kind::Calculate | Kind::Hidden if question.constant.is_some() => {
                question.constant.clone().unwrap_or_default()
            }
            _ => {
                let length = 1 + self.below(3);
                self.words(length)
            }
        };
        Answer::Text(text)
    }

    fn one_edit(&mut self, form: &Form) -> Option<BTreeMap<String, Option<Answer>>> {
        let question = self.pick(&form.questions)?;
        if matches!(Shape::of(&question.kind), Shape::Nothing) {
            return None;
        }
        let answer = self.answer(form, question);
        layout::check(form, question, &answer).ok()?;
        Some(BTreeMap::from([(Self::place(form, question), Some(answer))]))
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Arrival, admit, strip, tests::interview};
    use super::*;
    use std::sync::Arc;

    #[test]
    fn samples_are_the_same_for_the_same_seed() {
        let samples = synthetic(&interview(), 7, 40);
        assert_eq!(samples.len(), 40);
        assert_eq!(samples, synthetic(&interview(), 7, 40));
        assert_ne!(samples, synthetic(&interview(), 8, 40));
    }

    #[test]
    fn samples_are_changes_any_device_would_admit() {
        let form = Arc::new(interview());
        for sample in synthetic(&form, 7, 40) {
            assert!(strip(&sample).is_some());
            let change = automerge::Change::from_bytes(sample.clone()).unwrap();
            let chain = layout::chain(change.actor_id()).unwrap();
            if change.deps().is_empty() {
                let arrivals = [Arrival { chain, change: &sample }];
                assert_eq!(admit(None, &arrivals, &|_, _| Some(form.clone())).unwrap().refused, vec![]);
            }
        }
    }

    #[test]
    fn a_form_without_questions_gives_first_changes_alone() {
        let form = Form { questions: Vec::new(), ..interview() };
        assert_eq!(synthetic(&form, 1, 3).len(), 3);
    }
}
