//! Who is turned away, with which word.

use cairn_server::{Clock, Config, Server};
use cairn_wire::hello::{Hello, Purpose};
use cairn_wire::limits::{CLOCK_SKEW, REQUEST};
use cairn_wire::path;
use cairn_wire::refusal::Reason;

use crate::client::{Line, head, post};
use crate::people::{Camp, device, nonce, now, server, server_with};

fn hello(camp: &Camp) -> Hello {
    Hello {
        workspace: camp.roster.workspace(),
        device: camp.worker.id(),
        time: now(),
        nonce: nonce(),
        body_digest: None,
        ask: camp.ask(7).encode(),
    }
}

#[test]
fn a_hello_is_believed_only_if_all_of_it_is_right() {
    let (server, _folder) = server();
    let camp = Camp::on(&server);
    let other_server = device(77).keys.signing;
    let key = camp.server_key;
    let ask = |hello: Hello| camp.worker.signed(&hello, Purpose::Sync, &key, &[]);
    let mut elsewhere = hello(&camp);
    elsewhere.workspace.0[0] ^= 1;
    let mut stranger = hello(&camp);
    stranger.device.0[0] ^= 1;
    let mut newer = ask(hello(&camp));
    newer[2] = 9;
    let mut forged = ask(hello(&camp));
    *forged.last_mut().unwrap() ^= 1;
    let cases = [
        ("another workspace", ask(elsewhere), Reason::UnknownWorkspace),
        ("a stranger", ask(stranger), Reason::NotMember),
        ("a newer version", newer, Reason::Version),
        ("a flipped signature", forged, Reason::BadSignature),
        (
            "signed by another",
            camp.founder.signed(&hello(&camp), Purpose::Sync, &key, &[]),
            Reason::BadSignature,
        ),
        (
            "for another server",
            camp.worker.signed(&hello(&camp), Purpose::Sync, &other_server, &[]),
            Reason::BadSignature,
        ),
        (
            "for another endpoint",
            camp.worker.signed(&hello(&camp), Purpose::Roster, &key, &[]),
            Reason::BadSignature,
        ),
        ("an ask that is none", ask(Hello { ask: vec![1], ..hello(&camp) }), Reason::Malformed),
        ("nothing", vec![], Reason::Malformed),
        ("a length without a hello", vec![0xff, 0x01, 1, 2, 3], Reason::Malformed),
        ("a length beyond the limit", vec![0xff, 0xff, 0x7f, 1, 2, 3], Reason::Malformed),
    ];
    for (name, request, reason) in cases {
        assert_eq!(post(&server, path::SYNC, &request).reason(), reason, "{name}");
    }
    assert_eq!(post(&server, path::SYNC, &ask(hello(&camp))).status, 200, "control");
}

#[test]
fn a_hello_works_once() {
    let (server, _folder) = server();
    let camp = Camp::on(&server);
    let (_, request) = camp.sync_request(&camp.worker, &camp.ask(7), &[]);
    assert_eq!(post(&server, path::SYNC, &request).status, 200);
    assert_eq!(post(&server, path::SYNC, &request).reason(), Reason::Replay);
}

#[test]
fn a_wrong_clock_is_told_the_right_time_and_then_gets_in() {
    let folder = tempfile::tempdir().unwrap();
    let ahead = 10 * 365 * 24 * 3600;
    let clock = Clock::new(move || now() + ahead);
    let server = Server::new(Config::in_folder(folder.path())).clock(clock).start().unwrap();
    let camp = Camp::on(&server);
    let sign = |hello: &Hello| camp.worker.signed(hello, Purpose::Sync, &camp.server_key, &[]);
    let refusal = post(&server, path::SYNC, &sign(&hello(&camp))).refusal();
    assert_eq!(refusal.reason, Reason::Clock);
    assert!(refusal.server_time >= now() + ahead - 60);
    for (shift, status) in [(0, 200), (-200, 200), (200, 200), (-2 * CLOCK_SKEW as i64, 401)] {
        let time = refusal.server_time.saturating_add_signed(shift);
        let again = Hello { time, ..hello(&camp) };
        assert_eq!(post(&server, path::SYNC, &sign(&again)).status, status, "{shift}");
    }
}

#[test]
fn a_device_that_asks_without_end_waits_and_others_do_not() {
    let (server, _folder) = server_with(|config| {
        config.network.rate = 0.0;
        config.network.burst = 3.0;
    });
    let camp = Camp::on(&server);
    for _ in 0..3 {
        camp.sync(&server, &camp.worker, &camp.ask(7), &[]);
    }
    let (_, request) = camp.sync_request(&camp.worker, &camp.ask(7), &[]);
    assert_eq!(post(&server, path::SYNC, &request).reason(), Reason::Busy);
    camp.sync(&server, &camp.founder, &camp.ask(9), &[]);
}

#[test]
fn what_is_too_large_is_refused_before_it_is_read() {
    let (server, _folder) = server();
    for path in [path::SYNC, path::ROSTER, path::WORKSPACES, path::JOIN] {
        let mut line = Line::to(&server);
        line.send(&head(path, REQUEST + 1)).unwrap();
        assert_eq!(line.answer().unwrap().reason(), Reason::TooLarge, "{path}");
    }
}

#[test]
fn what_grows_too_large_without_saying_so_is_refused_too() {
    let (server, _folder) = server();
    let camp = Camp::on(&server);
    let mut hello = hello(&camp);
    hello.body_digest = Some([7; 32]);
    let front = camp.worker.signed(&hello, Purpose::Sync, &camp.server_key, &[]);
    let row = camp.worker.row(&camp, 7, 40, 250_000);
    let mut line = Line::to(&server);
    let head = format!("POST {} HTTP/1.1\r\nhost: c\r\ntransfer-encoding: chunked\r\n\r\n", path::SYNC);
    line.send(head.as_bytes()).unwrap();
    let mut pieces = vec![front];
    pieces.extend(row.iter().map(|segment| {
        let mut piece = cairn_wire::sync::request_body(&[vec![segment.clone()]]);
        // Each body ends with the zero that closes its circle; here the circle stays open.
        assert_eq!(piece.pop(), Some(0));
        piece
    }));
    for piece in pieces {
        let chunk = [format!("{:x}\r\n", piece.len()).as_bytes(), &piece, b"\r\n"].concat();
        // The server may already have said no and closed its side.
        if line.send(&chunk).is_err() {
            break;
        }
    }
    assert_eq!(line.answer().unwrap().reason(), Reason::TooLarge);
    let held = camp.sync(&server, &camp.worker, &camp.ask(7), &[]).head.circles[0].height;
    assert!(held > 20, "what came before the limit is kept: {held}");
}
