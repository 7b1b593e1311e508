//! What the command line says, word for word: `tests/cmd/*.trycmd`. After a wanted change:
//! `TRYCMD=overwrite cargo test -p cairn-cli --test transcripts`, and read the difference.

#[test]
fn the_command_line_says_what_the_transcripts_say() {
    trycmd::TestCases::new()
        .env("CAIRN_VAULT", "vault")
        .env("CAIRN_PASSPHRASE", "correct horse battery")
        .env("CAIRN_LANGUAGE", "en")
        .env("CAIRN_TEST_LEAST_WORK", "1")
        .case("tests/cmd/*.trycmd");
}
