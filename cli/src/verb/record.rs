//! `cairn record …`: what was answered.

mod certificate;
mod change;
mod erase;
mod find;
mod moving;
mod rows;
mod share;
mod show;

use clap::Subcommand;

use crate::door::Door;
use crate::out::Said;
use crate::trouble::Trouble;

/// Writes, changes, shows and finds records.
#[derive(Debug, Subcommand)]
pub(crate) enum Record {
    /// Saves a new record, from --set, from --file, or by asking
    New(change::New),
    /// Changes answers of a record
    Edit(change::Edit),
    Move(moving::Move),
    /// Shows a record
    Show {
        /// Its handle, like 7f3a-12, or its whole identifier
        #[arg(value_name = "RECORD")]
        record: String,
    },
    /// Lists records, newest first
    List(find::List),
    /// Finds records by the beginnings of words in them
    Search(find::Search),
    Share(share::Share),
    Erase(erase::Erase),
    /// Lists erased records, and which devices have carried that out
    Erased,
    Certificate(certificate::Certificate),
    CheckCertificate(certificate::Check),
    /// Shows who gave which answer when
    History {
        /// Its handle, like 7f3a-12, or its whole identifier
        #[arg(value_name = "RECORD")]
        record: String,
        /// Of one field only
        #[arg(value_name = "FIELD", conflicts_with = "named")]
        field: Option<String>,
        /// The same
        #[arg(long = "field", value_name = "FIELD", id = "named")]
        named: Option<String>,
    },
    Undo(change::Undo),
}

impl Record {
    pub(crate) fn run(self, door: &Door) -> Result<Said, Trouble> {
        match self {
            Self::New(new) => new.run(door),
            Self::Edit(edit) => edit.run(door),
            Self::Move(moving) => moving.run(door),
            Self::Show { record } => show::show(door, &record),
            Self::List(list) => list.run(door),
            Self::Search(search) => search.run(door),
            Self::Share(share) => share.run(door),
            Self::Erase(erase) => erase.run(door),
            Self::Erased => erase::list(door),
            Self::Certificate(certificate) => certificate.run(door),
            Self::CheckCertificate(check) => check.run(door),
            Self::History { record, field, named } => {
                show::history(door, &record, field.or(named).as_deref())
            }
            Self::Undo(undo) => undo.run(door),
        }
    }
}
