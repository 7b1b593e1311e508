//! Beginning a workspace, joining one, and who belongs to it.

use cairn_core::transport::{Https, Transport, TransportError, is_socks_proxy, server_address};
use cairn_core::vault::{self, ServerAddress};
use cairn_core::wire::codec::{hex, unhex};
use cairn_core::wire::digest::VerifyingKey;
use cairn_core::wire::id::DeviceId;
use cairn_core::wire::{invitation, path, roster};
use cairn_core::{Error, Vault};

use crate::syncing::SyncOutcome;
use crate::trouble::CairnError;
use crate::vault::OpenVault;

/// What a device may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, uniffi::Enum)]
pub enum Role {
    /// Reads and writes, publishes forms, invites and revokes.
    Coordinator,
    /// Reads and writes records.
    Field,
    /// Reads records and changes none.
    Reader,
    /// Hands in records and reads none, not even its own once they have left.
    SubmitOnly,
    /// Carries sealed records for others.
    Courier,
}

impl From<roster::Role> for Role {
    fn from(role: roster::Role) -> Self {
        match role {
            roster::Role::Coordinator => Self::Coordinator,
            roster::Role::Field => Self::Field,
            roster::Role::Reader => Self::Reader,
            roster::Role::SubmitOnly => Self::SubmitOnly,
            // A role of a later version: nothing is offered that it might not do.
            _ => Self::Courier,
        }
    }
}

impl From<Role> for roster::Role {
    fn from(role: Role) -> Self {
        match role {
            Role::Coordinator => Self::Coordinator,
            Role::Field => Self::Field,
            Role::Reader => Self::Reader,
            Role::SubmitOnly => Self::SubmitOnly,
            Role::Courier => Self::Courier,
        }
    }
}

/// How this device stands to a workspace.
#[derive(Debug, Clone, Copy, PartialEq, Eq, uniffi::Enum)]
pub enum Standing {
    /// It knows of none.
    Alone,
    /// It has an invitation and waits to be admitted.
    Waiting,
    /// It belongs.
    Belongs,
    /// It belonged, and was taken out.
    TakenOut,
}

/// This device in its workspace.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct Membership {
    /// How it stands.
    pub standing: Standing,
    /// The workspace's identifier, once the device belongs.
    pub workspace: Option<String>,
    /// This device's identifier.
    pub device: String,
    /// What colleagues see beside what it writes.
    pub name: Option<String>,
    /// What it may do, once it belongs.
    pub role: Option<Role>,
    /// The four words to compare with what the coordinator sees, from the invitation on.
    pub words: Option<String>,
    /// The server's address.
    pub server: Option<String>,
    /// The keys by which the server is known, 64 hexadecimal digits each.
    pub pins: Vec<String>,
    /// The SOCKS proxy that everything goes through.
    pub proxy: Option<String>,
}

/// What an invitation allows.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct InviteTerms {
    /// What the newcomer may do.
    pub role: Role,
    /// For how many hours it can be used, 1 to 8,760.
    pub hours: u64,
    /// Whether the newcomer is admitted only after its words have been compared.
    pub compare: bool,
    /// The circles it is let into, by name or identifier; the workspace's first if none is named.
    pub circles: Vec<String>,
}

/// An invitation. It is like a key: to be shown or sent to the person it is for, and to nobody else.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct Invitation {
    /// Its text, which fits into a QR code.
    pub text: String,
    /// When it ends, seconds since 1970.
    pub expires: u64,
    /// What it lets the newcomer do.
    pub role: Role,
}

/// A device that waits until its words have been compared.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct Newcomer {
    /// Its identifier.
    pub device: String,
    /// What its person must read out.
    pub words: String,
    /// What it was invited to be.
    pub role: Role,
    /// When its invitation ends, seconds since 1970.
    pub expires: u64,
}

/// One device that belongs or has belonged.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct DeviceLine {
    /// Its identifier.
    pub device: String,
    /// The beginning of it, for people.
    pub short: String,
    /// What its person calls it, once that has arrived.
    pub name: Option<String>,
    /// Its words.
    pub words: String,
    /// What it may do.
    pub role: Role,
    /// Whether it is this one.
    pub is_this: bool,
    /// Whether it belongs now.
    pub belongs: bool,
}

/// What taking a device out did.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct Revoked {
    /// The device.
    pub device: String,
    /// Circles whose key was renewed.
    pub renewed: u64,
    /// Circles it was in and this device is not: a coordinator who is must renew their keys.
    pub left_open: u64,
    /// The syncs it took.
    pub sync: SyncOutcome,
}

