use cairn_core::Vault;

use super::*;

const OWN: &str = "correct horse battery staple";
const DURESS: &str = "seven blue boats at noon today";

fn vault(dir: &tempfile::TempDir) -> OpenVault {
    Vault::create(dir.path(), OWN).unwrap().lock().unwrap();
    opened(dir, OWN)
}

fn opened(dir: &tempfile::TempDir, passphrase: &str) -> OpenVault {
    OpenVault::open(&dir.path().display().to_string(), passphrase).unwrap()
}

fn code<T: std::fmt::Debug>(done: Result<T, CairnError>) -> String {
    let CairnError::Failed { code, .. } = done.unwrap_err();
    code
}

#[test]
fn limits_are_kept_and_told() {
    let dir = tempfile::tempdir().unwrap();
    let vault = vault(&dir);
    assert_eq!(vault.wipe_after().unwrap(), None);
    assert_eq!(code(vault.set_wipe_after(Some(2))), "too_few_tries");
    vault.set_wipe_after(Some(10)).unwrap();
    let long = LockLapses { idle: 4_000, background: 1 };
    assert_eq!(code(vault.set_lapses(long)), "idle_too_long");
    vault.lock().unwrap();
    assert_eq!(opened(&dir, OWN).wipe_after().unwrap(), Some(10));
}

#[test]
fn a_changed_passphrase_opens_and_the_old_one_does_not() {
    let dir = tempfile::tempdir().unwrap();
    let vault = vault(&dir);
    assert_eq!(code(vault.change_passphrase("something else", DURESS)), "wrong_passphrase");
    assert_eq!(code(vault.change_passphrase(OWN, "short")), "weak_passphrase");
    vault.change_passphrase(OWN, DURESS).unwrap();
    vault.lock().unwrap();
    let old = OpenVault::open(&dir.path().display().to_string(), OWN);
    assert_eq!(code(old.map(drop)), "wrong_passphrase");
    opened(&dir, DURESS).counts().unwrap();
}

#[test]
fn the_second_passphrase_opens_a_decoy_that_shows_what_was_invented() {
    let dir = tempfile::tempdir().unwrap();
    let vault = vault(&dir);
    let form = dir.path().join("list.json");
    let mut shopping = Form::new("list", "1");
    shopping.questions = vec![cairn_core::form::Question::new("thing", cairn_core::form::Kind::Text)];
    std::fs::write(&form, serde_json::to_vec(&shopping).unwrap()).unwrap();
    let decoy = |records: &[&str]| Decoy {
        form: form.display().to_string(),
        records: records.iter().map(|record| (*record).to_owned()).collect(),
    };
    assert_eq!(code(vault.set_duress(OWN, DURESS, decoy(&["[]"]))), "bad_records");
    assert_eq!(code(vault.set_duress(OWN, DURESS, decoy(&[r#"{"no":"x"}"#]))), "invalid");
    assert_eq!(code(vault.set_duress(OWN, OWN, decoy(&[]))), "passphrase_taken");
    let nowhere = Decoy { form: "/nowhere".to_owned(), records: Vec::new() };
    assert_eq!(code(vault.set_duress(OWN, DURESS, nowhere)), "bad_file");
    let made = decoy(&[r#"{"thing":"bread"}"#, r#"{"thing":"tea"}"#]);
    assert!(!vault.set_duress(OWN, DURESS, made).unwrap(), "a key in a file is not gone for certain");
    vault.lock().unwrap();
    let shown = opened(&dir, DURESS);
    assert_eq!(shown.counts().unwrap().records, 2);
    shown.lock().unwrap();
    let own = OpenVault::open(&dir.path().display().to_string(), OWN);
    assert_eq!(code(own.map(drop)), "wrong_passphrase", "and the true vault opens for nobody");
}

#[test]
fn a_decoy_is_forgotten_by_whoever_has_the_own_passphrase() {
    let dir = tempfile::tempdir().unwrap();
    let vault = vault(&dir);
    let name = crate::built_in_forms().remove(0);
    vault.set_duress(OWN, DURESS, Decoy { form: name, records: Vec::new() }).unwrap();
    assert_eq!(code(vault.drop_duress(DURESS)), "wrong_passphrase");
    vault.drop_duress(OWN).unwrap();
    vault.lock().unwrap();
    let decoy = OpenVault::open(&dir.path().display().to_string(), DURESS);
    assert_eq!(code(decoy.map(drop)), "wrong_passphrase");
}

#[test]
fn the_road_is_looked_at_before_it_is_taken() {
    let dir = tempfile::tempdir().unwrap();
    let vault = vault(&dir);
    assert_eq!(code(vault.set_proxy(Some("http://a:1".to_owned()))), "bad_proxy");
    vault.set_proxy(Some("socks5h://127.0.0.1:9050".to_owned())).unwrap();
    assert_eq!(code(vault.set_address("https://a/b", None)), "bad_address");
    assert_eq!(code(vault.set_address("https://a:1", None)), "no_workspace");
    assert_eq!(code(vault.set_address("https://a:1", Some("1".to_owned()))), "bad_pin");
}
