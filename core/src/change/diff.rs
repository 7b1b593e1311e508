//! The difference between two long texts, word by word.
//!
//! Automerge compares letter by letter and takes the square of their number: a rewritten page would keep
//! a phone busy for minutes. For long texts words are compared instead, and a text with hardly a word in
//! common is replaced as a whole.

use std::ops::Range;

/// Words that may differ before comparing is given up: it takes this number times all words.
const DIFFERENT: usize = 500;

/// A stretch of letters to be replaced.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Hunk {
    /// Where, in letters of the old text.
    pub(super) old: Range<usize>,
    /// By what.
    pub(super) new: String,
}

/// What is left of both texts without the letters they begin and end with alike, and how many letters
/// they begin with alike.
pub(super) fn middle<'a>(old: &'a str, new: &'a str) -> (usize, &'a str, &'a str) {
    let front = alike(old.chars(), new.chars());
    let (old, new) = (after(old, front), after(new, front));
    let back = alike(old.chars().rev(), new.chars().rev());
    (front, before(old, back), before(new, back))
}

/// How many letters both begin with.
fn alike(one: impl Iterator<Item = char>, other: impl Iterator<Item = char>) -> usize {
    one.zip(other).take_while(|(a, b)| a == b).count()
}

/// `text` without its first `letters`.
fn after(text: &str, letters: usize) -> &str {
    text.char_indices().nth(letters).map_or("", |(octet, _)| text.split_at(octet).1)
}

/// `text` without its last `letters`.
fn before(text: &str, letters: usize) -> &str {
    let Some(last) = letters.checked_sub(1) else { return text };
    text.char_indices().rev().nth(last).map_or("", |(octet, _)| text.split_at(octet).0)
}

/// What to replace in `old` to get `new`, from front to back.
pub(super) fn hunks(old: &str, new: &str) -> Vec<Hunk> {
    let (old_words, new_words) = (words(old), words(new));
    let Some(path) = path(&old_words, &new_words) else {
        return vec![Hunk { old: 0..old.chars().count(), new: new.to_owned() }];
    };
    let mut hunks: Vec<Hunk> = Vec::new();
    let (mut x, mut y, mut letters) = (0, 0, 0);
    for (same_x, same_y) in path {
        // Until the next words in common, what is in the way goes and what is missing comes.
        let gone: usize = slice(&old_words, x..same_x).iter().map(|word| word.chars().count()).sum();
        let came = slice(&new_words, y..same_y).concat();
        if gone > 0 || !came.is_empty() {
            hunks.push(Hunk { old: letters..letters + gone, new: came });
        }
        let common = old_words.get(same_x).map_or(0, |word| word.chars().count());
        letters += gone + common;
        (x, y) = (same_x + 1, same_y + 1);
    }
    hunks
}

/// Words with the blanks behind them.
fn words(text: &str) -> Vec<&str> {
    text.split_inclusive(char::is_whitespace).collect()
}

fn slice<T>(words: &[T], range: Range<usize>) -> &[T] {
    words.get(range).unwrap_or_default()
}

/// The places of the words both have, in order, and at last the ends of both; none if more than [`DIFFERENT`]
/// words differ. (Myers 1986, "An O(ND) difference algorithm", the greedy form.)
fn path(old: &[&str], new: &[&str]) -> Option<Vec<(usize, usize)>> {
    // furthest[d][k]: how far in `old` one gets with d words different on the diagonal 2k - d.
    let mut furthest: Vec<Vec<usize>> = Vec::new();
    for different in 0..=DIFFERENT {
        let mut row = Vec::with_capacity(different + 1);
        for lane in 0..=different {
            let (start, _) = start(furthest.last(), lane);
            let mut x = start;
            while let (Some(a), Some(b)) = (old.get(x), y_of(x, lane, different).and_then(|y| new.get(y))) {
                if a != b {
                    break;
                }
                x += 1;
            }
            row.push(x);
            if x >= old.len() && y_of(x, lane, different).is_some_and(|y| y >= new.len()) {
                furthest.push(row);
                return Some(back(&furthest, lane, old.len(), new.len()));
            }
        }
        furthest.push(row);
    }
    None
}

/// Where lane `lane` of the next row starts, and from which lane of `before` it comes: one more word of
/// the old text is dropped, or one of the new taken.
fn start(before: Option<&Vec<usize>>, lane: usize) -> (usize, usize) {
    let Some(before) = before else { return (0, 0) };
    let dropped = lane.checked_sub(1).and_then(|lane| before.get(lane)).map(|x| x + 1);
    let taken = before.get(lane).copied();
    match (dropped, taken) {
        (Some(dropped), Some(taken)) if taken >= dropped => (taken, lane),
        (Some(dropped), _) => (dropped, lane - 1),
        (None, taken) => (taken.unwrap_or(0), lane),
    }
}

/// The place in the new text that belongs to `x` on a lane: x - y = 2·lane - different.
fn y_of(x: usize, lane: usize, different: usize) -> Option<usize> {
    (x + different).checked_sub(2 * lane)
}

/// Walks the way back from the end.
fn back(furthest: &[Vec<usize>], mut lane: usize, old: usize, new: usize) -> Vec<(usize, usize)> {
    let mut path = vec![(old, new)];
    for different in (0..furthest.len()).rev() {
        let before = different.checked_sub(1).and_then(|row| furthest.get(row));
        let (start, from) = start(before, lane);
        let end = furthest.get(different).and_then(|row| row.get(lane)).copied().unwrap_or(start);
        let common = (start..end).rev().filter_map(|x| Some((x, y_of(x, lane, different)?)));
        path.extend(common);
        lane = from;
    }
    path.reverse();
    path
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn apply(old: &str, hunks: &[Hunk]) -> String {
        let mut letters: Vec<char> = old.chars().collect();
        for hunk in hunks.iter().rev() {
            letters.splice(hunk.old.clone(), hunk.new.chars());
        }
        letters.into_iter().collect()
    }

    proptest! {
        #[test]
        fn the_hunks_lead_from_the_old_text_to_the_new(old in "([abя] ?){0,30}", new in "([abя] ?){0,30}") {
            prop_assert_eq!(apply(&old, &hunks(&old, &new)), new);
        }
    }

    #[test]
    fn the_middle_is_what_differs() {
        assert_eq!(middle("дождь идёт", "дождь шёл"), (6, "идёт", "шёл"));
        assert_eq!(middle("aaa", "aa"), (2, "a", ""));
        assert_eq!(middle("night", "night"), (5, "", ""));
        assert_eq!(middle("", "night"), (0, "", "night"));
        assert_eq!(middle("at night", "by night"), (0, "at", "by"));
    }

    #[test]
    fn words_in_common_stay() {
        let (old, new) = ("she crossed at night alone", "in May she crossed by day alone");
        let hunks = hunks(old, new);
        let expected =
            [(0..0, "in May "), (12..21, "by day ")].map(|(old, new)| Hunk { old, new: new.to_owned() });
        assert_eq!(hunks, expected);
    }

    #[test]
    fn equal_texts_have_no_hunks() {
        assert_eq!(hunks("she crossed at night", "she crossed at night"), vec![]);
        assert_eq!(hunks("", ""), vec![]);
    }

    #[test]
    fn texts_without_a_word_in_common_are_replaced_at_once() {
        let old: String = (0..4_000).map(|number| format!("a{number} ")).collect();
        let new: String = (0..4_000).map(|number| format!("b{number} ")).collect();
        assert_eq!(hunks(&old, &new), vec![Hunk { old: 0..old.len(), new }]);
    }
}
