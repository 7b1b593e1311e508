//! Attachments, as somebody would put and fetch them.

use std::ops::Range;

use cairn_server::Running;
use cairn_wire::attachment::{Ask, Fetched, State, States, name, put_body};
use cairn_wire::digest::{Hash, sha256};
use cairn_wire::hello::Purpose;
use cairn_wire::id::AttachmentId;
use cairn_wire::path;

use crate::client::{Answer, post};
use crate::people::{Camp, Device};

/// What stands for a sealed photo: the server cannot tell.
pub struct Photo {
    /// What it is called.
    pub name: AttachmentId,
    /// Of each piece.
    pub hashes: Vec<Hash>,
    /// Its pieces.
    pub pieces: Vec<Vec<u8>>,
}

impl Photo {
    /// One of `count` pieces of `size` octets.
    pub fn of(camp: &Camp, seed: u8, count: u8, size: usize) -> Self {
        let piece = |number| -> Vec<u8> {
            let blocks =
                (0..size.div_ceil(32) as u64).flat_map(|n| sha256(&[&[seed, number], &n.to_be_bytes()]));
            blocks.take(size).collect()
        };
        let pieces: Vec<_> = (0..count).map(piece).collect();
        let hashes: Vec<_> = pieces.iter().map(|piece| sha256(&[piece])).collect();
        Self { name: name(camp.roster.workspace(), &hashes), hashes, pieces }
    }

    /// The ask and the body that put these pieces.
    pub fn putting(&self, numbers: Range<usize>) -> (Ask, Vec<u8>) {
        let all = (numbers.start == 0).then_some(&self.hashes[..]);
        let ask = Ask::Put { attachment: self.name, first: numbers.start as u64 };
        (ask, put_body(all, &self.pieces[numbers]))
    }

    /// Puts these pieces, which must be answered.
    pub fn put(&self, server: &Running, camp: &Camp, who: &Device, numbers: Range<usize>) -> State {
        let (ask, body) = self.putting(numbers);
        said(server, camp, who, &ask, &body)[0]
    }

    /// How far it is held.
    pub fn state(&self, server: &Running, camp: &Camp, who: &Device) -> State {
        said(server, camp, who, &Ask::States(vec![self.name]), &[])[0]
    }

    /// Has it dropped.
    pub fn drop(&self, server: &Running, camp: &Camp, who: &Device) -> State {
        said(server, camp, who, &Ask::Drop(vec![self.name]), &[])[0]
    }

    /// Fetches pieces from this number on.
    pub fn fetch(&self, server: &Running, camp: &Camp, who: &Device, first: u64, budget: u64) -> Fetched {
        let answer = asked(server, camp, who, &Ask::Fetch { attachment: self.name, first, budget }, &[]);
        assert_eq!(answer.status, 200);
        Fetched::decode(&answer.body).unwrap()
    }
}

/// A state of so many pieces of so many.
pub fn held(held: u64, count: u64) -> State {
    State::Held { held, count }
}

/// One request about attachments, however it is answered.
pub fn asked(server: &Running, camp: &Camp, who: &Device, ask: &Ask, body: &[u8]) -> Answer {
    let (_, request) = who.request(camp, Purpose::Attachments, ask.encode(), body);
    post(server, path::ATTACHMENTS, &request)
}

/// One request whose answer must be states that the server has signed.
pub fn said(server: &Running, camp: &Camp, who: &Device, ask: &Ask, body: &[u8]) -> Vec<State> {
    let (hello, request) = who.request(camp, Purpose::Attachments, ask.encode(), body);
    let answer = post(server, path::ATTACHMENTS, &request);
    assert_eq!(answer.status, 200, "{:?}", cairn_wire::refusal::Refusal::decode(&answer.body));
    let (states, signature) = States::decode(&answer.body).unwrap();
    let workspace = camp.roster.workspace();
    assert!(states.verify(&signature, &camp.server_key, workspace, who.id(), &hello.nonce));
    assert!(
        !states.verify(&signature, &camp.server_key, workspace, who.id(), &[0; 16]),
        "for no other question"
    );
    states.0
}
