//! The server's ingest, against a bare server that only appends, in turns in the same run.
//!
//! Both get the very same request bodies over the same TLS and HTTP, from the same 64 clients, one
//! segment a request, and answer only after a sync of the disk. The real one also checks two
//! signatures, keeps chains and the circle's root, and signs what it answers. The clients are in the
//! same process and on the same processors, and cost both servers the same.
//!
//! ```text
//! camp ─► requests ─► crowd ─► line ═╦═► the real server
//!                                    ╚═► bare
//! ```

mod bare;
mod camp;
mod crowd;
mod line;

use std::path::Path;

use cairn_server::{Config, Running, Server};
use cairn_wire::codec::unhex;
use cairn_wire::digest::VerifyingKey;

use super::figure::Figure;
use super::speed::cpu;
use super::{Failure, Figures};
use bare::Bare;
use camp::Camp;
use crowd::{Crowd, Pushed};

/// Devices, each with a chain, a thread and a connection of its own.
const DEVICES: usize = 64;
/// Segments of one device in one round: short rounds, so that both servers meet the same disk.
const EACH: usize = 25;
/// Above anything that is pushed here: limits on one device are another matter.
const UNLIMITED: f64 = 1e9;

pub(super) fn measure(quick: bool) -> Figures {
    let rounds = if quick { 6 } else { 24 };
    // Beside the program: where temporary files usually go may be memory, where a sync is free.
    let program = std::env::current_exe()?;
    let folder = tempfile::tempdir_in(program.parent().ok_or("no folder")?)?;
    let server = real(&folder.path().join("real"))?;
    let key = VerifyingKey(unhex(server.pin()).ok_or("no pin")?);
    let bare = Bare::start(&folder.path().join("bare.db"))?;
    let mut camp = Camp::found(server.address(), key, DEVICES)?;
    let mut to_real = Crowd::connect(server.address(), key, DEVICES)?;
    let mut to_bare = Crowd::connect(bare.address(), bare.key(), DEVICES)?;

    let mut measured = Vec::new();
    for round in 0..=rounds {
        let requests = camp.requests(EACH)?;
        let (real, by_hand) = if round % 2 == 0 {
            let real = to_real.push(&requests)?;
            (real, to_bare.push(&requests)?)
        } else {
            let by_hand = to_bare.push(&requests)?;
            (to_real.push(&requests)?, by_hand)
        };
        camp.check(&requests, &real.answers)?;
        eprintln!("  {}; bare {}", real.told(), by_hand.told());
        // The first round only warms up.
        if round > 0 {
            measured.push((real, by_hand));
        }
    }
    drop((to_real, to_bare));
    server.stop()?;
    let sent = DEVICES * EACH * (rounds + 1);
    if bare.stop()? != sent {
        return Err("the bare server has not kept everything".into());
    }
    let signatures = signatures(&camp)?;
    figures(&measured, signatures)
}

/// The real server with its defaults, but for the limits on how often one device may ask.
fn real(folder: &Path) -> Result<Running, Failure> {
    let mut config = Config::in_folder(folder);
    config.network.rate = UNLIMITED;
    config.network.burst = UNLIMITED;
    Ok(Server::new(config).start()?)
}

/// Processor time of the signatures that one segment costs the server: two to check, one to make.
fn signatures(camp: &Camp) -> Result<f64, Failure> {
    const TIMES: usize = 2_000;
    let begun = cpu()?;
    for _ in 0..TIMES {
        camp.sign_and_check_twice()?;
    }
    Ok((cpu()? - begun) / TIMES as f64)
}

fn figures(measured: &[(Pushed, Pushed)], signatures: f64) -> Figures {
    let mut ratios: Vec<f64> = measured.iter().map(|(real, bare)| real.rate() / bare.rate()).collect();
    ratios.sort_by(f64::total_cmp);
    let middle = ratios.get(ratios.len() / 2).ok_or("no rounds")?;
    let segments = (measured.len() * DEVICES * EACH) as f64;
    let real = measured.iter().map(|(real, _)| real.cpu).sum::<f64>() / segments;
    let bare = measured.iter().map(|(_, bare)| bare.cpu).sum::<f64>() / segments;
    Ok(vec![
        Figure::new(format!("ingest.{DEVICES}.over_bare"), *middle, "×").at_least(0.5),
        Figure::new(format!("ingest.{DEVICES}.cpu_over_bare"), real / bare, "×"),
        Figure::new(format!("ingest.{DEVICES}.signatures_over_bare"), signatures / bare, "×"),
    ])
}
