//! The word under `type`: what kind of row it is.

use crate::form::{Kind, Metadata};

/// What a row of the survey sheet is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Word<'a> {
    /// A question that draws from no list.
    Question(Kind),
    /// A question that draws from the named list; empty when the name is missing.
    Select {
        list: &'a str,
        how: How,
        /// Whether people may say something else: `or_other`.
        other: bool,
    },
    /// A table that expressions look into.
    Table,
    BeginGroup,
    EndGroup,
    /// A group that is asked again and again.
    BeginRepeat,
    EndRepeat,
    /// Known to other tools, not supported yet.
    Unsupported,
    /// Known to nobody.
    Unknown,
}

/// How a question draws from a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum How {
    One,
    Many,
    Ranked,
    /// One, of a list that stands in the sheet `external_choices`.
    External,
    /// One, of a list in a file of its own.
    OneOfFile,
    /// Any number, of such a list.
    ManyOfFile,
}

/// Every spelling of a type without a list that pyxform accepts and Cairn can do.
const QUESTIONS: &[(Kind, &[&str])] = &[
    (Kind::Text, &["text", "string", "q string", "add text prompt"]),
    (Kind::Integer, &["integer", "int", "q int", "add integer prompt"]),
    (Kind::Decimal, &["decimal", "q decimal", "add decimal prompt"]),
    (Kind::Date, &["date", "q date", "add date prompt"]),
    (Kind::Time, &["time", "q time", "add time prompt"]),
    (Kind::DateTime, &["datetime", "date time", "q date time", "q datetime", "add date time prompt"]),
    (Kind::DateTime, &["add datetime prompt"]),
    (Kind::Geopoint, &["geopoint", "gps", "location", "q geopoint", "q location", "add location prompt"]),
    (Kind::Acknowledge, &["acknowledge", "trigger", "q acknowledge", "add acknowledge prompt"]),
    (Kind::Barcode, &["barcode", "q barcode", "add barcode prompt"]),
    (Kind::Note, &["note", "q note", "add note prompt"]),
    (Kind::Calculate, &["calculate", "q calculate", "add calculate prompt"]),
    (Kind::Hidden, &["hidden"]),
    (Kind::Start, &["start", "start time", "get start time"]),
    (Kind::End, &["end", "end time", "get end time"]),
    (Kind::Today, &["today", "get today"]),
    (Kind::Range, &["range"]),
    (Kind::Geotrace, &["geotrace"]),
    (Kind::Geoshape, &["geoshape"]),
    (Kind::Image, &["image", "photo", "q picture", "q image", "add image prompt", "add photo prompt"]),
    (Kind::Audio, &["audio", "q audio", "add audio prompt"]),
    (Kind::Video, &["video", "q video", "add video prompt"]),
    (Kind::File, &["file", "add file prompt"]),
    (Kind::Metadata(Metadata::Deviceid), &["deviceid", "device id", "get device id", "imei", "uri:deviceid"]),
    (
        Kind::Metadata(Metadata::Phonenumber),
        &["phonenumber", "phone number", "get phone number", "uri:phonenumber"],
    ),
    (Kind::Metadata(Metadata::Simserial), &["simserial", "sim id", "get sim id", "uri:simserial"]),
    (
        Kind::Metadata(Metadata::Subscriberid),
        &["subscriberid", "subscriber id", "get subscriber id", "uri:subscriberid"],
    ),
    (Kind::Metadata(Metadata::Username), &["username", "uri:username"]),
    (Kind::Metadata(Metadata::Email), &["email", "uri:email"]),
    (Kind::Metadata(Metadata::StartGeopoint), &["start-geopoint"]),
    (Kind::Metadata(Metadata::BackgroundGeopoint), &["background-geopoint"]),
    (Kind::Metadata(Metadata::BackgroundAudio), &["background-audio"]),
    (Kind::Metadata(Metadata::Audit), &["audit"]),
];

const SELECT_ONE: &[&str] = &[
    "add select one prompt using",
    "select one from",
    "select one using",
    "select one",
    "select1",
    "q select1",
];

const SELECT_MULTIPLE: &[&str] = &[
    "add select multiple prompt using",
    "select all that apply from",
    "select all that apply",
    "select multiple from",
    "select multiple using",
    "select multiple",
    "q select",
];

const RANK: &[&str] = &["rank"];
const EXTERNAL: &[&str] = &["select one external"];
const ONE_OF_FILE: &[&str] = &["select one from file"];
const MANY_OF_FILE: &[&str] = &["select multiple from file"];

/// The first words of types that other tools know, and Cairn does not.
const UNSUPPORTED: &[&str] = &[
    "cascading select",
    "osm",
    "xml-external",
    "percentage",
    "number of days in last month",
    "number of days in last six months",
    "number of days in last year",
    "begin loop",
    "end loop",
];

