//! What becomes of attachments.

use cairn_wire::attachment::{Fetched, State, name};
use cairn_wire::digest::sha256;
use cairn_wire::id::{AttachmentId, WorkspaceId};

use super::{OTHER, W, begun};
use crate::log::{AttachmentEntry, AttachmentPiece, Log, PieceOutcome};

/// Pieces of an attachment of a workspace, and what it is called by.
pub(crate) struct Photo {
    pub(crate) entry: AttachmentEntry,
    pub(crate) pieces: Vec<AttachmentPiece>,
}

/// One of `count` pieces of `size` octets, as if put on day 20000.
pub(crate) fn photo(workspace: WorkspaceId, seed: u8, count: u8, size: usize) -> Photo {
    let pieces: Vec<Vec<u8>> =
        (0..count).map(|number| [&[seed, number][..], &vec![7; size - 2]].concat()).collect();
    let hashes: Vec<_> = pieces.iter().map(|piece| sha256(&[piece])).collect();
    let (attachment, day) = (name(workspace, &hashes), 20_000);
    let piece = |(number, (bytes, hash)): (u64, (Vec<u8>, &[u8; 32]))| AttachmentPiece {
        workspace,
        attachment,
        number,
        hash: *hash,
        bytes,
        day,
        late: None,
    };
    let pieces = (0..).zip(pieces.into_iter().zip(&hashes)).map(piece).collect();
    Photo { entry: AttachmentEntry { workspace, attachment, hashes, day, late: None }, pieces }
}

impl Photo {
    pub(crate) fn name(&self) -> AttachmentId {
        self.entry.attachment
    }

    pub(crate) async fn begin(&self, log: &dyn Log) -> State {
        log.begin_attachment(self.entry.clone()).await.unwrap()
    }

    pub(crate) async fn put(&self, log: &dyn Log, number: usize) -> PieceOutcome {
        log.put_attachment_piece(self.pieces[number].clone()).await.unwrap()
    }

    async fn put_all(&self, log: &dyn Log) {
        self.begin(log).await;
        for number in 0..self.pieces.len() {
            self.put(log, number).await;
        }
        assert!(self.state(log).await.is_whole());
    }

    pub(crate) async fn state(&self, log: &dyn Log) -> State {
        let states = log.attachment_states(self.entry.workspace, vec![self.name()]).await.unwrap();
        states[0]
    }

    async fn fetch(&self, log: &dyn Log, first: u64, budget: u64) -> Fetched {
        log.attachment_pieces(self.entry.workspace, self.name(), first, budget).await.unwrap()
    }

    fn bytes(&self, numbers: std::ops::Range<usize>) -> Vec<Vec<u8>> {
        self.pieces[numbers].iter().map(|piece| piece.bytes.clone()).collect()
    }
}

fn now(held: u64, count: u64) -> PieceOutcome {
    PieceOutcome::Now(State::Held { held, count })
}

pub(crate) async fn an_attachment_grows_piece_by_piece_and_comes_back_as_it_was(log: &dyn Log) {
    begun(log, W).await;
    let photo = photo(W, 1, 4, 100);
    assert_eq!(photo.state(log).await, State::Unknown);
    assert_eq!(photo.fetch(log, 0, 1 << 20).await, Fetched { state: State::Unknown, pieces: vec![] });
    assert_eq!(photo.begin(log).await, State::Held { held: 0, count: 4 });
    for number in 0..4 {
        assert_eq!(photo.put(log, number).await, now(number as u64 + 1, 4));
        assert_eq!(
            photo.fetch(log, 0, 1 << 20).await.pieces,
            photo.bytes(0..number + 1),
            "what is there comes"
        );
    }
    assert_eq!(photo.begin(log).await, State::Held { held: 4, count: 4 }, "begun again it stays");
    assert_eq!(photo.put(log, 2).await, now(4, 4), "put again it stays");
    let whole = State::Held { held: 4, count: 4 };
    for (first, budget, came) in
        [(0, 0, 0..1), (1, 0, 1..2), (1, 250, 1..3), (3, 1 << 20, 3..4), (4, 9, 4..4)]
    {
        let fetched = photo.fetch(log, first, budget).await;
        assert_eq!(fetched, Fetched { state: whole, pieces: photo.bytes(came) }, "{first}, {budget}");
    }
    assert!(photo.fetch(log, u64::MAX, 9).await.pieces.is_empty());
    let named = vec![photo.name(), AttachmentId([9; 16]), photo.name()];
    assert_eq!(log.attachment_states(W, named).await.unwrap(), [whole, State::Unknown, whole]);
}

