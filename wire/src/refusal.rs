//! Why the server said no: a code a program can act on, and the server's time.

use crate::codec::{Malformed, Reader, Writer};

/// Why a whole request was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Reason {
    /// The bytes are not a request of this protocol.
    Malformed,
    /// No version in common; somebody must update.
    Version,
    /// This server does not keep that workspace.
    UnknownWorkspace,
    /// The device is not in the roster.
    NotMember,
    /// The hello's signature does not verify.
    BadSignature,
    /// The hello's clock is too far from the server's; use the time given here and try again.
    Clock,
    /// This hello was used before.
    Replay,
    /// Something is larger than [`crate::limits`] allow.
    TooLarge,
    /// Too many requests; wait.
    Busy,
    /// The roster has moved on; fetch it and do it again.
    RosterMoved,
    /// The roster entry is not allowed.
    RosterRefused,
    /// The server cannot store more; the operator must act.
    Full,
    /// The invitation has expired.
    InvitationExpired,
    /// The invitation has been used by another device.
    InvitationUsed,
    /// The operator did not allow new workspaces, or the token is wrong.
    CreationRefused,
    /// The workspace exists already.
    WorkspaceExists,
    /// The server failed; the operator must look.
    Internal,
    /// The device no longer belongs to the workspace.
    Revoked,
    /// The device knows more of the roster than the server: it has been put back to an older state.
    RosterBehind,
    /// What was sent is not what the name it came under was made from; what is held stays as it is.
    OtherContent,
    /// A code this version does not know.
    Other(u8),
}

const CODES: &[(u8, Reason)] = &[
    (1, Reason::Malformed),
    (2, Reason::Version),
    (3, Reason::UnknownWorkspace),
    (4, Reason::NotMember),
    (5, Reason::BadSignature),
    (6, Reason::Clock),
    (7, Reason::Replay),
    (8, Reason::TooLarge),
    (9, Reason::Busy),
    (10, Reason::RosterMoved),
    (11, Reason::RosterRefused),
    (12, Reason::Full),
    (13, Reason::InvitationExpired),
    (14, Reason::InvitationUsed),
    (15, Reason::CreationRefused),
    (16, Reason::WorkspaceExists),
    (17, Reason::Internal),
    (18, Reason::Revoked),
    (19, Reason::RosterBehind),
    (20, Reason::OtherContent),
];

impl Reason {
    /// The octet on the wire.
    pub fn code(self) -> u8 {
        match self {
            Self::Other(code) => code,
            known => CODES.iter().find(|(_, reason)| *reason == known).map_or(0, |(code, _)| *code),
        }
    }

    /// What an octet on the wire means.
    pub fn from_code(code: u8) -> Self {
        CODES.iter().find(|(known, _)| *known == code).map_or(Self::Other(code), |(_, reason)| *reason)
    }

    /// The HTTP status that carries it.
    pub fn status(self) -> u16 {
        match self {
            Self::UnknownWorkspace => 404,
            Self::NotMember | Self::BadSignature | Self::Clock | Self::Replay => 401,
            Self::CreationRefused | Self::RosterRefused | Self::Revoked => 403,
            Self::RosterMoved | Self::RosterBehind | Self::WorkspaceExists | Self::InvitationUsed => 409,
            Self::InvitationExpired => 410,
            Self::TooLarge => 413,
            Self::Busy => 429,
            Self::Internal => 500,
            Self::Full => 507,
            Self::OtherContent => 422,
            Self::Malformed | Self::Version | Self::Other(_) => 400,
        }
    }
}

/// The body of a refused request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Refusal {
    /// Why.
    pub reason: Reason,
    /// The server's clock, seconds since 1970.
    pub server_time: u64,
}

impl Refusal {
    /// `version u8 | code u8 | server time`.
    pub fn encode(&self) -> Vec<u8> {
        let mut writer = Writer::new();
        writer.octet(crate::PROTOCOL).octet(self.reason.code()).int(self.server_time);
        writer.finish()
    }

    /// Reads [`Refusal::encode`].
    pub fn decode(bytes: &[u8]) -> Result<Self, Malformed> {
        let mut reader = Reader::new(bytes);
        reader.octet("version")?;
        let reason = Reason::from_code(reader.octet("reason")?);
        let server_time = reader.int("server time")?;
        Ok(Self { reason, server_time })
    }
}

/// Why one segment in an otherwise good request was refused. The others stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum SegmentRefusal {
    /// Not a segment, or of a version this server does not know.
    Malformed,
    /// Larger than allowed.
    TooLarge,
    /// The author's signature does not verify.
    BadSignature,
    /// The author may not write in that circle at that roster entry.
    NotEntitled,
    /// Sealed under an epoch that is no longer current: fetch the roster, seal again.
    StaleEpoch,
    /// A segment before it is missing.
    Gap,
    /// Another segment with that chain and number is held: the chain is frozen.
    Fork,
    /// It names a roster entry this server does not hold.
    RosterAhead,
    /// An earlier segment of the same chain in this request was refused.
    AfterRefused,
    /// Its author has lost the right to write there: hand it in as a late letter.
    Late,
    /// The sender has seen more of this circle's log than the server holds, or another: heal it first.
    Behind,
    /// A code this version does not know.
    Other(u8),
}

const SEGMENT_CODES: &[(u8, SegmentRefusal)] = &[
    (1, SegmentRefusal::Malformed),
    (2, SegmentRefusal::TooLarge),
    (3, SegmentRefusal::BadSignature),
    (4, SegmentRefusal::NotEntitled),
    (5, SegmentRefusal::StaleEpoch),
    (6, SegmentRefusal::Gap),
    (7, SegmentRefusal::Fork),
    (8, SegmentRefusal::RosterAhead),
    (9, SegmentRefusal::AfterRefused),
    (10, SegmentRefusal::Late),
    (11, SegmentRefusal::Behind),
];

impl SegmentRefusal {
    /// The octet on the wire.
    pub fn code(self) -> u8 {
        match self {
            Self::Other(code) => code,
            known => SEGMENT_CODES.iter().find(|(_, refusal)| *refusal == known).map_or(0, |(code, _)| *code),
        }
    }

    /// What an octet on the wire means.
    pub fn from_code(code: u8) -> Self {
        SEGMENT_CODES
            .iter()
            .find(|(known, _)| *known == code)
            .map_or(Self::Other(code), |(_, refusal)| *refusal)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_comes_back() {
        for code in 0..=255 {
            assert_eq!(Reason::from_code(code).code(), code);
            assert_eq!(SegmentRefusal::from_code(code).code(), code);
        }
    }

    #[test]
    fn a_refusal_comes_back() {
        let refusal = Refusal { reason: Reason::Clock, server_time: 1_800_000_000 };
        assert_eq!(Refusal::decode(&refusal.encode()), Ok(refusal));
    }
}
