//! What every endpoint works with.

use std::sync::Arc;

use axum::body::{Body, Bytes};
use axum::http::StatusCode;
use axum::response::Response;
use cairn_wire::digest::VerifyingKey;
use cairn_wire::id::WorkspaceId;
use cairn_wire::refusal::{Reason, Refusal};
use cairn_wire::sync::RosterReceipt;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::auth::{Denial, Door, Rates};
use crate::clock::Clock;
use crate::config::{Network, Store};
use crate::key::{Keys, ServerKey};
use crate::log::{Log, LogError};
use crate::notice::{Notice, Notices};
use crate::rosters::Rosters;

/// Whole bodies (roster posts, new workspaces) held in memory at one time.
const WHOLE_BODIES: usize = 8;
/// Octets of large answers under way, in KiB.
const ANSWERS: usize = 32 << 10;
/// What an answer may always bring, however many are under way.
const SMALL_ANSWER: u64 = 64 << 10;

/// The server behind its endpoints.
pub(crate) struct Office {
    /// Sign heads and receipts.
    pub(crate) keys: Keys,
    /// Keeps everything.
    pub(crate) log: Arc<dyn Log>,
    /// Who belongs.
    pub(crate) rosters: Rosters,
    /// Lets devices in.
    pub(crate) door: Door,
    /// What time it is.
    pub(crate) clock: Clock,
    /// Who may begin workspaces.
    pub(crate) store: Store,
    /// How long to wait for bodies.
    pub(crate) network: Network,
    /// Room for whole bodies of members.
    pub(crate) bodies: Semaphore,
    /// Room for whole bodies of anybody.
    pub(crate) strangers: Semaphore,
    answers: Arc<Semaphore>,
    notices: Notices,
}

impl Office {
    /// An office over an open log.
    pub(crate) fn new(
        keys: Keys,
        log: Arc<dyn Log>,
        clock: Clock,
        store: Store,
        network: Network,
        notices: Notices,
    ) -> Self {
        let rates = Rates::new(network.rate, network.burst);
        let names = keys.all().map(ServerKey::public).collect();
        let door = Door::new(names, clock.clone(), rates);
        Self {
            keys,
            log,
            rosters: Rosters::default(),
            door,
            clock,
            store,
            network,
            bodies: Semaphore::new(WHOLE_BODIES),
            strangers: Semaphore::new(WHOLE_BODIES),
            answers: Arc::new(Semaphore::new(ANSWERS)),
            notices,
        }
    }

    /// The HTTP response: the bytes, or the refusal. It carries no header but its length.
    pub(crate) fn respond(&self, answer: Result<impl Into<Bytes>, Denial>) -> Response {
        let reason = match answer {
            Ok(bytes) => return Response::new(Body::from(bytes.into())),
            Err(Denial::Refused(reason)) => reason,
            Err(Denial::Failed(error)) => self.failed(&error),
        };
        let refusal = Refusal { reason, server_time: self.clock.now() };
        let mut response = Response::new(Body::from(refusal.encode()));
        *response.status_mut() =
            StatusCode::from_u16(reason.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        response
    }

    /// Tells the operator what is for the operator, and gives what the device is told.
    pub(crate) fn failed(&self, error: &LogError) -> Reason {
        match error {
            LogError::Full => {
                self.notices.tell(&Notice::Full);
                Reason::Full
            }
            LogError::Quota => {
                self.notices.tell(&Notice::Quota);
                Reason::Full
            }
            LogError::AttachmentsQuota => {
                self.notices.tell(&Notice::AttachmentsQuota);
                Reason::Full
            }
            // A limit like that of letters: no operator need act on it.
            LogError::LateAttachments => Reason::Full,
            other => {
                self.notices.tell(&Notice::Failed(other.to_string()));
                Reason::Internal
            }
        }
    }

    /// Makes room for an answer with `budget` octets of segments. When many large answers are under
    /// way this one becomes small: its reader asks once more, and memory stays bounded.
    pub(crate) fn room(&self, budget: u64) -> Room {
        if budget <= SMALL_ANSWER {
            return Room { budget, permit: None };
        }
        let kibibytes = u32::try_from(budget.div_ceil(1024)).unwrap_or(u32::MAX);
        match Arc::clone(&self.answers).try_acquire_many_owned(kibibytes) {
            Ok(permit) => Room { budget, permit: Some(permit) },
            Err(_) => Room { budget: SMALL_ANSWER, permit: None },
        }
    }

    /// What the server says under one of the keys that the other side knows it by.
    pub(crate) fn sign(&self, keys: &[VerifyingKey], message: &[u8]) -> [u8; 64] {
        self.keys.among(keys).sign(message)
    }

    /// A signed receipt for a roster, under one of these keys.
    pub(crate) fn receipt(
        &self,
        keys: &[VerifyingKey],
        workspace: WorkspaceId,
        receipt: &RosterReceipt,
    ) -> Vec<u8> {
        receipt.encode(&self.sign(keys, &receipt.signed_bytes(workspace)))
    }
}

/// Room for one answer.
pub(crate) struct Room {
    /// How many octets of segments it may bring.
    pub(crate) budget: u64,
    permit: Option<OwnedSemaphorePermit>,
}

impl Room {
    /// The answer, which gives its room back once it has been sent or given up.
    pub(crate) fn fill(self, answer: Vec<u8>) -> Bytes {
        let Some(mut permit) = self.permit else { return answer.into() };
        // Most answers are far smaller than what was asked for.
        let spare = permit.num_permits().saturating_sub(answer.len() / 1024 + 1);
        drop(permit.split(spare));
        Bytes::from_owner(Filled { answer, _permit: permit })
    }
}

struct Filled {
    answer: Vec<u8>,
    _permit: OwnedSemaphorePermit,
}

impl AsRef<[u8]> for Filled {
    fn as_ref(&self) -> &[u8] {
        &self.answer
    }
}
