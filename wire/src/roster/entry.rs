//! One roster entry and its bytes.

use super::{Malformed, Policy, Reader, RosterError, Writer};
use crate::digest::{Hash, VerifyingKey, half, sha256};
use crate::id::{ChainId, CircleId, DeviceId, InviteId, WorkspaceId};
use crate::segment::Kind;

/// The entry format this code writes.
const VERSION: u8 = 1;
/// What every signature over an entry begins with.
const LABEL: &[u8] = b"cairn/roster/1";
/// Octets of an X-Wing public key (draft-connolly-cfrg-xwing-kem).
pub const HPKE_PUBLIC: usize = 1216;
/// Octets of a back link: a 32-octet secret and an AEAD tag.
pub const BACK_LINK: usize = 48;

const KIND_GENESIS: u8 = 1;
const KIND_ADD_DEVICE: u8 = 2;
const KIND_GRANT: u8 = 3;
const KIND_EPOCH: u8 = 4;
const KIND_REVOKE: u8 = 5;
const KIND_SERVER_KEYS: u8 = 6;
const KIND_POLICY: u8 = 7;
const KIND_SUBMIT_KEY: u8 = 8;
const KIND_ERASURE: u8 = 9;
const KIND_HAND_IN: u8 = 10;

/// Chains that one revocation can name; more fit no entry.
pub const LASTS: usize = 200;
/// Keys by which a server may be known at once: the one it has, the one that comes, and some patience.
pub const SERVER_KEYS: usize = 4;
/// Records that one entry can say were erased.
pub const ERASED: usize = 64;
/// Octets of a signature at the end of an entry.
const SIGNATURE: usize = 64;

/// A device's public keys, made on the device.
#[derive(Clone, PartialEq, Eq)]
pub struct DeviceKeys {
    /// Ed25519, for segments, entries and hellos.
    pub signing: VerifyingKey,
    /// X-Wing, to which epoch secrets are wrapped.
    pub wrapping: Box<[u8; HPKE_PUBLIC]>,
}

impl DeviceKeys {
    /// `SHA-256("cairn/device/1" ‖ signing ‖ wrapping)[..16]`.
    pub fn id(&self) -> DeviceId {
        DeviceId(half(&sha256(&[b"cairn/device/1", &self.signing.0, &self.wrapping[..]])))
    }

    /// Appends both keys.
    pub fn write(&self, writer: &mut Writer) {
        writer.raw(&self.signing.0).raw(&self.wrapping[..]);
    }

    /// Reads [`DeviceKeys::write`].
    pub fn read(reader: &mut Reader<'_>) -> Result<Self, Malformed> {
        let signing = VerifyingKey(reader.array("signing key")?);
        let wrapping = Box::new(reader.array("wrapping key")?);
        Ok(Self { signing, wrapping })
    }
}

impl std::fmt::Debug for DeviceKeys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "DeviceKeys({})", self.id().short())
    }
}

/// What a device may do in the circles it was granted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Role {
    /// Reads, writes, publishes forms, and changes the roster.
    Coordinator,
    /// Reads and writes.
    Field,
    /// Reads and never writes.
    Reader,
    /// Hands in records and reads nothing, not even its own once they have left.
    SubmitOnly,
    /// Carries sealed segments; reads and writes nothing.
    Courier,
}

impl Role {
    /// The octet in an entry.
    pub fn code(self) -> u8 {
        match self {
            Self::Coordinator => 1,
            Self::Field => 2,
            Self::Reader => 3,
            Self::SubmitOnly => 4,
            Self::Courier => 5,
        }
    }

    /// What an octet means, where this version knows it.
    pub fn from_code(code: u8) -> Option<Self> {
        match code {
            1 => Some(Self::Coordinator),
            2 => Some(Self::Field),
            3 => Some(Self::Reader),
            4 => Some(Self::SubmitOnly),
            5 => Some(Self::Courier),
            _ => None,
        }
    }

