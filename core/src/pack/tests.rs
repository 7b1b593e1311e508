use cairn_wire::id::ChainId;
use proptest::prelude::*;

use super::*;
use crate::change::{About, Stamp, first, members};
use crate::form::{Answer, Answers};

fn binding() -> Binding {
    let secret = EpochSecret::from_bytes(&[7; 32]).unwrap();
    Binding {
        workspace: WorkspaceId([1; 16]),
        circle: CircleId([2; 16]),
        device: DeviceId([3; 16]),
        salt: [4; 24],
        secret,
    }
}

fn written(entries: &[Entry]) -> Vec<Vec<u8>> {
    let mut writer = Writer::new(binding()).unwrap();
    let mut pieces: Vec<Vec<u8>> = entries.iter().flat_map(|entry| writer.add(entry).unwrap()).collect();
    pieces.extend(writer.finish().unwrap());
    pieces
}

fn read(pieces: &[Vec<u8>]) -> Result<Vec<Entry>, PackError> {
    let mut opened = Vec::new();
    for (number, piece) in (0..).zip(pieces) {
        opened.push(binding().open(number, piece)?);
    }
    let mut opened = opened.into_iter();
    let mut reader = Reader::new(|| Ok(opened.next()))?;
    let mut entries = Vec::new();
    while let Some(entry) = reader.next_entry()? {
        entries.push(entry);
    }
    Ok(entries)
}

/// Octets that do not compress, always the same.
fn noise(seed: u64, len: usize) -> Vec<u8> {
    let mut state = seed;
    let mut next = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as u8
    };
    (0..len).map(|_| next()).collect()
}

fn segment(seq: u64, len: usize) -> Entry {
    Entry::Segment { seq, bytes: noise(seq, len) }
}

fn edited() -> (cairn_wire::id::DocumentId, Vec<Vec<u8>>) {
    let form = crate::form::Form::decode(include_bytes!("../../../tests/vectors/form-1.bin")).unwrap();
    let stamp = |n: u8, time| Stamp { chain: ChainId([n; 16]), time };
    let record = cairn_wire::id::RecordId([9; 16]);
    let about = About { record, part: "case" };
    let begun = first(&form, &about, &Answers::new(), &stamp(1, 1)).unwrap();
    let field = form.questions.iter().find(|question| question.kind == crate::form::Kind::Text);
    let field = field.unwrap().name.clone();
    let mut document = begun.document;
    for time in 2..5 {
        let answer = Answer::Text(format!("synthetic {time}"));
        let answers = [(field.clone(), Some(answer))].into_iter().collect();
        document =
            crate::change::edit(&document, &form, &answers, &stamp(1, time)).unwrap().unwrap().document;
    }
    let changes = members(&document).unwrap().into_iter().map(|member| member.change).collect();
    (cairn_wire::id::DocumentId([9; 16]), changes)
}

#[test]
fn every_kind_of_entry_comes_back() {
    let (id, changes) = edited();
    assert_eq!(changes.len(), 4);
    let entries = [
        Entry::Name { device: DeviceId([1; 16]), name: "North".to_owned() },
        Entry::Form { device: DeviceId([1; 16]), form: vec![1; 300], dictionary: vec![] },
        Entry::Verdict { letter: [2; 16], accepted: true },
        Entry::Document { id, changes: changes.clone() },
        Entry::Document { id, changes: changes[2..].to_vec() },
        segment(7, 900),
        Entry::Label { seq: 3, bytes: vec![4; 20] },
        Entry::Departure {
            device: DeviceId([1; 16]),
            time: 9,
            bytes: vec![4; 20],
            ends: vec![(DeviceId([2; 16]), 2, 10), (DeviceId([1; 16]), 3, 11)],
        },
        Entry::Share {
            copy: cairn_wire::id::RecordId([1; 16]),
            record: cairn_wire::id::RecordId([2; 16]),
            circle: CircleId([3; 16]),
            device: DeviceId([4; 16]),
        },
        Entry::Quarantined {
            seq: 8,
            chain: ChainId([1; 16]),
            document: id,
            waits: true,
            reason: "its form has not arrived".to_owned(),
            bytes: vec![5; 40],
        },
    ];
    assert_eq!(read(&written(&entries)).unwrap(), entries);
}

#[test]
fn a_long_pack_has_pieces_of_one_size_and_the_last_is_padded() {
    let entries: Vec<Entry> = (0..5).map(|seq| segment(seq, 200_000)).collect();
    let pieces = written(&entries);
    assert_eq!(pieces.len(), 4);
    assert!(pieces[..3].iter().all(|piece| piece.len() == limits::PACK_PIECE));
    assert_eq!(padded(pieces[3].len()), pieces[3].len());
    assert_eq!(read(&pieces).unwrap(), entries);
    assert_eq!(written(&[]).len(), 1);
    assert_eq!(written(&[])[0].len(), 256);
}

#[test]
fn pieces_cannot_be_swapped_left_out_or_moved_elsewhere() {
    let entries: Vec<Entry> = (0..5).map(|seq| segment(seq, 200_000)).collect();
    let mut pieces = written(&entries);
    assert!(read(&pieces[..3]).is_err(), "cut off");
    let elsewhere = Binding { circle: CircleId([9; 16]), ..binding() };
    assert!(elsewhere.open(0, &pieces[0]).is_err());
    assert!(binding().open(0, &pieces[0]).is_ok(), "control");
    pieces.swap(0, 1);
    assert!(read(&pieces).is_err());
}

#[test]
fn a_bomb_stays_small() {
    // Says 200 MiB of zeros in one entry, and as many in none.
    let mut compressor = Compressor::new().unwrap();
    compressor.write(&[VERSION]).unwrap();
    compressor.write(&[0xff, 0xff, 0xff, 0x7f]).unwrap();
    for _ in 0..200 {
        compressor.write(&vec![0; 1 << 20]).unwrap();
    }
    let bytes = compressor.finish().unwrap();
    assert!(bytes.len() < 100_000);
    let mut once = Some(bytes);
    let mut reader = Reader::new(|| Ok(once.take())).unwrap();
    assert!(matches!(reader.next_entry(), Err(PackError::TooLarge)));
}

proptest! {
    #[test]
    fn reading_never_panics(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        let _ = Entry::decode(&bytes);
        let mut once = Some(bytes);
        if let Ok(mut reader) = Reader::new(|| Ok(once.take())) {
            let _ = reader.next_entry();
        }
    }
}
