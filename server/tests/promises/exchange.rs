//! What comes back from an exchange.

use cairn_wire::digest::{half, next_root, sha256};
use cairn_wire::id::CircleId;
use cairn_wire::path;
use cairn_wire::refusal::{Reason, SegmentRefusal};
use cairn_wire::roster::{Body, Role};
use cairn_wire::segment::Kind;
use cairn_wire::sync::{CircleAsk, Step, SyncAsk};

use crate::client::{Line, post};
use crate::people::{CIRCLE, Camp, Row, add, device, epoch, server, wrap};

#[test]
fn what_one_sends_the_other_fetches_with_a_root_both_can_compute() {
    let (server, _folder) = server();
    let camp = Camp::on(&server);
    let row = camp.worker.row(&camp, 7, 5, 300);
    let sent = camp.sync(&server, &camp.worker, &camp.ask(7), &row);
    assert!(sent.refused.is_empty());
    let own = &sent.head.circles[0];
    assert_eq!((own.seq, own.height, own.link), (5, 5, Some(half(&sha256(&[&row[4]])))));
    assert_eq!(sent.steps, [[Step::Own(5)]]);
    let fetched = camp.sync(&server, &camp.founder, &camp.ask(9), &[]);
    let root = row.iter().fold([0; 32], |root, segment| next_root(&root, &sha256(&[segment])));
    assert_eq!((fetched.head.circles[0].seq, fetched.head.circles[0].root), (5, root));
    assert_eq!((fetched.head.circles[0].height, fetched.head.circles[0].link), (0, None));
    assert_eq!(fetched.steps, [row.into_iter().map(Step::Segment).collect::<Vec<_>>()]);
    server.stop().unwrap();
}

#[test]
fn an_exchange_with_nothing_new_costs_few_octets() {
    let (server, _folder) = server();
    let camp = Camp::on(&server);
    camp.sync(&server, &camp.worker, &camp.ask(7), &camp.worker.row(&camp, 7, 200, 50));
    let mut ask = camp.ask(7);
    ask.circles[0].cursor = 200;
    let (_, request) = camp.sync_request(&camp.worker, &ask, &[]);
    let answer = post(&server, path::SYNC, &request);
    assert_eq!(answer.status, 200);
    let lines: Vec<&str> = answer.head.lines().skip(1).filter(|line| !line.is_empty()).collect();
    assert!(lines.len() == 1 && lines[0].starts_with("content-length: "), "{lines:?}");
    let octets = answer.head.len() + answer.body.len();
    assert!(octets <= 200, "{octets}");
}

#[test]
fn the_budget_is_kept_and_every_answer_makes_progress() {
    let (server, _folder) = server();
    let camp = Camp::on(&server);
    let row = camp.worker.row(&camp, 7, 12, 1_000);
    camp.sync(&server, &camp.worker, &camp.ask(7), &row);
    let mut ask = camp.ask(9);
    ask.budget = 3_500;
    let mut got = Vec::new();
    let mut rounds = 0;
    while got.len() < row.len() {
        ask.circles[0].cursor = got.len() as u64;
        let steps = camp.sync(&server, &camp.founder, &ask, &[]).steps.remove(0);
        assert_eq!(steps.len(), 3);
        got.extend(steps);
        rounds += 1;
    }
    assert_eq!((rounds, got), (4, row.into_iter().map(Step::Segment).collect()));
    ask.budget = 0;
    ask.circles[0].cursor = 0;
    assert_eq!(camp.sync(&server, &camp.founder, &ask, &[]).steps[0].len(), 1);
}

#[test]
fn a_device_sees_only_the_circles_it_was_granted() {
    let (server, _folder) = server();
    let mut camp = Camp::on(&server);
    let stranger = device(5);
    assert_eq!(camp.change(&server, add(&stranger, Role::Field, 2), vec![]).status, 200);
    camp.sync(&server, &camp.worker, &camp.ask(7), &camp.worker.row(&camp, 7, 3, 50));
    let mut ask = camp.ask(7);
    ask.circles.push(CircleAsk { circle: CircleId([9; 16]), ..ask.circles[0].clone() });
    let seen = camp.sync(&server, &stranger, &ask, &[]);
    for (head, steps) in seen.head.circles.iter().zip(&seen.steps) {
        assert_eq!((head.seq, head.root, head.height, head.link), (0, [0; 32], 0, None));
        assert!(steps.is_empty());
    }
    let grant = Body::Grant { device: stranger.id(), circle: CIRCLE };
    assert_eq!(camp.change(&server, grant, vec![wrap(&stranger, 1)]).status, 200);
    let seen = camp.sync(&server, &stranger, &camp.ask(9), &[]);
    assert_eq!((seen.head.circles[0].seq, seen.steps[0].len()), (3, 3), "control: granted, it sees");
    let seen = camp.sync(&server, &stranger, &SyncAsk { roster_seq: 0, ..camp.ask(9) }, &[]);
    assert_eq!(seen.wraps, [wrap(&stranger, 1).1], "and finds the key that came with the grant");
}

