//! Which table a row belongs to, by what its columns are. Indexes and the search index match none.

use cairn_wire::roster::Entry;
use rusqlite::types::Value;

use super::leaf::Row;

/// What a column holds.
#[derive(Debug, Clone, Copy)]
pub(super) enum Is {
    /// The row's number stands for it.
    Number,
    Int,
    IntOrNone,
    Text,
    TextOrNone,
    Blob,
    /// So many octets.
    Octets(usize),
    OctetsOrNone(usize),
}

/// A table worth saving.
#[derive(Debug)]
pub(super) struct Table {
    pub(super) name: &'static str,
    /// Whether it has row numbers, and so lies in leaves of another kind.
    numbered: bool,
    columns: &'static [(&'static str, Is)],
    /// Columns that older rows lack.
    late: usize,
}

use Is::{Blob, Int, IntOrNone, Number, Octets, OctetsOrNone, Text, TextOrNone};

/// Everything that is looked for. What can be made from the rest (words, facets, search) is not.
pub(super) const TABLES: &[Table] = &[
    Table {
        name: "document",
        numbered: true,
        columns: &[
            ("number", Number),
            ("id", Octets(16)),
            ("record", Int),
            ("part", Text),
            ("circle", Octets(16)),
            ("bytes", Blob),
        ],
        late: 0,
    },
    Table {
        name: "record",
        numbered: true,
        columns: &[("number", Number), ("id", Octets(16)), ("form", Int), ("title", Text), ("changed", Int)],
        late: 0,
    },
    Table {
        name: "form",
        numbered: true,
        columns: &[
            ("number", Number),
            ("id", Text),
            ("version", Text),
            ("device", Octets(16)),
            ("dictionary", Blob),
            ("dictionary_id", Blob),
            ("bytes", Blob),
        ],
        late: 0,
    },
    Table {
        name: "table_piece",
        numbered: true,
        columns: &[
            ("number", Number),
            ("name", Octets(32)),
            ("device", Octets(16)),
            ("named", Int),
            ("octets", Int),
            ("bytes", Blob),
        ],
        late: 0,
    },
    Table {
        name: "draft",
        numbered: true,
        columns: &[
            ("number", Number),
            ("form", Text),
            ("version", Text),
            ("team", TextOrNone),
            ("record", OctetsOrNone(16)),
            ("begun", Int),
            ("changed", Int),
        ],
        late: 0,
    },
    Table {
        name: "draft_answer",
        numbered: false,
        columns: &[("draft", Int), ("field", Text), ("answer", Text)],
        late: 0,
    },
    Table {
        name: "attachment",
        numbered: true,
        columns: &[
            ("number", Number),
            ("id", Octets(16)),
            ("pieces", Int),
            ("octets", Int),
            ("state", Int),
            ("height", Int),
            ("lets_go", Int),
        ],
        late: 1,
    },
    Table {
        name: "attachment_piece",
        numbered: true,
        columns: &[("attachment", Octets(16)), ("number", Int), ("hash", Octets(32)), ("bytes", Blob)],
        late: 0,
    },
    Table {
        name: "attachment_drop",
        numbered: false,
        columns: &[("id", Octets(16)), ("done", Int)],
        late: 1,
    },
    Table {
        name: "outbox",
        numbered: true,
        columns: &[
            ("number", Number),
            ("circle", Octets(16)),
            ("kind", Int),
            ("document", Blob),
            ("form", Int),
            ("bytes", Blob),
            ("extra", Blob),
        ],
        late: 0,
    },
    Table {
        name: "sealed",
        numbered: true,
        columns: &[
            ("circle", Octets(16)),
            ("seq", Int),
            ("hash", Octets(32)),
            ("records", Int),
            ("bytes", Blob),
        ],
        late: 0,
    },
    Table {
        name: "segment",
        numbered: true,
        columns: &[
            ("circle", Octets(16)),
            ("seq", Int),
            ("state", Int),
            ("reason", Text),
            ("bytes", Blob),
            ("root", Blob),
        ],
        late: 1,
    },
    Table {
        name: "finished",
        numbered: true,
        columns: &[
            ("number", Number),
            ("record", Octets(16)),
            ("form", Text),
            ("version", Text),
            ("time", Int),
            ("gone", IntOrNone),
        ],
        late: 0,
    },
    Table { name: "fact", numbered: false, columns: &[("name", Text), ("value", Blob)], late: 0 },
    Table { name: "roster", numbered: true, columns: &[("seq", Number), ("entry", Blob)], late: 0 },
    Table {
        name: "epoch",
        numbered: false,
        columns: &[("circle", Octets(16)), ("epoch", Int), ("secret", Octets(32))],
        late: 0,
    },
    Table {
        name: "circle",
        numbered: false,
        columns: &[
            ("circle", Octets(16)),
            ("cursor", Int),
            ("root", Octets(32)),
            ("generation", Blob),
            ("chain", Octets(16)),
            ("next_document", Int),
            ("sealed", Int),
            ("sealed_link", Blob),
            ("acknowledged", Int),
            ("in_doubt", Int),
            ("base", Int),
            ("base_root", Blob),
        ],
        late: 2,
    },
    Table {
        name: "chain",
        numbered: false,
        columns: &[
            ("chain", Octets(16)),
            ("circle", Octets(16)),
            ("device", Octets(16)),
            ("height", Int),
            ("link", Blob),
        ],
        late: 0,
    },
    Table { name: "name", numbered: false, columns: &[("device", Octets(16)), ("name", Text)], late: 0 },
    Table {
        name: "label",
        numbered: true,
        columns: &[("number", Number), ("circle", Octets(16)), ("seq", Int), ("own", Int), ("bytes", Blob)],
        late: 0,
    },
];

