//! What an expression is told: answers, lists, tables, the time, dice. It knows nothing by itself.

use std::borrow::Cow;

use super::moment::Moment;

/// The answers of one record.
pub trait Answered {
    /// The answer at a spot, as text: choices by name with blanks between, days as ISO 8601. Empty if there is
    /// none, and if the question is not relevant.
    fn answer(&self, place: usize, rows: &[usize]) -> Cow<'_, str>;

    /// How many rows a repeat has, inside the given rows of the repeats around it.
    fn rows(&self, repeat: usize, outer: &[usize]) -> usize;
}

/// What is around a record and its form.
pub trait Around {
    /// The time, and how far the reader's clock is from UTC.
    fn now(&self) -> Moment;

    /// Random bits. Nothing that must stay secret is made of them.
    fn random(&self) -> u64;

    /// How many rows a list of choices or an external table has. `None` if there is none of that name.
    fn table_rows(&self, table: &str) -> Option<usize>;

    /// A cell of a list or table; a choice's columns are `name`, `label` and what else its list has.
    fn cell(&self, table: &str, row: usize, column: &str) -> Option<Cow<'_, str>>;

    /// The first row that has `value` in `column`. Whoever has an index should use it.
    fn find(&self, table: &str, column: &str, value: &str) -> Option<usize> {
        let rows = self.table_rows(table)?;
        (0..rows).find(|row| self.cell(table, *row, column).is_some_and(|cell| cell == value))
    }

    /// What a choice of the question at `place` is called in the reader's language.
    fn choice_label(&self, place: usize, choice: &str) -> Option<String>;

    /// A translated text of the form, for `jr:itext()`.
    fn text(&self, id: &str) -> Option<String> {
        let _ = id;
        None
    }

    /// Something about the device or its owner, for `property()`. Cairn tells nothing unless asked to.
    fn property(&self, name: &str) -> Option<String> {
        let _ = name;
        None
    }

    /// The form's version.
    fn version(&self) -> String {
        String::new()
    }

    /// The short name of a month, 1 to 12, in the reader's language.
    fn month(&self, month: u32) -> String {
        const MONTHS: [&str; 12] =
            ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
        let index = usize::try_from(month).unwrap_or_default().wrapping_sub(1);
        MONTHS.get(index).copied().unwrap_or_default().to_owned()
    }

    /// The short name of a day of the week, 0 (Sunday) to 6, in the reader's language.
    fn weekday(&self, day: u32) -> String {
        const DAYS: [&str; 7] = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];
        DAYS.get(usize::try_from(day).unwrap_or_default()).copied().unwrap_or_default().to_owned()
    }
}
