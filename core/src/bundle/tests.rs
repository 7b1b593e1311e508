use std::io::Cursor;

use super::*;
use crate::crypto::{DeviceSecret, SegmentKey};
use zeroize::Zeroizing;

fn device(seed: u8) -> DeviceSecret {
    DeviceSecret::from_seed(Zeroizing::new([seed; 64])).unwrap()
}

fn bundle(contents: &[&[u8]], readers: &[&DeviceSecret]) -> Vec<u8> {
    let keys: Vec<_> = readers.iter().map(|reader| reader.keys()).collect();
    let mut writer = Writer::new(Vec::new(), Purpose::Backup, &keys).unwrap();
    contents.iter().for_each(|content| writer.frame(content).unwrap());
    writer.finish().unwrap()
}

/// What can be read, and why no more.
fn read(bytes: &[u8], reader: &DeviceSecret) -> (Vec<Vec<u8>>, Option<BundleError>) {
    let mut opened = match Reader::open(Cursor::new(bytes), Purpose::Backup, reader) {
        Ok(opened) => opened,
        Err(error) => return (Vec::new(), Some(error)),
    };
    let mut contents = Vec::new();
    loop {
        match opened.next() {
            Some(Ok(content)) => contents.push(content.to_vec()),
            Some(Err(error)) => {
                assert!(opened.next().is_none(), "the first error is the last thing");
                return (contents, Some(error));
            }
            None => return (contents, None),
        }
    }
}

/// The header, and each frame with its length.
fn parts(bytes: &[u8]) -> Vec<Vec<u8>> {
    let wraps = usize::from(bytes[MAGIC.len() + 2]);
    let (header, mut rest) = bytes.split_at(MAGIC.len() + 3 + wraps * crate::crypto::BUNDLE_WRAP + 32);
    let mut parts = vec![header.to_vec()];
    while let Some(length) = rest.first_chunk() {
        let (frame, after) = rest.split_at(4 + u32::from_be_bytes(*length) as usize);
        parts.push(frame.to_vec());
        rest = after;
    }
    parts
}

#[test]
fn every_reader_gets_what_was_put_in_and_nobody_else_gets_anything() {
    let readers: Vec<DeviceSecret> = (1..6).map(device).collect();
    let large = vec![7; FRAME];
    let contents = [&b"one"[..], b"", &large, b"last"];
    let bytes = bundle(&contents, &readers.iter().collect::<Vec<_>>());
    for reader in &readers {
        let (got, error) = read(&bytes, reader);
        assert!(error.is_none(), "{error:?}");
        assert_eq!(got, contents);
    }
    let (got, error) = read(&bytes, &device(9));
    assert!(got.is_empty() && matches!(error, Some(BundleError::NotForThis)), "{error:?}");
    let other = Reader::open(&bytes[..], Purpose::Outbox, &readers[0]).map(drop);
    assert!(matches!(other, Err(BundleError::OtherPurpose)));
}

#[test]
fn neither_readers_nor_small_differences_show_in_the_size() {
    let (one, two) = (device(1), device(2));
    let alone = bundle(&[b"x"], &[&one]);
    assert_eq!(alone.len(), bundle(&[b"a little longer"], &[&one, &two]).len());
    assert_eq!(alone.len(), bundle(&[b"x"], &[]).len());
    let keys = [one.keys(), two.keys()];
    for keys in keys {
        let name = keys.id().0;
        assert!(!alone.windows(16).any(|window| window == name || window == &keys.signing.0[..16]));
    }
}

/// G20: whatever bit is changed, the reader gives an unchanged beginning and says that something is wrong.
#[test]
fn any_bit_that_is_flipped_is_noticed_and_changes_no_content() {
    let reader = device(1);
    let contents: [&[u8]; 3] = [b"first", b"second", b"third"];
    let bytes = bundle(&contents, &[&reader]);
    // Wraps cost the most to try, and are all alike: of the three that are for others each 97th bit.
    let wraps = MAGIC.len() + 3;
    let others = wraps + crate::crypto::BUNDLE_WRAP..wraps + 4 * crate::crypto::BUNDLE_WRAP;
    let own = wraps..others.start;
    for bit in 0..bytes.len() * 8 {
        if (others.contains(&(bit / 8)) && bit % 97 > 0) || (own.contains(&(bit / 8)) && bit % 13 > 0) {
            continue;
        }
        let mut changed = bytes.clone();
        changed[bit / 8] ^= 1 << (bit % 8);
        let (got, error) = read(&changed, &reader);
        assert!(error.is_some(), "bit {bit}");
        assert_eq!(got, contents[..got.len()], "bit {bit}");
    }
}

