//! Working out what a form calculates when a record is saved, and what is wrong with it then.
//!
//! Without logic in the form, answers are only compared with their questions.

use std::collections::{BTreeMap, BTreeSet};

use super::KnownForm;
use crate::crypto;
use crate::error::Error;
use crate::form::expression::Moment;
use crate::form::session::{self, Surroundings};
use crate::form::{Answer, Answers, Fault, Form, Part, Prepared, Rule};

/// A record that is finished: its answers with defaults and calculations, and everything that is wrong with them.
pub(super) fn finished(
    known: &KnownForm,
    answers: Answers,
    seen: &BTreeSet<Part>,
    now: u64,
) -> Result<(Answers, Vec<Fault>), Error> {
    let form = &*known.form;
    let Some(prepared) = known.prepared() else {
        let faults = form.check(&answers);
        return Ok((answers, faults));
    };
    let around = surroundings(form, prepared, now)?;
    Ok(session::finished(form, prepared, &around, answers, seen))
}

/// An edit, with the calculations that follow from it and those that are `anew`.
///
/// # Errors
/// [`Error::Invalid`] with what is wrong with the edited fields. Faults that were there before do not stop a
/// correction elsewhere.
pub(super) fn edited(
    known: &KnownForm,
    before: &Answers,
    edits: &BTreeMap<String, Option<Answer>>,
    anew: &BTreeSet<String>,
    seen: &BTreeSet<Part>,
    now: u64,
) -> Result<BTreeMap<String, Option<Answer>>, Error> {
    let form = &*known.form;
    let (all, faults) = match known.prepared() {
        Some(prepared) => {
            let around = surroundings(form, prepared, now)?;
            session::consequences(form, prepared, &around, before, edits, anew, seen)
        }
        None => (edits.clone(), form.check(&form.with_rows(after(before, edits)))),
    };
    let mut faults: Vec<Fault> =
        faults.into_iter().filter(|fault| edits.contains_key(&fault.field)).collect();
    let strange = edits.keys().filter(|key| form.asked(key).is_none() && !form.is_row(key));
    for key in strange {
        if !faults.iter().any(|fault| fault.field == *key) {
            faults.insert(0, Fault { field: key.clone(), rule: Rule::UnknownField });
        }
    }
    if faults.is_empty() { Ok(all) } else { Err(Error::Invalid(faults)) }
}

fn after(before: &Answers, edits: &BTreeMap<String, Option<Answer>>) -> Answers {
    let mut after = before.clone();
    for (field, answer) in edits {
        match answer {
            Some(answer) => drop(after.insert(field.clone(), answer.clone())),
            None => drop(after.remove(field)),
        }
    }
    after
}

/// Days are those of Greenwich here, as in [`crate::record::complete`]: the device's own time zone is the business
/// of whoever shows the form.
fn surroundings<'f>(form: &'f Form, prepared: &'f Prepared, now: u64) -> Result<Surroundings<'f>, Error> {
    let milliseconds = i64::try_from(now).unwrap_or(i64::MAX).saturating_mul(1_000);
    let seed = u64::from_le_bytes(crypto::generate()?);
    Ok(Surroundings::new(form, prepared, "", Moment::new(milliseconds, 0), seed))
}

#[cfg(test)]
mod tests {
    use cairn_wire::digest::VerifyingKey;

    use super::*;
    use crate::form::{Kind, Question};
    use crate::vault::ServerAddress;
    use crate::vault::Vault;

    fn vault(form: &Form) -> (Vault, tempfile::TempDir) {
        let dir = tempfile::tempdir().unwrap();
        let mut vault = Vault::create(dir.path(), "correct horse battery staple").unwrap();
        let key = VerifyingKey([9; 32]);
        vault.found(&ServerAddress { url: "https://a:1".to_owned(), key, proxy: None }, "office").unwrap();
        vault.publish_form(form).unwrap();
        (vault, dir)
    }

    fn form() -> Form {
        let mut form = Form::new("f", "1");
        let asked = |name: &str| Question::new(name, Kind::Integer);
        form.questions = vec![asked("age"), asked("work"), asked("next")];
        form.questions[0].logic.constraint = Some(". < 120".to_owned());
        form.questions[1].logic.relevant = Some("${age} > 17".to_owned());
        form.questions[1].required = true;
        form.questions[2].logic.calculation = Some("${age} + 1".to_owned());
        form
    }

    fn number(field: &str, number: i64) -> Answers {
        Answers::from([(field.to_owned(), Answer::Integer(number))])
    }

    fn edit(field: &str, number: i64) -> BTreeMap<String, Option<Answer>> {
        BTreeMap::from([(field.to_owned(), Some(Answer::Integer(number)))])
    }

    #[test]
    fn a_saved_record_has_what_its_form_calculates_and_an_edit_takes_it_along() {
        let (mut vault, _dir) = vault(&form());
        let record = vault.new_record("f", number("age", 12)).unwrap();
        assert_eq!(vault.record(&record).unwrap().answers["next"], Answer::Integer(13));
        vault.edit_record(&record, &edit("age", 13)).unwrap();
        assert_eq!(vault.record(&record).unwrap().answers["next"], Answer::Integer(14));
        let wrong = vault.edit_record(&record, &edit("age", 130)).unwrap_err();
        let fault = Fault { field: "age".to_owned(), rule: Rule::Constraint };
        assert!(matches!(&wrong, Error::Invalid(faults) if *faults == [fault.clone()]), "{wrong}");
        assert_eq!(vault.record(&record).unwrap().answers["age"], Answer::Integer(13), "nothing was saved");
        let missing = vault.new_record("f", number("age", 18)).unwrap_err();
        let fault = Fault { field: "work".to_owned(), rule: Rule::Required };
        assert!(matches!(&missing, Error::Invalid(faults) if *faults == [fault.clone()]), "{missing}");
    }

    #[test]
    fn control_without_logic_nothing_is_worked_out() {
        let mut form = form();
        form.questions.iter_mut().for_each(|question| question.logic = crate::form::Logic::default());
        form.questions[1].required = false;
        let (mut vault, _dir) = vault(&form);
        let record = vault.new_record("f", number("age", 130)).unwrap();
        assert!(!vault.record(&record).unwrap().answers.contains_key("next"));
    }
}
