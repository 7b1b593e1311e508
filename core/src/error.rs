//! Errors at the front door, sorted by who must act. None carries what a record holds.

mod advice;
mod names;

use cairn_wire::refusal::Reason;

use crate::change::ChangeError;
use crate::crypto::CryptoError;
use crate::form::{Fault, Rule};
use crate::roster::MakingError;
use crate::store::StoreError;
use crate::sync::Alarm;
use crate::transport::TransportError;

/// What the slot file is called when it is damaged, and the device's key.
pub(crate) const SLOT_FILE_NAME: &str = "the vault's slot file";
/// See [`SLOT_FILE_NAME`].
pub(crate) const DEVICE_KEY: &str = "this device's key";

/// What the database is called when it cannot be read or written, or is damaged.
const DATABASE: &str = "the vault's database";
const DATABASE_LOG: &str = "the vault's write-ahead log";

/// Who has to do something about an error.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Who {
    /// The person at this device.
    Person,
    /// A coordinator of the workspace.
    Coordinator,
    /// Whoever runs the server.
    Operator,
    /// Nobody: wait and try again.
    Wait,
    /// The person, by updating the software.
    Update,
    /// Everybody: something was tampered with; keep everything and report.
    Alarm,
    /// The person, by making room on the disk, or by another disk.
    Storage,
    /// The makers of this software.
    Makers,
}

impl Who {
    /// The word for machines.
    pub fn name(self) -> &'static str {
        match self {
            Self::Person => "person",
            Self::Coordinator => "coordinator",
            Self::Operator => "operator",
            Self::Wait => "wait",
            Self::Update => "update",
            Self::Alarm => "alarm",
            Self::Storage => "storage",
            Self::Makers => "makers",
        }
    }
}

