//! Times and sizes as people write them.

use std::time::Duration;

/// `500ms`, `30s`, `5m`, or a bare number of seconds.
pub(super) fn duration(text: &str) -> Result<Duration, String> {
    let (number, unit) = split(text);
    let number: u64 = number.parse().map_err(|_| wrong_time(text))?;
    let millis = match unit {
        "ms" => Some(number),
        "" | "s" => number.checked_mul(1000),
        "m" => number.checked_mul(60 * 1000),
        _ => None,
    };
    // Beyond a year a timer may overflow.
    millis
        .filter(|millis| *millis <= 366 * 24 * 3600 * 1000)
        .map(Duration::from_millis)
        .ok_or(wrong_time(text))
}

/// `512`, `64KiB`, `100MiB`, `20GiB`, in octets.
pub(super) fn size(text: &str) -> Result<u64, String> {
    let (number, unit) = split(text);
    let wrong = || format!("`{text}` is not a size such as 100MiB or 20GiB");
    let number: u64 = number.parse().map_err(|_| wrong())?;
    let factor = match unit {
        "" | "B" => 1,
        "K" | "KiB" => 1 << 10,
        "M" | "MiB" => 1 << 20,
        "G" | "GiB" => 1 << 30,
        "T" | "TiB" => 1_u64 << 40,
        _ => return Err(wrong()),
    };
    number.checked_mul(factor).ok_or_else(wrong)
}

fn wrong_time(text: &str) -> String {
    format!("`{text}` is not a time such as 30s, 500ms or 5m")
}

fn split(text: &str) -> (&str, &str) {
    let text = text.trim();
    let digits = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    text.split_at_checked(digits).unwrap_or((text, ""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_and_sizes_are_read_as_people_write_them() {
        assert_eq!(duration("500ms"), Ok(Duration::from_millis(500)));
        assert_eq!(duration("30"), Ok(Duration::from_secs(30)));
        assert_eq!(duration("5m"), Ok(Duration::from_secs(300)));
        assert!(duration("fast").is_err());
        assert!(duration("99999999999999999s").is_err());
        assert_eq!(size("20GiB"), Ok(20 << 30));
        assert_eq!(size("7"), Ok(7));
        assert!(size("7 bananas").is_err());
        assert!(size("99999999999999TiB").is_err());
    }
}
