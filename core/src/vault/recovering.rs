//! Recovery: a coordinator that exists on paper only.
//!
//! Its keys are derived from a secret that nobody keeps: it is split into shares, which are printed and laid in
//! different places. To everybody else it is a member like others, so every new key is wrapped for it too, and its
//! wraps wait on the server. Whoever brings enough shares together has its vault again.

use std::fs;
use std::path::Path;

use cairn_wire::codec::{Reader, Writer};
use cairn_wire::digest::sha256;
use cairn_wire::id::{DeviceId, WorkspaceId};
use cairn_wire::roster::Role;

use super::membership::put_server;
use super::sync::Tally;
use super::words::{spelt, unspelt};
use super::{InviteTerms, Machine, ServerAddress, Vault, decoy, fact};
use crate::crypto::{DeviceSecret, RecoverySecret, SHARE, VaultKey, Which};
use crate::error::Error;
use crate::transport::Transport;

/// What it is called among devices.
pub(super) const PAPER: &str = "Recovery (on paper)";
const PREFIX: &str = "cairnshare1:";
const CHECK: usize = 4;
/// There are never more shares.
const MOST: u8 = 16;
/// Octets of a share with all that is said of it.
const LENGTH: usize = 3 + 8 + 16 + SHARE + CHECK;

/// One share, as it is printed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Share {
    /// How many are needed.
    pub needed: u8,
    /// How many there are.
    pub count: u8,
    /// Which shares belong together.
    pub set: [u8; 8],
    /// The workspace they recover.
    pub workspace: WorkspaceId,
    share: [u8; SHARE],
}

impl Share {
    /// All shares of a secret.
    ///
    /// # Errors
    /// [`Error::BadShare`] unless `2 ≤ needed ≤ count ≤ 16`.
    pub fn of(
        secret: &RecoverySecret,
        needed: u8,
        count: u8,
        workspace: WorkspaceId,
    ) -> Result<Vec<Self>, Error> {
        if needed < 2 || needed > count || count > MOST {
            return Err(Error::BadShare);
        }
        let set = secret.set()?;
        let shares = secret.split(needed, count)?;
        Ok(shares.into_iter().map(|share| Self { needed, count, set, workspace, share }).collect())
    }

    /// The device that enough shares give back.
    ///
    /// # Errors
    /// [`Error::BadShare`], [`Error::TooFewShares`], [`Error::SharesOfTwoSets`].
    pub fn device(shares: &[Self]) -> Result<DeviceId, Error> {
        Ok(combined(shares)?.device()?.id())
    }

    /// Its number, from 1.
    pub fn number(&self) -> u8 {
        self.share.first().copied().unwrap_or_default()
    }

    /// `version u8 = 1 | needed u8 | count u8 | set[8] | workspace[16] | share[33] | check[4]`.
    fn to_bytes(&self) -> Vec<u8> {
        let mut writer = Writer::new();
        writer
            .octet(1)
            .octet(self.needed)
            .octet(self.count)
            .raw(&self.set)
            .raw(&self.workspace.0)
            .raw(&self.share);
        let bytes = writer.finish();
        let check = sha256(&[b"cairn/share/1", &bytes]);
        [&bytes[..], check.get(..CHECK).unwrap_or_default()].concat()
    }

    fn from_bytes(bytes: &[u8]) -> Result<Self, Error> {
        let (said, check) = bytes.split_last_chunk::<CHECK>().ok_or(Error::BadShare)?;
        if sha256(&[b"cairn/share/1", said]).get(..CHECK) != Some(&check[..]) {
            return Err(Error::BadShare);
        }
        let mut reader = Reader::new(said);
        let mut read = || {
            if reader.octet("version")? != 1 {
                return Err(reader.malformed("version"));
            }
            let (needed, count) = (reader.octet("needed")?, reader.octet("count")?);
            let (set, workspace) = (reader.array("set")?, WorkspaceId::read(&mut reader)?);
            let share = reader.array("share")?;
            reader.end()?;
            Ok(Self { needed, count, set, workspace, share })
        };
        read().map_err(|_| Error::BadShare)
    }

    /// For a QR code: capitals and digits.
    pub fn to_text(&self) -> String {
        let digits: String = cairn_wire::codec::hex(&self.to_bytes());
        format!("{PREFIX}{digits}").to_uppercase()
    }

