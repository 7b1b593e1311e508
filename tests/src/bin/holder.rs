//! Somebody who opens a vault, reads everything in it, and locks it again, so that a test can look into the memory
//! of the process meanwhile. Reads the vault's folder and its passphrase from standard input, one line each; says
//! `open`; waits for a line; goes out of sight, so that the vault locks itself; says `locked`; waits for a line and
//! ends.
#![allow(clippy::expect_used, reason = "part of the tests: a panic here is the report")]
#![allow(clippy::print_stdout, reason = "this is how it speaks to the test")]

use std::fs::File;
use std::io::{Read, Write};
use std::time::Duration;

use cairn_core::Vault;
use cairn_core::keeper::Keeper;
use cairn_core::vault::{Lapses, Query};

/// As in every program that is shipped: what is given back to the system is wiped first.
#[global_allocator]
static ALLOCATOR: zeroizing_alloc::ZeroAlloc<std::alloc::System> =
    zeroizing_alloc::ZeroAlloc(std::alloc::System);

/// One line, octet by octet: a buffer would keep what it has read.
fn line(input: &mut File) -> String {
    let mut line = String::with_capacity(256);
    let mut octet = [0];
    while input.read(&mut octet).is_ok_and(|read| read == 1) && octet != *b"\n" {
        line.push(char::from(octet[0]));
    }
    line
}

fn tell(word: &str) {
    println!("{word}");
    std::io::stdout().flush().expect("somebody reads");
}

fn main() {
    let mut input = File::open("/dev/stdin").expect("standard input");
    let (folder, passphrase) = (line(&mut input), line(&mut input));
    let vault = Vault::open(folder.as_ref(), &passphrase).expect("the vault opens");
    let keeper = Keeper::new(vault).expect("a keeper");
    let at_once = Lapses { background: Duration::ZERO, ..Lapses::default() };
    keeper.set_lapses(at_once).expect("lapses");
    let read = keeper.with(|vault| {
        let listed = vault.list(&Query { most: 100, ..Query::default() })?;
        let views = listed.iter().map(|listed| vault.record(&listed.id));
        let views: Vec<_> = views.collect::<Result<_, _>>()?;
        let found = vault.list(&Query { words: "zq7".to_owned(), most: 9, ..Query::default() })?;
        Ok((listed, views, found))
    });
    let read = read.expect("lists, records and a search");
    tell("open");
    line(&mut input);
    drop((passphrase, read));
    keeper.to_background();
    // It locks by itself, on a thread of its own; this waits until it has.
    while keeper.is_open() {
        std::thread::yield_now();
    }
    keeper.lock().expect("it is locked");
    tell("locked");
    line(&mut input);
}
