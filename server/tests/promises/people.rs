//! The people of a small workspace: a founder, a worker, and what they sign.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use cairn_server::{Config, Running, Server};
use cairn_wire::digest::{Hash, VerifyingKey, half, sha256};
use cairn_wire::hello::{Hello, Purpose};
use cairn_wire::id::{ChainId, CircleId, DeviceId, InviteId, WorkspaceId};
use cairn_wire::path;
use cairn_wire::roster::{BACK_LINK, Body, DeviceKeys, Entry, HPKE_PUBLIC, Role, Roster, workspace_of};
use cairn_wire::segment::{Header, Kind, assemble, signed_bytes};
use cairn_wire::sync::{
    CircleAsk, CreateRequest, RosterPost, RosterReceipt, SyncAsk, SyncResponse, Wrap, request_body,
    wraps_root,
};
use ring::signature::{Ed25519KeyPair, KeyPair};
use tempfile::TempDir;

use crate::client::{Answer, key_of, post};

/// The circle everybody is in.
pub const CIRCLE: CircleId = CircleId([0xc1; 16]);

/// A device and its keys.
pub struct Device {
    pair: Ed25519KeyPair,
    /// What others know of it.
    pub keys: DeviceKeys,
}

/// A device whose keys are made from one octet.
pub fn device(seed: u8) -> Device {
    let pair = Ed25519KeyPair::from_seed_unchecked(&[seed; 32]).unwrap();
    let signing = VerifyingKey(pair.public_key().as_ref().try_into().unwrap());
    Device { pair, keys: DeviceKeys { signing, wrapping: Box::new([seed; HPKE_PUBLIC]) } }
}

impl Device {
    /// Its name.
    pub fn id(&self) -> DeviceId {
        self.keys.id()
    }

    /// Signs.
    pub fn sign(&self, message: &[u8]) -> [u8; 64] {
        self.pair.sign(message).as_ref().try_into().unwrap()
    }

    /// An entry at any place of a roster.
    pub fn entry_at(&self, workspace: WorkspaceId, seq: u64, prev: Hash, body: Body) -> Vec<u8> {
        let mut entry = Entry { seq, prev, time: 1_800_000_000, author: self.id(), body, signature: [0; 64] };
        entry.signature = self.sign(&entry.signed_bytes(workspace));
        entry.encode()
    }

    /// The entry that continues `roster`.
    pub fn entry(&self, roster: &Roster, body: Body) -> Vec<u8> {
        self.entry_at(roster.workspace(), roster.seq() + 1, roster.head(), body)
    }

    /// A signed request of now.
    pub fn request(&self, camp: &Camp, purpose: Purpose, ask: Vec<u8>, body: &[u8]) -> (Hello, Vec<u8>) {
        let hello = Hello {
            workspace: camp.roster.workspace(),
            device: self.id(),
            time: now(),
            nonce: nonce(),
            body_digest: Hello::digest_of(body),
            ask,
        };
        let request = self.signed(&hello, purpose, &camp.server_key, body);
        (hello, request)
    }

    /// A request with any hello.
    pub fn signed(&self, hello: &Hello, purpose: Purpose, server: &VerifyingKey, body: &[u8]) -> Vec<u8> {
        [hello.encode(&self.sign(&hello.signed_bytes(purpose, server))), body.to_vec()].concat()
    }

    /// A row of segments of a new chain, sealed at the roster as it is.
    pub fn row(&self, camp: &Camp, chain: u8, count: u64, size: usize) -> Vec<Vec<u8>> {
        let mut row = Row::new(self, chain);
        (0..count).map(|_| row.next(camp, size)).collect()
    }
}

/// A chain in the making.
pub struct Row<'a> {
    device: &'a Device,
    /// Its name.
    pub chain: ChainId,
    seq: u64,
    prev: [u8; 16],
}

