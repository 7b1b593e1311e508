//! Days and times of day, as ISO 8601 writes them (the part XML Schema keeps of it).

/// Why a text is not a day or a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum NotMoment {
    /// It is not written like one, or there is no such day or time.
    Form,
    /// The year is so long ago that it was counted in another calendar: 1403 is a year of now in
    /// the Persian one.
    OtherCalendar,
}

/// Days before this year were not meant as such.
const FIRST_YEAR: u32 = 1800;

/// `YYYY-MM-DD`, a day of the Gregorian calendar.
pub(super) fn date(text: &str) -> Result<(), NotMoment> {
    let bytes = text.as_bytes();
    let [y1, y2, y3, y4, b'-', m1, m2, b'-', d1, d2] = bytes else { return Err(NotMoment::Form) };
    let (year, month, day) = (number(&[*y1, *y2, *y3, *y4]), number(&[*m1, *m2]), number(&[*d1, *d2]));
    match (year, month, day) {
        (Some(year), Some(month), Some(day)) if (1..=days(year, month)).contains(&day) => {
            if year < FIRST_YEAR { Err(NotMoment::OtherCalendar) } else { Ok(()) }
        }
        // The longest months of that calendar have 31 days too, but others than here.
        (Some(year), Some(1..=12), Some(1..=31)) if year < FIRST_YEAR => Err(NotMoment::OtherCalendar),
        _ => Err(NotMoment::Form),
    }
}

/// Whether a text is a day of the Gregorian calendar, `YYYY-MM-DD`. Such texts sort by day.
pub fn is_day(text: &str) -> bool {
    date(text).is_ok()
}

/// `hh:mm[:ss[.sss]]`, with `Z` or `+hh:mm` when the offset is known.
pub(super) fn time(text: &str) -> Result<(), NotMoment> {
    let (clock, offset) = match text.find(['Z', '+', '-']).and_then(|at| text.split_at_checked(at)) {
        Some((clock, offset)) => (clock, Some(offset)),
        None => (text, None),
    };
    if is_clock(clock) && offset.is_none_or(is_offset) { Ok(()) } else { Err(NotMoment::Form) }
}

/// A date and a time with `T` between them.
pub(super) fn date_time(text: &str) -> Result<(), NotMoment> {
    let (day, clock) = text.split_once('T').ok_or(NotMoment::Form)?;
    time(clock)?;
    date(day)
}

/// A time as a person may write it, made canonical: `9:05` is `09:05`, `z` is `Z`.
pub(super) fn canonical_time(text: &str) -> String {
    let padded = if text.as_bytes().get(1) == Some(&b':') { format!("0{text}") } else { text.to_owned() };
    padded.to_ascii_uppercase()
}

/// A day and time as a person may write it, made canonical: a blank before the time is a `T`.
pub(super) fn canonical_date_time(text: &str) -> String {
    match text.split_once([' ', 't', 'T']) {
        Some((day, time)) => format!("{day}T{}", canonical_time(time.trim_start())),
        None => text.to_owned(),
    }
}

fn is_clock(text: &str) -> bool {
    let (whole, fraction) = match text.split_once('.') {
        Some((whole, fraction)) => (whole, Some(fraction)),
        None => (text, None),
    };
    let fraction_fits = fraction.is_none_or(|digits| {
        (1..=9).contains(&digits.len()) && digits.bytes().all(|digit| digit.is_ascii_digit())
    });
    match whole.as_bytes() {
        [h1, h2, b':', m1, m2] => fraction.is_none() && is_hour(*h1, *h2, 23) && is_sixty(*m1, *m2),
        [h1, h2, b':', m1, m2, b':', s1, s2] => {
            fraction_fits && is_hour(*h1, *h2, 23) && is_sixty(*m1, *m2) && is_sixty(*s1, *s2)
        }
        _ => false,
    }
}

fn is_offset(text: &str) -> bool {
    match text.as_bytes() {
        [b'Z'] => true,
        [b'+' | b'-', h1, h2, b':', m1, m2] => is_hour(*h1, *h2, 14) && is_sixty(*m1, *m2),
        _ => false,
    }
}

fn is_hour(tens: u8, ones: u8, last: u32) -> bool {
    number(&[tens, ones]).is_some_and(|hour| hour <= last)
}

fn is_sixty(tens: u8, ones: u8) -> bool {
    number(&[tens, ones]).is_some_and(|value| value < 60)
}

/// At most nine ASCII digits as a number.
fn number(digits: &[u8]) -> Option<u32> {
    digits.iter().try_fold(0_u32, |sum, digit| {
        digit
            .is_ascii_digit()
            .then(|| sum.saturating_mul(10).saturating_add(u32::from(digit.wrapping_sub(b'0'))))
    })
}

fn days(year: u32, month: u32) -> u32 {
    let leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    match month {
        2 if leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_days_of_the_calendar_are_dates() {
        for day in ["2026-09-28", "2024-02-29", "2000-02-29", "1800-01-01", "9999-12-31"] {
            assert_eq!(date(day), Ok(()), "{day}");
        }
        for day in [
            "",
            "2026-9-28",
            "2026-02-29",
            "1900-02-29",
            "2026-04-31",
            "2026-13-01",
            "2026-00-10",
            "2026-01-00",
        ] {
            assert_eq!(date(day), Err(NotMoment::Form), "{day}");
        }
        for day in ["28.09.2026", "2026/09/28", "2026-09-28 ", "2026-09-28Z", "+026-09-28", "٢٠٢٦-٠٩-٢٨"]
        {
            assert_eq!(date(day), Err(NotMoment::Form), "{day}");
        }
    }

    #[test]
    fn a_persian_year_is_not_taken_for_the_middle_ages() {
        assert_eq!(date("1403-01-15"), Err(NotMoment::OtherCalendar));
        assert_eq!(date("1403-02-31"), Err(NotMoment::OtherCalendar));
        assert_eq!(date("0000-01-01"), Err(NotMoment::OtherCalendar));
    }

    #[test]
    fn only_times_of_the_clock_are_times() {
        for good in
            ["00:00", "23:59", "14:30:05", "14:30:05.123", "14:30Z", "14:30:00.5+05:00", "09:00-03:30"]
        {
            assert_eq!(time(good), Ok(()), "{good}");
        }
        for bad in [
            "",
            "24:00",
            "12:60",
            "12:00:60",
            "9:00",
            "12",
            "12:00.5",
            "12:00:00.",
            "12:00+5",
            "12:00+15:00",
            "Z",
        ] {
            assert_eq!(time(bad), Err(NotMoment::Form), "{bad}");
        }
        assert_eq!(date_time("2026-09-28T14:30:00.000+05:00"), Ok(()));
        for bad in ["2026-09-28", "2026-09-28 14:30", "2026-02-30T14:30", "T14:30", "2026-09-28T"] {
            assert_eq!(date_time(bad), Err(NotMoment::Form), "{bad}");
        }
    }

    #[test]
    fn times_are_made_canonical() {
        assert_eq!(canonical_time("9:05z"), "09:05Z");
        assert_eq!(canonical_date_time("2026-09-28 9:05"), "2026-09-28T09:05");
        assert_eq!(canonical_date_time("2026-09-28t14:30z"), "2026-09-28T14:30Z");
    }
}
