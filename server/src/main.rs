//! The command line of the server: `serve`, `pin`, `key`, `doctor`.

use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use cairn_server::{Config, Error, Server, doctor, pin, rotation};
use clap::builder::FalseyValueParser;
use clap::{Parser, Subcommand};
use serde_json::json;
use tokio::signal::unix::{SignalKind, signal};

/// Keeps sealed segments in order and hands them out. Reads none of them.
#[derive(Parser)]
#[command(name = "cairn-server", version, after_help = AFTER_HELP)]
struct Line {
    #[command(subcommand)]
    role: Role,
    /// Answers in JSON, one object a line.
    #[arg(long, env = "CAIRN_JSON", global = true, value_parser = FalseyValueParser::new())]
    json: bool,
}

const AFTER_HELP: &str = "Every option of `serve` is also an environment variable: --listen is CAIRN_LISTEN.\n\
    Back up the data folder whole; without server.key every device refuses the server.";

#[derive(Subcommand)]
enum Role {
    /// Serves until it is told to stop (SIGTERM or SIGINT).
    Serve(Box<Config>),
    /// Prints what devices know this server by, making the key if there is none.
    Pin {
        /// Folder for the key and the log; made if missing.
        #[arg(long, env = "CAIRN_DATA", value_name = "FOLDER")]
        data: PathBuf,
    },
    /// Shows the server's keys, or brings it to another one, step by step.
    Key {
        #[command(subcommand)]
        step: Step,
    },
    /// Checks everything in a data folder; changes nothing.
    Doctor {
        /// Folder with the key and the log.
        #[arg(long, env = "CAIRN_DATA", value_name = "FOLDER")]
        data: PathBuf,
    },
}

/// In this order. Between the steps coordinators change the roster with `cairn server add-key` and
/// `cairn server drop-key`.
#[derive(Subcommand)]
enum Step {
    /// Shows the keys that are there.
    Show(Folder),
    /// Makes the next key and prints it, for a coordinator to add. The server may go on running.
    Next(Folder),
    /// Makes the next key the server's own, once it has been added; the server must be stopped.
    Switch(Folder),
    /// Removes the old key, once it has been dropped; the server must be stopped.
    Retire(Folder),
}

#[derive(clap::Args)]
struct Folder {
    /// Folder with the key and the log.
    #[arg(long, env = "CAIRN_DATA", value_name = "FOLDER")]
    data: PathBuf,
}

fn main() -> ExitCode {
    let line = Line::parse();
    let done = match line.role {
        Role::Serve(config) => serve(*config, line.json),
        Role::Pin { data } => pin(&data).map(|pin| {
            say(&if line.json { json!({ "pin": pin }).to_string() } else { pin });
            true
        }),
        Role::Key { step } => key(step, line.json).map(|said| {
            say(&said);
            true
        }),
        Role::Doctor { data } => doctor::examine(&data).map(|report| {
            say(&if line.json { report.to_json().to_string() } else { report.to_string() });
            report.is_sound()
        }),
    };
    match done {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            complain(&chain(&error), line.json);
            ExitCode::FAILURE
        }
    }
}

fn key(step: Step, json: bool) -> Result<String, Error> {
    let pins = match step {
        Step::Next(folder) => {
            let pin = rotation::next(&folder.data)?;
            return Ok(if json { json!({ "next": pin }).to_string() } else { pin });
        }
        Step::Show(folder) => rotation::pins(&folder.data)?,
        Step::Switch(folder) => rotation::switch(&folder.data)?,
        Step::Retire(folder) => rotation::retire(&folder.data)?,
    };
    if json {
        return Ok(json!({ "current": pins.current, "next": pins.next, "old": pins.old }).to_string());
    }
    let mut lines = vec![format!("current {}", pins.current)];
    lines.extend(pins.next.map(|pin| format!("next    {pin}")));
    lines.extend(pins.old.map(|pin| format!("old     {pin}")));
    Ok(lines.join("\n"))
}

fn serve(config: Config, json: bool) -> Result<bool, Error> {
    let runtime =
        tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(Error::Threads)?;
    // Signals are caught before anybody can know that there is something to stop.
    let (mut terminate, mut interrupt) = {
        let _inside = runtime.enter();
        let terminate = signal(SignalKind::terminate()).map_err(Error::Threads)?;
        (terminate, signal(SignalKind::interrupt()).map_err(Error::Threads)?)
    };
    let running = Server::new(config).notices(move |notice| complain(&notice.to_string(), json)).start()?;
    let address = format!("https://{}", running.address());
    if json {
        say(&json!({ "event": "listening", "address": address, "pin": running.pin() }).to_string());
    } else {
        say(&format!("listening on {address}\npin {}", running.pin()));
    }
    runtime.block_on(async {
        tokio::select! {
            _ = terminate.recv() => (),
            _ = interrupt.recv() => (),
        }
    });
    running.stop()?;
    Ok(true)
}

/// A line for whoever called; nobody may be listening any more.
fn say(text: &str) {
    let mut out = io::stdout().lock();
    let _ = writeln!(out, "{text}").and_then(|()| out.flush());
}

/// A line for the operator. Notices and errors hold no address and no content by construction.
fn complain(text: &str, json: bool) {
    let mut out = io::stderr().lock();
    let _ = if json {
        writeln!(out, "{}", json!({ "event": "notice", "text": text }))
    } else {
        writeln!(out, "{text}")
    };
}

/// An error and what caused it.
fn chain(error: &Error) -> String {
    let mut text = error.to_string();
    let mut source = std::error::Error::source(error);
    while let Some(cause) = source {
        let cause_text = cause.to_string();
        if !text.contains(&cause_text) {
            text = format!("{text}: {cause_text}");
        }
        source = cause.source();
    }
    text
}