/// What went wrong.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The passphrase does not open this vault.
    #[error("wrong passphrase")]
    WrongPassphrase,
    /// What was typed or scanned is no share, or not all of it.
    #[error("this is no share, or not all of it")]
    BadShare,
    /// More shares are needed.
    #[error("{needed} shares are needed, and here are {have}")]
    TooFewShares {
        /// How many there are.
        have: usize,
        /// How many are needed.
        needed: usize,
    },
    /// The shares do not belong together.
    #[error("these shares do not belong together")]
    SharesOfTwoSets,
    /// Too many wrong passphrases: the next has to wait.
    #[error("too many wrong passphrases: wait {seconds} s")]
    TooManyTries {
        /// So long.
        seconds: u64,
    },
    /// Wiping after so few wrong passphrases would happen by mistake.
    #[error("at least {0} wrong passphrases")]
    TooFewTries(u32),
    /// An open vault would stay open too long.
    #[error("a vault locks itself after at most {0} seconds")]
    IdleTooLong(u64),
    /// The passphrase opens something on this device already.
    #[error("this passphrase cannot be taken: another one is needed")]
    PassphraseTaken,
    /// The passphrase is right, and the device has departed: only a coordinator can let it open again.
    #[error("this device has departed, and opens only when a coordinator readmits it")]
    Departed,
    /// What was typed or scanned is no code, or not all of it.
    #[error("this is not a whole code for coming back")]
    BadReturnCode,
    /// The code is another departure's.
    #[error("this code does not open this device")]
    WrongReturnCode,
    /// The vault opens by its passphrase alone.
    #[error("this device has not departed")]
    NotDeparted,
    /// No other coordinator reads what this device would leave behind.
    #[error("nobody could readmit this device: no other coordinator belongs to a circle of it")]
    NobodyReadmits,
    /// The device is not known to be away.
    #[error("this device is not known to be away")]
    NotAway,
    /// The device was taken out of the workspace, and is not let in again by an old key.
    #[error("the device was taken out of the workspace meanwhile")]
    Revoked,
    /// The device's secure hardware does not let its key be used.
    #[error("this device does not let its key be used now")]
    DeviceKeyRefused,
    /// The vault has closed itself, or somebody has closed it.
    #[error("the vault is locked")]
    Locked,
    /// There is no vault in this folder.
    #[error("there is no vault here")]
    NoVault,
    /// There is a vault in this folder already.
    #[error("there is a vault here already")]
    VaultExists,
    /// Another program has the vault open.
    #[error("the vault is in use by another program")]
    InUse,
    /// The passphrase is too short to protect anybody.
    #[error("the passphrase is too weak: at least {0} characters, six of them different")]
    WeakPassphrase(usize),
    /// The vault belongs to no workspace yet.
    #[error("this vault belongs to no workspace yet")]
    NoWorkspace,
    /// The vault belongs to a workspace already.
    #[error("this vault belongs to a workspace already")]
    HasWorkspace,
    /// The device has asked to join and was not admitted yet.
    #[error("this device is waiting to be admitted")]
    Waiting,
    /// Answers that the form does not allow.
    #[error("{}", faults(.0))]
    Invalid(Vec<Fault>),
    /// No such thing.
    #[error("there is no {what} {name}")]
    NotFound {
        /// What was looked for.
        what: &'static str,
        /// As it was typed.
        name: String,
    },
    /// More than one thing of that name.
    #[error("{name} means more than one {what}")]
    Ambiguous {
        /// What was looked for.
        what: &'static str,
        /// As it was typed.
        name: String,
    },
    /// That version of the form is there already, with other contents.
    #[error("form {id} {version} is there already and differs")]
    FormDiffers {
        /// The form.
        id: String,
        /// Its version.
        version: String,
    },
    /// One edition of a form is sealed and another is not.
    #[error("editions of the form {id} are either all sealed or none")]
    SealedDiffers {
        /// The form.
        id: String,
    },
    /// A form that was read without the lists and tables that travel apart from it.
    #[error("the large lists and tables of the form {id} are not in the file")]
    TablesMissing {
        /// The form.
        id: String,
    },
    /// A record goes to later editions of its form only.
    #[error("the record has a later edition than {version} already")]
    NotLater {
        /// The edition that was asked for.
        version: String,
    },
    /// Something is too large to travel.
    #[error("{0} is too large to travel")]
    TooLarge(&'static str),
    /// A file without content cannot be attached.
    #[error("the file is empty")]
    EmptyFile,
    /// An attached file, or a part of it, is not on this device.
    #[error("this file is not on this device yet")]
    FileAway,
    /// The server does not have an attached file, or not all of it.
    #[error("the server does not have all of this file yet")]
    FileNotSent,
    /// The server gave something else than an attached file.
    #[error("the server gave something else than this file")]
    OtherFile,
    /// The device's role does not allow it.
    #[error("only a {need} may do this")]
    NotAllowed {
        /// The role it needs.
        need: &'static str,
    },
    /// A part of records lives in a circle this device is not in.
    #[error("{}", kept_elsewhere(part, .fields))]
    OtherCircle {
        /// The part.
        part: &'static str,
        /// The questions that were to be answered; none if the whole part is meant.
        fields: Vec<String>,
    },
    /// A circle cannot be so.
    #[error("{problem}")]
    BadCircle {
        /// Why.
        problem: &'static str,
    },
    /// The invitation cannot be read.
    #[error("this is not a whole invitation")]
    BadInvitation,
    /// The invitation's time is over.
    #[error("the invitation has expired")]
    InvitationExpired,
    /// Somebody else came in with this invitation.
    #[error("the invitation has been used already")]
    InvitationUsed,
    /// Nobody who waits has these words.
    #[error("no device with these words waits to be admitted")]
    NoSuchWords,
    /// The server's address cannot be read.
    #[error("this is not a server address")]
    BadAddress,
    /// The server cannot be reached.
    #[error("the server cannot be reached")]
    Offline,
    /// Whoever answers holds another key than the pinned one.
    #[error("whoever answered is not the server this workspace trusts")]
    NotThePinnedServer,
    /// The server's key was given by hand, and the roster does not list it.
    #[error("the workspace's coordinators have not named this server's key")]
    ServerNotListed,
    /// A key can be dropped only when the server answers by another one.
    #[error("the server does not answer by any other key yet")]
    NoOtherServerKey,
    /// The server refused.
    #[error("the server refused: {}", words(*.reason))]
    Refused {
        /// Why.
        reason: Reason,
    },
    /// The server would not take some segments, though it answered.
    #[error("the server did not take {0} segments of this device")]
    NotTaken(u64),
    /// The record was erased.
    #[error("this record was erased")]
    Erased,
    /// An erasure needs a reason.
    #[error("an erasure needs a reason")]
    NoReason,
    /// Late letters that nobody has decided about speak of the record.
    #[error("{0} undecided late letters speak of this record")]
    LettersWait(u64),
    /// A record of a sealed form has nowhere to go.
    #[error("records of this form are sealed to the office, and this device cannot hand any in yet")]
    NoSealedCircle,
    /// The record was sealed when it was finished.
    #[error("this record was sealed when it was finished; nobody can open it on this device")]
    SealedAway,
    /// This device hands records in, and can read none that has left it.
    #[error("this device only hands records in; what has left it cannot be read here")]
    HandsInOnly,
    /// This device carries what others have sealed, and can read nothing of it.
    #[error("this device only carries sealed records; it can read and write none")]
    CarriesOnly,
    /// A device that only hands in has no form, or circles were added since it was told of them.
    #[error("this device has not been told which forms and circles there are, or circles were added since")]
    NeedsHandout,
    /// A handout that cannot be made or taken.
    #[error("the handout cannot be used: {problem}")]
    BadHandout {
        /// What is wrong.
        problem: &'static str,
    },
    /// A file that was brought from another device cannot be taken in.
    #[error("the file cannot be taken in: {problem}")]
    BadBundle {
        /// What is wrong.
        problem: &'static str,
    },
    /// Nothing of this vault has ever been laid out for carrying.
    #[error("there is nothing here that could be carried to the office")]
    NothingToCarry,
    /// Something has not been sent, so that a pack would lack it.
    #[error("{0} changes of this device have not been sent")]
    Unsent(u64),
    /// Nobody could open a backup.
    #[error("there is no coordinator on paper for whom a backup could be sealed")]
    NoRecovery,
    /// A backup would hold what was erased.
    #[error("records were erased that still lie in what would be backed up")]
    ErasureUnderway,
    /// A file that is no backup, or none that can be used here.
    #[error("this backup cannot be used: {problem}")]
    BadBackup {
        /// What is wrong.
        problem: &'static str,
    },
    /// The server has let go of what this device lacks, and nothing that can be trusted stands for it.
    #[error("the server no longer holds what this device lacks, and has no pack that two devices vouch for")]
    NoPack,
    /// The server was put back to a state from before the pack this device began with: only devices that hold
    /// more of the log can heal that.
    #[error("this device does not hold what the server has lost")]
    CannotHeal,
    /// A coordinator has taken this device out of the workspace.
    #[error("this device no longer belongs to the workspace")]
    NoLongerMember {
        /// Changes, segments and attached files that could not be handed in and are still here.
        left: u64,
    },
    /// Something made by a newer version.
    #[error("{what} was made by a newer version of Cairn")]
    TooNew {
        /// What.
        what: &'static str,
    },
    /// The server did what it must not do.
    #[error("{0}")]
    Tampered(Alarm),
    /// A file or row cannot be read. Nothing was deleted.
    #[error("{what} is damaged; nothing was deleted")]
    Damaged {
        /// What.
        what: String,
    },
    /// The disk is full. What was saved before is safe.
    #[error("the disk is full; what was saved before is safe")]
    Full,
    /// The operating system would not.
    #[error("{what} could not be read or written: {source}")]
    Disk {
        /// What.
        what: &'static str,
        /// Its words.
        source: std::io::Error,
    },
    /// A mistake in this software.
    #[error("a mistake in Cairn: {0}")]
    Bug(String),
}

