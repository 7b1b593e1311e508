//! Expressions, grown and spoilt, each in a form that is then filled in.

use cairn_core::form::expression::Moment;
use cairn_core::form::session::{Session, Surroundings};
use cairn_core::form::{
    Answer, Answers, Choice, Form, Group, Kind, Prepared, Preset, Question, Repeat, Table,
};

use super::dice::Dice;

/// More expressions than this none of these small forms needs worked out.
const EVALUATIONS: u64 = 20_000;

const LEAVES: [&str; 30] = [
    "${n}",
    "${one}",
    "${many}",
    "${day}",
    "${row_n}",
    "${people}",
    "${out}",
    ".",
    "..",
    "../n",
    "/data/n",
    "//row_n",
    "current()/../n",
    "1",
    "0",
    "-3",
    "2.5",
    "1e5",
    "9999999999999999",
    "'x'",
    "''",
    "'2024-01-31'",
    "'[a-z]+'",
    "'SHA-256'",
    "today()",
    "true()",
    "position(..)",
    "instance('l')/root/item[name = ${one}]/label",
    "pulldata('t', 'b', 'a', ${n})",
    "'\u{202e}e\u{301}'",
];

const OPERATORS: [&str; 14] =
    ["+", "-", "*", " div ", " mod ", "=", "!=", "<", ">=", " and ", " or ", "|", ",", " "];

/// Functions, and how much most of them are given.
const NAMES: [(&str, usize, usize); 44] = [
    ("if", 3, 3),
    ("coalesce", 2, 2),
    ("once", 1, 1),
    ("boolean", 1, 1),
    ("not", 1, 1),
    ("checklist", 3, 4),
    ("weighted-checklist", 4, 4),
    ("selected", 2, 2),
    ("selected-at", 2, 2),
    ("count-selected", 1, 1),
    ("jr:choice-name", 2, 2),
    ("count", 1, 1),
    ("count-non-empty", 1, 1),
    ("sum", 1, 1),
    ("max", 1, 3),
    ("min", 1, 3),
    ("join", 1, 4),
    ("position", 0, 1),
    ("indexed-repeat", 3, 3),
    ("randomize", 1, 2),
    ("string", 1, 1),
    ("concat", 1, 4),
    ("string-length", 1, 1),
    ("substr", 2, 3),
    ("substring-before", 2, 2),
    ("translate", 3, 3),
    ("normalize-space", 1, 1),
    ("contains", 2, 2),
    ("regex", 2, 2),
    ("digest", 2, 3),
    ("base64-decode", 1, 1),
    ("uuid", 0, 1),
    ("number", 1, 1),
    ("int", 1, 1),
    ("round", 1, 2),
    ("pow", 2, 2),
    ("sqrt", 1, 1),
    ("log", 1, 1),
    ("date", 1, 1),
    ("decimal-date-time", 1, 1),
    ("format-date", 2, 2),
    ("area", 1, 1),
    ("distance", 1, 2),
    ("jr:itext", 1, 1),
];

fn grown(dice: &mut Dice, depth: usize) -> String {
    if depth == 0 || dice.once_in(5) {
        return (*dice.one(&LEAVES)).to_owned();
    }
    match dice.below(5) {
        0 | 1 => {
            let (one, sign, other) = (grown(dice, depth - 1), *dice.one(&OPERATORS), grown(dice, depth - 1));
            format!("({one}{sign}{other})")
        }
        2 => format!("{}[{}]", *dice.one(&LEAVES), grown(dice, depth - 1)),
        _ => {
            let (name, least, most) = *dice.one(&NAMES);
            let count = if dice.once_in(12) { dice.below(5) } else { least + dice.below(most - least + 1) };
            let given: Vec<String> = (0..count).map(|_| grown(dice, depth - 1)).collect();
            format!("{name}({})", given.join(", "))
        }
    }
}

fn expression(dice: &mut Dice) -> String {
    let depth = dice.below(6);
    let text = grown(dice, depth);
    if !dice.once_in(3) {
        return text;
    }
    let mut octets = text.into_bytes();
    dice.spoil(&mut octets, &["${", "}", "'", "(", "[", "::", "@", "../", "نام", "jr:"]);
    String::from_utf8_lossy(&octets).into_owned()
}

fn form(dice: &mut Dice) -> Form {
    let mut form = Form::new("f", "1");
    form.lists.insert("l".into(), ["a", "b", "c"].map(|name| Choice::new(name, name)).into());
    let rows = [["1", "one"], ["2", "two"]].map(|row| row.map(str::to_owned).to_vec()).to_vec();
    form.tables.insert("t".into(), Table { columns: vec!["a".into(), "b".into()], rows });
    form.groups = vec![Group { repeat: Some(Repeat::default()), ..Group::new("people") }, Group::new("g")];
    form.questions = vec![
        Question::new("n", Kind::Integer),
        Question::new("one", Kind::SelectOne("l".into())),
        Question::new("many", Kind::SelectMultiple("l".into())),
        Question::new("day", Kind::Date),
        Question { group: Some(0), ..Question::new("row_n", Kind::Integer) },
        Question { group: Some(1), ..Question::new("out", Kind::Text) },
    ];
    for _ in 0..=dice.below(3) {
        let text = expression(dice);
        let at = dice.below(form.questions.len());
        let logic = &mut form.questions[at].logic;
        match dice.below(8) {
            0 => logic.relevant = Some(text),
            1 => logic.constraint = Some(text),
            2 => logic.required_when = Some(text),
            3 => logic.readonly = Some(text),
            4 => logic.default = Some(Preset::Expression(text)),
            5 => form.questions[1].logic.choice_filter = Some(text),
            6 => form.groups[1].relevant = Some(text),
            _ => logic.calculation = Some(text),
        }
    }
    form.instance_name = dice.once_in(3).then(|| expression(dice));
    form
}

/// A form with expressions: refused with a reason, or filled in within bounds.
pub(crate) fn case(dice: &mut Dice) -> bool {
    let form = form(dice);
    let Ok(prepared) = Prepared::new(&form) else { return false };
    let around = Surroundings::new(&form, &prepared, "", Moment::new(1_800_000_000_000, 300), dice.bits());
    let mut session = Session::open(&form, &prepared, &around, Answers::new(), false);
    for number in 0..3 {
        drop(session.add_row("people", &[]));
        for (name, answer) in [
            ("n", Answer::Integer(number)),
            ("one", Answer::Text((*dice.one(&["a", "b", "gone"])).to_owned())),
            ("many", Answer::Choices(["a".to_owned(), "c".to_owned()].into())),
            ("day", Answer::Text("2024-02-29".to_owned())),
        ] {
            drop(session.answer(name, Some(answer)));
        }
    }
    session.faults();
    session.name();
    assert!(session.evaluations() <= EVALUATIONS, "{} expressions worked out", session.evaluations());
    let long = session.answers().values().filter_map(|answer| match answer {
        Answer::Text(text) | Answer::Narrative(text) => Some(text.len()),
        _ => None,
    });
    assert!(long.max().unwrap_or_default() <= 1 << 20);
    true
}
