//! What the form's logic says while somebody answers: what is asked now, what must be, what is wrong.

use std::time::{SystemTime, UNIX_EPOCH};

use cairn_core::form::expression::Moment;
use cairn_core::form::session::{Session, Surroundings};
use cairn_core::form::{Answer, Answers, Form, Prepared, Question, Rule};

/// A form being answered; without logic everything in it is asked.
pub(super) struct Live<'f>(Option<Session<'f>>);

/// The form's logic, made ready; none if it has none.
pub(super) fn prepare(form: &Form) -> Option<Prepared> {
    form.has_logic().then(|| Prepared::new(form).ok()).flatten()
}

/// What is around the person: the time, by the clock of Greenwich, and dice.
pub(super) fn around<'f>(form: &'f Form, prepared: &'f Prepared, language: &str) -> Surroundings<'f> {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let now = i64::try_from(since.as_millis()).unwrap_or(i64::MAX);
    Surroundings::new(form, prepared, language, Moment::new(now, 0), u64::from(since.subsec_nanos()))
}

impl<'f> Live<'f> {
    pub(super) fn open(
        form: &'f Form,
        logic: Option<(&'f Prepared, &'f Surroundings<'f>)>,
        answers: &mut Answers,
    ) -> Self {
        let session = logic.map(|(prepared, around)| {
            let begun = !answers.is_empty();
            Session::open(form, prepared, around, answers.clone(), begun)
        });
        // What is given by default is shown like an answer, and is one once the person has passed it.
        for question in form.questions.iter().filter(|question| question.kind.is_asked()) {
            let given = session.as_ref().and_then(|session| session.answers().get(&question.name));
            if let Some(given) = given.filter(|_| question.logic.default.is_some()) {
                answers.entry(question.name.clone()).or_insert_with(|| given.clone());
            }
        }
        Self(session)
    }

    /// Whether a person is asked this now.
    pub(super) fn asks(&self, question: &Question) -> bool {
        let by_hand = question.logic.calculation.is_none();
        self.0.as_ref().is_none_or(|session| {
            by_hand && session.is_relevant(&question.name) && !session.is_readonly(&question.name)
        })
    }

    /// Whether it must be answered now.
    pub(super) fn requires(&self, question: &Question) -> bool {
        self.0.as_ref().map_or(question.required, |session| session.is_required(&question.name))
    }

    /// What is asked, with answers filled in.
    pub(super) fn label(&self, question: &Question) -> Option<String> {
        let session = self.0.as_ref()?;
        Some(session.said(&question.label, &question.name)).filter(|label| !label.trim().is_empty())
    }

    /// Takes what now stands; says why it cannot stand, in the form's words or in ours.
    pub(super) fn take(&mut self, question: &Question, answer: Option<&Answer>) -> Option<String> {
        let session = self.0.as_mut()?;
        let changed = session.answer(&question.name, answer.cloned()).ok()?;
        let rule = (*changed.wrong.get(&question.name)?)?;
        // That an answer is missing is told where it is skipped.
        let texts = match rule {
            Rule::Required => return None,
            Rule::Constraint => &question.logic.constraint_message,
            _ => return Some(rule.to_string()),
        };
        let said = session.said(texts, &question.name);
        Some(if said.trim().is_empty() { rule.to_string() } else { said })
    }
}
