//! Looking after the vault.

use super::{AlarmView, Vault};
use cairn_wire::digest::Hash;
use cairn_wire::id::CircleId;
use cairn_wire::segment::{Kind, parse};

use crate::error::Error;
use crate::store::QuarantineRow;

/// Refused segments that are named one by one; more would say no more.
const MOST_NAMED: u64 = 20;

/// What is in the vault, counted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Counts {
    /// Records.
    pub records: u64,
    /// Unsettled fields.
    pub conflicts: u64,
    /// Forms and versions.
    pub forms: u64,
    /// Changes saved and not yet sealed.
    pub outbox: u64,
    /// Segments sealed and not yet acknowledged.
    pub unacknowledged: u64,
    /// Attached files that wait to be sent.
    pub attachments: u64,
    /// Segments that wait for a key, a form or a roster entry.
    pub waiting: u64,
    /// Segments that can never be taken in.
    pub refused: u64,
    /// Changes in quarantine.
    pub quarantined: u64,
}

/// What a check found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Checkup {
    /// What is in the vault.
    pub counts: Counts,
    /// What is wrong; empty when all is well. No line holds what a record says.
    pub findings: Vec<String>,
    /// What must never happen and did, oldest first; kept for ever.
    pub alarms: Vec<AlarmView>,
    /// How many other devices have shown a log that reaches this device's newest segment; none while
    /// the server holds no segment of it.
    pub confirmed_by: Option<u64>,
    /// Seconds that must be added to this device's clock to get the server's.
    pub clock_offset: i64,
    /// Keys that this coordinator should renew, overdue by so many days.
    pub renewal_overdue: Option<u64>,
}

impl Vault {
    /// What is in the vault, counted.
    ///
    /// # Errors
    /// What the disk says.
    pub fn counts(&self) -> Result<Counts, Error> {
        let rows = self.store.rows();
        let (records, conflicts) = rows.counts()?;
        let (waiting, refused) = rows.segment_troubles()?;
        Ok(Counts {
            records,
            conflicts,
            forms: self.forms.len() as u64,
            outbox: rows.outbox_len()?,
            unacknowledged: rows.unacknowledged()?,
            attachments: rows.waiting_attachments()?,
            waiting,
            refused,
            quarantined: rows.quarantine()?.len() as u64,
        })
    }

    /// Reads everything there is: every page, the roster, every document.
    ///
    /// # Errors
    /// What the disk says.
    pub fn examine(&self) -> Result<Checkup, Error> {
        let mut findings = self.store.examine()?;
        let mut is_damaged = !findings.is_empty();
        if let Err(error) = self.fold_roster() {
            findings.push(error.to_string());
        }
        for (circle, known) in self.roster.iter().flat_map(|roster| roster.circles()) {
            let granted =
                self.roster.as_ref().is_some_and(|roster| roster.may_read(&self.device.id(), circle));
            if granted && self.store.rows().epoch(circle, known.epoch())?.is_none() {
                findings
                    .push("the newest key of a circle has not arrived: nothing can leave for it".to_owned());
            }
        }
        let damaged = std::cell::Cell::new(0u64);
        self.every_record(|_| Ok(()), |_, _| damaged.set(damaged.get() + 1))?;
        if damaged.get() > 0 {
            findings.push(format!("{} records cannot be read", damaged.get()));
            is_damaged = true;
        }
        if is_damaged {
            findings.push("copy the folder; `cairn rescue` takes out all that can be read".to_owned());
        }
        let torn = self.torn_attachments()?;
        if torn > 0 {
            findings.push(format!("{torn} attached files cannot be sent: pieces are missing"));
        }
        let counts = self.counts()?;
        if counts.refused > 0 {
            findings.push(format!("{} segments were refused for good; they are kept", counts.refused));
            findings.extend(self.refused_segments()?);
        }
        if counts.quarantined > 0 {
            findings.push(format!("{} changes are in quarantine; they are kept", counts.quarantined));
        }
        let (alarms, confirmed_by) = (self.alarms()?, self.confirmed_by()?);
        let clock_offset = self.clock_offset()?;
        let renewal_overdue = self.renewal_overdue()?;
        Ok(Checkup { counts, findings, alarms, confirmed_by, clock_offset, renewal_overdue })
    }

    /// Which segments were refused: place, author as far as the segment says it, and why.
    fn refused_segments(&self) -> Result<Vec<String>, Error> {
        let rows = self.store.rows();
        let mut lines = Vec::new();
        for (circle, segment, reason) in rows.refused_segments(MOST_NAMED)? {
            let author = match parse(&segment.bytes) {
                Err(_) => "of nobody that it names".to_owned(),
                Ok(parsed) => {
                    let (chain, number) = (parsed.header.chain, parsed.header.seq);
                    let device = rows.chain(&chain)?.map(|row| row.device).or(parsed.header.opens_for());
                    let device = device.map_or("an unknown device".to_owned(), |device| {
                        format!("device {}", device.short())
                    });
                    format!("number {number} in chain {} of {device}", chain.short())
                }
            };
            let (seq, circle) = (segment.seq, circle.short());
            lines.push(format!("segment {seq} of circle {circle}, {author}: {reason}"));
        }
        Ok(lines)
    }

    /// Whether any key in this vault opens a segment of a circle, if the one roster head among `heads` is
    /// the one it was sealed at. Asks neither who wrote it nor whether this device belongs: it tells what a
    /// device could read that was given all a server holds.
    ///
    /// # Errors
    /// What the disk says.
    pub fn could_read(&self, circle: &CircleId, segment: &[u8], heads: &[Hash]) -> Result<bool, Error> {
        let (Ok(parsed), Ok(roster)) = (parse(segment), self.roster()) else { return Ok(false) };
        let header = &parsed.header;
        let mut secrets = Vec::new();
        // Those of other circles too.
        for known in roster.circles().keys() {
            secrets.extend(self.store.rows().epochs(known)?);
        }
        for (_, secret) in secrets {
            for head in heads {
                let data = header.associated_data(roster.workspace(), *circle, head);
                let opened = match header.kind {
                    Kind::Batch => secret
                        .derive_segment_key(&header.salt, *circle, header.chain)
                        .and_then(|key| key.open(&data, parsed.ciphertext)),
                    Kind::Submitted => secret.open_submitted(*circle, &data, parsed.ciphertext),
                };
                if opened.is_ok() {
                    return Ok(true);
                }
            }
        }
        Ok(false)
    }

    /// What is in quarantine: reasons and bytes.
    ///
    /// # Errors
    /// What the disk says.
    pub fn quarantine(&self) -> Result<Vec<QuarantineRow>, Error> {
        Ok(self.store.rows().quarantine()?)
    }
}
