//! The slot file: how passphrases become keys of vaults. It is always there, always as long, and looks random, so
//! that it does not tell how many passphrases there are.
//!
//! ```text
//! salt[32] | head[32] | 8 slots of 288 | fill, up to 16,384 octets
//!
//! head = (version u8 = 1 | memory KiB u32 | passes u32 | lanes u32 | 3 zeros | check[16])
//!        XOR HKDF-SHA-256(salt, "", "cairn/slots/head/1")
//! check = first 16 octets of SHA-256(salt | the head's first 16 octets | slots | fill)
//! slot = nonce[32] | ChaCha20-Poly1305(HKDF-SHA-256(unlock key, nonce, "cairn/slot/1" | index u8), content[240])
//! content = purpose u8 | vault u8 | key[32] | zeros[206]                                      purposes 1 and 2
//!         | purpose u8 = 3 | vault u8 | departure[16] | key sealed under its release[48] | zeros[174]
//! ```
//! Numbers have their highest octet first. The mask over the head hides nothing from whoever knows this page; it
//! only leaves no mark by which the file is found. The check tells a torn file from a wrong passphrase and depends
//! on nothing secret. An unused slot is random. The version stays 1 for a departed vault, since another one would tell
//! everybody that it is: a program from before there was travel mode takes its passphrase for a wrong one.

use cairn_wire::digest::sha256;
use ring::hkdf::{HKDF_SHA256, Salt};
use zeroize::Zeroizing;

use super::epoch::expand;
use super::{Cost, CryptoError, SegmentKey, TRAVELLING_KEY, VaultKey, generate};

/// Octets of a slot file.
pub const SLOT_FILE: usize = 16 << 10;
/// Slots in it.
pub const SLOTS: usize = 8;
const SALT: usize = 32;
const HEAD: usize = 32;
const CHECK: usize = 16;
const NONCE: usize = 32;
const CONTENT: usize = 240;
const SLOT: usize = NONCE + CONTENT + 16;
const FILL: usize = SLOT_FILE - SALT - HEAD - SLOTS * SLOT;
const VERSION: u8 = 1;

/// Why a slot file is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SlotError {
    /// Torn, changed, or never one.
    Damaged,
    /// A newer version wrote it.
    TooNew,
}

/// What a passphrase is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// Opens the vault.
    Normal,
    /// Opens a decoy, and destroys the device's key of the other vault.
    Duress,
}

/// Which of the two vaults that every installation has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Which {
    /// The first.
    A,
    /// The second.
    B,
}

impl Which {
    /// The one that this is not.
    pub fn other(self) -> Self {
        match self {
            Self::A => Self::B,
            Self::B => Self::A,
        }
    }

    pub(super) fn code(self) -> u8 {
        match self {
            Self::A => 1,
            Self::B => 2,
        }
    }

    fn of_code(code: u8) -> Option<Self> {
        match code {
            1 => Some(Self::A),
            2 => Some(Self::B),
            _ => None,
        }
    }
}

/// What a slot of a vault that opens holds.
#[derive(Debug)]
pub struct Content {
    /// What the passphrase is for.
    pub purpose: Purpose,
    /// The vault that the key opens.
    pub vault: Which,
    /// The key of that vault's database.
    pub key: VaultKey,
}

/// What a slot of a departed vault holds: the passphrase is right, and does not open it.
#[derive(Debug, Clone)]
pub struct Travel {
    /// The vault.
    pub vault: Which,
    /// Which departure of the device it was.
    pub departure: [u8; 16],
    /// The vault's key, sealed under the departure's release ([`super::Release::seal_vault`]).
    pub key: [u8; TRAVELLING_KEY],
}

/// What a slot holds.
#[derive(Debug)]
pub enum Held {
    /// A key.
    Key(Content),
    /// A key that only a coordinator can release.
    Travel(Travel),
}

/// What was found in the slots.
#[derive(Debug)]
pub struct Found {
    /// In which slot.
    pub slot: usize,
    /// Which of the keys that were tried opened it.
    pub by: usize,
    /// What it holds.
    pub held: Held,
}

/// A passphrase after the work of guessing, before the device's own key was mixed in.
pub struct Stretched(Zeroizing<[u8; 32]>);