impl<'a> Row<'a> {
    /// A new chain.
    pub fn new(device: &'a Device, chain: u8) -> Self {
        Self { device, chain: ChainId([chain; 16]), seq: 0, prev: device.id().0 }
    }

    /// The next segment, bent by `bend` before it is signed.
    pub fn bent(&mut self, camp: &Camp, size: usize, bend: impl FnOnce(&mut Header)) -> Vec<u8> {
        self.seq += 1;
        let roster = &camp.roster;
        let mut header = Header {
            kind: Kind::Batch,
            chain: self.chain,
            seq: self.seq,
            epoch: roster.epoch_at(&CIRCLE, roster.seq()).unwrap_or(1),
            roster_seq: roster.seq(),
            prev: self.prev,
            salt: [7; 24],
        };
        bend(&mut header);
        let head = roster.head_at(header.roster_seq).unwrap_or_default();
        let ciphertext = vec![0x5a; size];
        let data = header.associated_data(roster.workspace(), CIRCLE, &head);
        let signature = self.device.sign(&signed_bytes(&data, &ciphertext));
        let segment = assemble(&header, &signature, &ciphertext);
        self.prev = half(&sha256(&[&segment]));
        segment
    }

    /// The next segment.
    pub fn next(&mut self, camp: &Camp, size: usize) -> Vec<u8> {
        self.bent(camp, size, |_| ())
    }
}

/// Seconds since 1970.
pub fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs()
}

/// Never the same twice.
pub fn nonce() -> [u8; 16] {
    static COUNT: AtomicU64 = AtomicU64::new(0);
    half(&sha256(&[&COUNT.fetch_add(1, Ordering::Relaxed).to_be_bytes(), &std::process::id().to_be_bytes()]))
}

/// A workspace on a server: founder 1 and worker 2 in one circle.
pub struct Camp {
    /// Coordinator.
    pub founder: Device,
    /// Field.
    pub worker: Device,
    /// As both know it.
    pub roster: Roster,
    /// The entries it was folded from.
    pub entries: Vec<Vec<u8>>,
    /// The wraps that came with them.
    pub wraps: Vec<(DeviceId, Wrap)>,
    /// The server's key.
    pub server_key: VerifyingKey,
}

/// The body of an entry that begins epoch `number`, naming these wraps.
pub fn epoch(number: u64, wraps: &[(DeviceId, Wrap)]) -> Body {
    let sealed = wraps.iter().filter(|(_, wrap)| wrap.epoch == number).map(|(_, wrap)| &wrap.sealed[..]);
    let back_link = (number > 1).then_some([8; BACK_LINK]);
    let wraps_root = wraps_root(sealed);
    Body::Epoch { circle: CIRCLE, epoch: number, commitment: [4; 32], back_link, wraps_root }
}

/// A secret wrapped for a device.
pub fn wrap(device: &Device, epoch: u64) -> (DeviceId, Wrap) {
    (device.id(), Wrap { circle: CIRCLE, epoch, sealed: vec![epoch as u8; 1_168] })
}

/// The body of an entry that adds a device.
pub fn add(device: &Device, role: Role, invite: u8) -> Body {
    Body::AddDevice { keys: device.keys.clone(), role, invite: InviteId([invite; 16]) }
}

impl Camp {
    /// The workspace as it will be posted.
    pub fn planned(server_key: VerifyingKey) -> Self {
        Self::planned_by(device(1), device(2), server_key)
    }

    /// The same with other people.
    pub fn planned_by(founder: Device, worker: Device, server_key: VerifyingKey) -> Self {
        let workspace = workspace_of(&founder.keys.signing, &[3; 16]);
        let body = Body::Genesis { nonce: [3; 16], keys: founder.keys.clone(), server_key };
        let genesis = founder.entry_at(workspace, 1, [0; 32], body);
        let roster = Roster::begin(workspace, &genesis).unwrap();
        let wraps = vec![wrap(&founder, 1), wrap(&worker, 1)];
        let mut camp = Self { founder, worker, roster, entries: vec![genesis], wraps, server_key };
        let (worker, id) = (add(&camp.worker, Role::Field, 1), camp.worker.id());
        for body in [epoch(1, &camp.wraps), worker, Body::Grant { device: id, circle: CIRCLE }] {
            let entry = camp.founder.entry(&camp.roster, body);
            camp.roster.append(&entry).unwrap();
            camp.entries.push(entry);
        }
        camp
    }

