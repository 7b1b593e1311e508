//! What went wrong, in words for programs and for people.

use std::collections::HashMap;

use cairn_core::error::{Error, Who};
use cairn_core::form::{Fault, Form};

/// What went wrong, in words for programs and for people. Never holds what a record says.
#[derive(Debug, thiserror::Error, uniffi::Error)]
pub enum CairnError {
    /// A call failed.
    #[error("{text}")]
    Failed {
        /// Stable name of the error: the key of its text in other languages.
        code: String,
        /// Who must act: person, coordinator, operator, wait, update, alarm, storage, makers.
        who: String,
        /// What happened, in English. Not called `message`, which Kotlin's exceptions have already.
        text: String,
        /// What to do about it, in English.
        hint: String,
        /// What a text in another language needs besides: `seconds`, `count`, `needed`, `what`, `name`, `version`,
        /// `need`, `part`, `problem`, `reason`, `left`.
        places: HashMap<String, String>,
        /// For `invalid`: each answer that does not fit.
        faults: Vec<AnswerFault>,
    },
}

/// An answer that does not fit its question, without repeating it.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct AnswerFault {
    /// The question's key.
    pub key: String,
    /// Stable name of the rule: the key of its text in other languages.
    pub rule: String,
    /// The form's own words in the reader's language where it has any, else what is expected, in English.
    pub text: String,
    /// Whether `text` is the form's own.
    pub by_form: bool,
}

impl AnswerFault {
    /// With the form's own words, if it has any.
    pub(crate) fn new(fault: &Fault, own: Option<String>) -> Self {
        let by_form = own.is_some();
        let text = own.unwrap_or_else(|| fault.rule.to_string());
        Self { key: fault.field.clone(), rule: fault.rule.name().to_owned(), text, by_form }
    }
}

impl CairnError {
    /// A failure of the translation itself, for the person at this device.
    pub(crate) fn person(code: &str, text: String, hint: &str) -> Self {
        Self::Failed {
            code: code.to_owned(),
            who: Who::Person.name().to_owned(),
            text,
            hint: hint.to_owned(),
            places: HashMap::new(),
            faults: Vec::new(),
        }
    }

    /// The same failure, with one more thing that its text names.
    pub(crate) fn naming(mut self, place: &str, name: impl ToString) -> Self {
        let Self::Failed { places, .. } = &mut self;
        places.insert(place.to_owned(), name.to_string());
        self
    }

    /// A core's error about answers, in the words of their form.
    pub(crate) fn in_words_of(error: Error, form: &Form, language: &str) -> Self {
        let own = |fault: &Fault| form.own_words(fault, language).map(str::to_owned);
        let told = match &error {
            Error::Invalid(all) => all.iter().map(|fault| AnswerFault::new(fault, own(fault))).collect(),
            _ => Vec::new(),
        };
        let Self::Failed { code, who, text, hint, places, .. } = error.into();
        Self::Failed { code, who, text, hint, places, faults: told }
    }
}

impl From<Error> for CairnError {
    fn from(error: Error) -> Self {
        let faults = match &error {
            Error::Invalid(all) => all.iter().map(|fault| AnswerFault::new(fault, None)).collect(),
            _ => Vec::new(),
        };
        Self::Failed {
            code: error.code().to_owned(),
            who: error.who().name().to_owned(),
            text: error.to_string(),
            hint: error.hint().to_owned(),
            places: places(&error),
            faults,
        }
    }
}

/// What an error's text names.
fn places(error: &Error) -> HashMap<String, String> {
    let named: Vec<(&str, String)> = match error {
        Error::TooManyTries { seconds } | Error::IdleTooLong(seconds) => {
            vec![("seconds", seconds.to_string())]
        }
        Error::TooFewTries(count) => vec![("count", count.to_string())],
        Error::WeakPassphrase(count) => vec![("count", count.to_string())],
        Error::NotTaken(count) | Error::LettersWait(count) | Error::Unsent(count) => {
            vec![("count", count.to_string())]
        }
        Error::TooFewShares { have, needed } => {
            vec![("count", have.to_string()), ("needed", needed.to_string())]
        }
        Error::NotFound { what, name } | Error::Ambiguous { what, name } => {
            vec![("what", (*what).to_owned()), ("name", name.clone())]
        }
        Error::FormDiffers { id, version } => vec![("name", id.clone()), ("version", version.clone())],
        Error::SealedDiffers { id } | Error::TablesMissing { id } => vec![("name", id.clone())],
        Error::NotLater { version } => vec![("version", version.clone())],
        Error::TooLarge(what) => vec![("what", (*what).to_owned())],
        Error::NotAllowed { need } => vec![("need", (*need).to_owned())],
        Error::OtherCircle { part, fields } => {
            vec![("part", (*part).to_owned()), ("name", fields.join(", "))]
        }
        Error::BadCircle { problem }
        | Error::BadHandout { problem }
        | Error::BadBundle { problem }
        | Error::BadBackup { problem } => vec![("problem", (*problem).to_owned())],
        Error::Refused { reason } => vec![("reason", format!("{reason:?}").to_lowercase())],
        Error::NoLongerMember { left } => vec![("left", left.to_string())],
        Error::TooNew { what } => vec![("what", (*what).to_owned())],
        Error::Damaged { what } => vec![("what", what.clone())],
        Error::Disk { what, .. } => vec![("what", (*what).to_owned())],
        _ => Vec::new(),
    };
    named.into_iter().map(|(place, name)| (place.to_owned(), name)).collect()
}

#[cfg(test)]
mod tests {
    use cairn_core::form::{Kind, Logic, Question, Rule};

    use super::*;

    #[test]
    fn what_a_text_in_another_language_needs_stands_apart() {
        let CairnError::Failed { code, who, places, .. } = Error::TooManyTries { seconds: 30 }.into();
        assert_eq!((code.as_str(), who.as_str()), ("too_many_tries", "person"));
        assert_eq!(places, HashMap::from([("seconds".to_owned(), "30".to_owned())]));
        let CairnError::Failed { places, .. } =
            CairnError::from(Error::NotFound { what: "form", name: "f".to_owned() });
        assert_eq!((places["what"].as_str(), places["name"].as_str()), ("form", "f"));
    }

    #[test]
    fn a_form_says_in_its_own_words_what_does_not_fit() {
        let texts = |text: &str| [("en".to_owned(), text.to_owned())].into();
        let mut form = Form::new("f", "1");
        let logic = Logic { constraint_message: texts("Nobody is so old."), ..Logic::default() };
        form.questions = vec![Question { logic, ..Question::new("age", Kind::Integer) }];
        let fault = |rule| Fault { field: "age".to_owned(), rule };
        let error = Error::Invalid(vec![fault(Rule::Constraint), fault(Rule::NotInteger)]);
        let CairnError::Failed { faults, .. } = CairnError::in_words_of(error, &form, "en");
        let said: Vec<_> = faults.iter().map(|one| (one.rule.as_str(), one.by_form)).collect();
        assert_eq!(said, [("constraint", true), ("not_integer", false)]);
        assert_eq!(faults[0].text, "Nobody is so old.");
    }
}
