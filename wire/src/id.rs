//! Identifiers as types, so that a chain is never taken for a circle.

use crate::codec::{Malformed, Reader, hex, unhex};

macro_rules! identifier {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub [u8; 16]);

        impl $name {
            /// Reads sixteen octets.
            pub fn read(reader: &mut Reader<'_>) -> Result<Self, Malformed> {
                reader.array(stringify!($name)).map(Self)
            }

            /// Reads 32 hexadecimal digits.
            pub fn from_hex(text: &str) -> Option<Self> {
                unhex(text).map(Self)
            }

            /// Takes a slice of exactly sixteen octets.
            pub fn from_slice(bytes: &[u8]) -> Option<Self> {
                bytes.try_into().ok().map(Self)
            }

            /// The sixteen octets.
            pub fn as_bytes(&self) -> &[u8; 16] {
                &self.0
            }

            /// The first eight hexadecimal digits: enough for a person to tell two apart.
            pub fn short(&self) -> String {
                hex(&self.0).chars().take(8).collect()
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(&hex(&self.0))
            }
        }

        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                write!(f, concat!(stringify!($name), "({})"), self.short())
            }
        }
    };
}

identifier!(
    /// One organisation's or programme's shared data. Derived from the founder's key
    /// ([`crate::roster::workspace_of`]), so the genesis entry proves it.
    WorkspaceId
);
identifier!(
    /// A group of devices that can read the same things.
    CircleId
);
identifier!(
    /// One installation: the first half of the hash of its public keys ([`crate::roster::DeviceKeys::id`]).
    DeviceId
);
identifier!(
    /// One device incarnation's row of segments in one circle; also the Automerge actor.
    ChainId
);
identifier!(
    /// One Automerge document: eight octets of the chain that began it, and a counter.
    DocumentId
);
identifier!(
    /// One filled form; its parts share it.
    RecordId
);
identifier!(
    /// One invitation, named in the roster entry that used it up.
    InviteId
);

identifier!(
    /// One attachment, named by what is in it ([`crate::attachment::name`]).
    AttachmentId
);

impl DocumentId {
    /// The `counter`th document that `chain` begins.
    pub fn of(chain: ChainId, counter: u64) -> Self {
        let mut bytes = [0u8; 16];
        let (front, back) = bytes.split_at_mut(8);
        front.copy_from_slice(chain.0.first_chunk::<8>().unwrap_or(&[0; 8]));
        back.copy_from_slice(&counter.to_be_bytes());
        Self(bytes)
    }

    /// The first eight octets: whose chain began it.
    pub fn prefix(&self) -> [u8; 8] {
        *self.0.first_chunk::<8>().unwrap_or(&[0; 8])
    }

    /// The last eight octets, as a number.
    pub fn counter(&self) -> u64 {
        u64::from_be_bytes(*self.0.last_chunk::<8>().unwrap_or(&[0; 8]))
    }
}
