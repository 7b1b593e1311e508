//! What makes rows of a form tasks: which of its questions say what is to be done, until when, by whom, and whether
//! it is done. The column `cairn::task`.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::{Answer, Form, Kind, Merge, Question};

/// The choice that says that a task is done.
const YES: &str = "yes";
/// What an acknowledged question is answered with.
const ACKNOWLEDGED: &str = "OK";

/// What a question says of a task. The words are those of the column `cairn::task`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TaskRole {
    /// What is to be done: a text.
    What,
    /// By which day: a date.
    Due,
    /// Who does it: a text.
    Who,
    /// Whether it is done: one choice of a list that has the choice `yes`, or `acknowledge`. The answer can be changed.
    Done,
}

impl TaskRole {
    /// Every role.
    pub const ALL: [Self; 4] = [Self::What, Self::Due, Self::Who, Self::Done];

    /// The word for it in forms.
    pub fn name(self) -> &'static str {
        match self {
            Self::What => "what",
            Self::Due => "due",
            Self::Who => "who",
            Self::Done => "done",
        }
    }

    /// The role of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.name() == name)
    }

    /// Whether a question can say it.
    fn fits(self, form: &Form, question: &Question) -> bool {
        match (self, &question.kind) {
            (Self::What, Kind::Text | Kind::Narrative) | (Self::Who, Kind::Text) => {
                question.merge() != Merge::Log
            }
            (Self::Due, Kind::Date) => true,
            (Self::Done, Kind::Acknowledge) => can_be_said(question),
            (Self::Done, Kind::SelectOne(_)) => can_be_said(question) && form.offers(question, YES),
            _ => false,
        }
    }
}

/// Whether whoever ticks a task off may say so: not where the first answer, or what the form works out, stays.
fn can_be_said(question: &Question) -> bool {
    question.merge() != Merge::Immutable && question.logic.calculation.is_none()
}

impl fmt::Display for TaskRole {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Why the roles of a form make no tasks. Whoever wrote the form must act.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TaskFault {
    /// The question cannot say that.
    #[error("no question of this type can be `{role}` of a task")]
    Misfit {
        /// What it should say.
        role: TaskRole,
    },
    /// Another question of the same rows says it.
    #[error("two questions of the same rows are `{role}` of their task")]
    Twice {
        /// What both say.
        role: TaskRole,
    },
    /// A task that says nothing, or that nobody could ever finish.
    #[error("no question of the same rows is `{role}` of their task")]
    Missing {
        /// What nothing says.
        role: TaskRole,
    },
    /// Whoever may not see both would see half a task.
    #[error("the questions of one task belong to different parts of the record")]
    Parts,
}

/// The questions of one kind of task. All lie in the same repeats and in the same part.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TaskQuestions<'f> {
    /// What is to be done.
    pub what: &'f Question,
    /// By which day.
    pub due: Option<&'f Question>,
    /// Who does it.
    pub who: Option<&'f Question>,
    /// Whether it is done.
    pub done: &'f Question,
}

impl Question {
    /// The answer that says that a task is done, where this question asks it; none of any other question.
    pub fn finished(&self) -> Option<Answer> {
        let done = self.task == Some(TaskRole::Done);
        let answer = if self.kind == Kind::Acknowledge { ACKNOWLEDGED } else { YES };
        done.then(|| Answer::Text(answer.to_owned()))
    }
}

