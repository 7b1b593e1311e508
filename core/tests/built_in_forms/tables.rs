//! The text tables as they are: rows of named cells. Also what must hold of any table: names, lists, groups.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

pub(crate) const FORMS: [&str; 2] = ["victim-support", "border-observation"];

/// The languages, as they stand after `label::`.
pub(crate) const LANGUAGES: [&str; 6] =
    ["English (en)", "Русский (ru)", "Українська (uk)", "Тоҷикӣ (tg)", "العربية (ar)", "Français (fr)"];

/// One row: cells by their heading. A heading without a cell is empty.
#[derive(Clone, Debug, Default)]
pub(crate) struct Row(pub(crate) BTreeMap<String, String>);

impl Row {
    pub(crate) fn get(&self, heading: &str) -> &str {
        self.0.get(heading).map_or("", String::as_str)
    }

    pub(crate) fn name(&self) -> &str {
        self.get("name")
    }

    /// The type without its list.
    pub(crate) fn kind(&self) -> &str {
        self.get("type").split(' ').next().unwrap_or_default()
    }

    /// The list it chooses from.
    pub(crate) fn list(&self) -> Option<&str> {
        self.get("type").split_once(' ').map(|(_, list)| list)
    }

    /// Whether a person is asked for an answer.
    pub(crate) fn is_asked(&self) -> bool {
        !matches!(self.kind(), "note" | "calculate" | "start" | "end" | "today") && !self.is_bracket()
    }

    /// Whether it begins or ends a group or repeat.
    pub(crate) fn is_bracket(&self) -> bool {
        matches!(self.kind(), "begin_group" | "end_group" | "begin_repeat" | "end_repeat")
    }
}

/// One form.
#[derive(Clone, Debug)]
pub(crate) struct Tables {
    pub(crate) survey: Vec<Row>,
    pub(crate) choices: Vec<Row>,
    pub(crate) settings: Vec<Row>,
}

impl Tables {
    pub(crate) fn read(form: &str) -> Self {
        let folder = root().join("forms").join(form);
        let sheet = |name: &str| rows(&folder.join(name));
        Self { survey: sheet("survey.csv"), choices: sheet("choices.csv"), settings: sheet("settings.csv") }
    }

    pub(crate) fn row(&self, name: &str) -> &Row {
        self.survey.iter().find(|row| row.name() == name).unwrap_or_else(|| panic!("no question {name}"))
    }

    pub(crate) fn list(&self, list: &str) -> Vec<&Row> {
        self.choices.iter().filter(|row| row.get("list_name") == list).collect()
    }

    /// Each row with the groups around it, outermost first. The rows that end groups are left out.
    pub(crate) fn nested(&self) -> Vec<(&Row, Vec<&Row>)> {
        let mut around: Vec<&Row> = Vec::new();
        let mut found = Vec::new();
        for row in &self.survey {
            match row.kind() {
                "begin_group" | "begin_repeat" => {
                    found.push((row, around.clone()));
                    around.push(row);
                }
                "end_group" | "end_repeat" => {
                    let begun = around.pop().expect("a group was begun");
                    assert_eq!(begun.kind().replace("begin", "end"), row.kind(), "{}", begun.name());
                }
                _ => found.push((row, around.clone())),
            }
        }
        assert!(around.is_empty(), "not ended: {around:?}");
        found
    }
}

pub(crate) fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("..")
}

pub(crate) fn rows(path: &std::path::Path) -> Vec<Row> {
    let mut reader =
        csv::Reader::from_path(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let headings: Vec<String> = reader.headers().expect("headings").iter().map(str::to_owned).collect();
    let rows = reader.records().map(|record| {
        let record = record.expect("as many cells as headings");
        Row(headings.iter().cloned().zip(record.iter().map(str::to_owned)).collect())
    });
    rows.collect()
}

/// What `${…}` names in a text or expression.
pub(crate) fn references(text: &str) -> BTreeSet<&str> {
    text.split("${").skip(1).filter_map(|rest| Some(rest.split_once('}')?.0)).collect()
}

#[test]
fn names_are_plain_short_and_used_once() {
    for form in FORMS {
        let tables = Tables::read(form);
        let mut seen = BTreeSet::new();
        for (row, _) in tables.nested() {
            let name = row.name();
            assert!(name.len() <= 64, "{form}: {name}");
            assert!(name.starts_with(|letter: char| letter.is_ascii_lowercase()), "{form}: {name}");
            let plain =
                |letter: char| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == '_';
            assert!(name.chars().all(plain), "{form}: {name}");
            assert!(seen.insert(name), "{form}: {name} is used twice");
        }
    }
}

#[test]
fn every_list_is_there_and_used_and_its_names_are_words() {
    for form in FORMS {
        let tables = Tables::read(form);
        let used: BTreeSet<&str> = tables.survey.iter().filter_map(Row::list).collect();
        let known: BTreeSet<&str> = tables.choices.iter().map(|row| row.get("list_name")).collect();
        assert_eq!(used, known, "{form}");
        let mut seen = BTreeSet::new();
        for choice in &tables.choices {
            let name = choice.name();
            assert!(!name.is_empty() && name.len() <= 64 && !name.contains([' ', '/']), "{form}: {name}");
            assert!(seen.insert((choice.get("list_name"), name)), "{form}: {name} is in its list twice");
        }
    }
}

#[test]
fn a_form_is_named_and_versioned() {
    for form in FORMS {
        let tables = Tables::read(form);
        assert_eq!(tables.settings.len(), 1);
        assert_eq!(tables.settings[0].get("form_id"), form);
        assert_eq!(tables.settings[0].get("default_language"), LANGUAGES[0]);
        assert!(!tables.settings[0].get("version").is_empty());
    }
}

/// Each list that both forms use is kept once, in `forms/lists`; `cargo xtask forms` writes it into the forms.
#[test]
fn shared_lists_are_the_same_everywhere() {
    let mut shared = 0;
    for entry in std::fs::read_dir(root().join("forms/lists")).expect("the folder") {
        let path = entry.expect("an entry").path();
        let list = path.file_stem().expect("a name").to_string_lossy().into_owned();
        let kept: Vec<_> = rows(&path).into_iter().map(|row| row.0).collect();
        for form in FORMS {
            let tables = Tables::read(form);
            let mut used: Vec<_> = tables.list(&list).into_iter().map(|row| row.0.clone()).collect();
            for row in &mut used {
                row.remove("list_name");
            }
            if !used.is_empty() {
                assert_eq!(used, kept, "{form} has another {list}; run `cargo xtask forms`");
                shared += 1;
            }
        }
    }
    assert!(shared >= 20, "{shared}");
}

#[test]
fn countries_are_those_of_iso_3166_and_kosovo() {
    let countries = rows(&root().join("forms/lists/countries.csv"));
    assert_eq!(countries.len(), 249 + 1);
    assert!(countries.iter().all(|row| row.name().len() == 2));
    let of = |code: &str| countries.iter().find(|row| row.name() == code).expect("a country").clone();
    // HTCDS' own form lost Namibia's code, which some programs take for "not available".
    assert_eq!(of("NA").get("label::English (en)"), "Namibia");
    assert_eq!(of("TJ").get("label::Тоҷикӣ (tg)"), "Тоҷикистон");
    assert_eq!(of("XK").get("label::English (en)"), "Kosovo");
}
