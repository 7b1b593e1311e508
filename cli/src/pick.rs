//! Which form is meant, and which file.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;
use std::sync::Arc;

use cairn_core::Vault;
use cairn_core::error::Error;
use cairn_core::vault::KnownForm;
use cairn_core::view::RecordView;

use crate::trouble::Trouble;

/// The newest version of the named form; of the only one when none is named.
pub(crate) fn form(vault: &Vault, name: Option<&str>) -> Result<Arc<KnownForm>, Trouble> {
    if vault.carries_only() {
        return Err(Error::CarriesOnly.into());
    }
    if vault.hands_in_only() && vault.forms().is_empty() {
        return Err(Error::NeedsHandout.into());
    }
    if let Some(name) = name {
        return Ok(vault.form(name)?);
    }
    let mut names: Vec<&str> = vault.forms().iter().map(|known| known.form.id.as_str()).collect();
    names.sort_unstable();
    names.dedup();
    match names.as_slice() {
        [] => Err(Trouble::NoForms),
        [only] => Ok(vault.form(only)?),
        several => Err(Trouble::ManyForms(several.iter().map(|name| (*name).to_owned()).collect())),
    }
}

/// The very version of the form that a record was made with, once it has arrived.
pub(crate) fn form_of(vault: &Vault, view: &RecordView) -> Option<Arc<KnownForm>> {
    edition(vault, &view.form, &view.version)
}

/// One edition of a form, once it has arrived.
pub(crate) fn edition(vault: &Vault, form: &str, version: &str) -> Option<Arc<KnownForm>> {
    let is_it = |known: &&Arc<KnownForm>| known.form.id == form && known.form.version == version;
    vault.forms().iter().find(is_it).cloned()
}

/// A whole file of at most so many MiB; `-` is standard input.
pub(crate) fn whole(name: &Path, most: u64) -> Result<Vec<u8>, Trouble> {
    let source: Box<dyn Read> = if name == Path::new("-") {
        Box::new(io::stdin())
    } else {
        Box::new(File::open(name).map_err(Trouble::file(name))?)
    };
    let mut bytes = Vec::new();
    source.take((most << 20).saturating_add(1)).read_to_end(&mut bytes).map_err(Trouble::file(name))?;
    if bytes.len() as u64 > most << 20 {
        return Err(Trouble::FileTooLarge { name: name.display().to_string(), most });
    }
    Ok(bytes)
}
