//! The border form is short where there is little to say, and its signs explain themselves.

use super::desk::{Desk, Sheet};
use super::tables::LANGUAGES;

fn desk() -> Desk {
    Desk::new("border-observation", 11)
}

fn asked(sheet: &Sheet<'_>) -> usize {
    sheet.shown().iter().filter(|row| row.is_asked()).count()
}

const REPEATS: [&str; 13] = [
    "nationalities",
    "persons",
    "statements",
    "help",
    "vehicles",
    "routes",
    "payments",
    "officials",
    "goods",
    "adverts",
    "links",
    "actions",
    "attachments",
];

#[test]
fn nothing_seen_takes_under_ten_questions() {
    let desk = desk();
    let sheet = desk.fill(&[("kind", "nothing_seen")]);
    assert!(asked(&sheet) < 10, "{}", asked(&sheet));
    assert!(REPEATS.iter().all(|repeat| !sheet.offers(repeat)), "no rows either");
    // What makes it count: the time, the place and the minutes.
    for name in ["observed_start", "observed_end", "station", "minutes_on_watch", "danger_to_observer"] {
        assert!(sheet.shown().iter().any(|row| row.name() == name), "{name}");
    }
    // The control: what was seen asks more.
    assert!(asked(&desk.fill(&[("kind", "people")])) > 40);
}

#[test]
fn each_kind_opens_its_own_screens() {
    let desk = desk();
    for (kind, repeats) in [
        ("nothing_seen", vec![]),
        ("people", vec!["persons", "statements", "help", "routes", "payments"]),
        ("vehicle", vec!["vehicles", "routes", "payments"]),
        ("advert", vec!["adverts"]),
        ("goods", vec!["goods"]),
        ("officials", vec!["payments", "officials"]),
        ("flow_count", vec!["nationalities"]),
        ("incident", vec![]),
    ] {
        let sheet = desk.fill(&[("kind", kind)]);
        let always = ["links", "actions", "attachments"].iter().filter(|_| kind != "nothing_seen");
        let wanted: Vec<&str> = repeats.iter().chain(always).copied().collect();
        let mut open: Vec<&str> = REPEATS.iter().filter(|repeat| sheet.offers(repeat)).copied().collect();
        open.retain(|repeat| !wanted.contains(repeat));
        assert!(open.is_empty(), "{kind} also opens {open:?}");
        assert!(wanted.iter().all(|repeat| sheet.offers(repeat)), "{kind}");
    }
    // What comes on top opens more, and closes nothing.
    let sheet = desk.fill(&[("kind", "vehicle"), ("also", "people goods")]);
    assert!(["vehicles", "persons", "goods"].iter().all(|repeat| sheet.offers(repeat)));
}

#[test]
fn signs_are_summed_and_what_nobody_could_tell_is_not() {
    let desk = desk();
    let read = |answers: &[(&str, &str)]| {
        let all: Vec<(&str, &str)> = [("kind", "people")].iter().chain(answers).copied().collect();
        let sheet = desk.fill(&all);
        assert!(sheet.filling.failures().is_empty());
        ["sign_score", "sign_count", "sign_open", "sign_band"].map(|name| sheet.value(name))
    };
    assert_eq!(read(&[]), ["0", "0", "31", "not_known"]);
    assert_eq!(read(&[("sign_watched", "unclear")]), ["0", "0", "31", "not_known"]);
    assert_eq!(read(&[("sign_watched", "no")]), ["0", "0", "30", "none_seen"]);
    assert_eq!(read(&[("sign_no_phone", "yes")]), ["1", "1", "30", "few"]);
    assert_eq!(read(&[("sign_watched", "yes"), ("sign_no_phone", "yes")]), ["4", "2", "29", "some"]);
    assert_eq!(
        read(&[
            ("sign_watched", "yes"),
            ("sign_drugged", "yes"),
            ("sign_injuries", "yes"),
            ("sign_no_id", "no")
        ]),
        ["9", "3", "27", "strong"]
    );
}

