//! A form that is being filled in: what is asked now, what is missing, what is wrong. Pure: it is told the time
//! and the dice, and keeps nothing.
//!
//! ```text
//! Form ─► Prepared (once) ─► Session::open(answers) ─► answer(…) ─► Changed … ─► faults(), answers()
//! ```
//! Fields go by the keys of [`super::Answers`], rows by their identifiers; the expressions below count rows. A
//! question that is not relevant is not required and not checked, and its answer is kept all the same.

mod changed;
mod consequences;
mod faults;
mod keys;
mod surroundings;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use super::expression::{Filling, Purpose, Spot};
use super::field::next_row_id;
use super::rows::{every_row, rows};
use super::{Answer, Answers, Fault, Form, Holder, Kind, Prepared, Question, Rule, field, text_in};

pub use changed::Changed;
pub use consequences::{consequences, finished};
pub use faults::Told;
pub use surroundings::Surroundings;

use surroundings::text_of;

/// One record while somebody fills it in.
pub struct Session<'f> {
    form: &'f Form,
    prepared: &'f Prepared,
    around: &'f Surroundings<'f>,
    filling: Filling<'f>,
    answers: Answers,
}

impl<'f> Session<'f> {
    /// Opens a record with the answers it has. `begun` says whether it was begun before: then defaults are left
    /// alone.
    pub fn open(
        form: &'f Form,
        prepared: &'f Prepared,
        around: &'f Surroundings<'f>,
        answers: Answers,
        begun: bool,
    ) -> Self {
        let answers = form.with_rows(answers);
        let mut given = Vec::new();
        for (key, answer) in &answers {
            let question = form.asked(key);
            if let (Some(spot), Some(question)) = (keys::spot(form, prepared, &answers, key), question) {
                given.push((spot, text_of(form, question, answer)));
            }
        }
        given.extend(told_by_device(form, prepared, around, &answers));
        let counts = counts(form, prepared, &answers);
        let filling = Filling::open(prepared.plan(), around, &given, &counts, begun);
        let opened = filling.opened().to_vec();
        let mut session = Self { form, prepared, around, filling, answers };
        session.give_rows();
        session.keep(&opened);
        session.filling.take_noticed();
        session
    }

    /// What was answered, calculated and given by default so far.
    pub fn answers(&self) -> &Answers {
        &self.answers
    }

    /// Takes an answer, or takes one away, and says what it changed.
    ///
    /// # Errors
    /// [`Rule::UnknownField`] if there is no such question, or not in such a row.
    pub fn answer(&mut self, key: &str, answer: Option<Answer>) -> Result<Changed, Fault> {
        let unknown = || Fault { field: super::name::quoted(key), rule: Rule::UnknownField };
        let (place, rows) = self.spot(key).ok_or_else(unknown)?;
        let question = self.question_at(place).ok_or_else(unknown)?;
        let text = answer.as_ref().map(|answer| text_of(self.form, question, answer)).unwrap_or_default();
        match answer {
            Some(answer) => drop(self.answers.insert(key.to_owned(), answer)),
            None => drop(self.answers.remove(key)),
        }
        let calculated = self.filling.answer(place, &rows, &text);
        Ok(self.changed(Some((place, rows)), &calculated))
    }

    /// Begins a row at the end of a repeat, inside the given rows of those around it, and returns its identifier.
    ///
    /// # Errors
    /// [`Rule::UnknownField`] if there is no such repeat, or if its count is worked out.
    pub fn add_row(&mut self, repeat: &str, outer: &[&str]) -> Result<(String, Changed), Fault> {
        let unknown = || Fault { field: super::name::quoted(repeat), rule: Rule::UnknownField };
        let index = keys::repeat(self.form, repeat).ok_or_else(unknown)?;
        let counted = self.form.groups.get(index).and_then(|group| group.repeat.as_ref()?.count.as_ref());
        let place = self.prepared.group(index).filter(|_| counted.is_none()).ok_or_else(unknown)?;
        let at = keys::indexes(self.form, &self.answers, index, outer).ok_or_else(unknown)?;
        let id = next_row_id(rows(&self.answers, repeat, outer).last().copied(), self.around.dice());
        let path: Vec<&str> = outer.iter().copied().chain([id.as_str()]).collect();
        self.answers.insert(field::row(repeat, &path), Answer::Row);
        let calculated = self.filling.add_row(place, &at);
        let mut changed = self.changed(None, &calculated);
        changed.rows.insert(field::field(repeat, outer));
        Ok((id, changed))
    }