    /// The word people use for it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Coordinator => "coordinator",
            Self::Field => "field",
            Self::Reader => "reader",
            Self::SubmitOnly => "submit-only",
            Self::Courier => "courier",
        }
    }

    /// Whether it may write records.
    pub fn writes(self) -> bool {
        self.seals().is_some()
    }

    /// How it seals what it writes, if it writes anything; nobody may seal in another way.
    pub fn seals(self) -> Option<Kind> {
        match self {
            Self::Coordinator | Self::Field => Some(Kind::Batch),
            Self::SubmitOnly => Some(Kind::Submitted),
            Self::Reader | Self::Courier => None,
        }
    }

    /// Whether it may read records: only then does it get the secrets of its circles.
    pub fn reads(self) -> bool {
        matches!(self, Self::Coordinator | Self::Field | Self::Reader)
    }

    /// Whether it gets the sealed segments of its circles.
    pub fn carries(self) -> bool {
        self.reads() || self == Self::Courier
    }
}

/// What an entry does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Body {
    /// Begins the workspace: the founder, who is its first coordinator, and the server it trusts.
    Genesis {
        /// Random input of the workspace id.
        nonce: [u8; 16],
        /// The founder's keys.
        keys: DeviceKeys,
        /// The server's Ed25519 key: TLS pin and signer of heads.
        server_key: VerifyingKey,
    },
    /// Adds a device.
    AddDevice {
        /// Its keys.
        keys: DeviceKeys,
        /// What it may do.
        role: Role,
        /// The invitation this uses up.
        invite: InviteId,
    },
    /// Lets a device into a circle.
    Grant {
        /// Who.
        device: DeviceId,
        /// Where.
        circle: CircleId,
    },
    /// Lets a device that writes elsewhere into a circle to hand in only: it gets no key of it and reads nothing.
    HandIn {
        /// Who.
        device: DeviceId,
        /// Where.
        circle: CircleId,
    },
    /// Begins a circle (epoch 1) or renews its key.
    Epoch {
        /// Which circle.
        circle: CircleId,
        /// One more than the epoch before.
        epoch: u64,
        /// Commitment to the secret.
        commitment: Hash,
        /// The previous secret under this one, unless history is cut on purpose.
        back_link: Option<[u8; BACK_LINK]>,
        /// SHA-256 over the wraps posted with it, in order.
        wraps_root: Hash,
    },
    /// Takes a device out of a circle, or out of the workspace.
    Revoke {
        /// Who.
        device: DeviceId,
        /// Out of which circle; out of everything if none is named.
        circle: Option<CircleId>,
        /// How far its chains there count. What is not named counts from its first segment on as late.
        lasts: Vec<Last>,
    },
    /// Says by which keys the server is known from here on, newest first; no other is.
    ServerKeys {
        /// At least one and at most [`SERVER_KEYS`].
        keys: Vec<VerifyingKey>,
    },
    /// Says what holds for the whole workspace from here on.
    Policy(Policy),
    /// Says that records of a circle were erased. Which ones, only those who are in the circle learn: a sealed
    /// entry there names the record and the salt of its commitment.
    Erasure {
        /// Which circle.
        circle: CircleId,
        /// `SHA-256("cairn/erase/1" ‖ workspace ‖ circle ‖ record ‖ salt)` of each, at least one and at most
        /// [`ERASED`].
        commitments: Vec<Hash>,
    },
    /// Publishes the key to which devices seal that only hand in.
    SubmitKey {
        /// In which circle.
        circle: CircleId,
        /// The circle's newest epoch, from whose secret the key pair is derived.
        epoch: u64,
        /// The public half: X-Wing.
        key: Box<[u8; HPKE_PUBLIC]>,
    },
}

/// What stands in the roster for an erased record: without the 32 random octets of `salt`, nobody can tell
/// which record it is, and nobody can say afterwards that it was another.
pub fn erasure_commitment(
    workspace: WorkspaceId,
    circle: CircleId,
    record: &[u8; 16],
    salt: &[u8; 32],
) -> Hash {
    sha256(&[b"cairn/erase/1", &workspace.0, &circle.0, record, salt])
}

