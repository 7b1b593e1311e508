//! What a new key costs in a workspace of 50 devices.

use cairn_core::wire::roster::Role;
use cairn_tests::dice::Dice;
use cairn_tests::ground::Ground;
use cairn_tests::sample;

use super::Figures;
use super::figure::Figure;

/// Devices, the coordinator among them.
const DEVICES: usize = 50;

pub(super) fn measure() -> Figures {
    let ground = Ground::new();
    let transport = ground.transport();
    let mut office = ground.office("office");
    office.publish_form(&sample::form())?;
    office.sync(&transport, |_| {})?;
    let mut members = Vec::new();
    for number in 1..DEVICES {
        members.push(ground.member(&mut office, &format!("device {number}"), Role::Field));
    }
    office.sync(&transport, |_| {})?;
    let member = members.last_mut().ok_or("no members")?;
    member.sync(&transport, |_| {})?;
    let quiet = member.sync(&transport, |_| {})?;
    let renewed = office.renew_keys(&transport)?;
    // It has typed something before it learns of the new key: sealed, refused, sealed again.
    member.new_record("sample", sample::answers("Sample", &mut Dice::new(1)))?;
    let told = member.sync(&transport, |_| {})?;
    let figure =
        |id: &str, value: u64, unit| Figure::new(format!("rotation.{DEVICES}.{id}"), value as f64, unit);
    Ok(vec![
        figure("coordinator.bytes_up", renewed.bytes_up, "B"),
        figure("coordinator.round_trips", renewed.round_trips, ""),
        figure("member.quiet.bytes_down", quiet.bytes_down, "B"),
        figure("member.bytes_down", told.bytes_down, "B"),
        figure("member.round_trips", told.round_trips, "").at_most(2.0),
        figure("member.sealed_again", told.late, ""),
    ])
}
