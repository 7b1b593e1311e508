//! What every log must do, whatever stands behind it.
//!
//! `conformance!(open)` makes one test of each promise; `open` gives a fresh log and what must stay
//! alive with it.

use cairn_wire::digest::{half, next_root, sha256};
use cairn_wire::id::{ChainId, CircleId, DeviceId, InviteId, WorkspaceId};
use cairn_wire::limits;
use cairn_wire::pack::{ChainHead, Offer};
use cairn_wire::refusal::SegmentRefusal;
use cairn_wire::roster::Last;
use cairn_wire::sync::{CircleAsk, Step, Wrap};

use super::{
    Beginning, Closing, Creation, JoinEntry, JoinOutcome, Log, PackEntry, PackOutcome, Pull, PullAsk,
    RosterAppend, RosterOutcome, SegmentEntry, SegmentOutcome,
};

mod attachments;
mod joins;
mod letters;
mod packs;

pub(crate) use attachments::*;
pub(crate) use joins::*;
pub(crate) use letters::*;
pub(crate) use packs::*;

/// Makes a test of every promise.
macro_rules! conformance {
    ($open:expr) => {
        $crate::log::conformance::conformance!($open;
            a_workspace_is_created_once_and_only_so_many;
            the_roster_is_compared_and_swapped;
            an_unknown_workspace_has_no_roster;
            segments_come_back_in_order_with_the_right_root;
            a_segment_sent_twice_is_stored_once;
            another_segment_with_the_same_number_freezes_the_chain;
            a_gap_or_a_wrong_link_is_refused;
            a_stale_epoch_an_unknown_circle_and_a_foreign_chain_are_refused;
            own_segments_come_back_as_a_count_and_cost_no_budget;
            at_least_one_segment_comes_however_small_the_budget;
            wraps_come_with_the_entries_they_were_posted_with;
            a_very_long_roster_comes_in_pieces_and_segments_after_it;
            join_requests_wait_one_for_each_invitation;
            join_requests_end_and_are_bounded;
            whoever_ends_a_chain_must_know_all_of_it;
            late_letters_continue_their_chain_and_are_bounded;
            a_pack_arrives_in_pieces_and_is_offered_once_it_is_whole;
            a_pack_that_does_not_fit_the_log_is_refused;
            what_a_pack_covers_is_let_go_and_everything_goes_on;
            a_log_that_was_lost_begins_again_with_a_pack_and_keeps_what_that_does_not_cover;
            a_log_that_was_never_lost_takes_no_pack_for_its_beginning;
            a_pack_cannot_take_a_chain_from_another_device;
            workspaces_do_not_see_each_other;
            an_attachment_grows_piece_by_piece_and_comes_back_as_it_was;
            an_attachment_takes_nothing_but_its_own_pieces_in_their_order;
            what_was_dropped_is_gone_and_not_taken_again;
            an_unfinished_attachment_is_let_go_after_its_day_and_a_whole_one_never;
            attachments_of_another_workspace_are_unknown;
        );
    };
    ($open:expr; $($name:ident;)*) => {$(
        #[tokio::test]
        async fn $name() {
            let (log, _held) = $open;
            $crate::log::conformance::$name(&log).await;
        }
    )*};
}
pub(crate) use conformance;

pub(crate) const W: WorkspaceId = WorkspaceId([1; 16]);
const OTHER: WorkspaceId = WorkspaceId([2; 16]);
pub(crate) const C: CircleId = CircleId([3; 16]);
const AUTHOR: DeviceId = DeviceId([4; 16]);
const READER: DeviceId = DeviceId([5; 16]);

fn entries(names: &[&str]) -> RosterAppend {
    let entries = names.iter().map(|name| (sha256(&[name.as_bytes()]), name.as_bytes().to_vec()));
    RosterAppend { entries: entries.collect(), ..RosterAppend::default() }
}

/// A workspace with one circle at epoch 1.
pub(crate) async fn begun(log: &dyn Log, workspace: WorkspaceId) {
    let append = RosterAppend { epochs: vec![(C, 1)], ..entries(&["genesis"]) };
    assert_eq!(log.create_workspace(workspace, append, 10, 20_000).await.unwrap(), Creation::Created);
}

