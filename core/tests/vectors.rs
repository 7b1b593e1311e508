//! Bytes of every released format stay readable, and today's code writes them the same way.

#![allow(clippy::expect_used, clippy::indexing_slicing, reason = "a panic in a test is its report")]

use std::sync::Arc;

use cairn_core::bundle::{Item, Purpose, Reader as BundleReader, Span};
use cairn_core::change::hash;
use cairn_core::crypto::{DeviceSecret, EpochSecret, Held, Release, Slots, UnlockKey, mac};
use cairn_core::form::apart::PieceName;
use cairn_core::form::{Form, Part, Sheet};
use cairn_core::pack::{Binding, Entry, Reader as PackReader, State, names};
use cairn_core::roster::{walk_back, words};
use cairn_core::segment::{Batch, DepartureEntry, Dictionary, Handout, SealedPlace, Verdict, unpack, verify};
use cairn_core::vault::Share;
use cairn_core::wire::attachment::{
    Ask, Fetched, Part as PutPart, PutStream, State as HeldState, States, name,
};
use cairn_core::wire::codec::{Reader, hex};
use cairn_core::wire::digest::sha256;
use cairn_core::wire::hello::{Hello, Purpose as HelloPurpose, Received};
use cairn_core::wire::id::{AttachmentId, ChainId, CircleId, DeviceId, WorkspaceId};
use cairn_core::wire::invitation::Invitation;
use cairn_core::wire::join::JoinRequest;
use cairn_core::wire::pack::{Attestation, SignedManifest};
use cairn_core::wire::roster::{Entry as RosterEntry, Policy, Role, Roster, Standing};
use cairn_core::wire::segment::{Header, Kind, parse};
use serde_json::Value;
use zeroize::Zeroizing;

fn vector(text: &str) -> Value {
    serde_json::from_str(text).expect("a vector")
}

fn octets(value: &Value) -> Vec<u8> {
    let text = value.as_str().expect("hexadecimal");
    (0..text.len()).step_by(2).map(|at| u8::from_str_radix(&text[at..at + 2], 16).expect("a digit")).collect()
}

fn device(value: &Value) -> DeviceSecret {
    DeviceSecret::from_seed(Zeroizing::new(octets(value).try_into().expect("a seed"))).expect("a device")
}

fn workspace(vector: &Value) -> WorkspaceId {
    WorkspaceId::from_slice(&octets(&vector["workspace"])).expect("a workspace")
}

fn circle(vector: &Value) -> CircleId {
    CircleId::from_slice(&octets(&vector["circle"])).expect("a circle")
}

fn roster(vector: &Value, key: &str) -> (Roster, Vec<Vec<u8>>) {
    let entries: Vec<Vec<u8>> = vector[key].as_array().expect("entries").iter().map(octets).collect();
    (Roster::fold(workspace(vector), entries.iter().map(Vec::as_slice)).expect("a roster"), entries)
}

#[test]
fn form_3_is_read_and_written_the_same() {
    let vector = vector(include_str!("../../tests/vectors/form-3.json"));
    let encoded = octets(&vector["encoded"]);
    assert_eq!(encoded[0], 3);
    let form = Form::decode(&encoded).expect("a form");
    assert_eq!(form.encode(), encoded);
    let json = serde_json::to_vec(&vector["form"]).expect("JSON");
    assert_eq!(Form::from_json(&json), Ok(form));
}

#[test]
fn form_4_and_its_pieces_are_read_and_written_the_same() {
    let vector = vector(include_str!("../../tests/vectors/form-4.json"));
    let encoded = octets(&vector["encoded"]);
    assert_eq!(encoded[0], 4);
    let form = Form::decode(&encoded).expect("a form");
    assert_eq!(form.encode(), encoded);
    let json = serde_json::to_vec(&vector["form"]).expect("JSON");
    assert_eq!(Form::from_json(&json), Ok(form.clone()));
    for (name, sheet) in vector["sheets"].as_object().expect("sheets") {
        let piece = octets(&vector["pieces"][name]);
        let sheet: Sheet = serde_json::from_value(sheet.clone()).expect("a sheet");
        assert_eq!(sheet.encode(), piece);
        assert_eq!(Sheet::decode(&piece), Ok(sheet));
        assert_eq!(form.apart[name].pieces, [PieceName::of(&piece)]);
    }
    let batch = octets(&vector["batch"]);
    assert_eq!(batch[0], 6);
    let read = Batch::decode(&batch).expect("a batch");
    assert_eq!((read.pieces.clone(), read.encode()), (vec![vec![1, 2, 3], vec![4]], batch));
}