/// The last segment of a chain that counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Last {
    /// The chain.
    pub chain: ChainId,
    /// Its last segment that counts.
    pub seq: u64,
    /// Half hash of that segment.
    pub link: [u8; 16],
}

/// One entry of the roster.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// From 1, without gaps.
    pub seq: u64,
    /// SHA-256 of the entry before; all zero in the genesis.
    pub prev: Hash,
    /// The author's clock, seconds since 1970: shown, never trusted.
    pub time: u64,
    /// Who made it.
    pub author: DeviceId,
    /// What it does.
    pub body: Body,
    /// The author's signature over [`Entry::signed_bytes`].
    pub signature: [u8; 64],
}

impl Entry {
    /// `"cairn/roster/1" ‖ workspace ‖` the entry without its signature.
    pub fn signed_bytes(&self, workspace: WorkspaceId) -> Vec<u8> {
        [LABEL, &workspace.0, &self.unsigned()].concat()
    }

    /// The whole entry.
    pub fn encode(&self) -> Vec<u8> {
        [&self.unsigned()[..], &self.signature].concat()
    }

    pub(super) fn verifies(&self, workspace: WorkspaceId, key: &VerifyingKey) -> bool {
        key.verifies(&self.signed_bytes(workspace), &self.signature)
    }

    fn unsigned(&self) -> Vec<u8> {
        let mut writer = Writer::new();
        writer.octet(VERSION).int(self.seq).raw(&self.prev).int(self.time).raw(&self.author.0);
        match &self.body {
            Body::Genesis { nonce, keys, server_key } => {
                writer.octet(KIND_GENESIS).raw(nonce);
                keys.write(&mut writer);
                writer.raw(&server_key.0);
            }
            Body::AddDevice { keys, role, invite } => {
                writer.octet(KIND_ADD_DEVICE);
                keys.write(&mut writer);
                writer.octet(role.code()).raw(&invite.0);
            }
            Body::Grant { device, circle } => {
                writer.octet(KIND_GRANT).raw(&device.0).raw(&circle.0);
            }
            Body::HandIn { device, circle } => {
                writer.octet(KIND_HAND_IN).raw(&device.0).raw(&circle.0);
            }
            Body::Epoch { circle, epoch, commitment, back_link, wraps_root } => {
                writer.octet(KIND_EPOCH).raw(&circle.0).int(*epoch).raw(commitment);
                writer.blob(back_link.as_ref().map_or(&[], |link| &link[..])).raw(wraps_root);
            }
            Body::Revoke { device, circle, lasts } => {
                writer.octet(KIND_REVOKE).raw(&device.0);
                writer.blob(circle.as_ref().map_or(&[], |circle| &circle.0[..])).count(lasts.len());
                for last in lasts {
                    writer.raw(&last.chain.0).int(last.seq).raw(&last.link);
                }
            }
            Body::ServerKeys { keys } => {
                writer.octet(KIND_SERVER_KEYS).count(keys.len());
                for key in keys {
                    writer.raw(&key.0);
                }
            }
            Body::Policy(policy) => policy.write(writer.octet(KIND_POLICY)),
            Body::Erasure { circle, commitments } => {
                writer.octet(KIND_ERASURE).raw(&circle.0).count(commitments.len());
                for commitment in commitments {
                    writer.raw(commitment);
                }
            }
            Body::SubmitKey { circle, epoch, key } => {
                writer.octet(KIND_SUBMIT_KEY).raw(&circle.0).int(*epoch).raw(&key[..]);
            }
        }
        writer.finish()
    }

