//! What the server keeps, behind one seam.
//!
//! A log stores opaque octets in an order and hands them out; it judges nothing but that order.
//! Whatever stands behind [`Log`] must pass the one suite in `log/conformance.rs`.

use std::future::Future;
use std::pin::Pin;

use cairn_wire::attachment::{Fetched, State};
use cairn_wire::digest::Hash;
use cairn_wire::id::{AttachmentId, ChainId, CircleId, DeviceId, InviteId, WorkspaceId};
use cairn_wire::letter::Letter;
use cairn_wire::pack::{ChainHead, Offer};
use cairn_wire::refusal::SegmentRefusal;
use cairn_wire::roster::Last;
use cairn_wire::sync::{CircleAsk, CircleHead, Step, Wrap};
use tokio::sync::oneshot;

pub(crate) mod sqlite;

#[cfg(test)]
mod conformance;

/// Why the log could not do it. All of these are for the operator.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LogError {
    /// No room on the disk, or in what the log may take of it.
    #[error("the log is full: make room")]
    Full,
    /// The workspace holds as much as it may.
    #[error("the workspace has reached its quota: raise it")]
    Quota,
    /// The workspace holds as many octets of attachments as it may.
    #[error("the workspace has reached its quota for attachments: raise it")]
    AttachmentsQuota,
    /// A device that was revoked has left as many octets of attachments as it may.
    #[error("a device that was revoked has left as many attachments as it may")]
    LateAttachments,
    /// Written by a later version.
    #[error("the log was written by a newer cairn-server (schema {found}, this one knows {known}): update")]
    Newer {
        /// The version of what was found.
        found: i64,
        /// The newest version this program knows.
        known: i64,
    },
    /// Written by an earlier version.
    #[error(
        "the log was written by an older cairn-server (schema {found}, this one knows {known}): start this one once, it brings the log up to date"
    )]
    Older {
        /// The version of what was found.
        found: i64,
        /// The newest version this program knows.
        known: i64,
    },
    /// What was stored contradicts itself.
    #[error("the log is damaged ({0}): run `cairn-server doctor`, restore a backup")]
    Damaged(&'static str),
    /// The server is stopping.
    #[error("the log is closed")]
    Closed,
    /// The database failed in another way.
    #[error("the database failed: {0}")]
    Backend(#[source] Box<dyn std::error::Error + Send + Sync>),
}

/// What a call on a [`Log`] gives, in time.
pub(crate) type Reply<'a, T> = Pin<Box<dyn Future<Output = Result<T, LogError>> + Send + 'a>>;

/// Entries accepted by the roster's rules, and what else changes with them.
#[derive(Debug, Clone, Default)]
pub(crate) struct RosterAppend {
    /// The newest entry the author knew; 0 begins a workspace.
    pub(crate) expected_seq: u64,
    /// The entries and their hashes, in order; never empty.
    pub(crate) entries: Vec<(Hash, Vec<u8>)>,
    /// Circles whose epoch these entries begin, and the newest epoch of each.
    pub(crate) epochs: Vec<(CircleId, u64)>,
    /// Invitations they use up.
    pub(crate) used: Vec<InviteId>,
    /// Secrets wrapped for devices.
    pub(crate) wraps: Vec<(DeviceId, Wrap)>,
    /// Chains they end.
    pub(crate) closings: Vec<Closing>,
    /// Whether they are given back to a log that has lost them: the circles they begin were lost with them.
    pub(crate) healing: bool,
}

/// A device that loses the right to write.
#[derive(Debug, Clone)]
pub(crate) struct Closing {
    /// Who.
    pub(crate) device: DeviceId,
    /// Where; everywhere if no circle is named.
    pub(crate) circle: Option<CircleId>,
    /// The last segments that count.
    pub(crate) lasts: Vec<Last>,
}

/// What became of a new workspace.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Creation {
    /// It is on disk.
    Created,
    /// There is one already.
    Exists,
    /// There are as many as allowed.
    TooMany,
}

/// What became of roster entries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum RosterOutcome {
    /// They are on disk.
    Appended,
    /// The roster has other entries after the expected one, or a chain it ends has grown.
    Moved,
}

/// A newcomer's request.
#[derive(Debug, Clone)]
pub(crate) struct JoinEntry {
    /// The invitation.
    pub(crate) invite: InviteId,
    /// Who asks.
    pub(crate) device: DeviceId,
    /// When the invitation ends, seconds since 1970.
    pub(crate) expiry: u64,
    /// The request as it came.
    pub(crate) bytes: Vec<u8>,
}

