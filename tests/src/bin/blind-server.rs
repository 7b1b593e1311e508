//! A server in a process of its own, which a test may kill at any moment.
//!
//! `blind-server DATA`: says where it listens and runs until it is killed or its input ends.
#![allow(clippy::expect_used, reason = "part of the tests: a panic here is the report")]

use std::io::{Read, Write};

use cairn_server::{Config, Server};

fn main() {
    let data = std::env::args().nth(1).expect("DATA");
    let mut config = Config::in_folder(data);
    config.network.rate = 100_000.0;
    config.network.burst = 100_000.0;
    let server = Server::new(config).start().expect("the server starts");
    writeln!(std::io::stdout(), "{}", server.address()).expect("somebody listens");
    let _ = std::io::stdin().read_to_end(&mut Vec::new());
}
