//! Peak memory of a phone's session, in a process of its own.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use cairn_core::Vault;
use cairn_core::form::expression::Moment;
use cairn_core::form::session::{Session, Surroundings};
use cairn_core::form::{Answer, Answers, Prepared};
use cairn_core::transport::Https;
use cairn_core::vault::Query;
use cairn_tests::ground::{Ground, PASSPHRASE};
use clap::{Args, ValueEnum};

use super::figure::Figure;
use super::{Failure, Figures, bytes, workload};

/// What a child process does before it tells its peak memory.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Deed {
    /// Nothing at all.
    Empty,
    /// Opens the vault (key derivation has a peak of its own, which the others share).
    Open,
    /// Opens, lists, searches, edits and syncs.
    Session,
    /// Fetches everything into a vault that has only joined.
    Fetch,
    /// Makes packs and hands them over.
    Pack,
    /// Opens the vault and fills in its forms, the first choice of each list.
    FillIn,
}

/// The child's orders.
#[derive(Debug, Clone, Args)]
pub(crate) struct Child {
    deed: Deed,
    folder: PathBuf,
}

/// Does the deed and prints the peak in KiB.
pub(crate) fn child(child: &Child) -> Result<(), String> {
    deed(child.deed, &child.folder).map_err(|error| error.to_string())?;
    let status = fs::read_to_string("/proc/self/status").map_err(|error| error.to_string())?;
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    println!("{}", peak.unwrap_or_default().trim().trim_end_matches(" kB"));
    Ok(())
}

fn deed(deed: Deed, folder: &Path) -> Result<(), Failure> {
    if deed == Deed::Empty {
        return Ok(());
    }
    let mut vault = Vault::open(folder, PASSPHRASE)?;
    if deed == Deed::Open {
        return Ok(());
    }
    if deed == Deed::FillIn {
        return fill_in(&vault);
    }
    let address = vault.server()?.ok_or("no server")?;
    let transport = Https::new(&address.url, address.key, None)?;
    if deed == Deed::Session {
        let page = vault.list(&Query { most: 50, ..Query::default() })?;
        vault.list(&Query { words: "sta".to_owned(), most: 50, ..Query::default() })?;
        for listed in page {
            vault.edit_record(
                &listed.id,
                &cairn_tests::sample::edit("phone", cairn_tests::sample::text("1")),
            )?;
        }
    }
    if deed == Deed::Pack {
        vault.make_packs(&transport, |_| {})?;
        return Ok(());
    }
    vault.sync(&transport, |_| {})?;
    Ok(())
}

fn fill_in(vault: &Vault) -> Result<(), Failure> {
    for known in vault.forms() {
        let form = &known.form;
        let prepared = Prepared::new(form).map_err(|wrong| format!("{wrong:?}"))?;
        let around = Surroundings::new(form, &prepared, "", Moment::new(0, 0), 1);
        let mut session = Session::open(form, &prepared, &around, Answers::new(), false);
        for question in &form.questions {
            if let Some(choice) = form.choices(question).get(0) {
                session.answer(&question.name, Some(Answer::Text(choice.name.to_owned())))?;
            }
        }
        std::hint::black_box(session.answers());
    }
    Ok(())
}

/// How many MiB a process that fills in the forms of a vault needs more at its peak than one that only opens it.
pub(super) fn over_open(folder: &Path) -> Result<f64, Failure> {
    Ok((peak(Deed::FillIn, folder)? - peak(Deed::Open, folder)?) / 1024.0)
}

/// How many MiB a process with this deed needs more at its peak than one that does nothing.
pub(super) fn over_empty(deed: Deed, folder: &Path) -> Result<f64, Failure> {
    Ok((peak(deed, folder)? - peak(Deed::Empty, folder)?) / 1024.0)
}

pub(super) fn measure(quick: bool) -> Figures {
    let work = workload::generate(if quick { 1_000 } else { 10_000 })?;
    let mut figures = Vec::new();
    for count in if quick { vec![1_000] } else { vec![10_000, 100_000] } {
        let ground = Ground::new();
        let mut office = bytes::begun(&ground, &work)?;
        office.sync(&ground.transport(), |_| {})?;
        let mut left = count;
        while left > 0 {
            let some = left.min(work.records.len());
            bytes::save(&mut office, &work, some)?;
            left -= some;
        }
        office.sync(&ground.transport(), |_| {})?;
        let mut fresh = ground.vault("fresh", 0);
        let terms = cairn_core::vault::InviteTerms { role: cairn_core::wire::roster::Role::Field, hours: 1 };
        fresh.accept(&office.invite(&terms)?.to_text(), "fresh")?;
        // Asking to join is answered with "wait": the office admits at its next sync.
        let _ = fresh.sync(&ground.transport(), |_| {});
        office.sync(&ground.transport(), |_| {})?;
        drop((office, fresh));
        let empty = peak(Deed::Empty, &ground.folder("office"))?;
        let over = |deed, folder: &str| -> Result<f64, Failure> {
            Ok((peak(deed, &ground.folder(folder))? - empty) / 1024.0)
        };
        let goal = if count > 10_000 { 96.0 } else { 64.0 };
        figures.push(Figure::new(format!("memory.open.{count}"), over(Deed::Open, "office")?, "MiB"));
        let session = over(Deed::Session, "office")?;
        figures.push(Figure::new(format!("memory.session.{count}"), session, "MiB").at_most(goal));
        let fetch = over(Deed::Fetch, "fresh")?;
        figures.push(Figure::new(format!("memory.fetch.{count}"), fetch, "MiB").at_most(goal));
    }
    Ok(figures)
}

fn peak(deed: Deed, folder: &Path) -> Result<f64, Failure> {
    let name = deed.to_possible_value().ok_or("a deed without a name")?.get_name().to_owned();
    let told = Command::new(std::env::current_exe()?).args(["measure-child", &name]).arg(folder).output()?;
    if !told.status.success() {
        return Err(String::from_utf8_lossy(&told.stderr).into_owned().into());
    }
    Ok(String::from_utf8(told.stdout)?.trim().parse()?)
}
