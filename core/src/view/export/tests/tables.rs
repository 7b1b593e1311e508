use super::*;

/// Every row by header; the first element are the headers themselves.
fn read(bytes: &[u8]) -> (Vec<String>, Vec<BTreeMap<String, String>>) {
    let mut reader = ::csv::Reader::from_reader(bytes);
    let headers: Vec<String> = reader.headers().unwrap().iter().map(str::to_owned).collect();
    let rows = reader.records().map(|row| {
        let row = row.unwrap();
        headers.iter().cloned().zip(row.iter().map(str::to_owned)).collect()
    });
    let rows = rows.collect();
    (headers, rows)
}

#[test]
fn a_table_holds_what_the_record_says() {
    let record = record(&[
        ("name", text("Синтетика, \"Тестова\"")),
        ("story", Answer::Narrative("one\ntwo\rthree".to_owned())),
        ("age", Answer::Integer(-5)),
        ("weight", Answer::Decimal(-0.5)),
        ("born", text("2001-02-03")),
        ("place", text("-33.9 151.2")),
        ("need", text("-99")),
        ("needs", choices(&["food", "legal"])),
    ]);
    let bytes = written(Format::Csv, &Options::default(), &[record]);
    assert!(bytes.starts_with(b"_record,_id,_version,_changed,_title,name,story,"));
    assert_eq!(bytes.windows(2).filter(|two| two == b"\r\n").count(), 2);
    let (headers, rows) = read(&bytes);
    assert!(!headers.contains(&"hello".to_owned()), "a note is never answered");
    let row = &rows[0];
    assert_eq!(row["_record"], "abab-17");
    assert_eq!(row["_version"], "1");
    assert_eq!(row["name"], "Синтетика, \"Тестова\"");
    assert_eq!(row["story"], "one\ntwo\rthree");
    assert_eq!((row["age"].as_str(), row["weight"].as_str()), ("-5", "-0.5"));
    assert_eq!((row["place"].as_str(), row["need"].as_str()), ("-33.9 151.2", "-99"));
    assert_eq!(row["needs"], "food legal");
    assert_eq!((row["needs/legal"].as_str(), row["needs/-99"].as_str()), ("1", "0"));
    assert_eq!(row["_conflicts"], "");
}

#[test]
fn a_list_that_travels_apart_has_one_column_and_not_one_for_each_choice() {
    let sheet = Sheet::new(vec!["name".to_owned()], 2, |row, _| ["legal", "food"][row]).unwrap();
    let mut form = form();
    form.lists.clear();
    form.apart.insert("needs".to_owned(), Apart::new(sheet, true).unwrap());
    let names = |form: &Form| {
        let options = Options::default();
        let mut exporter = Exporter::new(Format::Csv, form, &options, Cursor::new(Vec::new())).unwrap();
        exporter.record(&record(&[])).unwrap();
        read(&exporter.finish().unwrap().into_inner()).0
    };
    let (apart, inside) = (names(&form), names(&super::form()));
    assert!(apart.contains(&"needs".to_owned()) && !apart.contains(&"needs/food".to_owned()));
    assert!(inside.contains(&"needs/food".to_owned()), "control");
}

#[test]
fn no_choice_is_not_no_answer() {
    let (_, rows) =
        read(&written(Format::Csv, &Options::default(), &[record(&[("needs", choices(&[]))]), record(&[])]));
    assert_eq!((rows[0]["needs"].as_str(), rows[0]["needs/food"].as_str()), ("", "0"));
    assert_eq!((rows[1]["needs"].as_str(), rows[1]["needs/food"].as_str()), ("", ""));
}

#[test]
fn typed_text_never_becomes_a_formula() {
    let typed = "=HYPERLINK(\"https://example.org\")";
    let strange = [("name", text(typed)), ("born", text("=1")), ("need", text("@x")), ("place", text("+1"))];
    let (_, rows) = read(&written(Format::Csv, &Options::default(), &[record(&strange)]));
    assert_eq!(rows[0]["name"], format!("'{typed}"));
    assert_eq!(unguarded(&rows[0]["name"]), typed);
    for field in ["born", "need", "place"] {
        assert!(rows[0][field].starts_with('\''), "{field}");
    }
}

#[test]
fn answers_of_another_edition_are_kept_aside() {
    let (_, rows) = read(&written(Format::Csv, &Options::default(), &[record(&[("old", text("kept"))])]));
    assert_eq!(rows[0]["_other"], "{\"old\":\"kept\"}");
}

#[test]
fn a_question_with_several_answers_is_named() {
    let mut torn = record(&[("name", text("a"))]);
    for field in ["name", "needs"] {
        torn.conflicts.push(ConflictView { record: torn.id, field: field.to_owned(), values: Vec::new() });
    }
    let (_, rows) = read(&written(Format::Csv, &Options::default(), &[torn]));
    assert_eq!(rows[0]["_conflicts"], "name needs");
}

