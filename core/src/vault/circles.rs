//! Who may see what: circles for parts of records, and who is in them.

use std::collections::BTreeSet;

use cairn_wire::id::{CircleId, DeviceId};
use cairn_wire::refusal::Reason;
use cairn_wire::sync::RosterPost;

use super::membership::introduce;
use super::shelves::written;
use super::sync::Tally;
use super::tables::queue_tables;
use super::{Revoked, Vault, fact, new_circle, text};
use crate::crypto::EpochSecret;
use crate::error::Error;
use crate::form::Part;
use crate::roster::{begin_circle, grant};
use crate::segment::Label;
use crate::store::{LabelRow, OutboxKind, OutboxRow, Rows, StoreError};
use crate::transport::Transport;

/// Another coordinator may change the roster at the same time; so often it is tried.
const TRIES: usize = 5;
/// Letters of a circle's or team's name.
const NAME: usize = 60;

/// What a new circle is to be.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CircleTerms {
    /// What people call it.
    pub name: String,
    /// The parts of records it is to hold.
    pub parts: BTreeSet<Part>,
    /// Whose records these are; empty for everybody's.
    pub team: String,
    /// Whether single records are to be shared there with outsiders. It then holds no part for everybody.
    pub sharing: bool,
    /// Whether sealed records go there: whole ones too, and everybody who writes elsewhere may hand them in.
    pub sealed: bool,
}

/// One circle, as far as this device may know it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CircleView {
    /// Its name in the protocol.
    pub id: CircleId,
    /// What people call it; known only to who is in it.
    pub name: Option<String>,
    /// The parts it holds now.
    pub parts: BTreeSet<Part>,
    /// Whose records these are.
    pub team: String,
    /// Whether single records are shared there.
    pub sharing: bool,
    /// Whether it is labelled for sealed records.
    pub sealed: bool,
    /// Whether this device is in it.
    pub held: bool,
    /// Whether this device was let in to hand in only.
    pub hands_in: bool,
    /// Who is in it.
    pub devices: Vec<DeviceId>,
    /// Who was let in to hand in only.
    pub handing_in: Vec<DeviceId>,
}

impl Vault {
    /// Every circle of the workspace, oldest first.
    ///
    /// # Errors
    /// [`Error::NoWorkspace`].
    pub fn circles(&self) -> Result<Vec<CircleView>, Error> {
        let (roster, shelves) = (self.roster()?, self.shelves()?);
        let mut circles: Vec<_> = roster.circles().iter().collect();
        circles.sort_by_key(|(_, known)| known.epochs.first().map_or(0, |epoch| epoch.since));
        let view = |(id, known): (&CircleId, &cairn_wire::roster::Circle)| {
            let held = shelves.is_held(id);
            let label = shelves.label(id).filter(|_| held);
            CircleView {
                id: *id,
                name: shelves.name(id).filter(|_| held).map(str::to_owned),
                parts: if held { shelves.parts(id) } else { BTreeSet::new() },
                team: label.map_or(String::new(), |label| label.team.clone()),
                sharing: held && shelves.is_sharing(id),
                sealed: held && shelves.is_for_sealed(id),
                held,
                hands_in: shelves.hands_in(id),
                devices: known.devices().filter(|device| known.lets_read(device)).copied().collect(),
                handing_in: known.devices().filter(|device| known.hands_in(device)).copied().collect(),
            }
        };
        Ok(circles.into_iter().map(view).collect())
    }

    /// The circle somebody means: by its name, or the beginning of its identifier.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::Ambiguous`].
    pub fn find_circle(&self, typed: &str) -> Result<CircleView, Error> {
        let typed = typed.trim();
        let means = |view: &CircleView| {
            let begins = typed.len() >= 4 && view.id.to_string().starts_with(&typed.to_lowercase());
            begins || view.name.as_deref() == Some(typed)
        };
        let mut found: Vec<_> = self.circles()?.into_iter().filter(means).collect();
        match (found.pop(), found.is_empty()) {
            (Some(view), true) => Ok(view),
            (None, _) => Err(Error::NotFound { what: "circle", name: typed.to_owned() }),
            (Some(_), false) => Err(Error::Ambiguous { what: "circle", name: typed.to_owned() }),
        }
    }

