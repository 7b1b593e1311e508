//! Answers from outside: typed after `--set`, or standing in a table or a JSON document.

use serde_json::Value;

use super::digits::latin;
use super::{
    Answer, Entry, Fault, Form, Kind, Merge, Missing, Question, Rule, limits, moment, number, place,
};

impl Form {
    /// The answer a text gives to a question; `None` for blank text, which is no answer.
    ///
    /// Texts and narratives are kept as typed. Around numbers, dates, places and choices blanks are
    /// trimmed; numbers and dates may be in Arabic-Indic or Persian digits. A choice may be given by
    /// its name or by a label; several are parted by semicolons, commas or blanks. A [marker](Missing::marker)
    /// says that there is no answer.
    ///
    /// # Errors
    /// The rule the text breaks; never the text.
    pub fn parse_text(&self, question: &Question, text: &str) -> Result<Option<Answer>, Fault> {
        let limit = if question.kind == Kind::Narrative { limits::NARRATIVE } else { limits::TEXT };
        if text.len() > limit {
            let narrative = question.kind == Kind::Narrative;
            let rule = if narrative { Rule::NarrativeTooLong } else { Rule::TooLong };
            return Err(question.fault(rule));
        }
        if text.trim().is_empty() {
            return Ok(None);
        }
        if let Some(missing) = Missing::from_marker(text).filter(|_| question.kind.is_asked()) {
            return Ok(Some(Answer::Missing(missing)));
        }
        let answer = self.answer(question, text).map_err(|rule| question.fault(rule))?;
        if answer.as_ref().is_none_or(Answer::is_blank) {
            return Ok(None);
        }
        answer.iter().try_for_each(|answer| self.check_answer(question, answer))?;
        Ok(answer)
    }

    fn answer(&self, question: &Question, text: &str) -> Result<Option<Answer>, Rule> {
        let answer = match &question.kind {
            Kind::Note => return Err(Rule::NotAnswerable),
            Kind::Text | Kind::Narrative if question.merge() == Merge::Log => {
                Answer::Log(vec![Entry::new(text)])
            }
            Kind::Narrative => Answer::Narrative(text.to_owned()),
            Kind::Integer => Answer::Integer(number::integer(&latin(text)).ok_or(Rule::NotInteger)?),
            Kind::Decimal | Kind::Range => {
                Answer::Decimal(number::decimal(&latin(text)).ok_or(Rule::NotDecimal)?)
            }
            Kind::Metadata(_) => return Err(Rule::NotTold),
            Kind::Date | Kind::Today => Answer::Text(latin(text)),
            Kind::Time => Answer::Text(moment::canonical_time(&latin(text))),
            Kind::DateTime | Kind::Start | Kind::End => {
                Answer::Text(moment::canonical_date_time(&latin(text)))
            }
            Kind::Geopoint => Answer::Text(place::canonical_place(&latin(text))),
            Kind::Geotrace | Kind::Geoshape => Answer::Text(place::canonical_places(&latin(text))),
            Kind::Rank(_) => Answer::Text(self.ranked(question, text)?),
            Kind::Image | Kind::Audio | Kind::Video | Kind::File => Answer::Text(text.trim().to_owned()),
            Kind::Acknowledge => match text.trim().to_ascii_lowercase().as_str() {
                "ok" | "yes" | "true" => Answer::Text(Answer::OK.to_owned()),
                "no" | "false" => return Ok(None),
                _ => return Err(Rule::NotAcknowledged),
            },
            Kind::SelectOne(_) => Answer::Text(self.choice(question, text)?),
            Kind::SelectMultiple(_) => Answer::Choices(self.several(question, text)?),
            _ => Answer::Text(text.to_owned()),
        };
        Ok(Some(answer))
    }

    /// The answer a JSON value gives to a question, as [`Answer::to_json`] writes it or as
    /// [`Form::parse_text`] reads it; `None` for `null` and for blank text.
    ///
    /// # Errors
    /// The rule the value breaks; never the value.
    pub fn parse_json(&self, question: &Question, value: &Value) -> Result<Option<Answer>, Fault> {
        let broken = |rule| Err(question.fault(rule));
        match (&question.kind, value) {
            (_, Value::Null) => Ok(None),
            (_, Value::String(text)) => self.parse_text(question, text),
            (Kind::Note, _) => broken(Rule::NotAnswerable),
            (kind, Value::Object(_)) if kind.is_asked() && Missing::from_json(value).is_some() => {
                Ok(Missing::from_json(value).map(Answer::Missing))
            }
            (Kind::Text | Kind::Narrative, Value::Array(values)) if question.merge() == Merge::Log => {
                let entries: Option<Vec<Entry>> = values.iter().map(Entry::from_json).collect();
                let entries = entries.ok_or_else(|| question.fault(Rule::NotText))?;
                Ok((!entries.is_empty()).then_some(Answer::Log(entries)))
            }
            (Kind::Acknowledge, Value::Bool(done)) => Ok(done.then(|| Answer::Text(Answer::OK.to_owned()))),
            // Choices may be called 1 and 2, or TRUE and FALSE; JSON writes such names bare.
            (Kind::SelectOne(_), Value::Bool(_) | Value::Number(_)) => {
                self.parse_text(question, &value.to_string())
            }
            (Kind::Integer | Kind::Decimal | Kind::Range, Value::Number(number)) => {
                self.parse_text(question, &number.to_string())
            }
            (Kind::SelectMultiple(_), Value::Array(values)) => {
                let mut chosen = std::collections::BTreeSet::new();
                for value in values {
                    let Value::String(text) = value else { return broken(Rule::NotChoices) };
                    chosen.insert(self.choice(question, text).map_err(|rule| question.fault(rule))?);
                }
                Ok((!chosen.is_empty()).then_some(Answer::Choices(chosen)))
            }
            (kind, _) => broken(kind.expected()),
        }
    }
}

impl Kind {
    /// The rule that a JSON value of an altogether different type breaks.
    fn expected(&self) -> Rule {
        match self {
            Self::Integer => Rule::NotInteger,
            Self::Decimal | Self::Range => Rule::NotDecimal,
            Self::Date | Self::Today => Rule::NotDate,
            Self::Time => Rule::NotTime,
            Self::DateTime | Self::Start | Self::End => Rule::NotDateTime,
            Self::Geopoint => Rule::NotPlace,
            Self::Geotrace => Rule::NotTrace,
            Self::Geoshape => Rule::NotShape,
            Self::Rank(_) => Rule::NotRanking,
            Self::Image | Self::Audio | Self::Video | Self::File => Rule::NotFile,
            Self::Metadata(_) => Rule::NotTold,
            Self::Acknowledge => Rule::NotAcknowledged,
            Self::SelectOne(_) | Self::SelectMultiple(_) => Rule::NotChoices,
            _ => Rule::NotText,
        }
    }
}
