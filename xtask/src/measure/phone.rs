//! What a phone needs: memory for a day of work, and what lies between the passphrase and the first screen. Both in
//! processes of their own ([`cairn-phone`](../../phone/src/main.rs)) over the calls that the app makes.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use cairn_tests::ground::{Ground, PASSPHRASE};

use super::figure::Figure;
use super::workload::{self, Workload};
use super::{Failure, Figures, bytes};
use crate::nested;

/// The most that a day may take, in MiB.
const GOAL: f64 = 64.0;
/// What a day consists of after unlocking.
const PARTS: [&str; 6] = ["page", "search", "open", "fill", "sync", "lock"];

pub(super) fn measure(quick: bool) -> Figures {
    // Together with this program, so that both are built of the same crates with the same features.
    let built = nested::build(&["--release", "--package", "xtask", "--package", "cairn-phone", "--bins"]);
    let phone = Phone(
        nested::file(&built.map_err(|trouble| trouble.to_string())?, "phone", "")
            .map_err(|trouble| trouble.to_string())?,
    );
    let few = if quick { 1_000 } else { 10_000 };
    let work = workload::generate(few)?;
    let mut figures = Vec::new();
    let mut day_before: Option<f64> = None;
    for count in [0, 1_000, few, 2 * few] {
        let ground = ground(&work, count)?;
        let office = ground.folder("office");
        if count <= few {
            let first = phone.does("first", &office)?;
            let figure =
                |what: &str, unit| Figure::new(format!("first.{count}.{what}"), told(&first, what), unit);
            figures.extend([figure("statements", ""), figure("instructions", ""), figure("read", "B")]);
        }
        if count >= few {
            let nothing = told(&phone.does("nothing", &office)?, "nothing");
            let day = phone.does("day", &office)?;
            let over = |part: &str| (told(&day, part) - nothing) / 1_024.0;
            figures.push(
                Figure::new(format!("phone.{count}.unlock.memory"), over("unlock"), "MiB").at_most(GOAL),
            );
            let parts = PARTS.map(|part| (part, over(part)));
            let most = parts.iter().map(|(_, peak)| *peak).fold(0.0, f64::max);
            figures.push(Figure::new(format!("phone.{count}.day.memory"), most, "MiB").at_most(GOAL));
            let named = |(part, peak)| Figure::new(format!("phone.{count}.day.{part}.memory"), peak, "MiB");
            figures.extend(parts.map(named));
            if let Some(before) = day_before.replace(most) {
                figures.push(Figure::new(format!("phone.{count}.day.growth"), most - before, "MiB"));
            }
        }
    }
    Ok(figures)
}

/// An office with so many records of W, all of them sent.
fn ground(work: &Workload, count: usize) -> Result<Ground, Failure> {
    let ground = Ground::new();
    let mut office = bytes::begun(&ground, work)?;
    let mut left = count;
    while left > 0 {
        let some = left.min(work.records.len());
        bytes::save(&mut office, work, some)?;
        left -= some;
    }
    office.sync(&ground.transport(), |_| {})?;
    office.lock()?;
    Ok(ground)
}

fn told(figures: &BTreeMap<String, f64>, name: &str) -> f64 {
    figures.get(name).copied().unwrap_or(f64::NAN)
}

/// The program.
struct Phone(PathBuf);

impl Phone {
    /// What it says about a deed, by name.
    fn does(&self, deed: &str, folder: &Path) -> Result<BTreeMap<String, f64>, Failure> {
        let mut command = Command::new(&self.0);
        command.arg(deed).arg(folder).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut phone = command.spawn()?;
        writeln!(phone.stdin.take().ok_or("no standard input")?, "{PASSPHRASE}")?;
        let told = phone.wait_with_output()?;
        if !told.status.success() {
            return Err(format!("the phone could not do its {deed}").into());
        }
        let told = String::from_utf8(told.stdout)?;
        let line = |line: &str| {
            let (name, number) = line.split_once(' ').ok_or("a line of one word")?;
            Ok((name.to_owned(), number.parse()?))
        };
        told.lines().map(line).collect()
    }
}
