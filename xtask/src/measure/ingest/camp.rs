//! A workspace with many devices, each in a circle of its own so that nothing of the others' comes back,
//! and what they push, signed before the clock runs.

use std::net::SocketAddr;
use std::time::{SystemTime, UNIX_EPOCH};

use cairn_wire::digest::{Hash, VerifyingKey, half, next_root, sha256};
use cairn_wire::hello::{Hello, Purpose};
use cairn_wire::id::{ChainId, CircleId, DeviceId, InviteId, WorkspaceId};
use cairn_wire::path;
use cairn_wire::roster::{Body, DeviceKeys, Entry, HPKE_PUBLIC, Role, Roster, workspace_of};
use cairn_wire::segment::{Header, Kind, assemble, signed_bytes};
use cairn_wire::sync::{
    CircleAsk, CreateRequest, RosterPost, RosterReceipt, SyncAsk, SyncResponse, Wrap, request_body,
    wraps_root,
};
use ring::signature::{Ed25519KeyPair, KeyPair};

use super::Failure;
use super::line::{Line, post};

/// Makes a segment of 500 octets, about what one record takes.
const SEALED: usize = 372;
/// Octets of a wrapped epoch secret.
const WRAP: usize = 1_168;
/// What a device asks for at most; nothing but its own comes back, as a count.
const BUDGET: u64 = 1 << 20;

/// A request, ready to be sent.
pub(super) struct Signed {
    /// HTTP header, hello and body.
    pub(super) bytes: Vec<u8>,
    nonce: [u8; 16],
    height: u64,
}

/// A device with its chain as it will be after all that was signed.
struct Device {
    pair: Ed25519KeyPair,
    keys: DeviceKeys,
    circle: CircleId,
    chain: ChainId,
    height: u64,
    link: [u8; 16],
    /// Over the circle's log, which holds this chain alone.
    root: Hash,
}

impl Device {
    /// The device whose keys are made from a number.
    fn new(number: usize) -> Result<Self, Failure> {
        let seed = sha256(&[b"measure", &number.to_be_bytes()]);
        let pair = Ed25519KeyPair::from_seed_unchecked(&seed).map_err(|_| "no key")?;
        let signing = VerifyingKey(pair.public_key().as_ref().try_into()?);
        let keys = DeviceKeys { signing, wrapping: Box::new([seed[0]; HPKE_PUBLIC]) };
        let link = keys.id().0;
        let (circle, chain) = (CircleId(half(&sha256(&[&seed]))), ChainId(half(&seed)));
        Ok(Self { pair, keys, circle, chain, height: 0, link, root: [0; 32] })
    }

    fn id(&self) -> DeviceId {
        self.keys.id()
    }

    fn sign(&self, message: &[u8]) -> Result<[u8; 64], Failure> {
        Ok(self.pair.sign(message).as_ref().try_into()?)
    }

    fn entry(&self, workspace: WorkspaceId, after: Option<&Roster>, body: Body) -> Result<Vec<u8>, Failure> {
        let (seq, prev) = after.map_or((1, [0; 32]), |roster| (roster.seq() + 1, roster.head()));
        let mut entry = Entry { seq, prev, time: now()?, author: self.id(), body, signature: [0; 64] };
        entry.signature = self.sign(&entry.signed_bytes(workspace))?;
        Ok(entry.encode())
    }

    /// The chain's next segment.
    fn segment(&mut self, roster: &Roster) -> Result<Vec<u8>, Failure> {
        let header = Header {
            kind: Kind::Batch,
            chain: self.chain,
            seq: self.height + 1,
            epoch: 1,
            roster_seq: roster.seq(),
            prev: self.link,
            salt: [7; 24],
        };
        let ciphertext = [0x5a; SEALED];
        let data = header.associated_data(roster.workspace(), self.circle, &roster.head());
        let segment = assemble(&header, &self.sign(&signed_bytes(&data, &ciphertext))?, &ciphertext);
        self.height += 1;
        let hash = sha256(&[&segment]);
        self.link = half(&hash);
        self.root = next_root(&self.root, &hash);
        Ok(segment)
    }

    /// A sync that pushes the chain's next segment.
    fn push(&mut self, roster: &Roster, server_key: &VerifyingKey) -> Result<Signed, Failure> {
        let (cursor, root) = (self.height, half(&self.root));
        let body = request_body(&[vec![self.segment(roster)?]]);
        let circle = CircleAsk { circle: self.circle, cursor, root, chain: self.chain };
        let ask = SyncAsk { roster_seq: roster.seq(), budget: BUDGET, circles: vec![circle] };
        let hello = Hello {
            workspace: roster.workspace(),
            device: self.id(),
            time: now()?,
            // Any that this device has not used.
            nonce: half(&sha256(&[&self.height.to_be_bytes()])),
            body_digest: Hello::digest_of(&body),
            ask: ask.encode(),
        };
        let signature = self.sign(&hello.signed_bytes(Purpose::Sync, server_key))?;
        let bytes = post(path::SYNC, &[hello.encode(&signature), body].concat());
        Ok(Signed { bytes, nonce: hello.nonce, height: self.height })
    }
}

