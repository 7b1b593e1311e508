use super::*;

fn shares(needed: u8, count: u8) -> Vec<Share> {
    Share::of(&RecoverySecret::generate().unwrap(), needed, count, WorkspaceId([5; 16])).unwrap()
}

#[test]
fn a_share_comes_back_from_its_text_and_from_its_words_however_they_are_typed() {
    let share = shares(2, 3).remove(1);
    assert_eq!(share.number(), 2);
    let text = share.to_text();
    assert!(
        text.chars().all(|letter| letter.is_ascii_digit() || letter.is_ascii_uppercase() || letter == ':')
    );
    let wrapped = format!("Share 2 of 3\n  {}\n {} \n", &text[..50], &text[50..]);
    for typed in [text.clone(), text.to_lowercase(), wrapped] {
        assert_eq!(Share::read(&typed).unwrap(), share);
    }
    for language in ["en", "ru", "ar"] {
        let words = share.to_words(language);
        let numbered: Vec<String> = (1..).zip(&words).map(|(at, word)| format!("{at}. {word}\n")).collect();
        assert_eq!(Share::read(&words.join(" ")).unwrap(), share);
        assert_eq!(Share::read(&numbered.concat()).unwrap(), share, "{language}");
    }
}

#[test]
fn what_is_not_all_of_a_share_or_was_mistyped_is_none() {
    let share = shares(2, 3).remove(0);
    let text = share.to_text();
    let mut words = share.to_words("en");
    words.swap(20, 21);
    let swapped = words.join(" ");
    let digit = text.len() - 20;
    let other = if &text[digit..=digit] == "0" { "1" } else { "0" };
    let mistyped = format!("{}{other}{}", &text[..digit], &text[digit + 1..]);
    for typed in ["", "hello", &text[..text.len() - 1], &text[12..], &mistyped, "CAIRNSHARE1:zz"] {
        assert!(matches!(Share::read(typed), Err(Error::BadShare)), "{typed}");
    }
    if words[20] != words[21] {
        assert!(matches!(Share::read(&swapped), Err(Error::BadShare)));
    }
}

#[test]
fn no_sense_is_made_of_one_share_or_of_a_hundred() {
    let secret = RecoverySecret::generate().unwrap();
    for (needed, count) in [(1, 3), (0, 2), (4, 3), (2, 17)] {
        let made = Share::of(&secret, needed, count, WorkspaceId([5; 16]));
        assert!(matches!(made, Err(Error::BadShare)), "{needed} of {count}");
    }
}

#[test]
fn only_enough_shares_of_one_set_are_combined() {
    let (one, other) = (shares(2, 3), shares(2, 3));
    let pick = |these: &[&Share]| combined(&these.iter().map(|share| (*share).clone()).collect::<Vec<_>>());
    assert!(pick(&[&one[0], &one[2]]).is_ok(), "control");
    assert!(pick(&[&one[0], &one[2], &one[0]]).is_ok(), "one that is there twice does no harm");
    assert!(matches!(pick(&[]), Err(Error::BadShare)));
    let few = pick(&[&one[0], &one[0]]).map(|_| ());
    assert!(matches!(few, Err(Error::TooFewShares { have: 1, needed: 2 })), "{few:?}");
    assert!(matches!(pick(&[&one[0], &other[1]]).map(|_| ()), Err(Error::SharesOfTwoSets)));
    let mut forged = one[1].clone();
    forged.share[5] ^= 1;
    assert!(matches!(pick(&[&one[0], &forged]).map(|_| ()), Err(Error::BadShare)));
}

/// A restore that is cut off leaves a vault that nobody has used; the next attempt goes on with it.
#[test]
fn wherever_restoring_was_cut_off_it_goes_on_when_it_is_done_again() {
    let (shares, others) = (shares(2, 3), shares(2, 3));
    let (machine, passphrase) = (Machine::default(), "correct horse battery staple");
    let key = cairn_wire::digest::VerifyingKey([9; 32]);
    let server = ServerAddress { url: "https://localhost:1".to_owned(), key, proxy: None };
    let restore = |folder: &Path, shares: &[Share]| {
        Vault::restore_from_shares(folder, passphrase, &machine, shares, &server)
    };
    let device = Share::device(&shares).unwrap();
    let cuts: [fn(&Path, &str, &Machine, &RecoverySecret); 4] = [
        // After the slots, before the database.
        |folder, passphrase, machine, _| drop(Vault::lay_ground(folder, passphrase, machine).unwrap()),
        // The same, and somebody has looked into it meanwhile.
        |folder, passphrase, machine, _| {
            drop(Vault::lay_ground(folder, passphrase, machine).unwrap());
            Vault::open_on(folder, passphrase, machine).unwrap().lock().unwrap();
        },
        // After the keys, before the workspace.
        |folder, passphrase, machine, secret| {
            let (key, _lock) = Vault::lay_ground(folder, passphrase, machine).unwrap();
            decoy::make(folder, &key, &secret.device().unwrap(), machine).unwrap();
        },
        // After all of it.
        |_, _, _, _| {},
    ];
    for (number, cut) in cuts.into_iter().enumerate() {
        let folder = tempfile::tempdir().unwrap();
        cut(folder.path(), passphrase, &machine, &combined(&shares).unwrap());
        for _ in 0..2 {
            let vault = restore(folder.path(), &shares).unwrap();
            assert_eq!(
                (vault.device(), vault.server().unwrap().as_ref()),
                (device, Some(&server)),
                "cut {number}"
            );
        }
        assert!(matches!(restore(folder.path(), &others).map(drop), Err(Error::VaultExists)), "cut {number}");
    }
    // Control: what somebody has begun is left alone.
    let folder = tempfile::tempdir().unwrap();
    let mut office = Vault::create(folder.path(), passphrase).unwrap();
    office.found(&server, "office").unwrap();
    let own = office.device();
    office.lock().unwrap();
    assert!(matches!(restore(folder.path(), &shares).map(drop), Err(Error::VaultExists)));
    assert_eq!(Vault::open(folder.path(), passphrase).unwrap().device(), own);
}
