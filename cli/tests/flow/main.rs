//! Whole flows: the real command line against the real server.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "tests may be blunt: a panic there is the report"
)]

mod built_in;
mod circles;
mod device;
mod editions;
mod erase;
mod export;
mod import;
mod join;
mod leak;
mod pack;
mod passphrase;
mod recovery;
mod revoke;
mod roles;
mod roster;
mod server;
mod together;
mod typing;
