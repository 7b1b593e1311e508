//! What is wrong with an answer, without repeating it.

use super::{Form, limits, text_in};

/// What is wrong with the answer to one question. The person who answers must act.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{field}: {rule}")]
pub struct Fault {
    /// The question's name.
    pub field: String,
    /// The rule the answer breaks.
    pub rule: Rule,
}

impl Form {
    /// What the form itself says of a fault, in a reader's language: its message for an answer that is missing or
    /// does not pass its check. None where it has none, or where the message repeats answers.
    pub fn own_words(&self, fault: &Fault, language: &str) -> Option<&str> {
        let logic = &self.asked(&fault.field)?.logic;
        let texts = match fault.rule {
            Rule::Required => &logic.required_message,
            Rule::Constraint => &logic.constraint_message,
            _ => return None,
        };
        let text = text_in(texts, language, &self.default_language).trim();
        (!text.is_empty() && !text.contains("${")).then_some(text)
    }
}

/// A rule that an answer breaks. Its words say what is expected and never what was answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum Rule {
    /// A finished record must answer it.
    #[error("an answer is required")]
    Required,
    /// The form has no question of that name.
    #[error("the form has no such question")]
    UnknownField,
    /// It is a note.
    #[error("this is a note and takes no answer")]
    NotAnswerable,
    /// Text is expected.
    #[error("expected text")]
    NotText,
    /// A whole number is expected.
    #[error("expected a whole number, like 5")]
    NotInteger,
    /// Something that is counted is expected.
    #[error("expected a count: a whole number, 0 or more")]
    NotCount,
    /// A number is expected.
    #[error("expected a number, like 3.5")]
    NotDecimal,
    /// A day is expected.
    #[error("expected a day of the calendar, like 2026-09-28")]
    NotDate,
    /// The year belongs to another calendar.
    #[error("expected a day of the Gregorian calendar, like 2026-09-28; this year is before 1800")]
    OtherCalendar,
    /// A time of day is expected.
    #[error("expected a time of day, like 14:30")]
    NotTime,
    /// A day and time are expected.
    #[error("expected a day and time, like 2026-09-28T14:30:00+05:00")]
    NotDateTime,
    /// A place is expected.
    #[error("expected latitude and longitude in degrees with a blank between, like 38.56 68.78")]
    NotPlace,
    /// A line is expected.
    #[error("expected two or more places with ; between, like 38.56 68.78; 38.57 68.79")]
    NotTrace,
    /// An area is expected.
    #[error("expected three or more places with ; between, and the first again at the end")]
    NotShape,
    /// The number lies outside what the form allows.
    #[error("this is outside what the form allows")]
    OutOfRange,
    /// Choices in an order are expected.
    #[error("expected choices of the list in an order, each once")]
    NotRanking,
    /// The name of a file is expected.
    #[error("expected the name of a file, without a folder")]
    NotFile,
    /// Cairn answers nothing of the device or its owner.
    #[error("expected no answer: a form learns nothing of the device or its owner")]
    NotTold,
    /// The choice is not among those offered with the other answers.
    #[error("this choice does not go with the other answers")]
    NotOffered,
    /// The form's own check fails.
    #[error("this does not fit what the form asks for")]
    Constraint,
    /// Only an acknowledgement is expected.
    #[error("expected OK")]
    NotAcknowledged,
    /// Choices are expected.
    #[error("expected choices of the list")]
    NotChoices,
    /// The choice is not in the list.
    #[error("this is not one of the choices")]
    UnknownChoice,
    /// Several choices are called so.
    #[error("several choices are called so: write the choice's name instead of its label")]
    AmbiguousChoice,
    /// A row of a repeat is expected.
    #[error("expected rows: an array of objects, each with the `~row` that names it or with none")]
    NotRow,
    /// There are more rows than expressions can count.
    #[error("a repeat takes at most 1000 rows")]
    TooManyRows,
    /// The first answer stands for good.
    #[error("this was answered before, and the first answer stands")]
    Answered,
    /// What was said or counted stays.
    #[error("what was said or counted here stays: add to it instead")]
    Stays,
    /// Somebody else has written in the text too.
    #[error("somebody else has written here as well: change the text instead")]
    WrittenMeanwhile,
    /// The worse answer stands.
    #[error("a worse answer stands here: lower it on purpose, if it is right")]
    Lowers,
    /// The record knows another question under that name.
    #[error("another question had this name in an earlier edition: its answer stays")]
    AskedOtherwise,
    /// The text is too long.
    #[error("this is too long: at most {} KiB", limits::TEXT >> 10)]
    TooLong,
    /// The narrative is too long.
    #[error("this is too long: at most {} KiB", limits::NARRATIVE >> 10)]
    NarrativeTooLong,
}

impl Rule {
    /// A short name for machines, stable over versions.
    pub fn name(self) -> &'static str {
        match self {
            Self::Required => "required",
            Self::UnknownField => "unknown_field",
            Self::NotAnswerable => "not_answerable",
            Self::NotText => "not_text",
            Self::NotInteger => "not_integer",
            Self::NotCount => "not_count",
            Self::NotDecimal => "not_decimal",
            Self::NotDate => "not_date",
            Self::OtherCalendar => "other_calendar",
            Self::NotTime => "not_time",
            Self::NotDateTime => "not_date_time",
            Self::NotPlace => "not_place",
            Self::NotTrace => "not_trace",
            Self::NotShape => "not_shape",
            Self::OutOfRange => "out_of_range",
            Self::NotRanking => "not_ranking",
            Self::NotFile => "not_file",
            Self::NotTold => "not_told",
            Self::NotOffered => "not_offered",
            Self::Constraint => "constraint",
            Self::NotAcknowledged => "not_acknowledged",
            Self::NotChoices => "not_choices",
            Self::UnknownChoice => "unknown_choice",
            Self::AmbiguousChoice => "ambiguous_choice",
            Self::NotRow => "not_row",
            Self::TooManyRows => "too_many_rows",
            Self::Answered => "answered",
            Self::Stays => "stays",
            Self::WrittenMeanwhile => "written_meanwhile",
            Self::Lowers => "lowers",
            Self::AskedOtherwise => "asked_otherwise",
            Self::TooLong => "too_long",
            Self::NarrativeTooLong => "narrative_too_long",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rule_has_a_name_for_machines_beside_its_words() {
        assert_eq!((Rule::Required.name(), Rule::NotDateTime.name()), ("required", "not_date_time"));
        assert!(!Rule::Constraint.to_string().contains(Rule::Constraint.name()));
    }
}
