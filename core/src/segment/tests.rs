use std::sync::Arc;

use cairn_wire::digest::VerifyingKey;
use cairn_wire::id::{DocumentId, RecordId};
use cairn_wire::roster::{Body, Entry, workspace_of};
use cairn_wire::segment::parse;
use proptest::prelude::*;

use super::*;
use crate::form::Part;

const CIRCLE: CircleId = CircleId([0xc1; 16]);

/// A workspace with one device and one circle.
struct Bench {
    device: DeviceSecret,
    roster: Roster,
    secret: EpochSecret,
}

fn bench() -> Bench {
    let device = DeviceSecret::from_seed(zeroize::Zeroizing::new([5; 64])).unwrap();
    let workspace = workspace_of(&device.keys().signing, &[1; 16]);
    let secret = EpochSecret::from_bytes(&[6; 32]).unwrap();
    let sign = |seq, prev, body| {
        let mut entry = Entry { seq, prev, time: 0, author: device.id(), body, signature: [0; 64] };
        entry.signature = device.sign(&entry.signed_bytes(workspace));
        entry.encode()
    };
    let genesis =
        Body::Genesis { nonce: [1; 16], keys: device.keys().clone(), server_key: VerifyingKey([9; 32]) };
    let mut roster = Roster::begin(workspace, &sign(1, [0; 32], genesis)).unwrap();
    let commitment = secret.commitment(workspace, CIRCLE, 1);
    let epoch = Body::Epoch { circle: CIRCLE, epoch: 1, commitment, back_link: None, wraps_root: [0; 32] };
    roster.append(&sign(2, roster.head(), epoch)).unwrap();
    Bench { device, roster, secret }
}

impl Bench {
    fn place(&self) -> Place {
        Place {
            workspace: self.roster.workspace(),
            circle: CIRCLE,
            epoch: 1,
            roster_seq: self.roster.seq(),
            roster_head: self.roster.head(),
        }
    }

    fn seal(&self, batch: &Batch) -> Sealed {
        let next = Next { chain: ChainId([7; 16]), seq: 1, prev: self.device.id().0 };
        let packed = pack(batch, None, Effort::Thin).unwrap();
        seal(packed, &self.place(), &next, &self.secret, &self.device).unwrap()
    }

    fn open(&self, bytes: &[u8]) -> Result<Batch, SegmentError> {
        let verified = verify(parse(bytes)?, &self.roster, CIRCLE, self.device.id())?;
        verified.open(&self.secret, |_| None)
    }
}

#[test]
fn what_is_carried_comes_back_and_what_carries_nothing_is_written_as_ever() {
    let entry = ChangeEntry { document: DocumentId([5; 16]), change: vec![1, 2, 3] };
    let plain = batch();
    assert_eq!(plain.encode()[0], 1);
    let carrying = Batch { carried: vec![CarriedEntry { origin: ChainId([6; 16]), entry }], ..batch() };
    let bytes = carrying.encode();
    assert_eq!(bytes[0], 2);
    assert_eq!(Batch::decode(&bytes), Ok(carrying));
    for end in 0..bytes.len() {
        assert!(Batch::decode(&bytes[..end]).is_err(), "cut at {end}");
    }
    let mut none = plain.encode();
    none[0] = 2;
    none.push(0);
    assert!(Batch::decode(&none).is_err(), "one encoding for each batch");
}

#[test]
fn verdicts_come_back_and_a_batch_without_any_is_written_as_ever() {
    let device = cairn_wire::id::DeviceId([7; 16]);
    let accepted = Verdict::Accepted { device, letter: vec![9; 200] };
    let verdicts = vec![accepted, Verdict::Refused { letter: [3; 16] }];
    let deciding = Batch { verdicts, ..batch() };
    let bytes = deciding.encode();
    assert_eq!(bytes[0], 3);
    assert_eq!(Batch::decode(&bytes), Ok(deciding));
    for end in 0..bytes.len() {
        assert!(Batch::decode(&bytes[..end]).is_err(), "cut at {end}");
    }
    let mut none = batch().encode();
    none[0] = 3;
    none.extend([0, 0]);
    assert!(Batch::decode(&none).is_err(), "one encoding for each batch");
}

