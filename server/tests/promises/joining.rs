//! A newcomer at the door.

use cairn_server::{Clock, Config, Server};
use cairn_wire::digest::half;
use cairn_wire::id::InviteId;
use cairn_wire::invitation::Invitation;
use cairn_wire::join::{JoinReceipt, JoinRequest};
use cairn_wire::path;
use cairn_wire::refusal::Reason;
use cairn_wire::roster::Role;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::client::post;
use crate::people::{Camp, Device, add, device, now, server};

fn join(camp: &Camp, who: &Device, invite: u8, expiry: u64) -> Vec<u8> {
    let invitation = Invitation {
        workspace: camp.roster.workspace(),
        server_key: camp.server_key,
        roster_seq: camp.roster.seq(),
        roster_head: half(&camp.roster.head()),
        invite: InviteId([invite; 16]),
        secret: [5; 16],
        expiry,
        url: "https://cairn.example:8443".to_owned(),
        role: Some(Role::Field),
    };
    JoinRequest::new(&invitation, who.keys.clone()).encode()
}

#[test]
fn a_newcomer_waits_is_seen_by_coordinators_only_and_gets_in() {
    let (server, _folder) = server();
    let mut camp = Camp::on(&server);
    let newcomer = device(5);
    let request = join(&camp, &newcomer, 9, now() + 600);
    let receipt = |bytes: &[u8]| JoinReceipt::decode(&post(&server, path::JOIN, bytes).body).unwrap();
    assert!(!receipt(&request).admitted);
    assert!(!receipt(&request).admitted, "asking again changes nothing");
    assert_eq!(camp.sync(&server, &camp.founder, &camp.ask(1), &[]).joins, std::slice::from_ref(&request));
    assert!(camp.sync(&server, &camp.worker, &camp.ask(7), &[]).joins.is_empty());
    assert_eq!(camp.change(&server, add(&newcomer, Role::Field, 9), vec![]).status, 200);
    assert!(receipt(&request).admitted);
    assert!(camp.sync(&server, &camp.founder, &camp.ask(1), &[]).joins.is_empty());
    let other = join(&camp, &device(6), 9, now() + 600);
    assert_eq!(post(&server, path::JOIN, &other).reason(), Reason::InvitationUsed);
}

#[test]
fn an_invitation_is_for_one_device_one_workspace_and_a_time() {
    let (server, _folder) = server();
    let camp = Camp::on(&server);
    let good = join(&camp, &device(5), 9, now() + 600);
    assert_eq!(post(&server, path::JOIN, &good).status, 200);
    let other = join(&camp, &device(6), 9, now() + 600);
    assert_eq!(post(&server, path::JOIN, &other).reason(), Reason::InvitationUsed);
    let late = join(&camp, &device(6), 8, now() - 10);
    assert_eq!(post(&server, path::JOIN, &late).reason(), Reason::InvitationExpired);
    let mut elsewhere = good.clone();
    elsewhere[1] ^= 1;
    assert_eq!(post(&server, path::JOIN, &elsewhere).reason(), Reason::UnknownWorkspace);
    let mut newer = good.clone();
    newer[0] = 9;
    assert_eq!(post(&server, path::JOIN, &newer).reason(), Reason::Version);
    assert_eq!(post(&server, path::JOIN, &good[..90]).reason(), Reason::Malformed);
    assert_eq!(post(&server, path::JOIN, &vec![1; 3_000]).reason(), Reason::TooLarge);
}

#[test]
fn so_many_wait_and_no_more_until_their_time_is_over() {
    let folder = tempfile::tempdir().unwrap();
    let shift = Arc::new(AtomicU64::new(0));
    let clock = Clock::new({
        let shift = Arc::clone(&shift);
        move || now() + shift.load(Ordering::Relaxed)
    });
    let server = Server::new(Config::in_folder(folder.path())).clock(clock).start().unwrap();
    let camp = Camp::on(&server);
    let most = cairn_wire::limits::JOINS as u8;
    for invite in 0..most {
        let request = join(&camp, &device(5), 100 + invite, now() + 600);
        assert_eq!(post(&server, path::JOIN, &request).status, 200);
    }
    let one_more = join(&camp, &device(6), 1 + most, now() + 9_000);
    assert_eq!(post(&server, path::JOIN, &one_more).reason(), Reason::Busy);
    shift.store(1_000, Ordering::Relaxed);
    assert_eq!(post(&server, path::JOIN, &one_more).status, 200);
}
