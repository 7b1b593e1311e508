use super::*;
use proptest::prelude::*;

fn manifest() -> Manifest {
    let head = |n: u8| ChainHead {
        chain: ChainId([n; 16]),
        device: DeviceId([9; 16]),
        height: u64::from(n),
        link: [n; 16],
    };
    Manifest {
        circle: CircleId([1; 16]),
        device: DeviceId([2; 16]),
        seq: 300,
        root: [3; 32],
        epoch: 2,
        roster_seq: 11,
        time: 1_800_000_000,
        state: [4; 32],
        salt: [5; 24],
        chains: vec![head(1), head(2)],
        pieces: vec![[6; 32], [7; 32]],
    }
}

#[test]
fn everything_comes_back() {
    let bytes = manifest().encode(&[8; 64]);
    let signed = SignedManifest::decode(&bytes).unwrap();
    assert_eq!((&signed.manifest, signed.signature), (&manifest(), [8; 64]));
    assert_eq!(signed.hash, sha256(&[&bytes]));
    let attestation = Attestation { circle: CircleId([1; 16]), pack: [2; 32], device: DeviceId([3; 16]) };
    assert_eq!(Attestation::decode(&attestation.encode(&[4; 64])), Ok((attestation, [4; 64])));
    let post = PackPost { manifest: bytes.clone(), first: 3, pieces: vec![vec![1; 9], vec![2; 8]] };
    assert_eq!(PackPost::decode(&post.encode()).as_ref(), Ok(&post));
    let back = PackBack { attestations: vec![vec![5; 129]], post };
    assert_eq!(PackBack::decode(&back.encode()), Ok(back));
    let receipt = PackReceipt { held: 7 };
    assert_eq!(PackReceipt::decode(&receipt.encode(&[4; 64])), Ok((receipt, [4; 64])));
    let ask = PacksAsk(vec![CircleId([1; 16])]);
    assert_eq!(PacksAsk::decode(&ask.encode()), Ok(ask));
    let offers = Offers(vec![Offer { manifest: bytes, attestations: vec![vec![1; 129]] }]);
    assert_eq!(Offers::decode(&offers.encode()), Ok(offers));
    let ask = PiecesAsk { pack: [1; 32], first: 2, budget: 3 };
    assert_eq!(PiecesAsk::decode(&ask.encode()), Ok(ask));
    let pieces = Pieces(vec![vec![1; 9]]);
    assert_eq!(Pieces::decode(&pieces.encode()), Ok(pieces));
    assert_eq!(read_notice(&notice(300)), Some(300));
    assert_eq!(read_notice(&crate::letter::notice(300)), None);
    assert_eq!(crate::letter::read_notice(&notice(300)), None);
}

#[test]
fn chains_out_of_order_and_empty_packs_are_refused() {
    let refused = |change: fn(&mut Manifest)| {
        let mut manifest = manifest();
        change(&mut manifest);
        SignedManifest::decode(&manifest.encode(&[8; 64])).is_err()
    };
    assert!(!refused(|_| ()), "control");
    assert!(refused(|manifest| manifest.chains.reverse()));
    assert!(refused(|manifest| manifest.chains.push(manifest.chains[1])));
    assert!(refused(|manifest| manifest.pieces.clear()));
    assert!(refused(|manifest| manifest.seq = 0));
}

proptest! {
    #[test]
    fn reading_never_panics(bytes in proptest::collection::vec(any::<u8>(), 0..600)) {
        let _ = (SignedManifest::decode(&bytes), Attestation::decode(&bytes), PackPost::decode(&bytes));
        let _ = (Offers::decode(&bytes), Pieces::decode(&bytes), PiecesAsk::decode(&bytes));
        let _ = PackBack::decode(&bytes);
        let _ = (PacksAsk::decode(&bytes), PackReceipt::decode(&bytes), read_notice(&bytes));
    }
}