impl Stretched {
    /// For the device's key to work on.
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

/// What opens a slot: [`Stretched`], after HMAC under a key of the device.
pub struct UnlockKey(Zeroizing<[u8; 32]>);

impl UnlockKey {
    /// What the device's key made of it.
    pub fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(Zeroizing::new(bytes))
    }
}

/// A slot file in memory.
pub struct Slots {
    cost: Cost,
    salt: [u8; SALT],
    slots: [[u8; SLOT]; SLOTS],
    fill: Vec<u8>,
}

impl Slots {
    /// One without a passphrase.
    ///
    /// # Errors
    /// [`CryptoError::Cost`] out of range, [`CryptoError::NoRandom`].
    pub fn new(cost: Cost) -> Result<Self, CryptoError> {
        cost.check()?;
        let mut slots = [[0; SLOT]; SLOTS];
        for slot in &mut slots {
            *slot = generate()?;
        }
        Ok(Self { cost, salt: generate()?, slots, fill: generate::<FILL>()?.to_vec() })
    }

    /// Reads a file.
    ///
    /// # Errors
    /// [`SlotError`].
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, SlotError> {
        let bytes: &[u8; SLOT_FILE] = bytes.try_into().map_err(|_| SlotError::Damaged)?;
        let (salt, rest) = bytes.split_first_chunk::<SALT>().ok_or(SlotError::Damaged)?;
        let (head, rest) = rest.split_first_chunk::<HEAD>().ok_or(SlotError::Damaged)?;
        let head = masked(salt, *head).map_err(|_| SlotError::Damaged)?;
        let (plain, check) = head.split_first_chunk::<{ HEAD - CHECK }>().ok_or(SlotError::Damaged)?;
        if check != checksum(salt, plain, rest) {
            return Err(SlotError::Damaged);
        }
        let [version, memory @ .., _, _, _] = *plain;
        if version != VERSION {
            return Err(SlotError::TooNew);
        }
        let [m0, m1, m2, m3, p0, p1, p2, p3, l0, l1, l2, l3] = memory;
        let cost = Cost {
            memory: u32::from_be_bytes([m0, m1, m2, m3]),
            passes: u32::from_be_bytes([p0, p1, p2, p3]),
            lanes: u32::from_be_bytes([l0, l1, l2, l3]),
        };
        // What would hang the phone, or make guessing cheap, was not written by us.
        cost.check().map_err(|_| SlotError::Damaged)?;
        let (slots, fill) = rest.as_chunks::<SLOT>();
        let (slots, more) = slots.split_first_chunk::<SLOTS>().ok_or(SlotError::Damaged)?;
        let fill = [more.as_flattened(), fill].concat();
        Ok(Self { cost, salt: *salt, slots: *slots, fill })
    }

    /// The file.
    ///
    /// # Errors
    /// None in practice: [`CryptoError::NotAKey`] if HKDF refuses its own length.
    pub fn to_bytes(&self) -> Result<Vec<u8>, CryptoError> {
        let mut plain = [0; HEAD - CHECK];
        let Cost { memory, passes, lanes } = self.cost;
        let numbers = [memory, passes, lanes].into_iter().flat_map(u32::to_be_bytes);
        for (octet, value) in plain.iter_mut().zip([VERSION].into_iter().chain(numbers)) {
            *octet = value;
        }
        let rest = [self.slots.as_flattened(), &self.fill].concat();
        let mut head = [0; HEAD];
        let checked = plain.into_iter().chain(checksum(&self.salt, &plain, &rest));
        for (octet, value) in head.iter_mut().zip(checked) {
            *octet = value;
        }
        Ok([&self.salt[..], &masked(&self.salt, head)?, &rest].concat())
    }

    /// What guessing one passphrase costs.
    pub fn cost(&self) -> Cost {
        self.cost
    }

    /// Argon2id over the passphrase, once, whatever it turns out to open.
    ///
    /// # Errors
    /// [`CryptoError::Cost`].
    pub fn stretch(&self, passphrase: &str) -> Result<Stretched, CryptoError> {
        let key = VaultKey::derive(passphrase, &self.salt, self.cost)?;
        Ok(Stretched(Zeroizing::new(*key.as_bytes())))
    }