impl Table {
    /// Whether a row, as far as it can be read, may be one of this table.
    pub(super) fn fits(&self, row: &Row) -> bool {
        let (most, least) = (self.columns.len(), self.columns.len() - self.late);
        self.numbered == row.number.is_some()
            && (least..=most).contains(&row.width)
            && self.columns.iter().zip(&row.columns).all(|((_, is), value)| match (is, value) {
                (Number | IntOrNone | TextOrNone | OctetsOrNone(_), Value::Null)
                | (Int | IntOrNone, Value::Integer(_))
                | (Text | TextOrNone, Value::Text(_))
                | (Blob, Value::Blob(_)) => true,
                (Octets(len) | OctetsOrNone(len), Value::Blob(octets)) => octets.len() == *len,
                _ => false,
            })
            && (self.name != "roster" || is_entry(row))
    }

    /// Whether what a row of it says is proved by more than where it stands: by a checksum, a hash or a signature.
    pub(super) fn proves_itself(&self) -> bool {
        ["document", "segment", "sealed", "roster"].contains(&self.name)
    }

    /// The row as it is put into a new database.
    pub(super) fn values(&self, row: Row) -> Vec<Value> {
        let mut values = row.columns;
        if let (Some((_, Number)), Some(number), Some(first)) =
            (self.columns.first(), row.number, values.first_mut())
        {
            *first = Value::Integer(number);
        }
        // Every segment is to be taken in again.
        if self.name == "segment"
            && let Some(state) = values.get_mut(2)
        {
            *state = Value::Integer(0);
        }
        while values.len() < self.columns.len() {
            values.push(match self.columns.get(values.len()) {
                Some((_, Int)) => Value::Integer(0),
                _ => Value::Blob(Vec::new()),
            });
        }
        values
    }

    /// The statement that takes a row.
    pub(super) fn insert(&self) -> String {
        let names: Vec<&str> = self.columns.iter().map(|(name, _)| *name).collect();
        let places = vec!["?"; names.len()].join(", ");
        format!("INSERT OR IGNORE INTO {} ({}) VALUES ({places})", self.name, names.join(", "))
    }
}

/// Whether a row is an entry of the roster: the search index has rows of the same shape.
fn is_entry(row: &Row) -> bool {
    let Some(Value::Blob(bytes)) = row.columns.get(1) else { return false };
    let seq = Entry::decode(bytes).ok().and_then(|entry| i64::try_from(entry.seq).ok());
    seq.is_some() && seq == row.number
}
