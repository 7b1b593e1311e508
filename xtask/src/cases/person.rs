//! Who a case is about.

use super::Draft;
use super::canary::Name;
use super::random::Random;

/// Answers about the person. Without consent only what is coded is written down.
pub(super) fn describe(draft: &mut Draft, consent: bool, planted: Option<Name>) {
    let gender = draft.random.weighted(&[
        ("Feminine", 58),
        ("Masculine", 36),
        ("TransgenderFeminine", 1),
        ("TransgenderMasculine", 1),
        ("NonConforming", 1),
        ("NonSpecifiedUnknown", 3),
    ]);
    draft.answer("prs_Gender", gender);
    let common = draft.language.citizenships;
    draft.maybe(97, "prs_Citizenship", |draft| draft.random.word(common).into());
    if consent {
        name(draft, gender == "Masculine", planted);
        draft.maybe(85, "prs_Birthdate", |draft| birthdate(draft).into());
        reach(draft);
    }
}

fn name(draft: &mut Draft, is_man: bool, planted: Option<Name>) {
    let language = draft.language;
    let (madam, sir) = language.salutations;
    draft.maybe(30, "prs_Salutation", |_| if is_man { sir } else { madam }.into());
    let given = invented(&mut draft.random, language.syllables);
    let at = usize::try_from(draft.random.below(language.surnames.len() as u64)).unwrap_or(0);
    let (hers, his) = language.surnames.get(at).copied().unwrap_or_default();
    let (given, surname) = match planted {
        Some((given, surname)) => (given.to_owned(), surname),
        None => (given, if is_man { his } else { hers }),
    };
    draft.answer("prs_First_Name", given);
    if planted.is_some() || draft.random.chance(90) {
        draft.answer("prs_Second_Name", surname);
    }
}

fn invented(random: &mut Random, syllables: &[&'static str]) -> String {
    let word: String = (0..random.between(2, 4)).map(|_| random.word(syllables)).collect();
    let mut letters = word.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

fn birthdate(draft: &mut Draft) -> String {
    let years = match draft.random.below(100) {
        0..15 => (2009, 2018),
        15..70 => (1991, 2008),
        70..93 => (1971, 1990),
        _ => (1950, 1970),
    };
    draft.date(years)
}

/// How to reach the person: reserved names and numbers only (RFC 2606; no country has the code 000).
fn reach(draft: &mut Draft) {
    let phone = |draft: &mut Draft| format!("+000 {:09}", draft.random.below(1_000_000_000)).into();
    draft.maybe(20, "prs_Email", |draft| {
        format!("case{:06}@example.org", draft.random.below(1_000_000)).into()
    });
    draft.maybe(12, "prs_HomePhone", phone);
    draft.maybe(60, "prs_MobilePhone", phone);
    let language = draft.language;
    draft.maybe(70, "prs_MailingCity", |draft| draft.random.word(language.places).into());
    draft.maybe(60, "prs_MailingCountry", |_| language.country.into());
    draft.maybe(40, "prs_MailingState", |draft| draft.random.word(language.states).into());
    draft.maybe(45, "prs_MailingStreet", |draft| {
        let house = draft.random.between(1, 140);
        format!("{} {}", draft.random.word(language.streets), language.number(house)).into()
    });
    draft.maybe(25, "prs_MailingPostalCode", |draft| format!("{:05}", draft.random.below(100_000)).into());
}