    /// For people who write or type it: words of a language's list.
    pub fn to_words(&self, language: &str) -> Vec<&'static str> {
        spelt(&self.to_bytes(), language)
    }

    /// Reads [`Share::to_text`] or [`Share::to_words`], whatever blanks, lines and numbers stand between.
    ///
    /// # Errors
    /// [`Error::BadShare`].
    pub fn read(typed: &str) -> Result<Self, Error> {
        let joined: String = typed.split_whitespace().collect::<String>().to_lowercase();
        if let Some(at) = joined.find(PREFIX) {
            let digits = joined.get(at + PREFIX.len()..).unwrap_or_default();
            let digits = digits.get(..2 * LENGTH).unwrap_or(digits);
            let octets: Option<Vec<u8>> = digits
                .as_bytes()
                .chunks(2)
                .map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok())
                .collect();
            return Self::from_bytes(&octets.ok_or(Error::BadShare)?);
        }
        let words: Vec<&str> =
            typed.split(|letter: char| !letter.is_alphabetic()).filter(|word| !word.is_empty()).collect();
        Self::from_bytes(&unspelt(&words, LENGTH).ok_or(Error::BadShare)?)
    }
}

/// What a drill found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Drill {
    /// The coordinator on paper.
    pub device: DeviceId,
    /// Circles it is in, of those that there are.
    pub circles: usize,
    /// Circles that there are.
    pub of: usize,
}

/// The secret of enough shares that belong together.
pub(super) fn combined(shares: &[Share]) -> Result<RecoverySecret, Error> {
    let first = shares.first().ok_or(Error::BadShare)?;
    let mut numbers: Vec<u8> = shares.iter().map(Share::number).collect();
    numbers.sort_unstable();
    numbers.dedup();
    if numbers.len() < usize::from(first.needed) {
        return Err(Error::TooFewShares { have: numbers.len(), needed: first.needed.into() });
    }
    if shares.iter().any(|share| share.set != first.set || share.workspace != first.workspace) {
        return Err(Error::SharesOfTwoSets);
    }
    let mut octets: Vec<[u8; SHARE]> = shares.iter().map(|share| share.share).collect();
    octets.sort_unstable();
    octets.dedup();
    let secret = RecoverySecret::combine(&octets).map_err(|_| Error::BadShare)?;
    if secret.set()? == first.set { Ok(secret) } else { Err(Error::BadShare) }
}