/// A sign that counts is named with its weight, in every language; one that does not, is not.
#[test]
fn every_sign_that_counts_is_explained() {
    let desk = desk();
    let signs: Vec<String> = desk.tables.survey.iter().map(|row| row.name().to_owned()).collect();
    let signs: Vec<&String> =
        signs.iter().filter(|name| name.starts_with("sign_") && desk.tables.row(name).is_asked()).collect();
    assert_eq!(signs.len(), 14 + 10 + 7);
    let no: Vec<(&str, &str)> =
        std::iter::once(("kind", "people")).chain(signs.iter().map(|sign| (sign.as_str(), "no"))).collect();
    let mut sheet = desk.fill(&no);
    assert!(!sheet.trace().iter().any(|line| line.starts_with("sign_")));
    let mut sum = 0;
    for sign in &signs {
        sheet.answer(sign, "yes");
        assert!(sheet.trace().contains(&sign.as_str()), "{sign}");
        let score: u32 = sheet.value("sign_score").parse().expect("a number");
        let weight = (score - sum).to_string();
        sum = score;
        let line = desk.tables.row(&format!("trace_{sign}"));
        for language in LANGUAGES {
            let column = format!("label::{language}");
            let said = line.get(&column);
            assert!(said.contains(desk.tables.row(sign).get(&column)), "{sign} {language}");
            assert!(said.ends_with(&format!(" {weight}")), "{sign} weighs {weight}: {said}");
        }
        assert!(sheet.value("sign_why").contains(&format!("{}:{weight}", &sign[5..])), "{sign}");
    }
    assert_eq!(sheet.value("sign_band"), "strong");
    assert!(sheet.trace().contains(&"signs_no_decision"), "and it still decides nothing");
}

#[test]
fn warning_signs_of_each_advert_are_its_own() {
    let desk = desk();
    let mut sheet = desk.fill(&[("kind", "advert")]);
    sheet.answer_in("adverts", 0, "flag_passport", "yes");
    sheet.answer_in("adverts", 0, "flag_hurry", "yes");
    sheet.answer_in("adverts", 1, "flag_hurry", "unclear");
    let of = |row: usize, name: &str| {
        sheet.filling.value(desk.plan().outline().named(name).expect("a name"), &[row])
    };
    assert_eq!((of(0, "flag_score"), of(0, "flag_open")), ("4".to_owned(), "6".to_owned()));
    assert_eq!((of(1, "flag_score"), of(1, "flag_open")), ("0".to_owned(), "8".to_owned()));
}

#[test]
fn a_mark_on_the_map_is_asked_only_where_one_is_wanted() {
    let desk = desk();
    let shows =
        |answers: &[(&str, &str)]| desk.fill(answers).shown().iter().any(|row| row.name() == "place_geo");
    assert!(shows(&[("kind", "people"), ("place_blur", "km1")]));
    assert!(!shows(&[("kind", "people"), ("place_blur", "area")]));
    assert!(!shows(&[("kind", "nothing_seen")]));
    let desk_defaults = &desk.tables;
    assert_eq!(desk_defaults.row("place_blur").get("default"), "km1");
}

#[test]
fn counts_are_checked_and_nothing_counted_is_not_zero() {
    let desk = desk();
    let sheet = desk.fill(&[("kind", "flow_count"), ("flow_women", "0")]);
    assert_eq!(
        (sheet.value("flow_women"), sheet.value("flow_unaccompanied")),
        ("0".to_owned(), String::new())
    );
    assert!(!desk.fill(&[("kind", "flow_count"), ("flow_men", "-1")]).is_valid("flow_men"));
    let group = [("kind", "people"), ("grp_size", "4")];
    let with = |adults: &str| {
        let answers: Vec<(&str, &str)> = group.iter().copied().chain([("grp_adults", adults)]).collect();
        desk.fill(&answers).is_valid("grp_adults")
    };
    assert!(with("4") && !with("5"));
    let ends = |end: &str| {
        let answers =
            [("kind", "people"), ("observed_start", "2026-11-22T10:00:00.000+05:00"), ("observed_end", end)];
        desk.fill(&answers).is_valid("observed_end")
    };
    assert!(ends("2026-11-22T10:30:00.000+05:00") && !ends("2026-11-22T09:30:00.000+05:00"));
}
