//! G9: what a segment's size tells. 1,000 records of random length, each sent alone, fall into at most 40
//! sizes, and above 16 KiB rounding costs at most 12 %.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    reason = "tests may be blunt: a panic there is the report"
)]

use std::collections::BTreeSet;

use cairn_core::form::Answer;
use cairn_core::wire::codec::Reader;
use cairn_core::wire::limits;
use cairn_core::wire::roster::Role;
use cairn_core::wire::segment::parse;
use cairn_tests::dice::Dice;
use cairn_tests::ground::Ground;
use cairn_tests::hand::Hand;
use cairn_tests::sample;
use rusqlite::Connection;

const RECORDS: usize = 1000;
/// What compresses badly, so that lengths come through.
const LETTERS: &[u8; 64] = b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 .";

/// Octets of one sealed segment without its header, which tells three small numbers and no more; and what
/// they would be without rounding.
#[derive(Debug, Clone, Copy)]
struct Size {
    sealed: usize,
    bare: usize,
}

/// The sizes of everything the server holds, opened with a member's keys to see the zeros.
fn sizes(ground: &Ground, hand: &Hand) -> Vec<Size> {
    let log = Connection::open(ground.data().join("log.db")).unwrap();
    let mut statement = log.prepare("SELECT bytes FROM segment ORDER BY seq").unwrap();
    let rows = statement.query_map([], |row| row.get(0)).unwrap();
    let segments: Vec<Vec<u8>> = rows.map(Result::unwrap).collect();
    let size = |bytes: &Vec<u8>| {
        let parsed = parse(bytes).unwrap();
        let header = &parsed.header;
        let key = hand.secrets[&header.epoch].derive_segment_key(&header.salt, hand.circle, header.chain);
        let head = hand.roster.head_at(header.roster_seq)?;
        let data = header.associated_data(hand.roster.workspace(), hand.circle, &head);
        let message = key.unwrap().open(&data, parsed.ciphertext).unwrap();
        let mut reader = Reader::new(&message);
        reader.int("length").unwrap();
        reader.blob(8, "dictionary").unwrap();
        reader.blob(limits::SEGMENT, "frame").unwrap();
        let zeros = reader.rest().len();
        Some(Size { sealed: parsed.ciphertext.len(), bare: parsed.ciphertext.len() - zeros })
    };
    segments.iter().filter_map(size).collect()
}

/// Padmé's size, which tells more about short lengths.
fn padme(len: usize) -> usize {
    let exponent = len.max(2).ilog2();
    len.max(256).next_multiple_of(1 << (exponent - exponent.ilog2().min(exponent - 1) - 1))
}

fn few(sizes: impl Iterator<Item = usize>) -> usize {
    sizes.collect::<BTreeSet<_>>().len()
}

#[test]
fn a_thousand_records_of_random_length_fall_into_few_sizes_that_cost_little() {
    let (seed, mut dice) = Dice::from_env(9);
    let ground = Ground::new();
    let (mut office, mut field) = ground.office_and_field();
    let hand = Hand::join(&ground, &mut office, Role::Reader);
    let before = sizes(&ground, &hand).len();
    for number in 0..RECORDS {
        let mut answers = sample::answers(&format!("Sample {number}"), &mut dice);
        // As many short ones as long ones, up to what fills a segment.
        let most = 64 << dice.below(10);
        let story = (0..dice.below(most)).map(|_| char::from(*dice.pick(LETTERS))).collect();
        answers.insert("story".to_owned(), Answer::Narrative(story));
        field.new_record("sample", answers).unwrap();
        assert_eq!(ground.sync(&mut field).segments_up, 1, "each leaves alone");
    }
    let sizes = sizes(&ground, &hand).split_off(before);
    assert_eq!(sizes.len(), RECORDS);
    let (sealed, bare) = (few(sizes.iter().map(|size| size.sealed)), few(sizes.iter().map(|size| size.bare)));
    let largest = sizes.iter().map(|size| size.sealed).max().unwrap();
    let cost = |from: usize| {
        let large = sizes.iter().filter(|size| size.bare >= from);
        large.map(|size| (size.sealed - size.bare) as f64 / size.bare as f64).fold(0.0, f64::max)
    };
    let (whole, useful) = sizes.iter().fold((0, 0), |sum, one| (sum.0 + one.sealed, sum.1 + one.bare));
    println!("seed {seed}: {sealed} sizes up to {largest} octets, {bare} without rounding");
    println!(
        "cost: at most {:.3} above 16 KiB; {:.3} in all",
        cost(16 << 10),
        whole as f64 / useful as f64 - 1.0
    );
    assert!(largest > 16 << 10, "control: some are large");
    assert!(sealed <= 40, "{sealed} sizes");
    assert!(cost(16 << 10) <= 0.12, "{}", cost(16 << 10));
    let padme = few(sizes.iter().map(|size| padme(size.bare)));
    assert!(padme > 40, "control: with Padmé's sizes alone there are {padme}");
    assert!(bare > 400, "control: without rounding there are {bare}");
}
