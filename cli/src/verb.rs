//! What can be done, one file each.

mod alarm;
mod attachment;
mod backup;
mod circle;
mod conflict;
mod device;
mod doctor;
pub(crate) mod draft;
mod export;
mod form;
mod heal;
mod import;
mod init;
mod invite;
mod join;
mod letter;
mod outbox;
mod pack;
mod passphrase;
mod policy;
mod record;
mod recovery;
mod rescue;
mod roster;
mod server;
mod sync;
mod task;
mod travel;

use clap::Subcommand;
use serde_json::json;

use crate::door::Door;
use crate::out::Said;
use crate::trouble::Trouble;

/// What to do. A verb without a comment here has a longer one at its own type.
#[derive(Debug, Subcommand)]
pub(crate) enum Verb {
    Init(init::Init),
    /// Makes an invitation for one device
    Invite(invite::Invite),
    Join(join::Join),
    /// Sends what waits and fetches what is new
    Sync(sync::Sync),
    /// Adds, checks and shows forms
    #[command(subcommand)]
    Form(form::Form),
    /// Writes, changes, shows and finds records
    #[command(subcommand)]
    Record(record::Record),
    #[command(subcommand)]
    Draft(draft::Draft),
    #[command(subcommand)]
    Attachment(attachment::Attachment),
    /// Shows and settles what two people answered differently
    #[command(subcommand)]
    Conflict(conflict::Conflict),
    #[command(subcommand)]
    Task(task::Task),
    Import(import::Import),
    Export(export::Export),
    /// Shows who belongs to the workspace, and takes devices out
    #[command(subcommand)]
    Device(device::Device),
    /// Shows every change of who belongs and of what holds for all
    #[command(subcommand)]
    Roster(roster::Roster),
    /// Shows and sets what holds for the whole workspace
    #[command(subcommand)]
    Policy(policy::Setting),
    /// Shows what came late from devices that were taken out, and decides about it
    #[command(subcommand)]
    Letter(letter::Letter),
    /// Decides who sees which parts of records, and renews keys
    #[command(subcommand)]
    Circle(circle::Circle),
    #[command(subcommand)]
    Pack(pack::Pack),
    /// Shows where the server is and how it is known, and follows it to another address or key
    #[command(subcommand)]
    Server(server::Server),
    Heal(heal::Heal),
    #[command(subcommand)]
    Outbox(outbox::Outbox),
    #[command(subcommand)]
    Passphrase(passphrase::Passphrase),
    Wipe(passphrase::Wipe),
    Depart(travel::Depart),
    Return(travel::Return),
    Readmit(travel::Readmit),
    /// Lists the devices that have departed and are away
    Departures,
    #[command(subcommand)]
    Recovery(recovery::Recovery),
    Backup(backup::Backup),
    /// Shows what must never happen and did
    #[command(subcommand)]
    Alarm(alarm::Alarm),
    /// Checks everything in the vault; changes nothing
    Doctor,
    Rescue(rescue::Rescue),
    /// Prints the version
    Version,
}

impl Verb {
    pub(crate) fn run(self, door: &Door) -> Result<Said, Trouble> {
        match self {
            Self::Init(init) => init.run(door),
            Self::Invite(invite) => invite.run(door),
            Self::Join(join) => join.run(door),
            Self::Sync(sync) => sync.run(door),
            Self::Form(form) => form.run(door),
            Self::Record(record) => record.run(door),
            Self::Draft(draft) => draft.run(door),
            Self::Attachment(attachment) => attachment.run(door),
            Self::Conflict(conflict) => conflict.run(door),
            Self::Task(task) => task.run(door),
            Self::Import(import) => import.run(door),
            Self::Export(export) => export.run(door),
            Self::Device(device) => device.run(door),
            Self::Roster(roster) => roster.run(door),
            Self::Policy(setting) => setting.run(door),
            Self::Letter(letter) => letter.run(door),
            Self::Circle(circle) => circle.run(door),
            Self::Pack(pack) => pack.run(door),
            Self::Server(server) => server.run(door),
            Self::Heal(heal) => heal.run(door),
            Self::Outbox(outbox) => outbox.run(door),
            Self::Passphrase(passphrase) => passphrase.run(door),
            Self::Wipe(wipe) => wipe.run(door),
            Self::Depart(depart) => depart.run(door),
            Self::Return(back) => back.run(door),
            Self::Readmit(readmit) => readmit.run(door),
            Self::Departures => travel::departures(door),
            Self::Recovery(recovery) => recovery.run(door),
            Self::Backup(backup) => backup.run(door),
            Self::Alarm(alarm) => alarm.run(door),
            Self::Doctor => doctor::run(door),
            Self::Rescue(rescue) => rescue.run(door),
            Self::Version => Ok(version()),
        }
    }
}

fn version() -> Said {
    let version = env!("CARGO_PKG_VERSION");
    let protocol = cairn_core::wire::PROTOCOL;
    Said::new(format!("cairn {version}"), json!({ "version": version, "protocol": protocol }))
}