/// A server as it was typed.
pub(crate) fn typed_server(url: &str, pin: &str, proxy: Option<&str>) -> Result<ServerAddress, CairnError> {
    let key = typed_pin(pin)?;
    typed_proxy(proxy)?;
    let url = server_address(url).map_err(Error::from)?;
    Ok(ServerAddress { url, key, proxy: proxy.map(str::to_owned) })
}

/// A server's key as people write it.
pub(crate) fn typed_pin(pin: &str) -> Result<VerifyingKey, CairnError> {
    unhex::<32>(pin.trim()).map(VerifyingKey).ok_or_else(|| {
        let text = "the server's pin must be 64 hexadecimal digits".to_owned();
        CairnError::person("bad_pin", text, "Its operator reads it with `cairn-server pin`.")
    })
}

/// Refuses what is no proxy.
pub(crate) fn typed_proxy(proxy: Option<&str>) -> Result<(), CairnError> {
    if proxy.is_none_or(is_socks_proxy) {
        return Ok(());
    }
    let text = "this is not the address of a SOCKS proxy".to_owned();
    Err(CairnError::person("bad_proxy", text, "Write it like socks5h://127.0.0.1:9050."))
}

/// The device of a whole identifier that belongs.
pub(crate) fn device_of(vault: &Vault, typed: &str) -> Result<DeviceId, Error> {
    let missing = || Error::NotFound { what: "device", name: typed.to_owned() };
    let device = DeviceId::from_hex(typed.trim()).ok_or_else(missing)?;
    vault.devices()?.iter().any(|line| line.id == device).then_some(device).ok_or_else(missing)
}

#[uniffi::export]
impl OpenVault {
    /// Begins a workspace whose first coordinator is this device, and brings it to the server. `pin` is the server's
    /// key (64 hexadecimal digits), `token` the word with which it lets workspaces begin, if it wants one. Called
    /// again with the same server it finishes what was cut off: the workspace stands here at once.
    ///
    /// # Errors
    /// `bad_address`, `bad_pin`, `bad_proxy`, `not_the_pinned_server` (nothing is begun then), `has_workspace`, `refused`;
    /// as [`OpenVault::sync`].
    pub fn found(
        &self,
        url: &str,
        pin: &str,
        token: Option<String>,
        name: &str,
        proxy: Option<String>,
    ) -> Result<Membership, CairnError> {
        let server = typed_server(url, pin, proxy.as_deref())?;
        self.cancelled.store(false, std::sync::atomic::Ordering::SeqCst);
        let done = self.keeper.with(|vault| {
            let https = || Ok(Https::new(&server.url, server.key, server.proxy.as_deref())?);
            let road = self.road_to(https, None)?;
            let road = self.keeper.road(&road);
            match vault.server()? {
                None => {
                    // Whoever answers under another key must not become this workspace's server for good.
                    if road.post(path::HEALTH, Vec::new()) == Err(TransportError::NotThePinnedServer) {
                        return Err(Error::NotThePinnedServer);
                    }
                    vault.found(&server, name)?;
                }
                Some(_) if vault.is_coordinator() && vault.pins()?.contains(&server.key) => {
                    vault.use_address(&server.url)?;
                    vault.use_proxy(server.proxy.as_deref())?;
                }
                Some(_) => return Err(Error::HasWorkspace),
            }
            vault.publish_workspace(&road, token.as_deref().unwrap_or_default().as_bytes())?;
            vault.sync(&road, |_| {})
        });
        self.ended(done)?;
        self.membership()
    }

    /// Takes an invitation and asks to be admitted; a device that waits asks again. What it gives says whether it
    /// waits (compare the words then, and sync later) or belongs.
    ///
    /// # Errors
    /// `bad_invitation`, `too_new`, `bad_proxy`, `has_workspace`, `invitation_expired`, `invitation_used`; as
    /// [`OpenVault::sync`]. After `offline` the invitation is kept: sync later.
    pub fn join(
        &self,
        invitation: &str,
        name: &str,
        proxy: Option<String>,
    ) -> Result<Membership, CairnError> {
        typed_proxy(proxy.as_deref())?;
        self.with(|vault| {
            let read = invitation::Invitation::from_text(invitation).ok();
            let same = read.is_some_and(|read| vault.workspace() == Some(read.workspace));
            if !same {
                vault.accept(invitation, name)?;
            }
            if proxy.is_some() {
                vault.use_proxy(proxy.as_deref())?;
            }
            Ok(())
        })?;
        let synced = self.with_server(None, |vault, road, _| match vault.sync(road, |_| {}) {
            Err(Error::Waiting) => Ok(()),
            synced => synced.map(drop),
        });
        synced?;
        self.membership()
    }

