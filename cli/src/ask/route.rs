//! Where an interview can stop, in the form's order: what is relevant now, in every row that is there.

use std::collections::BTreeSet;

use cairn_core::form::field::{field, split};
use cairn_core::form::rows::rows;
use cairn_core::form::session::Session;
use cairn_core::form::{Form, Kind, Part, Question};

/// A place where the interview stops.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Stop {
    /// A question, or a note, by the key of its answer.
    Field(String),
    /// Behind the last row of a repeat, inside the rows of those around it: is there one more?
    More {
        /// The repeat.
        repeat: String,
        /// The rows around it, the outermost first.
        outer: Vec<String>,
    },
}

impl Stop {
    /// Whether it lies in these rows.
    pub(super) fn lies_in(&self, path: &[String]) -> bool {
        match self {
            Self::Field(key) => {
                let own = split(key).rows;
                own.len() >= path.len() && own.iter().zip(path).all(|(own, row)| own == row)
            }
            Self::More { outer, .. } => outer.starts_with(path),
        }
    }
}

/// Every stop. Questions of parts that are `unseen` are left out.
pub(super) fn stops(form: &Form, session: &Session<'_>, unseen: &BTreeSet<Part>) -> Vec<Stop> {
    let asked = |question: &&Question| {
        !unseen.contains(&question.part) && (question.kind.is_asked() || question.kind == Kind::Note)
    };
    let questions: Vec<&Question> = form.questions.iter().filter(asked).collect();
    let mut stops = Vec::new();
    level(form, session, &questions, &[], &mut stops);
    stops
}

/// What lies directly in the rows of `path`, and in repeats there.
fn level(form: &Form, session: &Session<'_>, questions: &[&Question], path: &[&str], stops: &mut Vec<Stop>) {
    let mut rest = questions;
    while let Some((question, after)) = rest.split_first() {
        let around = form.repeats_around(question);
        let Some(repeat) = around.get(path.len()).copied() else {
            let key = field(&question.name, path);
            if session.is_relevant(&key) {
                stops.push(Stop::Field(key));
            }
            rest = after;
            continue;
        };
        let within = |one: &&&Question| form.repeats_around(one).get(path.len()).copied() == Some(repeat);
        let count = rest.iter().take_while(within).count();
        let (inside, behind) = rest.split_at(count);
        rest = behind;
        if !session.is_repeat_relevant(repeat, path) {
            continue;
        }
        for row in rows(session.answers(), repeat, path) {
            let inner: Vec<&str> = path.iter().copied().chain([row]).collect();
            level(form, session, inside, &inner, stops);
        }
        if !session.is_repeat_counted(repeat) {
            let outer = path.iter().map(|row| (*row).to_owned()).collect();
            stops.push(Stop::More { repeat: repeat.to_owned(), outer });
        }
    }
}
