//! By which keys this device knows its server, and how coordinators change them.
//!
//! The roster lists the keys, newest first. A request names one of them, the one that the server last answered
//! by; a server that does not hold that one says that the signature is wrong, and then the others are tried.
//! A device that slept until the last key it knows was retired is given the new one by hand, and believes it
//! only if the roster that comes with it lists it.

use cairn_wire::digest::VerifyingKey;
use cairn_wire::id::WorkspaceId;
use cairn_wire::limits;
use cairn_wire::refusal::Reason;
use cairn_wire::roster::{Body, Roster, SERVER_KEYS};
use cairn_wire::sync::RosterReceipt;

use super::sync::{SyncReport, Tally};
use super::{Vault, fact};
use crate::error::Error;
use crate::roster::one_entry;
use crate::store::{Rows, StoreError};
use crate::sync::Alarm;
use crate::transport::Transport;

/// Another coordinator may be faster; so often it is tried.
const TRIES: usize = 5;

impl Vault {
    /// The keys by which this device knows the server, newest first: whoever answers must hold one of them, or
    /// be vouched for by one.
    ///
    /// # Errors
    /// What the disk says.
    pub fn pins(&self) -> Result<Vec<VerifyingKey>, Error> {
        let rows = self.store.rows();
        let listed = match &self.roster {
            Some(roster) if !self.is_joining()? => roster.server_keys(),
            _ => &[],
        };
        Ok(match (key(&rows, fact::SERVER_BY_HAND)?, listed) {
            (Some(by_hand), _) => vec![by_hand],
            (None, []) => key(&rows, fact::SERVER_KEY)?.into_iter().collect(),
            (None, listed) => listed.to_vec(),
        })
    }

    /// The key that a request names: the one that was last answered by, unless it was dropped since.
    pub(super) fn named_key(&self) -> Result<Option<VerifyingKey>, Error> {
        let pins = self.pins()?;
        let last = key(&self.store.rows(), fact::SERVER_KEY)?.filter(|key| pins.contains(key));
        Ok(last.or(pins.first().copied()))
    }

    fn is_joining(&self) -> Result<bool, Error> {
        Ok(self.store.rows().fact(fact::JOINING)?.is_some())
    }

    /// Looks for the server at another address and under another key from now on, which a coordinator has
    /// given. At the next sync the roster must list that key.
    ///
    /// # Errors
    /// [`Error::NoWorkspace`] while no server is known.
    pub fn use_server(&mut self, url: &str, key: VerifyingKey) -> Result<(), Error> {
        self.server()?.ok_or(Error::NoWorkspace)?;
        self.store.gesture(|rows| {
            rows.put_fact(fact::SERVER, url.as_bytes())?;
            rows.put_fact(fact::SERVER_BY_HAND, &key.0)
        })?;
        Ok(())
    }

    /// Does something again under the other keys of the server, while it says that it does not know the one
    /// that was named.
    pub(super) fn under_other_keys<T>(
        &mut self,
        mut done: Result<T, Error>,
        mut again: impl FnMut(&mut Self) -> Result<T, Error>,
    ) -> Result<T, Error> {
        let named = self.named_key()?;
        for key in self.pins()?.into_iter().filter(|key| Some(*key) != named) {
            if !matches!(done, Err(Error::Refused { reason: Reason::BadSignature })) {
                break;
            }
            self.name_key(&key)?;
            done = again(self);
        }
        done
    }

    fn name_key(&mut self, key: &VerifyingKey) -> Result<(), Error> {
        Ok(self.store.gesture(|rows| rows.put_fact(fact::SERVER_KEY, &key.0))?)
    }

    /// A receipt that no hello asked for: signed by any of the server's keys.
    pub(super) fn receipt(&self, bytes: &[u8], workspace: WorkspaceId) -> Result<RosterReceipt, Error> {
        let pins = self.pins()?;
        let believed = pins.iter().find_map(|key| RosterReceipt::decode(bytes, key, workspace).ok());
        believed.ok_or(Error::Tampered(Alarm::BadSignature))
    }

    /// A key that was given by hand is believed only with a roster that lists it, and then it is no longer
    /// needed. `entries` is how many entries the answer brought: more may follow.
    pub(super) fn settle_by_hand(
        &self,
        roster: Option<&Roster>,
        entries: usize,
    ) -> Result<Option<VerifyingKey>, Error> {
        let Some(by_hand) = key(&self.store.rows(), fact::SERVER_BY_HAND)? else { return Ok(None) };
        match roster {
            Some(roster) if roster.server_keys().contains(&by_hand) => Ok(Some(by_hand)),
            _ if entries >= limits::ROSTER_BATCH => Ok(None),
            _ => Err(Error::ServerNotListed),
        }
    }

