//! What the keys of [`super::Answers`] are made of.
//!
//! ```text
//! name                   the answer to a question
//! name#ROW               … in a row of a repeat
//! name#OUTER#INNER       … in a row of a repeat that lies in a row of another
//! #repeat#ROW            that the row is there (Answer::Row); rows around it stand before it, as above
//! ```
//! A row goes by an identifier that never changes, not by its place: sixteen hexadecimal digits, of which the
//! first four grow with each row that its author saw and the others are random. So rows stand in the order in
//! which they were begun, as far as their authors knew of each other, and rows begun at the same time in some
//! order that is the same everywhere. No clock is asked. No name holds `#`.

/// What parts a name from the rows it lies in.
pub(crate) const IN: char = '#';
/// Hexadecimal digits of a row's identifier.
const DIGITS: usize = 16;
/// How many of them say how many rows came before.
const PLACE: usize = 4;

/// What a key of [`super::Answers`] names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Field<'a> {
    /// The name of a question; of a repeat, if `is_row`.
    pub name: &'a str,
    /// The rows it lies in, the outermost first; if `is_row`, the last is the row itself.
    pub rows: Vec<&'a str>,
    /// Whether the key says that a row is there.
    pub is_row: bool,
}

/// Takes a key apart.
pub fn split(key: &str) -> Field<'_> {
    let (is_row, rest) = match key.strip_prefix(IN) {
        Some(rest) => (true, rest),
        None => (false, key),
    };
    let mut pieces = rest.split(IN);
    Field { name: pieces.next().unwrap_or_default(), rows: pieces.collect(), is_row }
}

/// The key of a question's answer in these rows, the outermost first.
pub fn field(name: &str, rows: &[&str]) -> String {
    let mut key = name.to_owned();
    for row in rows {
        key.push(IN);
        key.push_str(row);
    }
    key
}

/// The key of a row of a repeat; `rows` ends with the row itself.
pub fn row(repeat: &str, rows: &[&str]) -> String {
    format!("{IN}{}", field(repeat, rows))
}

/// Whether a text can be a row's identifier.
pub fn is_row_id(text: &str) -> bool {
    text.len() == DIGITS && text.bytes().all(|digit| matches!(digit, b'0'..=b'9' | b'a'..=b'f'))
}

/// An identifier for a row that is begun after `last`, the last of those its author sees.
pub fn next_row_id(last: Option<&str>, random: u64) -> String {
    let place = last.and_then(|last| last.get(..PLACE)).and_then(|place| u16::from_str_radix(place, 16).ok());
    let place = place.map_or(0, |place| place.saturating_add(1));
    format!("{place:04x}{:012x}", random >> 16)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_taken_apart_as_they_were_put_together() {
        let (outer, inner) = (next_row_id(None, 7 << 16), next_row_id(None, u64::MAX));
        for rows in [&[][..], &[outer.as_str()], &[&outer, &inner]] {
            let key = field("имя.x-1", rows);
            assert_eq!(split(&key), Field { name: "имя.x-1", rows: rows.to_vec(), is_row: false });
            assert_eq!(
                split(&row("people", rows)),
                Field { name: "people", rows: rows.to_vec(), is_row: true }
            );
        }
        assert_eq!(outer, "0000000000000007");
        assert_eq!(inner, "0000ffffffffffff");
    }

    #[test]
    fn a_row_begun_after_others_stands_after_them_whatever_the_dice_say() {
        let mut last = None;
        for random in [u64::MAX, 0, 5 << 20, u64::MAX, 0] {
            let next = next_row_id(last.as_deref(), random);
            assert!(is_row_id(&next) && last.is_none_or(|last| last < next));
            last = Some(next);
        }
        assert!(!is_row_id("000000000000000G") && !is_row_id("0") && !is_row_id(""));
    }
}