/// What became of a newcomer's request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum JoinOutcome {
    /// It waits for a coordinator.
    Waiting,
    /// Another device asked with the same invitation.
    Taken,
    /// Too many wait already.
    Crowded,
}

/// One device incarnation's row of segments, as far as it is held.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Chain {
    /// The circle it belongs to.
    pub(crate) circle: CircleId,
    /// Its author.
    pub(crate) device: DeviceId,
    /// How many segments.
    pub(crate) height: u64,
    /// Half hash of the newest.
    pub(crate) link: [u8; 16],
    /// Whether two different segments with one number were seen.
    pub(crate) frozen: bool,
    /// The last segment that counts, once its author has lost the right to write.
    pub(crate) last: Option<u64>,
}

/// A segment whose signature and author have been checked.
#[derive(Debug, Clone)]
pub(crate) struct SegmentEntry {
    /// Whose data.
    pub(crate) workspace: WorkspaceId,
    /// Which circle's log it goes into.
    pub(crate) circle: CircleId,
    /// The author's row.
    pub(crate) chain: ChainId,
    /// The author.
    pub(crate) device: DeviceId,
    /// Place in the chain, from 1.
    pub(crate) seq: u64,
    /// The epoch it is sealed under.
    pub(crate) epoch: u64,
    /// Half hash of the segment before it; meaningless at `seq` 1.
    pub(crate) prev: [u8; 16],
    /// SHA-256 of the bytes.
    pub(crate) hash: Hash,
    /// The segment.
    pub(crate) bytes: Vec<u8>,
    /// Arrival day, days since 1970.
    pub(crate) day: u64,
    /// Whether it is given back to a log that has lost it: then it may be of an earlier epoch.
    pub(crate) healing: bool,
}

/// What became of a segment, once that is durable.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SegmentOutcome {
    /// It is on disk now.
    Stored,
    /// It was on disk already.
    Held,
    /// It does not continue what is held.
    Refused(SegmentRefusal),
}

/// A segment in the queue; tells its fate once that is durable.
#[derive(Debug)]
pub(crate) struct Queued(oneshot::Receiver<Result<SegmentOutcome, LogError>>);

impl Queued {
    /// Waits for the fate that the other end tells.
    pub(crate) fn new(receiver: oneshot::Receiver<Result<SegmentOutcome, LogError>>) -> Self {
        Self(receiver)
    }

    /// Waits until it is durable.
    pub(crate) async fn outcome(self) -> Result<SegmentOutcome, LogError> {
        self.0.await.unwrap_or(Err(LogError::Closed))
    }
}

/// What a device asks for.
#[derive(Debug, Clone)]
pub(crate) struct PullAsk {
    /// Whose data.
    pub(crate) workspace: WorkspaceId,
    /// Who asks: for its wraps.
    pub(crate) device: DeviceId,
    /// Roster entries it holds.
    pub(crate) roster_seq: u64,
    /// What it has of each circle; `None` where it may not read.
    pub(crate) circles: Vec<Option<CircleAsk>>,
    /// Octets of segments it wants at most.
    pub(crate) budget: u64,
    /// Join requests that have not expired at this time, if it is to see any.
    pub(crate) joins_at: Option<u64>,
}

/// One consistent view of the log.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Pull {
    /// Entries after the asker's, at most [`cairn_wire::limits::ROSTER_BATCH`].
    pub(crate) roster: Vec<Vec<u8>>,
    /// Wraps that came with those.
    pub(crate) wraps: Vec<Wrap>,
    /// Waiting join requests.
    pub(crate) joins: Vec<(InviteId, Vec<u8>)>,
    /// The number of the newest late letter, for whoever sees join requests.
    pub(crate) newest_letter: u64,
    /// How many packs the workspace has had.
    pub(crate) packs: u64,
    /// Heads in the order of the ask.
    pub(crate) heads: Vec<CircleHead>,
    /// Steps in the order of the ask.
    pub(crate) steps: Vec<Vec<Step>>,
}

/// A pack whose author, signature and pieces have been checked.
#[derive(Debug, Clone)]
pub(crate) struct PackEntry {
    /// Whose data.
    pub(crate) workspace: WorkspaceId,
    /// Which circle.
    pub(crate) circle: CircleId,
    /// SHA-256 of the manifest.
    pub(crate) pack: Hash,
    /// The author.
    pub(crate) device: DeviceId,
    /// How many segments it covers.
    pub(crate) seq: u64,
    /// The root over them.
    pub(crate) root: Hash,
    /// How many pieces it has.
    pub(crate) pieces: u64,
    /// The signed manifest.
    pub(crate) manifest: Vec<u8>,
    /// Today, days since 1970.
    pub(crate) day: u64,
}

