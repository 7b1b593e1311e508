//! Who may begin a workspace and change who belongs.

use cairn_wire::hello::Purpose;
use cairn_wire::path;
use cairn_wire::refusal::Reason;
use cairn_wire::roster::{Body, Role};
use cairn_wire::sync::{RosterPost, RosterReceipt};

use crate::client::{Answer, key_of, post};
use crate::people::{CIRCLE, Camp, Device, add, device, epoch, server, server_with, wrap};

fn receipt(camp: &Camp, answer: &Answer) -> RosterReceipt {
    assert_eq!(answer.status, 200);
    RosterReceipt::decode(&answer.body, &camp.server_key, camp.roster.workspace()).unwrap()
}

#[test]
fn creating_again_gets_the_same_receipt_and_anything_else_is_refused() {
    let (server, _folder) = server();
    let mut camp = Camp::on(&server);
    let creation = camp.creation(b"");
    let again = post(&server, path::WORKSPACES, &creation.encode());
    assert_eq!(receipt(&camp, &again).seq, 4);
    let mut other = creation.clone();
    other.post.entries.pop();
    other.post.entries.push(camp.founder.entry_at(
        camp.roster.workspace(),
        4,
        camp.roster.head_at(3).unwrap(),
        add(&device(8), Role::Field, 8),
    ));
    assert_eq!(post(&server, path::WORKSPACES, &other.encode()).reason(), Reason::WorkspaceExists);
    assert_eq!(camp.change(&server, add(&device(5), Role::Field, 2), vec![]).status, 200);
    let late = post(&server, path::WORKSPACES, &creation.encode());
    assert_eq!(receipt(&camp, &late).seq, 4, "the answer that was lost is given again");
}

#[test]
fn a_workspace_that_does_not_prove_itself_is_refused() {
    let (server, _folder) = server();
    let camp = Camp::planned(key_of(server.pin()));
    let good = camp.creation(b"");
    let refused = |bend: &dyn Fn(&mut cairn_wire::sync::CreateRequest)| {
        let mut bent = good.clone();
        bend(&mut bent);
        post(&server, path::WORKSPACES, &bent.encode()).reason()
    };
    assert_eq!(refused(&|c| c.workspace.0[0] ^= 1), Reason::RosterRefused);
    assert_eq!(refused(&|c| c.post.entries[2][80] ^= 1), Reason::RosterRefused);
    assert_eq!(refused(&|c| c.post.entries.clear()), Reason::Malformed);
    assert_eq!(refused(&|c| c.post.expected_seq = 1), Reason::Malformed);
    assert_eq!(refused(&|c| c.post.wraps[0].1.sealed[0] ^= 1), Reason::RosterRefused);
    assert_eq!(refused(&|c| c.post.wraps.swap_remove(0).0.0[0] = 0), Reason::RosterRefused);
    let mut newer = good.encode();
    newer[0] = 9;
    assert_eq!(post(&server, path::WORKSPACES, &newer).reason(), Reason::Version);
    assert_eq!(post(&server, path::WORKSPACES, &good.encode()).status, 200, "control");
}

#[test]
fn the_operator_decides_who_begins_workspaces_and_how_many() {
    let (server, _folder) = server_with(|config| {
        config.store.create_token = Some("open sesame".to_owned());
        config.store.max_workspaces = 0;
    });
    let camp = Camp::planned(key_of(server.pin()));
    for wrong in [&b""[..], b"open sesam", b"open sesame "] {
        let answer = post(&server, path::WORKSPACES, &camp.creation(wrong).encode());
        assert_eq!(answer.reason(), Reason::CreationRefused);
    }
    let answer = post(&server, path::WORKSPACES, &camp.creation(b"open sesame").encode());
    assert_eq!(answer.reason(), Reason::Full);
}

