//! A member whose software is made by hand: it holds a device's true keys, and seals and sends whatever the
//! test wants. What a dishonest insider could do.

use std::collections::BTreeMap;

use cairn_core::Vault;
use cairn_core::clock::{Clock, SystemClock};
use cairn_core::crypto::{DeviceSecret, EpochSecret};
use cairn_core::roster::walk_back;
use cairn_core::segment::{
    Batch, Dictionary, Effort, Next, Place, SealedEntry, SealedPlace, pack, seal, submit,
};
use cairn_core::sync::{answer, question};
use cairn_core::transport::Transport;
use cairn_core::vault::InviteTerms;
use cairn_core::wire::digest::{VerifyingKey, half};
use cairn_core::wire::hello::Purpose;
use cairn_core::wire::id::{ChainId, CircleId, DocumentId, InviteId};
use cairn_core::wire::join::JoinRequest;
use cairn_core::wire::path;
use cairn_core::wire::roster::{Body, DeviceKeys, Entry, Role, Roster};
use cairn_core::wire::segment::Kind;
use cairn_core::wire::sync::{CircleAsk, RosterPost, SyncAsk, SyncResponse};

use crate::ground::Ground;

/// A member made by hand.
pub struct Hand {
    /// Its keys.
    pub device: DeviceSecret,
    /// The roster as it was fetched last.
    pub roster: Roster,
    /// The workspace's one circle.
    pub circle: CircleId,
    /// The circle's secrets, by epoch.
    pub secrets: BTreeMap<u64, EpochSecret>,
    /// Its chain.
    pub chain: ChainId,
    /// How it seals: at first as its role may.
    pub seals: Kind,
    server: VerifyingKey,
    height: u64,
    link: [u8; 16],
}

impl Hand {
    /// Joins the office's workspace with a role.
    pub fn join(ground: &Ground, office: &mut Vault, role: Role) -> Self {
        let device = DeviceSecret::generate().expect("keys");
        let invitation = office.invite(&InviteTerms { role, hours: 1 }).expect("an invitation");
        let (workspace, keys) = (invitation.workspace, device.keys().clone());
        let request = JoinRequest::new(&invitation, keys);
        let reply = ground.transport().post(path::JOIN, request.encode()).expect("an answer");
        assert_eq!(reply.status, 200, "the request is kept");
        ground.sync(office);
        let mut chain = [0x5a; 16];
        chain[..8].copy_from_slice(&device.id().0[..8]);
        let ask = SyncAsk { roster_seq: 0, budget: 0, circles: Vec::new() };
        let server = ground.address().key;
        let response = exchange(&device, workspace, server, &ground.transport(), &ask, &[]);
        let entries = response.roster.iter().map(Vec::as_slice);
        let roster = Roster::fold(workspace, entries).expect("a roster");
        let circle = *roster.circles().keys().next().expect("a circle");
        let link = device.id().0;
        let secrets = secrets(&device, &roster, &response);
        let seals = role.seals().unwrap_or(Kind::Batch);
        Self { device, roster, circle, secrets, chain: ChainId(chain), seals, server, height: 0, link }
    }

    /// The same member with a chain of its own in a circle.
    pub fn anew(self, circle: CircleId, chain: ChainId, seals: Kind) -> Self {
        let link = self.device.id().0;
        Self { circle, chain, seals, height: 0, link, ..self }
    }

    /// A box for the circle's office, with this inside.
    pub fn sealed(&self, inside: &Batch, document: DocumentId) -> SealedEntry {
        self.sealed_with(inside, document, None)
    }

    /// The same, compressed with a form's dictionary.
    pub fn sealed_with(
        &self,
        inside: &Batch,
        document: DocumentId,
        dictionary: Option<&Dictionary>,
    ) -> SealedEntry {
        let Place { workspace, circle, epoch, .. } = self.place();
        let place = SealedPlace { workspace, circle, author: self.device.id() };
        let key = self.roster.submit_key(&circle, epoch).expect("a submit key");
        let packed = pack(inside, dictionary, Effort::Thin).expect("it fits");
        SealedEntry::seal(&packed, &place, document, epoch, key).expect("it is sealed")
    }

