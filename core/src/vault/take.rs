//! Taking an answer: roster, keys, acknowledgements and the log, in one transaction.

use std::collections::{BTreeMap, BTreeSet};

use cairn_wire::digest::half;
use cairn_wire::id::{CircleId, DeviceId};
use cairn_wire::roster::{Body, Entry, Role, Roster};
use cairn_wire::sync::{CircleHead, Step, SyncResponse, Wrap};

use super::incarnation::Anew;
use super::late::look_back;
use super::membership::introduce;
use super::submitting::let_go;
use super::sync::Tally;
use super::{Vault, fact, new_circle, text};
use crate::crypto::EpochSecret;
use crate::error::Error;
use crate::roster::{is_derived, walk_back};
use crate::store::{AlarmKind, AlarmRow, ChainRow, CircleRow, Rows, SegmentState, StoreError};
use crate::sync::{Alarm, Cursor, Logged, acknowledged, walk};

impl Vault {
    /// Keeps all that an answer brought; `true` if anything was new.
    pub(super) fn take(
        &mut self,
        response: SyncResponse,
        circles: &[CircleRow],
        tally: &mut Tally<'_>,
    ) -> Result<bool, Error> {
        let roster = self.extend_roster(&response.roster)?;
        let by_hand = self.settle_by_hand(roster.as_ref(), response.roster.len())?;
        let SyncResponse { head, roster: entries, wraps, steps, .. } = response;
        let known = self.roster.as_ref().map_or(0, Roster::seq);
        let mut moved = !entries.is_empty();
        let shut = self.before_missing_key()?.is_some();
        let (mut waiting, mut gone) = (0, Vec::new());
        let mut taken = Taken::default();
        let device = self.device.id();
        let again = self.entered_again_by(&entries)?;
        let entered: BTreeSet<CircleId> = again.iter().map(Anew::circle).collect();
        let raised = roster.as_ref().is_some_and(|roster| {
            entered.iter().any(|circle| self.hands_in_to(circle) && !roster.only_hands_in(&device, circle))
        });
        let newest = roster.as_ref().or(self.roster.as_ref());
        let hands_in = self.hands_in_somewhere() || newest.is_some_and(|roster| hands_in(roster, &device));
        let (now, mut late) = (self.clock.now(), 0);
        self.store.gesture(|rows| {
            for (seq, entry) in (known + 1..).zip(&entries) {
                rows.put_roster(seq, entry)?;
            }
            if let Some(key) = by_hand {
                rows.put_fact(fact::SERVER_KEY, &key.0)?;
                rows.forget_fact(fact::SERVER_BY_HAND)?;
            }
            if let Some(roster) = &roster {
                keep_keys(&rows, roster, &self.device, &wraps)?;
                check_submit_keys(&rows, roster, &entries, now)?;
                late = look_back(&rows, roster, &entries, &device)?;
                again.into_iter().try_for_each(|anew| anew.begin(&rows, &device))?;
                // Whoever was admitted by an invitation stands after the entry the invitation saw.
                if roster.member(&device).is_some() {
                    rows.forget_fact(fact::JOINING)?;
                    rows.forget_fact(fact::ASKED)?;
                }
            }
            for ((circle, head_of), steps) in circles.iter().zip(&head.circles).zip(steps) {
                // These very entries take this device out of it: the server rightly says nothing of it.
                let shut = |roster: &Roster| !roster.is_in(&device, &circle.circle);
                if roster.as_ref().is_some_and(shut) {
                    continue;
                }
                // What was said of the chain before says nothing of the one that begins now: it asks again.
                if entered.contains(&circle.circle) {
                    moved = true;
                    continue;
                }
                tally.place = Some((circle.circle, circle.cursor));
                let hands_in = newest.is_some_and(|roster| roster.only_hands_in(&device, &circle.circle));
                let steps = (!hands_in).then_some(steps);
                let one = take_circle(&rows, circle, head_of, steps, &head.generation, &device)?;
                moved |= one.acknowledged > 0 || one.arrived > 0;
                if one.left > 0 && one.arrived == 0 {
                    gone.push(circle.circle);
                }
                waiting += one.left;
                match one.left {
                    0 => drop(tally.behind.remove(&circle.circle)),
                    _ => drop(tally.behind.insert(circle.circle)),
                }
                taken.add(&one);
            }
            // It reads from now on what it had sealed.
            if raised {
                rows.forget_finished()?;
            }
            if let Some(roster) = newest.filter(|_| hands_in && taken.acknowledged > 0) {
                let_go(&rows, roster, &device, now)?;
            }
            Ok::<_, Error>(())
        })?;
        if hands_in && taken.acknowledged > 0 {
            self.sweep()?;
        }
        tally.place = None;
        self.roster = roster;
        moved |= shut && self.before_missing_key()?.is_none();
        tally.waiting = waiting;
        // An honest server always gives a next segment, unless there is more of the roster to come first.
        if taken.arrived == 0 && entries.is_empty() {
            tally.gone = gone;
        }
        tally.report.letters += late;
        tally.report.segments_up += taken.acknowledged;
        tally.report.segments_down += taken.arrived - taken.own;
        tally.records_up += taken.records;
        tally.tell();
        Ok(moved)
    }

