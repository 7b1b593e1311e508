//! Lists and tables that travel apart mean what they mean inside.

use super::*;
use crate::form::apart::{PieceName, pieces};
use crate::form::expression::Moment;
use crate::form::session::{Session, Surroundings};

/// A form with a list in two languages, a table, a filter, and calculations that look into both.
fn inside() -> Form {
    let town = |index: usize| Choice {
        label: match index % 3 {
            0 => texts(&[("", "Town")]),
            1 => texts(&[("English (en)", "Town"), ("Русский (ru)", "Город")]),
            _ => Translations::new(),
        },
        columns: BTreeMap::from([("land".to_owned(), format!("l{}", index % 7))]),
        ..Choice::unlabelled(&format!("t{index:03}"))
    };
    let calculated = |name: &str, calculation: &str| {
        let mut question = Question::new(name, Kind::Calculate);
        question.logic.calculation = Some(calculation.to_owned());
        question
    };
    let mut town_asked = Question::new("town", Kind::SelectOne("towns".into()));
    town_asked.logic.choice_filter = Some("land = ${land}".into());
    Form {
        default_language: "English (en)".to_owned(),
        questions: vec![
            Question::new("land", Kind::Text),
            town_asked,
            Question::new("several", Kind::SelectMultiple("towns".into())),
            calculated("price", "pulldata('prices', 'price', 'town', ${town})"),
            calculated("its_land", "pulldata('towns', 'land', 'name', ${town})"),
            calculated("shown", "jr:choice-name(${town}, '${town}')"),
            calculated(
                "rows",
                "count(instance('towns')/root/item[land = 'l1']) + count(instance('prices')/root/item)",
            ),
        ],
        lists: BTreeMap::from([("towns".to_owned(), (0..100).map(town).collect())]),
        tables: BTreeMap::from([(
            "prices".to_owned(),
            Table {
                columns: vec!["town".to_owned(), "price".to_owned()],
                rows: (0..50).map(|row| vec![format!("t{:03}", row * 2), row.to_string()]).collect(),
            },
        )]),
        ..Form::new("towns", "1")
    }
}

fn apart() -> Form {
    let mut form = inside();
    form.put_apart_above(0);
    assert_eq!((form.lists.len(), form.tables.len(), form.apart.len()), (0, 0, 2));
    form
}

/// The octets of a form's tables, by piece.
fn octets(form: &Form) -> BTreeMap<PieceName, Vec<u8>> {
    let all = form.apart.values().flat_map(|apart| {
        let octets = apart.sheet().unwrap().encode();
        pieces(&octets).map(|piece| (PieceName::of(piece), piece.to_vec())).collect::<Vec<_>>()
    });
    all.collect()
}

/// As another device reads it, with these octets at hand.
fn arrived(form: &Form, held: &BTreeMap<PieceName, Vec<u8>>) -> Form {
    let mut form = Form::decode(&form.encode()).unwrap();
    for apart in form.apart.values_mut() {
        let found: Option<Vec<Vec<u8>>> = apart.pieces.iter().map(|name| held.get(name).cloned()).collect();
        apart.fill(Box::new(move || found.as_ref().map(|found| found.concat())));
    }
    form
}

/// Everything a form says about a few answers.
fn told(form: &Form) -> Vec<String> {
    let prepared = Prepared::new(form).unwrap();
    let around = Surroundings::new(form, &prepared, "ru", Moment::new(0, 0), 7);
    let mut session = Session::open(form, &prepared, &around, Answers::new(), false);
    let mut told = Vec::new();
    for (land, town) in [("l1", "t001"), ("l2", "t001"), ("l2", "t002"), ("l3", "gone"), ("", "t099")] {
        session.answer("land", Some(text(land))).unwrap();
        session.answer("town", Some(text(town))).unwrap();
        told.push(format!("{:?} {:?}", session.choices("town"), session.answers()));
        told.push(format!("{:?}", session.faults().iter().map(|told| &told.fault).collect::<Vec<_>>()));
    }
    let question = |name: &str| form.question(name).unwrap();
    for typed in ["t003", "T003", "town", "Город", "t100", ""] {
        told.push(format!("{:?}", form.parse_text(question("town"), typed)));
    }
    let several = choices(&["t010", "t002", "gone"]);
    told.push(several.display(form, question("several"), "ru"));
    told.push(several.display(form, question("several"), "en"));
    told.push(format!("{:?}", form.check_answer(question("several"), &several)));
    let all = form.choices(question("town")).iter();
    told.extend(all.map(|choice| format!("{} {:?}", choice.name, choice.labels().collect::<Vec<_>>())));
    told
}