    /// The request that creates it.
    pub fn creation(&self, token: &[u8]) -> CreateRequest {
        let post = RosterPost { expected_seq: 0, entries: self.entries.clone(), wraps: self.wraps.clone() };
        CreateRequest { token: token.to_vec(), workspace: self.roster.workspace(), post }
    }

    /// Creates it on a server.
    pub fn on(server: &Running) -> Self {
        Self::planned(key_of(server.pin())).created(server)
    }

    /// Creates it on a server as it was planned.
    pub fn created(self, server: &Running) -> Self {
        let camp = self;
        let answer = post(server, path::WORKSPACES, &camp.creation(b"").encode());
        let receipt = RosterReceipt::decode(&answer.body, &camp.server_key, camp.roster.workspace()).unwrap();
        assert_eq!((receipt.seq, receipt.head), (camp.roster.seq(), camp.roster.head()));
        camp
    }

    /// Posts a change of the roster by the founder; takes it over if it was accepted.
    pub fn change(&mut self, server: &Running, body: Body, wraps: Vec<(DeviceId, Wrap)>) -> Answer {
        let entry = self.founder.entry(&self.roster, body);
        let post_ = RosterPost { expected_seq: self.roster.seq(), entries: vec![entry.clone()], wraps };
        let (_, request) = self.founder.request(self, Purpose::Roster, vec![], &post_.encode());
        let answer = post(server, path::ROSTER, &request);
        if answer.status == 200 {
            self.roster.append(&entry).unwrap();
            self.entries.push(entry);
        }
        answer
    }

    /// What a device asks that knows the whole roster and nothing of the circle.
    pub fn ask(&self, chain: u8) -> SyncAsk {
        let circle = CircleAsk { circle: CIRCLE, cursor: 0, root: [0; 16], chain: ChainId([chain; 16]) };
        SyncAsk { roster_seq: self.roster.seq(), budget: 1 << 20, circles: vec![circle] }
    }

    /// One exchange of one circle, which must be answered and verify.
    pub fn sync(&self, server: &Running, who: &Device, ask: &SyncAsk, segments: &[Vec<u8>]) -> SyncResponse {
        let (hello, request) = self.sync_request(who, ask, segments);
        let answer = post(server, path::SYNC, &request);
        assert_eq!(answer.status, 200, "{:?}", cairn_wire::refusal::Refusal::decode(&answer.body));
        let response = SyncResponse::decode(&answer.body, ask.circles.len()).unwrap();
        assert!(response.verify(&self.server_key, self.roster.workspace(), who.id(), &hello.nonce));
        response
    }

    /// The request of [`Camp::sync`].
    pub fn sync_request(&self, who: &Device, ask: &SyncAsk, segments: &[Vec<u8>]) -> (Hello, Vec<u8>) {
        let mut circles = vec![Vec::new(); ask.circles.len()];
        if let Some(first) = circles.first_mut() {
            *first = segments.to_vec();
        }
        who.request(self, Purpose::Sync, ask.encode(), &request_body(&circles))
    }
}

/// A server in a folder of its own, with these settings.
pub fn server_with(settings: impl FnOnce(&mut Config)) -> (Running, TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let mut config = Config::in_folder(folder.path());
    config.threads = 2;
    settings(&mut config);
    (Server::new(config).start().unwrap(), folder)
}

/// A server in a folder of its own.
pub fn server() -> (Running, TempDir) {
    server_with(|_| ())
}
