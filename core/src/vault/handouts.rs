//! Handing forms to a device that can read nothing, and what its circles are called and hold.

use std::collections::BTreeSet;

use cairn_wire::codec::Reader;
use cairn_wire::id::{CircleId, DeviceId};
use cairn_wire::roster::Role;

use super::Vault;
use super::fact;
use super::forms::keep_form;
use super::shelves::written;
use super::tables;
use crate::error::Error;
use crate::form::Form;
use crate::segment::{Batch, Dictionary, FormEntry, Handout, HandoutError, Label};
use crate::store::LabelRow;

/// What a handout brought.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HandoutTaken {
    /// Forms and versions that were new.
    pub forms: u64,
    /// Circles of which it says what they hold.
    pub circles: u64,
}

impl Vault {
    /// Makes a handout for a device that only hands in: every form, and what is written on the circles that
    /// both are in. It is sealed to that device and may go any road.
    ///
    /// # Errors
    /// [`Error::NotAllowed`] unless this device is a coordinator's; [`Error::NotFound`] unless the device
    /// belongs; [`Error::BadHandout`] for one that reads by itself or hands nothing in.
    pub fn make_handout(&self, device: &DeviceId) -> Result<Vec<u8>, Error> {
        self.need_coordinator()?;
        let roster = self.roster()?;
        let missing = || Error::NotFound { what: "device", name: device.short() };
        let member = roster.member(device).filter(|member| member.belongs()).ok_or_else(missing)?;
        if member.role != Role::SubmitOnly {
            return Err(Error::BadHandout { problem: "only devices that hand in and read nothing need one" });
        }
        let rows = self.store.rows();
        let forms =
            rows.forms()?.into_iter().map(|row| FormEntry { form: row.bytes, dictionary: row.dictionary });
        let mut forms: Vec<FormEntry> = forms.collect();
        let mut pieces = Vec::new();
        for name in self.forms.iter().flat_map(|known| known.form.pieces()).collect::<BTreeSet<_>>() {
            pieces.extend(tables::piece(&rows, &name)?);
        }
        let mut circles: Vec<(CircleId, Batch)> = Vec::new();
        for circle in roster.circles().keys().filter(|circle| roster.is_in(device, circle)) {
            let mut labels = Vec::new();
            // The first counts as well as the last: by it a circle is one for sharing or not.
            for row in rows.labels()?.into_iter().filter(|row| row.circle == *circle) {
                labels.extend(Label::read(&mut Reader::new(&row.bytes)));
            }
            let held = roster.may_read(&self.device.id(), circle);
            if held {
                let (forms, pieces) = (std::mem::take(&mut forms), std::mem::take(&mut pieces));
                circles.push((*circle, Batch { forms, labels, pieces, ..Batch::default() }));
            }
        }
        if circles.is_empty() {
            return Err(Error::NotAllowed { need: "coordinator who is in a circle with that device" });
        }
        Handout::seal(&circles, roster, &self.device, &member.keys).map_err(|error| match error {
            HandoutError::TooLarge => Error::TooLarge("the handout"),
            error => Error::Bug(error.to_string()),
        })
    }

    /// Takes in a handout: all of it or nothing. An older one than the last changes nothing that the last said
    /// of circles.
    ///
    /// # Errors
    /// [`Error::BadHandout`], [`Error::TooNew`].
    pub fn take_handout(&mut self, bytes: &[u8]) -> Result<HandoutTaken, Error> {
        let roster = self.roster()?;
        if !self.hands_in_only() {
            return Err(Error::BadHandout { problem: "this device gets its forms with `cairn sync`" });
        }
        let handout = Handout::open(bytes, roster, &self.device).map_err(bad)?;
        let newer = self.handout_seq()?.is_none_or(|seq| handout.roster_seq >= seq);
        let mut forms = Vec::new();
        for entry in handout.circles.iter().flat_map(|(_, batch)| &batch.forms) {
            let form = Form::decode(&entry.form).map_err(|_| bad(HandoutError::TooNew))?;
            forms.push((form, entry));
        }
        let circles: BTreeSet<CircleId> = handout.circles.iter().map(|(circle, _)| *circle).collect();
        let taken = self.store.gesture(|rows| {
            let mut new = 0;
            for piece in handout.circles.iter().flat_map(|(_, batch)| &batch.pieces) {
                tables::keep_piece(&rows, piece, &handout.author)?;
            }
            for (form, entry) in &forms {
                if !tables::is_complete(&rows, form, &handout.author)? {
                    return Err(Error::BadHandout { problem: "a list or table of a form is missing in it" });
                }
                let dictionary = Dictionary::new(entry.dictionary.clone());
                let kept = keep_form(&rows, form, &entry.form, &handout.author, dictionary.as_ref())?;
                new += u64::from(kept);
            }
            if newer {
                for (circle, batch) in &handout.circles {
                    rows.clear_labels(circle)?;
                    for label in &batch.labels {
                        rows.put_label(&LabelRow { circle: *circle, seq: 0, bytes: written(label) })?;
                    }
                }
                rows.put_fact(fact::HANDOUT, &handout.roster_seq.to_be_bytes())?;
            }
            Ok::<_, Error>(HandoutTaken { forms: new, circles: circles.len() as u64 })
        })?;
        self.reload_forms()?;
        Ok(taken)
    }

    /// A device that only hands in begins no record that it could put into the wrong circle: since a circle was
    /// added it may be another one.
    pub(super) fn need_fresh_handout(&self) -> Result<(), Error> {
        if !self.hands_in_only() {
            return Ok(());
        }
        let founded =
            |known: &cairn_wire::roster::Circle| known.epochs.first().map_or(0, |epoch| epoch.since);
        let newest = self.roster()?.circles().values().map(founded).max().unwrap_or_default();
        match self.handout_seq()? {
            Some(seq) if seq >= newest => Ok(()),
            _ => Err(Error::NeedsHandout),
        }
    }

    /// The roster entry at which the newest handout was made.
    pub(super) fn handout_seq(&self) -> Result<Option<u64>, Error> {
        let fact = self.store.rows().fact(fact::HANDOUT)?;
        Ok(fact.and_then(|bytes| bytes.try_into().ok()).map(u64::from_be_bytes))
    }
}

fn bad(error: HandoutError) -> Error {
    let problem = match error {
        HandoutError::TooNew => return Error::TooNew { what: "this handout" },
        HandoutError::NotForThis => "it was made for another device",
        HandoutError::NotEntitled => "no coordinator of this workspace has signed it",
        HandoutError::RosterAhead => "it is newer than what this device knows: sync first",
        _ => "it is damaged, or no handout",
    };
    Error::BadHandout { problem }
}