    /// Begins a circle with this device alone in it. Parts that it takes over are no longer begun where they
    /// were before; what was written there stays readable there.
    ///
    /// # Errors
    /// [`Error::NotAllowed`] unless this device is a coordinator's that is in the circles which held the
    /// parts; [`Error::BadCircle`]; and as [`Vault::sync`].
    pub fn new_circle(&mut self, transport: &dyn Transport, terms: &CircleTerms) -> Result<CircleId, Error> {
        self.need_coordinator()?;
        check(terms)?;
        self.sync(transport, |_| {})?;
        self.take_parts_out(terms)?;
        // The labels go first: whoever learns of the new circle finds them in the same answer. Should this
        // be cut off here, nobody can write the parts until it is done again; nothing goes astray.
        self.sync(transport, |_| {})?;
        let circle = self.found_circle(transport)?;
        let since = self.roster()?.seq();
        let CircleTerms { name, parts, team, sharing, sealed } = terms.clone();
        let sharing = sharing || sealed;
        let label = Label { since, name: name.trim().to_owned(), parts, team, sharing, sealed };
        let forms = self.store.rows().forms()?;
        let known = self.forms.clone();
        let device = self.device.id();
        self.store.gesture(|rows| {
            put_label(&rows, &circle, &label)?;
            // Whoever is in this circle only needs the forms from here.
            for form in forms {
                let (bytes, extra) = (form.bytes, form.dictionary);
                rows.put_outbox(&circle, &outgoing(OutboxKind::Form, bytes, extra))?;
            }
            for known in &known {
                queue_tables(&rows, &circle, &known.form)?;
            }
            text(&rows, fact::NAME)?.map_or(Ok(()), |name| introduce(&rows, &circle, &device, &name))
        })?;
        self.sync(transport, |_| {})?;
        if terms.sealed {
            self.all_hand_in(transport, &circle)?;
        }
        Ok(circle)
    }

    /// Labels the circles that hold any of the parts now without them.
    fn take_parts_out(&mut self, terms: &CircleTerms) -> Result<(), Error> {
        let shelves = self.shelves()?;
        let taken = |name: &str| shelves.held().any(|(id, _)| shelves.name(&id) == Some(name));
        if taken(terms.name.trim()) {
            return Err(Error::BadCircle { problem: "there is a circle of that name" });
        }
        if terms.sharing || terms.sealed {
            return Ok(());
        }
        if terms.team.is_empty() && shelves.first().is_none() {
            return Err(Error::NotAllowed { need: "coordinator who is in the workspace's first circle" });
        }
        let since = self.roster()?.seq() + 1;
        let mut labels = Vec::new();
        for (id, parts) in shelves.held().filter(|(id, _)| !shelves.is_sharing(id)) {
            let team = shelves.label(&id).map_or(String::new(), |label| label.team.clone());
            let left: BTreeSet<Part> = parts.difference(&terms.parts).copied().collect();
            if team != terms.team || left == parts {
                continue;
            }
            if left.is_empty() {
                return Err(Error::BadCircle { problem: "another circle would be left without any part" });
            }
            let name = shelves.name(&id).unwrap_or_default().to_owned();
            labels.push((id, Label { since, name, parts: left, team, sharing: false, sealed: false }));
        }
        self.store.gesture(|rows| labels.iter().try_for_each(|(id, label)| put_label(&rows, id, label)))?;
        Ok(())
    }

    /// A circle with nobody but this device in it and no label: one that was begun before and not labelled,
    /// because the answer was lost, or a new one.
    fn found_circle(&mut self, transport: &dyn Transport) -> Result<CircleId, Error> {
        let server = self.server()?.ok_or(Error::NoWorkspace)?;
        for _ in 0..TRIES {
            let shelves = self.shelves()?;
            let own = [self.device.id()];
            let bare =
                |view: &CircleView| view.held && view.devices == own && shelves.name(&view.id).is_none();
            if let Some(view) = self.circles()?.into_iter().find(bare) {
                return Ok(view.id);
            }
            let (post, circle, secret) = begin_circle(self.roster()?, &self.device, self.time()?)?;
            let mut watch = |_| {};
            let mut tally = Tally::new(&mut watch);
            if self.post_roster(transport, &server, &post, &mut tally)? {
                let row = new_circle(circle)?;
                self.store.gesture(|rows| {
                    rows.put_epoch(&circle, 1, &secret)?;
                    rows.put_circle(&row)
                })?;
                return Ok(circle);
            }
            self.sync(transport, |_| {})?;
        }
        Err(Error::Refused { reason: Reason::RosterMoved })
    }

    /// Lets a device into a circle, with all that was ever written there. `false` if it is in it already.
    ///
    /// # Errors
    /// [`Error::NotAllowed`] unless this device is a coordinator's that is in the circle,
    /// [`Error::NotFound`] unless the device belongs, and as [`Vault::sync`].
    pub fn grant(
        &mut self,
        transport: &dyn Transport,
        device: &DeviceId,
        circle: &CircleId,
    ) -> Result<bool, Error> {
        self.need_in(circle)?;
        let server = self.server()?.ok_or(Error::NoWorkspace)?;
        for _ in 0..TRIES {
            self.sync(transport, |_| {})?;
            self.need_in(circle)?;
            let Some(post) = self.grant_post(device, circle)? else { return Ok(false) };
            let mut watch = |_| {};
            let mut tally = Tally::new(&mut watch);
            if self.post_roster(transport, &server, &post, &mut tally)? {
                return Ok(true);
            }
        }
        Err(Error::Refused { reason: Reason::RosterMoved })
    }

