//! All that an honest server knows of one workspace, read from its folder, and what it would answer.

use std::path::Path;

use cairn_core::clock::{Clock, SystemClock};
use cairn_core::crypto::DeviceSecret;
use cairn_core::wire::digest::{half, next_root, sha256};
use cairn_core::wire::id::{CircleId, DeviceId, WorkspaceId};
use cairn_core::wire::segment::parse;
use cairn_core::wire::sync::{CircleAsk, CircleHead, Head, Step, SyncResponse, Wrap};
use rusqlite::{Connection, Row};

use super::{Asked, Told, key_of};

/// What an honest server holds of a workspace with one circle.
pub struct Truth {
    /// The server's own key.
    pub key: DeviceSecret,
    /// Somebody else's.
    pub stranger: DeviceSecret,
    /// The workspace.
    pub workspace: WorkspaceId,
    /// Its circle.
    pub circle: CircleId,
    /// Of the server's folder.
    pub generation: [u8; 8],
    /// The roster's entries.
    pub roster: Vec<Vec<u8>>,
    /// For whom, posted with which entry, and the wrap.
    pub wraps: Vec<(DeviceId, u64, Wrap)>,
    /// Join requests that wait.
    pub joins: Vec<Vec<u8>>,
    /// The circle's log.
    pub log: Vec<Vec<u8>>,
    /// Whose each segment is, at the same places.
    pub authors: Vec<DeviceId>,
    /// Segments that belong elsewhere: to another workspace or circle.
    pub elsewhere: Vec<Vec<u8>>,
}

impl Truth {
    /// Reads what a stopped server keeps of a workspace.
    pub fn read(folder: &Path, workspace: WorkspaceId) -> Self {
        let log = Connection::open(folder.join("log.db")).expect("a log");
        let of = |sql: &str| {
            let mut statement = log.prepare(sql).expect("a statement");
            let rows = statement.query_map([workspace.0], |row| row.get(0)).expect("rows");
            rows.collect::<Result<Vec<Vec<u8>>, _>>().expect("rows")
        };
        let wrap = |row: &Row<'_>| {
            let circle = CircleId(row.get(2)?);
            let epoch: i64 = row.get(3)?;
            let seq: i64 = row.get(1)?;
            let wrap = Wrap { circle, epoch: epoch as u64, sealed: row.get(4)? };
            Ok((DeviceId(row.get(0)?), seq as u64, wrap))
        };
        let sql = "SELECT device, roster_seq, circle, epoch, sealed FROM wrap WHERE workspace = ?1";
        let mut statement = log.prepare(sql).expect("a statement");
        let wraps = statement.query_map([workspace.0], wrap).expect("rows");
        let authors = of("SELECT c.device FROM segment s JOIN chain c
                          ON c.workspace = s.workspace AND c.chain = s.chain
                          WHERE s.workspace = ?1 ORDER BY s.seq");
        let circles = of("SELECT circle FROM circle WHERE workspace = ?1");
        let generation = log.query_row("SELECT generation FROM server", [], |row| row.get(0));
        Self {
            key: key_of(folder),
            stranger: DeviceSecret::generate().expect("keys"),
            workspace,
            circle: CircleId::from_slice(&circles[0]).expect("a circle"),
            generation: generation.expect("a generation"),
            roster: of("SELECT bytes FROM roster_entry WHERE workspace = ?1 ORDER BY seq"),
            wraps: wraps.collect::<Result<_, _>>().expect("wraps"),
            joins: of("SELECT bytes FROM join_request WHERE workspace = ?1"),
            log: of("SELECT bytes FROM segment WHERE workspace = ?1 ORDER BY seq"),
            authors: authors.iter().map(|id| DeviceId::from_slice(id).expect("an author")).collect(),
            elsewhere: Vec::new(),
        }
    }

    /// What an honest server that holds `told` answers, but for its signature.
    pub(crate) fn answer(&self, asked: &Asked, told: &Told) -> SyncResponse {
        let device = asked.hello.hello.device;
        let after = usize::try_from(asked.ask.roster_seq).unwrap_or(usize::MAX).min(told.roster.len());
        let wraps = self.wraps.iter().filter(|(whose, seq, _)| *whose == device && *seq > after as u64);
        let (heads, steps) = asked.ask.circles.iter().map(|ask| circle(ask, &told.log)).unzip();
        SyncResponse {
            head: Head { server_time: SystemClock.now(), generation: self.generation, circles: heads },
            signature: [0; 64],
            roster: told.roster[after..].to_vec(),
            wraps: wraps.map(|(_, _, wrap)| wrap.clone()).collect(),
            joins: Vec::new(),
            refused: Vec::new(),
            steps,
        }
    }
}

/// Head and steps of one circle.
fn circle(ask: &CircleAsk, log: &[Vec<u8>]) -> (CircleHead, Vec<Step>) {
    let mut head = CircleHead { seq: log.len() as u64, root: [0; 32], height: 0, link: None };
    let mut steps: Vec<Step> = Vec::new();
    for (seq, segment) in (1..).zip(log) {
        let hash = sha256(&[segment]);
        head.root = next_root(&head.root, &hash);
        let own = parse(segment).is_ok_and(|parsed| parsed.header.chain == ask.chain);
        if own {
            head.height += 1;
            head.link = Some(half(&hash));
        }
        if seq > ask.cursor {
            match (own, steps.last_mut()) {
                (true, Some(Step::Own(count))) => *count += 1,
                (true, _) => steps.push(Step::Own(1)),
                (false, _) => steps.push(Step::Segment(segment.clone())),
            }
        }
    }
    (head, steps)
}
