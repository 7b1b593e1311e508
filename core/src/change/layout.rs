//! Where in a document an answer lies, and of what type it is.
//!
//! ```text
//! key   := field mark?                     field as in form::field: name, name#ROW, …, #repeat#ROW
//! mark  := / choice                        one choice of a multiple choice
//!        | !                               the first answer stands
//!        | ^                               the worse value stands      ^-   it was lowered, on purpose
//!        | + chain                         how much one chain has counted
//!        | @ entry                         one thing that was said
//!        | ?                               that there is no answer, where the field's own key has no room
//! ```
//! No name and no row holds a mark, so a document can be read without its form.

use automerge::{ActorId, ScalarValue};
use cairn_wire::codec::hex;
use cairn_wire::id::ChainId;

use super::ChangeError;
use crate::form::{Answer, Entry, FileAnswer, Form, Kind, Merge, Missing, Question, field::IN, limits};

/// The form's name.
pub(super) const FORM: &str = "~form";
/// Its edition.
pub(super) const VERSION: &str = "~version";
/// The record's id.
pub(super) const RECORD: &str = "~record";
/// The part's name.
pub(super) const PART: &str = "~part";

/// How the keys begin that say which later editions the document was moved on to.
pub(super) const TO: &str = "~to#";
/// What comes after all of them.
pub(super) const AFTER_TO: &str = "~to$";

/// Octets of a chain that stand in a key: as many as in the name of a document.
const WRITER: usize = 8;

/// What a question's answer is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape {
    /// A string.
    Text,
    /// A 64-bit integer.
    Integer,
    /// A 64-bit float.
    Decimal,
    /// A text object.
    Narrative,
    /// A key for each choice.
    Choices,
    /// Nothing: it is never answered.
    Nothing,
}

impl Shape {
    pub(super) fn of(kind: &Kind) -> Self {
        match kind {
            Kind::Narrative => Self::Narrative,
            Kind::Integer => Self::Integer,
            Kind::Decimal | Kind::Range => Self::Decimal,
            Kind::SelectMultiple(_) => Self::Choices,
            Kind::Note | Kind::Metadata(_) => Self::Nothing,
            _ => Self::Text,
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Integer => "a whole number",
            Self::Decimal => "a finite number",
            Self::Narrative => "a narrative",
            Self::Choices => "a set of choices",
            Self::Nothing => "ever given",
        }
    }
}

/// How the answers to a question come together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Way {
    /// As its shape does: short answers side by side, choices by adding, narratives by letter.
    Plain,
    /// The first stands.
    First,
    /// The worse stands.
    Worst,
    /// All counts are added.
    Count,
    /// All that was said stays.
    Log,
}

impl Way {
    pub(super) fn of(question: &Question) -> Self {
        let merge = question.merge();
        match merge {
            _ if !merge.fits(&question.kind) => Self::Plain,
            Merge::Immutable => Self::First,
            Merge::Worst => Self::Worst,
            Merge::Counter => Self::Count,
            Merge::Log => Self::Log,
            _ => Self::Plain,
        }
    }
}

