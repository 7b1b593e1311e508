//! Forms in files: spreadsheets that are spoilt inside or outside their archive, and folders of text tables with
//! the files beside them.

use std::io::{Cursor, Read, Write};
use std::sync::OnceLock;

use cairn_core::form::xlsform::{Reading, XlsformError, read_tables, read_with};
use cairn_core::form::{Form, Prepared, limits};
use rust_xlsxwriter::Workbook;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipArchive, ZipWriter};

use super::dice::Dice;

/// Findings that one file may have: each cell at most a few.
const FINDINGS: usize = 100_000;

const SURVEY: [[&str; 7]; 12] = [
    ["type", "name", "label::English (en)", "relevant", "calculation", "choice_filter", "cairn::merge"],
    ["text", "a", "A ${b}", "", "", "", "imm"],
    ["integer", "b", "B", "${a} != ''", "", "", "max"],
    ["select_one l", "c", "C", "", "", "x = ${a}", ""],
    ["select_multiple l or_other", "d", "D", "", "", "", ""],
    ["begin_repeat", "r", "R", "", "", "", ""],
    ["calculate", "e", "", "", "sum(${b}) + count(${r})", "", ""],
    ["select_one_from_file t.csv", "f", "F", "", "", "x = 1", ""],
    ["end_repeat", "", "", "", "", "", ""],
    ["calculate", "g", "", "", "pulldata('t', 'x', 'name', ${f})", "", ""],
    ["range", "h", "H", "", "", "", ""],
    ["note", "i", "I", "", "once(random())", "", ""],
];

const CHOICES: [[&str; 4]; 4] = [
    ["list_name", "name", "label::English (en)", "x"],
    ["l", "a", "A", "1"],
    ["l", "b", "B", "2"],
    ["m", "a", "A", ""],
];

const TABLE: &str = "name,label,label::Русский (ru),x\na,A,А,1\nb,\"B, b\",Б,2\n";

const CELLS: [&str; 20] = [
    "begin_group",
    "end_group",
    "end_repeat",
    "select_one ",
    "rank l",
    "audit",
    "csv-external",
    "geotrace",
    "image",
    "${",
    "}",
    "((((((",
    "')",
    "instance('t')/root/item[",
    "regex(., '(a+)+')",
    "yes",
    "9999999999",
    "\u{202e}",
    "\"",
    "\n,,,\n",
];

const XML: [&str; 12] = [
    "<c r=\"XFD1048576\" t=\"s\"><v>0</v></c>",
    "<c r=\"A0\"/>",
    "<v>4294967295</v>",
    "<row r=\"4294967296\">",
    "</row>",
    "<!DOCTYPE a [<!ENTITY b \"bb\">]>",
    "&b;",
    "&#0;",
    "<is><t>x</t></is>",
    " t=\"str\"",
    "<f>SUM(A1:XFD1048576)</f>",
    "<mergeCell ref=\"A1:XFD1048576\"/>",
];

/// A spreadsheet as its parts.
type Parts = Vec<(String, Vec<u8>)>;

fn workbook() -> &'static (Vec<u8>, Parts) {
    static BOOK: OnceLock<(Vec<u8>, Parts)> = OnceLock::new();
    BOOK.get_or_init(|| {
        let mut book = Workbook::new();
        let survey = SURVEY.map(|row| row.to_vec()).to_vec();
        let choices = CHOICES.map(|row| row.to_vec()).to_vec();
        let settings = vec![vec!["form_id", "version"], vec!["f", "1"]];
        for (name, rows) in [("survey", survey), ("choices", choices), ("settings", settings)] {
            let sheet = book.add_worksheet().set_name(name).unwrap();
            for (row, cells) in (0..).zip(rows) {
                for (column, text) in (0..).zip(cells).filter(|(_, text)| !text.is_empty()) {
                    sheet.write_string(row, column, text).unwrap();
                }
            }
        }
        let bytes = book.save_to_buffer().unwrap();
        let mut archive = ZipArchive::new(Cursor::new(&bytes)).unwrap();
        let mut parts = Parts::new();
        for index in 0..archive.len() {
            let mut file = archive.by_index(index).unwrap();
            let mut content = Vec::new();
            file.read_to_end(&mut content).unwrap();
            parts.push((file.name().unwrap().into_owned(), content));
        }
        (bytes, parts)
    })
}

