//! What a screen shows at once while a record is filled: one question, or a group that the form wants shown
//! together, in the form's order and in every row that is there.

use std::collections::BTreeSet;

use super::field::{field, split};
use super::rows::rows;
use super::session::Session;
use super::{Answers, Form, Kind, Part, Question};

/// The word in a group's appearance that asks for its questions on one screen.
const TOGETHER: &str = "field-list";

/// One screen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// The innermost group that what is shown lies in, by index into [`Form::groups`].
    pub group: Option<usize>,
    /// The rows it lies in, the outermost first.
    pub rows: Vec<String>,
    /// The keys of the questions, at least one unless `more` is given.
    pub keys: Vec<String>,
    /// The repeat of which a row can be added or taken away here, behind its last one.
    pub more: Option<String>,
}

/// What a walk through a form meets.
enum Met<'a> {
    /// A question in a row.
    Question(&'a Question, String),
    /// A repeat, behind its last row.
    End(&'a str),
}

/// Every screen of a record that is being filled: what is relevant now. Questions of parts that are `unseen` are
/// left out, and so is what nobody is shown.
pub fn steps(form: &Form, session: &Session<'_>, unseen: &BTreeSet<Part>) -> Vec<Step> {
    let shown = |question: &Question| {
        !unseen.contains(&question.part) && (question.kind.is_asked() || question.kind == Kind::Note)
    };
    let questions: Vec<&Question> = form.questions.iter().filter(|question| shown(question)).collect();
    let mut steps: Vec<Step> = Vec::new();
    let mut together = None;
    let enter = |repeat: &str, path: &[&str]| session.is_repeat_relevant(repeat, path);
    walk(form, session.answers(), &questions, &[], &enter, &mut |met, path| match met {
        Met::Question(question, key) => {
            if !session.is_relevant(&key) {
                return;
            }
            let list = together_in(form, question);
            let here = list.map(|list| (list, path.to_vec()));
            match steps.last_mut() {
                Some(step) if here.is_some() && here == together => step.keys.push(key),
                _ => steps.push(Step {
                    group: list.or(question.group),
                    rows: path.to_vec(),
                    keys: vec![key],
                    more: None,
                }),
            }
            together = here;
        }
        Met::End(repeat) => {
            together = None;
            if !session.is_repeat_counted(repeat) {
                let is_it = |group: &super::Group| group.repeat.is_some() && group.name == repeat;
                let group = form.groups.iter().position(is_it);
                let more = Some(repeat.to_owned());
                steps.push(Step { group, rows: path.to_vec(), keys: Vec::new(), more });
            }
        }
    });
    steps
}

impl Form {
    /// The keys under which something is answered, in the order in which a person reads them: by question, and in
    /// a repeat row by row. Answers to what this form does not ask come last.
    pub fn in_order<'a>(&self, answers: &'a Answers) -> Vec<&'a str> {
        let questions: Vec<&Question> = self.questions.iter().collect();
        let mut keys: Vec<&str> = Vec::with_capacity(answers.len());
        walk(self, answers, &questions, &[], &|_, _| true, &mut |met, _| {
            if let Met::Question(_, key) = met
                && let Some((key, _)) = answers.get_key_value(&key)
            {
                keys.push(key);
            }
        });
        let known: BTreeSet<&str> = keys.iter().copied().collect();
        let strange = answers.keys().map(String::as_str);
        keys.extend(strange.filter(|key| !known.contains(key) && !split(key).is_row));
        keys
    }
}

/// The outermost group around a question that is to be shown on one screen. A repeat is one screen for each row.
fn together_in(form: &Form, question: &Question) -> Option<usize> {
    let around = form.ancestry(question.group);
    let asks = |index: &&usize| {
        let group = form.groups.get(**index);
        group.is_some_and(|group| group.appearance.split_whitespace().any(|word| word == TOGETHER))
    };
    // What lies in rows of their own is not part of the screen around them.
    let innermost =
        around.iter().rposition(|index| form.groups.get(*index).is_some_and(|group| group.repeat.is_some()));
    around.get(innermost.unwrap_or(0)..)?.iter().find(asks).copied()
}

