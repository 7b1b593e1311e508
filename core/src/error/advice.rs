//! Who must act on an error, and how.

use std::io::ErrorKind;

use cairn_wire::refusal::Reason;

use super::{DEVICE_KEY, Error, SLOT_FILE_NAME, Who};
use crate::sync::Alarm;

impl Error {
    /// Who must act.
    pub fn who(&self) -> Who {
        match self {
            Self::NotAllowed { .. }
            | Self::NeedsHandout
            | Self::OtherCircle { .. }
            | Self::NoSealedCircle
            | Self::SealedAway
            | Self::InvitationExpired
            | Self::InvitationUsed
            | Self::Departed
            | Self::NobodyReadmits
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
            Self::Unsent(_) | Self::FileNotSent => Who::Wait,
            Self::OtherFile => Who::Alarm,
            Self::ErasureUnderway => Who::Coordinator,
            Self::LettersWait(_) => Who::Coordinator,
            Self::ServerNotListed => Who::Alarm,
            Self::NoOtherServerKey => Who::Operator,
            Self::TooNew { .. } => Who::Update,
            Self::NotThePinnedServer | Self::Tampered(_) => Who::Alarm,
            Self::Full | Self::Damaged { .. } => Who::Storage,
            // What is not there or not allowed is for a person to look after; the rest is the disk's.
            Self::Disk { source, .. } => match source.kind() {
                ErrorKind::NotFound | ErrorKind::PermissionDenied => Who::Person,
                _ => Who::Storage,
            },
            Self::Bug(_) => Who::Makers,
            _ => Who::Person,
        }
    }

    /// What to do about it, in a sentence.
    pub fn hint(&self) -> &'static str {
        match self {
            Self::WrongPassphrase => "Type it again. Nobody can recover a lost passphrase from this device.",
            Self::Locked => "Enter the passphrase again.",
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
            Self::IdleTooLong(_) => "Take fewer.",
            Self::PassphraseTaken => "Take another passphrase.",
            Self::Departed => {
                "Ask a coordinator to run `cairn readmit DEVICE` and to tell you the code; then run `cairn return` here."
            }
            Self::BadReturnCode => {
                "Type or scan the code again: sixteen words, of which four letters each are enough."
            }
            Self::WrongReturnCode => {
                "Ask the coordinator for the code of this device and of its latest departure; each departure has \
                 another one."
            }
            Self::NotDeparted => "Nothing is to be done: its passphrase opens it as ever.",
            Self::NobodyReadmits => {
                "This device would stay shut for ever. Let a second coordinator in (`cairn invite --role coordinator`) \
                 or lay one down on paper (`cairn recovery make`), then sync here and depart."
            }
            Self::NotAway => {
                "`cairn departures` lists who is away; sync first. One that is back opens by itself."
            }
            Self::Revoked => {
                "It stays shut. If it is in good hands again, wipe it there (`cairn wipe --yes`) and invite it anew."
            }
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
            Self::SealedDiffers { .. } => "Give the form another form_id in its settings sheet.",
            Self::TablesMissing { .. } => {
                "Add its spreadsheet, or what `cairn form show --json` prints where the form is used."
            }
            Self::NotLater { .. } => {
                "Nothing was changed. `cairn form list` shows the editions; records only move on to later ones."
            }
            Self::TooLarge(_) => "Shorten it.",
            Self::EmptyFile => "Take the picture or recording again, or choose another file.",
            Self::FileAway => "Fetch it with `cairn attachment fetch` when there is a network.",
            Self::FileNotSent => {
                "The device that attached it has not sent all of it yet. Fetch it again after that device has synced."
            }
            Self::OtherFile => {
                "Nothing of that was kept. Fetch it again; if it stays so, tell your coordinator: the device that attached it can send it again with `cairn heal`."
            }
            Self::NotAllowed { .. } => "Ask a coordinator of your workspace to do it.",
            Self::OtherCircle { .. } => {
                "Leave these answers out, or ask a coordinator who is in that circle to run `cairn circle grant`."
            }
            Self::NoSealedCircle => {
                "Nothing was lost. Ask a coordinator to begin a circle with `cairn circle new NAME --sealed`, or to let \
                 this device in with `cairn circle grant DEVICE CIRCLE --hand-in`; then sync here."
            }
            Self::SealedAway => {
                "Whoever is in the circle for sealed records can read and correct it; ask a coordinator."
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
            Self::NothingToCarry => {
                "It is made when the vault is closed, once this device belongs to a workspace. Open it once."
            }
            Self::BadBundle { .. } => {
                "Keep the file. Take the one that `cairn outbox carry FILE` makes, to a coordinator of that workspace."
            }
            Self::Unsent(_) => "Run `cairn sync` until nothing is left, then try again.",
            Self::NoRecovery => {
                "Make shares with `cairn recovery make` and lay them down, then back up again."
            }
            Self::ErasureUnderway => {
                "Run `cairn pack make`, let another device sync, sync here, then back up again."
            }
            Self::BadBackup { .. } => {
                "Try another copy of the file, or bring the shares that were good when it was made."
            }
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
            Self::Damaged { what } if what == SLOT_FILE_NAME || what == DEVICE_KEY => {
                "No passphrase opens this vault without it, and nothing here can be read. Keep the folder; put the file back if there is a copy of it. Else have this device taken out and invited anew: what was synced comes back with that, what was not cannot be read by anybody."
            }
            Self::Damaged { .. } => {
                "Keep the folder as it is, and copy it. `cairn rescue` takes out all that can be read and changes nothing."
            }
            Self::Full => "Free some space on the disk and try again.",
            Self::Disk { .. } => "Check the folder's permissions and the disk.",
            Self::Bug(_) => "Please report this, with the version and what you did.",
        }
    }
}
