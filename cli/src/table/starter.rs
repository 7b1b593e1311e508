//! A map to begin with: what can be guessed from the headings, and the rest as remarks.

use cairn_core::form::{Form, Question};
use toml::Value;

use crate::words::line;

/// The delimiters that are guessed from.
const DELIMITERS: [u8; 4] = [b',', b';', b'\t', b'|'];

/// The delimiter that stands most often in the first line.
pub(crate) fn guess(first_line: &[u8]) -> u8 {
    let often = |delimiter: &u8| first_line.iter().filter(|letter| *letter == delimiter).count();
    DELIMITERS.into_iter().rev().max_by_key(often).unwrap_or(b',')
}

/// A map for a form and a table with these headings.
pub(crate) fn starter(form: &Form, headings: &[Vec<u8>], delimiter: u8) -> String {
    let headings: Vec<String> =
        headings.iter().map(|heading| String::from_utf8_lossy(heading).trim().to_owned()).collect();
    let mut used = vec![false; headings.len()];
    let mut text = String::new();
    line!(
        text,
        "# Which column of the table answers which question of {} {}.",
        one_line(&form.id),
        one_line(&form.version)
    );
    line!(text, "# Lines that begin with # do nothing. A column may be described further:");
    line!(text, "#   sex = {{ column = \"Sex\", values = {{ F = \"female\", M = \"male\" }} }}");
    line!(text, "#   needs = {{ column = \"Needs\", split = \";\" }}");
    line!(text, "#   birth = {{ column = \"Born\", format = \"%d.%m.%Y\" }}");
    line!(text);
    line!(text, "delimiter = {}", quoted(&char::from(delimiter).to_string()));
    line!(text, "# encoding = \"windows-1251\"");
    line!(text);
    line!(text, "[fields]");
    for question in
        form.questions.iter().filter(|question| question.kind.is_asked() && !question.is_repeated(form))
    {
        let found =
            headings.iter().zip(&mut used).find(|(heading, used)| !**used && is_for(question, heading));
        let name = key(&question.name);
        match found {
            Some((heading, used)) => {
                *used = true;
                line!(text, "{name} = {}", quoted(heading));
            }
            None => {
                let required = if question.required { "  (required)" } else { "" };
                let label = one_line(form.label(question, ""));
                line!(text, "# {name} = \"\"  {label}{required}");
            }
        }
    }
    line!(text);
    let left: Vec<&String> =
        headings.iter().zip(&used).filter(|(_, used)| !**used).map(|(heading, _)| heading).collect();
    if !left.is_empty() {
        line!(text, "# Columns that answer no question yet:");
        left.iter().for_each(|heading| line!(text, "#   {}", quoted(heading)));
        line!(text);
    }
    line!(text, "[constants]");
    text
}

/// Whether a heading is the question's name or label, give or take signs and case.
fn is_for(question: &Question, heading: &str) -> bool {
    let plain = |text: &str| -> String {
        text.chars().filter(|letter| letter.is_alphanumeric()).flat_map(char::to_lowercase).collect()
    };
    let wanted = plain(heading);
    !wanted.is_empty()
        && (plain(&question.name) == wanted || question.label.values().any(|label| plain(label) == wanted))
}

/// A name as TOML has it before the equals sign.
fn key(name: &str) -> String {
    let plain = name.bytes().all(|octet| octet.is_ascii_alphanumeric() || matches!(octet, b'_' | b'-'));
    if plain { name.to_owned() } else { quoted(name) }
}

fn quoted(text: &str) -> String {
    Value::String(text.to_owned()).to_string()
}

fn one_line(text: &str) -> String {
    text.chars().map(|letter| if letter.is_control() { ' ' } else { letter }).take(100).collect()
}
