//! What to send and ask for next, as values: no network and no disk inside.

use cairn_wire::codec::Malformed;
use cairn_wire::digest::VerifyingKey;
use cairn_wire::digest::{Hash, half, next_root, sha256};
use cairn_wire::hello::{Hello, Purpose};
use cairn_wire::id::WorkspaceId;
use cairn_wire::letter::{LateHead, LettersAsk};
use cairn_wire::refusal::Reason;
use cairn_wire::sync::{CircleHead, RosterPost, Step, SyncAsk, SyncResponse, request_body};

use crate::crypto::{CryptoError, DeviceSecret, generate};

/// What the server did that it must not do. Local data is untouched, and stays so.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Alarm {
    /// The answer is not signed by the server's key.
    #[error("the answer is not signed by the server")]
    BadSignature,
    /// It holds fewer segments than it has shown before.
    #[error("the server has lost {0} segments that it had acknowledged")]
    RolledBack(u64),
    /// It knows less of the roster than it has shown before.
    #[error("the server has lost entries of the workspace's roster")]
    RosterRolledBack,
    /// It shows another history than before.
    #[error("the server shows another history than before")]
    OtherHistory,
    /// It claims to hold segments of this device that the device never made.
    #[error("the server holds segments of this device that this vault does not know")]
    UnknownOwn,
    /// Its roster is not a continuation of the one that is known.
    #[error("the server's roster does not continue the one that is known")]
    OtherRoster,
    /// A pack is not what its manifest says.
    #[error("a pack is not what its manifest says")]
    OtherPack,
}

/// One request, and what is needed to judge its answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Question {
    /// The octets to post.
    pub bytes: Vec<u8>,
    /// The random number the answer must be signed for.
    pub nonce: [u8; 16],
}

/// A request with segments: the ask, and per circle of it the segments to push. The purpose is a sync, to
/// give back what a server has lost, or to hand in what comes late.
///
/// # Errors
/// When the operating system gives no random numbers.
pub fn question(
    device: &DeviceSecret,
    workspace: WorkspaceId,
    server: &VerifyingKey,
    time: u64,
    purpose: Purpose,
    ask: &SyncAsk,
    segments: &[Vec<Vec<u8>>],
) -> Result<Question, CryptoError> {
    let body = request_body(segments);
    signed(device, workspace, server, time, purpose, ask.encode(), &body)
}

/// A request for late letters.
///
/// # Errors
/// When the operating system gives no random numbers.
pub fn letters_question(
    device: &DeviceSecret,
    workspace: WorkspaceId,
    server: &VerifyingKey,
    time: u64,
    ask: &LettersAsk,
) -> Result<Question, CryptoError> {
    signed(device, workspace, server, time, Purpose::Letters, ask.encode(), &[])
}

/// A roster post.
///
/// # Errors
/// When the operating system gives no random numbers.
pub fn roster_question(
    device: &DeviceSecret,
    workspace: WorkspaceId,
    server: &VerifyingKey,
    time: u64,
    post: &RosterPost,
) -> Result<Question, CryptoError> {
    signed(device, workspace, server, time, Purpose::Roster, Vec::new(), &post.encode())
}

/// Any request that a hello opens.
///
/// # Errors
/// When the operating system gives no random numbers.
pub fn signed(
    device: &DeviceSecret,
    workspace: WorkspaceId,
    server: &VerifyingKey,
    time: u64,
    purpose: Purpose,
    ask: Vec<u8>,
    body: &[u8],
) -> Result<Question, CryptoError> {
    let nonce = generate()?;
    let hello =
        Hello { workspace, device: device.id(), time, nonce, body_digest: Hello::digest_of(body), ask };
    let signature = device.sign(&hello.signed_bytes(purpose, server));
    let mut bytes = hello.encode(&signature);
    bytes.extend_from_slice(body);
    Ok(Question { bytes, nonce })
}

/// Reads an answer and believes it only under the server's signature for this question.
///
/// # Errors
/// `Ok(Err(_))` is an alarm; `Err(_)` an answer that is not one of this protocol.
pub fn answer(
    bytes: &[u8],
    circles: usize,
    server: &VerifyingKey,
    workspace: WorkspaceId,
    device: &DeviceSecret,
    nonce: &[u8; 16],
) -> Result<Result<SyncResponse, Alarm>, Malformed> {
    let response = SyncResponse::decode(bytes, circles)?;
    let believed = response.verify(server, workspace, device.id(), nonce);
    Ok(if believed { Ok(response) } else { Err(Alarm::BadSignature) })
}

/// A place in a circle's log: how many segments, and the root over them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cursor {
    /// How many segments.
    pub seq: u64,
    /// The root.
    pub root: Hash,
}

/// One segment of the log, in place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Logged {
    /// The own segment with this number in the own chain.
    Own(u64),
    /// Somebody else's.
    Other(Vec<u8>),
}

/// Walks the log from `cursor` through `steps`, computing every root, and compares the end with the
/// signed head. `own` gives the hash of the own segment with a number; `own_seen` is how many own
/// segments the log held before. Each segment comes back with the root over all up to and with it.
/// Nothing that contradicts the head is given back.
///
/// # Errors
/// An [`Alarm`] when the server's log is not a continuation of the one already held.
pub fn walk(
    cursor: Cursor,
    head: &CircleHead,
    steps: Vec<Step>,
    mut own_seen: u64,
    own: impl Fn(u64) -> Option<Hash>,
) -> Result<(Cursor, Vec<(Hash, Logged)>), Alarm> {
    if head.seq < cursor.seq {
        return Err(Alarm::RolledBack(cursor.seq - head.seq));
    }
    let mut at = cursor;
    let mut logged = Vec::new();
    for step in steps {
        match step {
            Step::Own(count) => {
                // The count comes from outside: each own segment must really be known.
                for _ in 0..count {
                    own_seen += 1;
                    let hash = own(own_seen).ok_or(Alarm::UnknownOwn)?;
                    at = Cursor { seq: at.seq + 1, root: next_root(&at.root, &hash) };
                    logged.push((at.root, Logged::Own(own_seen)));
                }
            }
            Step::Segment(bytes) => {
                at = Cursor { seq: at.seq + 1, root: next_root(&at.root, &sha256(&[&bytes])) };
                logged.push((at.root, Logged::Other(bytes)));
            }
        }
    }
    if at.seq > head.seq || (at.seq == head.seq && at.root != head.root) {
        return Err(Alarm::OtherHistory);
    }
    Ok((at, logged))
}