/// The parts as a file again, some of them spoilt: what is inside the archive is whole for the archive.
fn spoilt_inside(dice: &mut Dice) -> Vec<u8> {
    let mut to = ZipWriter::new(Cursor::new(Vec::new()));
    let (_, parts) = workbook();
    let chosen = dice.below(parts.len());
    for (index, (name, content)) in parts.iter().enumerate() {
        let mut content = content.clone();
        if index == chosen || dice.once_in(6) {
            let words: &[&str] = if dice.once_in(2) { &XML } else { &CELLS };
            dice.spoil(&mut content, words);
        }
        let method = *dice.one(&[CompressionMethod::Stored, CompressionMethod::Deflated]);
        to.start_file(name.as_str(), SimpleFileOptions::default().compression_method(method)).unwrap();
        to.write_all(&content).unwrap();
    }
    to.finish().unwrap().into_inner()
}

/// A spreadsheet: whatever is wrong with it is said.
pub(crate) fn spreadsheet(dice: &mut Dice) -> bool {
    let bytes = if dice.once_in(3) {
        let mut bytes = workbook().0.clone();
        dice.spoil(&mut bytes, &[]);
        bytes
    } else {
        spoilt_inside(dice)
    };
    let mut table = TABLE.as_bytes().to_vec();
    if dice.once_in(3) {
        dice.spoil(&mut table, &CELLS);
    }
    endure(read_with(&bytes, "f", &|file| (file == "t.csv").then(|| table.clone())))
}

fn csv<const N: usize>(rows: &[[&str; N]]) -> Vec<u8> {
    let quoted = |cell: &&str| if cell.contains(',') { format!("\"{cell}\"") } else { (*cell).to_owned() };
    let line = |row: &[&str; N]| row.iter().map(quoted).collect::<Vec<_>>().join(",");
    rows.iter().map(line).collect::<Vec<_>>().join("\n").into_bytes()
}

fn spoilt_tables(dice: &mut Dice) -> Result<Reading, XlsformError> {
    let mut rows = SURVEY.to_vec();
    for _ in 0..dice.below(4) {
        let (one, other) = (1 + dice.below(rows.len() - 1), 1 + dice.below(rows.len() - 1));
        rows.swap(one, other);
    }
    let mut files = [csv(&rows), csv(&CHOICES), TABLE.as_bytes().to_vec()];
    for _ in 0..=dice.below(3) {
        let file = dice.below(files.len());
        dice.spoil(&mut files[file], &CELLS);
    }
    let [survey, choices, table] = files;
    read_tables("f", &|file| match file {
        "survey.csv" => Some(survey.clone()),
        "choices.csv" => Some(choices.clone()),
        "t.csv" => Some(table.clone()),
        _ => None,
    })
}

/// A folder of text tables with a table beside it.
pub(crate) fn tables(dice: &mut Dice) -> bool {
    endure(spoilt_tables(dice))
}

fn endure(read: Result<Reading, XlsformError>) -> bool {
    match read {
        Ok(Reading { form, warnings }) => {
            assert!(warnings.len() <= FINDINGS && form.questions.len() <= limits::QUESTIONS);
            assert_eq!(form.is_sound(), Ok(()));
            assert_eq!(form.tables_are_whole(), Ok(()));
            assert!(Prepared::new(&form).is_ok(), "what is read can be filled in");
            let octets = form.encode();
            assert!(octets.len() <= limits::FORM);
            assert_eq!(Form::decode(&octets), Ok(form));
            true
        }
        Err(XlsformError::Faulty { findings, warnings }) => {
            assert!(!findings.is_empty() && findings.len() + warnings.len() <= FINDINGS);
            false
        }
        Err(error) => {
            assert!(!error.to_string().is_empty());
            false
        }
    }
}

/// Control: a reader that stops at the sixth question of what it has read, so that only files that are spoilt and
/// can still be read find it.
pub(crate) fn keeps_what_it_reads(dice: &mut Dice) -> bool {
    if let Ok(Reading { form, .. }) = spoilt_tables(dice) {
        let sixth = form.questions.get(5).map(|question| question.name.as_str());
        assert!(matches!(sixth, Some("d_other" | "e" | "f" | "g") | None), "planted: {sixth:?}");
    }
    true
}
