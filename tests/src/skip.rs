//! What a machine cannot show is said, and fails where it must be shown.

/// Where this is set, nothing may be skipped.
const MUST: &str = "CAIRN_MUST_RECORD";

/// Says that a test shows nothing on this machine.
///
/// # Panics
/// Where `CAIRN_MUST_RECORD` is set: there a guarantee that nobody looked at is a failure.
pub fn skipped(why: &str) {
    assert!(std::env::var_os(MUST).is_none(), "{MUST} is set, and {why}");
    println!("skipped: {why}");
}
