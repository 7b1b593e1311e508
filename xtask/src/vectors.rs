//! Writes test vectors: bytes of today's formats that every later version must read.
//!
//! A vector is written once. When a format gets a new version, it gets a new file; the old one stays.

use std::fs;
use std::path::Path;

use cairn_core::bundle::{Head, Item, Items, Purpose as Carries, Span, Writer as BundleWriter};
use cairn_core::change::{self, About, Stamp};
use cairn_core::crypto::{
    Content, Cost, CryptoError, DeviceSecret, EpochSecret, Held, Purpose, RecoverySecret, Release, Slots,
    Travel, UnlockKey, VaultKey, Which, mac,
};
use cairn_core::form::{Answer, Answers, Apart, Form, Kind, Part, Question, Sheet};
use cairn_core::pack::{Binding, Entry, State, Writer, names};
use cairn_core::roster::{admit, erase, found, let_hand_in, one_entry, renew, revoke, words};
use cairn_core::segment::{
    Batch, CarriedEntry, ChangeEntry, DepartureEntry, Dictionary, Effort, ErasureEntry, FormEntry, Handout,
    Label, Left, Next, Place, SealedEntry, SealedPlace, ShareEntry, Verdict, Witness, pack, seal, submit,
};
use cairn_core::vault::Share;
use cairn_core::wire::codec::hex;
use cairn_core::wire::digest::{VerifyingKey, sha256};
use cairn_core::wire::hello::Hello;
use cairn_core::wire::id::{ChainId, CircleId, DeviceId, DocumentId, InviteId, RecordId, WorkspaceId};
use cairn_core::wire::invitation::Invitation;
use cairn_core::wire::join::JoinRequest;
use cairn_core::wire::pack::{Attestation, ChainHead, Manifest};
use cairn_core::wire::roster::{Body, Last, Policy, Role};
use serde_json::{Value, json};
use zeroize::Zeroizing;

use crate::trouble::Trouble;

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/vectors");

/// Writes what is missing; never touches what is there.
pub(crate) fn run() -> Result<(), Trouble> {
    for (name, vector) in [
        ("roster-1.json", roster()),
        ("segment-1.json", segment()),
        ("batch-2.json", carrying()),
        ("batch-3.json", deciding()),
        ("batch-4.json", labelling()),
        ("revocation-1.json", revocation()),
        ("settings-1.json", settings()),
        ("erasure-1.json", erasure()),
        ("wire-1.json", wire()),
        ("pack-1.json", packed()),
        ("wire-2.json", invited()),
        ("submitted-1.json", submitted()),
        ("form-3.json", logical()),
        ("form-4.json", apart()),
        ("form-5.json", sealed_form()),
        ("sealed-1.json", sealed_record()),
        ("slots-1.json", slots()),
        ("shares-1.json", shares()),
        ("bundle-1.json", bundle()),
        ("travel-1.json", travel()),
    ] {
        let path = Path::new(FOLDER).join(name);
        if path.exists() {
            println!("{name} is there already");
            continue;
        }
        let text = serde_json::to_string_pretty(&vector.map_err(Trouble)?)?;
        fs::write(&path, text + "\n").map_err(|error| Trouble::at(&path, error))?;
        println!("{name} written");
    }
    Ok(())
}

