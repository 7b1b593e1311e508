//! Attachments: put, cut, fetched, dropped, and what nobody may do with them.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use cairn_server::{Clock, Config, Notice, Running, Server, doctor};
use cairn_wire::attachment::{Ask, Fetched, State, States, name, put_body};
use cairn_wire::codec::Writer;
use cairn_wire::hello::Purpose;
use cairn_wire::id::AttachmentId;
use cairn_wire::limits;
use cairn_wire::path;
use cairn_wire::refusal::Reason;
use cairn_wire::roster::{Body, Role};
use rusqlite::Connection;

use crate::client::{Line, head, key_of, post};
use crate::people::{Camp, Device, add, device, now, server, server_with};
use crate::photos::{Photo, asked, held, said};
use crate::program::serve;

const DAY: u64 = 24 * 60 * 60;
const ALL: u64 = 1 << 20;

#[test]
fn an_attachment_goes_up_in_parts_and_comes_down_as_it_was() {
    let (server, _folder) = server();
    let mut camp = Camp::on(&server);
    let photo = Photo::of(&camp, 1, 5, limits::ATTACHMENT_PIECE);
    assert_eq!(photo.state(&server, &camp, &camp.worker), State::Unknown);
    assert_eq!(photo.put(&server, &camp, &camp.worker, 0..2), held(2, 5));
    assert_eq!(photo.put(&server, &camp, &camp.worker, 1..4), held(4, 5), "what is held again costs nothing");
    assert_eq!(photo.put(&server, &camp, &camp.worker, 5..5), held(4, 5), "nothing but the question");
    let courier = device(5);
    assert_eq!(camp.change(&server, add(&courier, Role::Courier, 2), vec![]).status, 200);
    let submits = device(6);
    assert_eq!(camp.change(&server, add(&submits, Role::SubmitOnly, 3), vec![]).status, 200);
    assert_eq!(photo.put(&server, &camp, &submits, 4..5), held(5, 5), "whoever belongs may finish it");
    for who in [&camp.worker, &camp.founder, &courier, &submits] {
        let mut fetched = Vec::new();
        while fetched.len() < 5 {
            let budget = 2 * limits::ATTACHMENT_PIECE as u64;
            let some = photo.fetch(&server, &camp, who, fetched.len() as u64, budget);
            assert_eq!((some.state, some.pieces.len()), (held(5, 5), 2.min(5 - fetched.len())));
            fetched.extend(some.pieces);
        }
        assert!(fetched == photo.pieces);
    }
    assert_eq!(photo.fetch(&server, &camp, &camp.founder, 0, 0).pieces.len(), 1, "one always comes");
    assert!(photo.fetch(&server, &camp, &camp.founder, 5, ALL).pieces.is_empty());
}

#[test]
fn a_cut_costs_the_piece_it_fell_into() {
    let (server, _folder) = server();
    let camp = Camp::on(&server);
    let photo = Photo::of(&camp, 1, 5, 30_000);
    let (ask, body) = photo.putting(0..5);
    let (_, request) = camp.worker.request(&camp, Purpose::Attachments, ask.encode(), &body);
    let mut line = Line::to(&server);
    line.send(&head(path::ATTACHMENTS, request.len())).unwrap();
    // The fourth piece is there but for its last octet.
    line.send(&request[..request.len() - photo.putting(4..5).1.len() - 1]).unwrap();
    let state = || photo.state(&server, &camp, &camp.worker);
    while state().held() < 3 {
        std::thread::yield_now();
    }
    drop(line);
    assert_eq!(state(), held(3, 5));
    assert_eq!(photo.put(&server, &camp, &camp.worker, 3..5), held(5, 5));
    assert!(photo.fetch(&server, &camp, &camp.founder, 0, ALL).pieces == photo.pieces);
}

