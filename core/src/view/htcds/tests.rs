use std::collections::BTreeSet;
use std::path::PathBuf;

use cairn_wire::id::{ChainId, DocumentId, RecordId};

use super::*;
use crate::form::xlsform::read_tables;
use crate::form::{Answer, Answers, Form, Missing};
use crate::view::RecordView;

pub(in crate::view) fn form() -> Form {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../forms/victim-support");
    read_tables("victim-support", &|name| std::fs::read(folder.join(name)).ok()).expect("the form").form
}

pub(in crate::view) fn text(text: &str) -> Answer {
    Answer::Text(text.to_owned())
}

pub(in crate::view) fn choices(names: &[&str]) -> Answer {
    Answer::Choices(names.iter().map(|name| (*name).to_owned()).collect())
}

pub(in crate::view) fn record(answers: &[(&str, Answer)]) -> RecordView {
    let answers: Answers = answers.iter().map(|(key, answer)| ((*key).to_owned(), answer.clone())).collect();
    RecordView {
        elsewhere: BTreeSet::new(),
        shared: Vec::new(),
        id: RecordId(DocumentId::of(ChainId([0xab; 16]), 17).0),
        form: "victim-support".to_owned(),
        version: "1".to_owned(),
        title: String::new(),
        answers: form().with_rows(answers),
        left: Vec::new(),
        conflicts: Vec::new(),
        changed: 1_763_757_000,
    }
}

/// Row identifiers: the first, the second and the third row of a repeat.
const ONE: &str = "0000000000000001";
const TWO: &str = "0001000000000002";

fn key(name: &str, row: &str) -> String {
    format!("{name}#{row}")
}

/// Cells by heading, and what was left behind.
fn leave(record: &RecordView) -> (Vec<(String, String)>, Left) {
    let (htcds, mut left) = (Htcds::new(), Left::default());
    let cells = htcds.cells(&form(), record, &mut left);
    let named = htcds.headings().into_iter().map(str::to_owned).zip(cells);
    (named.filter(|(_, cell)| !cell.is_empty()).collect(), left)
}

fn enter(cells: &[(&str, &str)]) -> (Answers, Left) {
    let (mut left, mut dice) = (Left::default(), 0_u64);
    let mut random = || {
        dice += 1;
        dice << 16
    };
    let answers = entered(&Htcds::new(), &form(), cells, &mut random, &mut left);
    (answers, left)
}

fn names(left: &Left) -> Vec<&str> {
    left.all().map(|(name, _, _)| name).collect()
}

/// A case that says everything the standard has a place for, and nothing else.
fn full() -> RecordView {
    let key = |name: &str| key(name, ONE);
    let said = [
        ("given_name".to_owned(), text("Test")),
        ("middle_name".to_owned(), text("T")),
        ("family_name".to_owned(), text("Example")),
        ("birthdate".to_owned(), text("1999-05-06")),
        ("gender".to_owned(), text("Feminine")),
        ("deceased".to_owned(), text("yes")),
        ("marital_status".to_owned(), text("Widowed")),
        ("children_count".to_owned(), Answer::Integer(2)),
        ("education".to_owned(), text("PrimaryEducation")),
        ("citizenship".to_owned(), choices(&["NA", "TJ"])),
        ("screen_outcome".to_owned(), text("ActualVictimOfTrafficking")),
        ("screen_decided_by".to_owned(), text("NGO")),
        ("age_at_entry".to_owned(), Answer::Integer(17)),
        ("rec_method".to_owned(), choices(&["AtWork", "Other"])),
        ("rec_platforms".to_owned(), choices(&["Facebook", "Other"])),
        ("rec_relationship".to_owned(), choices(&["Family"])),
        ("expl_control".to_owned(), choices(&["DebtBondage", "WithholdsDocuments"])),
        ("expl_types".to_owned(), choices(&["ForcedLabour"])),
        ("expl_industry".to_owned(), choices(&["F_Construction"])),
        ("expl_sex_types".to_owned(), choices(&["Pornography"])),
        ("expl_platforms".to_owned(), choices(&["TikTok"])),
        ("status".to_owned(), text("FollowUp")),
        ("closure_details".to_owned(), text("moved")),
        (key("spoken_language"), text("tg")),
        (key("home_country"), text("TJ")),
        (key("ep_country"), text("RU")),
        (key("ep_area"), text("Region")),
        (key("ep_from"), text("2024-01-02")),
        (key("ep_type"), text("Exploitation")),
        (key("plan_objective"), text("a room")),
        (key("plan_action"), text("look for one")),
        (key("plan_due"), text("2026-12-01")),
        (key("plan_done"), text("2026-11-01")),
        (key("plan_kind"), text("SocialCare")),
        (key("ref_direction"), text("Out")),
        (key("ref_org"), text("Organisation A")),
        (key("ref_date"), text("2026-10-01")),
        (key("ref_reason"), text("AdditionalServicesRequired")),
        (key("ref_details"), text("a bed")),
    ];
    let said: Vec<(&str, Answer)> = said.iter().map(|(key, answer)| (key.as_str(), answer.clone())).collect();
    record(&said)
}