/// A form with everything that version 2 did not know, and its encoding.
fn logical() -> Result<Value, String> {
    let json = json!({
        "id": "logical", "version": "1", "title": {"": "Logical"}, "default_language": "",
        "groups": [
            {"name": "adult", "label": {}, "parent": null, "relevant": "${age} > 17", "appearance": "field-list"},
            {"name": "child", "label": {}, "parent": null, "repeat": {"count": "${children}"}},
            {"name": "paper", "label": {}, "parent": 1, "repeat": {}},
        ],
        "questions": [
            {"name": "age", "kind": "integer", "label": {"": "Age"}, "logic": {
                "constraint": ". < 120", "constraint_message": {"English (en)": "Below 120"},
                "required_when": "${children} > 0", "required_message": {"": "Say it"},
                "readonly": "${children} = 9", "default": {"literal": "30"}},
             "merge": "max", "sensitivity": 2, "guidance_hint": {"": "In years"}},
            {"name": "children", "kind": "integer", "label": {}, "logic": {"default": {"expression": "1 + 1"}},
             "merge": "ctr"},
            {"name": "town", "kind": {"select_one": "towns"}, "label": {}, "group": 0,
             "logic": {"choice_filter": "land = ${land}"}, "media": {"image": {"": "map.png"}}},
            {"name": "land", "kind": "text", "label": {}, "merge": "imm"},
            {"name": "price", "kind": "calculate", "label": {}, "logic": {
                "calculation": "pulldata('prices', 'price', 'town', ${town})", "trigger": ["town"]}},
            {"name": "pain", "kind": "range", "label": {}, "parameters": {"start": "0", "end": "5"}},
            {"name": "order", "kind": {"rank": "towns"}, "label": {}},
            {"name": "called", "kind": "text", "label": {}, "group": 1, "part": "identity", "merge": "log"},
            {"name": "number", "kind": "text", "label": {}, "group": 2},
            {"name": "way", "kind": "geotrace", "label": {}},
            {"name": "field", "kind": "geoshape", "label": {}},
            {"name": "picture", "kind": "image", "label": {}},
            {"name": "sound", "kind": "audio", "label": {}},
            {"name": "film", "kind": "video", "label": {}},
            {"name": "scan", "kind": "file", "label": {}},
            {"name": "device", "kind": {"metadata": "deviceid"}, "label": {}},
        ],
        "lists": {"towns": [
            {"name": "khj", "label": {"": "Khujand"}, "columns": {"land": "tj"}, "media": {"audio": {"": "k.mp3"}}},
            {"name": "osh", "label": {"": "Osh"}, "columns": {"land": "kg"}},
        ]},
        "tables": {"prices": {"columns": ["town", "price"], "rows": [["khj", "3"], ["osh", "4"]]}},
        "instance_name": "concat(${age}, ' years')",
    });
    let text = serde_json::to_vec(&json).map_err(|error| error.to_string())?;
    let form = Form::from_json(&text).map_err(|error| error.to_string())?;
    Ok(json!({
        "about": "a form with all that version 2 did not know, and its encoding",
        "form": json,
        "encoded": hex(&form.encode()),
    }))
}

/// A form whose records are sealed when they are finished, and its encoding.
fn sealed_form() -> Result<Value, String> {
    let json = json!({
        "id": "border", "version": "1", "title": {"": "Border"}, "default_language": "", "groups": [],
        "questions": [{"name": "seen", "kind": "text", "label": {"": "What was seen?"}}],
        "lists": {},
        "sealed": true,
    });
    let text = serde_json::to_vec(&json).map_err(|error| error.to_string())?;
    let form = Form::from_json(&text).map_err(|error| error.to_string())?;
    Ok(json!({
        "about": "a form whose records are sealed when they are finished, and its encoding",
        "form": json,
        "encoded": hex(&form.encode()),
    }))
}