    /// Takes a row away; `path` ends with its identifier.
    ///
    /// # Errors
    /// [`Rule::UnknownField`] if there is no such row.
    pub fn remove_row(&mut self, repeat: &str, path: &[&str]) -> Result<Changed, Fault> {
        let unknown = || Fault { field: super::name::quoted(repeat), rule: Rule::UnknownField };
        let (own, outer) = path.split_last().ok_or_else(unknown)?;
        let index = keys::repeat(self.form, repeat).ok_or_else(unknown)?;
        let place = self.prepared.group(index).ok_or_else(unknown)?;
        let mut at = keys::indexes(self.form, &self.answers, index, outer).ok_or_else(unknown)?;
        let row = rows(&self.answers, repeat, outer).iter().position(|id| id == own).ok_or_else(unknown)?;
        at.push(row);
        self.answers.retain(|key, _| !keys::lies_in(self.form, key, repeat, path));
        let calculated = self.filling.remove_row(place, &at);
        let mut changed = self.changed(None, &calculated);
        changed.rows.insert(field::field(repeat, outer));
        Ok(changed)
    }

    /// Works out again what looks at the time.
    pub fn refresh(&mut self) -> Changed {
        let calculated = self.filling.refresh();
        self.changed(None, &calculated)
    }

    /// Whether a field is asked now.
    pub fn is_relevant(&self, key: &str) -> bool {
        self.spot(key).is_some_and(|(place, rows)| self.filling.is_relevant(place, &rows))
    }

    /// Whether rows of a repeat are asked for now, inside the given rows of those around it.
    pub fn is_repeat_relevant(&self, repeat: &str, outer: &[&str]) -> bool {
        let place = keys::repeat(self.form, repeat);
        let at = place.and_then(|index| keys::indexes(self.form, &self.answers, index, outer));
        let place = place.and_then(|index| self.prepared.group(index));
        place.zip(at).is_some_and(|(place, at)| self.filling.is_relevant(place, &at))
    }

    /// Whether the form works out how many rows a repeat has, so that nobody adds or removes any.
    pub fn is_repeat_counted(&self, repeat: &str) -> bool {
        let group = keys::repeat(self.form, repeat).and_then(|index| self.form.groups.get(index));
        group.is_some_and(|group| group.repeat.as_ref().is_some_and(|repeat| repeat.count.is_some()))
    }

    /// Whether a field must be answered now.
    pub fn is_required(&self, key: &str) -> bool {
        let Some((place, rows)) = self.spot(key) else { return false };
        let always = self.question_at(place).is_some_and(|question| question.required);
        (always || self.filling.is_required(place, &rows)) && self.filling.is_relevant(place, &rows)
    }

    /// Whether what stands in a field is what the form works out from the answers that stand now. A calculation that
    /// waits for its trigger, that is not asked for or that fails leaves what stood there.
    pub fn is_worked_out(&self, key: &str) -> bool {
        let Some((place, rows)) = self.spot(key) else { return false };
        let logic = self.question_at(place).map(|question| &question.logic);
        logic.is_some_and(|logic| logic.calculation.is_some() && logic.trigger.is_empty())
            && self.filling.is_relevant(place, &rows)
            && self.filling.is_worked_out(place, &rows)
    }

    /// Whether a field cannot be changed by hand now.
    pub fn is_readonly(&self, key: &str) -> bool {
        self.spot(key).is_some_and(|(place, rows)| self.filling.is_readonly(place, &rows))
    }

    /// Which choices of its list a field offers now, as indexes into [`Form::choices`]; all if `None`.
    pub fn choices(&self, key: &str) -> Option<&[usize]> {
        let (place, rows) = self.spot(key)?;
        self.filling.choices(place, &rows)
    }

    /// What the record is called, if the form says it.
    pub fn name(&self) -> Option<String> {
        Some(self.filling.value(self.prepared.name(), &[])).filter(|name| !name.is_empty())
    }

    /// A text of the form for the reader of this session, with answers in the place of references. `key` is the
    /// field it belongs to.
    pub fn said(&self, texts: &super::Translations, key: &str) -> String {
        let text = text_in(texts, self.around.language(), &self.form.default_language);
        let spot = self.spot(key);
        super::reference::filled_in(text, |name| self.shown(name, spot.as_ref()))
    }

    /// How many expressions were worked out since the record was opened, opening included.
    pub fn evaluations(&self) -> u64 {
        self.filling.evaluations()
    }

    /// The answer to a question as people read it, in the same row of every repeat that is around both.
    fn shown(&self, name: &str, from: Option<&Spot>) -> String {
        let index = self.prepared.index(name);
        let question = index.and_then(|index| self.form.questions.get(index));
        let (Some(question), Some(place)) = (question, index.and_then(|index| self.prepared.question(index)))
        else {
            return String::new();
        };
        let depth = self.form.repeats_of(question).len();
        let rows = from.map_or(&[][..], |(_, rows)| rows.as_slice());
        let rows = rows.get(..depth.min(rows.len())).unwrap_or_default();
        match self.key(place, rows).and_then(|key| self.answers.get(&key)) {
            Some(answer) if self.filling.is_relevant(place, rows) => {
                answer.display(self.form, question, self.around.language())
            }
            _ => self.filling.value(place, rows),
        }
    }