#[test]
fn nothing_but_what_a_name_was_made_from_is_taken_under_it() {
    let (server, _folder) = server();
    let camp = Camp::on(&server);
    let (photo, other) = (Photo::of(&camp, 1, 3, 500), Photo::of(&camp, 2, 3, 500));
    let ask = |first| Ask::Put { attachment: photo.name, first };
    let with_others_hashes = put_body(Some(&other.hashes), &other.pieces);
    let others_pieces = put_body(Some(&photo.hashes), &other.pieces);
    let swapped = put_body(Some(&photo.hashes), &[photo.pieces[1].clone(), photo.pieces[0].clone()]);
    let mut fewer = photo.hashes.clone();
    fewer.pop();
    let shorter = put_body(Some(&fewer), &photo.pieces[..2]);
    let one_more = put_body(None, &[photo.pieces[2].clone(), photo.pieces[2].clone()]);
    let refusals = || {
        let tries = [
            ("hashes of another", 0, &with_others_hashes),
            ("pieces of another", 0, &others_pieces),
            ("pieces in another order", 0, &swapped),
            ("fewer hashes", 0, &shorter),
            ("one piece too many", 2, &one_more),
        ];
        for (what, first, body) in tries {
            let answer = asked(&server, &camp, &camp.founder, &ask(first), body);
            assert_eq!(answer.reason(), Reason::OtherContent, "{what}");
        }
    };
    assert_eq!(photo.put(&server, &camp, &camp.worker, 0..1), held(1, 3));
    refusals();
    assert_eq!(photo.put(&server, &camp, &camp.worker, 1..3), held(3, 3), "control");
    refusals();
    assert_eq!(photo.fetch(&server, &camp, &camp.worker, 0, ALL).pieces, photo.pieces);
    assert_eq!(other.state(&server, &camp, &camp.worker), State::Unknown);
}

#[test]
fn whoever_does_not_belong_gets_nothing() {
    let (server, _folder) = server();
    let mut camp = Camp::on(&server);
    let photo = Photo::of(&camp, 1, 2, 500);
    photo.put(&server, &camp, &camp.worker, 0..2);
    let fetch = Ask::Fetch { attachment: photo.name, first: 0, budget: ALL };
    let (put, body) = photo.putting(0..2);
    let asks = [
        (fetch, vec![]),
        (put, body),
        (Ask::States(vec![photo.name]), vec![]),
        (Ask::Drop(vec![photo.name]), vec![]),
    ];
    let refused = |camp: &Camp, who: &Device, reason, asks: &[&(Ask, Vec<u8>)]| {
        for (ask, body) in asks {
            assert_eq!(asked(&server, camp, who, ask, body).reason(), reason);
        }
    };
    refused(&camp, &device(9), Reason::NotMember, &asks.each_ref());
    assert_eq!(photo.fetch(&server, &camp, &camp.worker, 0, ALL).pieces.len(), 2, "control");
    let worker = camp.worker.id();
    assert_eq!(
        camp.change(&server, Body::Revoke { device: worker, circle: None, lasts: vec![] }, vec![]).status,
        200
    );
    let [fetch, put, states, drop] = &asks;
    refused(&camp, &camp.worker, Reason::Revoked, &[fetch, drop]);
    // What belongs to its late letters it may still bring, and learn how far that is.
    for (ask, body) in [put, states] {
        assert_eq!(said(&server, &camp, &camp.worker, ask, body), [held(2, 2)]);
    }
    let late = Photo::of(&camp, 3, 2, 500);
    assert_eq!(late.put(&server, &camp, &camp.worker, 0..2), held(2, 2));
    for photo in [&photo, &late] {
        assert_eq!(photo.fetch(&server, &camp, &camp.founder, 0, ALL).pieces.len(), 2);
    }
}

