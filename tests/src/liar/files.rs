//! Lies about attachments: what a server can say of files that it may hold, or give for them.

use std::cell::RefCell;

use cairn_core::crypto::DeviceSecret;
use cairn_core::transport::{Reply, Transport, TransportError};
use cairn_core::wire::attachment::{Ask, Fetched, Part, PutStream, State, States};
use cairn_core::wire::codec::Reader;
use cairn_core::wire::hello::{Hello, Received};
use cairn_core::wire::limits;
use cairn_core::wire::path;

use crate::dice::Dice;

/// One way to lie about attachments. Whatever a server signs is signed again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum FileLie {
    /// None: it is honest.
    Nothing,
    /// It says that it keeps what it throws away.
    AcknowledgesWhatItThrowsAway,
    /// It says that it holds nothing of what it holds.
    DeniesWhatItHolds,
    /// It says that it holds fewer pieces than it does.
    HoldsFewer,
    /// It says that it holds more pieces than there are.
    HoldsMore,
    /// It says that a coordinator had it dropped.
    SaysDropped,
    /// It gives nothing.
    Withholds,
    /// A bit of a piece is another.
    FlipsABit,
    /// Pieces change places.
    SwapsPieces,
    /// The first piece comes again and again.
    RepeatsAPiece,
    /// A piece ends early.
    CutsAPiece,
    /// Pieces of another file.
    ShowsAnotherFile,
    /// More pieces than there are.
    GivesMore,
    /// A key that is not the server's signs.
    SignsWithAnotherKey,
    /// An answer it gave before.
    RepeatsAnAnswer,
    /// The answer ends early.
    CutsTheAnswer,
    /// A bit of the answer is another.
    FlipsABitOfTheAnswer,
}

impl FileLie {
    /// Every lie there is.
    pub const ALL: &[Self] = &[
        Self::Nothing,
        Self::AcknowledgesWhatItThrowsAway,
        Self::DeniesWhatItHolds,
        Self::HoldsFewer,
        Self::HoldsMore,
        Self::SaysDropped,
        Self::Withholds,
        Self::FlipsABit,
        Self::SwapsPieces,
        Self::RepeatsAPiece,
        Self::CutsAPiece,
        Self::ShowsAnotherFile,
        Self::GivesMore,
        Self::SignsWithAnotherKey,
        Self::RepeatsAnAnswer,
        Self::CutsTheAnswer,
        Self::FlipsABitOfTheAnswer,
    ];

    fn change_state(self, state: &mut State, dice: &mut Dice) {
        let (held, count) = match *state {
            State::Held { held, count } => (held, count),
            State::Unknown | State::Dropped => (0, 1 + dice.below(9) as u64),
        };
        *state = match self {
            Self::DeniesWhatItHolds => State::Unknown,
            Self::HoldsFewer if held > 0 => State::Held { held: dice.below(held as usize) as u64, count },
            Self::HoldsMore => {
                let count = count + 1 + dice.below(5) as u64;
                // Whole, or always with one to come.
                State::Held { held: count - dice.below(2) as u64, count }
            }
            Self::SaysDropped => State::Dropped,
            _ => return,
        };
    }

    fn change_pieces(self, pieces: &mut Vec<Vec<u8>>, others: &[Vec<u8>], dice: &mut Dice) {
        let Some(last) = pieces.len().checked_sub(1) else { return };
        let at = dice.below(pieces.len());
        match self {
            Self::Withholds | Self::DeniesWhatItHolds | Self::SaysDropped => pieces.clear(),
            Self::FlipsABit => {
                let octet = dice.below(pieces[at].len());
                pieces[at][octet] ^= 1 << dice.below(8);
            }
            Self::SwapsPieces => pieces.swap(0, last),
            Self::RepeatsAPiece => pieces[last] = pieces[0].clone(),
            Self::CutsAPiece => {
                let keep = dice.below(pieces[at].len()).max(1);
                pieces[at].truncate(keep);
            }
            Self::ShowsAnotherFile => *pieces = others.to_vec(),
            Self::GivesMore => pieces.extend(others.iter().cloned()),
            _ => {}
        }
    }
}

/// A lying server in this process, with the honest one behind it.
pub struct FileLiar<'a> {
    inner: &'a dyn Transport,
    key: &'a DeviceSecret,
    stranger: DeviceSecret,
    lie: FileLie,
    /// Pieces of another file, as the server holds them.
    others: Vec<Vec<u8>>,
    told: RefCell<Told>,
}

