//! Days and times as expressions count them: in days since 1970-01-01, by the reader's own clock.

const DAY: i64 = 86_400_000;
const MINUTE: i64 = 60_000;
/// The year 9999 ends here; no text of a day is longer.
const LAST: i64 = 253_402_300_799_999;
/// The year 0000 begins here.
const FIRST: i64 = -62_167_219_200_000;

/// A point in time as the reader's clock shows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Moment {
    /// Milliseconds since 1970-01-01T00:00 of the reader's own clock.
    local: i64,
    /// Minutes that the reader's clock is ahead of UTC.
    offset: i32,
}

impl Moment {
    /// From milliseconds since 1970 in UTC and the minutes the reader's clock is ahead of it. What lies outside
    /// the years 0 to 9999 becomes the nearest moment inside.
    pub fn new(unix_milliseconds: i64, offset_minutes: i32) -> Self {
        let offset = offset_minutes.clamp(-14 * 60, 14 * 60);
        let local = unix_milliseconds.saturating_add(i64::from(offset) * MINUTE);
        Self { local: local.clamp(FIRST, LAST), offset }
    }

    /// From days since 1970-01-01 of the reader's clock.
    pub(super) fn from_days(days: f64, offset: i32) -> Option<Self> {
        let milliseconds = (days * 86_400_000.0).round();
        #[allow(clippy::cast_possible_truncation, reason = "compared with its limits before")]
        #[allow(clippy::cast_precision_loss, reason = "both limits are whole numbers below 2^53")]
        let inside = (FIRST as f64..=LAST as f64).contains(&milliseconds).then_some(milliseconds as i64);
        inside.map(|local| Self { local, offset })
    }

    /// Days since 1970-01-01, the time of day as a fraction.
    pub(super) fn days(self) -> f64 {
        #[allow(clippy::cast_precision_loss, reason = "below 2^53")]
        let milliseconds = self.local as f64;
        milliseconds / 86_400_000.0
    }

    pub(super) fn offset(self) -> i32 {
        self.offset
    }

    /// The same day at its beginning.
    pub fn midnight(self) -> Self {
        Self { local: self.local - self.local.rem_euclid(DAY), ..self }
    }

    /// `YYYY-MM-DD`, or with a time `YYYY-MM-DDThh:mm:ss.sss±hh:mm`. A text without an offset is by the
    /// reader's clock.
    pub(super) fn read(text: &str, offset: i32) -> Option<Self> {
        let bytes = text.as_bytes();
        let (day, rest) = bytes.split_at_checked(10)?;
        let [y1, y2, y3, y4, b'-', m1, m2, b'-', d1, d2] = day else { return None };
        let (year, month, day) = (number(&[*y1, *y2, *y3, *y4])?, number(&[*m1, *m2])?, number(&[*d1, *d2])?);
        let days = days_of(year, month, day)?;
        let (clock, written) = match rest {
            [] => (0, None),
            [b'T', rest @ ..] => clock(rest)?,
            _ => return None,
        };
        let local = days * DAY + clock;
        match written {
            None => Some(Self { local, offset }),
            Some(written) => Some(Self::new(local - i64::from(written) * MINUTE, offset)),
        }
    }

    /// The text: the day only at midnight.
    pub fn written(self) -> String {
        let (year, month, day) = self.date();
        let date = format!("{year:04}-{month:02}-{day:02}");
        if self.local.rem_euclid(DAY) == 0 {
            return date;
        }
        let (hour, minute, second, thousandth) = self.clock();
        let (sign, away) = if self.offset < 0 { ('-', -self.offset) } else { ('+', self.offset) };
        format!(
            "{date}T{hour:02}:{minute:02}:{second:02}.{thousandth:03}{sign}{:02}:{:02}",
            away / 60,
            away % 60
        )
    }

    /// Year, month and day (after the Gregorian calendar, at all times).
    pub(super) fn date(self) -> (i64, u32, u32) {
        // Counted from 1 March of the year 0, so that the leap day is the last of its year.
        let days = self.local.div_euclid(DAY) + 719_468;
        let (era, of_era) = (days.div_euclid(146_097), days.rem_euclid(146_097));
        let year = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
        let of_year = of_era - (365 * year + year / 4 - year / 100);
        let month = (5 * of_year + 2) / 153;
        let day = of_year - (153 * month + 2) / 5 + 1;
        let (month, later) = if month < 10 { (month + 3, 0) } else { (month - 9, 1) };
        (year + era * 400 + later, small(month), small(day))
    }

    /// Hour, minute, second and thousandths.
    pub(super) fn clock(self) -> (u32, u32, u32, u32) {
        let time = self.local.rem_euclid(DAY);
        (small(time / 3_600_000), small(time / MINUTE % 60), small(time / 1000 % 60), small(time % 1000))
    }

    /// 0 for Sunday.
    pub(super) fn weekday(self) -> u32 {
        small((self.local.div_euclid(DAY) + 4).rem_euclid(7))
    }

    /// What part of its day has passed.
    pub(super) fn fraction(self) -> f64 {
        #[allow(clippy::cast_precision_loss, reason = "below 2^53")]
        let time = self.local.rem_euclid(DAY) as f64;
        time / 86_400_000.0
    }
}