#[test]
fn a_name_of_another_workspace_is_like_one_that_nobody_has() {
    let (server, _folder) = server();
    let camp = Camp::on(&server);
    let strangers = Camp::planned_by(device(21), device(22), camp.server_key).created(&server);
    let photo = Photo::of(&camp, 1, 2, 500);
    photo.put(&server, &camp, &camp.worker, 0..2);
    let nobody_s = AttachmentId([0x5a; 16]);
    let fetched = |attachment| {
        let ask = Ask::Fetch { attachment, first: 0, budget: ALL };
        asked(&server, &strangers, &strangers.founder, &ask, &[]).body
    };
    assert_eq!(fetched(photo.name), fetched(nobody_s), "octet for octet");
    assert_eq!(Fetched::decode(&fetched(photo.name)), Ok(Fetched { state: State::Unknown, pieces: vec![] }));
    let both = vec![photo.name, nobody_s];
    let states = said(&server, &strangers, &strangers.founder, &Ask::States(both.clone()), &[]);
    assert_eq!(states, [State::Unknown; 2]);
    let (ask, body) = photo.putting(1..2);
    assert_eq!(said(&server, &strangers, &strangers.worker, &ask, &body), [State::Unknown]);
    let (ask, body) = photo.putting(0..2);
    let answer = asked(&server, &strangers, &strangers.worker, &ask, &body);
    assert_eq!(answer.reason(), Reason::OtherContent, "the workspace is part of the name");
    assert_eq!(said(&server, &strangers, &strangers.founder, &Ask::Drop(both), &[]), [State::Dropped; 2]);
    assert_eq!(photo.state(&server, &camp, &camp.worker), held(2, 2), "nothing here was touched");
}

#[test]
fn only_a_coordinator_drops_and_what_was_dropped_stays_away() {
    let (server, _folder) = server();
    let camp = Camp::on(&server);
    let [whole, part, never] = [1, 2, 3].map(|seed| Photo::of(&camp, seed, 3, 500));
    whole.put(&server, &camp, &camp.worker, 0..3);
    part.put(&server, &camp, &camp.worker, 0..1);
    let all = Ask::Drop(vec![whole.name, part.name, never.name]);
    assert_eq!(asked(&server, &camp, &camp.worker, &all, &[]).reason(), Reason::RosterRefused);
    assert_eq!(whole.state(&server, &camp, &camp.worker), held(3, 3), "control");
    for _ in 0..2 {
        assert_eq!(said(&server, &camp, &camp.founder, &all, &[]), [State::Dropped; 3]);
    }
    for (photo, numbers) in [(&whole, 0..3), (&part, 1..3), (&never, 0..3)] {
        assert_eq!(photo.put(&server, &camp, &camp.worker, numbers), State::Dropped);
        let fetched = photo.fetch(&server, &camp, &camp.worker, 0, ALL);
        assert_eq!(fetched, Fetched { state: State::Dropped, pieces: vec![] });
    }
}

#[test]
fn acknowledged_pieces_survive_a_kill_and_no_half_piece_stays() {
    let folder = tempfile::tempdir().unwrap();
    let mut serving = serve(folder.path(), &[]);
    let camp = Camp::planned(key_of(&serving.pin));
    let mut line = Line::pinning(serving.address, camp.server_key).unwrap();
    assert_eq!(line.post(path::WORKSPACES, &camp.creation(b"").encode()).status, 200);
    let photo = Photo::of(&camp, 1, 6, 40_000);
    let request =
        |ask: Ask, body: &[u8]| camp.worker.request(&camp, Purpose::Attachments, ask.encode(), body).1;
    let state = |answer: &[u8]| States::decode(answer).unwrap().0.0[0];
    for number in 0..6 {
        let (ask, body) = photo.putting(number..number + 1);
        let answer = line.post(path::ATTACHMENTS, &request(ask, &body));
        assert_eq!(state(&answer.body), held(number as u64 + 1, 6));
        // The next one is on its way when it ends.
        if number < 5 {
            let (ask, body) = photo.putting(number + 1..number + 2);
            let next = request(ask, &body);
            line.send(&head(path::ATTACHMENTS, next.len())).unwrap();
            line.send(&next[..next.len() / 2]).unwrap();
        }
        serving.kill();
        assert!(doctor::examine(folder.path()).unwrap().is_sound());
        serving = serve(folder.path(), &[]);
        line = Line::pinning(serving.address, camp.server_key).unwrap();
        let answer = line.post(path::ATTACHMENTS, &request(Ask::States(vec![photo.name]), &[]));
        assert_eq!(
            state(&answer.body),
            held(number as u64 + 1, 6),
            "what was acknowledged, and no half piece"
        );
    }
    let ask = Ask::Fetch { attachment: photo.name, first: 0, budget: ALL };
    let fetched = Fetched::decode(&line.post(path::ATTACHMENTS, &request(ask, &[])).body).unwrap();
    assert!(fetched.pieces == photo.pieces);
    drop(line);
    serving.stop();
}

