//! The calls that an app makes, as it makes them: phones, and a server that really listens.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::result_large_err,
    reason = "tests may be blunt: a panic there is the report"
)]

mod attachments;
mod filling;
mod scene;
mod tasks;
mod together;
