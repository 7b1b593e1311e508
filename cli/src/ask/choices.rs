//! Choosing from a list by number, by name, or by a part of the label.

use std::collections::BTreeSet;

use cairn_core::form::{Answer, Choices, Form, Kind, Offered, Question};

use crate::out::note;

/// Longer lists are searched rather than shown.
const SHOWN: usize = 30;

/// Which choices of the list are offered now, by their index; all if none are named.
type Left<'a> = Option<&'a [usize]>;

/// What a text chooses.
#[derive(Debug, PartialEq)]
pub(super) enum Chosen {
    /// It is not a number of the list, nor part of a label; it may still be a name or a label.
    No,
    /// The answer.
    Answer(Answer),
    /// Several choices, which have been listed.
    Several,
}

/// Lists the choices, unless there are too many.
pub(super) fn list(form: &Form, question: &Question, language: &str, offered: Left<'_>) {
    let count = offered.map_or(form.choices(question).len(), <[usize]>::len);
    if count > SHOWN {
        note(&format!("  ({count} choices: type a part of one, or ? for all)"));
    } else {
        list_some(form, question, language, offered, |_| true);
    }
}

/// Lists all choices of a list that was too long before.
pub(super) fn list_all(form: &Form, question: &Question, language: &str, offered: Left<'_>) {
    list_some(form, question, language, offered, |_| true);
}

fn list_some(
    form: &Form,
    question: &Question,
    language: &str,
    offered: Left<'_>,
    wanted: impl Fn(Offered<'_>) -> bool,
) {
    let choices = form.choices(question);
    let numbered = are_numbered(choices);
    let shown = choices.iter().enumerate().filter(|(index, _)| is_offered(offered, *index));
    for (index, choice) in shown.filter(|(_, choice)| wanted(*choice)) {
        let number = index.saturating_add(1);
        let label = label(form, choice, language).trim();
        let key = if numbered { number.to_string() } else { choice.name.to_owned() };
        note(&format!("  {key:>3}  {label}"));
    }
}

fn is_offered(offered: Left<'_>, index: usize) -> bool {
    offered.is_none_or(|offered| offered.contains(&index))
}

/// What a choice is called: its label, or else its name.
fn label<'f>(form: &Form, choice: Offered<'f>, language: &str) -> &'f str {
    let label = choice.label(language, &form.default_language);
    if label.is_empty() { choice.name } else { label }
}

/// Whether choices go by their place; not when their own names are numbers.
fn are_numbered(choices: Choices<'_>) -> bool {
    !choices.iter().any(|choice| choice.name.parse::<i64>().is_ok())
}

/// What a text chooses from the question's list.
pub(super) fn chosen(
    form: &Form,
    question: &Question,
    language: &str,
    text: &str,
    offered: Left<'_>,
) -> Chosen {
    let choices = form.choices(question);
    if choices.is_empty() || form.parse_text(question, text).is_ok() && !is_number(text) {
        return Chosen::No;
    }
    if are_numbered(choices)
        && let Some(names) = by_number(choices, text)
    {
        return match (&question.kind, names.len()) {
            (Kind::SelectMultiple(_), _) => Chosen::Answer(Answer::Choices(names)),
            (_, 1) => Chosen::Answer(Answer::Text(names.into_iter().next().unwrap_or_default())),
            _ => Chosen::No,
        };
    }
    if is_number(text) { Chosen::No } else { by_part(form, question, language, text, offered) }
}

fn is_number(text: &str) -> bool {
    text.trim().parse::<usize>().is_ok()
}

fn by_number(choices: Choices<'_>, text: &str) -> Option<BTreeSet<String>> {
    let pieces = text.split([' ', ',', ';']).filter(|piece| !piece.is_empty());
    let names = pieces.map(|piece| {
        let number: usize = piece.parse().ok()?;
        choices.get(number.checked_sub(1)?).map(|choice| choice.name.to_owned())
    });
    names.collect::<Option<BTreeSet<_>>>().filter(|names| !names.is_empty())
}

fn by_part(form: &Form, question: &Question, language: &str, text: &str, offered: Left<'_>) -> Chosen {
    let part = text.trim().to_lowercase();
    let fits = |choice: Offered<'_>| {
        label(form, choice, language).to_lowercase().contains(&part)
            || choice.name.to_lowercase().contains(&part)
    };
    let choices = form.choices(question).iter().enumerate();
    let mut fitting = choices
        .filter(|(index, choice)| is_offered(offered, *index) && fits(*choice))
        .map(|(_, choice)| choice);
    match (fitting.next(), fitting.next()) {
        (Some(only), None) => {
            note(&format!("  {}", label(form, only, language).trim()));
            Chosen::Answer(match question.kind {
                Kind::SelectMultiple(_) => Answer::Choices([only.name.to_owned()].into()),
                _ => Answer::Text(only.name.to_owned()),
            })
        }
        (Some(_), Some(_)) => {
            list_some(form, question, language, offered, fits);
            Chosen::Several
        }
        (None, _) => Chosen::No,
    }
}