    /// Reads one entry; a kind of a later version is [`RosterError::Newer`], not garbage.
    pub fn decode(bytes: &[u8]) -> Result<Self, RosterError> {
        if bytes.len() > crate::limits::ROSTER_ENTRY {
            return Err(Malformed { at: crate::limits::ROSTER_ENTRY, what: "roster entry length" }.into());
        }
        let mut reader = Reader::new(bytes);
        let version = reader.octet("roster entry version")?;
        if version != VERSION {
            return Err(RosterError::Newer(version));
        }
        let seq = reader.int("roster number")?;
        let prev = reader.array("previous entry")?;
        let time = reader.int("time")?;
        let author = DeviceId::read(&mut reader)?;
        let body = match reader.octet("kind")? {
            KIND_GENESIS => Body::Genesis {
                nonce: reader.array("nonce")?,
                keys: DeviceKeys::read(&mut reader)?,
                server_key: VerifyingKey(reader.array("server key")?),
            },
            KIND_ADD_DEVICE => Body::AddDevice {
                keys: DeviceKeys::read(&mut reader)?,
                role: {
                    let code = reader.octet("role")?;
                    Role::from_code(code).ok_or(RosterError::Newer(code))?
                },
                invite: InviteId::read(&mut reader)?,
            },
            KIND_GRANT => {
                Body::Grant { device: DeviceId::read(&mut reader)?, circle: CircleId::read(&mut reader)? }
            }
            KIND_HAND_IN => {
                Body::HandIn { device: DeviceId::read(&mut reader)?, circle: CircleId::read(&mut reader)? }
            }
            KIND_EPOCH => Body::Epoch {
                circle: CircleId::read(&mut reader)?,
                epoch: reader.int("epoch")?,
                commitment: reader.array("commitment")?,
                back_link: match reader.blob(BACK_LINK, "back link")? {
                    [] => None,
                    link => Some(link.try_into().map_err(|_| reader.malformed("back link"))?),
                },
                wraps_root: reader.array("wraps root")?,
            },
            KIND_REVOKE => Body::Revoke {
                device: DeviceId::read(&mut reader)?,
                circle: match reader.blob(16, "circle")? {
                    [] => None,
                    id => Some(CircleId::from_slice(id).ok_or(reader.malformed("circle"))?),
                },
                lasts: {
                    let count = reader.count(LASTS, "last segments")?;
                    (0..count).map(|_| read_last(&mut reader)).collect::<Result<_, _>>()?
                },
            },
            KIND_SERVER_KEYS => {
                let count = reader.count(SERVER_KEYS, "server keys")?;
                if count == 0 {
                    return Err(reader.malformed("server keys").into());
                }
                let keys = (0..count).map(|_| Ok(VerifyingKey(reader.array("server key")?)));
                Body::ServerKeys { keys: keys.collect::<Result<_, Malformed>>()? }
            }
            KIND_POLICY => {
                let policy = Policy::read(&mut reader, SIGNATURE)?;
                Body::Policy(policy.ok_or(RosterError::Newer(KIND_POLICY))?)
            }
            KIND_ERASURE => {
                let circle = CircleId::read(&mut reader)?;
                let count = reader.count(ERASED, "erased records")?;
                if count == 0 {
                    return Err(reader.malformed("erased records").into());
                }
                let commitments = (0..count).map(|_| reader.array("commitment"));
                Body::Erasure { circle, commitments: commitments.collect::<Result<_, Malformed>>()? }
            }
            KIND_SUBMIT_KEY => Body::SubmitKey {
                circle: CircleId::read(&mut reader)?,
                epoch: reader.int("epoch")?,
                key: Box::new(reader.array("submit key")?),
            },
            newer => return Err(RosterError::Newer(newer)),
        };
        let signature = reader.array("signature")?;
        reader.end()?;
        Ok(Self { seq, prev, time, author, body, signature })
    }
}

fn read_last(reader: &mut Reader<'_>) -> Result<Last, Malformed> {
    Ok(Last {
        chain: ChainId::read(reader)?,
        seq: reader.int("last segment")?,
        link: reader.array("last link")?,
    })
}
