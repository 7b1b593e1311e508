use cairn_wire::digest::VerifyingKey;

use super::*;
use crate::store::SegmentState;

/// What writing the log of a circle comes to, of whose five segments so many are there.
fn written(held: u64) -> Result<u64, Error> {
    let dir = tempfile::tempdir().unwrap();
    let mut vault = Vault::create(dir.path(), "correct horse battery staple").unwrap();
    let key = VerifyingKey([9; 32]);
    vault.found(&ServerAddress { url: "https://a:1".to_owned(), key, proxy: None }, "office").unwrap();
    let mut row = vault.store.rows().circles().unwrap().remove(0);
    row.cursor = 5;
    let put = |rows: crate::store::Rows<'_>| {
        (1..=held)
            .try_for_each(|seq| rows.put_segment(&row.circle, seq, SegmentState::New, &[1; 32], b"a segment"))
    };
    vault.store.gesture(put).unwrap();
    let mut watch = |_| {};
    vault.put_log(&mut |_| Ok(()), &row, 0, &mut Tally::new(&mut watch))
}

#[test]
fn a_log_whose_end_is_missing_is_no_backup_and_is_not_waited_for() {
    for held in [0, 2, 4] {
        let told = written(held);
        assert!(matches!(told, Err(Error::Damaged { .. })), "{held} held: {told:?}");
    }
    assert_eq!(written(5).unwrap(), 5, "control");
}
