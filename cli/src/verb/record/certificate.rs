//! `cairn record certificate`: a paper for whoever asked that a record be erased, and how to check one.

use std::fs;
use std::path::PathBuf;

use cairn_core::Error;
use cairn_core::vault::{Claim, ErasureView};
use cairn_core::view::handle;
use cairn_core::wire::codec::{hex, unhex};
use cairn_core::wire::id::{CircleId, DeviceId, RecordId};
use clap::Args;
use serde_json::json;

use super::erase::{is_done, server, words};
use crate::door::Door;
use crate::out::Said;
use crate::trouble::Trouble;
use crate::words::{line, minute};

/// Where the part for machines begins.
const CHECKING: &str = "For checking:";
/// What the last line begins with.
const SIGNED: &str = "signed ";

/// Writes a certificate that a record was erased: when, why, and which devices have carried it out
///
/// It names no person and says nothing of what the record held. Sync first: then it knows more.
#[derive(Debug, Args)]
pub(crate) struct Certificate {
    /// The erased record: its handle, like 7f3a-12, or its whole identifier
    #[arg(value_name = "RECORD")]
    record: String,
    /// The file to write
    #[arg(long, value_name = "FILE")]
    to: PathBuf,
}

/// Checks a certificate against this workspace's roster
#[derive(Debug, Args)]
pub(crate) struct Check {
    /// The certificate
    #[arg(value_name = "FILE")]
    file: PathBuf,
}

impl Certificate {
    pub(crate) fn run(self, door: &Door) -> Result<Said, Trouble> {
        let vault = door.open()?;
        let typed = self.record.trim();
        let mut views = vault.erasures()?;
        views.retain(|view| handle(&view.record) == typed || view.record.to_string() == typed);
        let Some(first) = views.first().map(|view| view.record) else {
            return Err(Error::NotFound { what: "erased record", name: self.record }.into());
        };
        if views.iter().any(|view| view.record != first) {
            return Err(Error::Ambiguous { what: "erased record", name: self.record }.into());
        }
        let mut text = said(&views);
        let signature = vault.sign_certificate(text.as_bytes())?;
        line!(text, "{SIGNED}{} {}", vault.device(), hex(&signature));
        vault.lock()?;
        fs::write(&self.to, &text).map_err(|source| Error::Disk { what: "the certificate", source })?;
        let open = views.iter().flat_map(|view| &view.devices).filter(|(.., carried)| !is_done(*carried));
        let open = open.count();
        let rest = match open {
            0 => "Every device has carried it out.".to_owned(),
            open => format!("{open} not known to have carried it out: sync later and write it again."),
        };
        let words = format!("Wrote {}. {rest}", self.to.display());
        Ok(Said::new(words, json!({ "record": first.to_string(), "open": open, "file": self.to })))
    }
}

fn said(views: &[ErasureView]) -> String {
    let mut text = String::from("CERTIFICATE OF ERASURE\n\n");
    for view in views {
        let circle = view.circle_name.clone().unwrap_or_else(|| view.circle.short());
        line!(
            text,
            "The record {} was erased from the circle {circle} at {} UTC.",
            view.record,
            minute(view.time)
        );
        line!(text, "Reason: {}", view.reason.replace('\n', " "));
        for (device, name, carried) in &view.devices {
            let name = name.clone().unwrap_or_else(|| "(no name)".to_owned());
            line!(text, "  {name} ({}): {}", device.short(), words(*carried));
        }
        if view.attachments > 0 {
            let files = crate::words::count(view.attachments, "attached file");
            line!(text, "  With it went {files}; what opened them was in the record.");
        }
        line!(text, "  {}", server(view));
        line!(text);
    }
    line!(text, "This speaks of what Cairn keeps. It cannot speak of paper, of files that were exported, of");
    line!(text, "backups made outside Cairn, or of devices that were taken out before they synced.");
    line!(text);
    line!(text, "{CHECKING}");
    for view in views {
        let (seq, hash) = view.entry;
        line!(text, "erased {} {} {seq} {} {}", view.record, view.circle, hex(&hash), hex(&view.salt));
    }
    text
}

impl Check {
    pub(crate) fn run(self, door: &Door) -> Result<Said, Trouble> {
        let read = fs::read_to_string(&self.file);
        let text =
            read.map_err(|source| Error::Disk { what: "the certificate", source })?.replace("\r\n", "\n");
        let vault = door.open()?;
        let good = match parsed(&text) {
            Some((body, device, signature, claims)) => {
                vault.check_certificate(body.as_bytes(), &device, &signature, &claims)?
            }
            None => false,
        };
        vault.lock()?;
        let words = match good {
            true => "A device of this workspace signed this certificate, and the roster says the same.",
            false => "NOT A GOOD CERTIFICATE: it was altered, or is not of this workspace.",
        };
        Ok(Said::new(words.to_owned(), json!({ "good": good })))
    }
}

type Parsed<'a> = (&'a str, DeviceId, [u8; 64], Vec<Claim>);

/// What was signed, by whom, and what can be checked of it.
fn parsed(text: &str) -> Option<Parsed<'_>> {
    let at = text.rfind(&format!("\n{SIGNED}"))? + 1;
    let (body, last) = text.split_at_checked(at)?;
    let (device, signature) = last.trim_end().strip_prefix(SIGNED)?.split_once(' ')?;
    let (_, lines) = body.rsplit_once(&format!("{CHECKING}\n"))?;
    let claims = lines.lines().map(claim).collect::<Option<_>>()?;
    Some((body, DeviceId(unhex(device)?), unhex(signature)?, claims))
}

fn claim(line: &str) -> Option<Claim> {
    let mut words = line.strip_prefix("erased ")?.split(' ');
    let claim = Claim {
        record: RecordId(unhex(words.next()?)?),
        circle: CircleId(unhex(words.next()?)?),
        entry: (words.next()?.parse().ok()?, unhex(words.next()?)?),
        salt: unhex(words.next()?)?,
    };
    words.next().is_none().then_some(claim)
}
