//! A calculation that is a constant.

/// The constant a calculation is, if it is one: a number as written, or a text in straight or
/// curly quotes without them. `None` for anything that must be worked out.
pub(super) fn read(calculation: &str) -> Option<String> {
    let calculation = calculation.trim();
    if is_number(calculation) {
        return Some(calculation.to_owned());
    }
    let straight: String = calculation
        .chars()
        .map(|letter| match letter {
            '\u{2018}' | '\u{2019}' => '\'',
            '\u{201C}' | '\u{201D}' => '"',
            other => other,
        })
        .collect();
    let inside = |quote: char| straight.strip_prefix(quote)?.strip_suffix(quote);
    let (quote, text) =
        inside('\'').map(|text| ('\'', text)).or_else(|| inside('"').map(|text| ('"', text)))?;
    // A quote inside means two texts with something between; `${` would be replaced by an answer.
    (!text.contains(quote) && !text.contains("${")).then(|| text.to_owned())
}

fn is_number(text: &str) -> bool {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let (whole, part) = digits.split_once('.').unwrap_or((digits, "0"));
    let all = |digits: &str| digits.bytes().all(|digit| digit.is_ascii_digit());
    let some = !(digits.is_empty() || whole.is_empty() && part.is_empty());
    some && all(whole) && all(part)
}

#[cfg(test)]
mod tests {
    use super::read;

    #[test]
    fn constants_are_read() {
        for (calculation, constant) in [
            ("'vSmt4GQA3C9uBMLPEVfgND'", "vSmt4GQA3C9uBMLPEVfgND"),
            ("\"it's\"", "it's"),
            ("‘abc’", "abc"),
            ("''", ""),
            ("123", "123"),
            ("-1.50", "-1.50"),
            (".5", ".5"),
        ] {
            assert_eq!(read(calculation).as_deref(), Some(constant), "{calculation}");
        }
    }

    #[test]
    fn what_must_be_worked_out_is_no_constant() {
        for calculation in
            ["", "'", "'a' + 'b'", "'${a}'", "${a}", "now()", "1 + 1", "-", ".", "1e5", "true()", "a'b"]
        {
            assert_eq!(read(calculation), None, "{calculation}");
        }
    }
}