pub(crate) async fn an_attachment_takes_nothing_but_its_own_pieces_in_their_order(log: &dyn Log) {
    begun(log, W).await;
    let (one, other) = (photo(W, 1, 3, 100), photo(W, 2, 3, 100));
    assert_eq!(one.put(log, 0).await, PieceOutcome::Now(State::Unknown), "it was never begun");
    one.begin(log).await;
    assert_eq!(one.put(log, 1).await, now(0, 3), "a gap");
    let as_one =
        |piece: &AttachmentPiece, number| AttachmentPiece { attachment: one.name(), number, ..piece.clone() };
    let wrong = [
        as_one(&other.pieces[0], 0),
        as_one(&one.pieces[1], 0),
        as_one(&one.pieces[0], 3),
        as_one(&one.pieces[0], u64::MAX),
    ];
    for piece in wrong.clone() {
        assert_eq!(log.put_attachment_piece(piece).await.unwrap(), PieceOutcome::OtherContent);
    }
    assert_eq!(one.put(log, 0).await, now(1, 3), "control");
    for piece in wrong {
        assert_eq!(log.put_attachment_piece(piece).await.unwrap(), PieceOutcome::OtherContent, "held or not");
    }
    assert_eq!(one.fetch(log, 0, 1 << 20).await.pieces, one.bytes(0..1));
}

pub(crate) async fn what_was_dropped_is_gone_and_not_taken_again(log: &dyn Log) {
    begun(log, W).await;
    let [whole, part, never, kept] = [1, 2, 3, 4].map(|seed| photo(W, seed, 2, 100));
    whole.put_all(log).await;
    kept.put_all(log).await;
    part.begin(log).await;
    part.put(log, 0).await;
    let named = vec![whole.name(), part.name(), never.name()];
    for _ in 0..2 {
        log.drop_attachments(W, named.clone()).await.unwrap();
        assert_eq!(log.attachment_states(W, named.clone()).await.unwrap(), [State::Dropped; 3]);
    }
    for photo in [&whole, &part, &never] {
        assert_eq!(photo.begin(log).await, State::Dropped);
        assert_eq!(photo.put(log, 0).await, PieceOutcome::Now(State::Dropped));
        assert_eq!(photo.fetch(log, 0, 1 << 20).await, Fetched { state: State::Dropped, pieces: vec![] });
    }
    assert_eq!(log.collect_attachments(W, u64::MAX).await.unwrap(), 0, "the names stay");
    assert_eq!(never.state(log).await, State::Dropped);
    assert_eq!(kept.fetch(log, 0, 1 << 20).await.pieces, kept.bytes(0..2), "another is not touched");
}

pub(crate) async fn an_unfinished_attachment_is_let_go_after_its_day_and_a_whole_one_never(log: &dyn Log) {
    begun(log, W).await;
    let (whole, mut slow, begun_only) = (photo(W, 1, 2, 100), photo(W, 2, 3, 100), photo(W, 3, 2, 100));
    whole.put_all(log).await;
    begun_only.begin(log).await;
    slow.begin(log).await;
    slow.put(log, 0).await;
    slow.pieces[1].day = 20_050;
    slow.put(log, 1).await;
    assert_eq!(log.collect_attachments(W, 20_000).await.unwrap(), 0, "not before its day is over");
    assert_eq!(
        log.collect_attachments(OTHER, u64::MAX).await.unwrap(),
        0,
        "another workspace's are not touched"
    );
    assert_eq!(log.collect_attachments(W, 20_050).await.unwrap(), 1);
    assert_eq!(begun_only.state(log).await, State::Unknown);
    assert_eq!(slow.state(log).await, State::Held { held: 2, count: 3 }, "its newest piece is what counts");
    assert_eq!(log.collect_attachments(W, 20_051).await.unwrap(), 1);
    assert_eq!(slow.state(log).await, State::Unknown);
    assert!(slow.fetch(log, 0, 1 << 20).await.pieces.is_empty());
    assert_eq!(log.collect_attachments(W, u64::MAX).await.unwrap(), 0);
    assert!(whole.state(log).await.is_whole());
    slow.put_all(log).await;
}

pub(crate) async fn attachments_of_another_workspace_are_unknown(log: &dyn Log) {
    begun(log, W).await;
    begun(log, OTHER).await;
    let ours = photo(W, 1, 2, 100);
    ours.put_all(log).await;
    assert_eq!(log.attachment_states(OTHER, vec![ours.name()]).await.unwrap(), [State::Unknown]);
    let fetched = log.attachment_pieces(OTHER, ours.name(), 0, 1 << 20).await.unwrap();
    assert_eq!(fetched, Fetched { state: State::Unknown, pieces: vec![] });
    log.drop_attachments(OTHER, vec![ours.name()]).await.unwrap();
    assert!(ours.state(log).await.is_whole(), "whoever drops there drops nothing here");
}
