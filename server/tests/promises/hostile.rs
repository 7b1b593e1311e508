//! Malformed HTTP, malformed TLS, and a server that goes on.

use std::io::{Read, Write};
use std::net::TcpStream;

use cairn_wire::path;

use crate::client::{Line, closed, key_of, post};
use crate::people::{Camp, device, server};

/// A ClientHello that offers TLS 1.2 and nothing newer (RFC 5246, 7.4.1.2).
fn client_hello_of_tls_1_2() -> Vec<u8> {
    let suites = [0xc0, 0x2b, 0xc0, 0x2c, 0xcc, 0xa9];
    let groups = [0, 10, 0, 4, 0, 2, 0, 29];
    let algorithms = [0, 13, 0, 6, 0, 4, 0x08, 0x07, 0x04, 0x03];
    let extensions = [&groups[..], &algorithms].concat();
    let mut hello = vec![3, 3];
    hello.extend([7; 32]);
    hello.push(0);
    hello.extend([0, suites.len() as u8]);
    hello.extend(suites);
    hello.extend([1, 0]);
    hello.extend([0, extensions.len() as u8]);
    hello.extend(extensions);
    let handshake = [&[1, 0, 0, hello.len() as u8][..], &hello].concat();
    [&[0x16, 3, 1, 0, handshake.len() as u8][..], &handshake].concat()
}

#[test]
fn tls_1_2_is_refused() {
    let (server, _folder) = server();
    let mut socket = TcpStream::connect(server.address()).unwrap();
    socket.write_all(&client_hello_of_tls_1_2()).unwrap();
    let mut alert = [0; 7];
    socket.read_exact(&mut alert).unwrap();
    assert_eq!(alert[0], 0x15, "an alert");
    assert_eq!(alert[5..], [2, 70], "fatal, protocol_version");
    closed(&mut socket);
    Line::to(&server);
}

#[test]
fn another_key_than_the_pinned_one_is_noticed() {
    let (server, _folder) = server();
    assert!(Line::pinning(server.address(), device(9).keys.signing).is_err());
    assert!(Line::pinning(server.address(), key_of(server.pin())).is_ok(), "control");
}

#[test]
fn malformed_http_is_answered_or_cut_and_others_are_served() {
    let (server, _folder) = server();
    let camp = Camp::on(&server);
    let long = "x".repeat(40 << 10);
    let many = "a: b\r\n".repeat(500);
    let requests = [
        "\r\n\r\n\r\n".to_owned(),
        "GARBAGE\r\n\r\n".to_owned(),
        "POST /v1/sync HTTP/9.9\r\n\r\n".to_owned(),
        format!("POST /{long} HTTP/1.1\r\n\r\n"),
        format!("POST /v1/sync HTTP/1.1\r\nlong: {long}\r\n\r\n"),
        format!("POST /v1/sync HTTP/1.1\r\n{many}\r\n"),
        "POST /v1/sync HTTP/1.1\r\ncontent-length: -1\r\n\r\n".to_owned(),
        "POST /v1/sync HTTP/1.1\r\ncontent-length: 99999999999999999999\r\n\r\n".to_owned(),
        "POST /v1/sync HTTP/1.1\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\nx".to_owned(),
        "POST /v1/sync HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n".to_owned(),
        "POST /v1/sync HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\nffffffffffffffff1\r\n".to_owned(),
        "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".to_owned(),
    ];
    for request in requests {
        let mut line = Line::to(&server);
        // It may be cut before all of it is sent.
        let _ = line.send(request.as_bytes());
        line.socket().shutdown(std::net::Shutdown::Write).unwrap();
        let said = String::from_utf8_lossy(&line.until_closed()).into_owned();
        let start: String = request.chars().take(40).collect();
        assert!(said.is_empty() || said.starts_with("HTTP/1.1 4"), "{start:?} got {said:?}");
    }
    let mut plain = TcpStream::connect(server.address()).unwrap();
    plain.write_all(b"GET / HTTP/1.1\r\n\r\n").unwrap();
    closed(&mut plain);
    camp.sync(&server, &camp.worker, &camp.ask(7), &[]);
}

#[test]
fn other_paths_and_methods_are_nothing() {
    let (server, _folder) = server();
    assert_eq!(post(&server, "/", b"").status, 404);
    assert_eq!(post(&server, "/v1/sync/../sync", b"").status, 404);
    let mut line = Line::to(&server);
    line.send(format!("GET {} HTTP/1.1\r\nhost: c\r\n\r\n", path::SYNC).as_bytes()).unwrap();
    assert_eq!(line.answer().unwrap().status, 405);
    line.send(format!("GET {} HTTP/1.1\r\nhost: c\r\n\r\n", path::HEALTH).as_bytes()).unwrap();
    assert_eq!(line.answer().unwrap().body, b"ok");
}

#[test]
fn random_octets_after_a_good_hello_do_no_harm() {
    let (server, _folder) = server();
    let camp = Camp::on(&server);
    for seed in 0..40u8 {
        let noise: Vec<u8> = (0..u32::from(seed) * 37 + 1)
            .flat_map(|n| cairn_wire::digest::sha256(&[&[seed], &n.to_be_bytes()]))
            .collect();
        let purpose = cairn_wire::hello::Purpose::Sync;
        let (_, request) = camp.worker.request(&camp, purpose, camp.ask(7).encode(), &noise);
        let answer = post(&server, path::SYNC, &request);
        assert!(matches!(answer.status, 200 | 400), "{}", answer.status);
        let purpose = cairn_wire::hello::Purpose::Roster;
        let (_, request) = camp.founder.request(&camp, purpose, vec![], &noise);
        assert_eq!(post(&server, path::ROSTER, &request).status, 400);
        assert_eq!(post(&server, path::WORKSPACES, &noise).status, 400);
        assert!(matches!(post(&server, path::JOIN, &noise).status, 400 | 413));
    }
    assert_eq!(camp.sync(&server, &camp.worker, &camp.ask(7), &[]).head.circles[0].seq, 0);
}
