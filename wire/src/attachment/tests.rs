use super::*;
use crate::codec::Reader;
use crate::digest::VerifyingKey;
use crate::id::DeviceId;
use crate::limits;
use proptest::prelude::*;

const WORKSPACE: WorkspaceId = WorkspaceId([1; 16]);

fn named(n: u8) -> AttachmentId {
    AttachmentId([n; 16])
}

#[test]
fn everything_comes_back() {
    for ask in [
        Ask::States(vec![named(1), named(2)]),
        Ask::Put { attachment: named(3), first: 300 },
        Ask::Fetch { attachment: named(4), first: 1, budget: 1 << 20 },
        Ask::Drop(vec![named(5); limits::ATTACHMENTS]),
    ] {
        assert!(ask.encode().len() < limits::HELLO / 2, "it fits a hello");
        assert_eq!(Ask::decode(&ask.encode()), Ok(ask));
    }
    let states = States(vec![State::Unknown, State::Held { held: 2, count: 1024 }, State::Dropped]);
    assert_eq!(States::decode(&states.encode(&[7; 64])), Ok((states, [7; 64])));
    let fetched = Fetched { state: State::Held { held: 2, count: 2 }, pieces: vec![vec![1; 17], vec![2; 9]] };
    assert_eq!(Fetched::decode(&fetched.encode()), Ok(fetched));
}

#[test]
fn what_breaks_a_bound_is_refused() {
    let state = |held, count| States(vec![State::Held { held, count }]).encode(&[0; 64]);
    assert!(States::decode(&state(1, 1)).is_ok(), "control");
    for (held, count) in [(2, 1), (0, 0), (0, limits::ATTACHMENT_PIECES as u64 + 1)] {
        assert!(States::decode(&state(held, count)).is_err(), "{held} of {count}");
    }
    let many = vec![named(1); limits::ATTACHMENTS + 1];
    assert!(Ask::decode(&Ask::States(many.clone()).encode()).is_err());
    assert!(Ask::decode(&Ask::Drop(many).encode()).is_err());
    let piece = |octets| Fetched { state: State::Unknown, pieces: vec![vec![0; octets]] }.encode();
    assert!(Fetched::decode(&piece(limits::ATTACHMENT_PIECE)).is_ok(), "control");
    assert!(Fetched::decode(&piece(limits::ATTACHMENT_PIECE + 1)).is_err());
    assert!(Fetched::decode(&piece(0)).is_err());
}

#[test]
fn a_name_depends_on_every_piece_on_their_order_and_on_the_workspace() {
    let pieces = [[1; 32], [2; 32]];
    let whole = name(WORKSPACE, &pieces);
    assert_eq!(whole, name(WORKSPACE, &pieces), "control");
    assert_ne!(whole, name(WorkspaceId([2; 16]), &pieces));
    assert_ne!(whole, name(WORKSPACE, &[[2; 32], [1; 32]]));
    assert_ne!(whole, name(WORKSPACE, &pieces[..1]));
    assert_ne!(whole, name(WORKSPACE, &[[1; 32], [2; 32], [0; 32]]));
}

#[test]
fn a_length_beyond_the_bounds_is_refused_before_its_octets_arrive() {
    for (first, most) in [(0, limits::ATTACHMENT_PIECES), (1, limits::ATTACHMENT_PIECE)] {
        let mut writer = Writer::new();
        writer.count(most + 1);
        let mut stream = PutStream::new(first);
        stream.push(&writer.finish());
        assert!(stream.next_part().is_err());
        let mut stream = PutStream::new(first);
        stream.push(&[0]);
        assert!(stream.next_part().is_err(), "nothing is no part");
    }
}

proptest! {
    #[test]
    fn a_body_in_any_chunks_gives_the_same_parts(
        hashes in proptest::collection::vec(any::<[u8; 32]>(), 1..9),
        pieces in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 1..300), 0..5),
        begins: bool,
        chunk in 1usize..64,
        cut in 0usize..2000,
    ) {
        let mut wanted: Vec<_> = pieces.iter().cloned().map(Part::Piece).collect();
        if begins {
            wanted.insert(0, Part::Hashes(hashes.clone()));
        }
        let body = put_body(begins.then_some(&hashes), &pieces);
        let mut stream = PutStream::new(u64::from(!begins));
        let mut got = Vec::new();
        for chunk in body.chunks(chunk) {
            stream.push(chunk);
            while let Some(part) = stream.next_part().unwrap() {
                got.push(part);
            }
        }
        prop_assert!(stream.is_complete());
        prop_assert_eq!(&got, &wanted);
        // A body that is cut gives the parts before the cut, and never counts as complete inside of one.
        let mut stream = PutStream::new(u64::from(!begins));
        let cut = cut.min(body.len());
        stream.push(&body[..cut]);
        let mut whole = 0;
        while let Some(part) = stream.next_part().unwrap() {
            prop_assert_eq!(&part, &wanted[whole]);
            whole += 1;
        }
        let boundary = put_body((begins && whole > 0).then_some(&hashes),
            &pieces[..whole - usize::from(begins && whole > 0)]).len();
        prop_assert_eq!(stream.is_complete(), cut == boundary && (whole > 0 || !begins));
    }

    #[test]
    fn reading_never_panics_and_has_one_encoding(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        if let Ok(ask) = Ask::decode(&bytes) {
            prop_assert_eq!(ask.encode(), bytes.clone());
        }
        if let Ok((states, signature)) = States::decode(&bytes) {
            prop_assert_eq!(states.encode(&signature), bytes.clone());
            let device = DeviceId([2; 16]);
            prop_assert!(!states.verify(&signature, &VerifyingKey([3; 32]), WORKSPACE, device, &[4; 16]));
        }
        if let Ok(fetched) = Fetched::decode(&bytes) {
            prop_assert_eq!(fetched.encode(), bytes.clone());
        }
        for first in [0, 1] {
            let mut stream = PutStream::new(first);
            stream.push(&bytes);
            while let Ok(Some(_)) = stream.next_part() {}
        }
        let _ = AttachmentId::read(&mut Reader::new(&bytes));
    }

    #[test]
    fn an_ask_that_is_like_one_has_one_encoding(
        kind in 0u8..6, count in 0u8..4, rest in proptest::collection::vec(any::<u8>(), 0..70),
    ) {
        let bytes = [&[kind, count][..], &rest].concat();
        if let Ok(ask) = Ask::decode(&bytes) {
            prop_assert_eq!(ask.encode(), bytes);
        }
    }
}