    fn grant_post(&self, device: &DeviceId, circle: &CircleId) -> Result<Option<RosterPost>, Error> {
        let roster = self.roster()?;
        let missing = || Error::NotFound { what: "device", name: device.short() };
        roster.member(device).filter(|member| member.belongs()).ok_or_else(missing)?;
        if roster.circles().get(circle).is_some_and(|known| known.lets_read(device)) {
            return Ok(None);
        }
        let of_circle = self.secrets_for_newcomers()?.into_iter().filter(|(id, ..)| id == circle);
        let secrets: Vec<(u64, EpochSecret)> = of_circle.map(|(_, epoch, secret)| (epoch, secret)).collect();
        if secrets.is_empty() {
            return Err(Error::NotAllowed { need: "coordinator who holds the circle's key" });
        }
        Ok(Some(grant(roster, &self.device, self.time()?, device, *circle, &secrets)?))
    }

    /// Takes a device out of a circle: the circle gets a new key, and nothing written there from now on
    /// reaches the device. What it holds already it keeps.
    ///
    /// # Errors
    /// As [`Vault::revoke`]; also [`Error::NotAllowed`] unless this device is in the circle: whoever ends
    /// what a device wrote there must know all of it.
    pub fn withdraw(
        &mut self,
        transport: &dyn Transport,
        device: &DeviceId,
        circle: &CircleId,
    ) -> Result<Revoked, Error> {
        self.need_in(circle)?;
        self.revoke(transport, device, Some(circle))
    }

    pub(super) fn need_in(&self, circle: &CircleId) -> Result<(), Error> {
        self.need_coordinator()?;
        if self.shelves()?.is_held(circle) {
            Ok(())
        } else {
            Err(Error::NotAllowed { need: "coordinator who is in that circle" })
        }
    }

    /// The circles into which a newcomer is let unless others are named: the workspace's first, and none that
    /// was made to keep something apart.
    ///
    /// # Errors
    /// What the disk says.
    pub fn open_circles(&self) -> Result<Vec<CircleId>, Error> {
        Ok(self.shelves()?.first().into_iter().collect())
    }
}

fn check(terms: &CircleTerms) -> Result<(), Error> {
    let bad = |problem| Err(Error::BadCircle { problem });
    let name = terms.name.trim();
    if name.is_empty() || name.chars().count() > NAME || terms.team.chars().count() > NAME {
        return bad("a circle needs a name of at most 60 letters");
    }
    if name == super::shelves::EVERYTHING {
        return bad("there is a circle of that name");
    }
    match (terms.sharing || terms.sealed, terms.parts.is_empty()) {
        (false, true) => bad("say which parts it is to hold"),
        (true, false) => bad("a circle for sharing or sealed records holds whole ones: name no parts"),
        (true, true) if !terms.team.is_empty() => {
            bad("a circle for sharing or sealed records belongs to no team")
        }
        _ => Ok(()),
    }
}

/// Keeps a label and queues it.
fn put_label(rows: &Rows<'_>, circle: &CircleId, label: &Label) -> Result<(), StoreError> {
    let bytes = written(label);
    rows.put_label(&LabelRow { circle: *circle, seq: 0, bytes: bytes.clone() })?;
    rows.put_outbox(circle, &outgoing(OutboxKind::Label, bytes, Vec::new()))
}

fn outgoing(kind: OutboxKind, bytes: Vec<u8>, extra: Vec<u8>) -> OutboxRow {
    OutboxRow { number: 0, kind, document: None, form: 0, bytes, extra }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_circle_has_a_name_and_holds_parts_or_shares() {
        let terms = |name: &str, parts: &[Part], sharing| CircleTerms {
            name: name.to_owned(),
            parts: parts.iter().copied().collect(),
            team: String::new(),
            sharing,
            sealed: false,
        };
        assert!(check(&terms("clinic", &[Part::Health], false)).is_ok());
        assert!(check(&terms("court", &[], true)).is_ok());
        for (name, parts, sharing) in [
            (" ", &[Part::Health][..], false),
            ("clinic", &[], false),
            ("clinic", &[Part::Health], true),
            ("everything", &[Part::Health], false),
        ] {
            let checked = check(&terms(name, parts, sharing));
            assert!(matches!(checked, Err(Error::BadCircle { .. })), "{name} {parts:?} {sharing}");
        }
    }
}
