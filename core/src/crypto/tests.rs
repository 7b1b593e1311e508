//! G22: a wrap opens only with both halves of X-Wing, and X-Wing gives the draft's known answers.

use cairn_wire::id::{CircleId, WorkspaceId};
use hpke::aead::ChaCha20Poly1305;
use hpke::kdf::HkdfSha256;
use hpke::kem::{MlKem768, X25519HkdfSha256, XWing};
use hpke::{Deserializable, Kem, OpModeR, OpModeS, Serializable, single_shot_open, single_shot_seal};
use ring::aead::{Aad, CHACHA20_POLY1305, LessSafeKey, Nonce, UnboundKey};
use ring::hmac::{HMAC_SHA256, Key, sign};
use serde_json::Value;
use zeroize::Zeroizing;

use super::{DeviceSecret, EpochSecret};

const WORKSPACE: WorkspaceId = WorkspaceId([1; 16]);
const CIRCLE: CircleId = CircleId([2; 16]);
const EPOCH: u64 = 3;

/// Octets of an ML-KEM-768 public key and encapsulation (FIPS 203); X25519 adds 32 to each.
const ML_KEM_PUBLIC: usize = 1184;
const ML_KEM_CIPHER: usize = 1088;
const ENCAPSULATED: usize = ML_KEM_CIPHER + 32;

fn info() -> Vec<u8> {
    [b"cairn/wrap/1", &WORKSPACE.0[..], &CIRCLE.0, &EPOCH.to_be_bytes()].concat()
}

fn opens(wrap: &[u8], device: &DeviceSecret) -> bool {
    EpochSecret::unwrap(wrap, WORKSPACE, CIRCLE, EPOCH, device).is_ok()
}

/// A wrap whose public key is of our choice while everything else is right for `device`.
fn wrap_to(public: &[u8], device: &DeviceSecret) -> Vec<u8> {
    let key = <XWing as Kem>::PublicKey::from_bytes(public).unwrap();
    let sealed = single_shot_seal::<ChaCha20Poly1305, HkdfSha256, XWing>(
        &OpModeS::Base,
        &key,
        &info(),
        &[7; 32],
        &device.id().0,
    );
    let (encapsulated, sealed) = sealed.unwrap();
    [&encapsulated.to_bytes()[..], &sealed].concat()
}

/// Which halves of an encapsulation somebody can put another in for without its being noticed: that of
/// ML-KEM, and that of X25519. `other` is an honest wrap too.
fn unnoticed(wrap: &[u8], other: &[u8], opens: impl Fn(&[u8]) -> bool) -> (bool, bool) {
    assert!(opens(wrap) && opens(other), "control: whole they open");
    let [mut post_quantum, mut classic] = [wrap.to_vec(), wrap.to_vec()];
    post_quantum[..ML_KEM_CIPHER].copy_from_slice(&other[..ML_KEM_CIPHER]);
    classic[ML_KEM_CIPHER..ENCAPSULATED].copy_from_slice(&other[ML_KEM_CIPHER..ENCAPSULATED]);
    (opens(&post_quantum), opens(&classic))
}

#[test]
fn a_wrap_opens_only_with_both_halves_of_its_encapsulation() {
    let device = DeviceSecret::generate().unwrap();
    let wrap = |secret: u8| {
        let secret = EpochSecret::from_bytes(&[secret; 32]).unwrap();
        secret.wrap(WORKSPACE, CIRCLE, EPOCH, device.keys()).unwrap()
    };
    let (one, other) = (wrap(7), wrap(7));
    assert_eq!(unnoticed(&one, &other, |wrap| opens(wrap, &device)), (false, false));
    for at in [0, 1, 500, ML_KEM_CIPHER - 1, ML_KEM_CIPHER, ML_KEM_CIPHER + 15, ENCAPSULATED - 2] {
        let mut flipped = one.clone();
        flipped[at] ^= 1;
        assert!(!opens(&flipped, &device), "octet {at}");
    }
}

/// Seals to one half only, and fills the other half's place.
fn with_one_kem<K: Kem>(key: &K::PublicKey, fill: u8, post_quantum: bool) -> Vec<u8> {
    let sealed =
        single_shot_seal::<ChaCha20Poly1305, HkdfSha256, K>(&OpModeS::Base, key, &info(), &[7; 32], b"");
    let (encapsulated, sealed) = sealed.unwrap();
    let encapsulated = encapsulated.to_bytes();
    if post_quantum {
        [&encapsulated[..], &[fill; 32], &sealed].concat()
    } else {
        [&[fill; ML_KEM_CIPHER][..], &encapsulated[..], &sealed].concat()
    }
}

fn opens_one_kem<K: Kem>(key: &K::PrivateKey, half: &[u8], sealed: &[u8]) -> bool {
    let half = <K as Kem>::EncappedKey::from_bytes(half).unwrap();
    single_shot_open::<ChaCha20Poly1305, HkdfSha256, K>(&OpModeR::Base, key, &half, &info(), sealed, b"")
        .is_ok()
}

