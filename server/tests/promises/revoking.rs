//! A device that was revoked is cut off at once, and what it had not sent is kept for a coordinator.

use cairn_wire::digest::{half, sha256};
use cairn_wire::hello::Purpose;
use cairn_wire::id::ChainId;
use cairn_wire::letter::{LateReceipt, Letters, LettersAsk, read_notice};
use cairn_wire::path;
use cairn_wire::refusal::{Reason, SegmentRefusal};
use cairn_wire::roster::{Body, Last};
use cairn_wire::sync::{CircleAsk, SyncAsk, request_body};

use crate::client::{Answer, post};
use crate::people::{CIRCLE, Camp, Device, server};

use cairn_server::{Running, doctor};

fn last(chain: u8, seq: u64, segment: &[u8]) -> Last {
    Last { chain: ChainId([chain; 16]), seq, link: half(&sha256(&[segment])) }
}

fn revoke(camp: &mut Camp, server: &Running, lasts: Vec<Last>) -> Answer {
    let device = camp.worker.id();
    camp.change(server, Body::Revoke { device, circle: None, lasts }, vec![])
}

/// Hands in segments of one chain; gives the height that the server confirms.
fn hand_in(camp: &Camp, server: &Running, who: &Device, chain: u8, segments: &[Vec<u8>]) -> u64 {
    let circle = CircleAsk { circle: CIRCLE, cursor: 0, root: [0; 16], chain: ChainId([chain; 16]) };
    let ask = SyncAsk { roster_seq: 0, budget: 0, circles: vec![circle] };
    let (hello, request) =
        who.request(camp, Purpose::Late, ask.encode(), &request_body(&[segments.to_vec()]));
    let answer = post(server, path::LATE, &request);
    assert_eq!(answer.status, 200);
    let workspace = camp.roster.workspace();
    let receipt =
        LateReceipt::decode(&answer.body, &camp.server_key, workspace, who.id(), &hello.nonce).unwrap();
    receipt.chains[0].height
}

fn fetch(camp: &Camp, server: &Running, who: &Device, after: u64) -> Answer {
    let ask = LettersAsk { after, budget: 1 << 20 };
    let (_, request) = who.request(camp, Purpose::Letters, ask.encode(), b"");
    post(server, path::LETTERS, &request)
}

#[test]
fn a_revoked_device_is_cut_off_and_its_letters_wait_for_a_coordinator() {
    let (server, _folder) = server();
    let mut camp = Camp::on(&server);
    let row = camp.worker.row(&camp, 7, 4, 50);
    camp.sync(&server, &camp.worker, &camp.ask(7), &row[..2]);
    assert_eq!(revoke(&mut camp, &server, vec![last(7, 1, &row[0])]).reason(), Reason::RosterMoved);
    assert_eq!(revoke(&mut camp, &server, vec![]).reason(), Reason::RosterMoved);
    assert_eq!(revoke(&mut camp, &server, vec![last(7, 2, &row[1])]).status, 200);

    let (_, request) = camp.sync_request(&camp.worker, &camp.ask(7), &row[2..]);
    assert_eq!(post(&server, path::SYNC, &request).reason(), Reason::Revoked);
    let got = camp.sync(&server, &camp.founder, &camp.ask(9), &row[2..]);
    assert_eq!(got.refused, [(0, SegmentRefusal::Late), (1, SegmentRefusal::AfterRefused)]);
    assert_eq!(got.head.circles[0].seq, 2, "nothing of it counts, whoever brings it");
    assert!(got.joins.is_empty());

    assert_eq!(hand_in(&camp, &server, &camp.worker, 7, &[]), 2);
    assert_eq!(hand_in(&camp, &server, &camp.worker, 7, &row[3..]), 2, "a gap is left out");
    assert_eq!(hand_in(&camp, &server, &camp.worker, 7, &row[2..]), 4);
    assert_eq!(hand_in(&camp, &server, &camp.worker, 7, &row[2..]), 4, "again is no harm");

    let got = camp.sync(&server, &camp.founder, &camp.ask(9), &[]);
    let newest = got.joins.iter().find_map(|bytes| read_notice(bytes)).unwrap();
    assert_eq!(got.head.circles[0].seq, 2);
    let letters = Letters::decode(&fetch(&camp, &server, &camp.founder, 0).body).unwrap().0;
    assert_eq!(letters.iter().map(|letter| &letter.bytes).collect::<Vec<_>>(), [&row[2], &row[3]]);
    assert!(letters.iter().all(|letter| letter.device == camp.worker.id()));
    assert_eq!(letters[1].number, newest);
    let newer = Letters::decode(&fetch(&camp, &server, &camp.founder, letters[0].number).body).unwrap().0;
    assert_eq!(newer, letters[1..]);
    assert_eq!(fetch(&camp, &server, &camp.worker, 0).reason(), Reason::Revoked);
}

#[test]
fn what_is_no_late_letter_is_not_kept_as_one() {
    let (server, _folder) = server();
    let mut camp = Camp::on(&server);
    let row = camp.worker.row(&camp, 7, 3, 50);
    assert_eq!(hand_in(&camp, &server, &camp.worker, 7, &row), 0, "its author may still write");
    assert_eq!(fetch(&camp, &server, &camp.worker, 0).reason(), Reason::RosterRefused);
    camp.sync(&server, &camp.worker, &camp.ask(7), &row[..1]);
    assert_eq!(revoke(&mut camp, &server, vec![last(7, 1, &row[0])]).status, 200);
    let mut forged = row[1].clone();
    *forged.last_mut().unwrap() ^= 1;
    assert_eq!(hand_in(&camp, &server, &camp.worker, 7, &[forged]), 1);
    let after = camp.worker.row(&camp, 8, 1, 50);
    assert_eq!(hand_in(&camp, &server, &camp.worker, 8, &after), 0, "written after it knew");
    assert_eq!(hand_in(&camp, &server, &camp.worker, 7, &row[1..]), 3, "control");
}

#[test]
fn a_folder_with_late_letters_is_sound_and_a_damaged_letter_is_found() {
    let (server, folder) = server();
    let mut camp = Camp::on(&server);
    let row = camp.worker.row(&camp, 7, 2, 50);
    camp.sync(&server, &camp.worker, &camp.ask(7), &row[..1]);
    revoke(&mut camp, &server, vec![last(7, 1, &row[0])]);
    hand_in(&camp, &server, &camp.worker, 7, &row[1..]);
    server.stop().unwrap();
    let report = doctor::examine(folder.path()).unwrap();
    assert_eq!((report.is_sound(), report.letters), (true, 1), "{:?}", report.problems);
    let log = rusqlite::Connection::open(folder.path().join("log.db")).unwrap();
    log.execute("UPDATE letter SET bytes = zeroblob(length(bytes))", []).unwrap();
    drop(log);
    assert_eq!(doctor::examine(folder.path()).unwrap().problems.len(), 1);
}
