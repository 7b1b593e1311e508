use std::io::{Cursor, Read, Write};

use rust_xlsxwriter::Workbook;
use zip::write::SimpleFileOptions;
use zip::{ZipArchive, ZipWriter};

use super::*;

mod cells;
mod damage;
mod faults;
mod files;
mod hostile;
mod htcds;
mod logic;
mod types;

/// The International Organization for Migration's own form.
const HTCDS: &[u8] = include_bytes!("../../../../tests/fixtures/htcds/htcds_xlsform.xlsx");

type Rows<'a> = &'a [&'a [&'a str]];

/// A spreadsheet of texts.
fn workbook(sheets: &[(&str, Rows<'_>)]) -> Vec<u8> {
    let mut workbook = Workbook::new();
    for (name, rows) in sheets {
        let sheet = workbook.add_worksheet().set_name(*name).unwrap();
        for (row, cells) in rows.iter().enumerate() {
            for (column, text) in cells.iter().enumerate().filter(|(_, text)| !text.is_empty()) {
                let (row, column) = (u32::try_from(row).unwrap(), u16::try_from(column).unwrap());
                sheet.write_string(row, column, *text).unwrap();
            }
        }
    }
    workbook.save_to_buffer().unwrap()
}

/// A form of one survey sheet.
fn survey(rows: Rows<'_>) -> Result<Reading, XlsformError> {
    read(&workbook(&[("survey", rows), ("settings", &[&["version"], &["1"]])]), "form")
}

/// The findings that keep a file from being a form.
fn faults(read: Result<Reading, XlsformError>) -> Vec<(String, Option<u32>, Option<String>, Problem)> {
    match read {
        Err(XlsformError::Faulty { findings, .. }) => places(findings),
        other => panic!("expected findings, got {other:?}"),
    }
}

fn places(findings: Vec<Finding>) -> Vec<(String, Option<u32>, Option<String>, Problem)> {
    findings.into_iter().map(|found| (found.sheet, found.row, found.column, found.problem)).collect()
}

fn at(
    sheet: &str,
    row: u32,
    column: &str,
    problem: Problem,
) -> (String, Option<u32>, Option<String>, Problem) {
    let column = Some(column).filter(|column| !column.is_empty()).map(str::to_owned);
    (sheet.to_owned(), Some(row).filter(|row| *row > 0), column, problem)
}

/// The same file with one part changed.
fn altered(bytes: &[u8], part: &str, alter: impl Fn(Vec<u8>) -> Vec<u8>) -> Vec<u8> {
    let mut from = ZipArchive::new(Cursor::new(bytes)).unwrap();
    let mut to = ZipWriter::new(Cursor::new(Vec::new()));
    for index in 0..from.len() {
        let mut file = from.by_index(index).unwrap();
        let name = file.name().unwrap().into_owned();
        let mut content = Vec::new();
        file.read_to_end(&mut content).unwrap();
        to.start_file(name.as_str(), SimpleFileOptions::default()).unwrap();
        to.write_all(&if name == part { alter(content) } else { content }).unwrap();
    }
    to.finish().unwrap().into_inner()
}
