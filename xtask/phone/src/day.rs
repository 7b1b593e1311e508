//! A day with a phone, and the most memory that each part of it took.

use cairn_ffi::{AnswerValue, Filling, OpenVault, QuestionKind};

use crate::first::{self, LANGUAGE};
use crate::{Failure, proc};

/// How many records are opened.
const OPENED: usize = 100;
/// How many questions are answered.
const ANSWERED: usize = 20;

/// Spends the day and prints the peak of each part. Deriving the key from the passphrase has a peak of its own, which
/// every vault has, whatever is in it.
pub(crate) fn spend(folder: &str, passphrase: &str) -> Result<(), Failure> {
    let vault = first::screen(folder, passphrase)?;
    proc::tell_peak("unlock")?;
    // Otherwise nothing below would be seen beside the derivation.
    proc::forget_peak()?;
    let records = part("page", || first::all(&vault))?;
    part("search", || Ok(vault.records(first::query("sta", None), LANGUAGE)?))?;
    part("open", || {
        let step = (records.len() / OPENED).max(1);
        records.iter().step_by(step).take(OPENED).try_for_each(|record| {
            vault.record(record, LANGUAGE)?;
            Ok(())
        })
    })?;
    part("fill", || fill(&vault))?;
    part("sync", || Ok(vault.sync(None)?))?;
    part("lock", || Ok(vault.lock()?))?;
    println!("records {}", records.len());
    Ok(())
}

/// Does one part of the day and tells its peak.
fn part<T>(name: &str, act: impl FnOnce() -> Result<T, Failure>) -> Result<T, Failure> {
    proc::forget_peak()?;
    let done = act()?;
    proc::tell_peak(name)?;
    Ok(done)
}

/// Fills a draft as the app does, which lists the steps before and after each answer, and leaves it.
fn fill(vault: &OpenVault) -> Result<(), Failure> {
    let forms = vault.forms(LANGUAGE)?;
    let form = forms.iter().find(|form| form.is_newest).ok_or("no form")?;
    let filling = vault.begin(&form.form, None, LANGUAGE)?;
    let mut answered = 0;
    for step in filling.steps()? {
        for question in step.questions {
            if answered < ANSWERED && !question.read_only {
                filling.steps()?;
                answered += usize::from(answer(&filling, &question)?);
                filling.steps()?;
            }
        }
    }
    Ok(filling.discard()?)
}

/// Answers a question with what fits its kind; `false` for kinds that are left out.
fn answer(filling: &Filling, question: &cairn_ffi::Question) -> Result<bool, Failure> {
    let text = match question.kind {
        QuestionKind::Text | QuestionKind::LongText | QuestionKind::Log => "A few words".to_owned(),
        QuestionKind::Integer | QuestionKind::Decimal => "7".to_owned(),
        QuestionKind::Date => "2026-01-05".to_owned(),
        QuestionKind::SelectOne | QuestionKind::SelectMany => match question.choices.first() {
            Some(choice) => choice.name.clone(),
            None => return Ok(false),
        },
        _ => return Ok(false),
    };
    filling.answer(&question.key, Some(AnswerValue::Text { text }))?;
    Ok(true)
}
