//! Whether an operation on a key of the root map is one that the form allows.

use std::collections::BTreeMap;

use automerge::{
    ExpandedChange, ObjType, ScalarValue,
    legacy::{Op, OpType},
};

use super::{
    layout::{self, FORM, Mark, PART, RECORD, Shape, VERSION, Way},
    refusal::{Breach, Refusal},
    vet::breach,
    weight,
};
use crate::form::{
    Form, Question,
    field::{is_row_id, split},
    limits,
};

/// What a form asks in one part.
pub(super) struct Asked<'a> {
    pub(super) form: &'a Form,
    pub(super) questions: BTreeMap<&'a str, &'a Question>,
}

impl Asked<'_> {
    /// Whether `change` may do this to a key. What it replaces is judged by [`may_replace`].
    pub(super) fn judge(&self, key: &str, operation: &Op, change: &ExpandedChange) -> Result<(), Refusal> {
        if let Some(sound) = reserved(key, &operation.action) {
            let first = change.deps.is_empty();
            return if first && sound { Ok(()) } else { Err(breach(None, Breach::Reserved)) };
        }
        let unasked = || breach(None, Breach::Unasked);
        let (field, mark) = layout::parse(key).ok_or_else(unasked)?;
        if layout::is_row(field) {
            return self.row(field, mark, &operation.action).map_err(|broken| breach(None, broken));
        }
        let place = split(field);
        let question = self.questions.get(place.name).ok_or_else(unasked)?;
        let depth = if question.group.is_none() { 0 } else { self.form.repeats_of(question).len() };
        if place.rows.len() != depth || !place.rows.iter().all(|row| is_row_id(row)) {
            return Err(unasked());
        }
        let wrong = |breached| Err(breach(Some(place.name), breached));
        let value = match &operation.action {
            OpType::Put(value) => value,
            // Only where nothing is yet: no object is ever replaced.
            OpType::Make(ObjType::Text)
                if mark == Mark::Own
                    && Way::of(question) == Way::Plain
                    && Shape::of(&question.kind) == Shape::Narrative
                    && operation.pred.is_empty() =>
            {
                return Ok(());
            }
            _ => return wrong(Breach::Operation),
        };
        match self.value(question, field, mark, value, change) {
            Ok(()) if matches!(mark, Mark::Entry(_)) && !operation.pred.is_empty() => {
                wrong(Breach::Rewritten)
            }
            Ok(()) => Ok(()),
            Err(broken) => wrong(broken),
        }
    }

    /// A row that is there, or taken away, of a repeat that this part asks something in.
    fn row(&self, field: &str, mark: Mark<'_>, action: &OpType) -> Result<(), Breach> {
        let place = split(field);
        if mark != Mark::Own || !self.form.is_row(field) {
            return Err(Breach::Unasked);
        }
        let inside = |question: &&&Question| self.form.repeats_around(question).contains(&place.name);
        if !self.questions.values().any(|question| inside(&question)) {
            return Err(Breach::Unasked);
        }
        match action {
            OpType::Put(ScalarValue::Int(word)) if *word != 0 => Ok(()),
            OpType::Put(_) => Err(Breach::WrongKind),
            _ => Err(Breach::Operation),
        }
    }

    fn value(
        &self,
        question: &Question,
        field: &str,
        mark: Mark<'_>,
        value: &ScalarValue,
        change: &ExpandedChange,
    ) -> Result<(), Breach> {
        let (way, shape) = (Way::of(question), Shape::of(&question.kind));
        let short = matches!(shape, Shape::Text | Shape::Integer | Shape::Decimal);
        let given = matches!(value, ScalarValue::Uint(code) if layout::missing_of(*code).is_some());
        let missing = question.kind.is_asked() && given;
        let apart = layout::missing(field, question).is_some();
        match (way, mark, value) {
            (_, Mark::Missing, ScalarValue::Null) if apart => Ok(()),
            (_, Mark::Missing, _) if apart && missing => Ok(()),
            (Way::Plain, Mark::Choice(choice), ScalarValue::Boolean(_)) if shape == Shape::Choices => {
                if self.form.offers(question, choice) { Ok(()) } else { Err(Breach::Unoffered) }
            }
            (Way::Plain, Mark::Own, ScalarValue::Boolean(true) | ScalarValue::Null)
                if shape == Shape::Choices =>
            {
                Ok(())
            }
            (Way::Plain | Way::Worst, _, ScalarValue::Null) if short && mark == own(way) => Ok(()),
            (Way::Plain | Way::First | Way::Worst, _, _)
                if mark == own(way) && missing && (short || way == Way::First) =>
            {
                Ok(())
            }
            (Way::Plain | Way::First | Way::Worst, _, _) if mark == own(way) => {
                self.answer(question, way, value)
            }
            (Way::Worst, Mark::Lowered, ScalarValue::Int(1..)) => Ok(()),
            (Way::Count, Mark::Count(chain), ScalarValue::Int(_))
                if chain == layout::writer(&change.actor_id) =>
            {
                Ok(())
            }
            (Way::Count, Mark::Count(_), ScalarValue::Int(_)) => Err(Breach::Rewritten),
            (Way::Log, Mark::Entry(id), ScalarValue::Str(text)) => {
                let ours = layout::entries(change.start_op.get(), &change.actor_id);
                match id.strip_prefix(ours.as_str()) {
                    Some(number) if is_number(number) => fits(text, limits::TEXT),
                    _ => Err(Breach::Rewritten),
                }
            }
            _ => Err(Breach::WrongKind),
        }
    }

    /// A short answer.
    fn answer(&self, question: &Question, way: Way, value: &ScalarValue) -> Result<(), Breach> {
        match (Shape::of(&question.kind), value) {
            (Shape::Text, ScalarValue::Str(text)) if way == Way::Worst => {
                let name = text.split_once(' ').map(|(_, name)| name).ok_or(Breach::WrongKind)?;
                let ours = layout::scalar(self.form, question, &crate::form::Answer::Text(name.to_owned()));
                if ours.as_ref() == Some(value) { Ok(()) } else { Err(Breach::Unoffered) }
            }
            (Shape::Text, ScalarValue::Str(text)) => fits(text, limits::TEXT),
            (Shape::Text, ScalarValue::Bytes(_))
                if question.kind.is_file() && layout::file(value).is_some() =>
            {
                Ok(())
            }
            (Shape::Integer, ScalarValue::Int(_)) => Ok(()),
            (Shape::Decimal, ScalarValue::F64(number)) if number.is_finite() => Ok(()),
            (Shape::Choices, ScalarValue::Bytes(names)) if way == Way::First => {
                let names = std::str::from_utf8(names).map_err(|_| Breach::WrongKind)?;
                let chosen: std::collections::BTreeSet<&str> = names.split_whitespace().collect();
                let plain = chosen.iter().copied().collect::<Vec<_>>().join(" ") == names;
                let offered = self.form.choices(question);
                let known = chosen.iter().all(|name| offered.place(name).is_some());
                if plain && known { Ok(()) } else { Err(Breach::Unoffered) }
            }
            _ => Err(Breach::WrongKind),
        }
    }
}