#[test]
fn a_list_or_table_apart_says_what_it_says_inside() {
    let (inside, apart) = (inside(), apart());
    inside.is_sound().unwrap();
    let here = arrived(&apart, &octets(&apart));
    assert_eq!((here.is_sound(), here.tables_are_whole()), (Ok(()), Ok(())));
    assert_eq!(told(&inside), told(&here));
    let mut other = inside.clone();
    other.lists.get_mut("towns").unwrap()[1].columns.insert("land".into(), "l3".into());
    assert_ne!(told(&inside), told(&other), "control: a list that differs is noticed");
}

#[test]
fn a_form_with_tables_apart_is_of_version_4_and_any_other_as_before() {
    assert_eq!(inside().encode()[0], 3);
    let form = apart();
    let mut octets = form.encode();
    assert_eq!(octets[0], 4);
    assert!(octets.len() < inside().encode().len() / 4);
    assert_eq!(Form::decode(&octets), Ok(form));
    for other in [1, 2, 3] {
        octets[0] = other;
        assert_eq!(Form::decode(&octets), Err(FormError::Malformed { line: 0, column: 0 }));
    }
    let mut plain = inside().encode();
    plain[0] = 4;
    assert_eq!(Form::decode(&plain), Err(FormError::Malformed { line: 0, column: 0 }));
}

#[test]
fn tables_are_read_when_somebody_looks_at_them_and_once_for_all_editions() {
    let form = apart();
    let here = arrived(&form, &octets(&form));
    let mut edition = Form { version: "2".to_owned(), ..Form::decode(&form.encode()).unwrap() };
    for (name, apart) in &mut edition.apart {
        apart.share(&here.apart[name]);
    }
    assert!(here.form_is_unread() && edition.form_is_unread());
    assert!(edition.offers(edition.question("town").unwrap(), "t005"));
    assert!(here.apart["towns"].is_read() && !here.apart["prices"].is_read());
}

impl Form {
    fn form_is_unread(&self) -> bool {
        self.apart.values().all(|apart| !apart.is_read())
    }
}

#[test]
fn tables_that_are_missing_altered_or_another_are_no_tables_of_this_form() {
    let form = apart();
    let table = |name: &str| Err(Unsound::Table { table: name.into() });
    let held = octets(&form);
    assert_eq!(arrived(&form, &held).tables_are_whole(), Ok(()), "control");
    for (name, apart) in &form.apart {
        let mut missing = held.clone();
        missing.remove(&apart.pieces[0]);
        assert_eq!(arrived(&form, &missing).tables_are_whole(), table(name));
        let mut altered = held.clone();
        altered.get_mut(&apart.pieces[0]).unwrap()[0] = 9;
        assert_eq!(arrived(&form, &altered).tables_are_whole(), table(name));
    }
    let with = |column: &str, cell: &'static str| {
        let sheet =
            Sheet::new(vec![column.to_owned()], 2, |row, _| if row == 0 { "a" } else { cell }).unwrap();
        let mut form = form.clone();
        form.apart.insert("towns".into(), Apart::new(sheet, true).unwrap());
        form.tables_are_whole()
    };
    assert_eq!(with("name", "b"), Ok(()), "control");
    assert_eq!(with("label", "b"), table("towns"), "a list without names");
    assert_eq!(with("name", "a"), Err(Unsound::Twice { what: "choice", name: "a".into() }));
    assert_eq!(with("name", "a b"), Err(Unsound::Name { what: "choice", name: "a b".into() }));
}

