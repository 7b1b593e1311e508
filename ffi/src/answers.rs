//! Answers in the words of another language.

use cairn_core::form::{self, Answer, Entry, Fault, Form, Kind, Merge, Missing, Question, Rule};

/// Why there is no answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, uniffi::Enum)]
pub enum NoAnswer {
    /// It was asked, and whoever was asked does not know.
    Unknown,
    /// It was asked, and whoever was asked would not say.
    Declined,
    /// Nobody asked, on purpose.
    NotAsked,
}

/// One thing that was said to a question that only grows.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct LogEntry {
    /// Names it; empty for what has not been saved yet.
    pub id: String,
    /// When, by its author's clock, seconds since 1970; 0 for what has not been saved yet.
    pub time: i64,
    /// What was said.
    pub text: String,
}

/// An answer.
#[derive(Debug, Clone, PartialEq, uniffi::Enum)]
pub enum AnswerValue {
    /// Text for every kind of question, as it is typed: numbers and days also in other digits, a choice by its name or
    /// label, `OK` for what is acknowledged, places as `latitude longitude`. To a question that only grows it adds
    /// an entry. Answers of every kind that is a piece of text come so, a choice by its name, a file by its name; the
    /// name of a file that is attached there leaves it as it is.
    Text {
        /// As typed.
        text: String,
    },
    /// A whole number.
    Integer {
        /// The number.
        number: i64,
    },
    /// A number.
    Decimal {
        /// The number.
        number: f64,
    },
    /// Any number of choices, by name; in their order where the question asks for one.
    Choices {
        /// Their names.
        names: Vec<String>,
    },
    /// That there is no answer, and why.
    Missing {
        /// Why.
        why: NoAnswer,
    },
    /// What was said to a question that only grows, in order.
    Log {
        /// All of it.
        entries: Vec<LogEntry>,
    },
}

impl From<Missing> for NoAnswer {
    fn from(missing: Missing) -> Self {
        match missing {
            Missing::Unknown => Self::Unknown,
            Missing::Declined => Self::Declined,
            Missing::NotAsked => Self::NotAsked,
        }
    }
}

impl From<NoAnswer> for Missing {
    fn from(why: NoAnswer) -> Self {
        match why {
            NoAnswer::Unknown => Self::Unknown,
            NoAnswer::Declined => Self::Declined,
            NoAnswer::NotAsked => Self::NotAsked,
        }
    }
}

impl From<&Answer> for AnswerValue {
    fn from(answer: &Answer) -> Self {
        match answer {
            Answer::Text(text) | Answer::Narrative(text) => Self::Text { text: text.clone() },
            Answer::Integer(number) => Self::Integer { number: *number },
            Answer::Decimal(number) => Self::Decimal { number: *number },
            Answer::Choices(names) => Self::Choices { names: names.iter().cloned().collect() },
            Answer::Missing(why) => Self::Missing { why: (*why).into() },
            Answer::Log(entries) => {
                let entry = |Entry { id, time, text }: &Entry| LogEntry {
                    id: id.clone(),
                    time: *time,
                    text: text.clone(),
                };
                Self::Log { entries: entries.iter().map(entry).collect() }
            }
            Answer::File(file) => Self::Text { text: file.shown_name() },
            Answer::Row => Self::Text { text: String::new() },
        }
    }
}

/// The answer that a value gives to the question of a key; none for one that says nothing. `before` is what stands
/// there.
pub(crate) fn answer_to(
    form: &Form,
    key: &str,
    before: Option<&Answer>,
    value: AnswerValue,
) -> Result<Option<Answer>, Fault> {
    let fault = |rule| Fault { field: key.to_owned(), rule };
    let question = form.asked(key).ok_or_else(|| fault(Rule::UnknownField))?;
    let answer = match value {
        AnswerValue::Text { text } => {
            let typed = form.parse_text(question, &text).map_err(|broken| fault(broken.rule))?;
            match (typed, before) {
                (Some(Answer::Log(new)), Some(Answer::Log(entries))) => {
                    Some(Answer::Log(entries.iter().cloned().chain(new).collect()))
                }
                (None, Some(log @ Answer::Log(_))) => Some(log.clone()),
                (typed, _) => typed,
            }
        }
        AnswerValue::Integer { number } if question.kind == Kind::Integer => Some(Answer::Integer(number)),
        #[allow(clippy::cast_precision_loss, reason = "a person's number")]
        AnswerValue::Integer { number } => Some(Answer::Decimal(number as f64)),
        AnswerValue::Decimal { number } => Some(Answer::Decimal(number)),
        AnswerValue::Choices { names } if matches!(question.kind, Kind::Rank(_)) => {
            Some(Answer::Text(names.join(" ")))
        }
        AnswerValue::Choices { names } => Some(Answer::Choices(names.into_iter().collect())),
        AnswerValue::Missing { why } => Some(Answer::Missing(why.into())),
        AnswerValue::Log { entries } => {
            let entry = |LogEntry { id, time, text }| Entry { id, time, text };
            Some(Answer::Log(entries.into_iter().map(entry).collect()))
        }
    };
    let answer = answer.filter(|answer| !answer.is_blank());
    answer
        .iter()
        .try_for_each(|answer| form.check_answer(question, answer))
        .map_err(|broken| fault(broken.rule))?;
    Ok(answer)
}

