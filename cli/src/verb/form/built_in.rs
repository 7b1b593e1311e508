//! `cairn form built-in …`: the forms that come with the program.

use cairn_core::error::Error;
use cairn_core::form::built_in::{BUILT_IN, BuiltIn};
use cairn_core::form::xlsform::{Reading, XlsformError};
use serde_json::{Value, json};

use crate::door::Door;
use crate::out::Said;
use crate::trouble::Trouble;
use crate::words::{count, ended, line, title};

pub(super) fn list(door: &Door) -> Result<Said, Trouble> {
    let (mut text, mut forms) = (String::new(), Vec::new());
    for built_in in BUILT_IN {
        let form = read(built_in)?.form;
        let asked = form.questions.iter().filter(|question| question.kind.is_asked()).count();
        let (title, questions) = (title(&form, &door.language), count(asked as u64, "question"));
        line!(text, "{}  {}  {title}, {questions}", form.id, form.version);
        forms.push(json!({ "id": form.id, "version": form.version, "title": title, "questions": asked }));
    }
    line!(text, "`cairn form built-in add NAME` publishes one of them to your workspace.");
    Ok(Said::new(ended(text), json!({ "forms": Value::Array(forms) })))
}

/// The form of that name.
pub(super) fn named(name: &str) -> Result<Reading, Trouble> {
    let missing = || Error::NotFound { what: "built-in form", name: name.to_owned() };
    read(BuiltIn::named(name).ok_or_else(missing)?)
}

fn read(form: BuiltIn) -> Result<Reading, Trouble> {
    form.read().map_err(|source: XlsformError| Trouble::Spreadsheet { name: form.name.to_owned(), source })
}
