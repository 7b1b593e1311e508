//! A server that lies. It holds the server's own key, so it signs whatever it likes; it holds the whole log,
//! roster and wraps of an honest server; it speaks the real protocol. What it changes is a [`Lie`].

mod files;
mod lie;
mod truth;

pub use files::{FileLiar, FileLie};
pub use lie::Lie;
pub use truth::Truth;

use std::cell::RefCell;

use cairn_core::clock::{Clock, SystemClock};
use cairn_core::crypto::DeviceSecret;
use cairn_core::transport::{Reply, Transport, TransportError};
use cairn_core::wire::codec::Reader;
use cairn_core::wire::digest::half;
use cairn_core::wire::hello::Received;
use cairn_core::wire::letter::{LateHead, LateReceipt};
use cairn_core::wire::limits;
use cairn_core::wire::path;
use cairn_core::wire::refusal::{Reason, Refusal};
use cairn_core::wire::segment::parse;
use cairn_core::wire::sync::{SegmentStream, SyncAsk, SyncResponse};

use crate::dice::Dice;

/// A lying server, in this process.
pub struct Liar<'a> {
    inner: &'a dyn Transport,
    truth: &'a Truth,
    lie: Lie,
    state: RefCell<State>,
}

struct State {
    dice: Dice,
    /// What it would say if it were honest.
    honest: Told,
    /// What it says.
    told: Told,
    /// Segments that it was given and threw away.
    thrown: Vec<Vec<u8>>,
    /// Answers it has given before.
    earlier: Vec<Vec<u8>>,
    /// Whether anybody was told anything but the truth.
    lied: bool,
    /// Where the log is another, if it is in one place.
    place: Option<usize>,
}

/// One history.
#[derive(Clone)]
pub(crate) struct Told {
    pub(crate) roster: Vec<Vec<u8>>,
    pub(crate) log: Vec<Vec<u8>>,
}

/// One request as it was read.
pub(crate) struct Asked {
    pub(crate) hello: Received,
    pub(crate) ask: SyncAsk,
    /// The segments it brought; when the answer is changed, all that was ever thrown away.
    pub(crate) brought: Vec<Vec<u8>>,
}

impl<'a> Liar<'a> {
    /// A server that tells this lie about the truth, at places that fall by these dice. Behind it stands the
    /// honest server, which keeps what is not thrown away.
    pub fn new(inner: &'a dyn Transport, truth: &'a Truth, lie: Lie, seed: u64) -> Self {
        let mut dice = Dice::new(seed);
        let honest = Told { roster: truth.roster.clone(), log: truth.log.clone() };
        let mut told = honest.clone();
        let place = lie.change_log(&mut told.log, truth, &mut dice);
        Self {
            inner,
            truth,
            lie,
            state: RefCell::new(State {
                dice,
                honest,
                told,
                thrown: Vec::new(),
                earlier: Vec::new(),
                lied: false,
                place,
            }),
        }
    }

    /// Whether anybody was told anything but the truth.
    pub fn has_lied(&self) -> bool {
        self.state.borrow().lied
    }

    /// Which segment of the log, counted from 0, is another than the true one, if it is a single one.
    pub fn place(&self) -> Option<usize> {
        self.state.borrow().place
    }

    /// The segment that it shows in a place.
    pub fn told(&self, place: usize) -> Vec<u8> {
        self.state.borrow().told.log[place].clone()
    }

