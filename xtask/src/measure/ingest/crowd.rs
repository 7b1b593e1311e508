//! Many clients at once, each on its own thread and its own connection.

use std::fs;
use std::net::SocketAddr;
use std::sync::Barrier;
use std::thread;
use std::time::Instant;

use cairn_wire::digest::VerifyingKey;

use super::super::speed::cpu;
use super::Failure;
use super::camp::Signed;
use super::line::Line;

/// In which Linux counts the processor time of a process.
const TICKS_A_SECOND: f64 = 100.0;

/// Open connections to one server.
pub(super) struct Crowd {
    lines: Vec<Line>,
}

/// What one round gave.
pub(super) struct Pushed {
    /// The answers, by client, in the order of the requests.
    pub(super) answers: Vec<Vec<Vec<u8>>>,
    /// From the first request to the last answer, in seconds.
    wall: f64,
    /// Processor time of everything but the clients: of the server, in seconds.
    pub(super) cpu: f64,
    /// That of the clients.
    clients: f64,
}

impl Pushed {
    fn count(&self) -> f64 {
        self.answers.iter().map(Vec::len).sum::<usize>() as f64
    }

    /// Answers a second.
    pub(super) fn rate(&self) -> f64 {
        self.count() / self.wall
    }

    /// A line for whoever waits.
    pub(super) fn told(&self) -> String {
        let each = |seconds: f64| seconds / self.count() * 1e6;
        format!(
            "{:.0} segments a second, {:.0} µs of processor each (clients {:.0} µs)",
            self.rate(),
            each(self.cpu),
            each(self.clients)
        )
    }
}

/// What one client's round gave.
struct Share {
    answers: Vec<Vec<u8>>,
    ended: Instant,
    cpu: f64,
}

impl Crowd {
    /// Connects so many clients.
    pub(super) fn connect(address: SocketAddr, key: VerifyingKey, count: usize) -> Result<Self, Failure> {
        let lines = (0..count).map(|_| Line::connect(address, key)).collect::<Result<_, _>>()?;
        Ok(Self { lines })
    }

    /// Each client sends its requests one after the other, all clients at once.
    pub(super) fn push(&mut self, requests: &[Vec<Signed>]) -> Result<Pushed, Failure> {
        let ready = Barrier::new(self.lines.len() + 1);
        let (shares, began, before) = thread::scope(|scope| {
            let clients: Vec<_> = self
                .lines
                .iter_mut()
                .zip(requests)
                .map(|(line, requests)| scope.spawn(|| client(line, requests, &ready)))
                .collect();
            let before = process_cpu();
            let began = Instant::now();
            ready.wait();
            let shares: Result<Vec<Share>, String> = clients
                .into_iter()
                .map(|client| client.join().unwrap_or_else(|_| Err("a client panicked".to_owned())))
                .collect();
            (shares, began, before)
        });
        let all = process_cpu()? - before?;
        let shares = shares?;
        let ended = shares.iter().map(|share| share.ended).max().unwrap_or(began);
        let clients: f64 = shares.iter().map(|share| share.cpu).sum();
        Ok(Pushed {
            answers: shares.into_iter().map(|share| share.answers).collect(),
            wall: (ended - began).as_secs_f64(),
            cpu: all - clients,
            clients,
        })
    }
}

fn client(line: &mut Line, requests: &[Signed], ready: &Barrier) -> Result<Share, String> {
    let mut answers = Vec::with_capacity(requests.len());
    ready.wait();
    let before = cpu().map_err(|error| error.to_string())?;
    for request in requests {
        answers.push(line.ask(&request.bytes).map_err(|error| error.to_string())?);
    }
    let ended = Instant::now();
    let cpu = cpu().map_err(|error| error.to_string())? - before;
    Ok(Share { answers, ended, cpu })
}

/// Seconds of processor time that this process has used, with its threads that have ended.
fn process_cpu() -> Result<f64, Failure> {
    let text = fs::read_to_string("/proc/self/stat")?;
    // The name in parentheses may hold spaces; user and system time are the 12th and 13th after it.
    let (_, rest) = text.rsplit_once(')').ok_or("no process times")?;
    let ticks: f64 =
        rest.split_whitespace().skip(11).take(2).filter_map(|ticks| ticks.parse::<f64>().ok()).sum();
    Ok(ticks / TICKS_A_SECOND)
}
