//! What other devices saw of the log, and what must never happen and did.

use cairn_wire::digest::{half, next_root, sha256};
use cairn_wire::id::{ChainId, CircleId, DeviceId};
use cairn_wire::segment::parse;
use rusqlite::{Connection, OptionalExtension, Row, params};

use super::{Rows, StoreError, id16, int, uint};

/// Half of a root over a circle's log.
pub type HalfRoot = [u8; 16];

/// What must never happen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AlarmKind {
    /// Another device's signed segment names another root at a place this device holds.
    TwoHistories,
    /// The server holds less than it has shown before.
    RolledBack,
    /// The server shows another history than before.
    OtherHistory,
    /// The server holds segments in this device's name that this vault does not know.
    UnknownOwn,
    /// The server's roster does not continue the one that is known.
    OtherRoster,
    /// An answer was not signed by the server.
    BadSignature,
    /// A pack says something else than this device's copy of the log it covers.
    OtherPack,
    /// A coordinator published a submit key that does not follow from the circle's secret.
    OtherSubmitKey,
}

const KINDS: [(i64, AlarmKind); 8] = [
    (1, AlarmKind::TwoHistories),
    (2, AlarmKind::RolledBack),
    (3, AlarmKind::OtherHistory),
    (4, AlarmKind::UnknownOwn),
    (5, AlarmKind::OtherRoster),
    (6, AlarmKind::BadSignature),
    (7, AlarmKind::OtherPack),
    (8, AlarmKind::OtherSubmitKey),
];

impl AlarmKind {
    fn code(self) -> i64 {
        KINDS.iter().find(|(_, kind)| *kind == self).map_or(0, |(code, _)| *code)
    }

    fn from_code(code: i64) -> Result<Self, StoreError> {
        let known = KINDS.iter().find(|(known, _)| *known == code);
        known.map(|(_, kind)| *kind).ok_or(StoreError::Unreadable("alarm"))
    }
}

/// One alarm. Several of one kind about the same circle and device are one row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AlarmRow {
    /// Its row; 0 before it is kept.
    pub number: u64,
    /// What happened.
    pub kind: AlarmKind,
    /// In which circle, where that is known.
    pub circle: Option<CircleId>,
    /// Whose signed segment proves it, if one does.
    pub device: Option<DeviceId>,
    /// The lowest place in the circle's log (or the roster) it was noted for; 0 where none is known.
    pub seq: u64,
    /// Half root this device has there, if it is about roots.
    pub ours: Option<HalfRoot>,
    /// Half root the other device was shown there.
    pub theirs: Option<HalfRoot>,
    /// When it was first noted, by this device's clock, seconds.
    pub first: u64,
    /// When it was last noted.
    pub latest: u64,
    /// How often.
    pub times: u64,
}

/// What another device saw at a place not reached yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WitnessRow {
    /// The place.
    pub seq: u64,
    /// Who saw it.
    pub device: DeviceId,
    /// Half root there.
    pub root: HalfRoot,
}

