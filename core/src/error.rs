//! Errors at the front door, sorted by who must act. None carries what a record holds.

use cairn_wire::refusal::Reason;

use crate::change::ChangeError;
use crate::crypto::CryptoError;
use crate::form::{Fault, Rule};
use crate::roster::MakingError;
use crate::store::StoreError;
use crate::sync::Alarm;
use crate::transport::TransportError;

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
    /// The person, by making room on the disk.
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
    /// The passphrase opens something on this device already.
    #[error("this passphrase cannot be taken: another one is needed")]
    PassphraseTaken,
    /// The device's secure hardware does not let its key be used.
    #[error("this device does not let its key be used now")]
    DeviceKeyRefused,
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
    /// Something has not been sent, so that a pack would lack it.
    #[error("{0} changes of this device have not been sent")]
    Unsent(u64),
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
        /// Changes and segments that could not be handed in and are still here.
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
        Reason::Revoked => "this device no longer belongs to the workspace",
        _ => "for a reason this version does not know",
    }
}

impl Error {
    /// Who must act.
    pub fn who(&self) -> Who {
        match self {
            Self::NotAllowed { .. }
            | Self::NeedsHandout
            | Self::OtherCircle { .. }
            | Self::InvitationExpired
            | Self::InvitationUsed
            | Self::Waiting => Who::Coordinator,
            Self::Offline => Who::Wait,
            Self::Refused { reason } => match reason {
                Reason::Version => Who::Update,
                Reason::Clock => Who::Person,
                Reason::Busy | Reason::Replay | Reason::RosterMoved => Who::Wait,
                Reason::NotMember | Reason::BadSignature | Reason::RosterRefused | Reason::Revoked => {
                    Who::Coordinator
                }
                _ => Who::Operator,
            },
            Self::NotTaken(_) | Self::NoLongerMember { .. } | Self::NoPack | Self::CannotHeal => {
                Who::Coordinator
            }
            Self::Unsent(_) => Who::Wait,
            Self::LettersWait(_) => Who::Coordinator,
            Self::ServerNotListed => Who::Alarm,
            Self::NoOtherServerKey => Who::Operator,
            Self::TooNew { .. } => Who::Update,
            Self::NotThePinnedServer | Self::Tampered(_) => Who::Alarm,
            Self::Full => Who::Storage,
            Self::Damaged { .. } | Self::Bug(_) => Who::Makers,
            _ => Who::Person,
        }
    }