#[test]
fn of_two_coordinators_at_once_one_must_do_it_again() {
    let (server, _folder) = server();
    let mut camp = Camp::on(&server);
    let second = device(5);
    assert_eq!(camp.change(&server, add(&second, Role::Coordinator, 2), vec![]).status, 200);
    let mine = camp.founder.entry(&camp.roster, add(&device(6), Role::Field, 3));
    let theirs = second.entry(&camp.roster, add(&device(7), Role::Field, 4));
    let request = |who: &Device, entry: &[u8], expected_seq| {
        let post = RosterPost { expected_seq, entries: vec![entry.to_vec()], wraps: vec![] };
        who.request(&camp, Purpose::Roster, vec![], &post.encode()).1
    };
    let first = post(&server, path::ROSTER, &request(&camp.founder, &mine, 5));
    assert_eq!(receipt(&camp, &first).seq, 6);
    assert_eq!(post(&server, path::ROSTER, &request(&second, &theirs, 5)).reason(), Reason::RosterMoved);
    assert_eq!(post(&server, path::ROSTER, &request(&second, &theirs, 9)).reason(), Reason::RosterMoved);
    let again = post(&server, path::ROSTER, &request(&camp.founder, &mine, 5));
    assert_eq!(again.body, first.body, "an answer that was lost is given again");
}

/// G15.
#[test]
fn only_coordinators_change_the_roster_and_only_in_their_own_name() {
    let (server, _folder) = server();
    let mut camp = Camp::on(&server);
    let second = device(5);
    assert_eq!(camp.change(&server, add(&second, Role::Coordinator, 2), vec![]).status, 200);
    let try_post = |who: &Device, entries: Vec<Vec<u8>>| {
        let post_ = RosterPost { expected_seq: camp.roster.seq(), entries, wraps: vec![] };
        let (_, request) = who.request(&camp, Purpose::Roster, vec![], &post_.encode());
        post(&server, path::ROSTER, &request).reason()
    };
    let body = || add(&device(6), Role::Field, 3);
    let worker = camp.worker.entry(&camp.roster, body());
    assert_eq!(try_post(&camp.worker, vec![worker]), Reason::RosterRefused);
    let founders = camp.founder.entry(&camp.roster, body());
    assert_eq!(try_post(&second, vec![founders]), Reason::RosterRefused);
    assert_eq!(try_post(&camp.founder, vec![]), Reason::Malformed);
    let mut newer = camp.founder.entry(&camp.roster, Body::Grant { device: second.id(), circle: CIRCLE });
    newer[0] = 9;
    assert_eq!(try_post(&camp.founder, vec![newer]), Reason::Version);
}

#[test]
fn an_epoch_comes_with_exactly_the_wraps_it_names() {
    let (server, _folder) = server();
    let mut camp = Camp::on(&server);
    let wraps = vec![wrap(&camp.founder, 2), wrap(&camp.worker, 2)];
    let body = epoch(2, &wraps);
    let fewer = camp.change(&server, body.clone(), wraps[..1].to_vec());
    assert_eq!(fewer.reason(), Reason::RosterRefused);
    let answer = camp.change(&server, body, wraps);
    assert_eq!(receipt(&camp, &answer).head, camp.roster.head());
}

#[test]
fn a_post_other_than_signed_is_refused() {
    let (server, _folder) = server();
    let camp = Camp::on(&server);
    let entry = camp.founder.entry(&camp.roster, add(&device(6), Role::Field, 3));
    let body = RosterPost { expected_seq: 4, entries: vec![entry], wraps: vec![] }.encode();
    let (_, mut request) = camp.founder.request(&camp, Purpose::Roster, vec![], &body);
    *request.last_mut().unwrap() ^= 1;
    assert_eq!(post(&server, path::ROSTER, &request).reason(), Reason::Malformed);
}

/// G15: an epoch's secret is for whoever may read; the server hands no other a wrap.
#[test]
fn no_wrap_is_taken_for_a_device_that_may_not_read() {
    let (server, _folder) = server();
    let mut camp = Camp::on(&server);
    for (number, role) in [(5, Role::SubmitOnly), (6, Role::Courier), (7, Role::Reader)] {
        let newcomer = device(number);
        let id = newcomer.id();
        assert_eq!(camp.change(&server, add(&newcomer, role, number), vec![]).status, 200);
        let grant = || Body::Grant { device: id, circle: CIRCLE };
        let wrapped = camp.change(&server, grant(), vec![wrap(&newcomer, 1)]).status;
        if role == Role::Reader {
            assert_eq!(wrapped, 200, "control");
        } else {
            assert_eq!(wrapped, 403, "{role:?}");
            assert_eq!(camp.change(&server, grant(), vec![]).status, 200, "{role:?}");
        }
    }
}
