//! `regex()`: patterns as Java writes them, searched in time that grows with pattern times text.
//!
//! The whole text must match. What Java writes differently is rewritten: `\d`, `\w`, `\s` and `\b` mean ASCII,
//! `\p{IsCyrillic}` is a script, `\p{Alpha}` and its like are ASCII, `\Q…\E` is taken as it is. What cannot be
//! searched in bounded time is refused: looking ahead and behind, references back, possessive and atomic
//! groups.

use std::cell::RefCell;
use std::fmt::Write;

use regex::{Regex, RegexBuilder};

use super::super::fault::EvaluationError;
use super::super::limits;
use super::super::value::Value;
use super::{Given, Outcome};

thread_local! {
    /// The pattern used last: a constraint asks for the same one again and again.
    static LAST: RefCell<Option<(String, Regex)>> = const { RefCell::new(None) };
}

pub(super) fn regex(given: Given<'_, '_>) -> Outcome {
    let (text, pattern) = (given.text(0)?, given.text(1)?);
    given.run.spend(text.len())?;
    LAST.with_borrow_mut(|last| {
        if let Some((known, regex)) = last.as_ref()
            && *known == pattern
        {
            return Ok(Value::Boolean(regex.is_match(&text)));
        }
        let regex = prepared(&pattern).map_err(EvaluationError::Pattern)?;
        let matches = regex.is_match(&text);
        *last = Some((pattern, regex));
        Ok(Value::Boolean(matches))
    })
}

/// Whether a pattern can be used; if not, why.
pub(in super::super) fn check(pattern: &str) -> Result<(), &'static str> {
    prepared(pattern).map(|_| ())
}

fn prepared(pattern: &str) -> Result<Regex, &'static str> {
    if pattern.len() > limits::PATTERN {
        return Err("it is too long");
    }
    let whole = format!(r"\A(?:{})\z", rewritten(pattern)?);
    let mut builder = RegexBuilder::new(&whole);
    builder.size_limit(limits::PATTERN_SIZE).dfa_size_limit(limits::PATTERN_SIZE).nest_limit(64);
    builder.build().map_err(|error| match error {
        regex::Error::CompiledTooBig(_) => "it repeats too much",
        _ => "it is not written as a pattern",
    })
}

/// Java's pattern as this engine writes it.
fn rewritten(pattern: &str) -> Result<String, &'static str> {
    let mut out = String::with_capacity(pattern.len());
    let mut letters = pattern.chars().peekable();
    // Inside [ ], and how deep.
    let mut class = 0_usize;
    while let Some(letter) = letters.next() {
        match letter {
            '\\' => {
                let Some(escaped) = letters.next() else { return Err("it ends with a single \\") };
                escape(escaped, class > 0, &mut letters, &mut out)?;
            }
            '[' => {
                class += 1;
                out.push('[');
                if letters.next_if_eq(&'^').is_some() {
                    out.push('^');
                }
                // A bracket that comes first is meant as a sign.
                if letters.next_if_eq(&']').is_some() {
                    out.push_str(r"\]");
                }
            }
            ']' if class > 0 => {
                class -= 1;
                out.push(']');
            }
            // Signs for operations between classes that Java does not have.
            '-' | '~' if class > 0 && letters.peek() == Some(&letter) => {
                out.push('\\');
                out.push(letter);
            }
            ']' => out.push_str(r"\]"),
            '(' if class == 0 && letters.peek() == Some(&'?') => group(&mut letters, &mut out)?,
            '*' | '+' | '?' | '}' if class == 0 && letters.peek() == Some(&'+') => {
                return Err("possessive quantifiers (*+, ++, ?+) are not supported; leave out the last +");
            }
            _ => out.push(letter),
        }
    }
    Ok(out)
}

type Letters<'a> = std::iter::Peekable<std::str::Chars<'a>>;

fn group(letters: &mut Letters<'_>, out: &mut String) -> Result<(), &'static str> {
    letters.next();
    match letters.peek() {
        Some('=' | '!') => Err("looking ahead, (?=…) or (?!…), is not supported"),
        Some('>') => Err("atomic groups, (?>…), are not supported; write (?:…)"),
        Some('<') => {
            letters.next();
            if matches!(letters.peek(), Some('=' | '!')) {
                return Err("looking behind, (?<=…) or (?<!…), is not supported");
            }
            out.push_str("(?P<");
            Ok(())
        }
        _ => {
            out.push_str("(?");
            Ok(())
        }
    }
}

fn escape(
    escaped: char,
    in_class: bool,
    letters: &mut Letters<'_>,
    out: &mut String,
) -> Result<(), &'static str> {
    let (inside, outside) = match escaped {
        'd' => ("0-9", "[0-9]"),
        'D' => (r"[^0-9]", "[^0-9]"),
        'w' => ("0-9A-Za-z_", "[0-9A-Za-z_]"),
        'W' => ("[^0-9A-Za-z_]", "[^0-9A-Za-z_]"),
        's' => (r" \t\n\x0B\x0C\r", r"[ \t\n\x0B\x0C\r]"),
        'S' => (r"[^ \t\n\x0B\x0C\r]", r"[^ \t\n\x0B\x0C\r]"),
        'h' => (
            r" \t\xA0\u{1680}\u{180e}\u{2000}-\u{200a}\u{202f}\u{205f}\u{3000}",
            r"[ \t\xA0\u{1680}\u{180e}\u{2000}-\u{200a}\u{202f}\u{205f}\u{3000}]",
        ),
        'b' => return if in_class { Err("\\b has no meaning in [ ]") } else { push(out, r"(?-u:\b)") },
        'B' => return Err("\\B is not supported"),
        'A' => return push(out, r"\A"),
        'z' | 'Z' => return push(out, r"\z"),
        '1'..='9' | 'k' => return Err("references back (\\1) are not supported"),
        'G' | 'R' | 'X' => return Err("\\G, \\R and \\X are not supported"),
        'e' => (r"\x1B", r"\x1B"),
        't' | 'n' | 'r' | 'f' | 'a' | 'x' => {
            out.push('\\');
            out.push(escaped);
            return Ok(());
        }
        'u' => {
            let code: String = letters.by_ref().take(4).collect();
            if code.len() != 4 || !code.chars().all(|digit| digit.is_ascii_hexdigit()) {
                return Err("\\u needs four digits, as in \\u0430");
            }
            return write!(out, r"\u{{{code}}}").map_err(|_| "it is too long");
        }
        'p' | 'P' => return property(escaped == 'P', letters, out),
        'Q' => {
            while let Some(letter) = letters.next() {
                if letter == '\\' && letters.next_if_eq(&'E').is_some() {
                    break;
                }
                out.push_str(&regex::escape(letter.encode_utf8(&mut [0; 4])));
            }
            return Ok(());
        }
        letter if letter.is_ascii_alphanumeric() => {
            return Err("it has a \\ before a letter that means nothing");
        }
        // A sign as itself. What is not ASCII never has a meaning of its own.
        sign if sign.is_ascii() => {
            out.push('\\');
            out.push(sign);
            return Ok(());
        }
        sign => {
            out.push(sign);
            return Ok(());
        }
    };
    push(out, if in_class { inside } else { outside })
}

