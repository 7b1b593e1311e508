use cairn_wire::digest::VerifyingKey;
use cairn_wire::id::DeviceId;
use cairn_wire::pack::{Manifest, SignedManifest};

use super::*;
use crate::bundle::Span;

const UNKNOWN: CircleId = CircleId([7; 16]);

/// A pack of a circle that the vault is not in, in these pieces.
fn pack(pieces: &[&[u8]]) -> Offered {
    let manifest = Manifest {
        circle: UNKNOWN,
        device: DeviceId([1; 16]),
        seq: 9,
        root: [2; 32],
        epoch: 1,
        roster_seq: 1,
        time: 0,
        state: [3; 32],
        salt: [4; 24],
        chains: Vec::new(),
        pieces: pieces.iter().map(|piece| sha256(&[*piece])).collect(),
    };
    let signed = SignedManifest { manifest, signature: [5; 64], hash: [6; 32] };
    Offered { signed, vouched_by: Vec::new(), attestations: Vec::new() }
}

#[test]
fn a_pack_of_a_circle_that_is_not_held_is_passed_over_piece_by_piece_and_named_as_missing() {
    let dir = tempfile::tempdir().unwrap();
    let mut vault = Vault::create(dir.path(), "correct horse battery staple").unwrap();
    let server = ServerAddress { url: "https://a:1".to_owned(), key: VerifyingKey([9; 32]), proxy: None };
    vault.found(&server, "office").unwrap();
    let pieces: [&[u8]; 3] = [b"one", b"two", b"three"];
    let mut watch = |_| {};
    let mut tally = Tally::new(&mut watch);
    let mut arriving = Arriving::new(&mut vault, &mut tally);
    arriving.pack = Some((pack(&pieces), 0));
    for piece in pieces {
        arriving.piece(piece).unwrap();
    }
    assert!(arriving.piece(b"four").is_err(), "control: there are no more");
    arriving.pack = Some((pack(&pieces), 0));
    arriving.piece(b"one").unwrap();
    assert!(matches!(arriving.piece(b"three"), Err(Error::Tampered(_))), "control: the next one is another");
    let head = Head {
        workspace: vault.roster().unwrap().workspace(),
        author: vault.device(),
        time: 0,
        url: server.url,
        server_key: server.key,
        circles: vec![Span { circle: UNKNOWN, from: 0, to: 9 }],
    };
    assert_eq!(vault.missing(&head).unwrap(), [Missing { circle: UNKNOWN, name: None, segments: 9 }]);
}

#[test]
fn of_a_frame_full_of_the_smallest_items_only_some_are_gathered_at_once() {
    let dir = tempfile::tempdir().unwrap();
    let mut vault = Vault::create(dir.path(), "correct horse battery staple").unwrap();
    let server = ServerAddress { url: "https://a:1".to_owned(), key: VerifyingKey([9; 32]), proxy: None };
    vault.found(&server, "office").unwrap();
    let mut watch = |_| {};
    let mut tally = Tally::new(&mut watch);
    let mut arriving = Arriving::new(&mut vault, &mut tally);
    // Entries of no octets: the first that is looked at as an entry ends it.
    let crowded = [2_u8, 0].repeat(crate::bundle::FRAME / 2);
    assert!(Item::each(&crowded).all(|item| item == Ok(Item::Entry(Vec::new()))), "control");
    let mut gathered = 0;
    // Those that would be known already are passed over.
    let items = Item::each(&crowded).inspect(|_| gathered += 1);
    assert!(arriving.frame(items).is_err());
    assert!(gathered <= TOGETHER + 1, "{gathered}");
}
