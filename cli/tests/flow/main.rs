//! Whole flows: the real command line against the real server.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "tests may be blunt: a panic there is the report"
)]

mod attachments;
mod built_in;
mod carried;
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
mod rescue;
mod revoke;
mod roles;
mod roster;
mod sealed;
mod server;
mod tasks;
mod together;
mod travel;
mod typing;