    /// New chains for circles that new entries let this device into again.
    fn entered_again_by(&self, entries: &[Vec<u8>]) -> Result<Vec<Anew>, Error> {
        let mut again = Vec::new();
        for entry in entries.iter().filter_map(|bytes| Entry::decode(bytes).ok()) {
            let (Body::Grant { device, circle } | Body::HandIn { device, circle }) = entry.body else {
                continue;
            };
            if device == self.device.id()
                && let Some(row) = self.store.rows().circle(&circle)?
            {
                again.push(self.entered_again(row)?);
            }
        }
        Ok(again)
    }

    /// The roster entry before the one whose key should have come with it, and did not or was spoilt.
    pub(super) fn before_missing_key(&self) -> Result<Option<u64>, Error> {
        let Some(roster) = &self.roster else { return Ok(None) };
        let (device, rows) = (self.device.id(), self.store.rows());
        let mut earliest: Option<u64> = None;
        for (circle, known) in roster.circles() {
            if !roster.may_read(&device, circle) || rows.epoch(circle, known.epoch())?.is_some() {
                continue;
            }
            let granted = known.since(&device).unwrap_or_default();
            let begun = known.epochs.last().map_or(0, |epoch| epoch.since);
            let before = granted.max(begun).saturating_sub(1);
            earliest = Some(earliest.map_or(before, |earliest| earliest.min(before)));
        }
        Ok(earliest)
    }

    /// The roster with the new entries; what does not continue it is an alarm.
    pub(super) fn extend_roster(&self, entries: &[Vec<u8>]) -> Result<Option<Roster>, Error> {
        let newer = |error| match error {
            cairn_wire::roster::RosterError::Newer(_) => Error::TooNew { what: "the workspace's roster" },
            _ => Error::Tampered(Alarm::OtherRoster),
        };
        let Some(roster) = &self.roster else {
            if entries.is_empty() {
                return Ok(None);
            }
            let workspace = self.stored_workspace()?;
            let roster = Roster::fold(workspace, entries.iter().map(Vec::as_slice)).map_err(newer)?;
            self.check_invited(&roster)?;
            return Ok(Some(roster));
        };
        let mut roster = roster.clone();
        for entry in entries {
            roster.append(entry).map_err(newer)?;
        }
        self.check_invited(&roster)?;
        Ok(Some(roster))
    }

    /// A newcomer accepts only the roster that its invitation saw, and in which that server was known at that
    /// entry. A long roster comes in several answers: until the entry is there nothing can be judged.
    fn check_invited(&self, roster: &Roster) -> Result<(), Error> {
        let Some(invitation) = self.invitation()? else { return Ok(()) };
        let seen = roster.head_at(invitation.roster_seq).map(|head| half(&head));
        // Admission comes after that entry; a roster that admits earlier is not the one.
        let early = seen.is_none() && roster.member(&self.device.id()).is_some();
        let same_roster = !early && seen.is_none_or(|seen| seen == invitation.roster_head);
        let known = roster.server_keys_at(invitation.roster_seq).contains(&invitation.server_key);
        if same_roster && (known || seen.is_none()) {
            Ok(())
        } else {
            Err(Error::Tampered(Alarm::OtherRoster))
        }
    }
}

/// Whether a device is to let go of something once it is acknowledged.
fn hands_in(roster: &Roster, device: &DeviceId) -> bool {
    let only = roster.member(device).is_some_and(|member| member.role == Role::SubmitOnly);
    only || roster.circles().values().any(|known| known.hands_in(device))
}

/// What became of one circle, or of all of them together.
#[derive(Debug, Default)]
struct Taken {
    acknowledged: u64,
    arrived: u64,
    own: u64,
    left: u64,
    records: u64,
}

impl Taken {
    fn add(&mut self, other: &Self) {
        self.acknowledged += other.acknowledged;
        self.arrived += other.arrived;
        self.own += other.own;
        self.records += other.records;
    }
}

