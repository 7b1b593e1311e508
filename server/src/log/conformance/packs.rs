//! Packs, and what they make superfluous.

use super::*;

/// A pack of three pieces over the first `seq` segments of the log, which are `row`'s.
fn packed(name: u8, row: &[SegmentEntry], seq: usize) -> (PackEntry, Vec<Vec<u8>>) {
    let root = row[..seq].iter().fold([0; 32], |root, entry| next_root(&root, &entry.hash));
    let entry = PackEntry {
        workspace: W,
        circle: C,
        pack: [name; 32],
        device: AUTHOR,
        seq: seq as u64,
        root,
        pieces: 3,
        manifest: vec![name; 50],
        day: 20_000,
    };
    (entry, (0..3).map(|number| vec![number; 100]).collect())
}

pub(crate) async fn a_pack_arrives_in_pieces_and_is_offered_once_it_is_whole(log: &dyn Log) {
    begun(log, W).await;
    let row = row(7, 3, 10);
    for entry in &row {
        store(log, entry).await;
    }
    let (entry, pieces) = packed(1, &row, 2);
    let put = async |first: u64, pieces: &[Vec<u8>]| {
        log.put_pack(entry.clone(), first, pieces.to_vec()).await.unwrap()
    };
    assert_eq!(put(0, &[]).await, PackOutcome::Held(0));
    assert_eq!(put(1, &pieces[1..]).await, PackOutcome::Held(0), "a gap is not filled");
    assert_eq!(put(0, &pieces[..2]).await, PackOutcome::Held(2));
    assert!(!log.put_attestation(W, C, [1; 32], READER, vec![1]).await.unwrap(), "not whole yet");
    assert_eq!(log.packs(W, vec![C]).await.unwrap(), []);
    assert_eq!(pulled(log, asking(0, 9)).await.packs, 0);
    assert_eq!(put(1, &pieces[1..]).await, PackOutcome::Held(3), "what overlaps is not kept twice");
    assert_eq!(pulled(log, asking(0, 9)).await.packs, 1);
    assert!(log.put_attestation(W, C, [1; 32], READER, vec![1]).await.unwrap());
    assert!(log.put_attestation(W, C, [1; 32], READER, vec![2]).await.unwrap(), "the first word stays");
    let offer = Offer { manifest: vec![1; 50], attestations: vec![vec![1]] };
    assert_eq!(log.packs(W, vec![C]).await.unwrap(), [offer]);
    assert_eq!(log.packs(W, vec![]).await.unwrap(), []);
    assert_eq!(log.packs(OTHER, vec![C]).await.unwrap(), []);
    let fetched = async |first, budget| log.pieces(W, vec![C], [1; 32], first, budget).await.unwrap();
    assert_eq!(fetched(0, 250).await, pieces[..2]);
    assert_eq!(fetched(2, 0).await, pieces[2..], "one always comes");
    assert_eq!(fetched(3, 250).await, Vec::<Vec<u8>>::new());
    assert_eq!(log.pieces(W, vec![], [1; 32], 0, 250).await.unwrap(), Vec::<Vec<u8>>::new());
    let held = log.held_packs(W).await.unwrap();
    assert_eq!(held.len(), 1);
    assert_eq!((held[0].devices.as_slice(), held[0].day), (&[AUTHOR, READER][..], 20_000));
}

pub(crate) async fn a_pack_that_does_not_fit_the_log_is_refused(log: &dyn Log) {
    begun(log, W).await;
    let row = row(7, 3, 10);
    for entry in &row[..2] {
        store(log, entry).await;
    }
    let (good, pieces) = packed(1, &row, 2);
    let wrong_root = PackEntry { root: [9; 32], ..good.clone() };
    let elsewhere = PackEntry { circle: CircleId([9; 16]), ..good.clone() };
    let beyond = packed(2, &row, 3).0;
    for entry in [wrong_root, elsewhere, beyond] {
        assert_eq!(log.put_pack(entry, 0, pieces.clone()).await.unwrap(), PackOutcome::Refused);
    }
    assert_eq!(log.put_pack(good, 0, pieces).await.unwrap(), PackOutcome::Held(3), "control");
}

pub(crate) async fn what_a_pack_covers_is_let_go_and_everything_goes_on(log: &dyn Log) {
    begun(log, W).await;
    let (row, other) = (row(7, 5, 10), self::row(8, 1, 10));
    for entry in &row[..4] {
        store(log, entry).await;
    }
    let (first, pieces) = packed(1, &row, 1);
    log.put_pack(first, 0, pieces.clone()).await.unwrap();
    let (second, _) = packed(2, &row, 3);
    log.put_pack(second, 0, pieces.clone()).await.unwrap();
    let before = pulled(log, asking(3, 9)).await;
    assert_eq!(log.collect(W, [2; 32]).await.unwrap(), 3);
    assert_eq!(log.collect(W, [2; 32]).await.unwrap(), 0, "once");
    assert_eq!(log.collect(W, [1; 32]).await.unwrap(), 0, "never backwards");
    assert_eq!(log.packs(W, vec![C]).await.unwrap().len(), 1, "older packs go too");
    assert_eq!(log.held_packs(W).await.unwrap(), []);
    for cursor in [0, 2] {
        let pull = pulled(log, asking(cursor, 9)).await;
        assert_eq!((pull.steps[0].len(), pull.heads[0].seq), (0, 4), "only the pack has that");
    }
    assert_eq!(pulled(log, asking(3, 9)).await, before, "who has what is gone sees no difference");
    assert_eq!(store(log, &row[1]).await, SegmentOutcome::Held, "gone, and known");
    assert_eq!(store(log, &row[3]).await, SegmentOutcome::Held);
    let mut forked = self::row(7, 4, 11);
    forked[3].prev = row[3].prev;
    assert_eq!(store(log, &row[4]).await, SegmentOutcome::Stored);
    assert_eq!(store(log, &other[0]).await, SegmentOutcome::Stored);
    let root =
        [&row[..], &other[..]].concat().iter().fold([0; 32], |root, entry| next_root(&root, &entry.hash));
    assert_eq!(pulled(log, asking(4, 9)).await.heads[0].root, root, "the root goes on over what is gone");
    let third = PackEntry { seq: 6, root, ..packed(3, &row, 1).0 };
    assert_eq!(log.put_pack(third, 0, pieces.clone()).await.unwrap(), PackOutcome::Held(3));
    let (old, _) = packed(4, &row, 2);
    assert_eq!(log.put_pack(old, 0, pieces).await.unwrap(), PackOutcome::Refused, "behind the beginning");
    assert_eq!(store(log, &forked[3]).await, SegmentOutcome::Refused(SegmentRefusal::Fork));
}
