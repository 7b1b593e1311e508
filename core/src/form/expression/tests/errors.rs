//! What is written wrong is told with its place and what to write instead.

use crate::form::expression::{limits, parse};

#[test]
fn an_error_names_its_place_and_what_to_write_instead() {
    for (text, at, what, instead) in [
        ("", 1, "empty", "leave the cell empty"),
        ("1 +", 4, "too early", "remove the last operator"),
        ("${age", 1, "not closed", "${name}"),
        ("${a b}", 1, "no name", "without blanks"),
        ("${last-saved#age}", 1, "last saved", "leave out"),
        ("'abc", 1, "not closed", "end it with '"),
        ("“yes”", 1, "no meaning", "straight quotes"),
        ("${a} == 1", 7, "\"=\" was not expected", "single ="),
        ("${a} && ${b}", 6, "no meaning", "write and"),
        ("${a} ≥ 5", 6, "no meaning", ">="),
        ("(1 + 2", 7, "too early", "close the bracket"),
        ("1 + 2)", 6, "\")\"", "remove it"),
        ("${a} ${b}", 6, "${b} was not expected", "operator"),
        ("selcted(${a}, 'b')", 1, "no function selcted()", "selected()"),
        ("count_selected(${a})", 1, "no function", "count-selected()"),
        ("upper-case(${a})", 1, "no function", "translate"),
        ("if(${a}, 1)", 1, "3 arguments, not 2", "add what is missing"),
        ("true(1)", 1, "nothing in its brackets", "leave its brackets empty"),
        ("1 + round(1, 2, 3)", 5, "1 to 2 arguments", "comma"),
        ("/data/@id", 7, "\"@\"", "no attributes"),
        ("../${a}", 4, "${a}", "without ${}"),
        ("ancestor::x", 1, "\"ancestor\"", "names, . and .. only"),
        ("1.2.3", 1, "no number", "3.5"),
        ("${نام} = ؛", 10, "no meaning", "comma"),
    ] {
        let error = parse(text).expect_err(text);
        assert_eq!(error.at, at, "{text}: {error}");
        assert!(error.what.contains(what), "{text}: {error}");
        assert!(error.instead.contains(instead), "{text}: {error}");
    }
}

#[test]
fn what_is_too_deep_or_too_long_is_refused_and_what_is_long_but_flat_is_not() {
    let nested = |depth: usize| format!("{}1{}", "(".repeat(depth), ")".repeat(depth));
    parse(&nested(limits::DEPTH)).expect("as deep as may be");
    assert!(parse(&nested(limits::DEPTH + 1)).expect_err("too deep").what.contains("inside each other"));
    assert!(parse(&nested(30_000)).is_err());
    assert!(parse(&"not(".repeat(10_000)).is_err());
    assert!(parse(&"a[".repeat(10_000)).is_err());
    assert!(parse(&"child::".repeat(9_000)).is_err());
    let flat = vec!["${a} = 'x'"; 2_000].join(" or ");
    parse(&flat).expect("many conditions side by side");
    parse(&"-".repeat(5_000)).expect_err("no value");
    parse(&format!("{}1", "- ".repeat(5_000))).expect("many signs");
    assert!(parse(&" ".repeat(limits::LENGTH + 1)).expect_err("too long").what.contains("longer"));
    assert!(parse(&"1+".repeat(limits::NODES)).expect_err("too many").what.contains("too many parts"));
}

#[test]
fn an_error_shows_no_more_than_a_glimpse_and_no_sign_that_turns_the_line() {
    let error = parse(&format!("\u{202e}{}(1)", "x".repeat(1000))).expect_err("no sign");
    assert!(!error.to_string().contains('\u{202e}'));
    let error = parse(&format!("{}(1)", "x".repeat(1000))).expect_err("no function");
    assert!(error.to_string().len() < 300);
}