/// An answer for people, by labels where the form is known. What was said in a log comes line by line.
pub(crate) fn said(answer: Option<&Answer>, key: &str, form: Option<&Form>, language: &str) -> String {
    let Some(answer) = answer else { return String::new() };
    match form.and_then(|form| form.asked(key).map(|question| (form, question))) {
        Some((form, question)) => answer.display(form, question, language),
        None => match answer.to_json() {
            serde_json::Value::String(text) => text,
            serde_json::Value::Bool(_) => String::new(),
            other => other.to_string(),
        },
    }
}

/// Why there is no answer, if that is what was said.
pub(crate) fn why(answer: Option<&Answer>) -> Option<NoAnswer> {
    answer.and_then(|answer| if let Answer::Missing(why) = answer { Some((*why).into()) } else { None })
}

/// What the question of a key is called, on one line; the key's name where the form does not ask it.
pub(crate) fn label(key: &str, form: Option<&Form>, language: &str) -> String {
    let asked = form.and_then(|form| Some(form.label(form.asked(key)?, language)));
    let label = asked.map(str::trim).filter(|label| !label.is_empty() && !label.contains("${"));
    label.map_or_else(|| form::field::split(key).name.to_owned(), |label| label.replace('\n', " "))
}

/// Whether a question only grows.
pub(crate) fn grows(question: &Question) -> bool {
    question.merge() == Merge::Log
}

#[cfg(test)]
mod tests {
    use cairn_core::form::Choice;

    use super::*;

    fn form() -> Form {
        let mut form = Form::new("f", "1");
        let asked = |name: &str, kind| Question::new(name, kind);
        form.questions = vec![
            asked("age", Kind::Integer),
            asked("weight", Kind::Decimal),
            asked("needs", Kind::SelectMultiple("needs".to_owned())),
            asked("first", Kind::Rank("needs".to_owned())),
            asked("story", Kind::Narrative),
            Question { merge: Some(Merge::Log), ..asked("notes", Kind::Text) },
        ];
        let needs = [Choice::new("food", "Food"), Choice::new("legal", "Legal help")];
        form.lists.insert("needs".to_owned(), needs.into());
        form
    }

    fn give(key: &str, value: AnswerValue) -> Result<Option<Answer>, Rule> {
        answer_to(&form(), key, None, value).map_err(|fault| fault.rule)
    }

    fn text(text: &str) -> AnswerValue {
        AnswerValue::Text { text: text.to_owned() }
    }

    #[test]
    fn every_kind_is_answered_by_its_value_or_by_what_is_typed() {
        assert_eq!(give("age", text("٣١")), Ok(Some(Answer::Integer(31))));
        assert_eq!(give("age", AnswerValue::Integer { number: 31 }), Ok(Some(Answer::Integer(31))));
        assert_eq!(give("weight", AnswerValue::Integer { number: 3 }), Ok(Some(Answer::Decimal(3.0))));
        let names = |names: &[&str]| AnswerValue::Choices {
            names: names.iter().map(|name| (*name).to_owned()).collect(),
        };
        assert!(matches!(give("needs", names(&["legal", "food"])), Ok(Some(Answer::Choices(_)))));
        assert_eq!(give("first", names(&["legal", "food"])), Ok(Some(Answer::Text("legal food".to_owned()))));
        assert_eq!(give("story", text("a")), Ok(Some(Answer::Narrative("a".to_owned()))));
        let declined = AnswerValue::Missing { why: NoAnswer::Declined };
        assert_eq!(give("age", declined), Ok(Some(Answer::Missing(Missing::Declined))));
        assert_eq!(give("needs", names(&[])), Ok(None), "nothing chosen is no answer");
        assert_eq!(give("story", text("  ")), Ok(None));
    }

    #[test]
    fn what_cannot_be_an_answer_breaks_its_rule() {
        assert_eq!(give("age", text("many")), Err(Rule::NotInteger));
        assert_eq!(give("weight", AnswerValue::Decimal { number: f64::NAN }), Err(Rule::NotDecimal));
        assert_eq!(
            give("needs", AnswerValue::Choices { names: vec!["x".to_owned()] }),
            Err(Rule::UnknownChoice)
        );
        assert_eq!(give("no", text("x")), Err(Rule::UnknownField));
    }

    #[test]
    fn what_is_typed_to_a_question_that_grows_is_added() {
        let before = Answer::Log(vec![Entry::new("first")]);
        let after = answer_to(&form(), "notes", Some(&before), text("second")).unwrap();
        let Some(Answer::Log(entries)) = after else { panic!("{after:?}") };
        assert_eq!(entries.iter().map(|entry| entry.text.as_str()).collect::<Vec<_>>(), ["first", "second"]);
        assert_eq!(answer_to(&form(), "notes", Some(&before), text("")), Ok(Some(before.clone())));
    }

    #[test]
    fn what_stands_is_given_back_as_it_was_and_said_by_labels() {
        let form = form();
        let chosen = Answer::Choices(["legal".to_owned()].into());
        let value = AnswerValue::from(&chosen);
        assert_eq!(answer_to(&form, "needs", None, value), Ok(Some(chosen.clone())));
        assert_eq!(said(Some(&chosen), "needs", Some(&form), ""), "Legal help");
        assert_eq!(said(Some(&chosen), "needs", None, ""), "[\"legal\"]");
        assert_eq!(label("gone#0000000000000000", Some(&form), ""), "gone");
    }
}