    fn sync(&self, body: Vec<u8>) -> (u16, Vec<u8>) {
        let Some(mut asked) = read(&body) else { return refuse(Reason::Malformed) };
        let mut state = self.state.borrow_mut();
        let State { dice, honest, told, thrown, earlier, lied, .. } = &mut *state;
        if let Some(reason) = self.lie.refusal(dice) {
            *lied = true;
            return refuse(reason);
        }
        let mut refused = Vec::new();
        if self.lie.throws_away() {
            asked.brought.iter().for_each(|segment| keep(thrown, segment));
        } else {
            // The honest server keeps what it is given; what it refuses is refused here too.
            let reply = self.inner.post(path::SYNC, body).expect("the honest server answers");
            let Ok(answer) = SyncResponse::decode(&reply.body, asked.ask.circles.len()) else {
                return (reply.status, reply.body);
            };
            refused = answer.refused;
            for (index, segment) in (0..).zip(&asked.brought) {
                if !refused.iter().any(|(one, _)| *one == index) {
                    keep(&mut honest.log, segment);
                    keep(&mut told.log, segment);
                }
            }
        }
        let honest = SyncResponse { refused: refused.clone(), ..self.truth.answer(&asked, honest) };
        let mut answer = SyncResponse { refused, ..self.truth.answer(&asked, told) };
        asked.brought.clone_from(thrown);
        self.lie.change_answer(&mut answer, self.truth, &asked, dice);
        let hello = &asked.hello.hello;
        let signer =
            if self.lie == Lie::SignsWithAnotherKey { &self.truth.stranger } else { &self.truth.key };
        answer.signature =
            signer.sign(&answer.head.signed_bytes(hello.workspace, hello.device, &hello.nonce));
        *lied |= answer != SyncResponse { signature: answer.signature, ..honest };
        let mut bytes = answer.encode();
        let before = bytes.clone();
        self.lie.change_bytes(&mut bytes, earlier, dice);
        *lied |= bytes != before || self.lie == Lie::SignsWithAnotherKey || !thrown.is_empty();
        earlier.push(before);
        (200, bytes)
    }

    /// Says that everything handed in is kept.
    fn late(&self, body: &[u8]) -> (u16, Vec<u8>) {
        let Some(asked) = read(body) else { return refuse(Reason::Malformed) };
        let mut chains = Vec::new();
        for circle in &asked.ask.circles {
            let newest = asked.brought.iter().rfind(|segment| of_chain(segment, &circle.chain.0));
            let state = self.state.borrow();
            let newest = newest.or_else(|| state.told.log.iter().rfind(|one| of_chain(one, &circle.chain.0)));
            let parsed = newest.map(|segment| parse(segment).expect("a segment"));
            chains.push(LateHead {
                height: parsed.as_ref().map_or(0, |parsed| parsed.header.seq),
                link: parsed.map(|parsed| half(&parsed.hash)),
            });
        }
        let (receipt, hello) = (LateReceipt { chains }, &asked.hello.hello);
        let signed = receipt.signed_bytes(hello.workspace, hello.device, &hello.nonce);
        (200, receipt.encode(&self.truth.key.sign(&signed)))
    }
}

fn refuse(reason: Reason) -> (u16, Vec<u8>) {
    (reason.status(), Refusal { reason, server_time: SystemClock.now() }.encode())
}

impl Transport for Liar<'_> {
    fn post(&self, path: &str, body: Vec<u8>) -> Result<Reply, TransportError> {
        let up = body.len() as u64;
        let (status, body) = match path {
            path::SYNC => self.sync(body),
            path::LATE => self.late(&body),
            _ => return self.inner.post(path, body),
        };
        Ok(Reply { status, bytes_up: up, bytes_down: body.len() as u64, body })
    }
}

/// Reads a request about any number of circles.
fn read(body: &[u8]) -> Option<Asked> {
    let mut reader = Reader::new(body);
    let hello = Received::decode(reader.blob(limits::HELLO, "hello").ok()?).ok()?;
    let ask = SyncAsk::decode(&hello.hello.ask).ok()?;
    let mut stream = SegmentStream::new(ask.circles.len());
    stream.push(reader.rest());
    let mut brought = Vec::new();
    while let Ok(Some((_, segment))) = stream.next_segment() {
        brought.push(segment);
    }
    Some(Asked { hello, ask, brought })
}

fn keep(log: &mut Vec<Vec<u8>>, segment: &[u8]) {
    if !log.iter().any(|held| held == segment) {
        log.push(segment.to_vec());
    }
}

fn of_chain(segment: &[u8], chain: &[u8; 16]) -> bool {
    parse(segment).is_ok_and(|parsed| parsed.header.chain.0 == *chain)
}

/// The key a server keeps in its folder, as one that signs.
pub fn key_of(folder: &std::path::Path) -> DeviceSecret {
    let pkcs8 = std::fs::read(folder.join("server.key")).expect("the server's key");
    // RFC 8410: the seed follows sixteen octets of envelope.
    let mut seed = [7; 64];
    seed[..32].copy_from_slice(&pkcs8[16..48]);
    DeviceSecret::from_seed(seed.into()).expect("a key")
}
