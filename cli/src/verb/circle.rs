//! `cairn circle …`: who may see what.

use std::collections::BTreeSet;

use cairn_core::Vault;
use cairn_core::form::Part;
use cairn_core::vault::{CircleTerms, CircleView};
use clap::builder::PossibleValuesParser;
use clap::{Args, Subcommand};
use serde_json::{Value, json};

use super::device;
use super::sync::{numbers, report};
use crate::door::{Door, road};
use crate::out::Said;
use crate::trouble::Trouble;
use crate::words::{count, ended, line};

/// Decides who sees which parts of records, and looks after the keys they are sealed with.
#[derive(Debug, Subcommand)]
pub(crate) enum Circle {
    New(New),
    /// Lists the circles, what they hold and who is in them
    List,
    /// Lets a device into a circle, with all that was ever written there
    Grant {
        /// Its identifier as `device list` shows it, or its name
        #[arg(value_name = "DEVICE")]
        device: String,
        /// The circle's name or identifier
        #[arg(value_name = "CIRCLE")]
        circle: String,
        /// Only to hand in: it gets no key and reads nothing there, not even what it has handed in
        #[arg(long)]
        hand_in: bool,
    },
    /// Takes a device out of a circle: it gets nothing that is written there from now on
    Withdraw {
        /// Its identifier as `device list` shows it, or its name
        #[arg(value_name = "DEVICE")]
        device: String,
        /// The circle's name or identifier
        #[arg(value_name = "CIRCLE")]
        circle: String,
    },
    /// Gives every circle this device is in a new key, for everybody who belongs to it
    Renew,
}

/// Begins a circle
///
/// This device is alone in it until others are granted it. Parts that it takes over are no longer begun in
/// the circle where they were; what was written there before stays readable there.
#[derive(Debug, Args)]
pub(crate) struct New {
    /// What the circle is called; only who is in it learns that
    #[arg(value_name = "NAME")]
    name: String,
    /// A part of records that it is to hold
    #[arg(long, value_name = "PART", value_parser = parts())]
    part: Vec<String>,
    /// Whose records these are, where several teams keep theirs apart
    #[arg(long, value_name = "TEAM", default_value = "")]
    team: String,
    /// For copies of single records that people outside are to see
    #[arg(long, conflicts_with_all = ["part", "team"])]
    for_sharing: bool,
    /// For records of sealed forms: everybody who writes elsewhere hands in here, and only who is granted the
    /// circle reads
    #[arg(long, conflicts_with_all = ["part", "team", "for_sharing"])]
    sealed: bool,
}

/// The parts there are, as they are typed.
pub(super) fn parts() -> PossibleValuesParser {
    PossibleValuesParser::new(Part::ALL.map(Part::name))
}

/// The parts that were typed.
pub(super) fn typed(parts: &[String]) -> BTreeSet<Part> {
    parts.iter().filter_map(|name| Part::from_name(name)).collect()
}

/// Parts in a sentence.
pub(super) fn named<'a>(parts: impl IntoIterator<Item = &'a Part>) -> String {
    parts.into_iter().map(|part| part.name()).collect::<Vec<_>>().join(", ")
}

impl Circle {
    pub(crate) fn run(self, door: &Door) -> Result<Said, Trouble> {
        match self {
            Self::New(new) => new.run(door),
            Self::List => list(door),
            Self::Grant { device, circle, hand_in: false } => grant(door, &device, &circle),
            Self::Grant { device, circle, hand_in: true } => hand_in(door, &device, &circle),
            Self::Withdraw { device, circle } => withdraw(door, &device, &circle),
            Self::Renew => renew(door),
        }
    }
}

impl New {
    fn run(self, door: &Door) -> Result<Said, Trouble> {
        let mut vault = door.open()?;
        let road = road(&vault)?;
        let (parts, sharing) = (typed(&self.part), self.for_sharing);
        let sealed = self.sealed;
        let terms = CircleTerms { name: self.name, parts, team: self.team, sharing, sealed };
        let id = vault.new_circle(&road, &terms)?;
        let view = vault.find_circle(&id.to_string())?;
        let json = for_machines(&vault, &view)?;
        vault.lock()?;
        let mut text = String::new();
        line!(text, "The circle {} is there. Only this device is in it.", terms.name.trim());
        if sealed {
            let others = count(view.handing_in.len() as u64, "other device");
            line!(
                text,
                "Records of sealed forms go there from now on. {others} may hand in and read nothing;"
            );
            line!(
                text,
                "whoever you invite from now on may too. Let readers in with `cairn circle grant DEVICE CIRCLE`."
            );
            line!(
                text,
                "A second coordinator should read there: what only one device can open is lost with it."
            );
        } else if sharing {
            line!(
                text,
                "Invite people with `cairn invite --circle`; copy records with `cairn record share`."
            );
        } else {
            line!(text, "It holds {} from now on.", named(&view.parts));
            line!(text, "What was written of it before stays readable where it was.");
            line!(text, "Let others in with `cairn circle grant DEVICE CIRCLE`.");
        }
        Ok(Said::new(ended(text), json))
    }
}

