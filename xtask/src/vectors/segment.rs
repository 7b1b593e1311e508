//! Vectors of segments and packs, and of what their batches can carry.

use cairn_core::change::{self, About, Stamp};
use cairn_core::crypto::EpochSecret;
use cairn_core::form::{Answer, Answers, Form, Kind, Part};
use cairn_core::pack::{Binding, Entry, State, Writer, names};
use cairn_core::roster::{admit, erase, found, let_hand_in};
use cairn_core::segment::{
    Batch, CarriedEntry, ChangeEntry, Dictionary, Effort, ErasureEntry, FormEntry, Handout, Label, Next,
    Place, SealedEntry, SealedPlace, ShareEntry, Verdict, Witness, pack, seal, submit,
};
use cairn_core::wire::codec::hex;
use cairn_core::wire::digest::{VerifyingKey, sha256};
use cairn_core::wire::id::{ChainId, CircleId, DeviceId, DocumentId, InviteId, RecordId, WorkspaceId};
use cairn_core::wire::pack::{Attestation, ChainHead, Manifest};
use cairn_core::wire::roster::Role;
use serde_json::{Value, json};

use super::device;

/// Two segments of one chain: the first with a name and a form, the second compressed with a dictionary.
pub(super) fn segment() -> Result<Value, String> {
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
pub(super) fn carrying() -> Result<Value, String> {
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
pub(super) fn deciding() -> Result<Value, String> {
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
pub(super) fn labelling() -> Result<Value, String> {
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

/// A device that hands in to one circle only, and a segment of it with a sealed record.
pub(super) fn sealed_record() -> Result<Value, String> {
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

/// A device that only hands in, the submit key it seals to, a segment of it, and a handout for it.
pub(super) fn submitted() -> Result<Value, String> {
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
pub(super) fn packed() -> Result<Value, String> {
    let text = |error: &dyn std::fmt::Display| error.to_string();
    let author = device(1)?;
    let (workspace, circle, chain) = (WorkspaceId([0x11; 16]), CircleId([0x22; 16]), ChainId([0x33; 16]));
    let secret = EpochSecret::from_bytes(&[0x44; 32]).map_err(|error| text(&error))?;
    let form =
        Form::decode(include_bytes!("../../../tests/vectors/form-1.bin")).map_err(|error| text(&error))?;
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

/// A record that is erased: what the roster says of it, and the sealed entry as it stands in a batch.
pub(super) fn erasure() -> Result<Value, String> {
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
