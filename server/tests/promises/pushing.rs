//! What becomes of segments on their way in.

use cairn_wire::hello::Purpose;
use cairn_wire::id::CircleId;
use cairn_wire::path;
use cairn_wire::refusal::{Reason, SegmentRefusal};
use cairn_wire::roster::Role;
use cairn_wire::sync::{CircleAsk, request_body};

use crate::client::{Line, head, post};
use crate::people::{Camp, Row, add, device, epoch, server, wrap};

#[test]
fn what_had_arrived_before_a_cut_is_kept() {
    let (server, _folder) = server();
    let camp = Camp::on(&server);
    let row = camp.worker.row(&camp, 7, 8, 30_000);
    let (_, request) = camp.sync_request(&camp.worker, &camp.ask(7), &row);
    let mut line = Line::to(&server);
    line.send(&head(path::SYNC, request.len())).unwrap();
    // Everything but the last segment's tail.
    line.send(&request[..request.len() - 10_000]).unwrap();
    let watch = || camp.sync(&server, &camp.worker, &camp.ask(7), &[]).head.circles[0].height;
    while watch() < 7 {
        std::thread::yield_now();
    }
    drop(line);
    assert_eq!(watch(), 7);
    let again = camp.sync(&server, &camp.worker, &camp.ask(7), &row[7..]);
    assert_eq!((again.head.circles[0].height, again.refused.len()), (8, 0));
}

#[test]
fn sending_again_what_is_held_is_no_error_even_in_an_old_epoch() {
    let (server, _folder) = server();
    let mut camp = Camp::on(&server);
    let row = camp.worker.row(&camp, 7, 3, 50);
    camp.sync(&server, &camp.worker, &camp.ask(7), &row);
    let wraps = vec![wrap(&camp.founder, 2)];
    assert_eq!(camp.change(&server, epoch(2, &wraps), wraps).status, 200);
    let again = camp.sync(&server, &camp.worker, &camp.ask(7), &row);
    assert_eq!((again.head.circles[0].seq, again.refused.len()), (3, 0));
}

#[test]
fn any_member_may_carry_anybody_s_segments() {
    let (server, _folder) = server();
    let mut camp = Camp::on(&server);
    let courier = device(5);
    assert_eq!(camp.change(&server, add(&courier, Role::Field, 2), vec![]).status, 200);
    let row = camp.worker.row(&camp, 7, 3, 50);
    let carried = camp.sync(&server, &courier, &camp.ask(9), &row);
    assert!(carried.refused.is_empty());
    assert_eq!(camp.sync(&server, &camp.worker, &camp.ask(7), &[]).head.circles[0].height, 3);
}

#[test]
fn a_fork_freezes_its_chain_and_no_other() {
    let (server, _folder) = server();
    let camp = Camp::on(&server);
    let (row, mut fork) = (camp.worker.row(&camp, 7, 3, 50), camp.worker.row(&camp, 7, 3, 51));
    camp.sync(&server, &camp.worker, &camp.ask(7), &row[..2]);
    let other = camp.worker.row(&camp, 8, 1, 50).remove(0);
    fork.push(other);
    let got = camp.sync(&server, &camp.worker, &camp.ask(7), &fork);
    let after = SegmentRefusal::AfterRefused;
    assert_eq!(got.refused, [(0, SegmentRefusal::Fork), (1, after), (2, after)]);
    assert_eq!(got.head.circles[0].seq, 3, "the other chain's segment went in");
    let got = camp.sync(&server, &camp.worker, &camp.ask(7), &row[2..]);
    assert_eq!(got.refused, [(0, SegmentRefusal::Fork)]);
    let got = camp.sync(&server, &camp.worker, &camp.ask(7), &row[..2]);
    assert!(got.refused.is_empty(), "what is held is still held");
}

#[test]
fn every_reason_to_refuse_a_segment_is_told_and_the_rest_goes_on() {
    let (server, _folder) = server();
    let mut camp = Camp::on(&server);
    let reader = device(6);
    assert_eq!(camp.change(&server, add(&reader, Role::Field, 3), vec![]).status, 200);
    let bent =
        |bend: fn(&mut cairn_wire::segment::Header)| vec![Row::new(&camp.worker, 10).bent(&camp, 50, bend)];
    let mut forged = camp.worker.row(&camp, 10, 1, 50);
    *forged[0].last_mut().unwrap() ^= 1;
    let mut unlinked = Row::new(&camp.worker, 10);
    let unlinked = vec![unlinked.next(&camp, 50), unlinked.bent(&camp, 50, |header| header.prev = [1; 16])];
    let mut newer = camp.worker.row(&camp, 10, 1, 50);
    newer[0][0] = 9;
    let cases = [
        ("malformed", newer, vec![(0, SegmentRefusal::Malformed)]),
        ("bad signature", forged, vec![(0, SegmentRefusal::BadSignature)]),
        ("not granted", reader.row(&camp, 10, 1, 50), vec![(0, SegmentRefusal::NotEntitled)]),
        ("unknown author", device(9).row(&camp, 10, 1, 50), vec![(0, SegmentRefusal::NotEntitled)]),
        ("before the grant", bent(|header| header.roster_seq = 2), vec![(0, SegmentRefusal::NotEntitled)]),
        ("roster entry zero", bent(|header| header.roster_seq = 0), vec![(0, SegmentRefusal::NotEntitled)]),
        ("roster ahead", bent(|header| header.roster_seq = 99), vec![(0, SegmentRefusal::RosterAhead)]),
        ("future epoch", bent(|header| header.epoch = 2), vec![(0, SegmentRefusal::StaleEpoch)]),
        ("gap", bent(|header| header.seq = 2), vec![(0, SegmentRefusal::Gap)]),
        ("wrong link", unlinked, vec![(1, SegmentRefusal::Gap)]),
    ];
    for (index, (name, mut segments, refused)) in cases.into_iter().enumerate() {
        let chain = 100 + index as u8;
        segments.push(camp.worker.row(&camp, chain, 1, 50).remove(0));
        let before = camp.sync(&server, &camp.worker, &camp.ask(chain), &[]).head.circles[0].seq;
        let got = camp.sync(&server, &camp.worker, &camp.ask(chain), &segments);
        assert_eq!(got.refused, refused, "{name}");
        assert_eq!(got.head.circles[0].height, 1, "{name}: the good one went in");
        let stored = segments.len() - refused.len();
        assert_eq!(got.head.circles[0].seq - before, stored as u64, "{name}");
    }
}

