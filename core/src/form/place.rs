//! Places: `latitude longitude [altitude [accuracy]]`, degrees and metres, as ODK writes them.

/// Whether it is written so, on this globe.
pub(super) fn is_place(text: &str) -> bool {
    let mut numbers = Vec::with_capacity(4);
    for part in text.split(' ') {
        match super::number::decimal(part) {
            Some(number) if numbers.len() < 4 => numbers.push(number),
            _ => return false,
        }
    }
    match numbers.as_slice() {
        [latitude, longitude, rest @ ..] => {
            (-90.0..=90.0).contains(latitude)
                && (-180.0..=180.0).contains(longitude)
                && rest.get(1).is_none_or(|accuracy| *accuracy >= 0.0)
        }
        _ => false,
    }
}

/// Places with `;` between, at least two.
pub(super) fn is_trace(text: &str) -> bool {
    places(text).is_some_and(|places| places.len() >= 2)
}

/// Places with `;` between, at least three and the first again.
pub(super) fn is_shape(text: &str) -> bool {
    places(text).is_some_and(|places| places.len() >= 4 && places.first() == places.last())
}

/// The places of a line; none unless each is one.
fn places(text: &str) -> Option<Vec<&str>> {
    let text = text.strip_suffix(';').unwrap_or(text);
    let places: Vec<&str> = text.split(';').map(str::trim).collect();
    places.iter().all(|place| is_place(place)).then_some(places)
}

/// A line or area as a person may write it, made canonical: single blanks, no mark at the end.
pub(super) fn canonical_places(text: &str) -> String {
    let places = text.split(';').map(|place| place.split_whitespace().collect::<Vec<_>>().join(" "));
    places.filter(|place| !place.is_empty()).collect::<Vec<_>>().join("; ")
}

/// A place as a person may write it or a map may copy it, made canonical: `38.56, 68.78` is
/// `38.56 68.78`. Unchanged if commas could also mean decimals: `38,56 68,78` must not become
/// four numbers.
pub(super) fn canonical_place(text: &str) -> String {
    let apart = |letter: char| letter.is_whitespace() || letter == ';';
    let parts: Vec<&str> = if text.contains(apart) {
        let parts = text.split(apart).map(|part| part.strip_suffix(',').unwrap_or(part));
        parts.filter(|part| !part.is_empty()).collect()
    } else {
        text.split(',').collect()
    };
    // Without blanks only points tell that the commas stand between numbers, not in them.
    let decided = text.contains(apart) || parts.iter().take(2).all(|part| part.contains('.'));
    if decided { parts.join(" ") } else { text.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_places_on_this_globe_are_places() {
        for place in ["38.56 68.78", "-90 180", "38.56 68.78 800", "38.56 68.78 -12.5 4", "0 0 0 0"] {
            assert!(is_place(place), "{place}");
        }
        for place in [
            "",
            "38.56",
            "90.1 0",
            "0 -180.5",
            "0 0 0 -1",
            "1 2 3 4 5",
            "1  2",
            "a b",
            "NaN 0",
            "1,5 2,5",
            " 1 2",
        ] {
            assert!(!is_place(place), "{place}");
        }
    }

    #[test]
    fn a_line_has_two_ends_and_an_area_is_closed() {
        for trace in ["0 0; 1 1", "38.56 68.78 800 5;38.57 68.79 0 0;", "0 0;0 0;1 1"] {
            assert!(is_trace(trace), "{trace}");
        }
        for no_trace in ["", "0 0", "0 0;", "0 0; 91 0", "0 0;;1 1", "0 0 1 1", ";"] {
            assert!(!is_trace(no_trace), "{no_trace}");
        }
        assert!(is_shape("0 0; 0 1; 1 1; 0 0"));
        for open in ["0 0; 0 1; 1 1", "0 0; 0 1; 0 0", "0 0; 0 1; 1 1; 0 0.1"] {
            assert!(!is_shape(open), "{open}");
        }
        assert_eq!(canonical_places(" 0 0 ;1  1;"), "0 0; 1 1");
    }

    #[test]
    fn places_are_made_canonical_but_never_guessed() {
        assert_eq!(canonical_place("38.56, 68.78"), "38.56 68.78");
        assert_eq!(canonical_place("38.56,68.78"), "38.56 68.78");
        assert_eq!(canonical_place("38.56;68.78; 800"), "38.56 68.78 800");
        for unclear in ["38,56 68,78", "38,56, 68,78", "38,56"] {
            assert!(!is_place(&canonical_place(unclear)), "{unclear}");
        }
    }
}
