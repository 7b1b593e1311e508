//! Files that carry sealed things: the reader, and what a backup says.

use std::io::{Seek, SeekFrom};
use std::sync::OnceLock;

use cairn_core::bundle::{BundleError, FRAME, Head, Item, Items, Purpose, Reader, Span, Writer};
use cairn_core::crypto::DeviceSecret;
use cairn_core::wire::digest::VerifyingKey;
use cairn_core::wire::id::{CircleId, DeviceId, WorkspaceId};

use super::dice::Dice;

fn device() -> &'static DeviceSecret {
    static DEVICE: OnceLock<DeviceSecret> = OnceLock::new();
    DEVICE.get_or_init(|| DeviceSecret::generate().unwrap())
}

fn items() -> Vec<Item> {
    let (circle, author) = (CircleId([1; 16]), DeviceId([2; 16]));
    vec![
        Item::Head(Head {
            workspace: WorkspaceId([3; 16]),
            author,
            time: 1_800_000_000,
            url: "https://cairn.example:8443".to_owned(),
            server_key: VerifyingKey([4; 32]),
            circles: vec![Span { circle, from: 5, to: 300 }],
        }),
        Item::Entry(vec![1; 300]),
        Item::Key { circle, epoch: 7, sealed: vec![2; 1168] },
        Item::Letter { circle, device: author, bytes: vec![3; 381] },
        Item::Pack { manifest: vec![4; 500], attestations: vec![vec![5; 100], vec![6; 100]] },
        Item::Piece(vec![7; 256]),
        Item::Segment { circle, seq: 300, bytes: vec![8; 381] },
    ]
}

/// A sound file: frames of one item each, so that spoiling one leaves others. Made once, since keys take long.
fn sound() -> &'static [u8] {
    static SOUND: OnceLock<Vec<u8>> = OnceLock::new();
    SOUND.get_or_init(|| {
        let mut writer = Writer::new(Vec::new(), Purpose::Backup, &[device().keys()]).unwrap();
        for item in items() {
            writer.frame(&plain(&[item])).unwrap();
        }
        writer.finish().unwrap()
    })
}

/// What stands in a frame with these items.
fn plain(these: &[Item]) -> Vec<u8> {
    let mut all = Items::new(Writer::new(Vec::new(), Purpose::Outbox, &[device().keys()]).unwrap());
    these.iter().for_each(|item| all.add(item).unwrap());
    let file = all.finish().unwrap();
    Reader::open(&file[..], Purpose::Outbox, device()).unwrap().next().unwrap().unwrap().to_vec()
}

/// A file or the items of a frame, spoilt.
pub(crate) fn case(dice: &mut Dice) -> bool {
    if dice.once_in(2) { file(dice) } else { content(dice) }
}

fn file(dice: &mut Dice) -> bool {
    let sound = sound();
    let mut octets = sound.to_vec();
    // Most of a file is wraps; what comes behind is to be spoilt too.
    let front = if dice.once_in(4) { 0 } else { 8 + 3 + 4 * 1168 + 32 };
    let mut rest = octets.split_off(front);
    dice.spoil(&mut rest, &["cairnbnd"]);
    octets.extend(rest);
    let whole = items();
    match Reader::open(&octets[..], Purpose::Backup, device()) {
        Err(_) => assert_ne!(octets, sound),
        Ok(reader) => {
            let mut read = 0;
            for frame in reader {
                match frame {
                    Ok(frame) => {
                        assert!(frame.len() <= FRAME);
                        assert_eq!(
                            Item::each(&frame).collect::<Result<Vec<_>, _>>().unwrap(),
                            whole[read..=read],
                            "only what was put in"
                        );
                        read += 1;
                    }
                    Err(BundleError::Torn { frames } | BundleError::Changed { frames }) => {
                        assert_eq!(frames as usize, read.min(whole.len()));
                        return read > 0;
                    }
                    Err(other) => panic!("{other}"),
                }
            }
            // A wrap for somebody else may have been spoilt without its reader knowing: no, all is bound.
            assert_eq!((octets.as_slice() == sound, read), (true, whole.len()));
        }
    }
    octets == sound
}

fn content(dice: &mut Dice) -> bool {
    static PLAIN: OnceLock<Vec<u8>> = OnceLock::new();
    let mut octets = PLAIN.get_or_init(|| plain(&items())).clone();
    dice.spoil(&mut octets, &[]);
    let Ok(read) = Item::each(&octets).collect::<Result<Vec<_>, _>>() else { return false };
    assert!(read.len() <= octets.len());
    true
}

/// A whole file of more than any case may take: written and read with one frame in memory.
pub(crate) fn larger_than_memory(dice: &mut Dice) -> bool {
    let mut file = tempfile::tempfile().unwrap();
    let mut writer = Writer::new(&mut file, Purpose::Outbox, &[device().keys()]).unwrap();
    let frame: Vec<u8> = (0..FRAME).map(|_| dice.bits() as u8).collect();
    for _ in 0..96 {
        writer.frame(&frame).unwrap();
    }
    writer.finish().unwrap();
    file.seek(SeekFrom::Start(0)).unwrap();
    let read = Reader::open(&file, Purpose::Outbox, device()).unwrap();
    let frames = read.map(|read| assert!(*read.unwrap() == frame)).count();
    assert_eq!(frames, 96);
    true
}
