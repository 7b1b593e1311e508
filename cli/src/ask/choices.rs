//! Choosing from a list by number, by name, or by a part of the label.

use std::collections::BTreeSet;

use cairn_core::form::{Answer, Choice, Form, Kind, Question};

use crate::out::note;

/// Longer lists are searched rather than shown.
const SHOWN: usize = 30;

/// Which choices of the list are offered now, by their index; all if none are named.
type Offered<'a> = Option<&'a [usize]>;

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
pub(super) fn list(form: &Form, question: &Question, language: &str, offered: Offered<'_>) {
    let count = offered.map_or(form.choices(question).len(), <[usize]>::len);
    if count > SHOWN {
        note(&format!("  ({count} choices: type a part of one, or ? for all)"));
    } else {
        list_some(form, question, language, offered, |_| true);
    }
}

/// Lists all choices of a list that was too long before.
pub(super) fn list_all(form: &Form, question: &Question, language: &str, offered: Offered<'_>) {
    list_some(form, question, language, offered, |_| true);
}

fn list_some(
    form: &Form,
    question: &Question,
    language: &str,
    offered: Offered<'_>,
    wanted: impl Fn(&Choice) -> bool,
) {
    let choices = form.choices(question);
    let numbered = are_numbered(choices);
    let shown = choices.iter().enumerate().filter(|(index, _)| is_offered(offered, *index));
    for (index, choice) in shown.filter(|(_, choice)| wanted(choice)) {
        let number = index.saturating_add(1);
        let label = form.choice_label(question, &choice.name, language).trim();
        let key = if numbered { number.to_string() } else { choice.name.clone() };
        note(&format!("  {key:>3}  {label}"));
    }
}

fn is_offered(offered: Offered<'_>, index: usize) -> bool {
    offered.is_none_or(|offered| offered.contains(&index))
}

/// Whether choices go by their place; not when their own names are numbers.
fn are_numbered(choices: &[Choice]) -> bool {
    !choices.iter().any(|choice| choice.name.parse::<i64>().is_ok())
}

/// What a text chooses from the question's list.
pub(super) fn chosen(
    form: &Form,
    question: &Question,
    language: &str,
    text: &str,
    offered: Offered<'_>,
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

fn by_number(choices: &[Choice], text: &str) -> Option<BTreeSet<String>> {
    let pieces = text.split([' ', ',', ';']).filter(|piece| !piece.is_empty());
    let names = pieces.map(|piece| {
        let number: usize = piece.parse().ok()?;
        choices.get(number.checked_sub(1)?).map(|choice| choice.name.clone())
    });
    names.collect::<Option<BTreeSet<_>>>().filter(|names| !names.is_empty())
}

fn by_part(form: &Form, question: &Question, language: &str, text: &str, offered: Offered<'_>) -> Chosen {
    let part = text.trim().to_lowercase();
    let fits = |choice: &Choice| {
        form.choice_label(question, &choice.name, language).to_lowercase().contains(&part)
            || choice.name.to_lowercase().contains(&part)
    };
    let choices = form.choices(question).iter().enumerate();
    let mut fitting = choices
        .filter(|(index, choice)| is_offered(offered, *index) && fits(choice))
        .map(|(_, choice)| choice);
    match (fitting.next(), fitting.next()) {
        (Some(only), None) => {
            note(&format!("  {}", form.choice_label(question, &only.name, language).trim()));
            Chosen::Answer(match question.kind {
                Kind::SelectMultiple(_) => Answer::Choices([only.name.clone()].into()),
                _ => Answer::Text(only.name.clone()),
            })
        }
        (Some(_), Some(_)) => {
            list_some(form, question, language, offered, fits);
            Chosen::Several
        }
        (None, _) => Chosen::No,
    }
}
