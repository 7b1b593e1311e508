use cairn_wire::digest::VerifyingKey;

use super::*;

#[test]
fn what_lies_there_is_read_as_it_was_noted_however_many_circles_there_are() {
    for count in [0, 1, 64, 65, 300] {
        let lies = |number: u64| Lies {
            circle: CircleId([7; 16]),
            chain: ChainId([8; 16]),
            acknowledged: number,
            sealed: number + 1,
        };
        let lying = Lying { whole: true, readers: [9; 32], circles: (0..count).map(lies).collect() };
        let bytes = lying.encode();
        assert_eq!(Lying::decode(&bytes).as_ref(), Some(&lying));
        for end in 0..bytes.len() {
            assert_eq!(Lying::decode(&bytes[..end]), None, "{count} circles, cut off at {end}");
        }
        assert_eq!(Lying::decode(&[&bytes[..], &[0]].concat()), None);
    }
}

#[test]
fn where_the_note_cannot_be_read_everything_that_waits_may_be_carried() {
    let dir = tempfile::tempdir().unwrap();
    let mut vault = Vault::create(dir.path(), "correct horse battery staple").unwrap();
    let key = VerifyingKey([9; 32]);
    vault.found(&ServerAddress { url: "https://a:1".to_owned(), key, proxy: None }, "office").unwrap();
    let mut row = vault.store.rows().circles().unwrap().remove(0);
    (row.acknowledged, row.sealed) = (2, 3);
    assert!(!vault.may_be_carried(&row).unwrap(), "control: nothing was ever laid out");
    vault.store.gesture(|rows| rows.put_fact(fact::OUTBOX_FILE, b"spoilt")).unwrap();
    assert!(vault.may_be_carried(&row).unwrap());
    row.acknowledged = 3;
    assert!(!vault.may_be_carried(&row).unwrap(), "nothing waits");
    vault.lay_outbox().unwrap();
    assert!(vault.lying().unwrap().is_some(), "and the note is written anew");
}
