//! What whole-system tests stand on: real servers, real vaults, and roads between them that can be bad.
#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "the kit of tests may be blunt: a panic there is the report"
)]

pub mod canary;
pub mod dice;
pub mod fork;
pub mod ground;
pub mod hand;
pub mod impostor;
pub mod level;
pub mod liar;
pub mod photos;
pub mod power;
pub mod relay;
pub mod road;
pub mod sample;
pub mod sealed;
pub mod simulation;
pub mod skip;
pub mod stage;
pub mod village;
pub mod watch;
pub mod working;
