//! What the server promises, tried over real connections against a server in this process.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    unreachable_pub,
    reason = "tests may be blunt, and so may the people and lines they share"
)]

mod attachments;
mod client;
mod exchange;
mod healing;
mod hostile;
mod joining;
mod lasting;
mod older;
mod patience;
mod people;
mod photos;
mod program;
mod pushing;
mod refusals;
mod revoking;
mod rosters;
