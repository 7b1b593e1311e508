use rust_xlsxwriter::{ExcelDateTime, Format, Formula};

use super::*;

#[test]
fn cells_are_read_as_authors_see_them() {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet().set_name("survey").unwrap();
    for (column, heading) in ["type", "name", "label", "required", "calculation"].iter().enumerate() {
        sheet.write_string(0, u16::try_from(column).unwrap(), *heading).unwrap();
    }
    sheet.write_string(1, 0, "select_one l").unwrap();
    sheet.write_string(1, 1, "  q\u{A0}").unwrap();
    sheet.write_formula(1, 2, Formula::new("=\"a\"&\"b\"").set_result("ab")).unwrap();
    sheet.write_boolean(1, 3, true).unwrap();
    sheet.write_string(2, 0, "calculate").unwrap();
    sheet.write_string(2, 1, "number").unwrap();
    sheet.write_number(2, 4, 12.0).unwrap();
    let sheet = book.add_worksheet().set_name("choices").unwrap();
    for (column, heading) in ["list_name", "name", "label"].iter().enumerate() {
        sheet.write_string(0, u16::try_from(column).unwrap(), *heading).unwrap();
    }
    for (row, (name, label)) in [(1.0, 0.5), (2.0, -3.0), (1e6, 1e15)].into_iter().enumerate() {
        let row = u32::try_from(row + 1).unwrap();
        sheet.write_string(row, 0, "l").unwrap();
        sheet.write_number(row, 1, name).unwrap();
        sheet.write_number(row, 2, label).unwrap();
    }
    let sheet = book.add_worksheet().set_name("settings").unwrap();
    let day = Format::new().set_num_format("yyyy-mm-dd");
    sheet.write_string(0, 0, "version").unwrap();
    let date = ExcelDateTime::from_ymd(2026, 9, 28).unwrap();
    sheet.write_datetime_with_format(1, 0, &date, &day).unwrap();
    let form = read(&book.save_to_buffer().unwrap(), "cells").unwrap().form;
    let q = form.question("q").unwrap();
    assert!(q.required);
    assert_eq!(q.label[""], "ab");
    assert_eq!(form.question("number").unwrap().constant.as_deref(), Some("12"));
    let choices: Vec<_> = form.choices(q).iter().map(|choice| (choice.name, choice.label("", ""))).collect();
    assert_eq!(choices, [("1", "0.5"), ("2", "-3"), ("1000000", "1000000000000000")]);
    assert_eq!(form.version, "2026-09-28");
}

#[test]
fn dates_with_a_time_are_read_with_it() {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet().set_name("survey").unwrap();
    sheet.write_string(0, 0, "type").unwrap();
    sheet.write_string(0, 1, "name").unwrap();
    sheet.write_string(1, 0, "hidden").unwrap();
    sheet.write_string(1, 1, "q").unwrap();
    let sheet = book.add_worksheet().set_name("settings").unwrap();
    sheet.write_string(0, 0, "version").unwrap();
    let moment = ExcelDateTime::from_ymd(2026, 9, 28).unwrap().and_hms(14, 30, 5).unwrap();
    let format = Format::new().set_num_format("yyyy-mm-dd hh:mm:ss");
    sheet.write_datetime_with_format(1, 0, &moment, &format).unwrap();
    assert_eq!(read(&book.save_to_buffer().unwrap(), "x").unwrap().form.version, "2026-09-28T14:30:05");
}

#[test]
fn a_formula_that_failed_is_reported_at_its_cell() {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet().set_name("survey").unwrap();
    for (column, text) in ["type", "name", "label"].iter().enumerate() {
        sheet.write_string(0, u16::try_from(column).unwrap(), *text).unwrap();
    }
    sheet.write_string(1, 0, "text").unwrap();
    sheet.write_string(1, 1, "q").unwrap();
    sheet.write_formula(1, 2, Formula::new("=1/0").set_result("#DIV/0!")).unwrap();
    let file = book.save_to_buffer().unwrap();
    // The writer marks no cell as an error; spreadsheet programs do.
    let file = altered(&file, "xl/worksheets/sheet1.xml", |xml| {
        String::from_utf8(xml).unwrap().replace("t=\"str\"", "t=\"e\"").into_bytes()
    });
    let shown = "#DIV/0!".to_owned();
    assert_eq!(faults(read(&file, "x")), [at("survey", 2, "label", Problem::Broken { shown })]);
}

#[test]
fn a_far_away_cell_costs_nothing() {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet().set_name("survey").unwrap();
    for (row, cells) in [["type", "name", "label"], ["text", "q", "Q"]].iter().enumerate() {
        for (column, text) in cells.iter().enumerate() {
            sheet.write_string(u32::try_from(row).unwrap(), u16::try_from(column).unwrap(), *text).unwrap();
        }
    }
    sheet.write_string(199_999, 16_383, "stray").unwrap();
    let reading = read(&book.save_to_buffer().unwrap(), "x").unwrap();
    assert!(places(reading.warnings).contains(&at("survey", 200_000, "", Problem::HeadingMissing)));
    let sheet = book.worksheet_from_index(0).unwrap();
    sheet.write_string(200_000, 0, "text").unwrap();
    let beyond = read(&book.save_to_buffer().unwrap(), "x").unwrap_err();
    assert_eq!(beyond, XlsformError::TooLarge { what: "rows in a sheet", limit: 200_000 });
}
