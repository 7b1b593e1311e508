//! What is given back, and what is not.

use cairn_wire::hello::Purpose;
use cairn_wire::path;
use cairn_wire::refusal::{Reason, SegmentRefusal};
use cairn_wire::roster::Role;
use cairn_wire::sync::{CircleAsk, CreateRequest, RosterPost, SyncAsk, SyncResponse, request_body};

use crate::client::post;
use crate::people::{Camp, add, device, epoch, server, wrap};

#[test]
fn only_healing_takes_a_segment_of_an_earlier_epoch() {
    let (server, _folder) = server();
    let mut camp = Camp::on(&server);
    let (ask, old) = (camp.ask(7), camp.worker.row(&camp, 7, 2, 50));
    let wraps = vec![wrap(&camp.founder, 2), wrap(&camp.worker, 2)];
    assert_eq!(camp.change(&server, epoch(2, &wraps), wraps).status, 200);
    let after = SegmentRefusal::AfterRefused;
    let strict = camp.sync(&server, &camp.worker, &ask, &old);
    assert_eq!(strict.refused, [(0, SegmentRefusal::StaleEpoch), (1, after)], "control: a push stays strict");
    let body = request_body(std::slice::from_ref(&old));
    let (_, pushed) = camp.founder.request(&camp, Purpose::Sync, ask.encode(), &body);
    assert_eq!(post(&server, path::HEAL, &pushed).reason(), Reason::BadSignature, "a purpose of its own");
    let (_, healing) = camp.founder.request(&camp, Purpose::Heal, ask.encode(), &body);
    let got = SyncResponse::decode(&post(&server, path::HEAL, &healing).body, 1).unwrap();
    assert_eq!((got.refused.len(), got.head.circles[0].seq), (0, 2), "anybody may bring it");
    let mut forged = camp.worker.row(&camp, 8, 1, 50);
    *forged[0].last_mut().unwrap() ^= 1;
    let body = request_body(&[forged]);
    let (_, healing) = camp.founder.request(&camp, Purpose::Heal, ask.encode(), &body);
    let got = SyncResponse::decode(&post(&server, path::HEAL, &healing).body, 1).unwrap();
    assert_eq!(got.refused, [(0, SegmentRefusal::BadSignature)], "what does not prove itself is refused");
}

#[test]
fn whoever_has_seen_more_than_the_log_holds_pushes_nothing() {
    let (server, _folder) = server();
    let camp = Camp::on(&server);
    let row = camp.worker.row(&camp, 7, 1, 50);
    let ahead = |cursor, root| {
        let asks = camp.ask(7).circles.into_iter();
        let circles = asks.map(|ask| CircleAsk { cursor, root, ..ask }).collect();
        SyncAsk { circles, ..camp.ask(7) }
    };
    for (cursor, root) in [(3, [0; 16]), (0, [1; 16])] {
        let got = camp.sync(&server, &camp.worker, &ahead(cursor, root), &row);
        assert_eq!(got.refused, [(0, SegmentRefusal::Behind)]);
        assert_eq!(got.head.circles[0].seq, 0);
    }
    let got = camp.sync(&server, &camp.worker, &ahead(0, [0; 16]), &row);
    assert_eq!((got.refused.len(), got.head.circles[0].seq), (0, 1), "control");
}

#[test]
fn a_roster_is_given_back_only_as_a_continuation_of_what_is_held() {
    let (server, _folder) = server();
    let camp = Camp::on(&server);
    let heal = |expected_seq, entries: Vec<Vec<u8>>| {
        let post_ = RosterPost { expected_seq, entries, wraps: Vec::new() };
        let request = CreateRequest { token: Vec::new(), workspace: camp.roster.workspace(), post: post_ };
        post(&server, path::HEAL_ROSTER, &request.encode())
    };
    let seq = camp.roster.seq();
    let next = camp.founder.entry(&camp.roster, add(&device(6), Role::Field, 3));
    let stranger = device(9).entry(&camp.roster, add(&device(6), Role::Field, 3));
    assert_eq!(heal(seq, vec![stranger]).reason(), Reason::RosterRefused);
    assert_eq!(heal(seq - 1, vec![next.clone()]).reason(), Reason::RosterMoved, "in another's place");
    for gap in [seq + 1, u64::MAX] {
        assert_eq!(heal(gap, vec![next.clone()]).reason(), Reason::RosterMoved);
    }
    assert_eq!(heal(seq, vec![next.clone()]).status, 200);
    assert_eq!(heal(seq, vec![next]).status, 200, "again is no news");
}