#[test]
fn a_full_quota_stops_attachments_and_no_record() {
    let folder = tempfile::tempdir().unwrap();
    let told = Arc::new(Mutex::new(Vec::new()));
    let start = |quota| {
        let mut config = Config::in_folder(folder.path());
        config.store.attachments_quota = quota;
        let sink = Arc::clone(&told);
        Server::new(config).notices(move |notice| sink.lock().unwrap().push(notice.clone())).start().unwrap()
    };
    let server = start(10_000);
    let camp = Camp::on(&server);
    let [photo, more, small] =
        [(1, 4), (2, 1), (3, 1)].map(|(seed, count)| Photo::of(&camp, seed, count, 3_000));
    let (ask, body) = photo.putting(0..4);
    assert_eq!(asked(&server, &camp, &camp.worker, &ask, &body).reason(), Reason::Full);
    let (ask, body) = more.putting(0..1);
    assert_eq!(asked(&server, &camp, &camp.worker, &ask, &body).reason(), Reason::Full);
    assert_eq!(*told.lock().unwrap(), [Notice::AttachmentsQuota], "the operator is told once");
    assert_eq!(photo.state(&server, &camp, &camp.worker), held(3, 4), "what fits is kept");
    assert_eq!(photo.fetch(&server, &camp, &camp.founder, 0, ALL).pieces, photo.pieces[..3]);
    let records = camp.sync(&server, &camp.worker, &camp.ask(7), &camp.worker.row(&camp, 7, 9, 5_000));
    assert_eq!((records.head.circles[0].seq, records.refused.len()), (9, 0));
    assert_eq!(photo.drop(&server, &camp, &camp.founder), State::Dropped, "dropping makes room");
    assert_eq!(small.put(&server, &camp, &camp.worker, 0..1), held(1, 1));
    server.stop().unwrap();
    assert!(doctor::examine(folder.path()).unwrap().is_sound(), "it is charged to the octet");
    let server = start(1 << 20);
    assert_eq!(more.put(&server, &camp, &camp.worker, 0..1), held(1, 1), "a raised quota lets it in");
}

#[test]
fn what_nobody_goes_on_sending_is_let_go_after_ninety_days() {
    let folder = tempfile::tempdir().unwrap();
    let days = Arc::new(AtomicU64::new(0));
    let start = || {
        let days = Arc::clone(&days);
        let clock = Clock::new(move || now() + days.load(Ordering::SeqCst) * DAY);
        Server::new(Config::in_folder(folder.path())).clock(clock).start().unwrap()
    };
    let states = |server: &Running, camp: &Camp, named: &[AttachmentId]| {
        let hello = cairn_wire::hello::Hello {
            time: now() + days.load(Ordering::SeqCst) * DAY,
            ..camp.worker.request(camp, Purpose::Attachments, Ask::States(named.to_vec()).encode(), &[]).0
        };
        let request = camp.worker.signed(&hello, Purpose::Attachments, &camp.server_key, &[]);
        States::decode(&post(server, path::ATTACHMENTS, &request).body).unwrap().0.0
    };
    let server = start();
    let camp = Camp::on(&server);
    let (whole, part) = (Photo::of(&camp, 1, 2, 500), Photo::of(&camp, 2, 2, 500));
    whole.put(&server, &camp, &camp.worker, 0..2);
    part.put(&server, &camp, &camp.worker, 0..1);
    let named = [part.name, whole.name];
    server.stop().unwrap();
    days.store(89, Ordering::SeqCst);
    // It looks once when it starts, and ends what it has begun before it stops.
    start().stop().unwrap();
    let server = start();
    assert_eq!(states(&server, &camp, &named), [held(1, 2), held(2, 2)]);
    server.stop().unwrap();
    days.store(92, Ordering::SeqCst);
    let server = start();
    while states(&server, &camp, &named)[0] != State::Unknown {
        std::thread::yield_now();
    }
    assert_eq!(states(&server, &camp, &named), [State::Unknown, held(2, 2)]);
    server.stop().unwrap();
    assert!(doctor::examine(folder.path()).unwrap().is_sound());
}

