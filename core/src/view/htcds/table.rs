//! `forms/htcds.csv`: which column is which question.
//!
//! The first row of a column names its question; those that follow it, its codes. `carried` says which way: `in`,
//! `out`, `both` or `no`. `row` says which row of a repeat: `first`, `second`, `last`, or `new` for one of its own,
//! and what must stand in that row (`last ref_direction=Out`); `row_in` where coming in differs.

const TABLE: &str = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../forms/htcds.csv"));

/// One column of the standard.
#[derive(Debug)]
pub(super) struct Column {
    pub(super) name: String,
    /// What IOM's own XLSForm calls it.
    pub(super) in_xlsform: String,
    /// The question it answers; empty for none.
    pub(super) question: String,
    pub(super) carried: Way,
    pub(super) leaving: Pick,
    pub(super) entering: Pick,
    pub(super) codes: Vec<Code>,
    /// Why it is not carried, or not all of it.
    pub(super) remark: String,
}

/// One code of a column and the choice it stands for; `*` and `*` where both sides use the same codes.
#[derive(Debug)]
pub(super) struct Code {
    pub(super) code: String,
    pub(super) choice: String,
    pub(super) carried: Way,
}

/// Which ways something is carried.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Way {
    pub(super) enters: bool,
    pub(super) leaves: bool,
}

/// Which row of a repeat.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Pick {
    pub(super) which: Which,
    /// A question and the choice that must stand there in that row.
    pub(super) with: Option<(String, String)>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Which {
    First,
    Second,
    Last,
    New,
}

impl Column {
    /// Whether both sides use the same codes.
    pub(super) fn is_open(&self) -> bool {
        self.codes.iter().any(|code| code.code == "*")
    }
}

impl Way {
    fn read(text: &str) -> Self {
        Self { enters: matches!(text, "in" | "both"), leaves: matches!(text, "out" | "both") }
    }
}

impl Pick {
    fn read(text: &str) -> Self {
        let (which, with) = text.split_once(' ').unwrap_or((text, ""));
        let which = match which {
            "second" => Which::Second,
            "last" => Which::Last,
            "new" => Which::New,
            _ => Which::First,
        };
        let with = with.split_once('=').map(|(question, choice)| (question.to_owned(), choice.to_owned()));
        Self { which, with }
    }
}

/// Reads the table that the program carries with it; a test says that nothing is lost on the way.
pub(super) fn read() -> Vec<Column> {
    let mut columns: Vec<Column> = Vec::new();
    for row in csv::Reader::from_reader(TABLE.as_bytes()).records().flatten() {
        let cell = |index: usize| row.get(index).unwrap_or_default().to_owned();
        let carried = Way::read(&cell(5));
        let of_last = columns.last_mut().filter(|column| column.name == cell(0));
        match of_last {
            Some(column) => column.codes.push(Code { code: cell(2), choice: cell(4), carried }),
            None => columns.push(Column {
                name: cell(0),
                in_xlsform: cell(1),
                question: cell(3),
                carried,
                leaving: Pick::read(&cell(6)),
                entering: Pick::read(
                    if cell(7).is_empty() { row.get(6) } else { row.get(7) }.unwrap_or_default(),
                ),
                codes: Vec::new(),
                remark: cell(8),
            }),
        }
    }
    columns
}