/// What the server's word on the own chain means.
///
/// # Errors
/// [`Alarm::UnknownOwn`] when it holds more than was sealed, or another segment than ours;
/// [`Alarm::RolledBack`] when it holds less than it had acknowledged.
pub fn acknowledged(
    head: &CircleHead,
    sealed: u64,
    before: u64,
    own: impl Fn(u64) -> Option<Hash>,
) -> Result<u64, Alarm> {
    if head.height > sealed {
        return Err(Alarm::UnknownOwn);
    }
    if head.height < before {
        return Err(Alarm::RolledBack(before - head.height));
    }
    if head.height > before {
        let hash = own(head.height).ok_or(Alarm::UnknownOwn)?;
        if head.link != Some(half(&hash)) {
            return Err(Alarm::UnknownOwn);
        }
    }
    Ok(head.height)
}

/// Like [`acknowledged`], for a chain with the late letters that continue it.
///
/// # Errors
/// As [`acknowledged`].
pub fn acknowledged_late(
    head: &LateHead,
    sealed: u64,
    before: u64,
    own: impl Fn(u64) -> Option<Hash>,
) -> Result<u64, Alarm> {
    let head = CircleHead { seq: 0, root: [0; 32], height: head.height, link: head.link };
    acknowledged(&head, sealed, before, own)
}

/// Who must act on a refusal, and whether trying again now makes sense.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Advice {
    /// Set the clock offset from the server's time and try again at once.
    Retry,
    /// Fetch the roster and do it again.
    Redo,
    /// Tell the person.
    Tell,
}

/// What to do about a refusal.
pub fn advice(reason: Reason) -> Advice {
    match reason {
        Reason::Clock | Reason::Replay => Advice::Retry,
        Reason::RosterMoved => Advice::Redo,
        _ => Advice::Tell,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const START: Cursor = Cursor { seq: 0, root: [0; 32] };

    fn head(segments: &[&[u8]]) -> CircleHead {
        let root = segments.iter().fold([0; 32], |root, bytes| next_root(&root, &sha256(&[bytes])));
        CircleHead { seq: segments.len() as u64, root, height: 0, link: None }
    }

    #[test]
    fn a_log_with_own_and_other_segments_is_walked_to_the_signed_root() {
        let own = |seq| (seq == 1).then(|| sha256(&[b"mine"]));
        let steps = vec![Step::Segment(b"theirs".to_vec()), Step::Own(1)];
        let (end, logged) = walk(START, &head(&[b"theirs", b"mine"]), steps, 0, own).unwrap();
        assert_eq!(end.seq, 2);
        let roots: Vec<_> = logged.iter().map(|(root, _)| *root).collect();
        assert_eq!(roots, [head(&[b"theirs"]).root, end.root]);
        let logged: Vec<_> = logged.into_iter().map(|(_, logged)| logged).collect();
        assert_eq!(logged, [Logged::Other(b"theirs".to_vec()), Logged::Own(1)]);
    }

    #[test]
    fn a_withheld_changed_or_rolled_back_log_is_an_alarm() {
        let none = |_| None;
        let whole = head(&[b"one", b"two"]);
        let step = |bytes: &[u8]| Step::Segment(bytes.to_vec());
        let walked = |steps| walk(START, &whole, steps, 0, none).map(|(end, _)| end.seq);
        assert_eq!(walked(vec![step(b"one"), step(b"two")]), Ok(2), "control");
        assert_eq!(walked(vec![step(b"one")]), Ok(1), "more is to come");
        assert_eq!(walked(vec![step(b"one"), step(b"tw0")]), Err(Alarm::OtherHistory));
        assert_eq!(walked(vec![step(b"two"), step(b"one")]), Err(Alarm::OtherHistory));
        assert_eq!(walked(vec![step(b"one"), step(b"two"), step(b"two")]), Err(Alarm::OtherHistory));
        assert_eq!(walked(vec![Step::Own(u64::MAX)]), Err(Alarm::UnknownOwn));
        let behind = walk(Cursor { seq: 3, root: [1; 32] }, &whole, vec![], 0, none);
        assert_eq!(behind, Err(Alarm::RolledBack(1)));
    }

    #[test]
    fn only_what_was_really_sent_is_acknowledged() {
        let own = |seq: u64| Some(sha256(&[&seq.to_be_bytes()]));
        let said = |height: u64, link| CircleHead { seq: 9, root: [0; 32], height, link };
        let link = |seq: u64| own(seq).map(|hash| half(&hash));
        assert_eq!(acknowledged(&said(2, link(2)), 3, 1, own), Ok(2));
        assert_eq!(acknowledged(&said(2, link(1)), 3, 1, own), Err(Alarm::UnknownOwn));
        assert_eq!(acknowledged(&said(4, link(4)), 3, 1, own), Err(Alarm::UnknownOwn));
        assert_eq!(acknowledged(&said(0, None), 3, 1, own), Err(Alarm::RolledBack(1)));
    }
}
