//! Writes the shared lists, `forms/lists/NAME.csv`, into the choices of each built-in form that uses them.
//!
//! A list is kept once and stands in the forms as in any XLSForm. A form's own lists stay as they are; the shared
//! ones follow, by name. No cell of these tables has a line break, so a row is a line.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use crate::trouble::Trouble;

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../forms");
const FORMS: [&str; 2] = ["victim-support", "border-observation"];

/// Shared lists by name: their lines.
type Lists = BTreeMap<String, String>;

pub(crate) fn run() -> Result<(), Trouble> {
    let folder = Path::new(FOLDER);
    let lists = read_lists(&folder.join("lists"))?;
    for form in FORMS {
        let path = folder.join(form).join("choices.csv");
        let survey = read(&folder.join(form).join("survey.csv"))?;
        let before = read(&path)?;
        let after = compose(&before, &survey, &lists)?;
        if after != before {
            fs::write(&path, after).map_err(|error| Trouble::at(&path, error))?;
        }
    }
    Ok(())
}

fn read(path: &Path) -> Result<String, Trouble> {
    fs::read_to_string(path).map_err(|error| Trouble::at(path, error))
}

fn read_lists(folder: &Path) -> Result<Lists, Trouble> {
    let mut lists = Lists::new();
    for entry in fs::read_dir(folder).map_err(|error| Trouble::at(folder, error))? {
        let path = entry?.path();
        if let Some(name) = path.file_stem().and_then(|name| name.to_str()) {
            lists.insert(name.to_owned(), read(&path)?);
        }
    }
    Ok(lists)
}

/// The choices of a form: its own as they are, then the shared lists that its survey names.
fn compose(choices: &str, survey: &str, lists: &Lists) -> Result<String, Trouble> {
    let mut lines = choices.lines();
    let headings = lines.next().unwrap_or_default();
    let list_of = |line: &str| line.split(',').next().unwrap_or_default().to_owned();
    let own = lines.filter(|line| !lists.contains_key(&list_of(line)));
    let mut composed: Vec<String> = std::iter::once(headings).chain(own).map(str::to_owned).collect();
    for (name, list) in lists.iter().filter(|(name, _)| is_used(survey, name)) {
        let mut rows = list.lines();
        if rows.next().map(|first| format!("list_name,{first}")).as_deref() != Some(headings) {
            return Err(Trouble(format!("lists/{name}.csv has other headings than the form")));
        }
        composed.extend(rows.map(|row| format!("{name},{row}")));
    }
    Ok(composed.join("\n") + "\n")
}

fn is_used(survey: &str, list: &str) -> bool {
    let kinds = ["select_one", "select_multiple", "rank"];
    survey.lines().any(|line| kinds.iter().any(|kind| line.starts_with(&format!("{kind} {list},"))))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lists() -> Lists {
        let list = |rows: &str| format!("name,label::English (en)\n{rows}");
        let named = [("colours", list("r,Red\nb,Blue\n")), ("sizes", list("s,Small\n"))];
        named.into_iter().map(|(name, list)| (name.to_owned(), list)).collect()
    }

    #[test]
    fn a_list_that_changed_replaces_what_stood_there_and_own_lists_stay() {
        let survey = "type,name\nselect_one colours,c\nselect_one own,o\n";
        let before = "list_name,name,label::English (en)\ncolours,r,Old\nown,1,One\nsizes,s,Small\n";
        let after = "list_name,name,label::English (en)\nown,1,One\ncolours,r,Red\ncolours,b,Blue\n";
        assert_eq!(compose(before, survey, &lists()).expect("the same headings"), after);
        assert_eq!(compose(after, survey, &lists()).expect("the same headings"), after);
    }

    #[test]
    fn other_headings_are_refused() {
        assert!(compose("list_name,name,label\n", "select_one sizes,s\n", &lists()).is_err());
    }
}