    /// What one of the keys opens, and in which slot. Every slot is tried with every key, always, so that the work
    /// does not depend on what is found.
    pub fn open(&self, keys: &[UnlockKey]) -> Option<Found> {
        let mut found = None;
        for (by, key) in keys.iter().enumerate() {
            for (index, slot) in self.slots.iter().enumerate() {
                if let Some(held) = open_slot(key, index, slot) {
                    found = Some(Found { slot: index, by, held });
                }
            }
        }
        found
    }

    /// Puts a content into a slot, whatever was there.
    ///
    /// # Errors
    /// [`CryptoError::NotAKey`] for a slot that is none; [`CryptoError::NoRandom`].
    pub fn put(&mut self, index: usize, key: &UnlockKey, held: &Held) -> Result<(), CryptoError> {
        let slot = self.slots.get_mut(index).ok_or(CryptoError::NotAKey)?;
        let nonce: [u8; NONCE] = generate()?;
        let sealed = slot_key(key, index, &nonce)?.seal(&[], held.to_bytes().to_vec())?;
        *slot = [&nonce[..], &sealed].concat().try_into().map_err(|_| CryptoError::NotAKey)?;
        Ok(())
    }

    /// Makes a slot random again.
    ///
    /// # Errors
    /// [`CryptoError::NotAKey`] for a slot that is none; [`CryptoError::NoRandom`].
    pub fn clear(&mut self, index: usize) -> Result<(), CryptoError> {
        *self.slots.get_mut(index).ok_or(CryptoError::NotAKey)? = generate()?;
        Ok(())
    }
}

impl Held {
    fn to_bytes(&self) -> Zeroizing<[u8; CONTENT]> {
        let mut bytes = Zeroizing::new([0; CONTENT]);
        let mut put = |parts: &[&[u8]]| {
            let all = parts.iter().copied().flatten();
            bytes.iter_mut().zip(all).for_each(|(octet, value)| *octet = *value);
        };
        match self {
            Self::Key(Content { purpose, vault, key }) => {
                let purpose = match purpose {
                    Purpose::Normal => 1,
                    Purpose::Duress => 2,
                };
                put(&[&[purpose, vault.code()], key.as_bytes()]);
            }
            Self::Travel(Travel { vault, departure, key }) => put(&[&[3, vault.code()], departure, key]),
        }
        bytes
    }

    fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let ([purpose, vault], rest) = bytes.split_first_chunk::<2>()?;
        let vault = Which::of_code(*vault)?;
        let purpose = match purpose {
            1 => Purpose::Normal,
            2 => Purpose::Duress,
            3 => {
                let (departure, rest) = rest.split_first_chunk::<16>()?;
                let key = *rest.first_chunk()?;
                return Some(Self::Travel(Travel { vault, departure: *departure, key }));
            }
            _ => return None,
        };
        let (key, _) = rest.split_first_chunk::<32>()?;
        Some(Self::Key(Content { purpose, vault, key: VaultKey::from_bytes(*key) }))
    }
}

fn open_slot(key: &UnlockKey, index: usize, slot: &[u8; SLOT]) -> Option<Held> {
    let (nonce, sealed) = slot.split_first_chunk::<NONCE>()?;
    let opened = slot_key(key, index, nonce).ok()?.open(&[], sealed).ok()?;
    Held::from_bytes(&Zeroizing::new(opened))
}

fn slot_key(key: &UnlockKey, index: usize, nonce: &[u8; NONCE]) -> Result<SegmentKey, CryptoError> {
    let prk = Salt::new(HKDF_SHA256, nonce).extract(&key.0[..]);
    let index = u8::try_from(index).map_err(|_| CryptoError::NotAKey)?;
    SegmentKey::new(&*expand(&prk, &[b"cairn/slot/1", &[index]])?)
}

fn masked(salt: &[u8; SALT], mut head: [u8; HEAD]) -> Result<[u8; HEAD], CryptoError> {
    let prk = Salt::new(HKDF_SHA256, &[]).extract(salt);
    let mask = expand(&prk, &[b"cairn/slots/head/1"])?;
    head.iter_mut().zip(*mask).for_each(|(octet, mask)| *octet ^= mask);
    Ok(head)
}

