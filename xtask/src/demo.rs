//! `cargo xtask demo`: a day with Cairn on one machine, with a real server and four real vaults.
//!
//! Every step is a command that anybody could type, and every claim is checked: whatever turns out
//! otherwise ends the demonstration with a message and a status other than 0.
#![allow(clippy::indexing_slicing, reason = "what is missing in a JSON value reads as null")]

mod begin;
mod blind;
mod device;
mod differ;
mod leave;
mod ledger;
mod offline;
mod programs;
mod server;
mod story;

use std::fs;
use std::path::{Path, PathBuf};

use clap::Args;

use self::device::Device;
use self::ledger::Ledger;
use self::programs::Programs;
use self::server::Server;
use self::story::Story;
use crate::nested;
use crate::trouble::Trouble;

/// Marks a folder as one that the next demonstration may empty.
const MARKER: &str = ".cairn-demo";

/// Shows a day with Cairn on this machine.
#[derive(Debug, Args)]
pub(crate) struct Demo {
    /// Folder for server, vaults and exports; emptied first [default: demo-out beside Cargo.toml]
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// How many synthetic cases the field devices write
    #[arg(long, default_value_t = 315, value_parser = clap::value_parser!(u64).range(300..=30_000))]
    cases: u64,
    /// Which cases: the same seed, the same cases
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Uses unoptimised programs, which are built faster
    #[arg(long)]
    dev: bool,
}

/// Everything on stage.
struct Stage {
    story: Story,
    ledger: Ledger,
    folder: PathBuf,
    server: Server,
    office: Device,
    field: [Device; 3],
    cases: u64,
    seed: u64,
}

impl Demo {
    pub(crate) fn run(self) -> Result<(), Trouble> {
        let root = nested::root();
        let folder = self.out.unwrap_or_else(|| root.join("demo-out"));
        let mut story = Story::new(&folder);
        let programs = Programs::build(self.dev)?;
        empty(&folder)?;
        story.opening();
        let server = begin::serve(&mut story, &programs, &folder)?;
        let device = |name: &str, place: &str| Device::new(&programs.cairn, name, &folder.join(place));
        let mut stage = Stage {
            office: device("office", "office"),
            field: [device("field 1", "field-1"), device("field 2", "field-2"), device("field 3", "field-3")],
            story,
            ledger: Ledger::default(),
            folder,
            server,
            cases: self.cases,
            seed: self.seed,
        };
        begin::workspace(&mut stage, &root)?;
        begin::join(&mut stage)?;
        let corrected = offline::work(&mut stage)?;
        offline::level(&mut stage, corrected)?;
        differ::write(&mut stage)?;
        differ::settle(&mut stage)?;
        leave::export(&mut stage)?;
        blind::search(&mut stage)?;
        leave::examine(&mut stage)?;
        stage.story.chapter("What travelled");
        stage.story.say(
            "Bytes are those of HTTP with its headers, without TLS. A round trip is one question to the server \
             and its answer. The numbers come from `cairn sync --json`.",
        );
        println!("{}", stage.ledger);
        stage.story.ending(&stage.folder);
        Ok(())
    }
}

impl Stage {
    /// Office and field devices.
    fn devices(&self) -> impl Iterator<Item = &Device> {
        std::iter::once(&self.office).chain(&self.field)
    }

    /// One sync, noted in the ledger.
    fn sync(&mut self, device: Who, step: &str) -> Result<ledger::Line, Trouble> {
        let line = self.try_sync(device, step)?;
        self.ledger.add(line.clone());
        self.tell(device, &line);
        Ok(line)
    }

    /// Syncs everybody in turn until nobody has or gets anything new.
    fn sync_all(&mut self, step: &str) -> Result<(), Trouble> {
        for _ in 0..6 {
            let mut quiet = Vec::new();
            for who in Who::ALL {
                let line = self.try_sync(who, &format!("{}: {step}", who.of(self).name()))?;
                if line.moved() {
                    self.tell(who, &line);
                    self.ledger.add(line);
                } else {
                    quiet.push(line);
                }
            }
            if !quiet.is_empty() {
                self.ledger.add_together(&format!("nothing new for {} of 4", quiet.len()), &quiet);
            }
            if quiet.len() == Who::ALL.len() {
                return Ok(());
            }
        }
        Err(Trouble("after six rounds of syncing the devices are still not level".to_owned()))
    }

    fn try_sync(&self, device: Who, step: &str) -> Result<ledger::Line, Trouble> {
        ledger::Line::read(step, &device.of(self).json(&["sync"])?)
    }

    fn tell(&self, device: Who, line: &ledger::Line) {
        self.story.typed(device.of(self), &["sync"]);
        self.story.note(&line.in_words());
    }
}

/// One of the four devices.
#[derive(Debug, Clone, Copy)]
enum Who {
    Office,
    Field(usize),
}

impl Who {
    const ALL: [Self; 4] = [Self::Field(0), Self::Field(1), Self::Field(2), Self::Office];

    fn of(self, stage: &Stage) -> &Device {
        match self {
            Self::Office => &stage.office,
            Self::Field(number) => stage.field.get(number).unwrap_or(&stage.office),
        }
    }
}

/// An unexpected thing ends the demonstration.
fn expect(holds: bool, otherwise: impl FnOnce() -> String) -> Result<(), Trouble> {
    if holds { Ok(()) } else { Err(Trouble(otherwise())) }
}

/// Empties a folder that an earlier demonstration made, and no other.
fn empty(folder: &Path) -> Result<(), Trouble> {
    let marker = folder.join(MARKER);
    let at = |error| Trouble::at(folder, error);
    if folder.exists() {
        let is_empty = fs::read_dir(folder).map_err(at)?.next().is_none();
        if !is_empty && !marker.exists() {
            return Err(Trouble::at(folder, "not empty, and not made by an earlier demonstration"));
        }
        fs::remove_dir_all(folder).map_err(at)?;
    }
    fs::create_dir_all(folder).map_err(at)?;
    fs::write(&marker, "The next demonstration empties this folder.\n").map_err(at)
}