/// Answers without regard to which row of its repeat they stand in.
fn without_rows(answers: &Answers) -> Vec<(String, String)> {
    let bare = answers.iter().filter(|(key, _)| !key.starts_with('#'));
    bare.map(|(key, answer)| {
        (key.split('#').next().unwrap_or_default().to_owned(), answer.to_json().to_string())
    })
    .collect()
}

#[test]
fn the_table_is_read_whole() {
    let htcds = Htcds::new();
    assert_eq!(htcds.headings().len(), 83);
    let lines = include_str!("../../../../forms/htcds.csv").lines().count() - 1;
    let read: usize = htcds.columns.iter().map(|column| 1 + column.codes.len()).sum();
    assert_eq!(read, lines);
}

#[test]
fn what_the_standard_has_a_place_for_goes_out_and_comes_back() {
    let record = full();
    let (cells, left) = leave(&record);
    assert!(left.is_empty(), "{left:?}");
    let cells: Vec<(&str, &str)> = cells.iter().map(|(name, cell)| (name.as_str(), cell.as_str())).collect();
    let (answers, left) = enter(&cells);
    assert!(left.is_empty(), "{left:?}");
    assert_eq!(without_rows(&answers), without_rows(&record.answers));
    let faults = form().check(&answers);
    assert!(faults.is_empty(), "{faults:?}");

    // The control: one answer more that has no place is told.
    let mut more = full();
    more.answers.insert("intake_place".to_owned(), text("a town"));
    assert_eq!(names(&leave(&more).1), ["intake_place"]);
}

#[test]
fn what_must_stay_stays_and_is_told() {
    let said = [
        (key("link_entity", ONE), text("Canary")),
        (key("contact_kind", ONE), text("Phone")),
        (key("contact_value", ONE), text("+992 00 CANARY")),
        (key("stay_address", ONE), text("Canary street")),
        (key("ep_narrative", ONE), Answer::Narrative("canary".to_owned())),
        (key("home_address", ONE), text("canary")),
        ("owner_worker".to_owned(), text("canary")),
        ("children_whereabouts".to_owned(), text("canary")),
    ];
    let said: Vec<(&str, Answer)> = said.iter().map(|(key, answer)| (key.as_str(), answer.clone())).collect();
    let (cells, left) = leave(&record(&said));
    assert!(cells.is_empty(), "{cells:?}");
    assert_eq!(
        names(&left),
        [
            "children_whereabouts",
            "contact_kind",
            "contact_value",
            "ep_narrative",
            "home_address",
            "link_entity",
            "owner_worker",
            "stay_address"
        ]
    );
    assert!(left.all().all(|(_, loss, _)| !loss.to_string().to_lowercase().contains("canary")));
}

#[test]
fn of_several_rows_the_newest_leaves_and_the_rest_is_told() {
    let said = [
        (key("ref_direction", ONE), text("Out")),
        (key("ref_org", ONE), text("Organisation A")),
        (key("ref_direction", TWO), text("Out")),
        (key("ref_org", TWO), text("Organisation B")),
    ];
    let said: Vec<(&str, Answer)> = said.iter().map(|(key, answer)| (key.as_str(), answer.clone())).collect();
    let (cells, left) = leave(&record(&said));
    assert_eq!(cells, [("cas_ReferredOrganisation".to_owned(), "Organisation B".to_owned())]);
    let all: Vec<(&str, &Loss, u64)> = left.all().collect();
    assert!(all.contains(&("ref_org", &Loss::OneOnly, 1)), "{all:?}");
}