/// Goes through what lies directly in the rows of `path`, and through repeats there.
fn walk<'f>(
    form: &'f Form,
    answers: &Answers,
    questions: &[&'f Question],
    path: &[String],
    enter: &dyn Fn(&str, &[&str]) -> bool,
    meet: &mut dyn FnMut(Met<'f>, &[String]),
) {
    let here: Vec<&str> = path.iter().map(String::as_str).collect();
    let mut rest = questions;
    while let Some((question, after)) = rest.split_first() {
        let inner = |one: &&&'f Question| form.repeats_around(one).get(path.len()).copied();
        let Some(repeat) = inner(&question) else {
            meet(Met::Question(question, field(&question.name, &here)), path);
            rest = after;
            continue;
        };
        let count = rest.iter().take_while(|one| inner(one) == Some(repeat)).count();
        let (inside, behind) = rest.split_at(count);
        rest = behind;
        if !enter(repeat, &here) {
            continue;
        }
        for row in rows(answers, repeat, &here) {
            let deeper: Vec<String> = path.iter().cloned().chain([row.to_owned()]).collect();
            walk(form, answers, inside, &deeper, enter, meet);
        }
        meet(Met::End(repeat), path);
    }
}

#[cfg(test)]
mod tests {
    use super::super::expression::Moment;
    use super::super::session::Surroundings;
    use super::super::{Answer, Group, Logic, Prepared, Repeat};
    use super::*;

    fn form() -> Form {
        let mut form = Form::new("f", "1");
        let in_group = |name: &str, group| Question { group: Some(group), ..Question::new(name, Kind::Text) };
        let logic = Logic { relevant: Some("${a} = 'x'".to_owned()), ..Logic::default() };
        form.groups = vec![
            Group { appearance: "field-list".to_owned(), ..Group::new("screen") },
            Group { repeat: Some(Repeat::default()), ..Group::new("people") },
        ];
        form.questions = vec![
            Question::new("a", Kind::Text),
            Question { logic, ..in_group("b", 0) },
            in_group("c", 0),
            Question { part: Part::Health, ..in_group("d", 0) },
            Question::new("worked", Kind::Hidden),
            in_group("name", 1),
            in_group("age", 1),
            Question::new("end", Kind::Note),
        ];
        form
    }

    /// The keys of each screen without the identifiers of rows; `+` for where rows are added.
    fn shown(answers: &Answers, unseen: &[Part]) -> Vec<String> {
        let form = form();
        let prepared = Prepared::new(&form).unwrap();
        let around = Surroundings::new(&form, &prepared, "", Moment::new(0, 0), 7);
        let session = Session::open(&form, &prepared, &around, answers.clone(), true);
        let unseen = unseen.iter().copied().collect();
        let name = |key: &String| split(key).name.to_owned();
        let line = |step: &Step| match &step.more {
            Some(repeat) => format!("+{repeat}"),
            None => step.keys.iter().map(name).collect::<Vec<_>>().join(" "),
        };
        steps(&form, &session, &unseen).iter().map(line).collect()
    }

    #[test]
    fn a_group_that_asks_for_it_is_one_screen_and_shows_what_is_relevant() {
        assert_eq!(shown(&Answers::new(), &[]), ["a", "c d", "+people", "end"]);
        let answers = Answers::from([("a".to_owned(), Answer::Text("x".to_owned()))]);
        assert_eq!(shown(&answers, &[]), ["a", "b c d", "+people", "end"]);
        assert_eq!(shown(&answers, &[Part::Health]), ["a", "b c", "+people", "end"]);
    }

    #[test]
    fn every_row_has_its_own_screens_before_the_one_that_adds_more() {
        let row = |place: &str| format!("#people#{place}000000000000");
        let answers = Answers::from([(row("0000"), Answer::Row), (row("0001"), Answer::Row)]);
        assert_eq!(shown(&answers, &[]), ["a", "c d", "name", "age", "name", "age", "+people", "end"]);
    }

    #[test]
    fn answers_are_read_row_by_row_and_strange_ones_last() {
        let (first, second) = ("0000000000000000", "0001000000000000");
        let text = || Answer::Text("x".to_owned());
        let answers: Answers = [
            format!("#people#{first}"),
            format!("age#{first}"),
            format!("age#{second}"),
            format!("name#{second}"),
            "c".to_owned(),
            "zz".to_owned(),
        ]
        .into_iter()
        .map(|key| (key.clone(), if key.starts_with('#') { Answer::Row } else { text() }))
        .collect();
        let answers = form().with_rows(answers);
        let order = form().in_order(&answers).into_iter().map(str::to_owned).collect::<Vec<_>>();
        let wanted =
            ["c", &format!("age#{first}"), &format!("name#{second}"), &format!("age#{second}"), "zz"];
        assert_eq!(order, wanted);
    }
}
