//! A day's work without a network, and the evening when it comes back.

use std::fs;

use super::begin::text;
use super::{Stage, Who, expect};
use crate::cases::{Case, Script, case, table};
use crate::trouble::Trouble;

/// Cases that each device types one by one; the others come from tables.
const TYPED: u64 = 3;

/// Everybody writes while the server is off; tells how many cases were corrected on the day they were written.
pub(super) fn work(stage: &mut Stage) -> Result<u64, Trouble> {
    stage.story.chapter("A day without a network");
    stage.story.say(
        "The server is switched off in the middle of everything, as by a power cut. The field devices go on: they \
         take in tables of cases, one device in English and Spanish, one in Russian, Tajik and Ukrainian, one in \
         Arabic, write some more by hand and correct a few. Everything is saved, encrypted, when the command \
         returns.",
    );
    stage.server.cut_off();
    let folder = stage.folder.join("cases");
    fs::create_dir_all(&folder).map_err(|error| Trouble::at(&folder, error))?;
    let cases: Vec<Case> = (0..stage.cases).map(|number| case(stage.seed, number)).collect();
    let (mut written, mut corrected) = (0, 0);
    for (number, script) in Script::ALL.into_iter().enumerate() {
        let own: Vec<&Case> = cases.iter().filter(|case| case.script == script).collect();
        let by_hand = own.len().saturating_sub(usize::try_from(TYPED).unwrap_or(0));
        let (batch, typed) = own.split_at(by_hand);
        written += import(stage, Who::Field(number), script, batch)?;
        corrected += type_in(stage, Who::Field(number), script, typed)?;
    }
    written += corrected;
    expect(written == stage.cases, || format!("{written} cases were written instead of {}", stage.cases))?;
    let offline = stage.office.fails(&["sync"], "offline", 5)?;
    stage.story.typed(&stage.office, &["sync"]);
    stage.story.note(&format!("{} (exit status 5)", text(&offline["message"])));
    stage.story.note(&text(&offline["hint"]));
    Ok(corrected)
}

/// Takes in a table, with the map that Cairn itself proposes for it.
fn import(stage: &Stage, who: Who, script: Script, batch: &[&Case]) -> Result<u64, Trouble> {
    let device = who.of(stage);
    let file = |ending: &str| stage.folder.join("cases").join(format!("{}.{ending}", script.name()));
    let (csv, map) = (file("csv"), file("toml"));
    fs::write(&csv, table::csv(batch)).map_err(|error| Trouble::at(&csv, error))?;
    let (csv, map_name) = (csv.to_string_lossy(), map.to_string_lossy());
    let proposed = device.json(&["import", &csv, "--make-map"])?;
    fs::write(&map, text(&proposed["map"])).map_err(|error| Trouble::at(&map, error))?;
    let import = ["import", &csv, "--map", &map_name];
    let taken = device.json(&import)?;
    stage.story.typed(device, &import);
    let rows = batch.len() as u64;
    stage.story.note(&format!("{} cases taken, {} refused", taken["taken"], taken["refused"]));
    expect(taken["taken"] == rows && taken["refused"] == 0, || {
        format!("{rows} rows should be taken: {taken}")
    })?;
    Ok(rows)
}

/// Writes some cases by hand and corrects each.
fn type_in(stage: &Stage, who: Who, script: Script, typed: &[&Case]) -> Result<u64, Trouble> {
    let device = who.of(stage);
    for (number, case) in (1..).zip(typed) {
        let file = stage.folder.join("cases").join(format!("{}-{number}.json", script.name()));
        let answers = serde_json::Value::Object(case.answers.clone()).to_string();
        fs::write(&file, answers).map_err(|error| Trouble::at(&file, error))?;
        let file = file.to_string_lossy();
        let new = ["record", "new", "--file", &file];
        let record = text(&device.json(&new)?["handle"]);
        let edit = [
            "record",
            "edit",
            &record,
            "--set",
            "cas_Status=FollowUp",
            "--set",
            "prs_MailingPostalCode=00001",
        ];
        let edited = device.json(&edit)?;
        if number == 1 {
            stage.story.typed(device, &new);
            stage.story.note(&format!("saved {record}; {} like it", typed.len().saturating_sub(1)));
            stage.story.typed(device, &edit);
        }
        expect(edited["changed"] == true, || format!("the correction of {record} changed nothing"))?;
    }
    Ok(typed.len() as u64)
}

/// Everybody syncs until all hold the same; `corrected` cases travel twice.
pub(super) fn level(stage: &mut Stage, corrected: u64) -> Result<(), Trouble> {
    stage.story.chapter("The network comes back");
    stage.story.say(
        "The server starts again where it stood; nothing it had confirmed is lost. Each device seals its day's \
         work into a few segments and sends them; then it takes in what the others wrote. Two rounds and all four \
         hold the same, the last round finds nothing new and costs next to nothing.",
    );
    stage.server.again()?;
    let mut sent = 0;
    for number in 0..stage.field.len() {
        let who = Who::Field(number);
        let name = who.of(stage).name().to_owned();
        sent += stage.sync(who, &format!("{name}: the day's work"))?.records_up();
    }
    // Each was corrected after the vault had been locked: what was typed and what it became are in two segments.
    let due = stage.cases + corrected;
    expect(sent == due, || format!("{sent} records were sent instead of {due}"))?;
    stage.sync_all("what the others wrote")?;
    for device in stage.devices() {
        let records = device.records()? as u64;
        expect(records == stage.cases, || format!("{} holds {records} records", device.name()))?;
    }
    stage.story.say(&format!("All four devices hold {} records.", stage.cases));
    Ok(())
}
