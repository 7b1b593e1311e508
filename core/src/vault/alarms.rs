//! What must never happen: noted, kept and shown. Logs are compared between devices here.
//!
//! A segment says what its author had of the circle's log when it was sealed: how many segments, and half
//! of the root over them. The author signed it. A device that has another root at that place holds the
//! proof that the server showed two histories. Taking in goes on all the same.

use cairn_wire::id::{CircleId, DeviceId};

use super::Vault;
use super::sync::Tally;
use crate::error::Error;
use crate::segment::Witness;
use crate::store::{AlarmKind, AlarmRow, CircleRow, Rows, StoreError, WitnessRow};
use crate::sync::Alarm;

/// What comparing a witness with the own log gave.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Compared {
    /// Both saw the same.
    Same,
    /// They saw different logs: an alarm was noted.
    Differs,
    /// The own log does not reach that far; it is compared when it does.
    Later,
}

/// An alarm, as people see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AlarmView {
    /// The alarm.
    pub alarm: AlarmRow,
    /// What the device is called, if the alarm is about one that has a name here.
    pub name: Option<String>,
}

/// Compares what `device` saw with the own log.
pub(super) fn compare(
    rows: &Rows<'_>,
    circle: &CircleId,
    device: &DeviceId,
    witness: &Witness,
    now: u64,
) -> Result<Compared, StoreError> {
    if witness.seq == 0 {
        return Ok(Compared::Same);
    }
    let Some(ours) = rows.half_root(circle, witness.seq)? else {
        // A pack stands for that part of the log: its root there is not known, and never will be.
        if rows.circle(circle)?.is_some_and(|row| witness.seq <= row.base) {
            return Ok(Compared::Same);
        }
        rows.put_witness(circle, &WitnessRow { seq: witness.seq, device: *device, root: witness.root })?;
        return Ok(Compared::Later);
    };
    if ours == witness.root {
        rows.put_shown(circle, device, witness.seq)?;
        return Ok(Compared::Same);
    }
    rows.put_alarm(&AlarmRow {
        number: 0,
        kind: AlarmKind::TwoHistories,
        circle: Some(*circle),
        device: Some(*device),
        seq: witness.seq,
        ours: Some(ours),
        theirs: Some(witness.root),
        first: now,
        latest: now,
        times: 1,
    })?;
    Ok(Compared::Differs)
}

impl Vault {
    /// What must never happen and did, oldest first. Nothing is ever removed from it.
    ///
    /// # Errors
    /// What the disk says.
    pub fn alarms(&self) -> Result<Vec<AlarmView>, Error> {
        let rows = self.store.rows();
        let mut views = Vec::new();
        for alarm in rows.alarms()? {
            let name = alarm.device.map(|device| rows.name(&device)).transpose()?.flatten();
            views.push(AlarmView { alarm, name });
        }
        Ok(views)
    }

    /// How many other devices have shown a log that reaches this device's newest segment in every circle;
    /// none while the server holds no segment of it.
    ///
    /// # Errors
    /// What the disk says.
    pub fn confirmed_by(&self) -> Result<Option<u64>, Error> {
        let (rows, device) = (self.store.rows(), self.device.id());
        let mut fewest: Option<u64> = None;
        for circle in rows.circles()? {
            if let Some(count) = rows.confirmed_by(&circle.circle, &device)? {
                fewest = Some(fewest.map_or(count, |fewest| fewest.min(count)));
            }
        }
        Ok(fewest)
    }

    /// Compares what others saw at places that have now been reached.
    pub(super) fn compare_reached(&mut self, circle: &CircleRow, tally: &mut Tally<'_>) -> Result<(), Error> {
        let now = self.clock.now();
        let differing = self.store.gesture(|rows| {
            let mut differing = 0;
            for row in rows.take_witnesses(&circle.circle, circle.cursor)? {
                let witness = Witness { seq: row.seq, root: row.root };
                let compared = compare(&rows, &circle.circle, &row.device, &witness, now)?;
                differing += u64::from(compared == Compared::Differs);
            }
            Ok::<_, StoreError>(differing)
        })?;
        tally.report.alarms += differing;
        Ok(())
    }

    /// Keeps note of an alarm that ends a sync; `place` is the circle and how far its log was held.
    pub(super) fn note_failure<T>(
        &mut self,
        done: Result<T, Error>,
        place: Option<(CircleId, u64)>,
    ) -> Result<T, Error> {
        let Err(Error::Tampered(alarm)) = &done else { return done };
        let (kind, place) = match alarm {
            Alarm::RolledBack(_) => (AlarmKind::RolledBack, place),
            Alarm::RosterRolledBack => (AlarmKind::RolledBack, None),
            Alarm::OtherHistory => (AlarmKind::OtherHistory, place),
            Alarm::UnknownOwn => (AlarmKind::UnknownOwn, place),
            Alarm::OtherRoster => (AlarmKind::OtherRoster, None),
            Alarm::BadSignature => (AlarmKind::BadSignature, None),
            Alarm::OtherPack => (AlarmKind::OtherPack, place),
        };
        let roster = self.roster.as_ref().map_or(0, |roster| roster.seq());
        let seq = match (kind, place) {
            (AlarmKind::OtherRoster, _) | (AlarmKind::RolledBack, None) => roster,
            (_, place) => place.map_or(0, |(_, seq)| seq),
        };
        let now = self.clock.now();
        let row = AlarmRow {
            number: 0,
            kind,
            circle: place.map(|(circle, _)| circle),
            device: None,
            seq,
            ours: None,
            theirs: None,
            first: now,
            latest: now,
            times: 1,
        };
        self.store.gesture(|rows| rows.put_alarm(&row))?;
        done
    }
}
