//! The two forms that come with Cairn, `forms/victim-support` and `forms/border-observation`: complete in six
//! languages, true to the proposed fields, and reasoning as their pages say.
#![cfg(feature = "office")]
#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a panic in a test is its report"
)]

mod codes;
mod desk;
mod odk;
mod parts;
mod proposal;
mod reading;
mod screening;
mod signs;
mod tables;
mod texts;
