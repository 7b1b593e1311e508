//! A simulated 2G line: a relay on loopback that lets octets through as slowly as such a line does.

use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use cairn_core::transport::Https;
use cairn_tests::ground::Ground;

use super::figure::Figure;
use super::{Figures, bytes, workload};

/// From one end to the other and back.
const ROUND_TRIP: Duration = Duration::from_millis(600);
/// Bits a second towards the server.
const UP: f64 = 30_000.0;
/// Bits a second towards the phone.
const DOWN: f64 = 60_000.0;
/// The best that 100 records can do on that line: one round trip and their compressed octets.
const FLOOR: f64 = 10.1;

pub(super) fn measure() -> Figures {
    let work = workload::generate(1_000)?;
    let ground = Ground::new();
    let mut office = bytes::begun(&ground, &work)?;
    let address = ground.address();
    let server: SocketAddr = address.url.trim_start_matches("https://").parse()?;
    let relay = relay(server)?;
    let transport = Https::new(&format!("https://{relay}"), address.key, None)?;
    // Opens the connection and publishes the form.
    office.sync(&transport, |_| {})?;

    let records = bytes::save(&mut office, &work, 100)?;
    let begun = Instant::now();
    let report = office.sync(&transport, |_| {})?;
    let took = begun.elapsed().as_secs_f64();
    let mut figures = vec![
        Figure::new("thin.new.100.bytes_up", report.bytes_up as f64, "B"),
        Figure::new("thin.new.100.round_trips", report.round_trips as f64, ""),
        Figure::new("thin.new.100.over_floor", took / FLOOR, "×").at_most(1.15),
    ];

    let edit = bytes::first_edits(&work, 1).into_iter().next().ok_or("no edit")?;
    bytes::apply(&mut office, &records[0], edit)?;
    let begun = Instant::now();
    office.sync(&transport, |_| {})?;
    let took = begun.elapsed();
    let allowed = ROUND_TRIP * 2 + Duration::from_millis(300);
    let share = took.as_secs_f64() / allowed.as_secs_f64();
    figures.push(Figure::new("thin.edit.1.over_allowed", share, "×").at_most(1.0));
    Ok(figures)
}

/// Starts a relay to `server`; gives its address.
fn relay(server: SocketAddr) -> std::io::Result<SocketAddr> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let address = listener.local_addr()?;
    thread::spawn(move || {
        for near in listener.incoming().flatten() {
            let Ok(far) = TcpStream::connect(server) else { return };
            let (Ok(near_back), Ok(far_back)) = (near.try_clone(), far.try_clone()) else { return };
            let _ = near.set_nodelay(true);
            let _ = far.set_nodelay(true);
            thread::spawn(move || carry(near, far, UP));
            thread::spawn(move || carry(far_back, near_back, DOWN));
        }
    });
    Ok(address)
}

/// One direction: octets arrive half a round trip after the line has carried them.
fn carry(mut from: TcpStream, mut to: TcpStream, bits: f64) {
    let (sender, receiver) = mpsc::channel::<(Instant, Vec<u8>)>();
    let writer = thread::spawn(move || {
        for (due, octets) in receiver {
            thread::sleep(due.saturating_duration_since(Instant::now()));
            if to.write_all(&octets).is_err() {
                return;
            }
        }
        let _ = to.shutdown(Shutdown::Write);
    });
    let mut free = Instant::now();
    let mut buffer = [0u8; 256];
    while let Ok(count) = from.read(&mut buffer) {
        let Some(octets) = buffer.get(..count).filter(|octets| !octets.is_empty()) else { break };
        free = free.max(Instant::now()) + Duration::from_secs_f64(count as f64 * 8.0 / bits);
        if sender.send((free + ROUND_TRIP / 2, octets.to_vec())).is_err() {
            break;
        }
    }
    drop(sender);
    let _ = writer.join();
}
