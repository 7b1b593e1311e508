use std::fs;

use cairn_wire::digest::VerifyingKey;
use cairn_wire::id::DeviceId;

use super::*;
use crate::segment::{Batch, CarriedEntry, ChangeEntry, Effort, Next, Place, pack, seal};
use crate::store::SegmentState;
use crate::vault::ServerAddress;

#[test]
fn a_mark_is_the_same_where_it_lies_and_another_wherever_it_is_copied_or_written_over() {
    let dir = tempfile::tempdir().unwrap();
    let (here, there) = (dir.path().join("here"), dir.path().join("there"));
    fs::create_dir_all(&here).unwrap();
    fs::create_dir_all(&there).unwrap();
    assert_eq!(FileAnchor.read(&here).unwrap(), None);
    let mark = FileAnchor.renew(&here).unwrap();
    assert_eq!(FileAnchor.read(&here).unwrap(), Some(mark), "control");
    fs::copy(here.join("mark"), there.join("mark")).unwrap();
    assert_ne!(FileAnchor.read(&there).unwrap(), Some(mark), "copied");
    assert_eq!(FileAnchor.read(&here).unwrap(), Some(mark), "reading and copying leave the original alone");
    fs::copy(there.join("mark"), here.join("mark")).unwrap();
    assert_ne!(FileAnchor.read(&here).unwrap(), Some(mark), "put back into its old place");
    assert_ne!(FileAnchor.renew(&here).unwrap(), mark);
}

/// A vault whose log holds one segment of another chain of its own device, with `carried` in it.
fn taking_in(carried: CarriedEntry, whose: Option<DeviceId>) -> u64 {
    let dir = tempfile::tempdir().unwrap();
    let mut vault = Vault::create(dir.path(), "correct horse battery staple").unwrap();
    let key = VerifyingKey([9; 32]);
    vault.found(&ServerAddress { url: "https://a:1".to_owned(), key, proxy: None }, "office").unwrap();
    let circle = vault.store.rows().circles().unwrap().remove(0);
    let origin = carried.origin;
    let batch = Batch { carried: vec![carried], ..Batch::default() };
    let roster = vault.roster().unwrap().clone();
    let place = Place {
        workspace: roster.workspace(),
        circle: circle.circle,
        epoch: 1,
        roster_seq: roster.seq(),
        roster_head: roster.head(),
    };
    let next = Next { chain: ChainId([7; 16]), seq: 1, prev: vault.device().0 };
    let secret = vault.store.rows().epoch(&circle.circle, 1).unwrap().unwrap();
    let packed = pack(&batch, None, Effort::Thin).unwrap();
    let sealed = seal(packed, &place, &next, &secret, &vault.device).unwrap();
    vault
        .store
        .gesture(|rows| {
            if let Some(device) = whose {
                let (chain, circle) = (origin, circle.circle);
                rows.put_chain(&ChainRow { chain, circle, device, height: 1, link: [0; 16] })?;
            }
            rows.put_segment(&circle.circle, 1, SegmentState::New, &[1; 32], &sealed.bytes)
        })
        .unwrap();
    let mut watch = |_| {};
    vault.take_in(&mut Tally::new(&mut watch)).unwrap();
    let quarantined = vault.quarantine().unwrap();
    quarantined.iter().filter(|row| row.reason.contains("another device's chain")).count() as u64
}

#[test]
fn nothing_is_carried_from_another_devices_chain() {
    let entry = ChangeEntry { document: DocumentId([8; 16]), change: b"a change".to_vec() };
    let carried = CarriedEntry { origin: ChainId([8; 16]), entry };
    assert_eq!(taking_in(carried.clone(), Some(DeviceId([1; 16]))), 1);
    assert_eq!(taking_in(carried, None), 0, "control: a chain nobody else has used");
}