/// `count` segments of one chain, each linked to the one before.
pub(crate) fn row(chain: u8, count: u64, size: usize) -> Vec<SegmentEntry> {
    let mut prev = AUTHOR.0;
    (1..=count)
        .map(|seq| {
            let bytes = [&[chain][..], &seq.to_be_bytes(), &vec![0; size]].concat();
            let hash = sha256(&[&bytes]);
            let entry = SegmentEntry {
                workspace: W,
                circle: C,
                chain: ChainId([chain; 16]),
                device: AUTHOR,
                seq,
                epoch: 1,
                prev,
                hash,
                bytes,
                day: 20_000,
                healing: false,
            };
            prev = half(&hash);
            entry
        })
        .collect()
}

/// Stores one segment and waits for its fate.
pub(crate) async fn store(log: &dyn Log, entry: &SegmentEntry) -> SegmentOutcome {
    log.append_segment(entry.clone()).await.unwrap().outcome().await.unwrap()
}

fn asking(cursor: u64, chain: u8) -> PullAsk {
    let circle = CircleAsk { circle: C, cursor, root: [0; 16], chain: ChainId([chain; 16]) };
    PullAsk {
        workspace: W,
        device: READER,
        roster_seq: 0,
        circles: vec![Some(circle)],
        budget: 1 << 20,
        joins_at: None,
    }
}

async fn pulled(log: &dyn Log, ask: PullAsk) -> Pull {
    log.pull(ask).await.unwrap()
}

pub(crate) async fn a_workspace_is_created_once_and_only_so_many(log: &dyn Log) {
    begun(log, W).await;
    assert_eq!(log.create_workspace(W, entries(&["x"]), 10, 1).await.unwrap(), Creation::Exists);
    assert_eq!(log.create_workspace(OTHER, entries(&["x"]), 1, 1).await.unwrap(), Creation::TooMany);
    assert_eq!(log.roster_after(W, 0).await.unwrap(), Some(vec![b"genesis".to_vec()]));
    assert_eq!(log.roster_after(OTHER, 0).await.unwrap(), None);
}

pub(crate) async fn the_roster_is_compared_and_swapped(log: &dyn Log) {
    begun(log, W).await;
    let first = RosterAppend { expected_seq: 1, ..entries(&["two", "three"]) };
    let late = RosterAppend { expected_seq: 1, ..entries(&["other two"]) };
    assert_eq!(log.append_roster(W, first).await.unwrap(), RosterOutcome::Appended);
    assert_eq!(log.append_roster(W, late).await.unwrap(), RosterOutcome::Moved);
    let newer = log.roster_after(W, 1).await.unwrap().unwrap();
    assert_eq!(newer, [b"two".to_vec(), b"three".to_vec()]);
    assert_eq!(log.roster_after(W, 3).await.unwrap(), Some(vec![]));
}

pub(crate) async fn an_unknown_workspace_has_no_roster(log: &dyn Log) {
    assert_eq!(log.roster_after(W, 0).await.unwrap(), None);
    let append = RosterAppend { expected_seq: 0, ..entries(&["x"]) };
    assert_eq!(log.append_roster(W, append).await.unwrap(), RosterOutcome::Moved);
    assert_eq!(log.chain(W, ChainId([7; 16])).await.unwrap(), None);
    log.check().await.unwrap();
}

pub(crate) async fn segments_come_back_in_order_with_the_right_root(log: &dyn Log) {
    begun(log, W).await;
    let (one, two) = (row(7, 3, 10), row(8, 2, 10));
    let mut root = [0; 32];
    let mut sent = Vec::new();
    for entry in [&one[0], &two[0], &one[1], &two[1], &one[2]] {
        assert_eq!(store(log, entry).await, SegmentOutcome::Stored);
        root = next_root(&root, &entry.hash);
        sent.push(Step::Segment(entry.bytes.clone()));
    }
    let pull = pulled(log, asking(0, 9)).await;
    assert_eq!(pull.steps, [sent.clone()]);
    assert_eq!((pull.heads[0].seq, pull.heads[0].root, pull.heads[0].height), (5, root, 0));
    let pull = pulled(log, asking(3, 9)).await;
    assert_eq!(pull.steps, [sent[3..].to_vec()]);
    for beyond in [5, 6, u64::MAX] {
        let pull = pulled(log, asking(beyond, 9)).await;
        assert_eq!((pull.steps[0].len(), pull.heads[0].seq), (0, 5));
    }
    let chain = log.chain(W, ChainId([7; 16])).await.unwrap().unwrap();
    assert_eq!((chain.height, chain.link, chain.device), (3, half(&one[2].hash), AUTHOR));
    assert_eq!(log.segment_hash(W, ChainId([7; 16]), 2).await.unwrap(), Some(one[1].hash));
}

