//! What whole-system tests stand on: real servers, real vaults, and roads between them that can be bad.

pub mod dice;
pub mod ground;
pub mod road;
pub mod sample;
