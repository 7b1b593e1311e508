//! Ends of chains, and what comes after them.

use super::*;

/// Entries that end chain 7 of the author at segment `seq`.
fn ending(seq: u64, link: [u8; 16]) -> RosterAppend {
    let lasts = vec![Last { chain: ChainId([7; 16]), seq, link }];
    let closing = Closing { device: AUTHOR, circle: None, lasts };
    RosterAppend { expected_seq: 1, closings: vec![closing], ..entries(&["revoke"]) }
}

pub(crate) async fn whoever_ends_a_chain_must_know_all_of_it(log: &dyn Log) {
    begun(log, W).await;
    let row = row(7, 3, 10);
    store(log, &row[0]).await;
    store(log, &row[1]).await;
    for ignorant in [ending(1, half(&row[0].hash)), ending(2, [9; 16]), ending(3, half(&row[2].hash))] {
        assert_eq!(log.append_roster(W, ignorant).await.unwrap(), RosterOutcome::Moved);
    }
    let none = Closing { device: AUTHOR, circle: Some(C), lasts: vec![] };
    let none = RosterAppend { expected_seq: 1, closings: vec![none], ..entries(&["revoke"]) };
    assert_eq!(log.append_roster(W, none).await.unwrap(), RosterOutcome::Moved);
    assert_eq!(log.append_roster(W, ending(2, half(&row[1].hash))).await.unwrap(), RosterOutcome::Appended);
    assert_eq!(store(log, &row[2]).await, SegmentOutcome::Refused(SegmentRefusal::Late));
    assert_eq!(store(log, &row[1]).await, SegmentOutcome::Held, "what counts stays");
}

pub(crate) async fn late_letters_continue_their_chain_and_are_bounded(log: &dyn Log) {
    begun(log, W).await;
    let row = row(7, limits::LETTERS as u64 + 3, 100);
    store(log, &row[0]).await;
    log.append_roster(W, ending(1, half(&row[0].hash))).await.unwrap();
    let gap = SegmentOutcome::Refused(SegmentRefusal::Gap);
    assert_eq!(log.put_letter(row[2].clone()).await.unwrap(), gap);
    assert_eq!(log.put_letter(row[1].clone()).await.unwrap(), SegmentOutcome::Stored);
    assert_eq!(log.put_letter(row[1].clone()).await.unwrap(), SegmentOutcome::Held);
    assert_eq!(log.put_letter(row[0].clone()).await.unwrap(), SegmentOutcome::Held, "in the log");
    let head = log.late_chain(W, ChainId([7; 16])).await.unwrap().unwrap();
    assert_eq!((head.height, head.link, head.last), (2, half(&row[1].hash), Some(1)));
    for entry in &row[2..=limits::LETTERS] {
        assert_eq!(log.put_letter(entry.clone()).await.unwrap(), SegmentOutcome::Stored);
    }
    let beyond = log.put_letter(row[limits::LETTERS + 1].clone()).await.unwrap();
    assert!(matches!(beyond, SegmentOutcome::Refused(_)), "{beyond:?}");
    let pull = pulled(log, PullAsk { joins_at: Some(1), ..asking(0, 9) }).await;
    assert_eq!(pull.heads[0].seq, 1, "not in the log");
    assert_eq!(pulled(log, asking(0, 9)).await.newest_letter, 0, "not for everybody");
    let letters = log.letters(W, vec![C], 0, 250).await.unwrap();
    let first = pull.newest_letter - limits::LETTERS as u64 + 1;
    assert_eq!(letters.iter().map(|letter| letter.number).collect::<Vec<_>>(), [first, first + 1]);
    assert_eq!(letters[1].bytes, row[2].bytes);
    assert_eq!(log.letters(W, vec![C], first + 5, 0).await.unwrap().len(), 1, "one always comes");
    assert_eq!(log.letters(W, vec![C], pull.newest_letter, 0).await.unwrap(), [], "and none twice");
    assert_eq!(log.letters(W, vec![], 0, 250).await.unwrap(), [], "only of the asker's circles");
    assert_eq!(log.letters(OTHER, vec![C], 0, 250).await.unwrap(), []);
}
