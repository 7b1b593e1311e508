//! Expressions as form authors write them, and against what ODK's own engine says.

mod bench;
mod errors;
mod filling;
mod garbage;
mod odk;
mod told;