    /// Adds a key that the server will come to, so that every device knows it before.
    ///
    /// # Errors
    /// [`Error::NotAllowed`] unless this device is a coordinator's, and as [`Vault::sync`].
    pub fn add_server_key(
        &mut self,
        transport: &dyn Transport,
        key: VerifyingKey,
    ) -> Result<SyncReport, Error> {
        self.post_setting(transport, |vault| {
            let listed = vault.roster()?.server_keys();
            if listed.contains(&key) {
                return Ok(None);
            }
            if listed.len() >= SERVER_KEYS {
                return Err(Error::TooLarge("the list of the server's keys"));
            }
            Ok(Some(Body::ServerKeys { keys: std::iter::once(key).chain(listed.iter().copied()).collect() }))
        })
    }

    /// Drops a key of the server: whoever learns of it never accepts that key again. The server must have
    /// come to another one before.
    ///
    /// # Errors
    /// [`Error::NotAllowed`] unless this device is a coordinator's, [`Error::NotFound`],
    /// [`Error::NoOtherServerKey`], and as [`Vault::sync`].
    pub fn drop_server_key(
        &mut self,
        transport: &dyn Transport,
        key: VerifyingKey,
    ) -> Result<SyncReport, Error> {
        self.need_coordinator()?;
        self.sync(transport, |_| {})?;
        let listed = self.roster()?.server_keys().to_vec();
        if !listed.contains(&key) {
            let name = cairn_wire::codec::hex(&key.0);
            return Err(Error::NotFound { what: "server key", name });
        }
        self.prove_another_key(transport, &listed, &key)?;
        self.post_setting(transport, |vault| {
            let listed = vault.roster()?.server_keys();
            let keys: Vec<_> = listed.iter().filter(|one| **one != key).copied().collect();
            match keys.len() {
                0 => Err(Error::NoOtherServerKey),
                left if left == listed.len() => Ok(None),
                _ => Ok(Some(Body::ServerKeys { keys })),
            }
        })
    }

    /// Goes over to another server whose key nobody has named yet, where the one there was is lost with its key: says
    /// in the roster that this key and no other counts from now on. [`Vault::heal`] then gives that server
    /// everything. Where the old server still answers somebody, two rosters come of it.
    ///
    /// # Errors
    /// [`Error::NotAllowed`] unless this device is a coordinator's.
    pub fn replace_server(&mut self, url: &str, key: VerifyingKey) -> Result<(), Error> {
        self.need_coordinator()?;
        let mut roster = self.roster()?.clone();
        let mut entries = Vec::new();
        // Once is enough, also where healing was cut off.
        if roster.server_keys() != [key] {
            let body = Body::ServerKeys { keys: vec![key] };
            entries = one_entry(&roster, &self.device, self.time()?, body)?.entries;
        }
        self.store.gesture(|rows| {
            for entry in &entries {
                roster.append(entry).map_err(|error| Error::Bug(error.to_string()))?;
                rows.put_roster(roster.seq(), entry)?;
            }
            rows.put_fact(fact::SERVER, url.as_bytes())?;
            rows.put_fact(fact::SERVER_KEY, &key.0)?;
            rows.forget_fact(fact::SERVER_BY_HAND)?;
            Ok::<_, Error>(())
        })?;
        self.roster = Some(roster);
        Ok(())
    }

    /// Syncs under one of the keys that stay: else everybody would be shut out.
    fn prove_another_key(
        &mut self,
        transport: &dyn Transport,
        listed: &[VerifyingKey],
        dropped: &VerifyingKey,
    ) -> Result<(), Error> {
        for other in listed.iter().filter(|key| *key != dropped) {
            self.name_key(other)?;
            self.sync(transport, |_| {})?;
            // A sync goes back to a key that the server holds.
            if self.named_key()?.is_some_and(|named| named != *dropped) {
                return Ok(());
            }
        }
        Err(Error::NoOtherServerKey)
    }

    /// Syncs, and posts one entry of this coordinator, made from what then stands; posts nothing if there is
    /// nothing to change.
    pub(super) fn post_setting(
        &mut self,
        transport: &dyn Transport,
        entry: impl Fn(&Self) -> Result<Option<Body>, Error>,
    ) -> Result<SyncReport, Error> {
        self.need_coordinator()?;
        for _ in 0..TRIES {
            let report = self.sync(transport, |_| {})?;
            let Some(body) = entry(self)? else { return Ok(report) };
            let server = self.server()?.ok_or(Error::NoWorkspace)?;
            let post = one_entry(self.roster()?, &self.device, self.time()?, body)?;
            let mut watch = |_| {};
            let mut tally = Tally::new(&mut watch);
            if self.post_roster(transport, &server, &post, &mut tally)? {
                return Ok(report);
            }
        }
        Err(Error::Refused { reason: Reason::RosterMoved })
    }
}

fn key(rows: &Rows<'_>, name: &str) -> Result<Option<VerifyingKey>, StoreError> {
    let key = rows.fact(name)?;
    key.map(|key| key.try_into().map(VerifyingKey).map_err(|_| StoreError::Unreadable("server key")))
        .transpose()
}