impl Vault {
    /// Makes a coordinator on paper and gives its shares, which are nowhere else when this returns. It is let into
    /// every circle that this device is in.
    ///
    /// # Errors
    /// [`Error::NotAllowed`] unless this device is a coordinator's; [`Error::BadShare`] unless
    /// `2 ≤ needed ≤ count ≤ 16`; as [`Vault::sync`].
    pub fn make_recovery(
        &mut self,
        transport: &dyn Transport,
        needed: u8,
        count: u8,
    ) -> Result<Vec<Share>, Error> {
        self.need_coordinator()?;
        let secret = RecoverySecret::generate()?;
        let shares = Share::of(&secret, needed, count, self.roster()?.workspace())?;
        let circles = self.store.rows().circles()?.into_iter().map(|row| row.circle);
        // What this device only hands in to it cannot let anybody into.
        let circles: Vec<_> = circles.filter(|circle| !self.hands_in_to(circle)).collect();
        let invitation =
            self.invite_into(&InviteTerms { role: Role::Coordinator, hours: 1 }, &circles, false)?;
        let scratch = self.root.join("paper");
        let admitted = self.admit_paper(transport, &scratch, &secret, &invitation.to_text());
        // Whatever came of it, nothing of it stays here.
        let disk = |source| Error::Disk { what: "the vault's folder", source };
        match fs::remove_dir_all(&scratch) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(disk(error)),
            _ => admitted?,
        }
        Ok(shares)
    }

    /// Plays the newcomer's side too, in a vault that is thrown away.
    fn admit_paper(
        &mut self,
        transport: &dyn Transport,
        scratch: &Path,
        secret: &RecoverySecret,
        invitation: &str,
    ) -> Result<(), Error> {
        let (key, machine) =
            (VaultKey::generate()?, Machine::default().with_clock(self.machine.clock.clone()));
        decoy::make(scratch, &key, &secret.device()?, &machine)?;
        let mut paper = Self::begin(scratch, Which::A, &key, &machine, None)?;
        paper.accept(invitation, PAPER)?;
        match paper.sync(transport, |_| {}) {
            Err(Error::Waiting) => {}
            other => _ = other?,
        }
        self.sync(transport, |_| {})?;
        let server = paper.server()?.ok_or(Error::NoWorkspace)?;
        let mut watch = |_| {};
        let mut tally = Tally::new(&mut watch);
        // The first brings it the roster and its keys, the second says what it is called. What others wrote is
        // fetched when it is needed.
        for _ in 0..2 {
            paper.exchange(transport, &server, &mut tally)?;
        }
        self.sync(transport, |_| {})?;
        Ok(())
    }

    /// Tries shares without using them: whether they give a coordinator who belongs, and what it could open.
    ///
    /// # Errors
    /// [`Error::BadShare`], [`Error::TooFewShares`], [`Error::SharesOfTwoSets`]; [`Error::NotAllowed`] when the
    /// coordinator on paper no longer belongs; [`Error::NotFound`] when it is another workspace's.
    pub fn drill_recovery(&self, shares: &[Share]) -> Result<Drill, Error> {
        let device = Share::device(shares)?;
        let roster = self.roster()?;
        let missing = || Error::NotFound { what: "device", name: device.to_string() };
        let member = roster.member(&device).ok_or_else(missing)?;
        if !member.belongs() || member.role != Role::Coordinator {
            return Err(Error::NotAllowed { need: "coordinator on paper who belongs" });
        }
        let circles: Vec<_> = roster.circles().keys().collect();
        let inside = circles.iter().filter(|circle| roster.may_read(&device, circle)).count();
        Ok(Drill { device, circles: inside, of: circles.len() })
    }

    /// Makes the vault of the coordinator on paper in an empty folder. It syncs like any other then. What was cut
    /// off before anything had come goes on when it is done again, with the same passphrase.
    ///
    /// # Errors
    /// As [`Vault::create_on`], [`Vault::open`] and [`Vault::drill_recovery`].
    pub fn restore_from_shares(
        folder: &Path,
        passphrase: &str,
        machine: &Machine,
        shares: &[Share],
        server: &ServerAddress,
    ) -> Result<Self, Error> {
        let vault = Self::paper_vault(folder, passphrase, machine, shares, server)?;
        // That is one which has been restored, and can go on by itself.
        if vault.roster.is_some() { Err(Error::VaultExists) } else { Ok(vault) }
    }

    /// The same, or the one that is there already.
    pub(super) fn paper_vault(
        folder: &Path,
        passphrase: &str,
        machine: &Machine,
        shares: &[Share],
        server: &ServerAddress,
    ) -> Result<Self, Error> {
        let secret = combined(shares)?;
        let workspace = shares.first().map(|share| share.workspace).ok_or(Error::BadShare)?;
        let device = secret.device()?;
        let mut vault = if Self::exists(folder) {
            Self::begun_before(folder, passphrase, machine, device, workspace)?
        } else {
            let (key, lock) = Self::lay_ground(folder, passphrase, machine)?;
            decoy::make(folder, &key, &device, machine)?;
            let vault = Self::begin(folder, Which::A, &key, machine, Some(lock))?;
            decoy::pretend(folder, machine)?;
            vault
        };
        if vault.roster.is_none() {
            vault.store.gesture(|rows| {
                rows.put_fact(fact::WORKSPACE, &workspace.0)?;
                rows.put_fact(fact::NAME, PAPER.as_bytes())?;
                put_server(&rows, server)
            })?;
        }
        Ok(vault)
    }

    /// A vault that an earlier attempt has left: it has these keys already, or it is empty.
    fn begun_before(
        folder: &Path,
        passphrase: &str,
        machine: &Machine,
        device: DeviceSecret,
        workspace: WorkspaceId,
    ) -> Result<Self, Error> {
        let mut vault = Self::open_on(folder, passphrase, machine)?;
        let rows = vault.store.rows();
        let (known, joining) = (rows.fact(fact::WORKSPACE)?, rows.fact(fact::JOINING)?);
        let same =
            vault.device.id() == device.id() && known.as_ref().is_none_or(|known| *known == workspace.0);
        let empty = vault.which == Which::A && known.is_none() && joining.is_none();
        if !same && !empty {
            return Err(Error::VaultExists);
        }
        if !same {
            // It was cut off before it had the keys; those it got when it was opened are nobody's.
            vault.store.gesture(|rows| rows.put_fact(fact::DEVICE, &device.seed()[..]))?;
            vault.device = Box::new(device);
        }
        Ok(vault)
    }
}

#[cfg(test)]
mod tests;