/// What a key of a field says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mark<'a> {
    Own,
    Choice(&'a str),
    First,
    Worst,
    Lowered,
    Count(&'a str),
    Entry(&'a str),
    Missing,
}

/// The field a key belongs to, and what it says of it. None if no key is made so.
pub(super) fn parse(key: &str) -> Option<(&str, Mark<'_>)> {
    let Some(at) = key.find(['/', '!', '^', '+', '@', '?']) else { return Some((key, Mark::Own)) };
    let (field, mark) = key.split_at_checked(at)?;
    let mark = match mark.split_at_checked(1)? {
        ("/", choice) => Mark::Choice(choice),
        ("!", "") => Mark::First,
        ("^", "") => Mark::Worst,
        ("^", "-") => Mark::Lowered,
        ("+", chain) => Mark::Count(chain),
        ("@", entry) => Mark::Entry(entry),
        ("?", "") => Mark::Missing,
        _ => return None,
    };
    Some((field, mark))
}

/// The key that says that the document was moved on to an edition.
pub(super) fn to(version: &str) -> String {
    format!("{TO}{version}")
}

/// The field a key belongs to; the key itself if no key is made so.
pub(super) fn field_of(key: &str) -> &str {
    parse(key).map_or(key, |(field, _)| field)
}

/// The key of one choice.
pub(super) fn flag(field: &str, choice: &str) -> String {
    format!("{field}/{choice}")
}

/// The key under which a short answer stands.
pub(super) fn short(field: &str, way: Way) -> String {
    match way {
        Way::First => format!("{field}!"),
        Way::Worst => format!("{field}^"),
        _ => field.to_owned(),
    }
}

/// The key that says that a value was lowered on purpose.
pub(super) fn lowered(field: &str) -> String {
    format!("{field}^-")
}

/// The key under which a chain counts.
pub(super) fn count(field: &str, chain: &ActorId) -> String {
    format!("{field}+{}", writer(chain))
}

/// The key under which it is said why there is no answer; none where that stands in place of a short answer.
pub(super) fn missing(field: &str, question: &Question) -> Option<String> {
    let way = Way::of(question);
    let apart = matches!(way, Way::Count | Way::Log)
        || way == Way::Plain && matches!(Shape::of(&question.kind), Shape::Choices | Shape::Narrative);
    apart.then(|| format!("{field}?"))
}

/// The key of one thing that was said, the `number`th in a change whose first operation is `start`.
pub(super) fn entry(field: &str, start: u64, chain: &ActorId, number: u8) -> String {
    format!("{field}@{}{number:02x}", entries(start, chain))
}

/// How the names of all things said in one change begin; they sort causes before effects.
pub(super) fn entries(start: u64, chain: &ActorId) -> String {
    format!("{start:08x}{}", writer(chain))
}

/// A chain as it stands in keys.
pub(super) fn writer(chain: &ActorId) -> String {
    hex(chain.to_bytes().get(..WRITER).unwrap_or_default())
}

/// The actor a chain writes as.
pub(super) fn actor(chain: ChainId) -> ActorId {
    ActorId::from(chain.0)
}

/// The chain that writes as `actor`.
pub(super) fn chain(actor: &ActorId) -> Option<ChainId> {
    ChainId::from_slice(actor.to_bytes())
}

/// Whether `answer` may be an answer to `question`.
pub(super) fn check(form: &Form, question: &Question, answer: &Answer) -> Result<(), ChangeError> {
    let field = || question.name.clone();
    let shape = Shape::of(&question.kind);
    if let Answer::Missing(_) = answer {
        let told = || ChangeError::Unfit { field: field(), expected: Shape::Nothing.name() };
        return if question.kind.is_asked() { Ok(()) } else { Err(told()) };
    }
    let too_long = |limit| Err(ChangeError::TooLong { field: field(), limit });
    match (Way::of(question), answer) {
        (Way::Log, Answer::Log(entries)) => {
            let long = entries.iter().any(|entry| entry.text.len() > limits::TEXT);
            return if long { too_long(limits::TEXT) } else { Ok(()) };
        }
        (Way::Log, _) => {
            return Err(ChangeError::Unfit { field: field(), expected: "a list of what was said" });
        }
        (Way::Count, Answer::Integer(..0)) => {
            return Err(ChangeError::Unfit { field: field(), expected: "a count" });
        }
        (Way::Worst, Answer::Text(text)) if rank(form, question, text).is_none() => {
            return Err(ChangeError::Unoffered { field: field() });
        }
        _ => {}
    }
    match (shape, answer) {
        (Shape::Text, Answer::Text(text)) if text.len() > limits::TEXT => too_long(limits::TEXT),
        (Shape::Narrative, Answer::Narrative(text)) if text.len() > limits::NARRATIVE => {
            too_long(limits::NARRATIVE)
        }
        (Shape::Text, Answer::File(file)) if question.kind.is_file() && file.is_sound() => Ok(()),
        (Shape::Decimal, Answer::Decimal(number)) if number.is_finite() => Ok(()),
        (Shape::Choices, Answer::Choices(chosen)) => {
            if chosen.iter().all(|choice| form.offers(question, choice)) {
                Ok(())
            } else {
                Err(ChangeError::Unoffered { field: field() })
            }
        }
        (Shape::Text, Answer::Text(_))
        | (Shape::Integer, Answer::Integer(_))
        | (Shape::Narrative, Answer::Narrative(_)) => Ok(()),
        _ => Err(ChangeError::Unfit { field: field(), expected: shape.name() }),
    }
}

/// A short answer as the document stores it. Where the worse stands, a choice says how bad it is: its place in
/// the list, then its name.
pub(super) fn scalar(form: &Form, question: &Question, answer: &Answer) -> Option<ScalarValue> {
    match answer {
        Answer::Text(text) if Way::of(question) == Way::Worst => {
            Some(format!("{} {text}", rank(form, question, text)?).into())
        }
        Answer::Text(text) => Some(text.as_str().into()),
        Answer::Integer(number) => Some((*number).into()),
        Answer::Decimal(number) => Some((*number).into()),
        Answer::Missing(missing) => Some(ScalarValue::Uint(code(*missing))),
        Answer::Choices(chosen) if Way::of(question) == Way::First => {
            let names: Vec<&str> = chosen.iter().map(String::as_str).collect();
            Some(ScalarValue::Bytes(names.join(" ").into_bytes()))
        }
        Answer::File(file) => Some(ScalarValue::Bytes(file.encode())),
        Answer::Narrative(_) | Answer::Choices(_) | Answer::Log(_) | Answer::Row => None,
    }
}

/// A value where the worse one stands, with the place that its choice has in this form's list. What the form does
/// not offer keeps the place it had.
pub(super) fn placed(form: &Form, question: &Question, value: &ScalarValue) -> ScalarValue {
    let ScalarValue::Str(text) = value else { return value.clone() };
    let name = text.split_once(' ').map(|(_, name)| name);
    let placed = name.and_then(|name| Some(format!("{} {name}", rank(form, question, name)?)));
    placed.map_or_else(|| value.clone(), ScalarValue::from)
}

/// How bad a choice is: its place in the list, later is worse. What has no list has one answer.
fn rank(form: &Form, question: &Question, name: &str) -> Option<usize> {
    let choices = form.choices(question);
    if choices.is_empty() { Some(0) } else { choices.place(name) }
}

/// What a stored value says under a mark; nothing for null and for what is no answer.
pub(super) fn answer(mark: Mark<'_>, value: &ScalarValue) -> Option<Answer> {
    match (mark, value) {
        (_, ScalarValue::Uint(code)) => missing_of(*code).map(Answer::Missing),
        (Mark::Worst, ScalarValue::Str(text)) => {
            let (_, name) = text.split_once(' ')?;
            Some(Answer::Text(name.to_owned()))
        }
        (Mark::Own | Mark::First, ScalarValue::Bytes(bytes)) => match (file(value), mark) {
            (Some(file), _) => Some(Answer::File(Box::new(file))),
            (None, Mark::First) => {
                let names = std::str::from_utf8(bytes).ok()?;
                Some(Answer::Choices(names.split_whitespace().map(str::to_owned).collect()))
            }
            (None, _) => None,
        },
        (_, ScalarValue::Str(text)) => Some(Answer::Text(text.to_string())),
        (_, ScalarValue::Int(number)) => Some(Answer::Integer(*number)),
        (_, ScalarValue::F64(number)) => Some(Answer::Decimal(*number)),
        _ => None,
    }
}

/// The file that a stored value is, if it is one.
pub(super) fn file(value: &ScalarValue) -> Option<FileAnswer> {
    match value {
        ScalarValue::Bytes(bytes) => FileAnswer::decode(bytes),
        _ => None,
    }
}

/// One thing that was said.
pub(super) fn said(id: &str, time: i64, value: &ScalarValue) -> Option<Entry> {
    match value {
        ScalarValue::Str(text) => Some(Entry { id: id.to_owned(), time, text: text.to_string() }),
        _ => None,
    }
}

/// Whether the value of a row's key says that the row is there. The number grows with each word on it, since
/// saying the same again must be something new, or it would not stand against who takes the row away.
pub(super) fn is_there(value: &ScalarValue) -> bool {
    matches!(value, ScalarValue::Int(1..))
}

/// Whether a key is that of a row.
pub(super) fn is_row(field: &str) -> bool {
    field.starts_with(IN)
}

/// Whether a document with this key and value needs a reader of the second layout.
pub(super) fn is_second(key: &str, value: Option<&ScalarValue>) -> bool {
    let plain = matches!(parse(key), Some((_, Mark::Own | Mark::Choice(_))));
    !plain || field_of(key).contains(IN) || matches!(value, Some(ScalarValue::Uint(_)))
}

fn code(missing: Missing) -> u64 {
    match missing {
        Missing::Unknown => 1,
        Missing::Declined => 2,
        Missing::NotAsked => 3,
    }
}

/// Why there is no answer, if the number says so.
pub(super) fn missing_of(number: u64) -> Option<Missing> {
    Missing::ALL.into_iter().find(|missing| code(*missing) == number)
}
