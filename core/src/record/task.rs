//! What is still to be done for a record, read from the rows that its form calls tasks.

use super::{Unsettled, line};
use crate::form::field::field;
use crate::form::rows::every_row;
use crate::form::{Answer, Answers, Form, Question, is_day};

/// One task of a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Task {
    /// The key of the answer that says whether it is done; no other task of the record has the same.
    pub key: String,
    /// What is to be done, its beginning as one line; empty where nobody said.
    pub what: String,
    /// By which day, `YYYY-MM-DD`.
    pub due: Option<String>,
    /// Who does it, as one line.
    pub who: Option<String>,
    /// Whether it is done.
    pub is_done: bool,
}

/// The tasks of a record. A row in which neither a task nor a day was named is none. While people disagree, a task is
/// there, open and due on the earliest day that one of them named: forgetting it does more harm than looking at it
/// twice.
pub(super) fn tasks(form: &Form, answers: &Answers, unsettled: &Unsettled) -> Vec<Task> {
    let mut tasks = Vec::new();
    for asked in form.tasks() {
        for rows in every_row(answers, &form.repeats_around(asked.done)) {
            let key = |question: &Question| field(&question.name, &rows);
            let text = |question: &Question| {
                let key = key(question);
                let mut said = standing(&key, answers, unsettled).filter_map(|answer| match answer {
                    Answer::Text(text) | Answer::Narrative(text) => Some(line(text.trim())),
                    _ => None,
                });
                said.find(|text| !text.is_empty())
            };
            let what = text(asked.what);
            let due = asked.due.and_then(|question| earliest(&key(question), answers, unsettled));
            if what.is_none() && due.is_none() {
                continue;
            }
            let key = key(asked.done);
            tasks.push(Task {
                what: what.unwrap_or_default(),
                due,
                who: asked.who.and_then(text),
                is_done: !unsettled.contains_key(&key) && answers.get(&key) == asked.done.finished().as_ref(),
                key,
            });
        }
    }
    tasks
}

/// Every answer that stands in a field, the one that is shown first.
fn standing<'a>(
    key: &str,
    answers: &'a Answers,
    unsettled: &'a Unsettled,
) -> impl Iterator<Item = &'a Answer> {
    answers.get(key).into_iter().chain(unsettled.get(key).into_iter().flatten().flatten())
}

/// The earliest day that stands in a field.
fn earliest(key: &str, answers: &Answers, unsettled: &Unsettled) -> Option<String> {
    let days = standing(key, answers, unsettled).filter_map(|answer| match answer {
        // Only what is a day can be compared with others.
        Answer::Text(day) if is_day(day) => Some(day),
        _ => None,
    });
    days.min().cloned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::form::{Choice, Group, Kind, Missing, Repeat, TaskRole};

    const ROW: &str = "0000000000000001";

    fn form() -> Form {
        let mut form = Form::new("f", "1");
        form.groups = vec![Group { repeat: Some(Repeat::default()), ..Group::new("tasks") }];
        form.lists.insert("yes_no".to_owned(), vec![Choice::unlabelled("yes"), Choice::unlabelled("no")]);
        let asked = |name: &str, kind, role| Question {
            task: Some(role),
            group: Some(0),
            ..Question::new(name, kind)
        };
        form.questions = vec![
            asked("what", Kind::Text, TaskRole::What),
            asked("due", Kind::Date, TaskRole::Due),
            asked("who", Kind::Text, TaskRole::Who),
            asked("done", Kind::SelectOne("yes_no".to_owned()), TaskRole::Done),
        ];
        form
    }

    fn text(text: &str) -> Answer {
        Answer::Text(text.to_owned())
    }

    fn answered(each: &[(&str, Answer)]) -> Answers {
        form().with_rows(each.iter().map(|(name, one)| (field(name, &[ROW]), one.clone())).collect())
    }

    fn of(each: &[(&str, Answer)]) -> Vec<Task> {
        tasks(&form(), &answered(each), &Unsettled::new())
    }

    #[test]
    fn only_yes_is_done() {
        let done = |answer: Option<Answer>| {
            let done = answer.map(|answer| ("done", answer));
            of(&[("what", text("Call"))].into_iter().chain(done).collect::<Vec<_>>())[0].is_done
        };
        assert!(done(Some(text("yes"))));
        for other in [text("no"), text("Yes"), text("yes "), Answer::Missing(Missing::Declined)] {
            assert!(!done(Some(other.clone())), "{other:?}");
        }
        assert!(!done(None));
    }

    #[test]
    fn a_row_that_names_neither_a_task_nor_a_day_is_none() {
        assert_eq!(of(&[("who", text("Team 2")), ("done", text("no"))]), []);
        assert_eq!(of(&[("what", text("  \n"))]), []);
        assert_eq!(of(&[("what", Answer::Missing(Missing::Unknown))]), []);
        let day = of(&[("due", text("2026-11-30"))]);
        assert_eq!((day[0].what.as_str(), day[0].due.as_deref()), ("", Some("2026-11-30")));
        let day = of(&[("what", text("Call")), ("due", text("soon"))]);
        assert_eq!(day[0].due, None, "what is no day cannot be put in order");
    }

    #[test]
    fn what_is_shown_is_one_short_line() {
        let long = of(&[("what", text(&format!("Call\nher{}", "x".repeat(500))))]);
        assert!(long[0].what.starts_with("Call her") && long[0].what.chars().count() == 120);
    }

    #[test]
    fn a_task_that_somebody_emptied_while_another_wrote_it_is_there() {
        let key = |name: &str| field(name, &[ROW]);
        for answer in [None, Some(text("  ")), Some(Answer::Missing(Missing::Declined))] {
            let mut answers = answered(&[("done", text("no"))]);
            answers.extend(answer.clone().map(|answer| (key("what"), answer)));
            assert_eq!(tasks(&form(), &answers, &Unsettled::new()), [], "control: {answer:?}");
            let rivals = vec![answer.clone(), None, Some(text("Call her")), Some(text("See her"))];
            let unsettled = Unsettled::from([
                (key("what"), rivals),
                (key("who"), vec![answer.clone(), Some(text("Team 2"))]),
            ]);
            let task = tasks(&form(), &answers, &unsettled).remove(0);
            assert_eq!((task.what.as_str(), task.who.as_deref()), ("Call her", Some("Team 2")), "{answer:?}");
            assert!(!task.is_done);
        }
    }

    #[test]
    fn while_people_disagree_the_worse_counts() {
        let answers = answered(&[("what", text("Call")), ("due", text("2026-12-01")), ("done", text("yes"))]);
        let settled = tasks(&form(), &answers, &Unsettled::new());
        assert!(settled[0].is_done, "control");
        let unsettled = Unsettled::from([
            (field("done", &[ROW]), vec![Some(text("yes")), None]),
            (field("due", &[ROW]), vec![Some(text("2026-12-01")), Some(text("2026-11-20"))]),
        ]);
        let open = tasks(&form(), &answers, &unsettled);
        assert_eq!((open[0].is_done, open[0].due.as_deref()), (false, Some("2026-11-20")));
        assert_eq!(open[0].key, settled[0].key);
    }
}