pub(crate) async fn a_segment_sent_twice_is_stored_once(log: &dyn Log) {
    begun(log, W).await;
    let row = row(7, 2, 10);
    store(log, &row[0]).await;
    store(log, &row[1]).await;
    assert_eq!(store(log, &row[0]).await, SegmentOutcome::Held);
    let mut stale = row[1].clone();
    stale.epoch = 9;
    assert_eq!(store(log, &stale).await, SegmentOutcome::Held, "held is held, whatever the epoch is now");
    assert_eq!(pulled(log, asking(0, 9)).await.heads[0].seq, 2);
}

pub(crate) async fn another_segment_with_the_same_number_freezes_the_chain(log: &dyn Log) {
    begun(log, W).await;
    let (good, mut forked) = (row(7, 3, 10), row(7, 2, 11));
    store(log, &good[0]).await;
    store(log, &good[1]).await;
    forked[1].device = DeviceId([9; 16]);
    let foreign = store(log, &forked[1]).await;
    assert_eq!(foreign, SegmentOutcome::Refused(SegmentRefusal::NotEntitled), "only its author can fork it");
    assert!(!log.chain(W, ChainId([7; 16])).await.unwrap().unwrap().frozen);
    forked[1].device = AUTHOR;
    let late = SegmentEntry { epoch: forked[1].epoch - 1, ..forked[1].clone() };
    let outcome = store(log, &late).await;
    assert_eq!(outcome, SegmentOutcome::Refused(SegmentRefusal::StaleEpoch), "it was sealed again since");
    assert!(!log.chain(W, ChainId([7; 16])).await.unwrap().unwrap().frozen);
    assert_eq!(store(log, &forked[1]).await, SegmentOutcome::Refused(SegmentRefusal::Fork));
    assert!(log.chain(W, ChainId([7; 16])).await.unwrap().unwrap().frozen);
    assert_eq!(store(log, &good[2]).await, SegmentOutcome::Refused(SegmentRefusal::Fork));
    assert_eq!(store(log, &good[1]).await, SegmentOutcome::Held, "what is held stays held");
    assert_eq!(pulled(log, asking(0, 9)).await.heads[0].seq, 2);
}

pub(crate) async fn a_gap_or_a_wrong_link_is_refused(log: &dyn Log) {
    begun(log, W).await;
    let row = row(7, 3, 10);
    let gap = SegmentOutcome::Refused(SegmentRefusal::Gap);
    assert_eq!(store(log, &row[1]).await, gap);
    store(log, &row[0]).await;
    assert_eq!(store(log, &row[2]).await, gap);
    let mut unlinked = row[1].clone();
    unlinked.prev = [9; 16];
    assert_eq!(store(log, &unlinked).await, gap);
    assert_eq!(store(log, &row[1]).await, SegmentOutcome::Stored, "control");
}

pub(crate) async fn a_stale_epoch_an_unknown_circle_and_a_foreign_chain_are_refused(log: &dyn Log) {
    begun(log, W).await;
    let row = row(7, 2, 10);
    let renewed = RosterAppend { expected_seq: 1, epochs: vec![(C, 2)], ..entries(&["epoch"]) };
    log.append_roster(W, renewed).await.unwrap();
    assert_eq!(store(log, &row[0]).await, SegmentOutcome::Refused(SegmentRefusal::StaleEpoch));
    let current = SegmentEntry { epoch: 2, ..row[0].clone() };
    let elsewhere = SegmentEntry { circle: CircleId([9; 16]), ..current.clone() };
    assert_eq!(store(log, &elsewhere).await, SegmentOutcome::Refused(SegmentRefusal::NotEntitled));
    assert_eq!(store(log, &current).await, SegmentOutcome::Stored, "control");
    let moved = SegmentEntry { circle: CircleId([9; 16]), epoch: 2, ..row[1].clone() };
    assert_eq!(store(log, &moved).await, SegmentOutcome::Refused(SegmentRefusal::NotEntitled));
    let given_back = SegmentEntry { healing: true, ..row[1].clone() };
    let linked = SegmentEntry { prev: half(&current.hash), ..given_back.clone() };
    assert_eq!(store(log, &linked).await, SegmentOutcome::Stored, "healing takes an earlier epoch");
}