#[test]
fn roster_1_is_read_and_signed_the_same() {
    let vector = vector(include_str!("../../tests/vectors/roster-1.json"));
    let founder = device(&vector["founder_seed"]);
    let (roster, entries) = roster(&vector, "entries");
    assert_eq!(roster.seq(), 5);
    for bytes in &entries {
        let entry = RosterEntry::decode(bytes).unwrap();
        assert_eq!(founder.sign(&entry.signed_bytes(roster.workspace())), entry.signature);
        assert_eq!(&entry.encode(), bytes);
    }
    let newcomer = device(&vector["newcomer_seed"]);
    let wrap = octets(&vector["newcomer_wrap_of_epoch_2"]);
    let secret = EpochSecret::unwrap(&wrap, roster.workspace(), circle(&vector), 2, &newcomer).unwrap();
    let walked: Vec<String> = walk_back(&roster, circle(&vector), 2, secret)
        .iter()
        .rev()
        .map(|(_, secret)| hex(secret.as_bytes()))
        .collect();
    let expected: Vec<&str> =
        vector["epoch_secrets"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
    assert_eq!(walked, expected);
}

#[test]
fn segment_1_opens_to_the_same_batch() {
    let vector = vector(include_str!("../../tests/vectors/segment-1.json"));
    let author = device(&vector["author_seed"]);
    let (roster, _) = roster(&vector, "roster");
    let secret = EpochSecret::from_bytes(&octets(&vector["epoch_secret"])).unwrap();
    let dictionary = Arc::new(Dictionary::new(octets(&vector["dictionary"])).unwrap());
    let mut link = author.id().0;
    for segment in vector["segments"].as_array().unwrap() {
        let bytes = octets(&segment["bytes"]);
        let parsed = parse(&bytes).unwrap();
        assert_eq!(parsed.header.prev, link, "each names the one before");
        link = parsed.link();
        let verified = verify(parsed, &roster, circle(&vector), author.id()).unwrap();
        let batch = verified.open(&secret, |id| (id == dictionary.id()).then(|| dictionary.clone())).unwrap();
        assert_eq!(batch.encode(), octets(&segment["batch"]));
        assert_eq!(Batch::decode(&octets(&segment["batch"])).unwrap(), batch);
    }
}

#[test]
fn batch_3_is_read_and_written_the_same() {
    let vector = vector(include_str!("../../tests/vectors/batch-3.json"));
    let bytes = octets(&vector["batch"]);
    let batch = Batch::decode(&bytes).unwrap();
    assert_eq!(batch.encode(), bytes);
    let Verdict::Accepted { device, .. } = &batch.verdicts[0] else { unreachable!("the first accepts") };
    assert_eq!(device.to_string(), vector["author"].as_str().unwrap());
    assert_eq!(batch.verdicts[1].letter(), [0x33; 16]);
}

#[test]
fn batch_4_is_read_and_written_the_same() {
    let vector = vector(include_str!("../../tests/vectors/batch-4.json"));
    let bytes = octets(&vector["batch"]);
    let batch = Batch::decode(&bytes).unwrap();
    assert_eq!(batch.encode(), bytes);
    let label = &batch.labels[0];
    assert_eq!((label.since, label.team.as_str(), label.sharing), (5, "north", false));
    assert_eq!(label.parts, [Part::Health, Part::Legal].into());
    assert_eq!(batch.shares[0].circle, CircleId([0x33; 16]));
}

#[test]
fn erasure_1_is_what_the_roster_says_and_is_read_and_written_the_same() {
    let vector = vector(include_str!("../../tests/vectors/erasure-1.json"));
    let entries: Vec<Vec<u8>> = vector["entries"].as_array().unwrap().iter().map(octets).collect();
    let roster = Roster::fold(workspace(&vector), entries.iter().map(Vec::as_slice)).unwrap();
    for entry in &entries {
        assert_eq!(RosterEntry::decode(entry).unwrap().encode(), *entry);
    }
    let bytes = octets(&vector["batch"]);
    let batch = Batch::decode(&bytes).unwrap();
    assert_eq!(batch.encode(), bytes);
    let commitment = batch.erasures[0].commitment(roster.workspace(), circle(&vector));
    assert_eq!(commitment.to_vec(), octets(&vector["commitment"]));
    let known = &roster.circles()[&circle(&vector)];
    assert_eq!(known.erasure(&commitment).map(|erased| erased.since), Some(3));
    assert_eq!((known.first_reachable(), batch.confirmed[0]), (2, [0x66; 16]));
}

#[test]
fn revocation_1_ends_the_device_s_chain() {
    let vector = vector(include_str!("../../tests/vectors/revocation-1.json"));
    let entries: Vec<Vec<u8>> = vector["entries"].as_array().unwrap().iter().map(octets).collect();
    let roster = Roster::fold(workspace(&vector), entries.iter().map(Vec::as_slice)).unwrap();
    let id = |name: &str| octets(&vector[name]);
    let (device, chain) = (DeviceId::from_slice(&id("device")), ChainId::from_slice(&id("chain")));
    let (device, chain, circle) = (device.unwrap(), chain.unwrap(), circle(&vector));
    // Entry 4 let it in.
    let header =
        |seq| Header { kind: Kind::Batch, chain, seq, epoch: 1, roster_seq: 4, prev: [0; 16], salt: [0; 24] };
    let standing = |seq| roster.standing(&device, &circle, &header(seq));
    assert_eq!((standing(3), standing(4)), (Standing::Counts, Standing::Late));
    assert_eq!(roster.circles()[&circle].epoch(), 2);
    for entry in entries {
        assert_eq!(RosterEntry::decode(&entry).unwrap().encode(), entry);
    }
}

#[test]
fn submitted_1_opens_with_the_epoch_s_secret_and_its_handout_with_the_device_s() {
    let vector = vector(include_str!("../../tests/vectors/submitted-1.json"));
    let hotline = device(&vector["device_seed"]);
    let (roster, entries) = roster(&vector, "entries");
    for entry in entries {
        assert_eq!(RosterEntry::decode(&entry).unwrap().encode(), entry);
    }
    assert_eq!(roster.member(&hotline.id()).unwrap().role, Role::SubmitOnly);
    let secret = EpochSecret::from_bytes(&octets(&vector["epoch_secret"])).unwrap();
    let circle = circle(&vector);
    assert_eq!(roster.submit_key(&circle, 1), Some(&*secret.submit_key(circle).unwrap()));
    let bytes = octets(&vector["segment"]);
    let verified = verify(parse(&bytes).unwrap(), &roster, circle, hotline.id()).unwrap();
    assert_eq!(verified.open(&secret, |_| None).unwrap().encode(), octets(&vector["batch"]));
    let handout = Handout::open(&octets(&vector["handout"]), &roster, &hotline).unwrap();
    assert_eq!((handout.author, handout.roster_seq), (device(&vector["founder_seed"]).id(), roster.seq()));
    assert_eq!(handout.circles[0].1.forms[0].form, b"form octets");
}

#[test]
fn batch_2_is_read_and_written_the_same() {
    let vector = vector(include_str!("../../tests/vectors/batch-2.json"));
    let bytes = octets(&vector["batch"]);
    let batch = Batch::decode(&bytes).unwrap();
    assert_eq!(batch.encode(), bytes);
    assert_eq!(batch.carried[0].origin.to_string(), vector["origin"].as_str().unwrap());
    assert_eq!((batch.changes.len(), batch.carried.len()), (1, 1));
}

#[test]
fn wire_1_is_read_and_written_the_same() {
    let vector = vector(include_str!("../../tests/vectors/wire-1.json"));
    let bytes = octets(&vector["hello"]);
    let received = Received::decode(Reader::new(&bytes).blob(4096, "hello").unwrap()).unwrap();
    assert_eq!(received.hello.encode(&received.signature), bytes);
    assert_eq!(received.hello.body_digest, Hello::digest_of(b"body"));
    let bytes = octets(&vector["join"]);
    let join = JoinRequest::decode(&bytes).unwrap();
    assert!(join.verify(&[0x55; 16], None));
    assert_eq!(join.encode(), bytes);
    let text = vector["invitation"].as_str().unwrap();
    assert_eq!(Invitation::from_text(text).unwrap().to_text(), text);
}

#[test]
fn attachment_wire_1_is_read_and_written_the_same() {
    let vector = vector(include_str!("../../tests/vectors/attachment-wire-1.json"));
    let (asker, server) = (device(&vector["device_seed"]), device(&vector["server_seed"]));
    let (workspace, server) = (WorkspaceId([0x11; 16]), server.keys().signing);
    let pieces: Vec<Vec<u8>> = vector["pieces"].as_array().unwrap().iter().map(octets).collect();
    let hashes: Vec<_> = pieces.iter().map(|piece| sha256(&[piece])).collect();
    let attachment = AttachmentId(octets(&vector["attachment"]).try_into().unwrap());
    assert_eq!(name(workspace, &hashes), attachment);
    let put = Ask::Put { attachment, first: 0 };
    let asks = [
        ("ask_states", Ask::States(vec![attachment])),
        ("ask_put", put.clone()),
        ("ask_fetch", Ask::Fetch { attachment, first: 1, budget: 65_536 }),
        ("ask_drop", Ask::Drop(vec![attachment])),
    ];
    for (which, ask) in asks {
        assert_eq!(Ask::decode(&octets(&vector[which])).unwrap(), ask);
        assert_eq!(ask.encode(), octets(&vector[which]));
    }
    let request = octets(&vector["put"]);
    let mut reader = Reader::new(&request);
    let received = Received::decode(reader.blob(4096, "hello").unwrap()).unwrap();
    assert!(received.verify(&asker.keys().signing, HelloPurpose::Attachments, &server));
    assert!(!received.verify(&asker.keys().signing, HelloPurpose::Pack, &server), "for nothing else");
    assert_eq!(
        (Ask::decode(&received.hello.ask).unwrap(), Hello::digest_of(reader.clone().rest())),
        (put, received.hello.body_digest)
    );
    let mut stream = PutStream::new(0);
    stream.push(reader.rest());
    let mut parts = vec![PutPart::Hashes(hashes)];
    parts.extend(pieces.iter().cloned().map(PutPart::Piece));
    for part in parts {
        assert_eq!(stream.next_part().unwrap(), Some(part));
    }
    assert!(stream.is_complete());
    let bytes = octets(&vector["states"]);
    let (states, signature) = States::decode(&bytes).unwrap();
    assert_eq!(states.0, [HeldState::Unknown, HeldState::Held { held: 1, count: 2 }, HeldState::Dropped]);
    assert!(states.verify(&signature, &server, workspace, asker.id(), &[0x33; 16]));
    assert_eq!(states.encode(&signature), bytes);
    let fetched = Fetched::decode(&octets(&vector["fetched"])).unwrap();
    assert_eq!((fetched.state, &fetched.pieces[..]), (HeldState::Held { held: 2, count: 2 }, &pieces[1..]));
    assert_eq!(fetched.encode(), octets(&vector["fetched"]));
}

#[test]
fn pack_1_is_read() {
    let vector = vector(include_str!("../../tests/vectors/pack-1.json"));
    let (author, workspace) = (device(&vector["device_seed"]), workspace(&vector));
    let signed = SignedManifest::decode(&octets(&vector["manifest"])).unwrap();
    let head = octets(&vector["roster_head"]).try_into().unwrap();
    assert!(signed.verify(&author.keys().signing, workspace, &head));
    let manifest = signed.manifest;
    assert_eq!(manifest.encode(&signed.signature), octets(&vector["manifest"]), "written the same");
    let secret = EpochSecret::from_bytes(&octets(&vector["secret"])).unwrap();
    let (circle, salt) = (circle(&vector), manifest.salt);
    let binding = Binding { workspace, circle, device: author.id(), salt, secret };
    let pieces: Vec<Vec<u8>> = vector["pieces"].as_array().unwrap().iter().map(octets).collect();
    assert_eq!(names(&pieces), manifest.pieces);
    let mut opened = (0..).zip(&pieces).map(|(number, piece)| binding.open(number, piece).unwrap());
    let mut reader = PackReader::new(|| Ok(opened.next())).unwrap();
    let name = Entry::Name { device: author.id(), name: "Sample office".to_owned() };
    assert_eq!(reader.next_entry().unwrap(), Some(name));
    let Some(Entry::Document { id, changes }) = reader.next_entry().unwrap() else { panic!("a document") };
    assert_eq!(changes[1], octets(&vector["last_change"]));
    assert_eq!(reader.next_entry().unwrap(), None);
    let mut state = State::new();
    state.add(&id, &[hash(&changes[1]).unwrap()]);
    assert_eq!(state.root(), Some(manifest.state));
    let (attestation, signature) = Attestation::decode(&octets(&vector["attestation"])).unwrap();
    assert_eq!(attestation.pack, signed.hash);
    assert!(author.keys().signing.verifies(&attestation.signed_bytes(workspace), &signature));
}

#[test]
fn wire_2_is_read_and_written_the_same() {
    let vector = vector(include_str!("../../tests/vectors/wire-2.json"));
    let text = vector["invitation"].as_str().unwrap();
    let invitation = Invitation::from_text(text).unwrap();
    assert_eq!((invitation.to_text().as_str(), invitation.role), (text, Some(Role::Field)));
    let binding = invitation.binding().unwrap();
    assert_eq!(hex(&binding), vector["binding"].as_str().unwrap());
    let bytes = octets(&vector["join"]);
    let join = JoinRequest::decode(&bytes).unwrap();
    assert!(join.verify(&[0x55; 16], Some(&binding)));
    assert_eq!(join.encode(), bytes);
    let newcomer = device(&vector["device_seed"]);
    assert_eq!(words(invitation.workspace, &newcomer.id()), vector["words"].as_str().unwrap());
}

#[test]
fn settings_1_is_read_and_written_the_same() {
    let vector = vector(include_str!("../../tests/vectors/settings-1.json"));
    let (roster, entries) = roster(&vector, "entries");
    let keys = |seq| roster.server_keys_at(seq).iter().map(|key| key.0[0]).collect::<Vec<_>>();
    assert_eq!((keys(2), keys(3), keys(4)), (vec![9], vec![8, 9], vec![8]));
    assert_eq!(*roster.policy(), Policy { renew_days: 7, protocol: 1 });
    for entry in entries {
        assert_eq!(RosterEntry::decode(&entry).unwrap().encode(), entry);
    }
}

#[test]
fn slots_1_open_with_their_passphrases_and_device_keys() {
    let vector = vector(include_str!("../../tests/vectors/slots-1.json"));
    let file = octets(&vector["file"]);
    let slots = Slots::from_bytes(&file).expect("a slot file");
    assert_eq!(slots.to_bytes().expect("octets"), file, "it is written the same");
    for known in vector["opened"].as_array().expect("passphrases") {
        let stretched = slots.stretch(known["passphrase"].as_str().expect("text")).expect("Argon2id");
        let unlock = mac(&octets(&known["device_key"]), stretched.as_bytes());
        let found = slots.open(&[UnlockKey::from_bytes(unlock)]).expect("a slot");
        let Held::Key(content) = found.held else { panic!("a departed vault") };
        assert_eq!(found.slot as u64, known["slot"].as_u64().expect("a number"));
        assert_eq!(hex(content.key.as_bytes()), known["key"]);
        assert_eq!(format!("{:?} {:?}", content.purpose, content.vault), {
            let text = |key: &str| known[key].as_str().expect("text").to_owned();
            format!("{} {}", text("purpose"), text("vault"))
        });
    }
}

#[test]
fn travel_1_is_read_and_its_code_opens_the_departed_vault() {
    let vector = vector(include_str!("../../tests/vectors/travel-1.json"));
    let octets = |key: &str| octets(&vector[key]);
    let batch = Batch::decode(&octets("batch")).expect("a batch of version 7");
    assert_eq!(batch.encode(), octets("batch"), "it is written the same");
    let departure: [u8; 16] = octets("departure").try_into().expect("16 octets");
    let [DepartureEntry::Left(left), DepartureEntry::Readmitted(one), DepartureEntry::Back(other)] =
        &batch.departures[..]
    else {
        panic!("other entries")
    };
    assert_eq!((left.departure, left.number, *one, *other), (departure, 3, departure, departure));
    let seed: [u8; 64] = octets("coordinator_seed").try_into().expect("64 octets");
    let coordinator = DeviceSecret::from_seed(Zeroizing::new(seed)).expect("a device");
    let sealed = left.sealed_for(&coordinator.id()).expect("a release");
    let device = DeviceId::from_slice(&octets("device")).expect("a device");
    let release = Release::open(sealed, &coordinator, workspace(&vector), device, &departure).expect("opens");
    assert_eq!(*release.to_code(), octets("code"));
    let slots = Slots::from_bytes(&octets("file")).expect("a slot file");
    assert_eq!(slots.to_bytes().expect("octets"), octets("file"), "it is written the same");
    let stretched = slots.stretch(vector["passphrase"].as_str().expect("text")).expect("Argon2id");
    let unlock = UnlockKey::from_bytes(mac(&octets("device_key"), stretched.as_bytes()));
    let found = slots.open(&[unlock]).expect("a slot");
    let Held::Travel(travel) = found.held else { panic!("it opens without the code") };
    assert_eq!(
        (found.slot as u64, travel.departure),
        (vector["slot"].as_u64().expect("a number"), departure)
    );
    let key = release.open_vault(&travel.departure, travel.vault, &travel.key).expect("the vault's key");
    assert_eq!(key.as_bytes(), &octets("key")[..]);
}

#[test]
fn shares_1_give_their_device_back_from_text_and_from_words() {
    let vector = vector(include_str!("../../tests/vectors/shares-1.json"));
    let sheets = vector["shares"].as_array().expect("shares");
    let read = |at: usize, key: &str| Share::read(sheets[at][key].as_str().expect("text")).expect("a share");
    for (one, other) in [(0, 1), (1, 2), (2, 0)] {
        let device = Share::device(&[read(one, "text"), read(other, "tajik")]).expect("a device");
        assert_eq!(device.to_string(), vector["device"]);
    }
    assert_eq!(read(0, "text").to_text(), sheets[0]["text"], "it is written the same");
    assert_eq!(read(0, "text").to_words("tg").join(" "), sheets[0]["tajik"]);
    assert_eq!(read(0, "text").workspace, workspace(&vector));
}

#[test]
fn bundle_1_opens_for_both_of_its_readers() {
    let vector = vector(include_str!("../../tests/vectors/bundle-1.json"));
    let (outbox, backup) = (octets(&vector["outbox"]), octets(&vector["backup"]));
    let frames: Vec<Vec<u8>> = vector["frames"].as_array().expect("frames").iter().map(octets).collect();
    for seed in vector["reader_seeds"].as_array().expect("readers") {
        let reader = device(seed);
        let read = |bytes: &[u8], purpose| -> Vec<Vec<u8>> {
            let bundle = BundleReader::open(bytes, purpose, &reader).expect("a bundle");
            bundle.map(|frame| frame.expect("a frame").to_vec()).collect()
        };
        assert_eq!(read(&outbox, Purpose::Outbox), frames);
        let content = read(&backup, Purpose::Backup);
        assert_eq!(content.len(), 1);
        let items: Vec<_> = Item::each(&content[0]).map(|item| item.expect("an item")).collect();
        let circle = CircleId([0x22; 16]);
        let Item::Head(head) = &items[0] else { unreachable!("the head comes first") };
        assert_eq!((head.url.as_str(), head.time), ("https://cairn.example:8443", 1_800_000_000));
        assert_eq!(head.circles, [Span { circle, from: 7, to: 300 }]);
        assert_eq!(
            items[1..],
            [
                Item::Entry(b"entry".to_vec()),
                Item::Key { circle, epoch: 2, sealed: b"wrap".to_vec() },
                Item::Letter { circle, device: DeviceId([0x33; 16]), bytes: b"letter".to_vec() },
                Item::Pack { manifest: b"manifest".to_vec(), attestations: vec![b"attestation".to_vec()] },
                Item::Piece(b"piece".to_vec()),
                Item::Segment { circle, seq: 8, bytes: b"segment".to_vec() },
            ]
        );
    }
}

#[test]
fn form_5_is_read_and_written_the_same() {
    let vector = vector(include_str!("../../tests/vectors/form-5.json"));
    let encoded = octets(&vector["encoded"]);
    assert_eq!(encoded[0], 5);
    let form = Form::decode(&encoded).expect("a form");
    assert!(form.sealed);
    assert_eq!(form.encode(), encoded);
    let json = serde_json::to_vec(&vector["form"]).expect("JSON");
    assert_eq!(Form::from_json(&json), Ok(form.clone()));
    // A reader of version 4 must never take it for a form whose records stay readable.
    let older = [&[1][..], &encoded[1..]].concat();
    assert!(Form::decode(&older).is_err());
    let open = Form { sealed: false, ..form };
    assert_eq!(open.encode()[0], 1, "control: every form of before keeps its octets");
}

#[test]
fn form_6_is_read_and_written_the_same() {
    let vector = vector(include_str!("../../tests/vectors/form-6.json"));
    let encoded = octets(&vector["encoded"]);
    assert_eq!(encoded[0], 6);
    let form = Form::decode(&encoded).expect("a form");
    assert_eq!(form.tasks().count(), 1);
    assert_eq!(form.encode(), encoded);
    let json = serde_json::to_vec(&vector["form"]).expect("JSON");
    assert_eq!(Form::from_json(&json), Ok(form.clone()));
    let mut plain = form;
    plain.questions.iter_mut().for_each(|question| question.task = None);
    assert_eq!(plain.encode()[0], 3, "control: every form of before keeps its octets");
}

#[test]
fn sealed_1_opens_with_the_epoch_s_secret_in_its_author_s_name_alone() {
    let vector = vector(include_str!("../../tests/vectors/sealed-1.json"));
    let worker = device(&vector["device_seed"]);
    let (roster, entries) = roster(&vector, "entries");
    for entry in entries {
        assert_eq!(RosterEntry::decode(&entry).unwrap().encode(), entry);
    }
    let circle = circle(&vector);
    assert_eq!(roster.member(&worker.id()).unwrap().role, Role::Field);
    assert!(roster.only_hands_in(&worker.id(), &circle));
    let secret = EpochSecret::from_bytes(&octets(&vector["epoch_secret"])).unwrap();
    let bytes = octets(&vector["segment"]);
    let verified = verify(parse(&bytes).unwrap(), &roster, circle, worker.id()).unwrap();
    let batch = verified.open(&secret, |_| None).unwrap();
    assert_eq!((batch.encode(), batch.encode()[0]), (octets(&vector["batch"]), 8));
    let sealed = &batch.sealed[0];
    let inside = unpack(&sealed.unseal(verified.place(), &secret).unwrap(), |_| None).unwrap();
    assert_eq!(inside.encode(), octets(&vector["inside"]));
    assert_eq!(sealed.only_change(inside).unwrap().entry.change, b"synthetic change");
    let other = SealedPlace { author: DeviceId([1; 16]), ..*verified.place() };
    assert!(sealed.unseal(&other, &secret).is_err(), "control: in nobody else's name");
    let labelling = octets(&vector["labelling"]);
    let read = Batch::decode(&labelling).unwrap();
    assert_eq!((labelling[0], read.encode()), (8, labelling));
    assert!(read.labels[0].sealed && read.labels[0].sharing);
}