impl Rows<'_> {
    /// Half root over the circle's log up to place `seq`, if that is held.
    pub fn half_root(&self, circle: &CircleId, seq: u64) -> Result<Option<HalfRoot>, StoreError> {
        let sql = "SELECT root FROM segment WHERE circle = ?1 AND seq = ?2 AND root <> x''";
        let mut statement = self.connection.prepare_cached(sql)?;
        let root: Option<Vec<u8>> =
            statement.query_row(params![circle.0, int(seq)], |row| row.get(0)).optional()?;
        root.map(|root| id16(root, "root")).transpose()
    }

    /// Remembers what another device saw at a place not reached yet.
    pub fn put_witness(&self, circle: &CircleId, row: &WitnessRow) -> Result<(), StoreError> {
        let sql = "INSERT OR IGNORE INTO witness (circle, seq, device, root) VALUES (?1, ?2, ?3, ?4)";
        let mut statement = self.connection.prepare_cached(sql)?;
        statement.execute(params![circle.0, int(row.seq), row.device.0, row.root])?;
        Ok(())
    }

    /// Gives back, and forgets, what was seen at places up to `seq`.
    pub fn take_witnesses(&self, circle: &CircleId, seq: u64) -> Result<Vec<WitnessRow>, StoreError> {
        let sql = "DELETE FROM witness WHERE circle = ?1 AND seq <= ?2 RETURNING seq, device, root";
        let mut statement = self.connection.prepare_cached(sql)?;
        let mut rows = statement.query(params![circle.0, int(seq)])?;
        let mut found = Vec::new();
        while let Some(row) = rows.next()? {
            found.push(WitnessRow {
                seq: uint(row.get(0)?),
                device: DeviceId(id16(row.get(1)?, "device")?),
                root: id16(row.get(2)?, "root")?,
            });
        }
        found.sort_by_key(|row| row.seq);
        Ok(found)
    }

    /// Notes that `device` has shown the same log up to place `seq`.
    pub fn put_shown(&self, circle: &CircleId, device: &DeviceId, seq: u64) -> Result<(), StoreError> {
        let sql = "INSERT INTO shown (circle, device, seq) VALUES (?1, ?2, ?3) \
                   ON CONFLICT DO UPDATE SET seq = max(seq, ?3)";
        self.connection.prepare_cached(sql)?.execute(params![circle.0, device.0, int(seq)])?;
        Ok(())
    }

    /// How many other devices have shown a log that reaches `own`'s newest segment; none while no
    /// segment of it stands in the log.
    pub fn confirmed_by(&self, circle: &CircleId, own: &DeviceId) -> Result<Option<u64>, StoreError> {
        let sql = "SELECT count(*) FROM shown other WHERE other.circle = ?1 AND other.device <> ?2 \
                   AND other.seq >= newest.seq";
        let sql = format!("SELECT ({sql}) FROM shown newest WHERE circle = ?1 AND device = ?2");
        let mut statement = self.connection.prepare_cached(&sql)?;
        let count = statement.query_row(params![circle.0, own.0], |row| row.get(0)).optional()?;
        Ok(count.map(uint))
    }

    /// Notes an alarm; `false` if one of that kind about that circle and device was there before.
    pub fn put_alarm(&self, row: &AlarmRow) -> Result<bool, StoreError> {
        let sql = "INSERT INTO alarm (kind, circle, device, seq, ours, theirs, first, latest) \
                   VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?7) \
                   ON CONFLICT DO UPDATE SET times = times + 1, latest = ?7 RETURNING times";
        let mut statement = self.connection.prepare_cached(sql)?;
        let times: i64 = statement.query_row(
            params![
                row.kind.code(),
                row.circle.as_ref().map_or(&[][..], |circle| &circle.0),
                row.device.as_ref().map_or(&[][..], |device| &device.0),
                int(row.seq),
                row.ours.as_ref().map_or(&[][..], |root| root),
                row.theirs.as_ref().map_or(&[][..], |root| root),
                int(row.latest),
            ],
            |row| row.get(0),
        )?;
        Ok(times == 1)
    }

    /// Every alarm, oldest first.
    pub fn alarms(&self) -> Result<Vec<AlarmRow>, StoreError> {
        let sql = "SELECT number, kind, circle, device, seq, ours, theirs, first, latest, times FROM alarm \
                   ORDER BY number";
        let mut statement = self.connection.prepare_cached(sql)?;
        let mut rows = statement.query([])?;
        let mut found = Vec::new();
        while let Some(row) = rows.next()? {
            found.push(read_alarm(row)?);
        }
        Ok(found)
    }
}

fn read_alarm(row: &Row<'_>) -> Result<AlarmRow, StoreError> {
    let sixteen = |index: usize| -> Result<Option<[u8; 16]>, StoreError> {
        let bytes: Vec<u8> = row.get(index)?;
        if bytes.is_empty() { Ok(None) } else { id16(bytes, "alarm").map(Some) }
    };
    Ok(AlarmRow {
        number: uint(row.get(0)?),
        kind: AlarmKind::from_code(row.get(1)?)?,
        circle: sixteen(2)?.map(CircleId),
        device: sixteen(3)?.map(DeviceId),
        seq: uint(row.get(4)?),
        ours: sixteen(5)?,
        theirs: sixteen(6)?,
        first: uint(row.get(7)?),
        latest: uint(row.get(8)?),
        times: uint(row.get(9)?),
    })
}

/// Computes the roots of a log that was kept without them; part of the migration that added them.
pub(super) fn fill_roots(connection: &Connection) -> Result<(), StoreError> {
    let mut circles = connection.prepare("SELECT circle, chain FROM circle")?;
    let circles = circles.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
    let circles: Vec<(Vec<u8>, Vec<u8>)> = circles.collect::<Result<_, _>>()?;
    for (circle, chain) in circles {
        let chain = ChainId(id16(chain, "chain")?);
        let mut own = None;
        let mut root = [0; 32];
        let mut segments =
            connection.prepare("SELECT seq, bytes FROM segment WHERE circle = ?1 ORDER BY seq")?;
        let mut segments = segments.query([&circle])?;
        while let Some(row) = segments.next()? {
            let (seq, bytes): (i64, Vec<u8>) = (row.get(0)?, row.get(1)?);
            root = next_root(&root, &sha256(&[&bytes]));
            if parse(&bytes).is_ok_and(|parsed| parsed.header.chain == chain) {
                own = Some(seq);
            }
            let sql = "UPDATE segment SET root = ?3 WHERE circle = ?1 AND seq = ?2";
            connection.prepare_cached(sql)?.execute(params![circle, seq, half(&root)])?;
        }
        let device: Option<Vec<u8>> = connection
            .query_row("SELECT device FROM chain WHERE chain = ?1", [chain.0], |row| row.get(0))
            .optional()?;
        if let (Some(seq), Some(device)) = (own, device) {
            let sql = "INSERT INTO shown (circle, device, seq) VALUES (?1, ?2, ?3)";
            connection.execute(sql, params![circle, device, seq])?;
        }
    }
    Ok(())
}