#[test]
fn labels_come_back_and_a_batch_without_any_is_written_as_ever() {
    let label = |parts: &[Part], sharing| Label {
        since: 7,
        name: "Клиника".to_owned(),
        parts: parts.iter().copied().collect(),
        team: "north".to_owned(),
        sharing,
        sealed: false,
    };
    let labels = vec![label(&[Part::Health, Part::Shelter], false), label(&[], true)];
    let share = ShareEntry { record: RecordId([1; 16]), copy: RecordId([2; 16]), circle: CircleId([3; 16]) };
    let labelling = Batch { labels, shares: vec![share], ..batch() };
    let bytes = labelling.encode();
    assert_eq!(bytes[0], 4);
    assert_eq!(Batch::decode(&bytes).unwrap(), labelling);
    assert_eq!(batch().encode()[0], 1);
    // Without its labels it is no batch of version 4: there is one way to write each.
    let mut empty = batch().encode();
    empty[0] = 4;
    empty.extend([0, 0, 0, 0]);
    assert!(Batch::decode(&empty).is_err());
    let newer = String::from_utf8_lossy(&bytes).contains("health");
    assert!(newer, "control: the part stands there by its name");
    let at = bytes.windows(6).position(|window| window == b"health").unwrap();
    let mut bytes = bytes;
    bytes[at..at + 6].copy_from_slice(b"zebras");
    assert!(Batch::decode(&bytes).is_err_and(|error| error.what == "part version"), "a newer part waits");
}

#[test]
fn what_was_erased_comes_back_and_a_batch_without_it_is_written_as_ever() {
    let erasure = |record: u8, documents: u8| ErasureEntry {
        record: RecordId([record; 16]),
        salt: [record; 32],
        documents: (0..documents).map(|n| DocumentId::of(ChainId([n; 16]), 1)).collect(),
        reason: "Consent withdrawn".to_owned(),
    };
    let erasing = Batch { erasures: vec![erasure(1, 3), erasure(2, 0)], confirmed: vec![[7; 16]], ..batch() };
    let bytes = erasing.encode();
    assert_eq!(bytes[0], 5);
    assert_eq!(Batch::decode(&bytes).unwrap(), erasing);
    let confirming = Batch { erasures: Vec::new(), ..erasing };
    assert_eq!(Batch::decode(&confirming.encode()).unwrap(), confirming);
    assert_eq!(batch().encode()[0], 1);
    // Without either it is no batch of version 5.
    let mut empty = batch().encode();
    empty[0] = 5;
    empty.extend([0; 6]);
    assert!(Batch::decode(&empty).is_err_and(|error| error.what == "erasures"));
    let (workspace, circle) = (WorkspaceId([1; 16]), CircleId([2; 16]));
    let one = erasure(1, 3).commitment(workspace, circle);
    assert_eq!(one, erasure(1, 0).commitment(workspace, circle), "the documents are not what it is about");
    for other in [
        erasure(2, 3).commitment(workspace, circle),
        ErasureEntry { salt: [9; 32], ..erasure(1, 3) }.commitment(workspace, circle),
        erasure(1, 3).commitment(workspace, CircleId([3; 16])),
        erasure(1, 3).commitment(WorkspaceId([2; 16]), circle),
    ] {
        assert_ne!(one, other);
    }
}

#[test]
fn departures_come_back_and_a_batch_without_any_is_written_as_ever() {
    let left = Left { departure: [1; 16], number: 2, sealed: Vec::new() };
    let departures = vec![DepartureEntry::Left(left), DepartureEntry::Back([1; 16])];
    let departing = Batch { departures, ..batch() };
    let bytes = departing.encode();
    assert_eq!(bytes[0], 7);
    assert_eq!(Batch::decode(&bytes).unwrap(), departing);
    let with_pieces = Batch { pieces: vec![vec![5; 9]], ..departing };
    assert_eq!(Batch::decode(&with_pieces.encode()).unwrap(), with_pieces);
    for end in 0..bytes.len() {
        assert!(Batch::decode(&bytes[..end]).is_err(), "cut at {end}");
    }
    // Without any it is no batch of version 7, and one without pieces is none of version 6.
    for (version, zeros) in [(7, 8), (6, 7)] {
        let mut empty = batch().encode();
        empty[0] = version;
        empty.extend(vec![0; zeros]);
        assert!(Batch::decode(&empty).is_err(), "version {version}");
    }
}