#[test]
fn codes_that_the_other_side_lacks_become_the_nearest_or_are_told() {
    let said = [
        ("rec_platforms", choices(&["VK", "Imo", "Telegram"])),
        ("expl_control", choices(&["RestrictsMovement"])),
        ("screen_outcome", text("PresumedVictimOfTrafficking")),
        ("gender", Answer::Missing(Missing::Declined)),
    ];
    let (cells, left) = leave(&record(&said));
    let cells: Vec<(&str, &str)> = cells.iter().map(|(name, cell)| (name.as_str(), cell.as_str())).collect();
    assert_eq!(
        cells,
        [
            ("vic_TraffickingStatus", "PossibleVictimOfTrafficking"),
            ("vic_RecruitmentWebsitesAndApps", "Other Telegram"),
            ("vic_MethodsOfControl", "Other"),
        ]
    );
    assert_eq!(left.all().collect::<Vec<_>>(), [("gender", &Loss::NoWord, 1)]);
    let escape = key("ep_type", ONE);
    let (cells, left) = leave(&record(&[(&escape, text("Escape"))]));
    assert!(cells.is_empty());
    assert_eq!(left.all().collect::<Vec<_>>(), [("ep_type", &Loss::NoCode, 1)]);
}

#[test]
fn a_table_of_ioms_own_form_comes_in() {
    let (answers, left) = enter(&[
        ("con_Consent", "TRUE"),
        ("prs_First_Name", "Test"),
        ("prs_HomePhone", "+992 00 000 00 00"),
        ("prs_MobilePhone", "+992 11 000 00 00"),
        ("prs_MailingStreet", "Street 1"),
        ("prs_MailingCity", "Town"),
        ("vic_Methods_of_Control", "DebtBondage  PhysicalThreats"),
        ("cas_ReferringOrganisation", "Organisation A"),
        ("cas_IncomingReferralDate", "2026-01-02"),
        ("prs_Title", "cook"),
        ("_submission_time", "2026-11-22"),
    ]);
    let said = without_rows(&answers);
    let has = |name: &str, json: &str| said.contains(&(name.to_owned(), json.to_owned()));
    assert!(has("consent_purpose", r#""Services""#) && has("consent_given", r#""Yes""#), "{said:?}");
    assert!(has("given_name", r#""Test""#));
    assert_eq!(said.iter().filter(|(name, _)| name == "contact_value").count(), 2);
    assert!(!said.iter().any(|(name, _)| name == "contact_safe"), "nobody said that it is safe");
    assert!(has("home_address", r#""Town, Street 1""#), "{said:?}");
    assert!(has("expl_control", r#"["DebtBondage","PhysicalThreats"]"#));
    assert!(has("ref_direction", r#""In""#) && has("ref_date", r#""2026-01-02""#));
    assert_eq!(names(&left), ["_submission_time", "prs_Title"]);
    assert!(form().check(&answers).is_empty(), "{:?}", form().check(&answers));
}

/// A box that is not ticked does not tell no from not asked.
#[test]
fn an_unticked_box_is_no_answer() {
    let (answers, left) = enter(&[("con_Consent", "FALSE"), ("prs_Deceased", "false")]);
    assert!(answers.is_empty(), "{answers:?}");
    assert_eq!(names(&left), ["con_Consent", "prs_Deceased"]);
}

#[test]
fn what_does_not_fit_is_told_and_harms_nothing_else() {
    let (answers, left) = enter(&[
        ("prs_Birthdate", "yesterday"),
        ("prs_Gender", "Unheard of"),
        ("vic_TypeOfExploitation", "ForcedLabour Nonsense"),
        ("prs_NumberOfChildren", "two"),
        ("prs_SecondName", "Example"),
    ]);
    let said = without_rows(&answers);
    assert_eq!(said.len(), 2, "{said:?}");
    assert_eq!(
        left.all().collect::<Vec<_>>(),
        [
            ("prs_Birthdate", &Loss::NoFit, 1),
            ("prs_Gender", &Loss::NoCode, 1),
            ("prs_NumberOfChildren", &Loss::NoFit, 1),
            ("vic_TypeOfExploitation", &Loss::NoCode, 1),
        ]
    );
}

/// Losses are counted by record, not by cell.
#[test]
fn a_report_counts_records() {
    let (htcds, form, mut left) = (Htcds::new(), form(), Left::default());
    let (one, two) = (key("need_kind", ONE), key("need_kind", TWO));
    for _ in 0..3 {
        htcds.cells(&form, &record(&[(&one, text("Food")), (&two, text("Money"))]), &mut left);
    }
    assert_eq!(left.all().collect::<Vec<_>>(), [("need_kind", &Loss::NoColumn, 3)]);
}
