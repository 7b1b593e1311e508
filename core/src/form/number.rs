//! Whole numbers and numbers, written in Latin digits.

/// A whole number. `5.0` is one too: other programs write it so when a table has gaps.
pub(super) fn integer(text: &str) -> Option<i64> {
    let whole = match text.split_once('.') {
        Some((whole, zeros)) if !zeros.is_empty() && zeros.bytes().all(|digit| digit == b'0') => whole,
        Some(_) => return None,
        None => text,
    };
    whole.parse().ok()
}

/// A finite number, never negative zero. Nothing but digits, a sign, a point and an exponent.
pub(super) fn decimal(text: &str) -> Option<f64> {
    let plain = text
        .bytes()
        .all(|letter| letter.is_ascii_digit() || matches!(letter, b'+' | b'-' | b'.' | b'e' | b'E'));
    let number = if plain { text.parse::<f64>().ok()? } else { return None };
    number.is_finite().then_some(if number == 0.0 { 0.0 } else { number })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_numbers_are_read_to_their_limits() {
        assert_eq!(integer("-9223372036854775808"), Some(i64::MIN));
        assert_eq!(integer("+5"), Some(5));
        assert_eq!(integer("5.0"), Some(5));
        for bad in ["", "9223372036854775808", "5.", "5.5", ".0", "1 000", "1,000", "0x1", "५"] {
            assert_eq!(integer(bad), None, "{bad}");
        }
    }

    #[test]
    fn only_finite_numbers_are_numbers() {
        assert_eq!(decimal("3.5"), Some(3.5));
        assert_eq!(decimal("-1e3"), Some(-1000.0));
        assert!(decimal("-0").is_some_and(f64::is_sign_positive));
        for bad in ["", ".", "inf", "NaN", "1e999", "3,5", "1_0", "e", "--1"] {
            assert_eq!(decimal(bad), None, "{bad}");
        }
    }
}
