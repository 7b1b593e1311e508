//! Filling in the forms that come with Cairn: an answer and the list of steps through the vault, against the bare
//! session that says what follows from the answer.

use cairn_core::form::built_in::BUILT_IN;
use cairn_core::form::expression::Moment;
use cairn_core::form::session::{Session, Surroundings};
use cairn_core::form::{Answer, Form, Kind, Step, steps};
use cairn_core::vault::{Opened, Reader};
use cairn_core::{Error, Vault};
use cairn_tests::ground::Ground;

use super::figure::Figure;
use super::speed::cpu;
use super::{Failure, Figures};

/// How many questions a draft has answered before it is measured.
const ANSWERED: usize = 20;
/// Rounds, in each of which everything has its turn.
const ROUNDS: usize = 9;
/// For so many seconds something is done at least: the kernel counts processor time in steps of some milliseconds.
const LEAST: f64 = 0.1;

/// A draft with some answers, and a question of it that can be answered again and again.
pub(super) struct Begun {
    pub(super) number: u64,
    pub(super) key: String,
}

/// Whoever fills it, after the first opening.
pub(super) fn reader() -> Reader {
    Reader { language: "en".to_owned(), offset: 0, begun: true }
}

/// Publishes nothing: begins a draft of a form that is there and answers some of its questions.
pub(super) fn begin(vault: &mut Vault, form: &str) -> Result<Begun, Failure> {
    let number = vault.begin_draft(form, None)?;
    let mut key = None;
    for _ in 0..ANSWERED {
        let found = vault.fill_draft(number, &reader(), |opened| {
            let next = next(opened);
            if let Some((question, answer)) = &next {
                let given = opened.session.answer(question, Some(answer.clone()));
                given.map_err(|fault| Error::Invalid(vec![fault]))?;
            }
            let is_text =
                |key: &str| opened.form.asked(key).is_some_and(|question| question.kind == Kind::Text);
            Ok(next.map(|(key, _)| (is_text(&key), key)))
        })?;
        match found {
            Some((true, question)) if key.is_none() => key = Some(question),
            Some(_) => {}
            None => break,
        }
    }
    Ok(Begun { number, key: key.ok_or("the form asks for no text")? })
}

/// The next question without an answer, and one that fits; a text first of all.
fn next(opened: &Opened<'_, '_>) -> Option<(String, Answer)> {
    let form = opened.form;
    let shown = steps(form, opened.session, opened.unseen);
    let keys: Vec<String> = shown.into_iter().flat_map(|step| step.keys).collect();
    let open =
        |key: &&String| !opened.session.answers().contains_key(*key) && !opened.session.is_readonly(key);
    let fitting = |key: &String| Some((key.clone(), fitting(form, key)?));
    keys.iter().filter(open).find_map(fitting)
}

fn fitting(form: &Form, key: &str) -> Option<Answer> {
    let question = form.asked(key).filter(|question| question.logic.calculation.is_none())?;
    match question.kind {
        Kind::Text => Some(Answer::Text("A few words".to_owned())),
        Kind::Integer => Some(Answer::Integer(7)),
        Kind::Date => Some(Answer::Text("2026-01-05".to_owned())),
        Kind::SelectOne(_) => Some(Answer::Text(form.choices(question).get(0)?.name.to_owned())),
        _ => None,
    }
}

/// One answer through the vault, kept when this returns.
pub(super) fn answer(vault: &mut Vault, begun: &Begun, round: usize) -> Result<(), Error> {
    let text = Answer::Text(if round.is_multiple_of(2) { "One" } else { "Two" }.to_owned());
    vault.fill_draft(begun.number, &reader(), |opened| {
        let given = opened.session.answer(&begun.key, Some(text));
        given.map(drop).map_err(|fault| Error::Invalid(vec![fault]))
    })
}

/// The steps through the vault.
pub(super) fn list(vault: &mut Vault, begun: &Begun) -> Result<Vec<Step>, Error> {
    vault.fill_draft(begun.number, &reader(), |opened| Ok(steps(opened.form, opened.session, opened.unseen)))
}

pub(super) fn measure() -> Figures {
    let mut figures = Vec::new();
    for built_in in BUILT_IN {
        figures.extend(of(built_in.name, &built_in.read()?.form)?);
    }
    Ok(figures)
}

fn of(name: &str, form: &Form) -> Figures {
    let ground = Ground::new();
    let mut office = ground.office("office");
    office.publish_form(form)?;
    let begun = begin(&mut office, &form.id)?;
    let known = office.form(&form.id)?;
    let prepared = known.prepared().ok_or("a form without logic")?;
    let draft = office.draft(begun.number)?;
    let answers = office.draft_answers(&draft)?;
    let around = Surroundings::new(form, prepared, "en", Moment::new(0, 0), 1);
    let open = || Session::open(form, prepared, &around, answers.clone(), true);
    let mut session = open();
    let unseen = office.unseen(form, None)?;
    let mut costs = [const { Vec::new() }; 6];
    for round in 0..ROUNDS {
        let texts = ["One", "Two"].map(|text| Some(Answer::Text(text.to_owned())));
        let mut turn =
            |at: usize, act: &mut dyn FnMut(usize) -> Result<(), Failure>| -> Result<(), Failure> {
                costs[at].push(cost(act)?);
                Ok(())
            };
        turn(0, &mut |at| {
            drop(session.answer(&begun.key, texts[at % 2].clone())?);
            Ok(())
        })?;
        turn(1, &mut |_| {
            drop(open());
            Ok(())
        })?;
        turn(2, &mut |_| {
            drop(steps(form, &session, &unseen));
            Ok(())
        })?;
        turn(3, &mut |_| {
            drop(session.faults());
            Ok(())
        })?;
        turn(4, &mut |at| Ok(answer(&mut office, &begun, at + round)?))?;
        turn(5, &mut |_| {
            drop(list(&mut office, &begun)?);
            Ok(())
        })?;
    }
    let [answered, opened, listed, faults, kept, shown] = costs.map(median);
    let figure = |what: &str, value: f64| Figure::new(format!("filling.{name}.{what}"), value, "×");
    Ok(vec![
        figure("open.over_answer", opened / answered),
        figure("steps.over_answer", listed / answered),
        figure("faults.over_answer", faults / answered),
        figure("kept_answer.over_answer", kept / answered),
        figure("shown_steps.over_steps", shown / listed),
    ])
}

/// Processor seconds of something that is done again and again, for one time. It is told how often it was done before.
pub(super) fn cost(mut act: impl FnMut(usize) -> Result<(), Failure>) -> Result<f64, Failure> {
    let (before, mut done) = (cpu()?, 0);
    loop {
        // As often as before, so that looking at the clock costs nothing.
        let until = (done * 2).max(1);
        (done..until).try_for_each(&mut act)?;
        done = until;
        let spent = cpu()? - before;
        if spent >= LEAST {
            return Ok(spent / done as f64);
        }
    }
}

/// The middle one.
pub(super) fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}
