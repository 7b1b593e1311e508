//! Vectors of files beside the vault and on paper: slots, shares, bundles, the keys of a departed device.

use cairn_core::bundle::{Head, Item, Items, Purpose as Carries, Span, Writer as BundleWriter};
use cairn_core::crypto::{
    Content, Cost, CryptoError, DeviceSecret, Held, Purpose, RecoverySecret, Release, Slots, Travel,
    UnlockKey, VaultKey, Which, mac,
};
use cairn_core::segment::{Batch, DepartureEntry, Left};
use cairn_core::vault::Share;
use cairn_core::wire::codec::hex;
use cairn_core::wire::digest::VerifyingKey;
use cairn_core::wire::id::{CircleId, DeviceId, WorkspaceId};
use serde_json::{Value, json};
use zeroize::Zeroizing;

use super::device;

/// A slot file with a passphrase for each of the two vaults.
pub(super) fn slots() -> Result<Value, String> {
    let text = |error: CryptoError| error.to_string();
    let mut slots = Slots::new(Cost::FLOOR).map_err(text)?;
    let mut opened = Vec::new();
    for (index, passphrase, purpose, vault, device) in [
        (5, "correct horse battery staple", Purpose::Normal, Which::A, [1; 32]),
        (2, "what I say under threat", Purpose::Duress, Which::B, [2; 32]),
    ] {
        let key = [device[0] + 6; 32];
        let stretched = slots.stretch(passphrase).map_err(text)?;
        let unlock = UnlockKey::from_bytes(mac(&device, stretched.as_bytes()));
        let content = Held::Key(Content { purpose, vault, key: VaultKey::from_bytes(key) });
        slots.put(index, &unlock, &content).map_err(text)?;
        opened.push(json!({
            "passphrase": passphrase, "device_key": hex(&device), "slot": index,
            "purpose": format!("{purpose:?}"), "vault": format!("{vault:?}"), "key": hex(&key),
        }));
    }
    Ok(json!({ "file": hex(&slots.to_bytes().map_err(text)?), "opened": opened }))
}

/// A departed vault: what it left behind, its slot file, and the code that opens it.
pub(super) fn travel() -> Result<Value, String> {
    let text = |error: CryptoError| error.to_string();
    let (workspace, device, departure) = (WorkspaceId([7; 16]), DeviceId([8; 16]), [9; 16]);
    let coordinator = DeviceSecret::from_seed(Zeroizing::new([5; 64])).map_err(text)?;
    let (release, key) = (Release::generate().map_err(text)?, VaultKey::from_bytes([6; 32]));
    let sealed = release.seal_to(coordinator.keys(), workspace, device, &departure).map_err(text)?;
    let left = Left { departure, number: 3, sealed: vec![(coordinator.id(), sealed)] };
    let departures = vec![
        DepartureEntry::Left(left),
        DepartureEntry::Readmitted(departure),
        DepartureEntry::Back(departure),
    ];
    let mut slots = Slots::new(Cost::FLOOR).map_err(text)?;
    let stretched = slots.stretch("correct horse battery staple").map_err(text)?;
    let unlock = UnlockKey::from_bytes(mac(&[1; 32], stretched.as_bytes()));
    let travelling = release.seal_vault(&departure, Which::A, &key).map_err(text)?;
    slots
        .put(4, &unlock, &Held::Travel(Travel { vault: Which::A, departure, key: travelling }))
        .map_err(text)?;
    Ok(json!({
        "workspace": hex(&workspace.0), "device": hex(&device.0), "departure": hex(&departure),
        "coordinator_seed": hex(&[5; 64]),
        "batch": hex(&Batch { departures, ..Batch::default() }.encode()),
        "file": hex(&slots.to_bytes().map_err(text)?), "slot": 4,
        "passphrase": "correct horse battery staple", "device_key": hex(&[1; 32]),
        "code": hex(&release.to_code()), "key": hex(&[6; 32]),
    }))
}

/// Shares of a recovery secret, as they are printed.
pub(super) fn shares() -> Result<Value, String> {
    let secret = RecoverySecret::generate().map_err(|error| error.to_string())?;
    let shares = Share::of(&secret, 2, 3, WorkspaceId([7; 16])).map_err(|error| error.to_string())?;
    let device = secret.device().map_err(|error| error.to_string())?.id();
    let sheets: Vec<Value> = shares
        .iter()
        .map(|share| json!({ "text": share.to_text(), "tajik": share.to_words("tg").join(" ") }))
        .collect();
    Ok(json!({ "device": device.to_string(), "workspace": hex(&[7; 16]), "shares": sheets }))
}

/// A bundle of each purpose for two readers; the backup has every kind of item.
pub(super) fn bundle() -> Result<Value, String> {
    let text = |error: cairn_core::bundle::BundleError| error.to_string();
    let readers = [device(1)?, device(2)?];
    let keys = readers.each_ref().map(DeviceSecret::keys);
    let mut outbox = BundleWriter::new(Vec::new(), Carries::Outbox, &keys).map_err(text)?;
    let frames: [&[u8]; 3] = [b"first", b"", b"third"];
    frames.iter().try_for_each(|frame| outbox.frame(frame)).map_err(text)?;
    let (circle, author) = (CircleId([0x22; 16]), DeviceId([0x33; 16]));
    let head = Head {
        workspace: WorkspaceId([0x11; 16]),
        author,
        time: 1_800_000_000,
        url: "https://cairn.example:8443".to_owned(),
        server_key: VerifyingKey([9; 32]),
        circles: vec![Span { circle, from: 7, to: 300 }],
    };
    let backup = BundleWriter::new(Vec::new(), Carries::Backup, &keys).map_err(text)?;
    let mut items = Items::new(backup);
    for item in [
        Item::Head(head),
        Item::Entry(b"entry".to_vec()),
        Item::Key { circle, epoch: 2, sealed: b"wrap".to_vec() },
        Item::Letter { circle, device: author, bytes: b"letter".to_vec() },
        Item::Pack { manifest: b"manifest".to_vec(), attestations: vec![b"attestation".to_vec()] },
        Item::Piece(b"piece".to_vec()),
        Item::Segment { circle, seq: 8, bytes: b"segment".to_vec() },
    ] {
        items.add(&item).map_err(text)?;
    }
    Ok(json!({
        "about": "a carried outbox of three frames and a backup with one item of each kind, each for both readers",
        "reader_seeds": readers.each_ref().map(|reader| hex(&reader.seed()[..])),
        "outbox": hex(&outbox.finish().map_err(text)?),
        "frames": frames.map(hex),
        "backup": hex(&items.finish().map_err(text)?),
    }))
}