/// Opens the wraps for this device and walks back through the epochs; enters circles that are new.
pub(super) fn keep_keys(
    rows: &Rows<'_>,
    roster: &Roster,
    device: &crate::crypto::DeviceSecret,
    wraps: &[Wrap],
) -> Result<(), Error> {
    // To whoever may not read none is given; one that comes all the same is not used.
    let reads = roster.member(&device.id()).is_some_and(|member| member.role.reads());
    let hands_in =
        |circle: &CircleId| roster.circles().get(circle).is_some_and(|known| known.hands_in(&device.id()));
    for wrap in wraps.iter().filter(|wrap| reads && !hands_in(&wrap.circle)) {
        // A wrap that does not open, or opens to another secret than the committed one, is the
        // server's or its author's doing; the circle stays shut, and each sync asks for the key again.
        let opened = EpochSecret::unwrap(&wrap.sealed, roster.workspace(), wrap.circle, wrap.epoch, device);
        let Ok(secret) = opened else { continue };
        for (epoch, secret) in walk_back(roster, wrap.circle, wrap.epoch, secret) {
            rows.put_epoch(&wrap.circle, epoch, &secret)?;
        }
    }
    for circle in roster.circles().keys() {
        if roster.is_in(&device.id(), circle) && rows.circle(circle)?.is_none() {
            rows.put_circle(&new_circle(*circle)?)?;
            let writes = roster.may_write(&device.id(), circle, roster.seq());
            if let Some(name) = text(rows, fact::NAME)?.filter(|_| writes) {
                introduce(rows, circle, &device.id(), &name)?;
            }
        }
    }
    Ok(())
}

/// Notes an alarm about each submit key that new entries bring and that does not follow from the secret this
/// device holds: what is sealed to it, nobody in the circle can open.
pub(super) fn check_submit_keys(
    rows: &Rows<'_>,
    roster: &Roster,
    entries: &[Vec<u8>],
    now: u64,
) -> Result<(), Error> {
    for entry in entries.iter().filter_map(|bytes| Entry::decode(bytes).ok()) {
        let Body::SubmitKey { circle, epoch, .. } = entry.body else { continue };
        let Some(secret) = rows.epoch(&circle, epoch)? else { continue };
        if !is_derived(roster, circle, epoch, &secret)? {
            rows.put_alarm(&AlarmRow {
                number: 0,
                kind: AlarmKind::OtherSubmitKey,
                circle: Some(circle),
                device: Some(entry.author),
                seq: entry.seq,
                ours: None,
                theirs: None,
                first: now,
                latest: now,
                times: 1,
            })?;
        }
    }
    Ok(())
}

/// Acknowledgements and the next stretch of one circle's log; without it where this device only hands in.
fn take_circle(
    rows: &Rows<'_>,
    before: &CircleRow,
    head: &CircleHead,
    steps: Option<Vec<Step>>,
    generation: &[u8; 8],
    device: &cairn_wire::id::DeviceId,
) -> Result<Taken, Error> {
    let circle = before.circle;
    let mut row = rows.circle(&circle)?.ok_or(StoreError::Unreadable("circle"))?;
    let own_chain = rows.chain(&row.chain)?;
    let own_seen = own_chain.map_or(0, |chain| chain.height);
    // Own segments between the log and the newest sealed one, by number.
    let waiting = rows.sealed_from(&circle, own_seen + 1, usize::MAX)?;
    let own: BTreeMap<u64, _> = waiting.into_iter().map(|row| (row.seq, row)).collect();
    let hash = |seq: u64| own.get(&seq).map(|row| row.hash);
    let height = acknowledged(head, row.sealed, row.acknowledged, hash)?;
    let cursor = Cursor { seq: row.cursor, root: row.root };
    let (end, logged) = match steps {
        Some(steps) => walk(cursor, head, steps, own_seen, hash)?,
        None => (Cursor { seq: row.cursor, root: row.root }, Vec::new()),
    };
    let mut taken = Taken {
        acknowledged: height - row.acknowledged,
        arrived: end.seq - row.cursor,
        left: head.seq.saturating_sub(end.seq),
        records: own
            .values()
            .filter(|one| one.seq > row.acknowledged && one.seq <= height)
            .map(|one| one.records)
            .sum(),
        own: 0,
    };
    let mut link = own_chain.map_or([0; 16], |chain| chain.link);
    let mut seen = own_seen;
    for (seq, (root, logged)) in (row.cursor + 1..).zip(logged) {
        match logged {
            Logged::Other(bytes) => rows.put_segment(&circle, seq, SegmentState::New, &root, &bytes)?,
            Logged::Own(number) => {
                let Some(sealed) = own.get(&number) else { return Err(Alarm::UnknownOwn.into()) };
                // Where something was erased it is looked into like any other, since it may hold some of that.
                let state = if rows.has_erased(&circle)? { SegmentState::New } else { SegmentState::TakenIn };
                rows.put_segment(&circle, seq, state, &root, &sealed.bytes)?;
                rows.put_shown(&circle, device, seq)?;
                rows.note_label_placed(&circle, number, seq)?;
                rows.clear_sealed(&circle, number)?;
                link = half(&sealed.hash);
                seen = number;
                taken.own += 1;
            }
        }
    }
    if seen > own_seen {
        rows.put_chain(&ChainRow { chain: row.chain, circle, device: *device, height: seen, link })?;
    }
    row.cursor = end.seq;
    row.root = end.root;
    row.generation = generation.to_vec();
    row.acknowledged = height;
    row.in_doubt = false;
    rows.put_circle(&row)?;
    Ok(taken)
}