/// The mark under which a short answer stands.
fn own(way: Way) -> Mark<'static> {
    match way {
        Way::First => Mark::First,
        Way::Worst => Mark::Worst,
        _ => Mark::Own,
    }
}

fn fits(text: &str, limit: usize) -> Result<(), Breach> {
    if text.len() <= limit { Ok(()) } else { Err(Breach::TooLong) }
}

/// Two hexadecimal digits.
fn is_number(text: &str) -> bool {
    text.len() == 2 && text.bytes().all(|digit| matches!(digit, b'0'..=b'9' | b'a'..=b'f'))
}

/// Whether a put on `key` may replace what its author saw there, by what `form` asks. `also` tells whether the same change touches
/// another key.
pub(super) fn may_replace(
    form: &Form,
    key: &str,
    before: &[&ScalarValue],
    action: &OpType,
    also: impl Fn(&str) -> bool,
) -> Result<(), Refusal> {
    let (Some((field, mark)), OpType::Put(new)) = (layout::parse(key), action) else { return Ok(()) };
    let name = split(field).name;
    match mark {
        Mark::First if !may_stand(before, new) => Err(breach(Some(name), Breach::Rewritten)),
        Mark::Worst if lowers(form, field, before, new) && !also(&layout::lowered(field)) => {
            Err(breach(Some(name), Breach::Lowered))
        }
        _ => Ok(()),
    }
}

/// Whether `new` hides one of the values where the worse one stands. A choice that was given under an earlier edition
/// is as bad as its place in this one's list.
pub(super) fn lowers(form: &Form, field: &str, before: &[&ScalarValue], new: &ScalarValue) -> bool {
    let question = form.asked(field);
    before.iter().any(|old| match question {
        Some(question) => weight::lowers(&layout::placed(form, question, old), new),
        None => weight::lowers(old, new),
    })
}

/// Whether `new` may be put where the first answer stands: nobody has answered, or several have at the same time
/// and it is one of theirs.
pub(super) fn may_stand(before: &[&ScalarValue], new: &ScalarValue) -> bool {
    let mut answers: Vec<&ScalarValue> = Vec::new();
    for value in before.iter().filter(|value| !matches!(value, ScalarValue::Uint(_) | ScalarValue::Null)) {
        if !answers.contains(value) {
            answers.push(value);
        }
    }
    match answers.as_slice() {
        [] => true,
        [_] => false,
        several => several.contains(&new),
    }
}

/// Whether a change that writes in a row also says that the row is there. Otherwise somebody who takes the row
/// away at the same time would take away what was written.
pub(super) fn in_rows_that_are_there(form: &Form, keys: &BTreeMap<&str, &OpType>) -> Result<(), Refusal> {
    for key in keys.keys().filter(|key| !layout::is_row(key)) {
        let field = layout::field_of(key);
        let said = |row: &String| match keys.get(row.as_str()) {
            Some(OpType::Put(value)) => layout::is_there(value),
            _ => false,
        };
        if field.contains(crate::form::field::IN) && !form.rows_of(field).iter().all(said) {
            return Err(breach(Some(split(field).name), Breach::NoRow));
        }
    }
    Ok(())
}

/// Whether a value of one of the four reserved keys is sound; nothing for other keys.
fn reserved(key: &str, action: &OpType) -> Option<bool> {
    let OpType::Put(value) = action else { return key.starts_with('~').then_some(false) };
    match (key, value) {
        (FORM | VERSION | PART, ScalarValue::Str(text)) => Some(text.len() <= limits::NAME),
        (RECORD, ScalarValue::Bytes(bytes)) => Some(bytes.len() == 16),
        _ => key.starts_with('~').then_some(false),
    }
}