struct Told {
    dice: Dice,
    /// How many pieces the file has of which it threw something away.
    count: u64,
    earlier: Vec<Vec<u8>>,
    lied: bool,
}

impl<'a> FileLiar<'a> {
    /// A server with this key that tells this lie, at places that fall by these dice.
    pub fn new(
        inner: &'a dyn Transport,
        key: &'a DeviceSecret,
        lie: FileLie,
        others: Vec<Vec<u8>>,
        seed: u64,
    ) -> Self {
        let stranger = DeviceSecret::generate().expect("keys");
        let told = Told { dice: Dice::new(seed), count: 1, earlier: Vec::new(), lied: false };
        Self { inner, key, stranger, lie, others, told: RefCell::new(told) }
    }

    /// Whether anybody was told anything but the truth.
    pub fn has_lied(&self) -> bool {
        self.told.borrow().lied
    }

    /// What the honest server says, or what is said instead of asking it.
    fn truth(&self, hello: &Hello, ask: &Ask, body: Vec<u8>, rest: &[u8]) -> Result<Reply, TransportError> {
        let Ask::Put { first, .. } = ask else { return self.inner.post(path::ATTACHMENTS, body) };
        if self.lie != FileLie::AcknowledgesWhatItThrowsAway {
            return self.inner.post(path::ATTACHMENTS, body);
        }
        let mut told = self.told.borrow_mut();
        let mut stream = PutStream::new(*first);
        stream.push(rest);
        let mut held = *first;
        while let Ok(Some(part)) = stream.next_part() {
            match part {
                Part::Hashes(hashes) => told.count = hashes.len() as u64,
                Part::Piece(_) => held += 1,
            }
        }
        told.lied = true;
        let states = States(vec![State::Held { held, count: told.count }]);
        let signature = self.key.sign(&states.signed_bytes(hello.workspace, hello.device, &hello.nonce));
        Ok(Reply {
            status: 200,
            body: states.encode(&signature),
            bytes_up: rest.len() as u64,
            bytes_down: 100,
        })
    }

    fn lie(&self, hello: &Hello, ask: &Ask, answer: &[u8]) -> Vec<u8> {
        let Told { dice, earlier, lied, .. } = &mut *self.told.borrow_mut();
        let mut bytes = answer.to_vec();
        if let Ask::Fetch { .. } = ask
            && let Ok(mut fetched) = Fetched::decode(answer)
        {
            self.lie.change_state(&mut fetched.state, dice);
            self.lie.change_pieces(&mut fetched.pieces, &self.others, dice);
            bytes = fetched.encode();
        } else if let Ok((mut states, _)) = States::decode(answer) {
            states.0.iter_mut().for_each(|state| self.lie.change_state(state, dice));
            let signer = if self.lie == FileLie::SignsWithAnotherKey { &self.stranger } else { self.key };
            let signature = signer.sign(&states.signed_bytes(hello.workspace, hello.device, &hello.nonce));
            bytes = states.encode(&signature);
        }
        let before = bytes.clone();
        match self.lie {
            FileLie::RepeatsAnAnswer if !earlier.is_empty() => bytes.clone_from(dice.pick(earlier)),
            FileLie::CutsTheAnswer => bytes.truncate(dice.below(bytes.len())),
            FileLie::FlipsABitOfTheAnswer => {
                let octet = dice.below(bytes.len());
                bytes[octet] ^= 1 << dice.below(8);
            }
            _ => {}
        }
        earlier.push(before);
        *lied |= bytes != answer;
        bytes
    }
}

impl Transport for FileLiar<'_> {
    fn post(&self, path: &str, body: Vec<u8>) -> Result<Reply, TransportError> {
        if path != path::ATTACHMENTS {
            return self.inner.post(path, body);
        }
        let request = body.clone();
        let mut reader = Reader::new(&request);
        let hello = reader.blob(limits::HELLO, "hello").ok().and_then(|bytes| Received::decode(bytes).ok());
        let hello = hello.expect("a device speaks the protocol").hello;
        let ask = Ask::decode(&hello.ask).expect("an ask");
        let mut reply = self.truth(&hello, &ask, body, reader.rest())?;
        if reply.status == 200 {
            reply.body = self.lie(&hello, &ask, &reply.body);
        }
        Ok(reply)
    }
}
