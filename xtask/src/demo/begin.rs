//! A server, a workspace, a form, and three devices that join.

use std::path::Path;

use super::{Programs, Server, Stage, Story, Who, expect};
use crate::trouble::Trouble;

/// Starts the server.
pub(super) fn serve(story: &mut Story, programs: &Programs, folder: &Path) -> Result<Server, Trouble> {
    story.chapter("A server that cannot read");
    story.say(
        "Somebody with a small machine runs the server. It keeps sealed segments in order and hands them out. It \
         holds no key to what is in them, so it can be rented anywhere, stolen or seized, and gives nothing away. \
         Devices know it by its pin and talk to no other.",
    );
    let server = Server::start(&programs.server, folder)?;
    story.command("cairn-server serve", &["--data", "server", "--listen", "127.0.0.1:0"]);
    story.note("listening on a free port of this machine");
    Ok(server)
}

/// The office begins a workspace and publishes the form.
pub(super) fn workspace(stage: &mut Stage, root: &Path) -> Result<(), Trouble> {
    stage.story.chapter("The office begins a workspace");
    stage.story.say(
        "The coordinator's laptop makes the keys of the workspace. They never leave the devices that belong to \
         it. The form is the Human Trafficking Case Data Standard as the International Organization for Migration \
         publishes it for XLSForm tools; it travels sealed like everything else.",
    );
    let init = ["init", "--server", stage.server.address(), "--pin", stage.server.pin(), "--name", "office"];
    stage.office.json(&init)?;
    stage.story.typed(
        &stage.office,
        &["init", "--server", stage.server.address(), "--pin", "…", "--name", "office"],
    );
    let form = root.join("tests/fixtures/htcds/htcds_xlsform.xlsx");
    let added = stage.office.json(&["form", "add", &form.to_string_lossy()])?;
    stage.story.typed(&stage.office, &["form", "add", "htcds_xlsform.xlsx"]);
    stage.story.note(&format!("{} questions", added["questions"]));
    expect(added["new"] == true, || "the form was there already".to_owned())?;
    stage.sync(Who::Office, "office: workspace and form")?;
    Ok(())
}

/// Each field device joins with an invitation of its own.
pub(super) fn join(stage: &mut Stage) -> Result<(), Trouble> {
    stage.story.chapter("Three field devices join");
    stage.story.say(
        "An invitation is a short text or a code to scan, for one device and for a limited time. The newcomer \
         knocks with it, the office lets it in at its next sync, and with that the newcomer gets the keys, sealed \
         for it alone.",
    );
    for number in 0..stage.field.len() {
        let who = Who::Field(number);
        let invited = stage.office.json(&["invite", "--role", "field"])?;
        stage.story.typed(&stage.office, &["invite", "--role", "field"]);
        let invitation = invited["invitation"].as_str().unwrap_or_default().to_owned();
        let device = who.of(stage);
        let join = ["join", &invitation, "--name", device.name()];
        let asked = device.json(&join)?;
        stage.story.typed(device, &join);
        expect(asked["state"] == "waiting", || {
            format!("{} should wait to be let in: {asked}", device.name())
        })?;
        stage.story.note("waits to be let in");
        let name = device.name().to_owned();
        stage.sync(Who::Office, &format!("office: lets {name} in"))?;
        stage.sync(who, &format!("{name}: first sync"))?;
    }
    let form = stage.field.iter().map(|device| device.json(&["form", "list"]));
    for forms in form {
        let forms = forms?;
        expect(forms["forms"].as_array().is_some_and(|forms| forms.len() == 1), || {
            format!("a field device should have one form: {forms}")
        })?;
    }
    stage.sync_all("everybody knows everybody")?;
    let belong = stage.office.json(&["device", "list"])?;
    stage.story.typed(&stage.office, &["device", "list"]);
    for device in belong["devices"].as_array().into_iter().flatten() {
        stage.story.note(&format!("{}, {}", text(&device["name"]), text(&device["role"])));
    }
    Ok(())
}

/// A JSON text as it is read.
pub(super) fn text(value: &serde_json::Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}