/// With which chains a log begins that begins with a pack, and who vouches for that.
#[derive(Debug, Clone)]
pub(crate) struct Beginning {
    /// As the manifest names them.
    pub(crate) chains: Vec<ChainHead>,
    /// Checked attestations.
    pub(crate) attestations: Vec<(DeviceId, Vec<u8>)>,
    /// How a held segment names the one before it in its chain.
    pub(crate) prev: fn(&[u8]) -> Option<[u8; 16]>,
}

/// What became of pieces of a pack.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum PackOutcome {
    /// So many pieces, from the first, are on disk.
    Held(u64),
    /// All that the pack covers is held: there is nothing to give back.
    Known,
    /// The log never was as the pack says, or has not been lost.
    Refused,
}

/// A whole pack that covers segments still held.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct HeldPack {
    /// SHA-256 of its manifest.
    pub(crate) pack: Hash,
    /// Which circle.
    pub(crate) circle: CircleId,
    /// Its author and everybody who vouches for it, each once.
    pub(crate) devices: Vec<DeviceId>,
    /// When it became whole, days since 1970.
    pub(crate) day: u64,
    /// The newest roster entry its author knew.
    pub(crate) roster_seq: u64,
    /// The same of the pack that the log begins with; 0 if it begins with none.
    pub(crate) before: u64,
}

/// An attachment whose name has been checked against the hashes of its pieces.
#[derive(Debug, Clone)]
pub(crate) struct AttachmentEntry {
    /// Whose data.
    pub(crate) workspace: WorkspaceId,
    /// Its name.
    pub(crate) attachment: AttachmentId,
    /// SHA-256 of each piece; never empty.
    pub(crate) hashes: Vec<Hash>,
    /// Today, days since 1970.
    pub(crate) day: u64,
    /// The device that brings it, if it has been revoked.
    pub(crate) late: Option<DeviceId>,
}

/// One sealed piece of an attachment.
#[derive(Debug, Clone)]
pub(crate) struct AttachmentPiece {
    /// Whose data.
    pub(crate) workspace: WorkspaceId,
    /// Of which attachment.
    pub(crate) attachment: AttachmentId,
    /// Its number, from 0.
    pub(crate) number: u64,
    /// SHA-256 of the bytes.
    pub(crate) hash: Hash,
    /// The piece.
    pub(crate) bytes: Vec<u8>,
    /// Today, days since 1970.
    pub(crate) day: u64,
    /// The device that brings it, if it has been revoked.
    pub(crate) late: Option<DeviceId>,
}

/// What became of a piece of an attachment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum PieceOutcome {
    /// So far the attachment is on disk; the piece is among it unless there is a gap before it, or the attachment
    /// was never begun or has been dropped.
    Now(State),
    /// The attachment has another piece with that number, or none.
    OtherContent,
}

