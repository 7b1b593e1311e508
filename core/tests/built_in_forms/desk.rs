//! A form being filled at a desk where the clock stands still, by the engine that phones use.

use std::borrow::Cow;
use std::cell::Cell;
use std::collections::BTreeMap;

use cairn_core::form::Prepared;
use cairn_core::form::expression::{Around, Filling, Moment, Plan};
use cairn_core::form::xlsform::{Reading, read_tables};

use super::tables::{Row, Tables, root};

/// 22 November 2026, noon in Dushanbe.
const NOW: i64 = 1_795_330_800_000;

/// Lists, the time and dice.
pub(crate) struct Room {
    lists: BTreeMap<String, Vec<Row>>,
    dice: Cell<u64>,
    /// Minutes that its clock is ahead of UTC.
    offset: i32,
}

impl Around for Room {
    fn now(&self) -> Moment {
        Moment::new(NOW, self.offset)
    }

    fn random(&self) -> u64 {
        // xorshift: names that differ are enough.
        let mut dice = self.dice.get();
        dice ^= dice << 13;
        dice ^= dice >> 7;
        dice ^= dice << 17;
        self.dice.set(dice);
        dice
    }

    fn table_rows(&self, table: &str) -> Option<usize> {
        self.lists.get(table).map(Vec::len)
    }

    fn cell(&self, table: &str, row: usize, column: &str) -> Option<Cow<'_, str>> {
        Some(Cow::Borrowed(self.lists.get(table)?.get(row)?.0.get(column)?.as_str()))
    }

    fn choice_label(&self, _place: usize, _choice: &str) -> Option<String> {
        None
    }
}

/// A form as the product reads it.
pub(crate) fn read(form: &str) -> Reading {
    let folder = root().join("forms").join(form);
    read_tables(form, &|name| std::fs::read(folder.join(name)).ok())
        .unwrap_or_else(|error| panic!("{form}: {error:#?}"))
}

/// A form whose expressions stand in their order.
pub(crate) struct Desk {
    pub(crate) tables: Tables,
    ready: Prepared,
    room: Room,
}

impl Desk {
    /// In Dushanbe.
    pub(crate) fn new(form: &str, seed: u64) -> Self {
        Self::by_clock(form, seed, 300)
    }

    pub(crate) fn by_clock(form: &str, seed: u64, offset: i32) -> Self {
        let tables = Tables::read(form);
        let ready = Prepared::new(&read(form).form).unwrap_or_else(|errors| panic!("{form}: {errors:#?}"));
        let mut lists: BTreeMap<String, Vec<Row>> = BTreeMap::new();
        for choice in &tables.choices {
            lists.entry(choice.get("list_name").to_owned()).or_default().push(choice.clone());
        }
        Self { tables, ready, room: Room { lists, dice: Cell::new(seed), offset } }
    }

    pub(crate) fn plan(&self) -> &Plan {
        self.ready.plan()
    }

    /// Opens the form and gives these answers, questions outside repeats only.
    pub(crate) fn fill(&self, answers: &[(&str, &str)]) -> Sheet<'_> {
        let mut sheet =
            Sheet { desk: self, filling: Filling::open(self.plan(), &self.room, &[], &[], false) };
        for (name, answer) in answers {
            sheet.answer(name, answer);
        }
        sheet
    }
}

/// What is on the desk.
pub(crate) struct Sheet<'d> {
    desk: &'d Desk,
    pub(crate) filling: Filling<'d>,
}

impl Sheet<'_> {
    fn place(&self, name: &str) -> usize {
        self.desk.plan().outline().named(name).unwrap_or_else(|| panic!("no question {name}"))
    }

    pub(crate) fn answer(&mut self, name: &str, answer: &str) {
        self.check_choice(name, answer);
        let place = self.place(name);
        assert!(self.filling.is_relevant(place, &[]), "{name} is not asked");
        self.filling.answer(place, &[], answer);
    }

    /// Answers in a row of a repeat, which is begun if it is not there.
    pub(crate) fn answer_in(&mut self, repeat: &str, row: usize, name: &str, answer: &str) {
        self.check_choice(name, answer);
        let (repeat, place) = (self.place(repeat), self.place(name));
        while self.filling.rows(repeat, &[]) <= row {
            self.filling.add_row(repeat, &[]);
        }
        self.filling.answer(place, &[row], answer);
    }

    /// A slip in a scenario must not pass for an answer.
    fn check_choice(&self, name: &str, answer: &str) {
        if let Some(list) = self.desk.tables.row(name).list() {
            let known = self.desk.tables.list(list);
            for choice in answer.split(' ').filter(|choice| !choice.is_empty()) {
                assert!(known.iter().any(|row| row.name() == choice), "{list} has no {choice}");
            }
        }
    }

    pub(crate) fn value(&self, name: &str) -> String {
        self.filling.value(self.place(name), &[])
    }

    pub(crate) fn is_valid(&self, name: &str) -> bool {
        self.filling.is_valid(self.place(name), &[])
    }

    pub(crate) fn is_valid_in(&self, row: usize, name: &str) -> bool {
        self.filling.is_valid(self.place(name), &[row])
    }

    /// The questions and notes outside rows that are shown now.
    pub(crate) fn shown(&self) -> Vec<&Row> {
        let rows = self.desk.tables.nested().into_iter();
        let shown = rows.filter(|(row, around)| {
            let in_row = around.iter().any(|group| group.kind() == "begin_repeat");
            let silent = matches!(row.kind(), "calculate" | "start" | "end" | "today") || row.is_bracket();
            let name = row.name().to_owned();
            !silent && !in_row && self.filling.is_relevant(self.place(&name), &[])
        });
        let names: Vec<String> = shown.map(|(row, _)| row.name().to_owned()).collect();
        names.iter().map(|name| self.desk.tables.row(name)).collect()
    }

    /// The notes that explain a result: their names begin with `trace_`.
    pub(crate) fn trace(&self) -> Vec<&str> {
        let shown = self.shown().into_iter().map(Row::name);
        shown.filter_map(|name| name.strip_prefix("trace_")).collect()
    }

    /// Whether somebody may begin a row of that repeat now.
    pub(crate) fn offers(&self, repeat: &str) -> bool {
        self.filling.is_relevant(self.place(repeat), &[])
    }
}