pub(crate) async fn own_segments_come_back_as_a_count_and_cost_no_budget(log: &dyn Log) {
    begun(log, W).await;
    let (own, other) = (row(7, 4, 5_000), row(8, 1, 10));
    for entry in [&own[0], &own[1], &other[0], &own[2], &own[3]] {
        store(log, entry).await;
    }
    let ask = PullAsk { budget: 100, ..asking(0, 7) };
    let pull = pulled(log, ask).await;
    assert_eq!(pull.steps, [[Step::Own(2), Step::Segment(other[0].bytes.clone()), Step::Own(2)]]);
    assert_eq!((pull.heads[0].height, pull.heads[0].link), (4, Some(half(&own[3].hash))));
}

pub(crate) async fn at_least_one_segment_comes_however_small_the_budget(log: &dyn Log) {
    begun(log, W).await;
    let row = row(8, 5, 1_000);
    for entry in &row {
        store(log, entry).await;
    }
    let pull = pulled(log, PullAsk { budget: 0, ..asking(0, 7) }).await;
    assert_eq!(pull.steps[0].len(), 1);
    let pull = pulled(log, PullAsk { budget: 3_100, ..asking(0, 7) }).await;
    assert_eq!(pull.steps[0].len(), 3);
    let hidden = PullAsk { circles: vec![None], ..asking(0, 7) };
    let pull = pulled(log, hidden).await;
    assert_eq!((pull.steps[0].len(), pull.heads[0].seq, pull.heads[0].root), (0, 0, [0; 32]));
}

pub(crate) async fn wraps_come_with_the_entries_they_were_posted_with(log: &dyn Log) {
    begun(log, W).await;
    let wrap = |epoch| Wrap { circle: C, epoch, sealed: vec![7; 40] };
    let first = RosterAppend {
        expected_seq: 1,
        wraps: vec![(READER, wrap(1)), (AUTHOR, wrap(1))],
        ..entries(&["two", "three"])
    };
    log.append_roster(W, first).await.unwrap();
    let second = RosterAppend { expected_seq: 3, wraps: vec![(READER, wrap(2))], ..entries(&["four"]) };
    log.append_roster(W, second).await.unwrap();
    for (known, wraps) in [(0, vec![wrap(1), wrap(2)]), (2, vec![wrap(1), wrap(2)]), (3, vec![wrap(2)])] {
        let pull = pulled(log, PullAsk { roster_seq: known, ..asking(0, 7) }).await;
        assert_eq!((pull.roster.len() as u64, pull.wraps), (4 - known, wraps));
    }
    for known in [4, 5, u64::MAX] {
        let pull = pulled(log, PullAsk { roster_seq: known, ..asking(0, 7) }).await;
        assert_eq!((pull.roster.len(), pull.wraps.len()), (0, 0));
    }
}

pub(crate) async fn a_very_long_roster_comes_in_pieces_and_segments_after_it(log: &dyn Log) {
    begun(log, W).await;
    store(log, &row(8, 1, 10)[0]).await;
    let names: Vec<String> = (0..limits::ROSTER_BATCH + 5).map(|n| n.to_string()).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    log.append_roster(W, RosterAppend { expected_seq: 1, ..entries(&names) }).await.unwrap();
    let pull = pulled(log, asking(0, 7)).await;
    assert_eq!((pull.roster.len(), pull.steps[0].len()), (limits::ROSTER_BATCH, 0));
    let known = pull.roster.len() as u64;
    let pull = pulled(log, PullAsk { roster_seq: known, ..asking(0, 7) }).await;
    assert_eq!((pull.roster.len(), pull.steps[0].len()), (6, 1));
}
pub(crate) async fn workspaces_do_not_see_each_other(log: &dyn Log) {
    begun(log, W).await;
    begun(log, OTHER).await;
    let own = row(7, 1, 10).remove(0);
    let other = SegmentEntry { workspace: OTHER, bytes: vec![9; 5], hash: sha256(&[&[9; 5]]), ..own.clone() };
    assert_eq!(store(log, &own).await, SegmentOutcome::Stored);
    assert_eq!(store(log, &other).await, SegmentOutcome::Stored);
    let pull = pulled(log, asking(0, 9)).await;
    assert_eq!(pull.steps, [[Step::Segment(own.bytes)]]);
    let pull = pulled(log, PullAsk { workspace: OTHER, ..asking(0, 9) }).await;
    assert_eq!(pull.steps, [[Step::Segment(other.bytes)]]);
}