#[test]
fn control_with_one_half_alone_the_other_could_be_anything() {
    let (private, public) = X25519HkdfSha256::gen_keypair();
    let wrap = |fill| with_one_kem::<X25519HkdfSha256>(&public, fill, false);
    let opens = |wrap: &[u8]| {
        let half = &wrap[ML_KEM_CIPHER..ENCAPSULATED];
        opens_one_kem::<X25519HkdfSha256>(&private, half, &wrap[ENCAPSULATED..])
    };
    assert_eq!(unnoticed(&wrap(1), &wrap(2), opens), (true, false));
    let (private, public) = MlKem768::gen_keypair();
    let wrap = |fill| with_one_kem::<MlKem768>(&public, fill, true);
    let opens =
        |wrap: &[u8]| opens_one_kem::<MlKem768>(&private, &wrap[..ML_KEM_CIPHER], &wrap[ENCAPSULATED..]);
    assert_eq!(unnoticed(&wrap(1), &wrap(2), opens), (false, true));
}

#[test]
fn a_wrap_to_half_of_a_key_opens_for_neither_of_its_owners() {
    let (one, other) = (DeviceSecret::generate().unwrap(), DeviceSecret::generate().unwrap());
    let half = |post_quantum: &DeviceSecret, classic: &DeviceSecret| {
        let (front, back) = (&post_quantum.keys().wrapping[..ML_KEM_PUBLIC], &classic.keys().wrapping);
        [front, &back[ML_KEM_PUBLIC..]].concat()
    };
    for device in [&one, &other] {
        for mixed in [half(&one, &other), half(&other, &one)] {
            assert!(!opens(&wrap_to(&mixed, device), device));
        }
        assert!(opens(&wrap_to(&half(device, device), device), device), "control: to its own two halves");
    }
}

fn octets(value: &Value) -> Vec<u8> {
    let text = value.as_str().unwrap();
    (0..text.len()).step_by(2).map(|at| u8::from_str_radix(&text[at..at + 2], 16).unwrap()).collect()
}

/// `LabeledExtract` and `LabeledExpand` of RFC 9180, section 4, for outputs of at most 32 octets.
fn extract(salt: &[u8], label: &[u8], input: &[u8]) -> Vec<u8> {
    let input = [b"HPKE-v1".as_slice(), SUITE, label, input].concat();
    sign(&Key::new(HMAC_SHA256, salt), &input).as_ref().to_vec()
}

fn expand(secret: &[u8], label: &[u8], context: &[u8], length: u8) -> Vec<u8> {
    let info = [&[0, length], b"HPKE-v1".as_slice(), SUITE, label, context, &[1]].concat();
    sign(&Key::new(HMAC_SHA256, secret), &info).as_ref()[..usize::from(length)].to_vec()
}

/// X-Wing, HKDF-SHA-256, ChaCha20-Poly1305 (RFC 9180, section 5.1; draft-ietf-hpke-pq).
const SUITE: &[u8] = b"HPKE\x64\x7a\x00\x01\x00\x03";

/// Seals a secret with the key schedule of RFC 9180 (section 5.1, mode base), written out here once more.
fn sealed_under(shared: &[u8], secret: &[u8; 32], data: &[u8]) -> Vec<u8> {
    let hashes = [extract(b"", b"psk_id_hash", b""), extract(b"", b"info_hash", &info())].concat();
    let context = [&[0][..], &hashes].concat();
    let schedule = extract(shared, b"secret", b"");
    let key = UnboundKey::new(&CHACHA20_POLY1305, &expand(&schedule, b"key", &context, 32)).unwrap();
    let nonce = Nonce::try_assume_unique_for_key(&expand(&schedule, b"base_nonce", &context, 12)).unwrap();
    let mut sealed = secret.to_vec();
    LessSafeKey::new(key).seal_in_place_append_tag(nonce, Aad::from(data), &mut sealed).unwrap();
    sealed
}

#[test]
fn x_wing_gives_the_known_answers_of_its_draft() {
    let vectors: Value =
        serde_json::from_str(include_str!("../../../tests/vectors/xwing-draft.json")).unwrap();
    let answers = vectors["answers"].as_array().unwrap();
    assert_eq!(answers.len(), 3);
    for answer in answers {
        let mut seed = Zeroizing::new([9; 64]);
        seed[32..].copy_from_slice(&octets(&answer["sk"]));
        let device = DeviceSecret::from_seed(seed).unwrap();
        assert_eq!(device.keys().wrapping[..], octets(&answer["pk"])[..]);
        // A wrap made by hand from the draft's encapsulation and shared secret opens, so this is the secret
        // that our key finds in it.
        let (ct, ss) = (octets(&answer["ct"]), octets(&answer["ss"]));
        let wrap = [&ct[..], &sealed_under(&ss, &[5; 32], &device.id().0)].concat();
        let opened = EpochSecret::unwrap(&wrap, WORKSPACE, CIRCLE, EPOCH, &device).unwrap();
        assert_eq!(opened.as_bytes(), &[5; 32]);
        let mut wrong = ss.clone();
        wrong[0] ^= 1;
        let wrap = [&ct[..], &sealed_under(&wrong, &[5; 32], &device.id().0)].concat();
        assert!(!opens(&wrap, &device), "control: another shared secret");
    }
}
