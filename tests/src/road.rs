//! Bad roads: transports that lose, repeat, delay and reorder requests, by the fall of seeded dice.

use std::cell::RefCell;

use cairn_core::transport::{Reply, Transport, TransportError};

use crate::dice::Dice;

/// A road on which anything may happen to a request or its answer.
pub struct BadRoad<'a> {
    inner: &'a dyn Transport,
    state: RefCell<State>,
    /// One request in so many meets with something; 0 for never.
    trouble: usize,
}

struct State {
    dice: Dice,
    late: Vec<Letter>,
    met: usize,
}

/// A request that is still under way although nobody waits for its answer any more.
pub struct Letter {
    /// How many more requests set out before it arrives.
    wait: usize,
    path: String,
    body: Vec<u8>,
}

impl<'a> BadRoad<'a> {
    /// A road over `inner` where one request in `trouble` meets with something.
    pub fn new(inner: &'a dyn Transport, seed: u64, trouble: usize) -> Self {
        Self::with_letters(inner, seed, trouble, Vec::new())
    }

    /// A road on which some requests of earlier days are still under way.
    pub fn with_letters(inner: &'a dyn Transport, seed: u64, trouble: usize, late: Vec<Letter>) -> Self {
        Self { inner, state: RefCell::new(State { dice: Dice::new(seed), late, met: 0 }), trouble }
    }

    /// How many requests met with something.
    pub fn met(&self) -> usize {
        self.state.borrow().met
    }

    /// What is still under way.
    pub fn into_letters(self) -> Vec<Letter> {
        self.state.into_inner().late
    }

    /// Lets everything that is still under way arrive.
    pub fn deliver_all(&self) {
        for letter in self.state.borrow_mut().late.drain(..) {
            let _ = self.inner.post(&letter.path, letter.body);
        }
    }
}

impl Transport for BadRoad<'_> {
    fn post(&self, path: &str, body: Vec<u8>) -> Result<Reply, TransportError> {
        let mut state = self.state.borrow_mut();
        for letter in std::mem::take(&mut state.late) {
            match letter.wait.checked_sub(1) {
                Some(wait) => state.late.push(Letter { wait, ..letter }),
                // It arrives now; nobody waits for its answer any more.
                None => drop(self.inner.post(&letter.path, letter.body)),
            }
        }
        if self.trouble == 0 || !state.dice.once_in(self.trouble) {
            return self.inner.post(path, body);
        }
        state.met += 1;
        let fate = state.dice.below(5);
        // Drawn whatever the fate, and not from the body: the same seed gives the same road.
        let (wait, part) = (state.dice.below(4), state.dice.below(1000));
        match fate {
            // Lost on the way there.
            0 => Err(TransportError::Offline),
            // Lost on the way back.
            1 => {
                let _ = self.inner.post(path, body);
                Err(TransportError::Offline)
            }
            // Arrives twice.
            2 => {
                let _ = self.inner.post(path, body.clone());
                self.inner.post(path, body)
            }
            // Arrives late, perhaps after others that set out later.
            3 => {
                state.late.push(Letter { wait, path: path.to_owned(), body });
                Err(TransportError::Offline)
            }
            // Cut in the middle of the request: the server sees only the front.
            _ => {
                let cut = body.len() * part / 1000;
                let _ = self.inner.post(path, body.get(..cut).unwrap_or_default().to_vec());
                Err(TransportError::Offline)
            }
        }
    }
}