fn checksum(salt: &[u8; SALT], plain: &[u8], rest: &[u8]) -> [u8; CHECK] {
    let hash = sha256(&[salt, plain, rest]);
    *hash.first_chunk().unwrap_or(&[0; CHECK])
}

#[cfg(test)]
mod tests {
    use super::*;

    const PASSPHRASE: &str = "correct horse battery staple";

    fn unlock(slots: &Slots, passphrase: &str, device: u8) -> UnlockKey {
        let stretched = slots.stretch(passphrase).unwrap();
        UnlockKey::from_bytes(super::super::mac(&[device; 32], stretched.as_bytes()))
    }

    fn content(purpose: Purpose, octet: u8) -> Held {
        let vault = if purpose == Purpose::Normal { Which::A } else { Which::B };
        Held::Key(Content { purpose, vault, key: VaultKey::from_bytes([octet; 32]) })
    }

    fn travel() -> Held {
        Held::Travel(Travel { vault: Which::A, departure: [3; 16], key: [4; TRAVELLING_KEY] })
    }

    fn with_one() -> Slots {
        let mut slots = Slots::new(Cost::FLOOR).unwrap();
        let key = unlock(&slots, PASSPHRASE, 1);
        slots.put(5, &key, &content(Purpose::Normal, 7)).unwrap();
        slots
    }

    #[test]
    fn each_passphrase_opens_its_slot_and_nothing_else_does() {
        let mut slots = with_one();
        let duress = unlock(&slots, "another passphrase", 2);
        slots.put(2, &duress, &content(Purpose::Duress, 9)).unwrap();
        let slots = Slots::from_bytes(&slots.to_bytes().unwrap()).unwrap();
        let opened = |passphrase, device| {
            let found = slots.open(&[unlock(&slots, passphrase, device)])?;
            let Held::Key(content) = found.held else { panic!("it has departed") };
            Some((found.slot, content.purpose, content.vault, *content.key.as_bytes()))
        };
        assert_eq!(opened(PASSPHRASE, 1), Some((5, Purpose::Normal, Which::A, [7; 32])));
        assert_eq!(opened("another passphrase", 2), Some((2, Purpose::Duress, Which::B, [9; 32])));
        assert_eq!(opened(PASSPHRASE, 2), None, "the device's key is needed");
        assert_eq!(opened("correct horse battery stapl", 1), None);
    }

    #[test]
    fn the_slot_of_a_departed_vault_tells_its_departure_and_gives_no_key() {
        let mut slots = with_one();
        let keys = [unlock(&slots, PASSPHRASE, 9), unlock(&slots, PASSPHRASE, 1)];
        slots.put(5, &keys[1], &travel()).unwrap();
        let slots = Slots::from_bytes(&slots.to_bytes().unwrap()).unwrap();
        let found = slots.open(&keys).unwrap();
        assert_eq!((found.slot, found.by), (5, 1));
        let Held::Travel(held) = found.held else { panic!("it gives a key") };
        assert_eq!((held.vault, held.departure, held.key), (Which::A, [3; 16], [4; TRAVELLING_KEY]));
    }

    #[test]
    fn a_slot_opens_only_in_its_place_and_not_after_it_is_cleared() {
        let mut slots = with_one();
        let key = [unlock(&slots, PASSPHRASE, 1)];
        let mut moved = Slots::from_bytes(&slots.to_bytes().unwrap()).unwrap();
        moved.slots.swap(5, 6);
        assert!(moved.open(&key).is_none());
        assert!(slots.open(&key).is_some(), "control");
        slots.clear(5).unwrap();
        assert!(slots.open(&key).is_none());
        assert_eq!(slots.put(SLOTS, &key[0], &content(Purpose::Normal, 1)), Err(CryptoError::NotAKey));
    }

