//! Whole flows: the real command line against the real server.

mod device;
mod export;
mod import;
mod join;
mod leak;
mod server;
mod together;
mod typing;
