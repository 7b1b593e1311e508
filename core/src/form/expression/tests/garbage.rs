//! G20: whatever is written in a cell: an error or a value, never a panic, and within bounds.

use std::cell::Cell;
use std::thread;

use proptest::prelude::*;
use proptest::test_runner::TestRunner;

use super::bench::{Bench, Given, Surroundings};
use crate::form::expression::{EvaluationError, Scene, function, limits, parse, reads::reads};

/// What expressions are made of, and what they are not made of.
fn words() -> Vec<String> {
    let mut words: Vec<String> = function::all().map(|name| format!("{name}(")).collect();
    let rest = "${a} ${i} ${d} ${day} ${many} ${person} ${pname} ${page} ${phone} ${minutes} ${nothing} . .. / // * \
        | [ ] ( ) , + - = != < <= > >= and or div mod 1 0 2.5 1000000000000 'x' '' 'SHA-256' '%Y' 'towns' \
        'name' '[a-z]+' '(' instance('towns')/root/item name land position() ../a /data/person current()/../i \
        ${ } 'é' ' نام ' \u{202e} child:: jr: @ 9999999999999999999999 '2024-01-31' \u{301}";
    words.extend(rest.split(' ').map(str::to_owned));
    words
}

/// Words that often make an expression: a value, an operator, a value, …
fn grown() -> impl Strategy<Value = String> {
    let leaf = prop::sample::select(vec![
        "${a}",
        "${i}",
        "${d}",
        "${day}",
        "${many}",
        "${page}",
        "${pname}",
        "${minutes}",
        "${person}",
        ".",
        "1",
        "0",
        "-3",
        "2.5",
        "1e5",
        "'x'",
        "''",
        "'red'",
        "'2024-01-31'",
        "today()",
        "true()",
        "position(..)",
        "/data/person[2]/page",
        "instance('towns')/root/item[land = 'tj']/name",
        "9999999999999999",
        "'%Y %d'",
        "'SHA-256'",
    ]);
    let names: Vec<&'static str> = function::all().collect();
    leaf.prop_map(str::to_owned).prop_recursive(5, 40, 4, move |inner| {
        let operator = prop::sample::select(vec!["+", "-", "*", " div ", " mod ", "=", "!=", "<", ">=", " and ", " or ", "|"]);
        let call = (prop::sample::select(names.clone()), prop::collection::vec(inner.clone(), 0..5));
        prop_oneof![
            3 => (inner.clone(), operator, inner.clone()).prop_map(|(one, sign, other)| format!("({one}{sign}{other})")),
            4 => call.prop_map(|(name, given)| format!("{name}({})", given.join(", "))),
            1 => (inner.clone(), inner).prop_map(|(path, asked)| format!("(${{person}}[{asked}]/page + {path})")),
        ]
    })
}

/// Reads and works out; returns whether it was an expression, and whether it had a value.
fn endure(text: &str, bench: &Bench, answers: &serde_json::Value) -> (bool, bool) {
    let Ok(expression) = parse(text) else { return (false, false) };
    let (given, around) = (Given::new(bench, answers), Surroundings::new(bench, 300));
    let place = bench.outline.named("pout").expect("a question");
    let scene = Scene { outline: &bench.outline, answered: &given, around: &around, place, rows: &[1] };
    let found = reads(&expression.tree, &bench.outline, place, false);
    let value = expression.text(scene);
    if let Ok(value) = &value {
        assert!(value.len() <= limits::VALUE);
        drop(expression.number(scene));
        drop(expression.holds(scene));
        drop(expression.rows("towns", scene));
    }
    // What cannot be found when it is worked out is found before.
    if matches!(value, Err(EvaluationError::NoQuestion(_))) {
        let said = text.contains("choice-name") || !found.wrong.is_empty();
        assert!(said, "{text}: {value:?}, but nothing was said before");
    }
    (true, value.is_ok())
}

fn answers() -> serde_json::Value {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/odk/answers.json");
    let sets: serde_json::Value =
        serde_json::from_str(&std::fs::read_to_string(path).expect("answers")).expect("JSON");
    sets["full"]["answers"].clone()
}

#[test]
fn no_text_brings_an_expression_down() {
    let (bench, answers) = (Bench::new(), answers());
    let mut runner =
        TestRunner::new(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(400) });
    runner
        .run(&".{0,80}", |text| {
            endure(&text, &bench, &answers);
            Ok(())
        })
        .expect("any text");
    let soup = prop::collection::vec(prop::sample::select(words()), 0..25);
    runner
        .run(&soup, |words| {
            endure(&words.join(""), &bench, &answers);
            endure(&words.join(" "), &bench, &answers);
            Ok(())
        })
        .expect("any words");
}

