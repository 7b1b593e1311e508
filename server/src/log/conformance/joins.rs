//! Join requests.

use super::*;

fn join(invite: u64, device: u8, expiry: u64) -> JoinEntry {
    let mut id = [0; 16];
    id[8..].copy_from_slice(&invite.to_be_bytes());
    JoinEntry { invite: InviteId(id), device: DeviceId([device; 16]), expiry, bytes: vec![device; 30] }
}

async fn waiting(log: &dyn Log, now: u64) -> usize {
    pulled(log, PullAsk { joins_at: Some(now), ..asking(0, 7) }).await.joins.len()
}

pub(crate) async fn join_requests_wait_one_for_each_invitation(log: &dyn Log) {
    begun(log, W).await;
    for _ in 0..2 {
        assert_eq!(log.put_join(W, join(1, 7, 500), 100).await.unwrap(), JoinOutcome::Waiting);
    }
    assert_eq!(log.put_join(W, join(1, 8, 500), 100).await.unwrap(), JoinOutcome::Taken);
    assert_eq!(log.put_join(W, join(2, 8, 500), 100).await.unwrap(), JoinOutcome::Waiting);
    assert_eq!(waiting(log, 100).await, 2);
    assert_eq!(pulled(log, asking(0, 7)).await.joins.len(), 0, "not for everybody");
    let used = RosterAppend { expected_seq: 1, used: vec![join(1, 7, 0).invite], ..entries(&["add"]) };
    log.append_roster(W, used).await.unwrap();
    assert_eq!(waiting(log, 100).await, 1);
}

pub(crate) async fn join_requests_end_and_are_bounded(log: &dyn Log) {
    begun(log, W).await;
    let most = limits::JOINS as u64;
    for invite in 0..most {
        assert_eq!(log.put_join(W, join(invite, 7, 500), 100).await.unwrap(), JoinOutcome::Waiting);
    }
    assert_eq!(log.put_join(W, join(most, 7, 900), 100).await.unwrap(), JoinOutcome::Crowded);
    assert_eq!(log.put_join(W, join(0, 7, 500), 100).await.unwrap(), JoinOutcome::Waiting, "again");
    assert_eq!((waiting(log, 500).await as u64, waiting(log, 501).await), (most, 0));
    assert_eq!(log.put_join(W, join(most, 7, u64::MAX), 501).await.unwrap(), JoinOutcome::Waiting);
    let (soon, month) = (501, 31 * 24 * 3600);
    assert_eq!(waiting(log, soon).await, 1);
    assert_eq!(
        log.put_join(W, join(most + 1, 7, u64::MAX), soon + month).await.unwrap(),
        JoinOutcome::Waiting
    );
    assert_eq!(waiting(log, soon + month).await, 1, "none waits for ever");
}
