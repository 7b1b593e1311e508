//! Tables as they come: other encodings, broken rows, quotes that nobody closed.

use std::fs::File;
use std::io::Write;
use std::path::Path;

use cairn_core::form::{Answer, Answers, Form};
use serde_json::json;

use super::*;
use crate::trouble::Trouble;

fn form() -> Form {
    let form = json!({
        "id": "f", "version": "1", "title": {"": "F"}, "default_language": "",
        "groups": [],
        "questions": [
            {"name": "name", "kind": "text", "label": {"": "Full name"}, "required": true},
            {"name": "born", "kind": "date", "label": {"": "Born"}},
            {"name": "sex", "kind": {"select_one": "sex"}, "label": {"": "Sex"}},
            {"name": "needs", "kind": {"select_multiple": "needs"}, "label": {"": "Needs"}},
            {"name": "source", "kind": "text", "label": {"": "Source"}},
        ],
        "lists": {
            "sex": [{"name": "f", "label": {"": "Female"}}, {"name": "m", "label": {"": "Male"}}],
            "needs": [{"name": "food", "label": {"": "Food"}}, {"name": "law", "label": {"": "Legal help"}}],
        },
    });
    serde_json::from_value(form).unwrap()
}

const MAP: &str = r#"
[fields]
name = "Name"
born = { column = "Born", format = "%d.%m.%Y" }
sex = { column = "Sex", values = { W = "f" } }
needs = { column = "Needs", split = "/" }
[constants]
source = "paper"
"#;

type Taken = (Vec<(u64, Answers)>, Vec<String>);

fn take(table: &[u8], map: &str) -> Result<Taken, Trouble> {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(table).unwrap();
    let plan = Plan::read(map)?;
    let mut rows = Rows::new(File::open(file.path()).unwrap(), Path::new("t.csv"), plan.delimiter()?)?;
    let form = form();
    let map = Map::new(&plan, &form, rows.headings(), None)?;
    let (mut good, mut bad) = (Vec::new(), Vec::new());
    while let Some(row) = rows.read()? {
        match map.answers(&form, &row) {
            Ok(answers) => good.extend(answers.map(|answers| (row.line, answers))),
            Err(refused) => bad.push(refused.to_string()),
        }
    }
    Ok((good, bad))
}

fn wrong(table: &str, map: &str) -> String {
    take(table.as_bytes(), map).unwrap_err().to_string()
}

#[test]
fn cells_become_answers_by_the_map() {
    let table = "\u{feff}Name,Born,Sex,Needs,Other\n\"Amina, P.\",03.02.1999,W,food/law,x\n";
    let (good, bad) = take(table.as_bytes(), MAP).unwrap();
    assert_eq!(bad, [""; 0]);
    let (line, answers) = &good[0];
    assert_eq!(*line, 2);
    assert_eq!(answers["name"], Answer::Text("Amina, P.".to_owned()));
    assert_eq!(answers["born"], Answer::Text("1999-02-03".to_owned()));
    assert_eq!(answers["sex"], Answer::Text("f".to_owned()));
    assert_eq!(answers["needs"], Answer::Choices(["food".to_owned(), "law".to_owned()].into()));
    assert_eq!(answers["source"], Answer::Text("paper".to_owned()));
}

#[test]
fn a_bad_row_is_refused_with_its_line_and_the_others_are_kept() {
    let table = b"Name,Born,Sex,Needs\n\
        A,,,\n\
        ,31.02.1999,X,rent\n\
        \xff\xfe,,,\n\
        \n\
        B,,\n\
        C,,,,,\n\
        \"two\nlines\",,,\n\
        D,,,,extra\n\
        ,,,\n\
        E,,,\n";
    let (good, bad) = take(table, MAP).unwrap();
    let names: Vec<_> = good.iter().map(|(line, answers)| (*line, answers["name"].to_json())).collect();
    assert_eq!(names, [(2, json!("A")), (7, json!("C")), (8, json!("two\nlines")), (12, json!("E"))]);
    assert_eq!(
        bad,
        [
            "line 3: born: this is not written in the map's format; needs: this is not one of the choices; \
             sex: this is not one of the choices; name: an answer is required",
            "line 4: name: this is not text in the table's encoding",
            "line 6: the row has 3 cells under 4 headings; perhaps a quote is not closed",
            "line 10: the row has 5 cells under 4 headings; perhaps a quote is not closed",
        ]
    );
}

