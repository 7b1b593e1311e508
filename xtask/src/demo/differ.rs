//! Two people change the same case while neither sees the other.

use std::collections::BTreeSet;

use serde_json::Value;

use super::begin::text;
use super::{Stage, Who, expect};
use crate::trouble::Trouble;

const STATUS: &str = "cas_Status";
const CONTROL: &str = "vic_Methods_of_Control";

/// Two devices write into three cases before either syncs.
pub(super) fn write(stage: &mut Stage) -> Result<(), Trouble> {
    stage.story.chapter("Two people change the same case");
    stage.story.say(
        "Field 1 and field 2 are out again, each without a network, and both take up the same three cases. In the \
         first they give different answers to one question. In the second they answer different questions. In the \
         third each ticks one more box of the same question.",
    );
    let [first, second] = [Who::Field(0), Who::Field(1)];
    let [torn, apart, boxes] = three_cases(stage)?;
    let was = text(&stage.office.answers(&torn)?[STATUS]);
    let mut others =
        ["Active", "FollowUp", "Closed", "ClosedReferred"].into_iter().filter(|status| *status != was);
    let (hers, his) = (others.next().unwrap_or_default(), others.next().unwrap_or_default());
    edit(stage, first, &torn, STATUS, hers)?;
    edit(stage, second, &torn, STATUS, his)?;
    edit(stage, first, &apart, "prs_MailingCity", "Example-on-Sea")?;
    edit(stage, second, &apart, "cas_ReferringOrganisation", "Пример")?;
    let ticked = choices(&stage.office.answers(&boxes)?[CONTROL]);
    let mut free = ["FalsePromises", "DebtBondage", "TakesEarnings", "WithholdsDocuments", "PhysicalThreats"]
        .into_iter()
        .filter(|choice| !ticked.contains(*choice));
    let (one, other) = (free.next().unwrap_or_default(), free.next().unwrap_or_default());
    let with = |choice: &str| {
        let all: Vec<&str> = ticked.iter().map(String::as_str).chain([choice]).collect();
        all.join(";")
    };
    edit(stage, first, &boxes, CONTROL, &with(one))?;
    edit(stage, second, &boxes, CONTROL, &with(other))?;
    stage.sync_all("both versions meet")?;

    let mut wanted = ticked;
    wanted.extend([one.to_owned(), other.to_owned()]);
    for device in stage.devices() {
        let name = device.name();
        let merged = device.answers(&apart)?;
        expect(
            merged["prs_MailingCity"] == "Example-on-Sea" && merged["cas_ReferringOrganisation"] == "Пример",
            || format!("{name} lost one of two answers to different questions"),
        )?;
        let boxes = choices(&device.answers(&boxes)?[CONTROL]);
        expect(boxes == wanted, || format!("{name} should have every box that anybody ticked"))?;
        let conflicts = device.conflicts()?;
        let one =
            matches!(conflicts.as_slice(), [one] if one["handle"] == torn.as_str() && one["field"] == STATUS);
        expect(one, || format!("{name} should list one unsettled answer: {}", conflicts.len()))?;
        let both = conflicts.iter().flat_map(|one| one["values"].as_array().into_iter().flatten());
        let both: BTreeSet<String> = both.map(|value| text(&value["answer"])).collect();
        expect(both == BTreeSet::from([hers.to_owned(), his.to_owned()]), || {
            format!("{name} lost an answer")
        })?;
    }
    stage.story.say(
        "Answers to different questions stand side by side, and every ticked box is kept. The two answers to one \
         question are both kept too: nobody is silently overwritten. Every device lists what is not settled.",
    );
    Ok(())
}

/// The office settles it for everybody.
pub(super) fn settle(stage: &mut Stage) -> Result<(), Trouble> {
    stage.story.chapter("The office settles it");
    let conflicts = stage.office.conflicts()?;
    stage.story.typed(&stage.office, &["conflict", "list"]);
    let Some(conflict) = conflicts.first() else { return Err(Trouble("there is no conflict".to_owned())) };
    let (record, field) = (text(&conflict["handle"]), text(&conflict["field"]));
    stage.story.note(&format!("{record}  {field}"));
    for value in conflict["values"].as_array().into_iter().flatten() {
        stage.story.note(&format!(
            "  {}  {}  ({})",
            value["pick"],
            text(&value["answer"]),
            text(&value["by"]["name"])
        ));
    }
    let picked = text(&conflict["values"][1]["answer"]);
    let settle = ["conflict", "settle", &record, &field, "--pick", "2"];
    stage.office.json(&settle)?;
    stage.story.typed(&stage.office, &settle);
    stage.sync(Who::Office, "office: the settled answer")?;
    stage.sync_all("the settled answer")?;
    for device in stage.devices() {
        let left = device.conflicts()?.len();
        expect(left == 0, || format!("{} still lists {left} unsettled answers", device.name()))?;
        let stands = text(&device.answers(&record)?[&field]);
        expect(stands == picked, || {
            format!("{} shows another answer than the one that was picked", device.name())
        })?;
    }
    stage.story.say(&format!(
        "Every device now shows {picked}, and nothing is unsettled. The history keeps it all:"
    ));
    let third = Who::Field(2).of(stage);
    let history = third.json(&["record", "history", &record, "--field", &field])?;
    stage.story.typed(third, &["record", "history", &record, "--field", &field]);
    let past: Vec<&Value> = history["history"].as_array().into_iter().flatten().collect();
    for one in &past {
        let before =
            if one["before"].is_null() { String::new() } else { format!("{} -> ", text(&one["before"])) };
        stage.story.note(&format!("{:8} {before}{}", text(&one["by"]["name"]), text(&one["answer"])));
    }
    let authors: BTreeSet<String> = past.iter().map(|one| text(&one["by"]["name"])).collect();
    let all = ["field 1", "field 2", "office"].iter().all(|name| authors.contains(*name));
    expect(past.len() >= 4 && all, || format!("the history should name everybody who answered: {authors:?}"))
}

fn edit(stage: &Stage, who: Who, record: &str, field: &str, value: &str) -> Result<(), Trouble> {
    let device = who.of(stage);
    let set = format!("{field}={value}");
    let edit = ["record", "edit", record, "--set", &set];
    let said = device.json(&edit)?;
    stage.story.typed(device, &edit);
    expect(said["changed"] == true, || format!("the edit of {field} in {record} changed nothing"))
}

/// Three cases that tell what the chapter needs.
fn three_cases(stage: &Stage) -> Result<[String; 3], Trouble> {
    let listed = stage.office.json(&["record", "list", "--limit", "100"])?;
    let mut fit = Vec::new();
    for listed in listed["records"].as_array().into_iter().flatten() {
        let handle = text(&listed["handle"]);
        let answers = stage.office.answers(&handle)?;
        let ticked = choices(&answers[CONTROL]).len();
        if answers[STATUS].is_string() && (1..4).contains(&ticked) {
            fit.push(handle);
        }
        if let [first, second, third] = fit.as_slice() {
            return Ok([first.clone(), second.clone(), third.clone()]);
        }
    }
    Err(Trouble("no three cases fit this chapter".to_owned()))
}

fn choices(answer: &Value) -> BTreeSet<String> {
    answer.as_array().into_iter().flatten().map(text).collect()
}
