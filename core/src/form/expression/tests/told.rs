//! What an expression is told: it has no clock, no dice, no tables and no device of its own.

use std::borrow::Cow;

use super::bench::{Bench, Given};
use crate::form::expression::{Around, EvaluationError, Moment, Scene, parse};

/// A list of so many rows, and dice that always fall alike.
struct Told {
    rows: usize,
    dice: u64,
}

impl Around for Told {
    fn now(&self) -> Moment {
        // 2024-02-29T21:00:00Z, five hours ahead: the next day has begun.
        Moment::new(1_709_240_400_000, 300)
    }

    fn random(&self) -> u64 {
        self.dice
    }

    fn table_rows(&self, table: &str) -> Option<usize> {
        (table == "big").then_some(self.rows)
    }

    fn cell(&self, _: &str, row: usize, column: &str) -> Option<Cow<'_, str>> {
        match column {
            "name" => Some(Cow::Owned(format!("n{row}"))),
            "land" => Some(Cow::Borrowed(if row % 1000 == 7 { "tj" } else { "kg" })),
            _ => None,
        }
    }

    fn choice_label(&self, _: usize, _: &str) -> Option<String> {
        None
    }

    fn text(&self, id: &str) -> Option<String> {
        (id == "greeting").then(|| "Ассалом".to_owned())
    }

    fn property(&self, name: &str) -> Option<String> {
        (name == "asked").then(|| "told".to_owned())
    }

    fn version(&self) -> String {
        "2026-1".to_owned()
    }

    fn month(&self, month: u32) -> String {
        if month == 3 { "мар".to_owned() } else { String::new() }
    }
}

fn ask(told: &Told, text: &str) -> Result<String, EvaluationError> {
    let bench = Bench::new();
    let answers = serde_json::json!({"country": "tj", "person": []});
    let given = Given::new(&bench, &answers);
    let place = bench.outline.named("out").expect("a question");
    let scene = Scene { outline: &bench.outline, answered: &given, around: told, place, rows: &[] };
    parse(text).expect(text).text(scene)
}

#[test]
fn time_dice_texts_and_properties_are_what_one_is_told() {
    let told = Told { rows: 0, dice: u64::MAX };
    for (text, worth) in [
        ("today()", "2024-03-01"),
        ("now()", "2024-03-01T02:00:00.000+05:00"),
        ("format-date(today(), '%e %b')", "1 мар"),
        ("random() < 1", "true"),
        ("random() > 0.99", "true"),
        ("uuid()", "ffffffff-ffff-4fff-bfff-ffffffffffff"),
        ("uuid(10)", "ffffffff-f"),
        ("jr:itext('greeting')", "Ассалом"),
        ("jr:itext('nothing')", ""),
        ("property('asked')", "told"),
        ("property('deviceid')", ""),
        ("version()", "2026-1"),
        ("instance('big')/root/item/name", ""),
    ] {
        assert_eq!(ask(&told, text).as_deref(), Ok(worth), "{text}");
    }
    let other = Told { rows: 0, dice: 0 };
    assert_eq!(ask(&other, "uuid()").as_deref(), Ok("00000000-0000-4000-8000-000000000000"));
    assert_eq!(
        ask(&told, "count(instance('small')/root/item)"),
        Err(EvaluationError::NoTable("small".to_owned()))
    );
    assert_eq!(
        ask(&told, "pulldata('small', 'a', 'b', 'c')"),
        Err(EvaluationError::NoTable("small".to_owned()))
    );
}

#[test]
fn a_hundred_thousand_choices_are_filtered_within_the_bounds() {
    let told = Told { rows: 100_000, dice: 0 };
    let bench = Bench::new();
    let answers = serde_json::json!({"country": "tj", "person": []});
    let given = Given::new(&bench, &answers);
    let place = bench.outline.named("picked").expect("a question");
    let scene = Scene { outline: &bench.outline, answered: &given, around: &told, place, rows: &[] };
    let filter = parse("land = ${country} and name != 'n7'").expect("a filter");
    let rows = filter.rows("big", scene).expect("rows");
    assert_eq!((rows.len(), rows.first()), (99, Some(&1007)));
    let text = "count(instance('big')/root/item[land = ${country}])";
    assert_eq!(ask(&told, text).as_deref(), Ok("100"));
    assert_eq!(ask(&told, "pulldata('big', 'land', 'name', 'n99007')").as_deref(), Ok("tj"));
    // Control: a list against itself is too much, and is stopped.
    let square = "count(instance('big')/root/item[name = instance('big')/root/item/name])";
    assert_eq!(ask(&told, square), Err(EvaluationError::TooManySteps));
}
