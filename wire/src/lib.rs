//! The words a device and a server exchange, and the exact bytes that are signed.
//!
//! Both ends depend on this crate and on nothing of each other. It can parse, verify and count;
//! it holds no secret, opens no segment and knows no record. Every parser is total: it returns
//! an error on any input it does not understand, checks each length before it allocates, and
//! accepts exactly one encoding of each value.
//!
//! | module | one sentence |
//! |---|---|
//! | [`codec`] | bytes in, values out: bounded reading and canonical writing |
//! | [`id`] | identifiers as types |
//! | [`digest`] | SHA-256 with labels, and Ed25519 verification |
//! | [`limits`] | how large anything may be |
//! | [`segment`] | the sealed batch that travels |
//! | [`roster`] | who belongs: signed entries, and the rules that fold them |
//! | [`hello`] | the signed opening of every request |
//! | [`sync`] | one exchange: what goes up, what comes down |
//! | [`join`] | a newcomer's request to belong |
//! | [`invitation`] | what stands in the QR code |
//! | [`pack`] | all that a circle's log says, made anew in one piece |
//! | [`attachment`] | photos, sounds and files, sealed and in pieces |
//! | [`letter`] | what was written by someone who has lost the right to |
//! | [`refusal`] | why the server said no |

pub mod attachment;
pub mod codec;
pub mod digest;
pub mod hello;
pub mod id;
pub mod invitation;
pub mod join;
pub mod letter;
pub mod limits;
pub mod pack;
pub mod refusal;
pub mod roster;
pub mod segment;
pub mod sync;

/// The protocol version this code speaks; the first octet of every hello and response.
pub const PROTOCOL: u8 = 1;

/// Where each request goes.
pub mod path {
    /// `POST` [`crate::sync::CreateRequest`] → [`crate::sync::RosterReceipt`].
    pub const WORKSPACES: &str = "/v1/workspaces";
    /// `POST` hello and [`crate::sync::RosterPost`] → [`crate::sync::RosterReceipt`].
    pub const ROSTER: &str = "/v1/roster";
    /// `POST` [`crate::join::JoinRequest`] → [`crate::join::JoinReceipt`].
    pub const JOIN: &str = "/v1/join";
    /// `POST` hello and segments → [`crate::sync::SyncResponse`].
    pub const SYNC: &str = "/v1/sync";
    /// `POST` hello and segments → [`crate::letter::LateReceipt`].
    pub const LATE: &str = "/v1/late";
    /// `POST` hello → [`crate::letter::Letters`].
    pub const LETTERS: &str = "/v1/letters";
    /// `POST` hello and segments → [`crate::sync::SyncResponse`]; segments of earlier epochs are taken too.
    pub const HEAL: &str = "/v1/heal";
    /// `POST` [`crate::sync::CreateRequest`] without wraps, from any number on → [`crate::sync::RosterReceipt`].
    pub const HEAL_ROSTER: &str = "/v1/heal/roster";
    /// `POST` hello and [`crate::pack::PackBack`] → [`crate::pack::PackReceipt`].
    pub const HEAL_PACK: &str = "/v1/heal/pack";
    /// `POST` hello and [`crate::pack::PackPost`] → [`crate::pack::PackReceipt`].
    pub const PACK: &str = "/v1/pack";
    /// `POST` hello → [`crate::pack::Offers`].
    pub const PACKS: &str = "/v1/packs";
    /// `POST` hello → [`crate::pack::Pieces`].
    pub const PIECES: &str = "/v1/pack/pieces";
    /// `POST` hello → one octet, the protocol version.
    pub const ATTEST: &str = "/v1/pack/attest";
    /// `POST` hello and, to put, pieces → [`crate::attachment::States`] or [`crate::attachment::Fetched`].
    pub const ATTACHMENTS: &str = "/v1/attachments";
    /// `GET` → `ok`.
    pub const HEALTH: &str = "/healthz";
}
