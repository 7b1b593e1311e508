//! The blind server: keeps sealed segments in order and hands them out.
//!
//! It depends on `cairn-wire` and never on `cairn-core`, so it cannot open what it keeps. It knows
//! public keys, who may read and write where, sizes and arrival days; no name, no content, no address.
//!
//! ```text
//! accept ─► router ─► routes/* ─► auth ─► judge ─► log (one writer, group commit)
//!    └ limits on time and number      └ signatures, membership, order
//! ```
//!
//! | module | one sentence |
//! |---|---|
//! | `accept` | who may connect, and how long anybody may take |
//! | `router`, `routes` | all endpoints on one screen, one a file |
//! | `auth` | membership, signature, clock, no hello twice |
//! | `judge` | a segment judged without reading it |
//! | `collect` | lets go of what packs cover |
//! | `log` | what is kept, behind one seam with one suite for every backend |
//! | [`doctor`] | checks a data folder |
//! | `server` | a server in the process that starts it |

pub mod config;
pub mod doctor;

mod accept;
mod auth;
mod body;
mod clock;
mod collect;
mod error;
mod judge;
mod key;
mod log;
mod notice;
mod office;
mod posted;
mod rosters;
mod router;
mod routes;
mod server;
mod tls;

use std::path::Path;

pub use clock::Clock;
pub use config::Config;
pub use error::Error;
pub use key::rotation;
pub use log::LogError;
pub use notice::Notice;
pub use server::{Running, Server};

/// The pin of a data folder, making folder and key if there are none.
pub fn pin(folder: &Path) -> Result<String, Error> {
    key::make_folder(folder)?;
    Ok(key::ServerKey::open(folder)?.pin())
}
