//! The rows of a record's repeats, for people.

use cairn_core::form::{
    Answers, Form,
    field::{field, row},
    rows::rows,
    text_in,
};

use crate::words::{indented, line, shown};

/// Every row that is there, with what stands in it and how to name it, those of inner repeats under theirs.
pub(super) fn in_words(form: &Form, answers: &Answers, language: &str) -> String {
    let mut text = String::new();
    level(form, answers, language, &[], &[], &mut text);
    text
}

fn level(form: &Form, answers: &Answers, language: &str, around: &[&str], outer: &[&str], text: &mut String) {
    for group in form.groups.iter().filter(|group| group.repeat.is_some()) {
        let to = form.repeats_to(&group.name);
        if to.split_last().is_none_or(|(_, before)| before != around) {
            continue;
        }
        let margin = "  ".repeat(outer.len());
        for (id, number) in rows(answers, &group.name, outer).into_iter().zip(1_u64..) {
            let inner: Vec<&str> = outer.iter().copied().chain([id]).collect();
            let label = match text_in(&group.label, language, &form.default_language).trim() {
                "" => group.name.as_str(),
                label => label,
            };
            line!(text);
            line!(text, "{margin}{label} {number}  ({})", row(&group.name, &inner));
            let own = form.questions.iter().filter(|asked| form.repeats_around(asked) == to);
            for question in own {
                let key = field(&question.name, &inner);
                if let Some(answer) = answers.get(&key) {
                    let answer = indented(&shown(Some(answer), &key, Some(form), language), 4 + margin.len());
                    let name = form.label(question, language).trim().replace('\n', " ");
                    let name =
                        if name == question.name { name } else { format!("{name} ({})", question.name) };
                    line!(text, "{margin}  {name}: {answer}");
                }
            }
            level(form, answers, language, &to, &inner, text);
        }
    }
}
