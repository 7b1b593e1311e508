//! `cairn device …`: who belongs to the workspace.

use clap::Subcommand;
use serde_json::{Value, json};

use crate::door::Door;
use crate::out::Said;
use crate::trouble::Trouble;
use crate::words::{ended, line};

/// Shows who belongs to the workspace.
#[derive(Debug, Subcommand)]
pub(crate) enum Device {
    /// Lists every device, in the order they came
    List,
}

impl Device {
    pub(crate) fn run(self, door: &Door) -> Result<Said, Trouble> {
        let vault = door.open()?;
        let devices = vault.devices()?;
        vault.lock()?;
        let mut text = String::new();
        for device in &devices {
            let name = device.name.as_deref().unwrap_or("(name not yet known)");
            let this = if device.is_this { "  (this device)" } else { "" };
            line!(text, "{}  {:<11}  {name}{this}", device.id.short(), device.role.name());
        }
        let each = devices.iter().map(|device| {
            json!({
                "id": device.id.to_string(),
                "name": device.name,
                "role": device.role.name(),
                "since": device.since,
                "this": device.is_this,
            })
        });
        Ok(Said::new(ended(text), json!({ "devices": each.collect::<Value>() })))
    }
}
