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

const NAMES: [&str; 44] = [
    "if",
    "coalesce",
    "once",
    "boolean",
    "not",
    "checklist",
    "weighted-checklist",
    "selected",
    "selected-at",
    "count-selected",
    "jr:choice-name",
    "count",
    "count-non-empty",
    "sum",
    "max",
    "min",
    "join",
    "position",
    "indexed-repeat",
    "randomize",
    "string",
    "concat",
    "string-length",
    "substr",
    "substring-before",
    "translate",
    "normalize-space",
    "contains",
    "regex",
    "digest",
    "base64-decode",
    "uuid",
    "number",
    "int",
    "round",
    "pow",
    "sqrt",
    "log",
    "date",
    "decimal-date-time",
    "format-date",
    "area",
    "distance",
    "jr:itext",
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
            let name = *dice.one(&NAMES);
            let given: Vec<String> = (0..dice.below(5)).map(|_| grown(dice, depth - 1)).collect();
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
