//! `cairn form hand-out` and `cairn form take`: forms for a device that reads nothing.

use std::fs;
use std::path::Path;

use serde_json::json;

use super::super::device;
use crate::door::Door;
use crate::out::Said;
use crate::pick;
use crate::trouble::Trouble;
use crate::words::{count, ended, line};

/// A handout is never larger, in MiB.
const MOST: u64 = 64;

pub(super) fn make(door: &Door, device: &str, out: &Path) -> Result<Said, Trouble> {
    let vault = door.open()?;
    let device = device::find(&vault, device)?;
    let bytes = vault.make_handout(&device.id)?;
    vault.lock()?;
    fs::write(out, &bytes).map_err(Trouble::file(out))?;
    let mut text = String::new();
    line!(text, "Wrote {} for {} {}.", out.display(), device.id.short(), device::name(&device));
    line!(text, "Bring it there by any road, since nobody else can open it, and run `cairn form take FILE`.");
    let json = json!({ "device": device.id.to_string(), "out": out.display().to_string() });
    Ok(Said::new(ended(text), json))
}

pub(super) fn take(door: &Door, file: &Path) -> Result<Said, Trouble> {
    let bytes = pick::whole(file, MOST)?;
    let mut vault = door.open()?;
    let taken = vault.take_handout(&bytes)?;
    vault.lock()?;
    let (forms, circles) = (count(taken.forms, "new form"), count(taken.circles, "circle"));
    let text = format!("Took in {forms}, and what {circles} may hold.");
    Ok(Said::new(text, json!({ "forms": taken.forms, "circles": taken.circles })))
}
