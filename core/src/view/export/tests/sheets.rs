use calamine::{Data, Range, Reader, Xlsx};

use super::*;

fn read(bytes: &[u8], sheet: &str) -> Range<Data> {
    Xlsx::new(Cursor::new(bytes)).unwrap().worksheet_range(sheet).unwrap()
}

/// The first record's cell under a header.
fn cell(range: &Range<Data>, header: &str) -> Data {
    let mut rows = range.rows();
    let column =
        rows.next().unwrap().iter().position(|cell| *cell == Data::String(header.to_owned())).unwrap();
    rows.next().unwrap()[column].clone()
}

fn string(text: &str) -> Data {
    Data::String(text.to_owned())
}

/// The contents of one file inside the workbook.
fn inside(bytes: &[u8], name: &str) -> String {
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).unwrap();
    std::io::read_to_string(archive.by_name(name).unwrap()).unwrap()
}

#[test]
fn numbers_are_numbers_and_days_are_days() {
    let record = record(&[
        ("name", text("=1+1")),
        ("age", Answer::Integer(-5)),
        ("weight", Answer::Decimal(2.5)),
        ("born", text("2001-02-03")),
        ("met", text("2026-09-28T14:30:00Z")),
        ("needs", choices(&["food"])),
    ]);
    let bytes = written(Format::Xlsx, &Options::default(), &[record]);
    let records = read(&bytes, "records");
    assert_eq!(cell(&records, "name"), string("=1+1"));
    assert_eq!(cell(&records, "age"), Data::Float(-5.0));
    assert_eq!(cell(&records, "weight"), Data::Float(2.5));
    assert_eq!(cell(&records, "needs"), string("food"));
    assert_eq!(cell(&records, "needs/food"), Data::Float(1.0));
    assert_eq!(cell(&records, "needs/legal"), Data::Float(0.0));
    assert_eq!(cell(&records, "_notes"), Data::Empty);
    let Data::DateTime(born) = cell(&records, "born") else { panic!("a day") };
    assert_eq!(born.as_f64(), 36_925.0);
    let Data::DateTime(met) = cell(&records, "met") else { panic!("an instant") };
    assert_eq!((met.as_f64() * 48.0).round(), 46_293.0 * 48.0 + 29.0);
}

#[test]
fn what_a_spreadsheet_would_change_stays_text() {
    let record = record(&[
        ("age", Answer::Integer(i64::MAX)),
        ("born", text("1850-06-01")),
        ("met", text("2026-09-28T14:30:00+05:00")),
        ("name", text("a\u{0}\u{1}b _x0041_ \u{FFFE}")),
    ]);
    let bytes = written(Format::Xlsx, &Options::default(), &[record]);
    let records = read(&bytes, "records");
    assert_eq!(cell(&records, "age"), string("9223372036854775807"));
    assert_eq!(cell(&records, "born"), string("1850-06-01"));
    assert_eq!(cell(&records, "met"), string("2026-09-28T14:30:00+05:00"));
    let sheet = inside(&bytes, "xl/worksheets/sheet1.xml");
    assert!(!sheet.contains(|letter: char| matches!(letter, '\u{0}'..='\u{8}' | '\u{FFFE}')));
}

#[test]
fn too_long_a_text_is_cut_and_noted() {
    let long = "ы".repeat(40_000);
    let record = record(&[("story", Answer::Narrative(long.clone()))]);
    let bytes = written(Format::Xlsx, &Options::default(), std::slice::from_ref(&record));
    let records = read(&bytes, "records");
    let Data::String(story) = cell(&records, "story") else { panic!("a text") };
    assert_eq!(story.chars().count(), 32_767);
    assert_eq!(cell(&records, "_notes"), string("cut to what a cell holds: story"));
    assert!(String::from_utf8(written(Format::Csv, &Options::default(), &[record])).unwrap().contains(&long));
}

#[test]
fn a_sheet_says_what_the_choices_mean() {
    let bytes = written(Format::Xlsx, &Options::default(), &[]);
    let choices = read(&bytes, "choices");
    let rows: Vec<Vec<Data>> = choices.rows().map(<[Data]>::to_vec).collect();
    assert_eq!(rows[0], [string("list_name"), string("name"), string("label")]);
    assert_eq!(rows[1], [string("needs"), string("legal"), string("Legal aid")]);
    assert_eq!(rows.len(), 4);
}

#[test]
fn sheets_run_as_the_language_does() {
    let direction = |language: &str| {
        let options = Options { language: language.to_owned(), ..Options::default() };
        let bytes = written(Format::Xlsx, &options, &[record(&[])]);
        ["1", "2"].map(|sheet| {
            inside(&bytes, &format!("xl/worksheets/sheet{sheet}.xml")).contains("rightToLeft=\"1\"")
        })
    };
    assert_eq!(direction("العربية (ar)"), [true, true]);
    assert_eq!(direction("ru"), [false, false]);
}

#[test]
fn more_records_than_rows_is_a_clear_error() {
    let form = form();
    let book = xlsx::Book::new(&form, &Options::default(), Cursor::new(Vec::new())).unwrap();
    let mut book = book.with_most(2);
    book.record(&record(&[])).unwrap();
    book.record(&record(&[])).unwrap();
    let full = book.record(&record(&[])).unwrap_err();
    assert_eq!(full.to_string(), "a sheet holds 2 records and there are more: write csv, or fewer records");
    assert_eq!(read(&book.finish().unwrap().into_inner(), "records").rows().count(), 3);
}

#[test]
fn more_columns_than_a_sheet_has_is_a_clear_error() {
    let mut form = form();
    let choice = |number: u32| Choice::unlabelled(&format!("c{number}"));
    form.lists.insert("needs".to_owned(), (0..20_000).map(choice).collect());
    let made = Exporter::new(Format::Xlsx, &form, &Options::default(), Cursor::new(Vec::new()));
    assert!(matches!(made.err(), Some(ExportError::TooManyColumns { columns: 20_017, .. })));
}

#[test]
fn rows_are_parked_where_one_says() {
    let missing = Options { scratch: Some("/nonexistent/folder".into()), ..Options::default() };
    let made = Exporter::new(Format::Xlsx, &form(), &missing, Cursor::new(Vec::new())).err();
    assert!(matches!(made, Some(ExportError::Write(_))));
    let folder = tempfile::tempdir().unwrap();
    let here = Options { scratch: Some(folder.path().to_owned()), ..Options::default() };
    written(Format::Xlsx, &here, &[record(&[])]);
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0, "nothing stays behind");
}