#[test]
fn labels_are_those_of_the_language_and_no_two_headers_alike() {
    let answers = [("need", text("food")), ("needs", choices(&["-99", "legal"]))];
    let options = Options { labels: true, ..Options::default() };
    let (headers, rows) = read(&written(Format::Csv, &options, &[record(&answers)]));
    assert!(headers.contains(&"Number [age]".to_owned()) && headers.contains(&"Number [weight]".to_owned()));
    assert_eq!(rows[0]["Main need"], "Food");
    assert_eq!(rows[0]["Needs"], "Legal aid; Not asked");
    assert_eq!(rows[0]["Needs/Legal aid"], "1");
    let options = Options { labels: true, language: "ar".to_owned(), ..Options::default() };
    let (headers, _) = read(&written(Format::Csv, &options, &[]));
    assert!(headers.contains(&"ع Born".to_owned()));
}

#[test]
fn the_byte_order_mark_is_there_when_asked_for() {
    let options = Options { mark: true, ..Options::default() };
    assert!(written(Format::Csv, &options, &[]).starts_with(b"\xEF\xBB\xBF_record,"));
}

#[test]
fn why_there_is_no_answer_is_told_from_none_and_from_nothing() {
    let missing = |why| Answer::Missing(why);
    let said = [
        ("name", missing(Missing::NotAsked)),
        ("age", missing(Missing::Unknown)),
        ("born", missing(Missing::Declined)),
        ("need", missing(Missing::Declined)),
        ("needs", missing(Missing::Declined)),
    ];
    for labels in [false, true] {
        let options = Options { labels, ..Options::default() };
        let bytes = written(Format::Csv, &options, &[record(&said), record(&[("age", Answer::Integer(0))])]);
        let table = String::from_utf8(bytes).unwrap();
        let rows: Vec<&str> = table.lines().collect();
        assert!(
            rows[1].contains(",~not_asked,,~unknown,,~declined,,,~declined,~declined,,,,"),
            "{}",
            rows[1]
        );
        assert!(!rows[2].contains('~') && rows[2].contains(",0,"));
    }
    let lines = String::from_utf8(written(Format::Jsonl, &Options::default(), &[record(&said)])).unwrap();
    let line: Value = serde_json::from_str(&lines).unwrap();
    assert_eq!(line["answers"]["age"], json!({ "missing": "unknown" }));
}

#[test]
fn each_repeat_is_a_table_that_names_its_record_and_rows() {
    let repeat = |name: &str, parent| Group { parent, repeat: Some(Repeat::default()), ..Group::new(name) };
    let inside = |group, question: Question| Question { group: Some(group), ..question };
    let form = Form {
        groups: vec![repeat("people", None), repeat("papers", Some(0))],
        questions: vec![
            Question::new("name", Kind::Text),
            inside(0, Question::new("who", Kind::Text)),
            inside(1, Question::new("paper", Kind::Text)),
        ],
        ..Form::new("f", "2")
    };
    let (one, two, inner) = ("0000000000000001", "0001000000000002", "0000000000000003");
    let answers = Answers::from([
        ("name".to_owned(), text("Mira")),
        (field("who", &[one]), text("her brother")),
        (field("who", &[two]), text("=a friend")),
        (field("paper", &[two, inner]), text("passport")),
    ]);
    let record = RecordView { answers: form.with_rows(answers), ..record(&[]) };
    let table = |repeat: Option<&str>| {
        let options = Options { repeat: repeat.map(str::to_owned), ..Options::default() };
        let mut exporter = Exporter::new(Format::Csv, &form, &options, Cursor::new(Vec::new())).unwrap();
        exporter.record(&record).unwrap();
        read(&exporter.finish().unwrap().into_inner())
    };
    let (headers, rows) = table(None);
    assert_eq!(headers[5..], ["name", "_conflicts", "_other"]);
    assert_eq!((rows.len(), rows[0]["_other"].as_str()), (1, ""));
    let (headers, rows) = table(Some("people"));
    assert_eq!(headers, ["_record", "_id", "_row", "who"]);
    assert_eq!(rows.iter().map(|row| row["who"].as_str()).collect::<Vec<_>>(), ["her brother", "'=a friend"]);
    let (headers, rows) = table(Some("papers"));
    assert_eq!(headers, ["_record", "_id", "_row", "_parent", "paper"]);
    assert_eq!((rows[0]["_parent"].as_str(), rows[0]["_record"].as_str()), (two, "abab-17"));
    let none = Options { repeat: Some("goods".to_owned()), ..Options::default() };
    let made = Exporter::new(Format::Csv, &form, &none, Cursor::new(Vec::new())).err();
    assert!(matches!(made, Some(ExportError::NoRepeat { .. })));
    let mut book = Exporter::new(Format::Xlsx, &form, &Options::default(), Cursor::new(Vec::new())).unwrap();
    book.record(&record).unwrap();
    assert_eq!(book.records(), 1);
    let book = book.finish().unwrap().into_inner();
    let rows_of = |sheet: &str| super::sheets::read(&book, sheet).rows().count();
    assert_eq!((rows_of("records"), rows_of("people"), rows_of("papers")), (2, 3, 2));
}
