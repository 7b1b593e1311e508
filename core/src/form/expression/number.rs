//! Numbers and texts, each made of the other as XPath 1.0 (4.4 and 4.2) says.

/// A text as a number: digits with perhaps a point, perhaps a minus before, blanks around. Else not a number.
pub(super) fn read(text: &str) -> f64 {
    let text = text.trim_matches([' ', '\t', '\r', '\n']);
    let digits = text.strip_prefix('-').unwrap_or(text);
    let plain = digits.bytes().all(|letter| letter.is_ascii_digit() || letter == b'.');
    if plain && digits.bytes().any(|letter| letter.is_ascii_digit()) {
        text.parse().unwrap_or(f64::NAN)
    } else {
        f64::NAN
    }
}

/// A number as a text: without an exponent, and empty if it is none.
pub(super) fn written(number: f64) -> String {
    if number.is_nan() {
        String::new()
    } else if number.is_infinite() {
        if number > 0.0 { "Infinity".to_owned() } else { "-Infinity".to_owned() }
    } else if number == 0.0 {
        "0".to_owned()
    } else {
        number.to_string()
    }
}

/// The nearest whole number, halves towards more, as JavaScript and XPath round.
pub(super) fn nearest(number: f64) -> f64 {
    let floor = number.floor();
    if number - floor >= 0.5 { floor + 1.0 } else { floor }
}

/// A number as an index. Fractions are cut off; `None` if it is no number.
pub(super) fn index(number: f64) -> Option<i64> {
    #[allow(clippy::cast_possible_truncation, reason = "a cast of floats saturates, which is meant")]
    (!number.is_nan()).then(|| number.trunc() as i64)
}

/// A count as a number.
pub(super) fn count(count: usize) -> f64 {
    #[allow(clippy::cast_precision_loss, reason = "nothing that is counted here exceeds 2^53")]
    let count = count as f64;
    count
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_plain_numbers_are_numbers() {
        assert_eq!(read(" -12.50 "), -12.5);
        assert_eq!(read("5."), 5.0);
        assert_eq!(read(".5"), 0.5);
        for text in
            ["", " ", ".", "-", "+5", "1e3", "0x10", "1 2", "1.2.3", "Infinity", "NaN", "٣", "1,5", "--1"]
        {
            assert!(read(text).is_nan(), "{text}");
        }
    }

    #[test]
    fn numbers_are_written_without_exponents_and_read_back() {
        for (number, text) in [(1.0, "1"), (-0.0, "0"), (0.1, "0.1"), (1e21, "1000000000000000000000")] {
            assert_eq!(written(number), text);
        }
        for number in [1e-7, 123_456_789.123, f64::MAX, f64::MIN_POSITIVE] {
            assert_eq!(read(&written(number)), number);
        }
        assert_eq!(written(f64::NAN), "");
        assert_eq!((nearest(2.5), nearest(-2.5), nearest(0.499_999_999_999_999_94)), (3.0, -2.0, 0.0));
    }
}