fn batch() -> Batch {
    Batch {
        time: 1_800_000_000,
        clock_offset: -3,
        witness: Some(Witness { seq: 9, root: [2; 16] }),
        names: vec!["Телефон 1".to_owned()],
        forms: vec![FormEntry { form: vec![1, 2, 3], dictionary: vec![] }],
        changes: (0..5)
            .map(|n| ChangeEntry {
                document: DocumentId::of(ChainId([n as u8 % 2; 16]), n),
                change: vec![n as u8; 40],
            })
            .collect(),
        ..Batch::default()
    }
}

#[test]
fn a_batch_comes_back() {
    let bench = bench();
    assert_eq!(bench.open(&bench.seal(&batch()).bytes), Ok(batch()));
}

#[test]
fn the_smallest_segment_is_381_bytes() {
    let bench = bench();
    assert_eq!(bench.seal(&Batch::default()).bytes.len(), 381);
}

#[test]
fn every_flipped_bit_is_noticed() {
    let bench = bench();
    let good = bench.seal(&Batch::default()).bytes;
    for index in 0..good.len() {
        for bit in 0..8 {
            let mut bad = good.clone();
            bad[index] ^= 1 << bit;
            assert!(bench.open(&bad).is_err(), "byte {index} bit {bit}");
        }
    }
    bench.open(&good).expect("control: the unflipped segment opens");
}

#[test]
fn a_segment_fits_no_other_circle_or_author() {
    let bench = bench();
    let sealed = bench.seal(&batch());
    let parsed = parse(&sealed.bytes).unwrap();
    let other = verify(parsed.clone(), &bench.roster, CircleId([1; 16]), bench.device.id());
    assert_eq!(other.unwrap_err(), SegmentError::NotEntitled);
    let stranger = verify(parsed, &bench.roster, CIRCLE, DeviceId([3; 16]));
    assert_eq!(stranger.unwrap_err(), SegmentError::NotEntitled);
}

#[test]
fn a_segment_of_an_epoch_that_was_not_current_is_refused() {
    let bench = bench();
    let mut place = bench.place();
    place.epoch = 2;
    let next = Next { chain: ChainId([7; 16]), seq: 1, prev: bench.device.id().0 };
    let packed = pack(&batch(), None, Effort::Thin).unwrap();
    let sealed = seal(packed, &place, &next, &bench.secret, &bench.device).unwrap();
    assert_eq!(bench.open(&sealed.bytes), Err(SegmentError::WrongEpoch));
}

#[test]
fn the_dictionary_is_needed_and_helps() {
    let dictionary = Arc::new(Dictionary::new(batch().changes[3].change.repeat(20)).unwrap());
    let with = pack(&batch(), Some(&dictionary), Effort::Thin).unwrap();
    assert_eq!(unpack(&with, |_| None), Err(SegmentError::UnknownDictionary));
    assert_eq!(unpack(&with, |id| (id == dictionary.id()).then(|| dictionary.clone())), Ok(batch()));
}

#[test]
fn a_bomb_is_refused_without_growing() {
    let bomb = zstd::bulk::compress(&vec![0u8; 64 << 20], 19).unwrap();
    let mut writer = Writer::new();
    writer.count(1000).blob(&[]).blob(&bomb);
    let refused = unpack(&Packed(writer.finish()), |_| None);
    assert!(matches!(refused, Err(SegmentError::Malformed(_))));
    let mut writer = Writer::new();
    writer.count(64 << 20).blob(&[]).blob(&bomb);
    assert!(unpack(&Packed(writer.finish()), |_| None).is_err());
}

proptest! {
    #[test]
    fn any_bytes_decode_or_fail(bytes in proptest::collection::vec(any::<u8>(), 0..600)) {
        let _ = Batch::decode(&bytes);
        let _ = unpack(&Packed(bytes), |_| None);
    }
}