    /// This device in its workspace.
    ///
    /// # Errors
    /// `locked`, or what the disk says.
    pub fn membership(&self) -> Result<Membership, CairnError> {
        self.with(|vault| {
            let device = vault.device();
            let (server, words) = (vault.server()?, vault.words().ok());
            let pins = if server.is_some() { vault.pins()? } else { Vec::new() };
            let standing = match (vault.workspace(), vault.role(), &server) {
                (Some(_), Some(_), _) => Standing::Belongs,
                (Some(_), None, _) => Standing::TakenOut,
                (None, _, Some(_)) => Standing::Waiting,
                (None, _, None) => Standing::Alone,
            };
            Ok(Membership {
                standing,
                workspace: vault.workspace().map(|workspace| workspace.to_string()),
                device: device.to_string(),
                name: vault.own_name()?,
                role: vault.role().map(Role::from),
                words,
                pins: pins.iter().map(|pin| hex(&pin.0)).collect(),
                proxy: server.as_ref().and_then(|server| server.proxy.clone()),
                server: server.map(|server| server.url),
            })
        })
    }

    /// Makes an invitation for one device. It needs no network; the newcomer is admitted when this device syncs
    /// after the newcomer has asked.
    ///
    /// # Errors
    /// `not_allowed` unless this device is a coordinator's, `not_found` for a circle.
    pub fn invite(&self, terms: InviteTerms) -> Result<Invitation, CairnError> {
        self.with(|vault| {
            let named = terms.circles.iter().map(|name| Ok(vault.find_circle(name)?.id));
            let named = named.collect::<Result<Vec<_>, Error>>()?;
            let circles = if named.is_empty() { vault.open_circles()? } else { named };
            let hours = terms.hours.clamp(1, 8_760);
            let core = vault::InviteTerms { role: terms.role.into(), hours };
            let made = vault.invite_into(&core, &circles, terms.compare)?;
            Ok(Invitation { text: made.to_text(), expires: made.expiry, role: terms.role })
        })
    }

    /// Devices whose words are to be compared before they are admitted.
    ///
    /// # Errors
    /// `no_workspace`, `locked`.
    pub fn newcomers(&self) -> Result<Vec<Newcomer>, CairnError> {
        let newcomers = self.with(|vault| vault.newcomers())?;
        let line = |one: vault::Newcomer| Newcomer {
            device: one.device.to_string(),
            words: one.words,
            role: one.role.into(),
            expires: one.expiry,
        };
        Ok(newcomers.into_iter().map(line).collect())
    }

    /// Notes that the words of a waiting device are those that its person read out; the next sync admits it. Gives
    /// its identifier.
    ///
    /// # Errors
    /// `no_such_words`, `not_allowed`.
    pub fn confirm(&self, words: &str) -> Result<String, CairnError> {
        Ok(self.with(|vault| vault.confirm(words))?.to_string())
    }

    /// Makes the invitation void with which a waiting device came. Gives its identifier.
    ///
    /// # Errors
    /// `no_such_words`, `not_allowed`.
    pub fn turn_away(&self, words: &str) -> Result<String, CairnError> {
        Ok(self.with(|vault| vault.turn_away(words))?.to_string())
    }

    /// Every device that belongs or has belonged, in the order they came.
    ///
    /// # Errors
    /// `no_workspace`, `waiting`, `locked`.
    pub fn devices(&self) -> Result<Vec<DeviceLine>, CairnError> {
        let devices = self.with(|vault| vault.devices())?;
        let line = |one: vault::DeviceLine| DeviceLine {
            device: one.id.to_string(),
            short: one.id.short(),
            name: one.name,
            words: one.words,
            role: one.role.into(),
            is_this: one.is_this,
            belongs: one.belongs,
        };
        Ok(devices.into_iter().map(line).collect())
    }

    /// Takes a device out of the workspace, by its identifier: the server cuts it off at once, and the keys it knew
    /// are renewed. What it holds already it can still read.
    ///
    /// # Errors
    /// `not_found`, `not_allowed`; as [`OpenVault::sync`].
    pub fn revoke(&self, device: &str) -> Result<Revoked, CairnError> {
        self.with_server(None, |vault, road, _| {
            let id = device_of(vault, device)?;
            let done = vault.revoke(road, &id, None)?;
            Ok(Revoked {
                device: id.to_string(),
                renewed: done.renewed,
                left_open: done.left_open,
                sync: done.sync.into(),
            })
        })
    }
}
