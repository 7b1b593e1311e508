//! Where the passphrase comes from: a file, the environment, or the person.

use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;

use cairn_core::vault::offer_passphrase;
use zeroize::Zeroizing;

use crate::out;
use crate::trouble::Trouble;

const VARIABLE: &str = "CAIRN_PASSPHRASE";
/// Words of a passphrase that is offered.
pub(crate) const OFFERED: usize = 6;
const ANOTHER: &str = "CAIRN_NEW_PASSPHRASE";
/// A longer first line is not a passphrase.
const MOST: u64 = 4096;

/// The passphrase of a vault that is there. `quiet` leaves out warnings, which a machine could not read.
pub(crate) fn known(file: Option<&Path>, quiet: bool) -> Result<Zeroizing<String>, Trouble> {
    given(file, quiet)?.map_or_else(|| ask("Passphrase: "), Ok)
}

/// The passphrase for a new vault: the person types it twice.
pub(crate) fn new(file: Option<&Path>, quiet: bool, language: &str) -> Result<Zeroizing<String>, Trouble> {
    if let Some(passphrase) = given(file, quiet)? {
        return Ok(passphrase);
    }
    out::note(&format!("Drawn at random, if you like it: {}", *offer_passphrase(OFFERED, language)?));
    twice()
}

/// Another passphrase for a vault that is there: the person types it twice.
pub(crate) fn another(file: Option<&Path>, quiet: bool) -> Result<Zeroizing<String>, Trouble> {
    match (file, std::env::var(ANOTHER)) {
        (Some(file), _) => first_line(file, quiet),
        (None, Ok(text)) if !text.is_empty() => Ok(Zeroizing::new(text)),
        _ => twice(),
    }
}

/// The code of whoever comes back: from a file, or asked for like a passphrase. Its words may stand on several lines.
pub(crate) fn code(file: Option<&Path>, quiet: bool) -> Result<Zeroizing<String>, Trouble> {
    let Some(name) = file else { return ask("Code from the coordinator: ") };
    let mut text = Zeroizing::new(String::new());
    secret_file(name, quiet)?.take(MOST).read_to_string(&mut text).map_err(Trouble::file(name))?;
    Ok(text)
}

fn twice() -> Result<Zeroizing<String>, Trouble> {
    let first = ask("New passphrase: ")?;
    let again = ask("The same again: ")?;
    if first == again { Ok(first) } else { Err(Trouble::PassphrasesDiffer) }
}

fn given(file: Option<&Path>, quiet: bool) -> Result<Option<Zeroizing<String>>, Trouble> {
    match file {
        Some(file) => first_line(file, quiet).map(Some),
        None => Ok(std::env::var(VARIABLE).ok().filter(|text| !text.is_empty()).map(Zeroizing::new)),
    }
}

/// A file with something secret in it; says so if others may read it.
fn secret_file(name: &Path, quiet: bool) -> Result<File, Trouble> {
    let file = File::open(name).map_err(Trouble::file(name))?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let about = file.metadata().map_err(Trouble::file(name))?;
        if !quiet && about.is_file() && about.permissions().mode() & 0o077 != 0 {
            let name = name.display();
            out::note(&format!("warning: others on this machine may read {name}; `chmod 600` it"));
        }
    }
    Ok(file)
}

fn first_line(name: &Path, quiet: bool) -> Result<Zeroizing<String>, Trouble> {
    let file = secret_file(name, quiet)?;
    let mut line = Zeroizing::new(String::new());
    BufReader::new(file.take(MOST)).read_line(&mut line).map_err(Trouble::file(name))?;
    let kept = line.trim_end_matches(['\n', '\r']).len();
    line.truncate(kept);
    Ok(line)
}

fn ask(prompt: &str) -> Result<Zeroizing<String>, Trouble> {
    rpassword::prompt_password(prompt).map(Zeroizing::new).map_err(|_| Trouble::NoPassphrase)
}