    /// What to do about it, in a sentence.
    pub fn hint(&self) -> &'static str {
        match self {
            Self::WrongPassphrase => "Type it again. Nobody can recover a lost passphrase from this device.",
            Self::NoVault => "Begin with `cairn init` (a new workspace) or `cairn join` (an invitation).",
            Self::VaultExists | Self::HasWorkspace => "Choose another folder with --vault.",
            Self::InUse => "Close the other program that uses this vault, then try again.",
            Self::BadShare => {
                "Type or scan the share again, word by word; four letters of each word are enough."
            }
            Self::TooFewShares { .. } => {
                "Bring more of them together. A share that is there twice counts once."
            }
            Self::SharesOfTwoSets => {
                "Lay out the shares of one set; each sheet says which set it belongs to."
            }
            Self::TooManyTries { .. } => "Wait, and type it with care. Each further wrong one waits longer.",
            Self::TooFewTries(_) => "Take a larger number, or `never`.",
            Self::PassphraseTaken => "Take another passphrase.",
            Self::DeviceKeyRefused => {
                "Unlock the phone and try again; after an update of the phone, restart it."
            }
            Self::WeakPassphrase(_) => {
                "Take five or more ordinary words that nobody would guess together; `cairn passphrase suggest` draws some."
            }
            Self::NoWorkspace => "Begin with `cairn init` (a new workspace) or `cairn join` (an invitation).",
            Self::Waiting => "Ask the coordinator who invited you to run `cairn sync`, then sync again here.",
            Self::Invalid(_) => "Correct the named answers; `cairn form show` lists what each may be.",
            Self::NotFound { .. } => "Check the spelling; `list` shows what there is.",
            Self::Ambiguous { .. } => "Give the whole identifier.",
            Self::FormDiffers { .. } => "Give the changed form a new version in its settings sheet.",
            Self::TablesMissing { .. } => {
                "Add its spreadsheet, or what `cairn form show --json` prints where the form is used."
            }
            Self::NotLater { .. } => {
                "Nothing was changed. `cairn form list` shows the editions; records only move on to later ones."
            }
            Self::TooLarge(_) => "Shorten it.",
            Self::NotAllowed { .. } => "Ask a coordinator of your workspace to do it.",
            Self::OtherCircle { .. } => {
                "Leave these answers out, or ask a coordinator who is in that circle to run `cairn circle grant`."
            }
            Self::BadCircle { .. } => "`cairn circle list` shows the circles there are and what they hold.",
            Self::BadInvitation => "Copy or scan the whole text again, from `cairn1:` to its end.",
            Self::InvitationExpired | Self::InvitationUsed => "Ask a coordinator for a new invitation.",
            Self::NoSuchWords => {
                "Sync, and let the words be read out again. If `cairn device list` shows other words, somebody \
                 else holds the invitation: turn that device away with `cairn device refuse` and invite again."
            }
            Self::BadAddress => "It begins with https:// and names host and port.",
            Self::Offline => "Your work is saved on this device. Sync again when there is a network.",
            Self::NotThePinnedServer => {
                "Do not go on over this network. Tell your coordinator: somebody may be listening in, or the \
                 server has come to another key while this device was away. Then the coordinator reads you its \
                 address and pin, for `cairn server move URL --pin PIN`."
            }
            Self::ServerNotListed => {
                "Nothing was taken over. Ask your coordinator for the address and the pin (`cairn server show`), \
                 and give both again with `cairn server move URL --pin PIN`."
            }
            Self::NoOtherServerKey => {
                "The operator first runs `cairn-server key next`, then `key switch` once the new key was added \
                 with `cairn server add-key`."
            }
            Self::Refused { reason } => match reason {
                Reason::Clock => "Set this device's clock, then sync again.",
                Reason::Version => "Update Cairn on this device or on the server.",
                Reason::Busy | Reason::Replay | Reason::RosterMoved => "Wait a minute, then sync again.",
                Reason::NotMember | Reason::BadSignature | Reason::RosterRefused | Reason::Revoked => {
                    "Ask a coordinator of your workspace."
                }
                Reason::CreationRefused => {
                    "Ask the server's operator for the token, then run `cairn init` again with --token."
                }
                Reason::UnknownWorkspace => {
                    "Your work is safe here. Tell the server's operator; if the server has lost its data, \
                     `cairn heal` gives it back."
                }
                Reason::Full => "Your work is safe here. Tell the server's operator to make room.",
                _ => "Your work is safe here. Tell the server's operator.",
            },
            Self::NotTaken(_) => "Your work is safe here. Tell a coordinator: your rights may have changed.",
            Self::Erased => "`cairn record erased` tells when and by whom. Nothing brings it back.",
            Self::NoReason => "Say why with --reason, in words that name nobody.",
            Self::LettersWait(_) => {
                "Look at them with `cairn letter list`, accept or refuse each, then erase the record."
            }
            Self::HandsInOnly => {
                "`cairn record new` and `cairn sync` work here. Read, search and export on another device of \
                 your workspace."
            }
            Self::CarriesOnly => {
                "`cairn sync` fetches what is new and `cairn heal` gives a server back what it has lost. Read \
                 and write on another device of your workspace."
            }
            Self::NeedsHandout => {
                "Ask a coordinator to run `cairn form hand-out DEVICE --out FILE`, bring the file here and run \
                 `cairn form take FILE`."
            }
            Self::BadHandout { .. } => {
                "A coordinator makes one with `cairn form hand-out DEVICE --out FILE`, for one device each."
            }
            Self::Unsent(_) => "Run `cairn sync` until nothing is left, then try again.",
            Self::NoPack => {
                "Nothing is lost here. Ask a coordinator to run `cairn pack`, another device to sync, then sync \
                 again."
            }
            Self::CannotHeal => {
                "Nothing is lost here. Run `cairn heal` on a device that has been in the workspace longer, or, if \
                 something was erased, on that of the coordinator who erased it. If there \
                 is none, the server's operator must begin with an empty log; then run it here first."
            }
            Self::NoLongerMember { left: 0 } => {
                "All that was not sent yet was handed to the coordinators, who decide about it. Ask them."
            }
            Self::NoLongerMember { .. } => {
                "Some of what was not sent could not be handed in and is still here. Ask a coordinator."
            }
            Self::TooNew { .. } => "Update Cairn on this device. Nothing was changed.",
            Self::Tampered(Alarm::RolledBack(_) | Alarm::RosterRolledBack | Alarm::OtherHistory) => {
                "Nothing is lost here. Tell your coordinator; `cairn heal` gives the server back what it has lost."
            }
            Self::Tampered(_) => {
                "Keep this device as it is and tell your coordinator: everybody's copies can repair the server."
            }
            Self::Damaged { .. } => "Keep the folder as it is and run `cairn doctor`.",
            Self::Full => "Free some space on the disk and try again.",
            Self::Disk { .. } => "Check the folder's permissions and the disk.",
            Self::Bug(_) => "Please report this, with the version and what you did.",
        }
    }

    /// A short name for machines, stable over versions.
    pub fn code(&self) -> &'static str {
        match self {
            Self::WrongPassphrase => "wrong_passphrase",
            Self::NoVault => "no_vault",
            Self::VaultExists => "vault_exists",
            Self::InUse => "in_use",
            Self::BadShare => "bad_share",
            Self::TooFewShares { .. } => "too_few_shares",
            Self::SharesOfTwoSets => "shares_of_two_sets",
            Self::TooManyTries { .. } => "too_many_tries",
            Self::TooFewTries(_) => "too_few_tries",
            Self::PassphraseTaken => "passphrase_taken",
            Self::DeviceKeyRefused => "device_key_refused",
            Self::WeakPassphrase(_) => "weak_passphrase",
            Self::NoWorkspace => "no_workspace",
            Self::HasWorkspace => "has_workspace",
            Self::Waiting => "waiting",
            Self::Invalid(_) => "invalid",
            Self::NotFound { .. } => "not_found",
            Self::Ambiguous { .. } => "ambiguous",
            Self::FormDiffers { .. } => "form_differs",
            Self::TablesMissing { .. } => "tables_missing",
            Self::NotLater { .. } => "not_later",
            Self::TooLarge(_) => "too_large",
            Self::NotAllowed { .. } => "not_allowed",
            Self::OtherCircle { .. } => "other_circle",
            Self::BadCircle { .. } => "bad_circle",
            Self::BadInvitation => "bad_invitation",
            Self::InvitationExpired => "invitation_expired",
            Self::InvitationUsed => "invitation_used",
            Self::NoSuchWords => "no_such_words",
            Self::BadAddress => "bad_address",
            Self::Offline => "offline",
            Self::NotThePinnedServer => "not_the_pinned_server",
            Self::ServerNotListed => "server_not_listed",
            Self::NoOtherServerKey => "no_other_server_key",
            Self::Refused { .. } => "refused",
            Self::NotTaken(_) => "not_taken",
            Self::Erased => "erased",
            Self::NoReason => "no_reason",
            Self::LettersWait(_) => "letters_wait",
            Self::HandsInOnly => "hands_in_only",
            Self::CarriesOnly => "carries_only",
            Self::NeedsHandout => "needs_handout",
            Self::BadHandout { .. } => "bad_handout",
            Self::Unsent(_) => "unsent",
            Self::NoPack => "no_pack",
            Self::CannotHeal => "cannot_heal",
            Self::NoLongerMember { .. } => "no_longer_member",
            Self::TooNew { .. } => "too_new",
            Self::Tampered(_) => "tampered",
            Self::Damaged { .. } => "damaged",
            Self::Full => "full",
            Self::Disk { .. } => "disk",
            Self::Bug(_) => "bug",
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
            StoreError::Damaged => Self::Damaged { what: "the vault's database".to_owned() },
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
