//! How the case came in, and what happens next.

use super::Draft;
use super::canary::Name;

/// Answers about case and referral.
pub(super) fn describe(draft: &mut Draft, planted: Option<Name>) {
    let status = [("Active", 46), ("FollowUp", 26), ("Closed", 18), ("ClosedReferred", 10)];
    let status = draft.random.weighted(&status);
    draft.answer("cas_Status", status);
    let language = draft.language;
    draft.maybe(85, "cas_ReferringOrganisation", |draft| draft.random.word(language.organisations).into());
    draft.maybe(90, "cas_IncomingReferralDate", |draft| draft.date((2024, 2026)).into());
    draft.maybe(80, "cas_ReferringPrimaryCaseWorker", |draft| {
        let worker = draft.random.between(1, 24);
        format!("{} {}", language.worker, language.number(worker)).into()
    });
    draft.maybe(90, "cas_ReasonForIncomingReferral", |draft| draft.random.word(language.reasons).into());
    if planted.is_some() || draft.random.chance(88) {
        let mut details = details(draft);
        if let Some((given, surname)) = planted {
            details.push_str(&format!(" ({given} {surname})"));
        }
        draft.answer("cas_IncomingReferralDetails", details);
    }
}

/// A few sentences, no two alike.
fn details(draft: &mut Draft) -> String {
    let mut sentences: Vec<String> = Vec::new();
    for _ in 0..draft.random.between(2, 7) {
        let language = draft.language;
        let sentence = draft.random.word(language.sentences);
        let number = draft.random.between(2, 28);
        let sentence = sentence
            .replace("{place}", draft.random.word(language.places))
            .replace("{number}", &language.number(number));
        if !sentences.contains(&sentence) {
            sentences.push(sentence);
        }
    }
    sentences.join(" ")
}
