//! How large anything may be. Both ends refuse more, before they allocate.

/// One Automerge change, in octets.
pub const CHANGE: usize = 1 << 20;
/// One sealed segment, in octets.
pub const SEGMENT: usize = 256 << 10;
/// What a sender aims for, so that a cut costs little: sealed octets of one segment.
pub const SEGMENT_AIM: usize = 32 << 10;
/// One opened segment, in octets.
pub const OPENED: usize = 4 << 20;
/// One request, in octets.
pub const REQUEST: usize = 8 << 20;
/// One response, in octets; a client asks for less.
pub const RESPONSE: usize = 8 << 20;
/// One hello, in octets.
pub const HELLO: usize = 4 << 10;
/// Circles named in one exchange.
pub const CIRCLES: usize = 64;
/// One roster entry, in octets.
pub const ROSTER_ENTRY: usize = 8 << 10;
/// Roster entries in one post or one response.
pub const ROSTER_BATCH: usize = 1024;
/// One wrapped epoch secret, in octets.
pub const WRAP: usize = 2 << 10;
/// Wrapped epoch secrets in one post or one response.
pub const WRAPS: usize = 1024;
/// One join request, in octets.
pub const JOIN: usize = 2 << 10;
/// Join requests that wait at once in one workspace.
pub const JOINS: usize = 64;
/// Segments in one request.
pub const SEGMENTS: usize = 4096;
/// Late letters that one device may leave in a workspace.
pub const LETTERS: usize = 256;
/// How far a hello's clock may be from the server's, in seconds.
pub const CLOCK_SKEW: u64 = 300;
/// Dependencies of one change.
pub const DEPENDENCIES: usize = 64;
/// One sealed piece of a pack, in octets.
pub const PACK_PIECE: usize = 256 << 10;
/// The signed manifest of a pack, in octets: room for 4,000 pieces and 1,000 chains.
pub const MANIFEST: usize = 192 << 10;
/// One sealed piece of an attachment, in octets: 64 KiB and what proves it.
pub const ATTACHMENT_PIECE: usize = (64 << 10) + 16;
/// Pieces of one attachment.
pub const ATTACHMENT_PIECES: usize = 1024;
/// Octets of attachments that one device may still leave in a workspace after it was taken out.
pub const LATE_ATTACHMENTS: u64 = 256 << 20;
/// Attachments named in one request.
pub const ATTACHMENTS: usize = 64;
/// Attestations of one pack that are kept.
pub const ATTESTATIONS: usize = 64;
