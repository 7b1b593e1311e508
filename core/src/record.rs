//! One filled form: completing it before it is saved, and what lists and searches know of it.

use std::collections::{BTreeMap, BTreeSet};

use crate::form::{Answer, Answers, Form, Kind, Question, field::field, rows::every_row};

mod task;

pub use task::Task;

/// A record's line in a list is made of so many short answers.
const TITLE_ANSWERS: usize = 3;
/// And is at most so many characters long.
const TITLE_LENGTH: usize = 120;

/// Instants of one filling-in, as ISO 8601 text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Times {
    /// When the record was begun.
    pub begun: String,
    /// When it was finished.
    pub finished: String,
}

impl Times {
    /// From seconds since 1970, in UTC.
    pub fn at(begun: u64, finished: u64) -> Self {
        Self { begun: instant(begun), finished: instant(finished) }
    }
}

/// Seconds since 1970 as `YYYY-MM-DDThh:mm:ssZ`; the last instant that can be written for any later one.
pub fn instant(seconds: u64) -> String {
    let seconds = i64::try_from(seconds).unwrap_or(i64::MAX);
    jiff::Timestamp::from_second(seconds).unwrap_or(jiff::Timestamp::MAX).to_string()
}

/// Adds what the form and the device answer themselves: constants, begin, end, the day.
pub fn complete(form: &Form, answers: Answers, times: &Times) -> Answers {
    let mut added = Answers::new();
    for question in &form.questions {
        let filled = match question.kind {
            Kind::Start => Some(times.begun.clone()),
            Kind::End => Some(times.finished.clone()),
            Kind::Today => times.begun.get(..10).map(str::to_owned),
            Kind::Calculate | Kind::Hidden => question.constant.clone(),
            _ => None,
        };
        let Some(filled) = filled else { continue };
        for rows in every_row(&answers, &form.repeats_around(question)) {
            let key = field(&question.name, &rows);
            added.entry(key).or_insert_with(|| Answer::Text(filled.clone()));
        }
    }
    added.extend(answers);
    added
}

/// What lists, filters and searches need to know of a document; made from its answers.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Projection {
    /// The form's row in the store; 0 when it is unknown.
    pub form: u64,
    /// One line that a person recognises the record by.
    pub title: String,
    /// The newest change's clock, seconds since 1970.
    pub changed: u64,
    /// Question and choice of every coded answer.
    pub facets: BTreeSet<(String, String)>,
    /// All words to be found by.
    pub words: String,
    /// Fields with more than one value.
    pub conflicts: BTreeSet<String>,
    /// Its tasks, done or not.
    pub tasks: Vec<Task>,
}

/// Fields with more than one value, and the values: none where somebody emptied it.
pub type Unsettled = BTreeMap<String, Vec<Option<Answer>>>;

/// Projects a document's answers. `form` is `None` while the form has not arrived; then the record is
/// kept and counted, but found by its identifier only.
pub fn project(
    form: Option<(&Form, u64)>,
    answers: &Answers,
    unsettled: &Unsettled,
    changed: u64,
) -> Projection {
    let conflicts = unsettled.keys().cloned().collect();
    let Some((form, number)) = form else {
        return Projection { changed, conflicts, ..Projection::default() };
    };
    let mut facets = BTreeSet::new();
    let mut words = String::new();
    for (name, answer) in answers {
        let Some(question) = form.asked(name) else { continue };
        let name = &question.name;
        match answer {
            Answer::Missing(missing) => drop(facets.insert((name.clone(), missing.marker().to_owned()))),
            Answer::Log(entries) => {
                for entry in entries {
                    words.push_str(&entry.text);
                    words.push(' ');
                }
            }
            Answer::Text(choice) if matches!(question.kind, Kind::SelectOne(_)) => {
                facets.insert((name.clone(), choice.clone()));
            }
            Answer::Choices(choices) => {
                facets.extend(choices.iter().map(|choice| (name.clone(), choice.clone())));
            }
            Answer::Text(text) | Answer::Narrative(text) if is_searched(question) => {
                words.push_str(text);
                words.push(' ');
            }
            _ => {}
        }
    }
    let title = title(form, answers);
    let tasks = task::tasks(form, answers, unsettled);
    Projection { form: number, title, changed, facets, words, conflicts, tasks }
}

/// Whether people look for a record by what was typed here; codes, dates and places are filters.
fn is_searched(question: &Question) -> bool {
    matches!(question.kind, Kind::Text | Kind::Narrative | Kind::Barcode)
}

fn title(form: &Form, answers: &Answers) -> String {
    let mut title = String::new();
    let short = form.questions.iter().filter(|question| matches!(question.kind, Kind::Text | Kind::Barcode));
    let given = short.filter_map(|question| match answers.get(&question.name) {
        Some(Answer::Text(text)) if !text.trim().is_empty() => Some(text.trim()),
        _ => None,
    });
    for text in given.take(TITLE_ANSWERS) {
        if !title.is_empty() {
            title.push(' ');
        }
        title.push_str(text);
    }
    line(&title)
}

/// The beginning of a text, as one line.
fn line(text: &str) -> String {
    text.chars().map(|letter| if letter.is_control() { ' ' } else { letter }).take(TITLE_LENGTH).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form() -> Form {
        let question = |name: &str, kind| Question {
            constant: (name == "version").then(|| "7".to_owned()),
            ..Question::new(name, kind)
        };
        Form {
            questions: vec![
                question("start", Kind::Start),
                question("day", Kind::Today),
                question("sex", Kind::SelectOne("sex".to_owned())),
                question("needs", Kind::SelectMultiple("needs".to_owned())),
                question("name", Kind::Text),
                question("story", Kind::Narrative),
                question("version", Kind::Calculate),
            ],
            ..Form::new("f", "1")
        }
    }

    #[test]
    fn the_device_fills_in_what_nobody_is_asked() {
        let answers = complete(&form(), Answers::new(), &Times::at(1_763_757_000, 1_763_757_060));
        assert_eq!(answers["start"], Answer::Text("2025-11-21T20:30:00Z".to_owned()));
        assert_eq!(answers["day"], Answer::Text("2025-11-21".to_owned()));
        assert_eq!(answers["version"], Answer::Text("7".to_owned()));
    }

    #[test]
    fn coded_answers_are_filters_and_typed_ones_are_words() {
        let answers = Answers::from([
            ("sex".to_owned(), Answer::Text("female".to_owned())),
            ("needs".to_owned(), Answer::Choices(["legal".to_owned(), "food".to_owned()].into())),
            ("name".to_owned(), Answer::Text(" Ayşe\n".to_owned())),
            ("story".to_owned(), Answer::Narrative("long ago".to_owned())),
        ]);
        let projection = project(Some((&form(), 4)), &answers, &Unsettled::new(), 9);
        assert_eq!(projection.title, "Ayşe");
        assert_eq!(projection.facets.len(), 3);
        assert!(projection.words.contains("Ayşe") && projection.words.contains("long ago"));
        assert!(!projection.words.contains("female"));
    }

    #[test]
    fn an_instant_beyond_the_calendar_is_still_text() {
        assert!(!instant(u64::MAX).is_empty());
    }
}