impl Form {
    /// The tasks of the form, those of each repeat that has some, in its order.
    pub fn tasks(&self) -> impl Iterator<Item = TaskQuestions<'_>> {
        let all = self.questions.iter().filter(|question| question.task == Some(TaskRole::Done));
        all.filter_map(|done| {
            let repeats = self.repeats_of(done);
            let role = |role: TaskRole| {
                let mut asked = self.questions.iter().filter(|question| question.task == Some(role));
                asked.find(|question| self.repeats_of(question) == repeats)
            };
            let what = role(TaskRole::What)?;
            Some(TaskQuestions { what, due: role(TaskRole::Due), who: role(TaskRole::Who), done })
        })
    }

    /// Everything that keeps the roles of its questions from making tasks: the question, by index, and why.
    pub(super) fn task_faults(&self) -> Vec<(usize, TaskFault)> {
        let mut faults = Vec::new();
        // The roles of each row's questions, with the first that has each; forms have few.
        let mut kinds: Vec<(Vec<usize>, Vec<(TaskRole, usize)>)> = Vec::new();
        for (index, question) in self.questions.iter().enumerate() {
            let Some(role) = question.task else { continue };
            if !role.fits(self, question) {
                faults.push((index, TaskFault::Misfit { role }));
            }
            let repeats = self.repeats_of(question);
            let at = kinds.iter().position(|(known, _)| *known == repeats).unwrap_or_else(|| {
                kinds.push((repeats, Vec::new()));
                kinds.len() - 1
            });
            let Some((_, roles)) = kinds.get_mut(at) else { continue };
            match roles.iter().any(|(known, _)| *known == role) {
                true => faults.push((index, TaskFault::Twice { role })),
                false => roles.push((role, index)),
            }
        }
        for (_, roles) in kinds {
            let Some((_, first)) = roles.first().copied() else { continue };
            for role in [TaskRole::What, TaskRole::Done] {
                if !roles.iter().any(|(known, _)| *known == role) {
                    faults.push((first, TaskFault::Missing { role }));
                }
            }
            let part = |index: usize| self.questions.get(index).map(|question| question.part);
            let other = roles.iter().find(|(_, index)| part(*index) != part(first));
            faults.extend(other.map(|(_, index)| (*index, TaskFault::Parts)));
        }
        faults.sort_by_key(|(index, _)| *index);
        faults
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::form::{Choice, Group, Part, Repeat};

    fn asked(name: &str, kind: Kind, role: TaskRole) -> Question {
        Question { task: Some(role), group: Some(0), ..Question::new(name, kind) }
    }

    fn form() -> Form {
        let mut form = Form::new("f", "1");
        form.groups = vec![
            Group { repeat: Some(Repeat::default()), ..Group::new("tasks") },
            Group { repeat: Some(Repeat::default()), ..Group::new("visits") },
        ];
        form.lists.insert("yes_no".to_owned(), vec![Choice::unlabelled("yes"), Choice::unlabelled("no")]);
        form.questions = vec![
            asked("what", Kind::Text, TaskRole::What),
            asked("due", Kind::Date, TaskRole::Due),
            asked("who", Kind::Text, TaskRole::Who),
            asked("done", Kind::SelectOne("yes_no".to_owned()), TaskRole::Done),
        ];
        form
    }

    fn faults(change: fn(&mut Form)) -> Vec<(usize, TaskFault)> {
        let mut form = form();
        change(&mut form);
        assert_eq!(form.is_sound().is_ok(), form.task_faults().is_empty());
        form.task_faults()
    }

    #[test]
    fn every_role_has_one_word() {
        for role in TaskRole::ALL {
            assert_eq!(TaskRole::from_name(role.name()), Some(role));
            assert_eq!(serde_json::to_value(role).unwrap(), role.name());
        }
        assert_eq!(TaskRole::from_name("when"), None);
    }

    #[test]
    fn roles_that_make_no_task_are_told_with_their_question() {
        use TaskRole::{Done, Due, What};
        assert_eq!(faults(|_| {}), [], "control");
        assert_eq!(faults(|form| form.questions[1].task = None), [], "no day is needed");
        let kind = faults(|form| form.questions[1].kind = Kind::Text);
        assert_eq!(kind, [(1, TaskFault::Misfit { role: Due })]);
        let no_yes = faults(|form| drop(form.lists.get_mut("yes_no").unwrap().remove(0)));
        assert_eq!(no_yes, [(3, TaskFault::Misfit { role: Done })]);
        let first = faults(|form| form.questions[3].merge = Some(Merge::Immutable));
        assert_eq!(first, [(3, TaskFault::Misfit { role: Done })], "whoever said no could never say yes");
        assert_eq!(faults(|form| form.questions[3].merge = Some(Merge::Worst)), [], "control");
        let yes = |form: &mut Form| form.questions[3].logic.calculation = Some("'yes'".to_owned());
        assert_eq!(faults(yes), [(3, TaskFault::Misfit { role: Done })]);
        let twice = faults(|form| form.questions[2].task = Some(What));
        assert_eq!(twice, [(2, TaskFault::Twice { role: What })]);
        let endless = faults(|form| form.questions[3].task = None);
        assert_eq!(endless, [(0, TaskFault::Missing { role: Done })]);
        let elsewhere = faults(|form| form.questions[3].group = Some(1));
        assert_eq!(
            elsewhere,
            [(0, TaskFault::Missing { role: Done }), (3, TaskFault::Missing { role: What })]
        );
        assert_eq!(faults(|form| form.questions[3].part = Part::Health), [(3, TaskFault::Parts)]);
    }

    #[test]
    fn each_repeat_has_tasks_of_its_own_and_an_acknowledgement_ends_one() {
        let mut form = form();
        let mut more = form.questions.clone();
        for question in &mut more {
            question.name.push('2');
            question.group = Some(1);
        }
        more[3].kind = Kind::Acknowledge;
        form.questions.extend(more);
        assert_eq!(form.is_sound(), Ok(()));
        let tasks: Vec<_> =
            form.tasks().map(|task| (task.what.name.as_str(), task.done.finished())).collect();
        let text = |text: &str| Some(Answer::Text(text.to_owned()));
        assert_eq!(tasks, [("what", text("yes")), ("what2", text("OK"))]);
        assert_eq!(form.questions[0].finished(), None);
    }
}