#[test]
fn malformed_and_endless_requests_do_no_harm() {
    let (server, _folder) = server();
    let camp = Camp::on(&server);
    let photo = Photo::of(&camp, 1, 3, 500);
    let (put, body) = photo.putting(0..3);
    let states = Ask::States(vec![photo.name]);
    let length = |count: usize| {
        let mut writer = Writer::new();
        writer.count(count);
        writer.finish()
    };
    let front = put_body(Some(&photo.hashes), &[]);
    let later = Ask::Put { attachment: photo.name, first: 1 };
    let many = vec![photo.name; limits::ATTACHMENTS + 1];
    let cases = [
        ("no ask", vec![], vec![]),
        ("an ask that is none", vec![9, 0], vec![]),
        ("too many names", Ask::States(many.clone()).encode(), vec![]),
        ("too many to drop", Ask::Drop(many).encode(), vec![]),
        ("a body where none belongs", states.encode(), body.clone()),
        ("no hashes", put.encode(), vec![]),
        ("no hash", put.encode(), length(0)),
        ("too many hashes", put.encode(), length(limits::ATTACHMENT_PIECES + 1)),
        ("hashes that end early", put.encode(), front[..front.len() - 1].to_vec()),
        ("an empty piece", later.encode(), length(0)),
        ("a piece too long", later.encode(), length(limits::ATTACHMENT_PIECE + 1)),
        ("a piece that ends early", later.encode(), [length(600), vec![1; 599]].concat()),
    ];
    for (what, ask, body) in cases {
        let (_, request) = camp.worker.request(&camp, Purpose::Attachments, ask, &body);
        assert_eq!(post(&server, path::ATTACHMENTS, &request).reason(), Reason::Malformed, "{what}");
    }
    let (_, silent) = camp.worker.request(&camp, Purpose::Attachments, put.encode(), &[]);
    let unannounced = [silent, body.clone()].concat();
    assert_eq!(post(&server, path::ATTACHMENTS, &unannounced).reason(), Reason::Malformed);
    let mut line = Line::to(&server);
    line.send(&head(path::ATTACHMENTS, limits::REQUEST + 1)).unwrap();
    assert_eq!(line.answer().unwrap().reason(), Reason::TooLarge);
    for seed in 0..40u8 {
        let noise = Photo::of(&camp, seed, 1, usize::from(seed) * 70 + 1).pieces.remove(0);
        for ask in [&put, &later] {
            let answer = asked(&server, &camp, &camp.worker, ask, &noise);
            assert!(matches!(answer.status, 200 | 400 | 422), "{}", answer.status);
        }
        let (_, request) = camp.worker.request(&camp, Purpose::Attachments, noise, &[]);
        assert!(matches!(post(&server, path::ATTACHMENTS, &request).status, 200 | 400 | 403));
    }
    for (first, budget) in [(0, u64::MAX), (u64::MAX, u64::MAX), (u64::MAX, 0)] {
        assert!(photo.fetch(&server, &camp, &camp.worker, first, budget).pieces.is_empty());
    }
    let beyond = Ask::Put { attachment: photo.name, first: u64::MAX };
    let twice = put_body(None, &photo.pieces);
    assert_eq!(said(&server, &camp, &camp.worker, &beyond, &twice), [State::Unknown]);
    assert_eq!(photo.put(&server, &camp, &camp.worker, 0..3), held(3, 3), "control");
    assert_eq!(asked(&server, &camp, &camp.worker, &beyond, &twice).reason(), Reason::OtherContent);
    assert_eq!(photo.fetch(&server, &camp, &camp.worker, 0, u64::MAX).pieces, photo.pieces);
}