fn kept_elsewhere(part: &str, fields: &[String]) -> String {
    let what = if fields.is_empty() { String::new() } else { format!(" ({})", fields.join(", ")) };
    format!("the part {part}{what} is kept in another circle, in which this device is not")
}

fn faults(faults: &[Fault]) -> String {
    faults.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
}

fn words(reason: Reason) -> &'static str {
    match reason {
        Reason::Malformed => "it did not understand the request",
        Reason::Version => "it speaks another version of the protocol",
        Reason::UnknownWorkspace => "it does not keep this workspace",
        Reason::NotMember => "this device does not belong to the workspace",
        Reason::BadSignature => "the signature is not this device's",
        Reason::Clock => "this device's clock is too far off",
        Reason::Replay => "it has seen this request before",
        Reason::TooLarge => "the request is too large",
        Reason::Busy => "it is too busy",
        Reason::RosterMoved => "the roster has changed meanwhile",
        Reason::RosterRefused => "the roster does not allow it",
        Reason::Full => "its storage is full",
        Reason::InvitationExpired => "the invitation has expired",
        Reason::InvitationUsed => "the invitation has been used",
        Reason::CreationRefused => "it does not accept new workspaces, or the token is wrong",
        Reason::WorkspaceExists => "it keeps another workspace of that name",
        Reason::Internal => "it failed",
        Reason::RosterBehind => "this device knows more of the roster than the server",
        Reason::OtherContent => "what was sent is not what its name says",
        Reason::Revoked => "this device no longer belongs to the workspace",
        _ => "for a reason this version does not know",
    }
}