/// Keeps segments, rosters and join requests durably.
///
/// A reply that says something was stored comes only after it would survive a power cut.
pub(crate) trait Log: Send + Sync + 'static {
    /// Random octets made with the log: another value means another log.
    fn generation(&self) -> [u8; 8];

    /// Begins a workspace unless `most` exist.
    fn create_workspace(
        &self,
        workspace: WorkspaceId,
        append: RosterAppend,
        most: u64,
        today: u64,
    ) -> Reply<'_, Creation>;

    /// Appends entries if the newest one is the expected one.
    fn append_roster(&self, workspace: WorkspaceId, append: RosterAppend) -> Reply<'_, RosterOutcome>;

    /// All entries after `seq`; `None` for an unknown workspace.
    fn roster_after(&self, workspace: WorkspaceId, seq: u64) -> Reply<'_, Option<Vec<Vec<u8>>>>;

    /// Keeps a newcomer's request, after dropping those that ended before `now` or waited too long.
    fn put_join(&self, workspace: WorkspaceId, join: JoinEntry, now: u64) -> Reply<'_, JoinOutcome>;

    /// A chain, if any of it is held.
    fn chain(&self, workspace: WorkspaceId, chain: ChainId) -> Reply<'_, Option<Chain>>;

    /// The hash of a held segment.
    fn segment_hash(&self, workspace: WorkspaceId, chain: ChainId, seq: u64) -> Reply<'_, Option<Hash>>;

    /// Queues a segment; segments are stored in the order of these calls.
    fn append_segment(&self, entry: SegmentEntry) -> Reply<'_, Queued>;

    /// Keeps a late letter if it continues what is held of its chain, and its author has not left too many.
    fn put_letter(&self, entry: SegmentEntry) -> Reply<'_, SegmentOutcome>;

    /// A chain with the late letters that continue it, if any of either is held.
    fn late_chain(&self, workspace: WorkspaceId, chain: ChainId) -> Reply<'_, Option<Chain>>;

    /// Late letters after number `after` in these circles, at most `budget` octets of them but at least one.
    fn letters(
        &self,
        workspace: WorkspaceId,
        circles: Vec<CircleId>,
        after: u64,
        budget: u64,
    ) -> Reply<'_, Vec<Letter>>;

    /// Keeps pieces of a pack, from number `first` on.
    fn put_pack(&self, entry: PackEntry, first: u64, pieces: Vec<Vec<u8>>) -> Reply<'_, PackOutcome>;

    /// Keeps pieces of a pack that is given back to a circle whose log began by healing. When it is whole the
    /// log begins with it, and what it does not cover comes behind.
    fn put_lost_pack(
        &self,
        entry: PackEntry,
        beginning: Beginning,
        first: u64,
        pieces: Vec<Vec<u8>>,
    ) -> Reply<'_, PackOutcome>;

    /// The whole packs of these circles, newest first.
    fn packs(&self, workspace: WorkspaceId, circles: Vec<CircleId>) -> Reply<'_, Vec<Offer>>;

    /// Pieces of a whole pack of one of these circles, from number `first` on, at most `budget` octets of
    /// them but at least one.
    fn pieces(
        &self,
        workspace: WorkspaceId,
        circles: Vec<CircleId>,
        pack: Hash,
        first: u64,
        budget: u64,
    ) -> Reply<'_, Vec<Vec<u8>>>;

    /// Keeps a device's word for a whole pack of a circle; `false` if there is none of that name.
    fn put_attestation(
        &self,
        workspace: WorkspaceId,
        circle: CircleId,
        pack: Hash,
        device: DeviceId,
        bytes: Vec<u8>,
    ) -> Reply<'_, bool>;

    /// Whole packs that cover segments still held.
    fn held_packs(&self, workspace: WorkspaceId) -> Reply<'_, Vec<HeldPack>>;

    /// Lets go of all segments that a pack covers, of older packs, and of the circle's wrapped keys before an
    /// epoch; gives how many segments.
    fn collect(&self, workspace: WorkspaceId, pack: Hash, keys_before: u64) -> Reply<'_, u64>;

    /// Begins an attachment unless it was begun or dropped before; gives how far it is held.
    fn begin_attachment(&self, entry: AttachmentEntry) -> Reply<'_, State>;

    /// Keeps the piece of an attachment that comes after those held; one that is held already stays.
    fn put_attachment_piece(&self, piece: AttachmentPiece) -> Reply<'_, PieceOutcome>;

    /// How far these attachments are held, in their order.
    fn attachment_states(
        &self,
        workspace: WorkspaceId,
        attachments: Vec<AttachmentId>,
    ) -> Reply<'_, Vec<State>>;

    /// Held pieces of an attachment from number `first` on, at most `budget` octets of them but at least one.
    fn attachment_pieces(
        &self,
        workspace: WorkspaceId,
        attachment: AttachmentId,
        first: u64,
        budget: u64,
    ) -> Reply<'_, Fetched>;

    /// Lets go of these attachments, and takes none of them again.
    fn drop_attachments(&self, workspace: WorkspaceId, attachments: Vec<AttachmentId>) -> Reply<'_, ()>;

    /// Lets go of all attachments that are not whole and got their newest piece before this day; gives how many.
    fn collect_attachments(&self, workspace: WorkspaceId, before: u64) -> Reply<'_, u64>;

    /// Every workspace there is.
    fn workspaces(&self) -> Reply<'_, Vec<WorkspaceId>>;

    /// What a device asks for, all from one moment.
    fn pull(&self, ask: PullAsk) -> Reply<'_, Pull>;

    /// Whether reading works.
    fn check(&self) -> Reply<'_, ()>;

    /// Finishes what is queued and leaves the files in good order.
    fn close(&self) -> Reply<'_, ()>;
}