#[test]
fn a_stale_epoch_stops_its_chain_and_comes_with_the_roster_that_explains_it() {
    let (server, _folder) = server();
    let mut camp = Camp::on(&server);
    let (ask, stale) = (camp.ask(7), camp.worker.row(&camp, 7, 3, 50));
    let wraps = vec![wrap(&camp.founder, 2), wrap(&camp.worker, 2)];
    assert_eq!(camp.change(&server, epoch(2, &wraps), wraps).status, 200);
    let got = camp.sync(&server, &camp.worker, &ask, &stale);
    let after = SegmentRefusal::AfterRefused;
    assert_eq!(got.refused, [(0, SegmentRefusal::StaleEpoch), (1, after), (2, after)]);
    assert_eq!((got.roster.len(), got.wraps.len()), (1, 1));
    let again = camp.sync(&server, &camp.worker, &camp.ask(7), &camp.worker.row(&camp, 7, 3, 50));
    assert_eq!((again.refused.len(), again.head.circles[0].height), (0, 3), "sealed anew it goes in");
}

#[test]
fn a_chain_belongs_to_one_circle_and_one_device() {
    let (server, _folder) = server();
    let camp = Camp::on(&server);
    let mine = camp.worker.row(&camp, 7, 1, 50);
    camp.sync(&server, &camp.worker, &camp.ask(7), &mine);
    let got = camp.sync(&server, &camp.founder, &camp.ask(7), &camp.founder.row(&camp, 7, 1, 50));
    assert_eq!(got.refused, [(0, SegmentRefusal::NotEntitled)]);
    let more = camp.sync(&server, &camp.worker, &camp.ask(7), &camp.worker.row(&camp, 7, 2, 50)[1..]);
    assert!(more.refused.is_empty(), "somebody else's attempt has not frozen it");
    let mut ask = camp.ask(7);
    ask.circles.insert(0, CircleAsk { circle: CircleId([9; 16]), ..ask.circles[0].clone() });
    let third = camp.worker.row(&camp, 7, 3, 50).remove(2);
    let got = camp.sync(&server, &camp.worker, &ask, &[third]);
    assert_eq!(got.refused, [(0, SegmentRefusal::NotEntitled)]);
}

#[test]
fn a_body_other_than_announced_is_refused_but_its_good_segments_stay() {
    let (server, _folder) = server();
    let camp = Camp::on(&server);
    let row = camp.worker.row(&camp, 7, 2, 50);
    let ask = camp.ask(7);
    let honest = request_body(&[vec![row[0].clone()]]);
    let (_, request) = camp.worker.request(&camp, Purpose::Sync, ask.encode(), &honest);
    let front = request.len() - honest.len();
    let swapped = [&request[..front], &request_body(std::slice::from_ref(&row))].concat();
    assert_eq!(post(&server, path::SYNC, &swapped).reason(), Reason::Malformed);
    assert_eq!(camp.sync(&server, &camp.worker, &ask, &[]).head.circles[0].height, 2);
    let cases = [
        ("nothing where a body was announced", request[..front].to_vec()),
        ("an unfinished body", request[..request.len() - 1].to_vec()),
        ("more circles than asked", [&request[..], &[0]].concat()),
    ];
    for (name, bytes) in cases {
        let (_, fresh) = camp.worker.request(&camp, Purpose::Sync, ask.encode(), &honest);
        let bytes = [&fresh[..front], &bytes[front..]].concat();
        assert_eq!(post(&server, path::SYNC, &bytes).reason(), Reason::Malformed, "{name}");
    }
    let (_, silent) = camp.worker.request(&camp, Purpose::Sync, ask.encode(), &[]);
    let unannounced = [silent, honest].concat();
    assert_eq!(post(&server, path::SYNC, &unannounced).reason(), Reason::Malformed);
}
