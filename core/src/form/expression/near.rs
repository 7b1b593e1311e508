//! Names that look like a wrong one.

/// The names nearest to `wrong`, the nearest first, at most three; none if all are far.
pub(super) fn nearest<'a>(wrong: &str, names: impl Iterator<Item = &'a str>) -> Vec<&'a str> {
    let wrong: Vec<char> = wrong.chars().take(64).flat_map(char::to_lowercase).collect();
    let far = wrong.len().div_ceil(3).clamp(1, 4);
    let mut near: Vec<(usize, &str)> = names
        .map(|name| (distance(&wrong, &name.to_lowercase().chars().take(64).collect::<Vec<_>>()), name))
        .filter(|(distance, _)| *distance <= far)
        .collect();
    near.sort_unstable();
    near.into_iter().take(3).map(|(_, name)| name).collect()
}

/// How many letters must be put in, taken out or changed (Levenshtein).
fn distance(one: &[char], other: &[char]) -> usize {
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (down, letter) in one.iter().enumerate() {
        let mut left = down + 1;
        let mut next = vec![left];
        for (wanted, around) in other.iter().zip(row.windows(2)) {
            let &[diagonal, above] = around else { continue };
            left = (diagonal + usize::from(letter != wanted)).min(left + 1).min(above + 1);
            next.push(left);
        }
        row = next;
    }
    row.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_of_the_finger_is_near_and_another_word_is_not() {
        let names = ["count", "count-selected", "selected", "coalesce"];
        assert_eq!(nearest("count_selected", names.into_iter()), ["count-selected"]);
        assert_eq!(nearest("Selected", names.into_iter()), ["selected"]);
        assert_eq!(nearest("selcted", names.into_iter()), ["selected"]);
        assert!(nearest("elephant", names.into_iter()).is_empty());
        assert_eq!(distance(&['a', 'b'], &[]), 2);
    }
}
