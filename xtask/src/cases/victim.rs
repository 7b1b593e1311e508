//! What happened, in codes only.

use serde_json::Value;

use super::Draft;

const RECRUITMENT: &[(&str, u64)] = &[
    ("ThroughFriendsOrSocialEvents", 26),
    ("ThroughOnlineSocialNetworks", 22),
    ("ThroughFamilyOrFamilyEvents", 18),
    ("ThroughAnOnlineAdvertisement", 14),
    ("AtWork", 8),
    ("AtAPlaceOfBusiness", 6),
    ("AtAnEducationalInstitution", 3),
    ("ThroughANewspaperAdvert", 2),
    ("ThroughATelevisionAdvert", 1),
    ("Other", 5),
];
const CONTROL: &[(&str, u64)] = &[
    ("FalsePromises", 16),
    ("TakesEarnings", 15),
    ("ExcessiveWorkingHours", 13),
    ("WithholdsDocuments", 13),
    ("DebtBondage", 12),
    ("PsychologicalAbuse", 12),
    ("RestrictsFinancialAccess", 9),
    ("ThreatsLawEnforcement", 8),
    ("PhysicalThreats", 8),
    ("WithholdsNecessities", 6),
    ("ThreatensChildrenFamily", 6),
    ("RestrictsMedicalCare", 5),
    ("PhysicalAbuse", 5),
    ("SexualAbuse", 2),
    ("PsychoactiveSubstance", 2),
    ("Other", 3),
];
const EXPLOITATION: &[(&str, u64)] = &[
    ("ForcedLabour", 46),
    ("SexualExploitation", 27),
    ("Servitude", 9),
    ("ForcedBegging", 6),
    ("ForcedMarriage", 4),
    ("ChildLabour", 3),
    ("ForcedMilitaryByNonStateActors", 1),
    ("Surrogacy", 1),
    ("Other", 4),
];
const INDUSTRY: &[(&str, u64)] = &[
    ("F_Construction", 25),
    ("A_AgricultureForestryAndFishing", 22),
    ("T_ActivitiesOfHouseholdsAsEmployers", 18),
    ("I_AccommodationAndFoodServiceActivities", 12),
    ("C_Manufacturing", 11),
    ("N_AdministrativeAndSupportServiceActivities", 5),
    ("H_TransportationAndStorage", 4),
    ("S_OtherServiceActivities", 4),
    ("B_MiningAndQuarrying", 2),
];
const SEX_EXPLOITATION: &[(&str, u64)] = &[
    ("Prostitution", 60),
    ("PrivateSexualServices", 20),
    ("RemoteInteractiveServices", 14),
    ("Pornography", 6),
];

/// Answers about recruitment, control and exploitation.
pub(super) fn describe(draft: &mut Draft) {
    let status = draft.random.weighted(&[
        ("PossibleVictimOfTrafficking", 38),
        ("ActualVictimOfTrafficking", 55),
        ("NotAVictimOfTrafficking", 7),
    ]);
    draft.answer("vic_TraffickingStatus", status);
    let deciders = [
        ("NGO", 60),
        ("Police", 20),
        ("NonPoliceGovernmentalOrganization", 12),
        ("CourtOrProsecution", 4),
        ("Other", 4),
    ];
    draft
        .maybe(80, "vic_TraffickingStatusDecisionMakingOrg", |draft| draft.random.weighted(&deciders).into());
    if status == "NotAVictimOfTrafficking" {
        return;
    }
    let places = draft.language.places;
    draft.maybe(75, "vic_MethodOfRecruitment", |draft| codes(draft.random.several(RECRUITMENT, 2)));
    draft.maybe(60, "vic_LocationOfRecruitment", |draft| draft.random.word(places).into());
    draft.maybe(85, "vic_Methods_of_Control", |draft| codes(draft.random.several(CONTROL, 6)));
    let exploitation = draft.random.several(EXPLOITATION, 2);
    if exploitation.iter().any(|kind| ["ForcedLabour", "ChildLabour", "Servitude"].contains(kind)) {
        draft.maybe(88, "vic_ForcedLabourIndustry", |draft| codes(draft.random.several(INDUSTRY, 2)));
    }
    if exploitation.contains(&"SexualExploitation") {
        draft
            .maybe(70, "vic_TypeOfSexExploitation", |draft| codes(draft.random.several(SEX_EXPLOITATION, 2)));
    }
    draft.answer("vic_TypeOfExploitation", codes(exploitation));
    draft.maybe(65, "vic_LocationOfExploitation", |draft| draft.random.word(places).into());
}

fn codes(chosen: Vec<&str>) -> Value {
    chosen.into_iter().collect()
}