    fn spot(&self, key: &str) -> Option<Spot> {
        keys::spot(self.form, self.prepared, &self.answers, key)
    }

    fn key(&self, place: usize, rows: &[usize]) -> Option<String> {
        keys::key(self.form, self.prepared, &self.answers, place, rows)
    }

    fn question_at(&self, place: usize) -> Option<&'f Question> {
        match self.prepared.holder(place) {
            Holder::Question(index) => self.form.questions.get(index),
            _ => None,
        }
    }

    /// Keeps what was worked out, where it is an answer to its question.
    fn keep(&mut self, calculated: &[Spot]) -> BTreeMap<String, Option<Answer>> {
        let mut values = BTreeMap::new();
        let mut left = calculated.to_vec();
        while let Some((place, rows)) = left.pop() {
            let Some(question) = self.question_at(place) else { continue };
            let Some(key) = self.key(place, &rows) else { continue };
            let text = self.filling.value(place, &rows);
            // What is not relevant has no value; the answer that stands is left alone.
            if text.is_empty() && !self.filling.is_relevant(place, &rows) {
                continue;
            }
            let answer = worked_out(self.form, question, &text);
            if answer.is_none() && !text.is_empty() {
                // What cannot be an answer is none to expressions either, or it would count until it is saved.
                left.extend(self.filling.answer(place, &rows, ""));
            }
            match &answer {
                Some(answer) => drop(self.answers.insert(key.clone(), answer.clone())),
                None => drop(self.answers.remove(&key)),
            }
            values.insert(key, answer);
        }
        values
    }

    /// Gives identifiers to rows that a count has begun.
    fn give_rows(&mut self) {
        for index in 0..self.form.groups.len() {
            let Some(group) = self.form.groups.get(index) else { continue };
            let Some(place) = self.prepared.group(index).filter(|_| group.repeat.is_some()) else { continue };
            let around = self.form.repeats_to(&group.name);
            let outer = around.get(..around.len().saturating_sub(1)).unwrap_or_default();
            let paths: Vec<Vec<String>> = every_row(&self.answers, outer)
                .into_iter()
                .map(|path| path.into_iter().map(str::to_owned).collect())
                .collect();
            for path in paths {
                let path: Vec<&str> = path.iter().map(String::as_str).collect();
                let Some(at) = keys::indexes(self.form, &self.answers, index, &path) else { continue };
                let wanted = self.filling.rows(place, &at);
                let mut ids: Vec<String> =
                    rows(&self.answers, &group.name, &path).into_iter().map(str::to_owned).collect();
                while ids.len() < wanted {
                    let id = next_row_id(ids.last().map(String::as_str), self.around.dice());
                    let full: Vec<&str> = path.iter().copied().chain([id.as_str()]).collect();
                    self.answers.insert(field::row(&group.name, &full), Answer::Row);
                    ids.push(id);
                }
            }
        }
    }
}

/// What a calculation gives as an answer to its question; none if it is none.
fn worked_out(form: &Form, question: &Question, text: &str) -> Option<Answer> {
    match question.kind {
        Kind::Calculate | Kind::Hidden => (!text.is_empty()).then(|| Answer::Text(text.to_owned())),
        _ => form.parse_text(question, text).ok().flatten(),
    }
}

/// When the record was begun, which day that is: expressions may look at it before it is saved.
fn told_by_device(
    form: &Form,
    prepared: &Prepared,
    around: &Surroundings<'_>,
    answers: &Answers,
) -> Vec<(Spot, String)> {
    let questions = form.questions.iter().enumerate();
    let told = questions.filter_map(|(index, question)| {
        let text = match question.kind {
            Kind::Start => around.moment().written(),
            Kind::Today => around.moment().midnight().written(),
            _ => return None,
        };
        let missing = !answers.contains_key(&question.name) && form.repeats_of(question).is_empty();
        let place = prepared.question(index).filter(|_| missing)?;
        Some(((place, Vec::new()), text))
    });
    told.collect()
}

/// How many rows each repeat has.
fn counts(form: &Form, prepared: &Prepared, answers: &Answers) -> Vec<(Spot, usize)> {
    let mut counts = Vec::new();
    for (index, group) in form.groups.iter().enumerate().filter(|(_, group)| group.repeat.is_some()) {
        let Some(place) = prepared.group(index) else { continue };
        let around = form.repeats_to(&group.name);
        let outer = around.get(..around.len().saturating_sub(1)).unwrap_or_default();
        for path in every_row(answers, outer) {
            let Some(at) = keys::indexes(form, answers, index, &path) else { continue };
            counts.push(((place, at), rows(answers, &group.name, &path).len()));
        }
    }
    counts
}

/// A purpose that the screen shows at a question.
fn is_shown(purpose: Purpose) -> bool {
    !matches!(purpose, Purpose::Calculation | Purpose::Default)
}