fn push(out: &mut String, text: &str) -> Result<(), &'static str> {
    out.push_str(text);
    Ok(())
}

/// `\p{…}`: a general category, a script, or one of Java's names for ASCII.
fn property(negated: bool, letters: &mut Letters<'_>, out: &mut String) -> Result<(), &'static str> {
    let name: String = match letters.next() {
        Some('{') => letters.by_ref().take_while(|letter| *letter != '}').collect(),
        Some(letter) => letter.to_string(),
        None => return Err("it ends with \\p"),
    };
    let ascii = match name.as_str() {
        "Lower" => "a-z",
        "Upper" => "A-Z",
        "Alpha" => "A-Za-z",
        "Digit" => "0-9",
        "Alnum" => "0-9A-Za-z",
        "Punct" => r"!-/:-@\[-`{-~",
        "Graph" => "!-~",
        "Print" => " -~",
        "Blank" => r" \t",
        "Cntrl" => r"\x00-\x1F\x7F",
        "XDigit" => "0-9A-Fa-f",
        "Space" => r" \t\n\x0B\x0C\r",
        "ASCII" => r"\x00-\x7F",
        _ => "",
    };
    if !ascii.is_empty() {
        let sign = if negated { "^" } else { "" };
        return write!(out, "[{sign}{ascii}]").map_err(|_| "it is too long");
    }
    let name = match name.as_str() {
        "IsAlphabetic" | "IsLetter" | "javaLetter" => "L",
        "IsDigit" => "Nd",
        "IsPunctuation" => "P",
        "IsWhite_Space" => "Z",
        "IsUppercase" | "javaUpperCase" => "Lu",
        "IsLowercase" | "javaLowerCase" => "Ll",
        other => other.strip_prefix("Is").unwrap_or(other),
    };
    if name.is_empty()
        || !name.chars().all(|letter| letter.is_ascii_alphanumeric() || matches!(letter, '_' | '='))
    {
        return Err("\\p{…} names no kind of letters");
    }
    let letter = if negated { 'P' } else { 'p' };
    write!(out, r"\{letter}{{{name}}}").map_err(|_| "it is too long")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn matches(pattern: &str, text: &str) -> bool {
        prepared(pattern).expect(pattern).is_match(text)
    }

    #[test]
    fn the_whole_text_must_match() {
        assert!(matches("[0-9]{3}", "123"));
        assert!(!matches("[0-9]{3}", "1234"));
        assert!(matches("a|b", "b"));
        assert!(!matches("a|b", "ab"));
        assert!(!matches("a", "a\n"));
        assert!(matches("^a$", "a"));
    }

    #[test]
    fn letters_of_every_script_are_letters() {
        assert!(matches(r"[\p{L} '-]+", "Зульфия Қодирова"));
        assert!(matches(r"\p{IsCyrillic}+", "Ҷӯра"));
        assert!(matches(r"[\u0600-\u06FF ]+", "سارة خان"));
        assert!(matches(r"\w+", "abc_1") && !matches(r"\w+", "абв"));
        assert!(matches(r"\d+", "12") && !matches(r"\d+", "١٢"));
        assert!(matches(r"\Qa.b\E+", "a.bb") && !matches(r"\Qa.b\E", "axb"));
        assert!(matches(r"[\d\-/]+", "1-2/3") && matches(r"[^\s]+", "abc") && matches(r"[]a]", "]"));
        assert!(matches(r"\p{Alpha}+\.\p{Digit}", "ab.1"));
    }

    #[test]
    fn bombs_and_what_needs_going_back_are_refused() {
        for pattern in [
            r"(?=a)",
            r"(?<!a)b",
            r"(a)\1",
            "a++",
            "(?>a)",
            "(",
            "[",
            r"\",
            r"\p",
            r"\p{",
            r"\y",
            "a{1000}{1000}{1000}",
        ] {
            assert!(prepared(pattern).is_err(), "{pattern}");
        }
        assert!(prepared(&"(".repeat(2000)).is_err());
        assert!(prepared(&"a?".repeat(4000)).is_err());
        // Would take longer than the sun lasts where it is searched by going back.
        assert!(!matches("(a+)+b", &"a".repeat(5000)));
        assert!(!matches("(a|aa)*c", &"a".repeat(5000)));
    }
}
