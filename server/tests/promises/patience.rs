//! Those who take their time are left, and those who do not are served meanwhile.

use std::io::Write;
use std::net::TcpStream;
use std::time::Duration;

use cairn_wire::path;

use crate::client::{Line, closed, head};
use crate::people::{Camp, server_with};

const SOON: Duration = Duration::from_millis(700);
const NEVER: Duration = Duration::from_secs(3600);
const MANY: usize = 12;

fn impatient(network: &mut cairn_server::config::Network) {
    for timeout in [
        &mut network.first_byte_timeout,
        &mut network.tls_timeout,
        &mut network.header_timeout,
        &mut network.body_timeout,
        &mut network.write_timeout,
        &mut network.idle_timeout,
    ] {
        *timeout = NEVER;
    }
}

/// Opens `MANY` of what `open` opens, serves honest people, and sees every one closed.
fn left_alone<T>(
    settings: impl FnOnce(&mut cairn_server::config::Network),
    open: impl Fn(&cairn_server::Running, &Camp) -> T,
    close: impl Fn(T),
) {
    let (server, _folder) = server_with(|config| {
        impatient(&mut config.network);
        settings(&mut config.network);
    });
    let camp = Camp::on(&server);
    let slow: Vec<T> = (0..MANY).map(|_| open(&server, &camp)).collect();
    for chain in 10..14 {
        let row = camp.worker.row(&camp, chain, 2, 100);
        assert_eq!(camp.sync(&server, &camp.worker, &camp.ask(chain), &row).head.circles[0].height, 2);
    }
    slow.into_iter().for_each(close);
    camp.sync(&server, &camp.worker, &camp.ask(7), &[]);
}

#[test]
fn whoever_connects_and_says_nothing_is_closed() {
    left_alone(
        |network| network.first_byte_timeout = SOON,
        |server, _| TcpStream::connect(server.address()).unwrap(),
        |mut socket| closed(&mut socket),
    );
}

#[test]
fn half_a_handshake_is_closed() {
    left_alone(
        |network| network.tls_timeout = SOON,
        |server, _| {
            let mut socket = TcpStream::connect(server.address()).unwrap();
            socket.write_all(&[0x16, 3, 1, 2, 0, 1]).unwrap();
            socket
        },
        |mut socket| closed(&mut socket),
    );
}

#[test]
fn half_a_header_is_closed() {
    left_alone(
        |network| network.header_timeout = SOON,
        |server, _| {
            let mut line = Line::to(server);
            line.send(b"POST /v1/sync HTTP/1.1\r\nhost: ca").unwrap();
            line
        },
        |mut line| {
            line.until_closed();
        },
    );
}

#[test]
fn half_a_body_is_answered_and_closed() {
    left_alone(
        |network| network.body_timeout = SOON,
        |server, camp| {
            let row = camp.worker.row(camp, 7, 2, 100);
            let (_, request) = camp.sync_request(&camp.worker, &camp.ask(7), &row);
            let mut line = Line::to(server);
            line.send(&head(path::SYNC, request.len())).unwrap();
            line.send(&request[..request.len() - 20]).unwrap();
            line
        },
        |mut line| {
            let said = line.until_closed();
            assert!(said.starts_with(b"HTTP/1.1 400 "), "{}", String::from_utf8_lossy(&said));
        },
    );
}

#[test]
fn half_a_hello_is_answered_and_closed() {
    left_alone(
        |network| network.body_timeout = SOON,
        |server, _| {
            let mut line = Line::to(server);
            line.send(&[&head(path::SYNC, 1_000)[..], &[0x80]].concat()).unwrap();
            line
        },
        |mut line| {
            assert!(line.until_closed().starts_with(b"HTTP/1.1 400 "));
        },
    );
}

#[test]
fn a_connection_that_rests_too_long_is_closed() {
    left_alone(
        |network| network.idle_timeout = SOON,
        |server, camp| {
            let mut line = Line::to(server);
            let (_, request) = camp.sync_request(&camp.worker, &camp.ask(7), &[]);
            assert_eq!(line.post(path::SYNC, &request).status, 200);
            line
        },
        |mut line| assert!(line.until_closed().is_empty()),
    );
}

#[test]
fn one_address_gets_so_many_connections_and_gets_them_back() {
    let (server, _folder) = server_with(|config| config.network.max_connections_per_address = 3);
    let mut lines: Vec<Line> = (0..3).map(|_| Line::to(&server)).collect();
    let mut refused = TcpStream::connect(server.address()).unwrap();
    closed(&mut refused);
    let mut one = lines.pop().unwrap();
    one.send(b"GET /healthz HTTP/1.1\r\nhost: c\r\nconnection: close\r\n\r\n").unwrap();
    assert!(one.until_closed().ends_with(b"ok"));
    drop(one);
    // The place is free as soon as the server has noticed.
    let key = crate::client::key_of(server.pin());
    while Line::pinning(server.address(), key).is_err() {
        std::thread::yield_now();
    }
}

#[test]
fn when_all_places_are_taken_the_next_one_waits_its_turn() {
    let (server, _folder) = server_with(|config| {
        impatient(&mut config.network);
        config.network.max_connections = 2;
        config.network.idle_timeout = SOON;
    });
    let resting: Vec<Line> = (0..2).map(|_| Line::to(&server)).collect();
    // Served once the first of them has rested too long.
    let camp = Camp::on(&server);
    camp.sync(&server, &camp.worker, &camp.ask(7), &[]);
    drop(resting);
}
