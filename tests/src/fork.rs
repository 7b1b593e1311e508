//! A dishonest operator: a second server on a copy of the first one's folder, with the same key, and a hand
//! in the database that passes one chain's segments from one history into the other.

use std::fs;
use std::path::Path;

use cairn_core::transport::Https;
use cairn_core::wire::codec::unhex;
use cairn_core::wire::digest::{VerifyingKey, half, next_root};
use cairn_core::wire::id::{ChainId, CircleId, DeviceId};
use cairn_core::wire::segment::parse;
use cairn_server::{Config, Running, Server};
use rusqlite::{Connection, params};

use crate::ground::Ground;

/// The second face of a server.
pub struct OtherFace {
    server: Option<Running>,
    folder: std::path::PathBuf,
}

impl OtherFace {
    /// Forks the ground's history here and now; both servers run afterwards.
    pub fn of(ground: &mut Ground) -> Self {
        let folder = ground.path().join("other face");
        ground.stop();
        copy_folder(&ground.data(), &folder);
        ground.start();
        let mut face = Self { server: None, folder };
        face.start();
        face
    }

    fn start(&mut self) {
        let mut config = Config::in_folder(self.folder.clone());
        config.network.rate = 100_000.0;
        config.network.burst = 100_000.0;
        self.server = Some(Server::new(config).start().expect("the server starts"));
    }

    /// A connection to it.
    pub fn transport(&self) -> Https {
        let server = self.server.as_ref().expect("the server runs");
        let key = VerifyingKey(unhex(server.pin()).expect("a pin"));
        Https::new(&format!("https://{}", server.address()), key, None).expect("an address")
    }

    /// A connection to it that accepts other keys.
    pub fn transport_for(&self, pins: Vec<VerifyingKey>) -> Https {
        let server = self.server.as_ref().expect("the server runs");
        Https::new(&format!("https://{}", server.address()), pins, None).expect("an address")
    }

    /// Puts what `device` wrote on the ground's server behind the history shown here; gives how much.
    pub fn pass_on(&mut self, ground: &mut Ground, device: &DeviceId) -> usize {
        ground.stop();
        self.server.take().expect("the server runs").stop().expect("the server stops");
        let passed = graft(&ground.data().join("log.db"), &self.folder.join("log.db"), device);
        ground.start();
        self.start();
        passed
    }
}

/// Copies a folder with everything in it.
pub fn copy_folder(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("a folder");
    for entry in fs::read_dir(from).expect("a folder") {
        let entry = entry.expect("an entry");
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy_folder(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).expect("a copy");
        }
    }
}

fn graft(from: &Path, to: &Path, device: &DeviceId) -> usize {
    let to = Connection::open(to).expect("a log");
    to.execute("ATTACH ?1 AS other", [from.to_str().expect("a path")]).expect("a log");
    let mut missing = to
        .prepare(
            "SELECT s.workspace, s.circle, s.chain, s.chain_seq, s.day, s.hash, s.bytes FROM other.segment s
             JOIN other.chain c ON c.chain = s.chain
             WHERE c.device = ?1 AND s.hash NOT IN (SELECT hash FROM main.segment) ORDER BY s.seq",
        )
        .expect("a statement");
    type Row = ([u8; 16], [u8; 16], [u8; 16], i64, i64, [u8; 32], Vec<u8>);
    let rows: Vec<Row> = missing
        .query_map([device.0], |row| {
            Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?, row.get(5)?, row.get(6)?))
        })
        .expect("rows")
        .collect::<Result<_, _>>()
        .expect("rows");
    for (workspace, circle, chain, chain_seq, day, hash, bytes) in &rows {
        let (seq, root): (i64, [u8; 32]) = to
            .query_row("SELECT seq, root FROM main.circle WHERE circle = ?1", [circle], |row| {
                Ok((row.get(0)?, row.get(1)?))
            })
            .expect("a circle");
        let sql = "INSERT INTO main.segment (workspace, circle, seq, chain, chain_seq, day, hash, bytes)
                   VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)";
        to.execute(sql, params![workspace, circle, seq + 1, chain, chain_seq, day, hash, bytes])
            .expect("a segment");
        let sql = "UPDATE main.circle SET seq = ?2, root = ?3 WHERE circle = ?1";
        to.execute(sql, params![circle, seq + 1, next_root(&root, hash)]).expect("a circle");
        let sql = "INSERT INTO main.chain (workspace, chain, circle, device, height, link)
                   VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT DO UPDATE SET height = ?5, link = ?6";
        to.execute(sql, params![workspace, chain, circle, device.0, chain_seq, half(hash)]).expect("a chain");
    }
    rows.len()
}

/// Puts a segment into the log as if the server had let it in.
pub fn smuggle(ground: &mut Ground, segment: &[u8], author: DeviceId) {
    let log = Connection::open(ground.data().join("log.db")).expect("a log");
    let circle = log.query_row("SELECT circle FROM circle", [], |row| row.get(0)).expect("a circle");
    drop(log);
    smuggle_into(ground, CircleId(circle), segment, author);
}

/// The same where there are several circles.
pub fn smuggle_into(ground: &mut Ground, circle: CircleId, segment: &[u8], author: DeviceId) {
    ground.stop();
    let log = Connection::open(ground.data().join("log.db")).expect("a log");
    let parsed = parse(segment).expect("a segment");
    let (workspace, circle, seq, root) = log
        .query_row("SELECT workspace, circle, seq, root FROM circle WHERE circle = ?1", [circle.0], |row| {
            Ok((row.get::<_, [u8; 16]>(0)?, row.get::<_, [u8; 16]>(1)?, row.get::<_, i64>(2)?, row.get(3)?))
        })
        .expect("a circle");
    let (chain, number) = (parsed.header.chain.0, parsed.header.seq as i64);
    let sql = "INSERT INTO segment (workspace, circle, seq, chain, chain_seq, day, hash, bytes)
               VALUES (?1, ?2, ?3, ?4, ?5, 0, ?6, ?7)";
    log.execute(sql, params![workspace, circle, seq + 1, chain, number, parsed.hash, segment])
        .expect("a segment");
    let sql = "UPDATE circle SET seq = ?1, root = ?2 WHERE circle = ?3";
    log.execute(sql, params![seq + 1, next_root(&root, &parsed.hash), circle]).expect("a circle");
    let sql = "INSERT INTO chain (workspace, chain, circle, device, height, link)
               VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT DO UPDATE SET height = ?5, link = ?6";
    log.execute(sql, params![workspace, chain, circle, author.0, number, parsed.link()]).expect("a chain");
    drop(log);
    ground.start();
}

/// Every chain that the server knows, and whose it is.
pub fn chains(ground: &Ground) -> Vec<(ChainId, DeviceId)> {
    let log = Connection::open(ground.data().join("log.db")).expect("a log");
    let mut statement = log.prepare("SELECT chain, device FROM chain").expect("a statement");
    let rows = statement.query_map([], |row| Ok((ChainId(row.get(0)?), DeviceId(row.get(1)?))));
    rows.expect("rows").collect::<Result<_, _>>().expect("rows")
}