#[test]
fn what_stands_before_a_tear_can_be_used_and_the_tear_is_told() {
    let reader = device(1);
    let contents: [&[u8]; 3] = [b"first", b"second", b"third"];
    let bytes = bundle(&contents, &[&reader]);
    let parts = parts(&bytes);
    let begin = parts[0].len();
    for end in begin..bytes.len() {
        let (got, error) = read(&bytes[..end], &reader);
        let whole = (end - begin) / parts[1].len();
        assert_eq!(got, contents[..whole], "cut at {end}");
        assert!(matches!(error, Some(BundleError::Torn { frames }) if frames == whole as u64), "{error:?}");
    }
    for end in (0..begin).step_by(11) {
        assert!(read(&bytes[..end], &reader).1.is_some());
    }
}

/// G20: frames stand in one order, each once, and nothing comes after the last.
#[test]
fn no_frame_can_be_swapped_doubled_left_out_taken_from_another_or_put_behind() {
    let reader = device(1);
    let contents: [&[u8]; 3] = [b"first", b"second", b"third"];
    let bytes = bundle(&contents, &[&reader]);
    let whole = parts(&bytes);
    let other = parts(&bundle(&contents, &[&reader]));
    let (header, frames) = whole.split_first().unwrap();
    let put = |frames: &[&Vec<u8>]| {
        let frames: Vec<u8> = frames.iter().flat_map(|frame| frame.to_vec()).collect();
        read(&[&header[..], &frames].concat(), &reader)
    };
    let [a, b, c, end] = frames else { panic!("four frames") };
    assert!(put(&[a, b, c, end]).1.is_none(), "control");
    for (wrong, good) in [
        (vec![b, a, c, end], 0),
        (vec![a, a, b, c, end], 1),
        (vec![a, c, end], 1),
        (vec![a, b, end], 2),
        (vec![a, b, c, end, end], 3),
        (vec![a, b, c, end, a], 3),
        (vec![&other[1], b, c, end], 0),
        (vec![end], 0),
    ] {
        let (got, error) = put(&wrong);
        assert_eq!(got, contents[..good]);
        assert!(matches!(error, Some(BundleError::Changed { .. })), "{error:?}");
    }
}

/// Control: with a key for each frame alone, and no hash of what came before, frames of two tellings by the same
/// hand could be put together.
#[test]
fn control_without_the_running_hash_a_frame_of_another_telling_would_pass() {
    let key = crate::crypto::BundleKey::generate().unwrap();
    let frame = |key: SegmentKey, hash: &[u8]| key.seal(hash, b"second of another".to_vec()).unwrap();
    let stray = frame(key.derive_frame_key(1).unwrap(), &[]);
    assert!(key.derive_frame_key(1).unwrap().open(&[], &stray).is_ok(), "nothing binds it to the first");
    let before = running(&[], b"header and first");
    assert!(key.derive_frame_key(1).unwrap().open(&before, &stray).is_err());
    let bound = frame(key.derive_frame_key(1).unwrap(), &running(&[], b"another first"));
    assert!(key.derive_frame_key(1).unwrap().open(&before, &bound).is_err());
}

#[test]
fn lies_about_lengths_are_refused_before_anything_is_taken_for_them() {
    let reader = device(1);
    let bytes = bundle(&[b"first"], &[&reader]);
    let at = parts(&bytes)[0].len();
    for length in [0, 1, 255, 257, SEALED as u32 + 1, 1 << 30, u32::MAX] {
        let mut lying = bytes.clone();
        lying[at..at + 4].copy_from_slice(&length.to_be_bytes());
        let (got, error) = read(&lying, &reader);
        assert!(got.is_empty() && matches!(error, Some(BundleError::Changed { frames: 0 })), "{length}");
    }
    for count in [0, 1, 3, 5, 68, 255] {
        let mut lying = bytes.clone();
        lying[MAGIC.len() + 2] = count;
        assert!(matches!(read(&lying, &reader).1, Some(BundleError::NotABundle)), "{count}");
    }
    let keys = vec![reader.keys(); READERS + 1];
    assert!(matches!(Writer::new(Vec::new(), Purpose::Outbox, &keys).map(drop), Err(BundleError::TooLarge)));
    let mut writer = Writer::new(Vec::new(), Purpose::Outbox, &[reader.keys()]).unwrap();
    assert!(matches!(writer.frame(&vec![0; FRAME + 1]), Err(BundleError::TooLarge)));
    writer.frame(&vec![0; FRAME]).unwrap();
}
