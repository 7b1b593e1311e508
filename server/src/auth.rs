//! Who may ask: membership, signature, clock, and no hello twice.

use std::sync::Arc;

use cairn_wire::digest::VerifyingKey;
use cairn_wire::hello::{Hello, Purpose, Received};
use cairn_wire::id::DeviceId;
use cairn_wire::limits;
use cairn_wire::refusal::Reason;
use cairn_wire::roster::{Role, Roster};

use crate::clock::Clock;
use crate::log::{Log, LogError};
use crate::rosters::Rosters;

mod nonces;
mod rates;
pub(crate) use nonces::Nonces;
pub(crate) use rates::Rates;

/// A device that has proved who it is.
pub(crate) struct Caller {
    /// What it said.
    pub(crate) hello: Hello,
    /// The roster it was judged by.
    pub(crate) roster: Arc<Roster>,
    /// What it may do.
    pub(crate) role: Role,
    /// Whether it has not been revoked.
    pub(crate) belongs: bool,
    /// The key of this server that it named: the answer is signed by it.
    pub(crate) server_key: VerifyingKey,
}

/// Why a caller is turned away.
pub(crate) enum Denial {
    /// The caller must act.
    Refused(Reason),
    /// The operator must act.
    Failed(LogError),
}

impl From<Reason> for Denial {
    fn from(reason: Reason) -> Self {
        Self::Refused(reason)
    }
}

impl From<LogError> for Denial {
    fn from(error: LogError) -> Self {
        Self::Failed(error)
    }
}

/// The door every hello passes.
pub(crate) struct Door {
    server_keys: Vec<VerifyingKey>,
    clock: Clock,
    nonces: Nonces,
    rates: Rates,
}

impl Door {
    /// A door of the server with these keys.
    pub(crate) fn new(server_keys: Vec<VerifyingKey>, clock: Clock, rates: Rates) -> Self {
        Self { server_keys, clock, nonces: Nonces::new(), rates }
    }

    /// Lets a hello in, or says why not. Only a signed hello costs its device anything.
    pub(crate) async fn admit(
        &self,
        bytes: &[u8],
        purpose: Purpose,
        rosters: &Rosters,
        log: &dyn Log,
    ) -> Result<Caller, Denial> {
        let received = Received::decode(bytes).map_err(|malformed| match malformed.what {
            "protocol version" => Reason::Version,
            _ => Reason::Malformed,
        })?;
        let Hello { workspace, device, time, nonce, .. } = received.hello;
        let roster = rosters.current(workspace, log).await?.ok_or(Reason::UnknownWorkspace)?;
        let member = roster.member(&device).ok_or(Reason::NotMember)?;
        let named = |key: &&VerifyingKey| received.verify(&member.keys.signing, purpose, key);
        let server_key = *self.server_keys.iter().find(named).ok_or(Reason::BadSignature)?;
        // Who has been revoked may still hand in what was never sent, the files that belong to it among it, and
        // nothing else.
        let belongs = member.belongs();
        if !belongs && !matches!(purpose, Purpose::Late | Purpose::Attachments) {
            return Err(Reason::Revoked.into());
        }
        let role = member.role;
        let now = self.clock.now();
        if now.abs_diff(time) > limits::CLOCK_SKEW {
            return Err(Reason::Clock.into());
        }
        if !self.rates.allow(device.0) {
            return Err(Reason::Busy.into());
        }
        self.nonces.remember(device, nonce, time.saturating_add(limits::CLOCK_SKEW), now)?;
        Ok(Caller { hello: received.hello, roster, role, belongs, server_key })
    }

    /// Whether a request that carries no hello may pass, counted by what it names.
    pub(crate) fn allow(&self, name: [u8; 16]) -> bool {
        self.rates.allow(name)
    }
}

impl Caller {
    /// Who it is.
    pub(crate) fn device(&self) -> DeviceId {
        self.hello.device
    }
}