/// A clock time `hh[:mm[:ss[.s…]]]` with an optional offset: milliseconds, and minutes ahead of UTC.
fn clock(bytes: &[u8]) -> Option<(i64, Option<i32>)> {
    let (time, offset) = match bytes {
        [time @ .., b'Z'] => (time, Some(0)),
        [time @ .., sign @ (b'+' | b'-'), h1, h2, b':', m1, m2] => {
            let (hours, minutes) = (number(&[*h1, *h2])?, number(&[*m1, *m2])?);
            let away = i32::try_from(hours * 60 + minutes).ok()?;
            if hours > 14 || minutes > 59 {
                return None;
            }
            (time, Some(if *sign == b'-' { -away } else { away }))
        }
        time => (time, None),
    };
    let (whole, thousandths) = match time {
        [whole @ .., b'.', digits] if whole.len() == 8 => (whole, thousandths(&[*digits])?),
        _ => match time.split_at_checked(8) {
            Some((whole, [b'.', digits @ ..])) => (whole, thousandths(digits)?),
            _ => (time, 0),
        },
    };
    let (hours, minutes, seconds) = match whole {
        [h1, h2] => (number(&[*h1, *h2])?, 0, 0),
        [h1, h2, b':', m1, m2] => (number(&[*h1, *h2])?, number(&[*m1, *m2])?, 0),
        [h1, h2, b':', m1, m2, b':', s1, s2] => {
            (number(&[*h1, *h2])?, number(&[*m1, *m2])?, number(&[*s1, *s2])?)
        }
        _ => return None,
    };
    let fits = hours < 24 && minutes < 60 && seconds < 60;
    fits.then_some((((hours * 60 + minutes) * 60 + seconds) * 1000 + thousandths, offset))
}

/// A time of day alone, as a fraction of a day by the reader's clock.
pub(super) fn time_of_day(text: &str, offset: i32) -> Option<f64> {
    // `hh` alone is no time of day here.
    text.as_bytes().get(2).filter(|sign| **sign == b':')?;
    let (time, written) = clock(text.as_bytes())?;
    let moved = written.map_or(0, |written| i64::from(offset - written) * MINUTE);
    Some(Moment { local: time + moved, offset }.fraction())
}

fn thousandths(digits: &[u8]) -> Option<i64> {
    if digits.is_empty() || !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let three: Vec<u8> = digits.iter().copied().chain([b'0', b'0']).take(3).collect();
    number(&three)
}

fn number(digits: &[u8]) -> Option<i64> {
    digits.iter().try_fold(0_i64, |sum, digit| {
        digit.is_ascii_digit().then(|| sum * 10 + i64::from(digit.wrapping_sub(b'0')))
    })
}

/// Days since 1970-01-01.
fn days_of(year: i64, month: i64, day: i64) -> Option<i64> {
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let last = match month {
        2 if leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => return None,
    };
    if !(1..=last).contains(&day) {
        return None;
    }
    let (from_march, of) = if month > 2 { (month - 3, year) } else { (month + 9, year - 1) };
    let (era, of_era) = (of.div_euclid(400), of.rem_euclid(400));
    let of_year = (153 * from_march + 2) / 5 + day - 1;
    Some(era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468)
}

fn small(value: i64) -> u32 {
    u32::try_from(value).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_day_of_four_centuries_is_read_as_it_is_written() {
        for day in -200_000..200_000 {
            let moment = Moment::from_days(f64::from(day), 300).expect("a day");
            assert_eq!(Moment::read(&moment.written(), 300), Some(moment), "{}", moment.written());
        }
        assert_eq!(Moment::from_days(18_262.0, 0).expect("a day").written(), "2020-01-01");
        assert_eq!(Moment::from_days(-1.0, 0).expect("a day").written(), "1969-12-31");
    }

    #[test]
    fn a_time_with_an_offset_is_turned_to_the_readers_clock() {
        let moment = Moment::read("2020-01-01T22:30:00.5Z", 300).expect("a time");
        assert_eq!(moment.written(), "2020-01-02T03:30:00.500+05:00");
        assert_eq!(moment.midnight().written(), "2020-01-02");
        assert_eq!(moment.weekday(), 4);
        let other = Moment::read("2020-01-01T22:30:00.500", 300).expect("a time");
        assert_eq!(other.written(), "2020-01-01T22:30:00.500+05:00");
        assert_eq!(time_of_day("18:00", 300), Some(0.75));
        assert_eq!(time_of_day("18:00:00.000Z", 300), Some(23.0 / 24.0));
    }

    #[test]
    fn what_is_no_day_is_none() {
        for text in [
            "",
            "2020",
            "2020-02-30",
            "2020-1-1",
            "2020-01-01 10:00",
            "2020-01-01T",
            "2020-01-01T25:00",
            "2020-01-01T10:00+15:00",
            "٢٠٢٠-٠١-٠١",
        ] {
            assert_eq!(Moment::read(text, 0), None, "{text}");
        }
        assert_eq!(Moment::from_days(f64::NAN, 0), None);
        assert_eq!(Moment::from_days(1e300, 0), None);
        assert!(Moment::new(i64::MAX, i32::MAX).written().starts_with("9999"));
    }
}