/// A device that hands in to one circle only, and a segment of it with a sealed record.
fn sealed_record() -> Result<Value, String> {
    let text = |error: &dyn std::fmt::Display| error.to_string();
    let (founder, worker) = (device(1)?, device(2)?);
    let founding = found(&founder, VerifyingKey([9; 32]), 1_800_000_000).map_err(|error| text(&error))?;
    let (circle, mut roster, mut entries) = (founding.circle, founding.roster, founding.post.entries);
    let post = admit(&roster, &founder, 1_800_000_100, worker.keys(), Role::Field, InviteId([7; 16]), &[]);
    let mut posts = vec![post.map_err(|error| text(&error))?];
    let admitted = posts
        .iter()
        .flat_map(|post| &post.entries)
        .try_fold(roster.clone(), |mut roster, entry| roster.append(entry).map(|_| roster));
    let to = [worker.id()];
    let newest = Some(&founding.secret);
    let admitted = admitted.map_err(|error| text(&error))?;
    posts.push(
        let_hand_in(&admitted, &founder, 1_800_000_200, &to, circle, newest).map_err(|error| text(&error))?,
    );
    for entry in posts.into_iter().flat_map(|post| post.entries) {
        roster.append(&entry).map_err(|error| text(&error))?;
        entries.push(entry);
    }
    let (chain, origin) = (ChainId([0x5c; 16]), ChainId([0x6d; 16]));
    let document = DocumentId::of(origin, 1);
    let entry = ChangeEntry { document, change: b"synthetic change".to_vec() };
    let carried = vec![CarriedEntry { origin, entry }];
    let inside = Batch { time: 1_800_000_300, carried, ..Batch::default() };
    let (workspace, roster_seq, roster_head) = (roster.workspace(), roster.seq(), roster.head());
    let key = roster.submit_key(&circle, 1).ok_or("no submit key")?;
    let place = SealedPlace { workspace, circle, author: worker.id() };
    let packed = pack(&inside, None, Effort::Thin).map_err(|error| text(&error))?;
    let sealed = SealedEntry::seal(&packed, &place, document, 1, key).map_err(|error| text(&error))?;
    let label = Label {
        since: 2,
        name: "office".to_owned(),
        parts: std::collections::BTreeSet::new(),
        team: String::new(),
        sharing: true,
        sealed: true,
    };
    let batch = Batch { time: 1_800_000_400, sealed: vec![sealed], ..Batch::default() };
    let labelling = Batch { time: 1_800_000_400, labels: vec![label], ..Batch::default() };
    let place = Place { workspace, circle, epoch: 1, roster_seq, roster_head };
    let next = Next { chain, seq: 1, prev: worker.id().0 };
    let packed = pack(&batch, None, Effort::Thin).map_err(|error| text(&error))?;
    let segment = submit(&packed, &place, &next, key, &worker).map_err(|error| text(&error))?;
    Ok(json!({
        "about": "a roster with a field device that hands in to a circle (kind 10), a segment of type 2 with a sealed \
                  record (batch version 8), and a batch with the label of a circle for such records",
        "device_seed": hex(&worker.seed()[..]),
        "workspace": workspace.to_string(),
        "circle": circle.to_string(),
        "epoch_secret": hex(founding.secret.as_bytes()),
        "entries": entries.iter().map(|entry| hex(entry)).collect::<Vec<_>>(),
        "segment": hex(&segment.bytes),
        "batch": hex(&batch.encode()),
        "inside": hex(&inside.encode()),
        "labelling": hex(&labelling.encode()),
    }))
}

/// A form with a list and a table that travel apart, its encoding, and theirs, which are one piece each.
fn apart() -> Result<Value, String> {
    let towns = [["khj", "Khujand", "Худжанд", "tj"], ["osh", "Osh", "", "kg"]];
    let prices = [["khj", "3"], ["osh", "4"]];
    let columns = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
    let towns =
        Sheet::new(columns(&["name", "label", "label::Русский (ru)", "land"]), 2, |row, column| {
            towns.get(row).and_then(|row| row.get(column)).copied().unwrap_or_default()
        });
    let prices = Sheet::new(columns(&["town", "price"]), 2, |row, column| {
        prices.get(row).and_then(|row| row.get(column)).copied().unwrap_or_default()
    });
    let (towns, prices) = towns.zip(prices).ok_or("no sheets")?;
    let pieces = json!({ "towns": hex(&towns.encode()), "prices": hex(&prices.encode()) });
    let sheets = json!({ "towns": towns, "prices": prices });
    let mut form = Form::new("apart", "1");
    form.questions = vec![Question::new("town", Kind::SelectOne("towns".to_owned()))];
    form.questions.extend(["price"].map(|name| Question::new(name, Kind::Calculate)));
    for question in form.questions.iter_mut().skip(1) {
        question.logic.calculation = Some("pulldata('prices', 'price', 'town', ${town})".to_owned());
    }
    for (name, sheet, is_list) in [("towns", towns, true), ("prices", prices, false)] {
        form.apart.insert(name.to_owned(), Apart::new(sheet, is_list).ok_or("too large")?);
    }
    form.is_sound().map_err(|error| error.to_string())?;
    Ok(json!({
        "about": "a form with a list and a table that travel apart, in one piece each",
        "form": form,
        "encoded": hex(&form.encode()),
        "sheets": sheets,
        "pieces": pieces,
        "batch": hex(&Batch { pieces: vec![vec![1, 2, 3], vec![4]], ..Batch::default() }.encode()),
    }))
}