#[test]
fn a_newcomer_gets_the_roster_and_its_own_wraps_only() {
    let (server, _folder) = server();
    let mut camp = Camp::on(&server);
    let from_nothing = SyncAsk { roster_seq: 0, ..camp.ask(7) };
    let got = camp.sync(&server, &camp.worker, &from_nothing, &[]);
    assert_eq!(got.roster, camp.entries);
    assert_eq!(got.wraps, [wrap(&camp.worker, 1).1]);
    let known = camp.ask(7);
    let wraps = vec![wrap(&camp.founder, 2), wrap(&camp.worker, 2)];
    assert_eq!(camp.change(&server, epoch(2, &wraps), wraps).status, 200);
    let got = camp.sync(&server, &camp.worker, &known, &[]);
    assert_eq!((got.roster.len(), got.wraps), (1, vec![wrap(&camp.worker, 2).1]));
    let got = camp.sync(&server, &camp.worker, &camp.ask(7), &[]);
    assert_eq!((got.roster.len(), got.wraps.len()), (0, 0));
}

#[test]
fn a_cursor_beyond_the_log_gets_no_steps_and_a_true_head() {
    let (server, _folder) = server();
    let camp = Camp::on(&server);
    camp.sync(&server, &camp.worker, &camp.ask(7), &camp.worker.row(&camp, 7, 2, 50));
    let mut ask = camp.ask(9);
    ask.circles[0].cursor = u64::MAX;
    let got = camp.sync(&server, &camp.founder, &ask, &[]);
    assert_eq!((got.head.circles[0].seq, got.steps[0].len(), got.roster.len()), (2, 0, 0));
}

#[test]
fn whoever_knows_more_of_the_roster_is_told_that_the_server_was_put_back() {
    let (server, _folder) = server();
    let camp = Camp::on(&server);
    for ahead in [1, u64::MAX - camp.ask(9).roster_seq] {
        let mut ask = camp.ask(9);
        ask.roster_seq += ahead;
        let (_, request) = camp.sync_request(&camp.founder, &ask, &[]);
        assert_eq!(post(&server, path::SYNC, &request).reason(), Reason::RosterBehind);
    }
    camp.sync(&server, &camp.founder, &camp.ask(9), &[]);
}

#[test]
fn many_exchanges_go_over_one_connection() {
    let (server, _folder) = server();
    let camp = Camp::on(&server);
    let mut line = Line::to(&server);
    for _ in 0..20 {
        let (_, request) = camp.sync_request(&camp.worker, &camp.ask(7), &[]);
        assert_eq!(line.post(path::SYNC, &request).status, 200);
    }
    assert_eq!(line.post(path::SYNC, b"\x00").status, 400);
    let (_, request) = camp.sync_request(&camp.worker, &camp.ask(7), &[]);
    assert_eq!(line.post(path::SYNC, &request).status, 200, "a refusal does not end it");
}

#[test]
fn an_ask_about_no_circle_still_brings_the_roster() {
    let (server, _folder) = server();
    let camp = Camp::on(&server);
    let ask = SyncAsk { roster_seq: 0, budget: 0, circles: vec![] };
    let got = camp.sync(&server, &camp.worker, &ask, &[]);
    assert_eq!((got.roster.len(), got.steps.len()), (camp.entries.len(), 0));
}

/// G15: who only hands in learns of its own chain and nothing else; who carries gets what is sealed.
#[test]
fn who_hands_in_is_given_nothing_of_the_circle() {
    let (server, _folder) = server();
    let mut camp = Camp::on(&server);
    let row = camp.worker.row(&camp, 7, 3, 50);
    camp.sync(&server, &camp.worker, &camp.ask(7), &row);
    for (number, role) in [(5, Role::SubmitOnly), (6, Role::Courier)] {
        let newcomer = device(number);
        assert_eq!(camp.change(&server, add(&newcomer, role, number), vec![]).status, 200);
        let grant = Body::Grant { device: newcomer.id(), circle: CIRCLE };
        assert_eq!(camp.change(&server, grant, vec![]).status, 200);
        let ask = SyncAsk { roster_seq: 0, ..camp.ask(number) };
        let given = camp.sync(&server, &newcomer, &ask, &[]);
        assert!(given.wraps.is_empty() && given.roster.len() as u64 == camp.roster.seq(), "{role:?}");
        let expected = if role == Role::Courier { (4, 4) } else { (0, 0) };
        assert_eq!((given.head.circles[0].seq, given.steps[0].len()), expected, "{role:?}");
        // What it hands in itself is judged by its role.
        let own = Row::new(&newcomer, number).bent(&camp, 50, |header| header.kind = Kind::Submitted);
        let answer = camp.sync(&server, &newcomer, &camp.ask(number), &[own]);
        let other = Row::new(&newcomer, number + 10).next(&camp, 50);
        let other = camp.sync(&server, &newcomer, &camp.ask(number + 10), &[other]);
        assert_eq!(other.refused, [(0, SegmentRefusal::NotEntitled)], "{role:?}");
        if role == Role::SubmitOnly {
            assert_eq!((answer.refused.len(), answer.head.circles[0].height), (0, 1));
        } else {
            assert_eq!(answer.refused, [(0, SegmentRefusal::NotEntitled)]);
        }
    }
    let by_field = Row::new(&camp.worker, 9).bent(&camp, 50, |header| header.kind = Kind::Submitted);
    let answer = camp.sync(&server, &camp.worker, &camp.ask(9), &[by_field]);
    assert_eq!(answer.refused, [(0, SegmentRefusal::NotEntitled)], "who can open may not seal so");
}