fn list(door: &Door) -> Result<Said, Trouble> {
    let vault = door.open()?;
    let circles = vault.circles()?;
    let names = names(&vault)?;
    let mut text = String::new();
    for view in &circles {
        let devices = count(view.devices.len() as u64, "device");
        match &view.name {
            Some(name) => {
                let team = if view.team.is_empty() { String::new() } else { format!(" of {}", view.team) };
                let holds = match (view.sealed, view.sharing) {
                    (true, _) => "sealed records".to_owned(),
                    (false, true) => "copies for sharing".to_owned(),
                    (false, false) => named(&view.parts),
                };
                line!(text, "{}  {name}{team}: {holds}", view.id.short());
                let who = view.devices.iter().map(&names).collect::<Vec<_>>();
                line!(text, "          {devices}: {}", who.join(", "));
                if !view.handing_in.is_empty() {
                    let who = view.handing_in.iter().map(&names).collect::<Vec<_>>();
                    line!(text, "          only hand in: {}", who.join(", "));
                }
            }
            None if view.hands_in => {
                line!(text, "{}  (this device hands in sealed records)  {devices}", view.id.short());
            }
            None if view.held => line!(text, "{}  (not named yet)  {devices}", view.id.short()),
            None => line!(text, "{}  (this device is not in it)  {devices}", view.id.short()),
        }
    }
    let each = circles.iter().map(|view| for_machines(&vault, view)).collect::<Result<Value, _>>()?;
    vault.lock()?;
    Ok(Said::new(ended(text), json!({ "circles": each })))
}

/// What people call each device.
fn names(vault: &Vault) -> Result<impl Fn(&cairn_core::wire::id::DeviceId) -> String + use<>, Trouble> {
    let devices = vault.devices()?;
    Ok(move |id: &cairn_core::wire::id::DeviceId| {
        let line = devices.iter().find(|line| line.id == *id);
        line.and_then(|line| line.name.clone()).unwrap_or_else(|| id.short())
    })
}

fn for_machines(vault: &Vault, view: &CircleView) -> Result<Value, Trouble> {
    let names = names(vault)?;
    let named = |id: &cairn_core::wire::id::DeviceId| json!({ "id": id.to_string(), "name": names(id) });
    let (devices, handing_in) = (view.devices.iter().map(named), view.handing_in.iter().map(named));
    Ok(json!({
        "id": view.id.to_string(),
        "name": view.name,
        "parts": view.parts.iter().map(|part| part.name()).collect::<Value>(),
        "team": view.team,
        "sharing": view.sharing,
        "sealed": view.sealed,
        "held": view.held,
        "hands_in": view.hands_in,
        "devices": devices.collect::<Value>(),
        "handing_in": handing_in.collect::<Value>(),
    }))
}

fn grant(door: &Door, typed: &str, circle: &str) -> Result<Said, Trouble> {
    let mut vault = door.open()?;
    let (device, circle) = (device::find(&vault, typed)?, vault.find_circle(circle)?);
    let road = road(&vault)?;
    let changed = vault.grant(&road, &device.id, &circle.id)?;
    vault.lock()?;
    let (who, name) = (device::name(&device), circle.name.unwrap_or_default());
    let text = if changed {
        format!("{who} is let into the circle {name}; at its next sync it gets all that was written there.")
    } else {
        format!("{who} is in the circle {name} already.")
    };
    let json =
        json!({ "device": device.id.to_string(), "circle": circle.id.to_string(), "changed": changed });
    Ok(Said::new(text, json))
}

fn hand_in(door: &Door, typed: &str, circle: &str) -> Result<Said, Trouble> {
    let mut vault = door.open()?;
    let (device, circle) = (device::find(&vault, typed)?, vault.find_circle(circle)?);
    let road = road(&vault)?;
    let changed = vault.grant_hand_in(&road, &device.id, &circle.id)?;
    vault.lock()?;
    let (who, name) = (device::name(&device), circle.name.unwrap_or_default());
    let text = if changed {
        format!("{who} may hand in to the circle {name} from its next sync on, and reads nothing there.")
    } else {
        format!("{who} is in the circle {name} already.")
    };
    let json =
        json!({ "device": device.id.to_string(), "circle": circle.id.to_string(), "changed": changed });
    Ok(Said::new(text, json))
}

fn withdraw(door: &Door, typed: &str, circle: &str) -> Result<Said, Trouble> {
    let mut vault = door.open()?;
    let (device, circle) = (device::find(&vault, typed)?, vault.find_circle(circle)?);
    let road = road(&vault)?;
    let done = vault.withdraw(&road, &device.id, &circle.id)?;
    vault.lock()?;
    let (who, name) = (device::name(&device), circle.name.unwrap_or_default());
    let mut text = String::new();
    line!(
        text,
        "{who} is taken out of the circle {name}: what is written there from now on it does not get."
    );
    line!(text, "What it holds already it can still read: think of what that was.");
    text.push_str(&report(&done.sync));
    let json = json!({
        "device": device.id.to_string(),
        "circle": circle.id.to_string(),
        "circles_renewed": done.renewed,
        "sync": numbers(&done.sync),
    });
    Ok(Said::new(text, json))
}

fn renew(door: &Door) -> Result<Said, Trouble> {
    let mut vault = door.open()?;
    let road = road(&vault)?;
    let synced = vault.renew_keys(&road)?;
    vault.lock()?;
    let text = format!("The keys are renewed; others learn of it at their next sync.\n{}", report(&synced));
    Ok(Said::new(text, numbers(&synced)))
}