#[test]
fn lines_of_old_and_other_machines_are_counted_too() {
    for end in ["\r\n", "\r"] {
        let table = ["Name,Born,Sex,Needs", "A,,,", "B,x,,", "C,,,", ""].join(end);
        let (good, bad) = take(table.as_bytes(), MAP).unwrap();
        assert_eq!(good.iter().map(|(line, _)| *line).collect::<Vec<_>>(), [2, 4], "{end:?}");
        assert_eq!(bad, ["line 3: born: this is not written in the map's format"]);
    }
}

#[test]
fn tables_in_older_encodings_can_be_read() {
    let map = "delimiter = ';'\nencoding = 'windows-1251'\n[fields]\nname = 'Имя'\n";
    let (good, _) = take(b"\xc8\xec\xff;x\n\xc0\xed\xed\xe0;1\n", map).unwrap();
    assert_eq!(good[0].1["name"], Answer::Text("Анна".to_owned()));
}

#[test]
fn what_would_go_wrong_in_every_row_is_said_once() {
    let table = "Name,Born,Born\n";
    assert!(wrong(table, "fields = 1").starts_with("the map is not TOML"));
    assert!(wrong(table, "[fields]\nname = 'Nome'").contains("column `Nome`"));
    assert!(wrong(table, "[fields]\nname = 'Name'\nborn = 'Born'").contains("twice"));
    assert!(wrong(table, "[fields]\nnom = 'Name'").contains("no such question"));
    assert!(wrong(table, "[fields]\nsource = 'Name'").contains("requires name"));
    assert!(wrong(table, "[constants]\nname = 'x'").contains("no column"));
    assert!(wrong(table, "[fields]\nname = 'Name'\n[constants]\nname = 'x'").contains("both"));
    assert!(wrong(table, "[fields]\nname = 'Name'\n[constants]\nsex = 'x'").contains("one of the choices"));
    assert!(wrong(table, "[fields]\nname = {column='Name', split=';'}").contains("nothing to split"));
    assert!(wrong(table, "[fields]\nname = {column='Name', format='%d'}").contains("no day or time"));
    assert!(wrong(table, "[fields]\nname = {column='Name', valeus={}}").contains("`name`"));
    assert!(wrong(table, "delimiter = ';;'\n[fields]\nname = 'Name'").contains("delimiter"));
    assert!(wrong(table, "encoding = 'utf-16'\n[fields]\nname = 'Name'").contains("encoding"));
    assert!(wrong("", MAP).contains("empty"));
    assert!(take(b"\xff\xfeN\0", MAP).unwrap_err().to_string().contains("UTF-16"));
    assert!(take(b"PK\x03\x04", MAP).unwrap_err().to_string().contains("spreadsheet"));
}

#[test]
fn an_unclosed_quote_does_not_fill_the_memory() {
    let mut table = b"Name,Born,Sex,Needs\nA,,,\n\"".to_vec();
    table.extend(std::iter::repeat_n(b"B,,,\n".as_slice(), 3 << 20).flatten());
    let trouble = take(&table, MAP).unwrap_err();
    assert!(trouble.to_string().contains("begins in line 3"), "{trouble}");
}

#[test]
fn the_map_to_begin_with_can_be_read_back() {
    let headings = ["full NAME", "Sex", "Remarks \"x\""].map(|heading| heading.as_bytes().to_vec());
    let map = starter(&form(), &headings, b';');
    let plan = Plan::read(&map).unwrap();
    assert_eq!(plan.delimiter(), Ok(b';'));
    assert!(map.contains("\nname = \"full NAME\"") || map.contains("\n\"name\" = \"full NAME\""), "{map}");
    assert!(Map::new(&plan, &form(), &headings, None).is_ok());
    assert_eq!(guess(b"a;b,c;d"), b';');
    assert_eq!(guess(b"a"), b',');
}