#[test]
fn grown_expressions_have_values_or_say_why_not() {
    let (bench, answers) = (Bench::new(), answers());
    let (read, worth) = (Cell::new(0), Cell::new(0));
    let mut runner =
        TestRunner::new(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(600) });
    runner
        .run(&grown(), |text| {
            let (is_read, has_value) = endure(&text, &bench, &answers);
            read.set(read.get() + u32::from(is_read));
            worth.set(worth.get() + u32::from(has_value));
            Ok(())
        })
        .expect("any expression");
    // Control: the property looks at expressions with values, not only at refusals.
    assert!(read.get() > 100 && worth.get() > 60, "{} read, {} with a value", read.get(), worth.get());
}

#[test]
fn the_deepest_expression_fits_the_stack_of_a_phone() {
    let deep = |open: &str, close: &str| {
        let depth = limits::DEPTH;
        format!("{}1{}", open.repeat(depth), close.repeat(depth))
    };
    let texts = [
        deep("(", ")"),
        deep("-(1 + ", ")"),
        deep("if(true() and 1 < 2, ", ", 0)"),
        deep("concat('a', ", ")"),
        deep("${person}[", "]"),
        deep("1 + (${i} | ", ")").replace("| 1", "| ${i}"),
    ];
    let run = move || {
        let (bench, answers) = (Bench::new(), answers());
        for text in &texts {
            let (read, _) = endure(text, &bench, &answers);
            assert!(read, "{text}");
        }
    };
    thread::Builder::new().stack_size(1 << 20).spawn(run).expect("a thread").join().expect("enough stack");
}

#[test]
fn what_would_take_for_ever_or_all_memory_is_stopped() {
    let (bench, answers) = (Bench::new(), answers());
    let (given, around) = (Given::new(&bench, &answers), Surroundings::new(&bench, 0));
    let place = bench.outline.named("out").expect("a question");
    let scene = Scene { outline: &bench.outline, answered: &given, around: &around, place, rows: &[] };
    let worth = |text: &str| parse(text).expect(text).text(scene);
    // Six rows inside six rows inside six rows …
    let item = "count(instance('towns')/root/item[";
    let nested = format!("{}1 = 1{}", item.repeat(12), "] ) > 0".repeat(12));
    assert_eq!(worth(&nested), Err(EvaluationError::TooManySteps));
    assert_eq!(worth("uuid(99999999999)"), Err(EvaluationError::TooLong));
    let long = format!("concat({})", vec!["uuid(1000000)"; 30].join(","));
    assert_eq!(worth(&long), Err(EvaluationError::TooLong));
    assert_eq!(worth("join(uuid(500000), 1, 2, 3, 4)"), Err(EvaluationError::TooLong));
    assert_eq!(
        worth("string-length(uuid(1000000))").as_deref(),
        Ok("1000000"),
        "control: what fits is worked out"
    );
    let again = "//minutes/../../..".to_owned() + &"//pnumber/../../..".repeat(40);
    assert_eq!(
        worth(&format!("count({again})")).as_deref(),
        Ok("1"),
        "a node counts once, however often it is met"
    );
    for huge in [
        "pow(10, 400)",
        "pow(-10, 401)",
        "round(1, 99999)",
        "round(pow(10, 300), 99)",
        "round(5, -400)",
        "date(pow(10, 300))",
        "substr('abc', pow(10, 30), -pow(10, 30))",
        "exp(1000) - exp(1000)",
        "selected-at('a b', pow(2, 70))",
        "int(1 div 0)",
    ] {
        worth(huge).expect(huge);
    }
    assert!(matches!(worth("regex('a', '(a{1000}){1000}')"), Err(EvaluationError::Pattern(_))));
    assert!(matches!(worth("regex('a', uuid(5000))"), Err(EvaluationError::Pattern(_))));
    assert_eq!(worth(&format!("regex('{}', '(a+)+b')", "a".repeat(20_000))).as_deref(), Ok("false"));
}

#[test]
fn right_to_left_and_combining_characters_are_characters() {
    let (bench, answers) = (Bench::new(), answers());
    let (given, around) = (Given::new(&bench, &answers), Surroundings::new(&bench, 0));
    let place = bench.outline.named("out").expect("a question");
    let scene = Scene { outline: &bench.outline, answered: &given, around: &around, place, rows: &[] };
    for (text, worth) in [
        ("string-length('e\u{301}')", "2"),
        ("substr('مرحبا', 1, 3)", "رح"),
        ("concat('\u{202e}', 'abc')", "\u{202e}abc"),
        ("translate('Ҷӯра', 'Ҷӯ', 'Чу')", "Чура"),
        ("substring-before('سارة خان', ' ')", "سارة"),
        ("string-length('👩‍👩‍👧')", "5"),
        ("selected('а б', 'б')", "true"),
        ("'é' = 'e\u{301}'", "false"),
    ] {
        assert_eq!(parse(text).expect(text).text(scene).as_deref(), Ok(worth), "{text}");
    }
    // A name may be in any script.
    parse("${имя} = 'x' and ${اسم} > 3").expect("names of every script");
}