    /// Where a segment of the newest epoch stands.
    pub fn place(&self) -> Place {
        Place {
            workspace: self.roster.workspace(),
            circle: self.circle,
            epoch: self.roster.epoch_at(&self.circle, self.roster.seq()).expect("an epoch"),
            roster_seq: self.roster.seq(),
            roster_head: self.roster.head(),
        }
    }

    /// The next segment of its chain, with this inside.
    pub fn seal(&mut self, batch: &Batch, dictionary: Option<&Dictionary>) -> Vec<u8> {
        let place = self.place();
        self.seal_at(batch, dictionary, &place)
    }

    /// The next segment of its chain, for any place.
    pub fn seal_at(&mut self, batch: &Batch, dictionary: Option<&Dictionary>, place: &Place) -> Vec<u8> {
        let next = Next { chain: self.chain, seq: self.height + 1, prev: self.link };
        let packed = pack(batch, dictionary, Effort::Thin).expect("it fits");
        let sealed = match self.seals {
            Kind::Batch => {
                let secret = self.secrets.get(&place.epoch).expect("a secret");
                seal(packed, place, &next, secret, &self.device)
            }
            Kind::Submitted => {
                let key = self.roster.submit_key(&place.circle, place.epoch).expect("a submit key");
                submit(&packed, place, &next, key, &self.device)
            }
        };
        let sealed = sealed.expect("it is sealed");
        (self.height, self.link) = (self.height + 1, half(&sealed.hash));
        sealed.bytes
    }

    /// An entry that adds a coordinator, signed with its own true key, whether or not its role allows that.
    pub fn unruly(&self, keys: DeviceKeys, invite: InviteId) -> RosterPost {
        let mut entry = Entry {
            seq: self.roster.seq() + 1,
            prev: self.roster.head(),
            time: 1,
            author: self.device.id(),
            body: Body::AddDevice { keys, role: Role::Coordinator, invite },
            signature: [0; 64],
        };
        entry.signature = self.device.sign(&entry.signed_bytes(self.roster.workspace()));
        RosterPost { expected_seq: self.roster.seq(), entries: vec![entry.encode()], wraps: Vec::new() }
    }

    /// Sends segments to the server; its answer.
    pub fn push(&self, transport: &dyn Transport, segments: Vec<Vec<u8>>) -> SyncResponse {
        let circle = CircleAsk { circle: self.circle, cursor: 0, root: [0; 16], chain: self.chain };
        let ask = SyncAsk { roster_seq: self.roster.seq(), budget: 0, circles: vec![circle] };
        exchange(&self.device, self.roster.workspace(), self.server, transport, &ask, &[segments])
    }
}

/// The epoch secrets that a first answer brings.
fn secrets(device: &DeviceSecret, roster: &Roster, response: &SyncResponse) -> BTreeMap<u64, EpochSecret> {
    let mut secrets = BTreeMap::new();
    for wrap in &response.wraps {
        let opened = EpochSecret::unwrap(&wrap.sealed, roster.workspace(), wrap.circle, wrap.epoch, device)
            .expect("its own wrap");
        secrets.extend(walk_back(roster, wrap.circle, wrap.epoch, opened));
    }
    secrets
}

fn exchange(
    device: &DeviceSecret,
    workspace: cairn_core::wire::id::WorkspaceId,
    server: VerifyingKey,
    transport: &dyn Transport,
    ask: &SyncAsk,
    segments: &[Vec<Vec<u8>>],
) -> SyncResponse {
    let asked = question(device, workspace, &server, SystemClock.now(), Purpose::Sync, ask, segments);
    let asked = asked.expect("a question");
    let reply = transport.post(path::SYNC, asked.bytes).expect("an answer");
    assert_eq!(reply.status, 200, "a member is answered");
    let told = answer(&reply.body, ask.circles.len(), &server, workspace, device, &asked.nonce);
    told.expect("an answer").expect("a signed answer")
}
