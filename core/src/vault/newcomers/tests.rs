//! Invitations of before the update are honoured as they were made.

use std::sync::Arc;

use cairn_wire::digest::VerifyingKey;
use cairn_wire::id::InviteId;
use cairn_wire::invitation::Invitation;

use super::*;
use crate::clock::SystemClock;
use crate::crypto::DeviceSecret;
use crate::vault::ServerAddress;

const INVITE: InviteId = InviteId([4; 16]);

/// A coordinator's vault with one invitation, of version 1 or 2.
fn office(role: Option<Role>) -> (tempfile::TempDir, Vault, Invitation) {
    let folder = tempfile::tempdir().unwrap();
    let clock = Arc::new(SystemClock);
    let mut vault = Vault::create_with(&folder.path().join("vault"), "correct horse battery", clock).unwrap();
    let key = VerifyingKey([9; 32]);
    vault.found(&ServerAddress { url: "https://a:1".to_owned(), key, proxy: None }, "office").unwrap();
    let invitation = Invitation {
        workspace: vault.workspace().unwrap(),
        server_key: key,
        roster_seq: 1,
        roster_head: [0; 16],
        invite: INVITE,
        secret: [5; 16],
        expiry: u64::MAX >> 2,
        url: "https://a:1".to_owned(),
        role,
    };
    let row = InvitationRow {
        invite: INVITE,
        secret: [5; 16],
        role: Role::Field,
        expiry: invitation.expiry,
        used: false,
        binding: invitation.binding(),
        compare: Compare::NotWanted,
        asked: None,
    };
    vault.store.gesture(|rows| rows.put_invitation(&row)).unwrap();
    (folder, vault, invitation)
}

#[test]
fn a_request_is_judged_in_the_version_of_its_invitation() {
    let keys = DeviceSecret::generate().unwrap().keys().clone();
    let other = |role: Option<Role>| if role.is_some() { None } else { Some(Role::Field) };
    for role in [None, Some(Role::Field)] {
        let (_folder, vault, invitation) = office(role);
        let request = JoinRequest::new(&invitation, keys.clone());
        assert!(matches!(vault.judge_request(&request, 0).unwrap(), Request::Good(_)), "{role:?}");
        let otherwise =
            JoinRequest::new(&Invitation { role: other(role), ..invitation.clone() }, keys.clone());
        assert_eq!(vault.judge_request(&otherwise, 0).unwrap(), Request::Dishonest, "{role:?}");
        let late = vault.judge_request(&request, invitation.expiry + 1).unwrap();
        assert_eq!(late, Request::NotOurs, "{role:?}: it is over");
    }
}