#[test]
fn what_a_form_says_of_its_tables_must_fit_together() {
    let broken = |breaks: fn(&mut Form)| {
        let mut form = apart();
        breaks(&mut form);
        form.is_sound()
    };
    let table = Err(Unsound::Table { table: "towns".into() });
    let towns = |form: &mut Form| form.apart.remove("towns").unwrap();
    assert_eq!(broken(|form| form.apart.get_mut("towns").unwrap().octets = 0), table);
    assert_eq!(broken(|form| form.apart.get_mut("towns").unwrap().octets = 17 << 20), table);
    assert_eq!(broken(|form| form.apart.get_mut("towns").unwrap().pieces.clear()), table);
    assert_eq!(
        broken(|form| drop(form.apart.remove("prices"))),
        Err(Unsound::Table { table: "prices".into() })
    );
    assert_eq!(
        broken(|form| form.apart.get_mut("towns").unwrap().is_list = false),
        Err(Unsound::List { question: "town".into() })
    );
    assert_eq!(
        broken(|form| form.apart.get_mut("towns").unwrap().rows = 200_001),
        Err(Unsound::TooMany { what: "choices", limit: limits::CHOICES })
    );
    let mut twice = apart();
    twice.lists.insert("towns".into(), Vec::new());
    assert_eq!(twice.is_sound(), Err(Unsound::Twice { what: "list or table", name: "towns".into() }));
    let mut slash = apart();
    let moved = towns(&mut slash);
    slash.apart.insert("a/b".into(), moved);
    assert!(slash.is_sound().is_err());
    let mut large = apart();
    for index in 0..3 {
        let mut more = large.apart["prices"].clone();
        more.octets = 12 << 20;
        more.pieces = vec![more.pieces[0]; 96];
        large.apart.insert(format!("more{index}"), more);
    }
    assert_eq!(large.is_sound(), Err(Unsound::TooMany { what: "octets in tables", limit: limits::SHEETS }));
}

#[test]
fn what_a_sheet_cannot_say_stays_inside() {
    let stays = |changes: fn(&mut Choice)| {
        let mut form = inside();
        changes(&mut form.lists.get_mut("towns").unwrap()[3]);
        form.put_apart_above(0);
        form.lists.contains_key("towns")
    };
    assert!(!stays(|_| ()), "control");
    assert!(stays(|choice| choice.media.image = texts(&[("", "a.png")])));
    assert!(stays(|choice| drop(choice.columns.insert("label::x".into(), "y".into()))));
    assert!(stays(|choice| drop(choice.columns.insert("value".into(), String::new()))));
    assert!(stays(|choice| drop(choice.label.insert("fr".into(), String::new()))));
}

#[test]
fn a_form_moves_to_another_workspace_in_a_file_with_its_tables() {
    let form = apart();
    let here = arrived(&form, &octets(&form));
    let json = serde_json::to_vec(&here.with_cells()).unwrap();
    let moved = Form::from_file(&json).unwrap();
    assert_eq!((&moved, moved.tables_are_whole()), (&form, Ok(())));
    assert_eq!(moved.encode(), form.encode(), "between devices the tables are not in it");
    assert_eq!(Form::from_json(&json), Err(FormError::Malformed { line: 0, column: 0 }));
    let bare = Form::from_file(&serde_json::to_vec(&form).unwrap()).unwrap();
    assert!(bare.tables_are_whole().is_err(), "control: without them it is not whole");
    let text = String::from_utf8(json).unwrap();
    let other = text.replacen("t007", "t700", 1);
    assert_ne!(text, other);
    assert!(Form::from_file(other.as_bytes()).is_err(), "another list than the form names");
}

#[test]
fn a_hundred_thousand_choices_are_put_apart_when_a_form_is_too_large() {
    let mut csv = "name,label,land\n".to_owned();
    for index in 0..100_000 {
        csv.push_str(&format!("t{index},Town {index},l{}\n", index % 100));
    }
    let file = |name: &str| {
        match name {
        "survey.csv" => Some(b"type,name,label,choice_filter\ntext,land,Land\nselect_one_from_file towns.csv,town,Town,land = ${land}\n".to_vec()),
        "settings.csv" => Some(b"form_id,version\nlarge,1\n".to_vec()),
        "towns.csv" => Some(csv.clone().into_bytes()),
        _ => None,
    }
    };
    let form = crate::form::xlsform::read_tables("large", &file).unwrap().form;
    // What is read choice by choice and put apart later is the same.
    let town = |index: u32| Choice {
        columns: BTreeMap::from([("land".to_owned(), format!("l{}", index % 100))]),
        ..Choice::new(&format!("t{index}"), &format!("Town {index}"))
    };
    let mut by_choice =
        Form { lists: BTreeMap::from([("towns".into(), (0..100_000).map(town).collect())]), ..form.clone() };
    by_choice.apart.clear();
    by_choice.put_apart();
    assert_eq!(by_choice, form);
    assert_eq!(form.apart["towns"].rows, 100_000);
    assert_eq!(form.tables_are_whole(), Ok(()));
    let encoded = form.encode();
    assert!(encoded.len() < 4_096, "{}", encoded.len());
    assert_eq!(Form::decode(&encoded), Ok(form.clone()));
    let town = form.question("town").unwrap();
    assert_eq!(form.choice_label(town, "t77777", "en"), "Town 77777");
    assert!(form.offers(town, "t99999") && !form.offers(town, "t100000"));
}
