//! Letting go of what packs cover: only when two devices that belong stand for the pack, its author among
//! them, and the grace time is over. What was erased goes without grace. And of attachments that nobody goes on
//! sending.

use std::sync::Arc;
use std::time::Duration;

use cairn_wire::id::DeviceId;
use cairn_wire::pack::DEVICES;
use cairn_wire::roster::Roster;
use tokio::sync::watch;

use crate::auth::Denial;
use crate::log::{HeldPack, LogError};
use crate::office::Office;

/// How often all workspaces are looked through. Days are what counts.
const EVERY: Duration = Duration::from_secs(60 * 60);

/// An attachment that is not whole is kept so many days after its newest piece.
const UNFINISHED: u64 = 90;

/// Lets go of what may go in one workspace.
pub(crate) async fn workspace(office: &Office, roster: &Roster) -> Result<(), Denial> {
    let today = office.clock.today();
    for pack in office.log.held_packs(roster.workspace()).await? {
        let stands = |device: &DeviceId| {
            roster.member(device).is_some_and(|member| member.belongs())
                && roster.may_read(device, &pack.circle)
        };
        let circle = roster.circles().get(&pack.circle);
        let erases = circle.is_some_and(|circle| {
            circle.erased.iter().any(|one| one.since > pack.before && one.since <= pack.roster_seq)
        });
        let grace = if erases { 0 } else { office.store.pack_grace_days };
        if may_go(&pack, today, grace, stands) {
            // Keys that lead to nothing that is left: a circle is cut only where something was erased.
            let cut = circle.map_or(0, |circle| circle.first_reachable_at(pack.roster_seq));
            office.log.collect(roster.workspace(), pack.pack, cut).await?;
        }
    }
    Ok(())
}

fn may_go(pack: &HeldPack, today: u64, grace: u64, stands: impl Fn(&DeviceId) -> bool) -> bool {
    let devices = pack.devices.iter().filter(|device| stands(device)).count();
    devices >= DEVICES && today >= pack.day.saturating_add(grace)
}

/// Looks through all workspaces now and then, until the server stops.
pub(crate) async fn now_and_then(office: Arc<Office>, mut stop: watch::Receiver<bool>) {
    loop {
        if let Err(error) = everywhere(&office, &stop).await {
            office.failed(&error);
        }
        tokio::select! {
            _ = stop.wait_for(|stop| *stop) => return,
            () = tokio::time::sleep(EVERY) => {}
        }
    }
}

async fn everywhere(office: &Office, stop: &watch::Receiver<bool>) -> Result<(), LogError> {
    for id in office.log.workspaces().await? {
        if *stop.borrow() {
            break;
        }
        office.log.collect_attachments(id, office.clock.today().saturating_sub(UNFINISHED)).await?;
        let Some(roster) = office.rosters.current(id, &*office.log).await? else { continue };
        match workspace(office, &roster).await {
            Err(Denial::Failed(error)) => return Err(error),
            Ok(()) | Err(Denial::Refused(_)) => {}
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use cairn_wire::id::CircleId;

    use super::*;

    #[test]
    fn two_devices_that_belong_and_the_grace_time_are_needed() {
        let [one, two, stranger] = [1, 2, 3].map(|n| DeviceId([n; 16]));
        let pack = |devices: &[DeviceId]| HeldPack {
            pack: [0; 32],
            circle: CircleId([3; 16]),
            devices: devices.to_vec(),
            day: 100,
            roster_seq: 7,
            before: 0,
        };
        let stands = |device: &DeviceId| *device != stranger;
        assert!(may_go(&pack(&[one, two]), 130, 30, stands));
        assert!(!may_go(&pack(&[one, two]), 129, 30, stands));
        assert!(!may_go(&pack(&[one]), 130, 30, stands));
        assert!(!may_go(&pack(&[one, stranger]), 130, 30, stands));
    }
}