/// The workspace.
pub(super) struct Camp {
    roster: Roster,
    server_key: VerifyingKey,
    devices: Vec<Device>,
}

impl Camp {
    /// Begins a workspace with so many devices, beside its founder, on a server.
    pub(super) fn found(
        address: SocketAddr,
        server_key: VerifyingKey,
        count: usize,
    ) -> Result<Self, Failure> {
        let founder = Device::new(0)?;
        let devices = (1..=count).map(Device::new).collect::<Result<Vec<_>, _>>()?;
        let workspace = workspace_of(&founder.keys.signing, &[3; 16]);
        let keys = founder.keys.clone();
        let genesis = founder.entry(workspace, None, Body::Genesis { nonce: [3; 16], keys, server_key })?;
        let mut roster = Roster::begin(workspace, &genesis)?;
        let mut entries = vec![genesis];
        let wrap =
            |device: &Device| (device.id(), Wrap { circle: device.circle, epoch: 1, sealed: vec![8; WRAP] });
        let wraps: Vec<_> = devices.iter().map(wrap).collect();
        for body in bodies(&devices, &wraps) {
            let entry = founder.entry(workspace, Some(&roster), body)?;
            roster.append(&entry)?;
            entries.push(entry);
        }
        let post_ = RosterPost { expected_seq: 0, entries, wraps };
        let request = CreateRequest { token: Vec::new(), workspace, post: post_ }.encode();
        let answer = Line::connect(address, server_key)?.ask(&post(path::WORKSPACES, &request))?;
        let receipt = RosterReceipt::decode(&answer, &server_key, workspace)?;
        if receipt.head != roster.head() {
            return Err("the server has another roster".into());
        }
        Ok(Self { roster, server_key, devices })
    }

    /// The next requests of every device. Their clock runs: they are to be sent soon.
    pub(super) fn requests(&mut self, each: usize) -> Result<Vec<Vec<Signed>>, Failure> {
        let Self { roster, server_key, devices } = self;
        let of = |device: &mut Device| (0..each).map(|_| device.push(roster, server_key)).collect();
        devices.iter_mut().map(of).collect()
    }

    /// What the server does for one segment and cannot leave out.
    pub(super) fn sign_and_check_twice(&self) -> Result<(), Failure> {
        let device = self.devices.first().ok_or("no device")?;
        // About as long as what is signed in a hello, a segment and a head.
        let message = [0x5a; 200];
        let signature = device.sign(&message)?;
        let checked = (0..2).all(|_| device.keys.signing.verifies(&message, &signature));
        if checked { Ok(()) } else { Err("a signature does not verify".into()) }
    }

    /// Every answer must acknowledge its segment, and the last of each device be signed by the server.
    pub(super) fn check(&self, requests: &[Vec<Signed>], answers: &[Vec<Vec<u8>>]) -> Result<(), Failure> {
        for ((device, requests), answers) in self.devices.iter().zip(requests).zip(answers) {
            for (request, answer) in requests.iter().zip(answers) {
                let response = SyncResponse::decode(answer, 1)?;
                let acknowledged = response.head.circles.iter().all(|circle| circle.height == request.height);
                let workspace = self.roster.workspace();
                let signed = || response.verify(&self.server_key, workspace, device.id(), &request.nonce);
                if !acknowledged || (request.height == device.height && !signed()) {
                    return Err("a segment was not acknowledged".into());
                }
            }
        }
        Ok(())
    }
}

/// What the founder signs after the genesis: every device, and a circle for each.
fn bodies(devices: &[Device], wraps: &[(DeviceId, Wrap)]) -> Vec<Body> {
    let mut bodies = Vec::new();
    for (device, (_, wrap)) in devices.iter().zip(wraps) {
        let (circle, invite) = (device.circle, InviteId(device.chain.0));
        let wraps_root = wraps_root([&wrap.sealed[..]]);
        bodies.push(Body::Epoch { circle, epoch: 1, commitment: [4; 32], back_link: None, wraps_root });
        bodies.push(Body::AddDevice { keys: device.keys.clone(), role: Role::Field, invite });
        bodies.push(Body::Grant { device: device.id(), circle });
    }
    bodies
}

/// Seconds since 1970.
fn now() -> Result<u64, Failure> {
    Ok(SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs())
}