/// Understands a type whose blanks were made single.
pub(super) fn read(word: &str) -> Word<'_> {
    if let Some(what) = group(word) {
        return what;
    }
    let is = |spelling: &&str| after(word, spelling) == Some("");
    if let Some((kind, _)) = QUESTIONS.iter().find(|(_, spellings)| spellings.iter().any(is)) {
        return Word::Question(kind.clone());
    }
    if after(word, "csv-external") == Some("") {
        return Word::Table;
    }
    if UNSUPPORTED.iter().any(|known| after(word, known).is_some()) {
        return Word::Unsupported;
    }
    let list = |spellings: &[&str]| spellings.iter().find_map(|known| after(word, known));
    // The longest spelling first: each but the last two begins like one that comes later.
    for (how, spellings) in [
        (How::External, EXTERNAL),
        (How::OneOfFile, ONE_OF_FILE),
        (How::ManyOfFile, MANY_OF_FILE),
        (How::Ranked, RANK),
        (How::One, SELECT_ONE),
        (How::Many, SELECT_MULTIPLE),
    ] {
        if let Some(list) = list(spellings) {
            return select(list, how);
        }
    }
    Word::Unknown
}

fn group(word: &str) -> Option<Word<'static>> {
    let rest = |first| after(word, first);
    let repeats =
        |what: &str| ["repeat", "lgroup", "looped group"].iter().any(|known| after(what, known) == Some(""));
    match (rest("begin"), rest("end")) {
        (Some(what), _) if after(what, "group") == Some("") => Some(Word::BeginGroup),
        (_, Some(what)) if after(what, "group") == Some("") => Some(Word::EndGroup),
        (Some(what), _) if repeats(what) => Some(Word::BeginRepeat),
        (_, Some(what)) if repeats(what) => Some(Word::EndRepeat),
        _ => None,
    }
}

fn select(list: &str, how: How) -> Word<'_> {
    // `${…}` draws the choices from answers.
    if list.starts_with("${") {
        return Word::Unsupported;
    }
    let other = ["or specify other", "or other", "or_other"];
    let before = other.iter().find_map(|end| list.strip_suffix(end)).map(str::trim_end);
    match before.filter(|list| !list.is_empty()) {
        Some(list) => Word::Select { list, how, other: true },
        None => Word::Select { list, how, other: false },
    }
}

/// What follows `spelling`, if the word begins with it. Case does not matter, and `_` is a blank.
fn after<'a>(word: &'a str, spelling: &str) -> Option<&'a str> {
    let (first, rest) = word.split_at_checked(spelling.len())?;
    let same = |(left, right): (u8, u8)| left.eq_ignore_ascii_case(&right) || (left == b'_' && right == b' ');
    if !first.bytes().zip(spelling.bytes()).all(same) {
        return None;
    }
    match rest.strip_prefix([' ', '_']) {
        Some(after) if rest.starts_with(' ') || matches!(spelling, "begin" | "end") => Some(after),
        Some(_) => None,
        None => rest.is_empty().then_some(""),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_spelling_of_a_question_is_known() {
        for (kind, spellings) in QUESTIONS {
            for spelling in *spellings {
                assert_eq!(read(spelling), Word::Question(kind.clone()), "{spelling}");
                assert_eq!(read(&spelling.to_uppercase()), Word::Question(kind.clone()), "{spelling}");
            }
        }
        assert_eq!(read("dateTime"), Word::Question(Kind::DateTime));
        assert_eq!(read("date_time"), Word::Question(Kind::DateTime));
    }

    #[test]
    fn selects_name_their_list() {
        for word in ["select_one yes_no", "select one yes_no", "select1 yes_no", "Select one from yes_no"] {
            assert_eq!(read(word), Word::Select { list: "yes_no", how: How::One, other: false }, "{word}");
        }
        for word in [
            "select_multiple a",
            "select multiple a",
            "select all that apply from a",
            "select all that apply a",
        ] {
            assert_eq!(read(word), Word::Select { list: "a", how: How::Many, other: false }, "{word}");
        }
        let plain = |list, how| Word::Select { list, how, other: false };
        assert_eq!(read("select_one"), plain("", How::One));
        assert_eq!(read("select_one or_other"), plain("or_other", How::One));
        assert_eq!(read("rank a"), plain("a", How::Ranked));
        assert_eq!(read("select_one_external a"), plain("a", How::External));
        assert_eq!(read("select_one_from_file a.csv"), plain("a.csv", How::OneOfFile));
        assert_eq!(read("select multiple from file a.csv"), plain("a.csv", How::ManyOfFile));
        for word in ["select_one a or_other", "select_one a or specify other", "select one a or other"] {
            assert_eq!(read(word), Word::Select { list: "a", how: How::One, other: true }, "{word}");
        }
    }

    #[test]
    fn groups_are_known_with_blank_or_underscore() {
        assert_eq!((read("begin_group"), read("begin group")), (Word::BeginGroup, Word::BeginGroup));
        assert_eq!((read("end_group"), read("End Group")), (Word::EndGroup, Word::EndGroup));
        assert_eq!((read("begin_repeat"), read("end repeat")), (Word::BeginRepeat, Word::EndRepeat));
        assert_eq!(read("begin"), Word::Unknown);
        assert_eq!(read("end"), Word::Question(Kind::End));
    }

    #[test]
    fn what_other_tools_can_do_is_told_from_what_nobody_can() {
        for word in UNSUPPORTED {
            assert_eq!(read(word), Word::Unsupported, "{word}");
        }
        assert_eq!(read("select_one ${names}"), Word::Unsupported);
        for word in ["", "txt", "textual", "select_ones a", "select_", "é", "begin_groups"] {
            assert_eq!(read(word), Word::Unknown, "{word}");
        }
    }
}
