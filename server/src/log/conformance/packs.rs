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
    assert_eq!(log.collect(W, [2; 32], 0).await.unwrap(), 3);
    assert_eq!(log.collect(W, [2; 32], 0).await.unwrap(), 0, "once");
    assert_eq!(log.collect(W, [1; 32], 0).await.unwrap(), 0, "never backwards");
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

/// The link that a segment of [`row`] has to the one before it.
fn prev(bytes: &[u8]) -> Option<[u8; 16]> {
    let number = u64::from_be_bytes(bytes[1..9].try_into().unwrap());
    Some(row(bytes[0], number, bytes.len() - 9).last()?.prev)
}

/// What a pack over the first `seq` segments of `row` says of their chain.
fn beginning(row: &[SegmentEntry], seq: usize) -> Beginning {
    let last = &row[seq - 1];
    let chain = last.chain;
    let head = ChainHead { chain, device: AUTHOR, height: last.seq, link: half(&last.hash) };
    Beginning { chains: vec![head], attestations: vec![(READER, vec![9; 129])], prev }
}

/// A workspace whose roster has been given back.
async fn healed(log: &dyn Log) {
    let append = RosterAppend { epochs: vec![(C, 1)], healing: true, ..entries(&["genesis"]) };
    assert_eq!(log.create_workspace(W, append, 10, 20_000).await.unwrap(), Creation::Created);
}

pub(crate) async fn a_log_that_was_lost_begins_again_with_a_pack_and_keeps_what_that_does_not_cover(
    log: &dyn Log,
) {
    healed(log).await;
    let (lost, other) = (row(7, 6, 100), row(8, 2, 100));
    // Somebody who knew less was first.
    for entry in lost[..2].iter().chain(&other) {
        assert_eq!(store(log, entry).await, SegmentOutcome::Stored);
    }
    let (entry, pieces) = packed(1, &lost, 4);
    let put = |first: usize, last: usize| {
        log.put_lost_pack(entry.clone(), beginning(&lost, 4), first as u64, pieces[first..last].to_vec())
    };
    assert_eq!(put(0, 2).await.unwrap(), PackOutcome::Held(2));
    // Until it is whole nothing has changed, and it is no pack of this log.
    assert_eq!(pulled(log, asking(0, 9)).await.heads[0].seq, 4);
    assert_eq!(log.put_pack(entry.clone(), 2, pieces[2..].to_vec()).await.unwrap(), PackOutcome::Refused);
    assert_eq!(put(2, 3).await.unwrap(), PackOutcome::Held(3));
    assert_eq!(put(0, 0).await.unwrap(), PackOutcome::Held(3), "asked again");
    let pull = pulled(log, asking(4, 9)).await;
    let steps: Vec<_> = other.iter().map(|entry| Step::Segment(entry.bytes.clone())).collect();
    assert_eq!(pull.steps[0], steps, "what the pack does not cover comes behind it");
    let root = lost[..4].iter().chain(&other).fold([0; 32], |root, entry| next_root(&root, &entry.hash));
    assert_eq!((pull.heads[0].seq, pull.heads[0].root), (6, root));
    let offers = log.packs(W, vec![C]).await.unwrap();
    assert_eq!((offers.len(), offers[0].attestations.len()), (1, 1));
    assert_eq!(store(log, &lost[3]).await, SegmentOutcome::Held);
    assert_eq!(store(log, &lost[4]).await, SegmentOutcome::Stored, "its chain goes on");
    // Once more, from somebody who began earlier: there is nothing to give back.
    let (entry, pieces) = packed(2, &lost, 3);
    let outcome = log.put_lost_pack(entry, beginning(&lost, 3), 0, pieces).await.unwrap();
    assert_eq!(outcome, PackOutcome::Known);
}

pub(crate) async fn a_log_that_was_never_lost_takes_no_pack_for_its_beginning(log: &dyn Log) {
    begun(log, W).await;
    let (held, ahead) = (row(7, 3, 100), row(7, 9, 100));
    for entry in &held {
        store(log, entry).await;
    }
    let (entry, pieces) = packed(1, &ahead, 9);
    let outcome = log.put_lost_pack(entry, beginning(&ahead, 9), 0, pieces).await.unwrap();
    assert_eq!(outcome, PackOutcome::Refused);
    let pull = pulled(log, asking(0, 9)).await;
    assert_eq!((pull.heads[0].seq, pull.steps[0].len()), (3, 3), "not one segment is gone");
}

pub(crate) async fn a_pack_cannot_take_a_chain_from_another_device(log: &dyn Log) {
    healed(log).await;
    let (held, ahead) = (row(7, 3, 100), row(7, 9, 100));
    for entry in &held {
        store(log, entry).await;
    }
    let (entry, pieces) = packed(1, &ahead, 9);
    let mut theirs = beginning(&ahead, 9);
    theirs.chains[0].device = READER;
    let outcome = log.put_lost_pack(entry.clone(), theirs, 0, pieces.clone()).await.unwrap();
    assert_eq!(outcome, PackOutcome::Refused);
    let outcome = log.put_lost_pack(entry, beginning(&ahead, 9), 0, pieces).await.unwrap();
    assert_eq!(outcome, PackOutcome::Held(3), "control: as its own it is taken");
}
