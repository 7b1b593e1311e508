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
    /// A request that is still under way and will arrive later, out of order.
    delayed: Option<(String, Vec<u8>)>,
    met: usize,
}

impl<'a> BadRoad<'a> {
    /// A road over `inner` where one request in `trouble` meets with something.
    pub fn new(inner: &'a dyn Transport, seed: u64, trouble: usize) -> Self {
        Self { inner, state: RefCell::new(State { dice: Dice::new(seed), delayed: None, met: 0 }), trouble }
    }

    /// How many requests met with something.
    pub fn met(&self) -> usize {
        self.state.borrow().met
    }
}

impl Transport for BadRoad<'_> {
    fn post(&self, path: &str, body: Vec<u8>) -> Result<Reply, TransportError> {
        let mut state = self.state.borrow_mut();
        if let Some((path, body)) = state.delayed.take() {
            // It arrives now; nobody waits for its answer any more.
            let _ = self.inner.post(&path, body);
        }
        if self.trouble == 0 || !state.dice.once_in(self.trouble) {
            return self.inner.post(path, body);
        }
        state.met += 1;
        match state.dice.below(5) {
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
            // Arrives late, after whatever comes next.
            3 => {
                state.delayed = Some((path.to_owned(), body));
                Err(TransportError::Offline)
            }
            // Cut in the middle of the request: the server sees only the front.
            _ => {
                let cut = state.dice.below(body.len().max(1));
                let _ = self.inner.post(path, body.get(..cut).unwrap_or_default().to_vec());
                Err(TransportError::Offline)
            }
        }
    }
}