/// A slot file with a passphrase for each of the two vaults.
fn slots() -> Result<Value, String> {
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
fn travel() -> Result<Value, String> {
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
fn shares() -> Result<Value, String> {
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
fn bundle() -> Result<Value, String> {
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

fn device(seed: u8) -> Result<DeviceSecret, String> {
    DeviceSecret::from_seed(Zeroizing::new([seed; 64])).map_err(|error| error.to_string())
}

/// A workspace's first six entries, and every secret in it.
fn roster() -> Result<Value, String> {
    let text = |error: &dyn std::fmt::Display| error.to_string();
    let (founder, newcomer) = (device(1)?, device(2)?);
    let founding = found(&founder, VerifyingKey([9; 32]), 1_800_000_000).map_err(|error| text(&error))?;
    let (circle, first) = (founding.circle, founding.secret.clone());
    let mut roster = founding.roster;
    let mut entries = founding.post.entries;
    let (post, second) =
        renew(&roster, &founder, 1_800_000_100, circle, &first).map_err(|error| text(&error))?;
    for entry in post.entries {
        roster.append(&entry).map_err(|error| text(&error))?;
        entries.push(entry);
    }
    let newest = [(circle, 2, second.clone())];
    let keys = newcomer.keys();
    let post = admit(&roster, &founder, 1_800_000_200, keys, Role::Field, InviteId([7; 16]), &newest)
        .map_err(|error| text(&error))?;
    entries.extend(post.entries);
    let wrap = post.wraps.first().map(|(_, wrap)| hex(&wrap.sealed)).unwrap_or_default();
    Ok(json!({
        "about": "a roster: genesis, epoch 1, epoch 2, add device, grant",
        "founder_seed": hex(&founder.seed()[..]),
        "newcomer_seed": hex(&newcomer.seed()[..]),
        "workspace": founding.workspace.to_string(),
        "circle": circle.to_string(),
        "epoch_secrets": [hex(first.as_bytes()), hex(second.as_bytes())],
        "newcomer_wrap_of_epoch_2": wrap,
        "entries": entries.iter().map(|entry| hex(entry)).collect::<Vec<_>>(),
    }))
}

/// Two segments of one chain: the first with a name and a form, the second compressed with a dictionary.
fn segment() -> Result<Value, String> {
    let text = |error: &dyn std::fmt::Display| error.to_string();
    let author = device(1)?;
    let founding = found(&author, VerifyingKey([9; 32]), 1_800_000_000).map_err(|error| text(&error))?;
    let chain = ChainId([0x5c; 16]);
    let place = Place {
        workspace: founding.workspace,
        circle: founding.circle,
        epoch: 1,
        roster_seq: founding.roster.seq(),
        roster_head: founding.roster.head(),
    };
    let dictionary = Dictionary::new(b"cairn synthetic dictionary ".repeat(20)).ok_or("a dictionary")?;
    let first = Batch {
        time: 1_800_000_001,
        clock_offset: -2,
        witness: None,
        names: vec!["Телефон 1".to_owned()],
        forms: vec![FormEntry { form: b"form octets".to_vec(), dictionary: dictionary.bytes().to_vec() }],
        ..Batch::default()
    };
    let second = Batch {
        time: 1_800_000_002,
        clock_offset: 0,
        witness: Some(Witness { seq: 1, root: [4; 16] }),
        changes: (1..=3)
            .map(|n| ChangeEntry {
                document: DocumentId::of(chain, n),
                change: format!("synthetic change {n}").into_bytes(),
            })
            .collect(),
        ..Batch::default()
    };
    let one = seal(
        pack(&first, None, Effort::Thin).map_err(|error| text(&error))?,
        &place,
        &Next { chain, seq: 1, prev: author.id().0 },
        &founding.secret,
        &author,
    )
    .map_err(|error| text(&error))?;
    let two = seal(
        pack(&second, Some(&dictionary), Effort::Thin).map_err(|error| text(&error))?,
        &place,
        &Next { chain, seq: 2, prev: cairn_core::wire::digest::half(&one.hash) },
        &founding.secret,
        &author,
    )
    .map_err(|error| text(&error))?;
    let secret: &EpochSecret = &founding.secret;
    Ok(json!({
        "about": "two segments of one chain, and what opens them",
        "author_seed": hex(&author.seed()[..]),
        "workspace": founding.workspace.to_string(),
        "circle": founding.circle.to_string(),
        "roster": founding.post.entries.iter().map(|entry| hex(entry)).collect::<Vec<_>>(),
        "epoch_secret": hex(secret.as_bytes()),
        "dictionary": hex(dictionary.bytes()),
        "segments": [
            { "bytes": hex(&one.bytes), "batch": hex(&first.encode()) },
            { "bytes": hex(&two.bytes), "batch": hex(&second.encode()) },
        ],
    }))
}

/// A batch that carries a change of an earlier chain.
fn carrying() -> Result<Value, String> {
    let (chain, origin) = (ChainId([0x5c; 16]), ChainId([0x5d; 16]));
    let change = |n: u64| format!("synthetic change {n}").into_bytes();
    let batch = Batch {
        time: 1_800_000_003,
        changes: vec![ChangeEntry { document: DocumentId::of(chain, 1), change: change(1) }],
        carried: vec![CarriedEntry {
            origin,
            entry: ChangeEntry { document: DocumentId::of(origin, 2), change: change(2) },
        }],
        ..Batch::default()
    };
    Ok(json!({
        "about": "a batch of version 2: one change of its own, one carried from an earlier chain",
        "origin": origin.to_string(),
        "batch": hex(&batch.encode()),
    }))
}

/// A batch that decides about two late letters.
fn deciding() -> Result<Value, String> {
    let author = DeviceId([0x22; 16]);
    let batch = Batch {
        time: 1_800_000_004,
        verdicts: vec![
            Verdict::Accepted { device: author, letter: b"synthetic letter".to_vec() },
            Verdict::Refused { letter: [0x33; 16] },
        ],
        ..Batch::default()
    };
    Ok(json!({
        "about": "a batch of version 3: a late letter accepted, another refused",
        "author": author.to_string(),
        "batch": hex(&batch.encode()),
    }))
}

/// A batch that says what its circle is called and holds.
fn labelling() -> Result<Value, String> {
    let label = Label {
        since: 5,
        name: "synthetic circle".to_owned(),
        parts: [Part::Health, Part::Legal].into(),
        team: "north".to_owned(),
        sharing: false,
        sealed: false,
    };
    let share =
        ShareEntry { record: RecordId([0x11; 16]), copy: RecordId([0x22; 16]), circle: CircleId([0x33; 16]) };
    let batch = Batch { time: 1_800_000_005, labels: vec![label], shares: vec![share], ..Batch::default() };
    Ok(json!({
        "about": "a batch of version 4: its circle holds health and legal for the team north from entry 5 on",
        "batch": hex(&batch.encode()),
    }))
}

/// A founder, a newcomer, and the entries that take the newcomer out and renew the key.
fn revocation() -> Result<Value, String> {
    let text = |error: &dyn std::fmt::Display| error.to_string();
    let (founder, newcomer) = (device(1)?, device(2)?);
    let founding = found(&founder, VerifyingKey([9; 32]), 1_800_000_000).map_err(|error| text(&error))?;
    let (circle, mut roster, mut entries) = (founding.circle, founding.roster, founding.post.entries);
    let newest = [(circle, 1, founding.secret)];
    let admitted =
        admit(&roster, &founder, 1_800_000_100, newcomer.keys(), Role::Field, InviteId([7; 16]), &newest)
            .map_err(|error| text(&error))?;
    for entry in admitted.entries {
        roster.append(&entry).map_err(|error| text(&error))?;
        entries.push(entry);
    }
    let chain = ChainId([0x5c; 16]);
    let lasts = vec![Last { chain, seq: 3, link: [0x44; 16] }];
    let done = revoke(&roster, &founder, 1_800_000_200, newcomer.id(), None, lasts, &newest)
        .map_err(|error| text(&error))?;
    for entry in done.post.entries {
        roster.append(&entry).map_err(|error| text(&error))?;
        entries.push(entry);
    }
    Ok(json!({
        "about": "a roster in which the second device was revoked: its chain counts up to segment 3",
        "workspace": roster.workspace().to_string(),
        "circle": circle.to_string(),
        "device": newcomer.id().to_string(),
        "chain": chain.to_string(),
        "entries": entries.iter().map(|entry| hex(entry)).collect::<Vec<_>>(),
    }))
}

/// A device that only hands in, the submit key it seals to, a segment of it, and a handout for it.
fn submitted() -> Result<Value, String> {
    let text = |error: &dyn std::fmt::Display| error.to_string();
    let (founder, hotline) = (device(1)?, device(2)?);
    let founding = found(&founder, VerifyingKey([9; 32]), 1_800_000_000).map_err(|error| text(&error))?;
    let (circle, mut roster, mut entries) = (founding.circle, founding.roster, founding.post.entries);
    let newest = [(circle, 1, founding.secret.clone())];
    let (keys, role, invite) = (hotline.keys(), Role::SubmitOnly, InviteId([7; 16]));
    let post = admit(&roster, &founder, 1_800_000_100, keys, role, invite, &newest);
    for entry in post.map_err(|error| text(&error))?.entries {
        roster.append(&entry).map_err(|error| text(&error))?;
        entries.push(entry);
    }
    let chain = ChainId([0x5c; 16]);
    let change = ChangeEntry { document: DocumentId::of(chain, 1), change: b"synthetic change".to_vec() };
    let batch = Batch { time: 1_800_000_200, changes: vec![change], ..Batch::default() };
    let (workspace, roster_seq, roster_head) = (roster.workspace(), roster.seq(), roster.head());
    let place = Place { workspace, circle, epoch: 1, roster_seq, roster_head };
    let next = Next { chain, seq: 1, prev: hotline.id().0 };
    let key = roster.submit_key(&circle, 1).ok_or("no submit key")?;
    let packed = pack(&batch, None, Effort::Thin).map_err(|error| text(&error))?;
    let sealed = submit(&packed, &place, &next, key, &hotline).map_err(|error| text(&error))?;
    let form = FormEntry { form: b"form octets".to_vec(), dictionary: Vec::new() };
    let circles = [(circle, Batch { forms: vec![form], ..Batch::default() })];
    let handout = Handout::seal(&circles, &roster, &founder, keys).map_err(|error| text(&error))?;
    Ok(json!({
        "about": "a roster with a device that only hands in (role 4) and a submit key (kind 8), a segment of type 2, \
                  a handout of one form",
        "founder_seed": hex(&founder.seed()[..]),
        "device_seed": hex(&hotline.seed()[..]),
        "workspace": workspace.to_string(),
        "circle": circle.to_string(),
        "epoch_secret": hex(founding.secret.as_bytes()),
        "entries": entries.iter().map(|entry| hex(entry)).collect::<Vec<_>>(),
        "segment": hex(&sealed.bytes),
        "batch": hex(&batch.encode()),
        "handout": hex(&handout),
    }))
}

/// A pack of one document with two changes, and everything that opens it.
fn packed() -> Result<Value, String> {
    let text = |error: &dyn std::fmt::Display| error.to_string();
    let author = device(1)?;
    let (workspace, circle, chain) = (WorkspaceId([0x11; 16]), CircleId([0x22; 16]), ChainId([0x33; 16]));
    let secret = EpochSecret::from_bytes(&[0x44; 32]).map_err(|error| text(&error))?;
    let form =
        Form::decode(include_bytes!("../../tests/vectors/form-1.bin")).map_err(|error| text(&error))?;
    let id = DocumentId::of(chain, 1);
    let (record, salt) = (RecordId(id.0), [0x55; 24]);
    let by = |time| Stamp { chain, time };
    let about = About { record, part: "case" };
    let begun =
        change::first(&form, &about, &Answers::new(), &by(1_800_000_000)).map_err(|error| text(&error))?;
    let field =
        form.questions.iter().find(|question| question.kind == Kind::Text).ok_or("no text question")?;
    let edits = [(field.name.clone(), Some(Answer::Text("synthetic".to_owned())))].into();
    let edited = change::edit(&begun.document, &form, &edits, &by(1_800_000_100));
    let edited = edited.map_err(|error| text(&error))?.ok_or("nothing edited")?;
    let entries = [
        Entry::Name { device: author.id(), name: "Sample office".to_owned() },
        Entry::Document { id, changes: vec![begun.change, edited.change.clone()] },
    ];
    let binding = Binding { workspace, circle, device: author.id(), salt, secret: secret.clone() };
    let mut writer = Writer::new(binding).map_err(|error| text(&error))?;
    let mut pieces = Vec::new();
    for entry in &entries {
        pieces.extend(writer.add(entry).map_err(|error| text(&error))?);
    }
    pieces.extend(writer.finish().map_err(|error| text(&error))?);
    let mut state = State::new();
    state.add(&id, &[edited.hash]);
    let manifest = Manifest {
        circle,
        device: author.id(),
        seq: 2,
        root: [0x66; 32],
        epoch: 1,
        roster_seq: 2,
        time: 1_800_000_200,
        state: state.root().ok_or("documents out of order")?,
        salt,
        chains: vec![ChainHead { chain, device: author.id(), height: 2, link: [0x77; 16] }],
        pieces: names(&pieces),
    };
    let head = [0x88; 32];
    let bytes = manifest.encode(&author.sign(&manifest.signed_bytes(workspace, &head)));
    let attestation = Attestation { circle, pack: sha256(&[&bytes]), device: author.id() };
    let attested = attestation.encode(&author.sign(&attestation.signed_bytes(workspace)));
    Ok(json!({
        "about": "a pack of one document with two changes; roster head 88…, epoch secret 44…",
        "device_seed": hex(&author.seed()[..]),
        "workspace": workspace.to_string(),
        "circle": circle.to_string(),
        "roster_head": hex(&head),
        "secret": hex(secret.as_bytes()),
        "manifest": hex(&bytes),
        "pieces": pieces.iter().map(|piece| hex(piece)).collect::<Vec<_>>(),
        "last_change": hex(&edited.change),
        "attestation": hex(&attested),
    }))
}

/// A founder who names a second key of the server, drops the first, and sets a policy.
fn settings() -> Result<Value, String> {
    let founder = device(1)?;
    let founding =
        found(&founder, VerifyingKey([9; 32]), 1_800_000_000).map_err(|error| error.to_string())?;
    let (mut roster, mut entries) = (founding.roster, founding.post.entries);
    for (time, body) in [
        (1_800_000_100, Body::ServerKeys { keys: vec![VerifyingKey([8; 32]), VerifyingKey([9; 32])] }),
        (1_800_000_200, Body::ServerKeys { keys: vec![VerifyingKey([8; 32])] }),
        (1_800_000_300, Body::Policy(Policy { renew_days: 7, protocol: 1 })),
    ] {
        let post = one_entry(&roster, &founder, time, body).map_err(|error| error.to_string())?;
        for entry in post.entries {
            roster.append(&entry).map_err(|error| error.to_string())?;
            entries.push(entry);
        }
    }
    Ok(json!({
        "about": "a roster in which the server's keys changed from 09… to 08… and keys are renewed weekly",
        "workspace": roster.workspace().to_string(),
        "entries": entries.iter().map(|entry| hex(entry)).collect::<Vec<_>>(),
    }))
}

/// A record that is erased: what the roster says of it, and the sealed entry as it stands in a batch.
fn erasure() -> Result<Value, String> {
    let founder = device(1)?;
    let founding =
        found(&founder, VerifyingKey([9; 32]), 1_800_000_000).map_err(|error| error.to_string())?;
    let (workspace, circle, mut entries) = (founding.workspace, founding.circle, founding.post.entries);
    let erasure = ErasureEntry {
        record: RecordId([0x77; 16]),
        salt: [0x55; 32],
        documents: vec![DocumentId([0x77; 16]), DocumentId([0x78; 16])],
        reason: "Consent withdrawn".to_owned(),
    };
    let commitment = erasure.commitment(workspace, circle);
    let erased = [(circle, vec![commitment])];
    let done = erase(&founding.roster, &founder, 1_800_000_100, &erased, &[circle]);
    entries.extend(done.map_err(|error| error.to_string())?.post.entries);
    let batch = Batch {
        time: 1_800_000_101,
        erasures: vec![erasure],
        confirmed: vec![[0x66; 16]],
        ..Batch::default()
    };
    Ok(json!({
        "about": "a roster that says a record was erased and cuts the circle's key, and the batch that names it",
        "workspace": workspace.to_string(),
        "circle": circle.to_string(),
        "entries": entries.iter().map(|entry| hex(entry)).collect::<Vec<_>>(),
        "commitment": hex(&commitment),
        "batch": hex(&batch.encode()),
    }))
}

/// Small things in one encoding each: hello, join request, invitation.
fn wire() -> Result<Value, String> {
    let author = device(1)?;
    let workspace = WorkspaceId([0x11; 16]);
    let hello = Hello {
        workspace,
        device: DeviceId([0x22; 16]),
        time: 1_800_000_000,
        nonce: [0x33; 16],
        body_digest: Hello::digest_of(b"body"),
        ask: vec![1, 2, 3],
    };
    let invitation = invitation(None);
    let join = JoinRequest::new(&invitation, author.keys().clone());
    Ok(json!({
        "about": "a hello with a signature of zeros, a join request under secret 55…, an invitation",
        "device_seed": hex(&author.seed()[..]),
        "hello": hex(&hello.encode(&[0; 64])),
        "join": hex(&join.encode()),
        "invitation": invitation.to_text(),
    }))
}

fn invitation(role: Option<Role>) -> Invitation {
    Invitation {
        workspace: WorkspaceId([0x11; 16]),
        server_key: VerifyingKey([0x66; 32]),
        roster_seq: 300,
        roster_head: [0x77; 16],
        invite: InviteId([0x44; 16]),
        secret: [0x55; 16],
        expiry: 1_800_086_400,
        url: "https://cairn.example:8443".to_owned(),
        role,
    }
}

/// An invitation of version 2, the request that is bound to it, and the words of the device that asks.
fn invited() -> Result<Value, String> {
    let author = device(1)?;
    let invitation = invitation(Some(Role::Field));
    let join = JoinRequest::new(&invitation, author.keys().clone());
    Ok(json!({
        "about": "an invitation that names a role, and the request that is bound to it",
        "device_seed": hex(&author.seed()[..]),
        "invitation": invitation.to_text(),
        "binding": hex(&invitation.binding().unwrap_or_default()),
        "join": hex(&join.encode()),
        "words": words(invitation.workspace, &author.id()),
    }))
}