#[test]
fn a_body_other_than_announced_is_refused_but_its_good_pieces_stay() {
    let (server, _folder) = server();
    let camp = Camp::on(&server);
    let photo = Photo::of(&camp, 1, 3, 500);
    let (ask, one) = photo.putting(0..1);
    let (_, request) = camp.worker.request(&camp, Purpose::Attachments, ask.encode(), &one);
    let front = &request[..request.len() - one.len()];
    let more = [front, &photo.putting(0..2).1].concat();
    assert_eq!(post(&server, path::ATTACHMENTS, &more).reason(), Reason::Malformed);
    assert_eq!(photo.state(&server, &camp, &camp.worker), held(2, 3));
}

#[test]
fn an_answer_stays_within_its_bound_however_much_is_asked_for() {
    let (server, _folder) = server();
    let camp = Camp::on(&server);
    let large = Photo::of(&camp, 1, 140, limits::ATTACHMENT_PIECE);
    for first in (0..140).step_by(70) {
        large.put(&server, &camp, &camp.worker, first..first + 70);
    }
    let ask = Ask::Fetch { attachment: large.name, first: 0, budget: u64::MAX };
    let answer = asked(&server, &camp, &camp.founder, &ask, &[]);
    assert!(answer.body.len() <= limits::RESPONSE, "{}", answer.body.len());
    let fetched = Fetched::decode(&answer.body).unwrap();
    assert!(fetched.pieces.len() > 100 && fetched.pieces == large.pieces[..fetched.pieces.len()]);
    // No attachment has more pieces.
    let hashes = vec![[7; 32]; limits::ATTACHMENT_PIECES];
    let attachment = name(camp.roster.workspace(), &hashes);
    let states =
        said(&server, &camp, &camp.worker, &Ask::Put { attachment, first: 0 }, &put_body(Some(&hashes), &[]));
    assert_eq!(states, [held(0, limits::ATTACHMENT_PIECES as u64)]);
}

#[test]
fn a_device_that_asks_without_end_waits() {
    let (server, _folder) = server_with(|config| {
        config.network.rate = 0.0;
        config.network.burst = 2.0;
    });
    let camp = Camp::on(&server);
    let photo = Photo::of(&camp, 1, 1, 500);
    for _ in 0..2 {
        photo.state(&server, &camp, &camp.worker);
    }
    let answer = asked(&server, &camp, &camp.worker, &Ask::States(vec![photo.name]), &[]);
    assert_eq!(answer.reason(), Reason::Busy);
    photo.state(&server, &camp, &camp.founder);
}

/// G11.
#[test]
fn the_folder_holds_names_and_sealed_pieces_and_nothing_about_who() {
    let (server, folder) = server();
    let camp = Camp::on(&server);
    let columns = |table: &str| -> Vec<String> {
        let connection = Connection::open(folder.path().join("log.db")).unwrap();
        let mut statement = connection.prepare("SELECT name FROM pragma_table_info(?1)").unwrap();
        statement.query_map([table], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
    };
    assert_eq!(columns("attachment"), ["workspace", "attachment", "pieces", "held", "day", "hashes"]);
    assert_eq!(columns("attachment_piece"), ["workspace", "attachment", "number", "bytes"]);
    assert!(columns("chain").contains(&"device".to_owned()), "control");
    let who = camp.worker.id();
    let times_named = || {
        let files = std::fs::read_dir(folder.path())
            .unwrap()
            .map(|file| std::fs::read(file.unwrap().path()).unwrap());
        files.map(|bytes| bytes.windows(16).filter(|octets| *octets == who.0).count()).sum::<usize>()
    };
    let before = times_named();
    let photo = Photo::of(&camp, 1, 3, 500);
    photo.put(&server, &camp, &camp.worker, 0..3);
    photo.fetch(&server, &camp, &camp.worker, 0, ALL);
    let connection = Connection::open(folder.path().join("log.db")).unwrap();
    let day: i64 = connection.query_row("SELECT day FROM attachment", [], |row| row.get(0)).unwrap();
    assert_eq!(day, 0, "no day once it is whole");
    assert_eq!(times_named(), before);
    camp.sync(&server, &camp.worker, &camp.ask(7), &camp.worker.row(&camp, 7, 1, 50));
    assert!(times_named() > before, "control: a segment's author is known");
}