impl Error {
    /// Whether the disk under the vault's own database has failed: from then on that connection reads nothing.
    pub(crate) fn is_of_the_database(&self) -> bool {
        match self {
            Self::Disk { what, .. } => *what == DATABASE,
            Self::Damaged { what } => what == DATABASE || what == DATABASE_LOG,
            _ => false,
        }
    }
}

impl From<StoreError> for Error {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::WrongKey => Self::WrongPassphrase,
            StoreError::TooNew { .. } => Self::TooNew { what: "this vault" },
            StoreError::Full => Self::Full,
            StoreError::InUse => Self::InUse,
            StoreError::Damaged => Self::Damaged { what: DATABASE.to_owned() },
            StoreError::LogDamaged => Self::Damaged { what: DATABASE_LOG.to_owned() },
            StoreError::File(source) => Self::Disk { what: DATABASE, source },
            StoreError::Disk(error) => Self::Disk { what: DATABASE, source: std::io::Error::other(error) },
            StoreError::Unreadable(what) => Self::Damaged { what: format!("a stored {what}") },
            StoreError::Database(error) => Self::Bug(format!("the database said: {error}")),
        }
    }
}

impl From<TransportError> for Error {
    fn from(error: TransportError) -> Self {
        match error {
            TransportError::NotThePinnedServer => Self::NotThePinnedServer,
            TransportError::BadAddress => Self::BadAddress,
            TransportError::TooLarge => Self::Refused { reason: Reason::Malformed },
            TransportError::Offline => Self::Offline,
            TransportError::Stopped => Self::Locked,
        }
    }
}

impl From<ChangeError> for Error {
    fn from(error: ChangeError) -> Self {
        match error {
            ChangeError::TooNew { .. } => Self::TooNew { what: "this record" },
            ChangeError::Damaged => Self::Damaged { what: "a record".to_owned() },
            ChangeError::TooLarge => Self::TooLarge("the record"),
            ChangeError::Answered { field } => Self::Invalid(vec![Fault { field, rule: Rule::Answered }]),
            ChangeError::Stays { field } => Self::Invalid(vec![Fault { field, rule: Rule::Stays }]),
            ChangeError::AskedOtherwise { field } => {
                Self::Invalid(vec![Fault { field, rule: Rule::AskedOtherwise }])
            }
            ChangeError::Lowers { field } => Self::Invalid(vec![Fault { field, rule: Rule::Lowers }]),
            other => Self::Bug(other.to_string()),
        }
    }
}

impl From<CryptoError> for Error {
    fn from(error: CryptoError) -> Self {
        Self::Bug(error.to_string())
    }
}

impl From<MakingError> for Error {
    fn from(error: MakingError) -> Self {
        Self::Bug(error.to_string())
    }
}

impl From<Alarm> for Error {
    fn from(alarm: Alarm) -> Self {
        Self::Tampered(alarm)
    }
}
