//! The core in the words of Kotlin, Swift and Python (uniffi); it translates and decides nothing.
//!
//! A file for each thing that people do: begin reading at [`OpenVault`]. Calls are coarse: crossing the language
//! border costs more than most of what stands behind it. Identifiers are text as the command line shows it; times
//! are seconds since 1970 (UTC) by the clock of whoever wrote them; labels come in the `language` that is asked for.
#![allow(unsafe_code, reason = "uniffi's generated scaffolding crosses the language border")]
#![allow(clippy::panic, reason = "uniffi's generated scaffolding checks its own contract")]
#![allow(
    clippy::result_large_err,
    reason = "failures are rare, and the language border costs more than moving them"
)]

mod alarms;
mod answers;
mod attachments;
mod carrying;
mod conflicts;
mod door;
mod filling;
mod form_file;
mod forms;
mod hardware;
mod membership;
mod records;
mod road;
mod settings;
mod state;
mod syncing;
mod tasks;
mod travel;
mod trouble;
mod vault;

pub use alarms::Alarm;
pub use answers::{AnswerValue, LogEntry, NoAnswer};
pub use attachments::AttachedFile;
pub use carrying::Brought;
pub use conflicts::{Conflict, ConflictValue};
pub use door::{
    check_passphrase, create_vault, offer_passphrase, outbox_file, passphrase_languages, vault_exists,
    wipe_vault,
};
pub use filling::{
    About, Choice, Computed, Filling, FillingChange, MoreRows, Question, QuestionKind, RangeTerms, RowAdded,
    Step,
};
pub use forms::{FormAdded, FormLine, built_in_forms};
pub use hardware::{PhoneKey, PhoneKeyError};
pub use membership::{DeviceLine, Invitation, InviteTerms, Membership, Newcomer, Revoked, Role, Standing};
pub use records::{
    ChoiceTerm, DraftLine, LeftLine, PastLine, RecordLine, RecordPage, RecordQuery, RecordRow, Records,
    SealedRow, SharedCopy,
};
pub use road::{Road, RoadError, RoadReply};
pub use settings::{Decoy, LockLapses};
pub use state::VaultState;
pub use syncing::{SyncOutcome, SyncProgress, SyncWatcher};
pub use tasks::{Task, TaskPage, TaskQuery};
pub use travel::{AwayLine, Departed, NamedDevice, Readmission, Readmitted};
pub use trouble::{AnswerFault, CairnError};
pub use vault::{OpenVault, VaultCounts};

uniffi::setup_scaffolding!("cairn");

/// What is given back to the system is wiped first: keys and answers do not stay in memory after locking.
#[global_allocator]
static ALLOCATOR: zeroizing_alloc::ZeroAlloc<std::alloc::System> =
    zeroizing_alloc::ZeroAlloc(std::alloc::System);

/// The version of the core, `major.minor.patch`.
#[uniffi::export]
#[must_use]
pub fn version() -> String {
    env!("CARGO_PKG_VERSION").to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_version_is_the_packages() {
        assert_eq!(version(), env!("CARGO_PKG_VERSION"));
    }
}