    /// G3.
    #[test]
    fn what_is_torn_flipped_or_random_is_damaged_and_never_opens() {
        let good = with_one().to_bytes().unwrap();
        assert_eq!(good.len(), SLOT_FILE);
        for bit in (0..SLOT_FILE * 8).step_by(61) {
            let mut bytes = good.clone();
            bytes[bit / 8] ^= 1 << (bit % 8);
            assert_eq!(Slots::from_bytes(&bytes).err(), Some(SlotError::Damaged), "bit {bit}");
        }
        for length in [0, 1, SALT, SLOT_FILE - 1] {
            assert_eq!(Slots::from_bytes(&good[..length]).err(), Some(SlotError::Damaged));
        }
        for _ in 0..200 {
            let random = generate::<SLOT_FILE>().unwrap();
            assert_eq!(Slots::from_bytes(&random).err(), Some(SlotError::Damaged));
        }
        Slots::from_bytes(&good).unwrap();
    }

    /// The file with another version or other costs, whole otherwise.
    fn with_head(version: u8, cost: Cost) -> Vec<u8> {
        let slots = Slots { cost, ..with_one() };
        let bytes = slots.to_bytes().unwrap();
        let (salt, rest) = bytes.split_first_chunk::<SALT>().unwrap();
        let (head, rest) = rest.split_first_chunk::<HEAD>().unwrap();
        let mut head = masked(salt, *head).unwrap();
        head[0] = version;
        let check = checksum(salt, &head[..HEAD - CHECK], rest);
        head[HEAD - CHECK..].copy_from_slice(&check);
        [&salt[..], &masked(salt, head).unwrap(), rest].concat()
    }

    #[test]
    fn costs_that_hang_or_help_guessing_and_later_versions_are_refused() {
        assert!(Slots::from_bytes(&with_head(1, Cost::FLOOR)).is_ok(), "control");
        assert_eq!(Slots::from_bytes(&with_head(2, Cost::FLOOR)).err(), Some(SlotError::TooNew));
        for cost in [
            Cost { memory: 8, ..Cost::FLOOR },
            Cost { memory: u32::MAX, ..Cost::FLOOR },
            Cost { passes: 1, ..Cost::FLOOR },
            Cost { passes: u32::MAX, ..Cost::FLOOR },
            Cost { lanes: u32::MAX, ..Cost::FLOOR },
        ] {
            assert_eq!(Slots::from_bytes(&with_head(1, cost)).err(), Some(SlotError::Damaged), "{cost:?}");
        }
    }

    /// How far the octets of many files, place by place, are from random: chi-square over all values. The largest
    /// of all places, in standard deviations.
    fn most_conspicuous(files: &[Vec<u8>]) -> f64 {
        let expected = files.len() as f64 / 256.0;
        let mut most: f64 = 0.0;
        for place in 0..SLOT_FILE {
            let mut counts = [0u32; 256];
            files.iter().for_each(|file| counts[usize::from(file[place])] += 1);
            let chi: f64 = counts.iter().map(|n| (f64::from(*n) - expected).powi(2) / expected).sum();
            most = most.max((chi - 255.0) / 510.0_f64.sqrt());
        }
        most
    }

    /// G4.
    #[test]
    fn a_file_with_any_passphrases_or_a_departed_vault_looks_as_random_as_one_with_none() {
        // Keys are random here, so that two thousand files need no two thousand derivations.
        let files = |used: &[fn() -> Held]| -> Vec<Vec<u8>> {
            let make = |_| {
                let mut slots = Slots::new(Cost::FLOOR).unwrap();
                for (index, held) in used.iter().enumerate() {
                    let key = UnlockKey::from_bytes(generate().unwrap());
                    slots.put(index, &key, &held()).unwrap();
                }
                slots.to_bytes().unwrap()
            };
            (0..1500).map(make).collect()
        };
        let normal: fn() -> Held = || content(Purpose::Normal, 7);
        let duress: fn() -> Held = || content(Purpose::Duress, 8);
        for used in [&[][..], &[normal], &[normal, duress], &[travel], &[travel, duress]] {
            let most = most_conspicuous(&files(used));
            assert!(most < 10.0, "{} used: {most} standard deviations", used.len());
        }
        let mut marked = files(&[travel]);
        marked.iter_mut().for_each(|file| file[SALT + HEAD] &= 0x7f);
        assert!(most_conspicuous(&marked) > 10.0, "control: one bit that is always the same is seen");
    }
}
