//! What a person sets: when it locks, when it is wiped, passphrases, the decoy, the road.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use cairn_core::Error;
use cairn_core::crypto::generate;
use cairn_core::form::{Answers, Form};
use cairn_core::transport::server_address;
use cairn_core::vault::Lapses;

use crate::form_file::{self, spreadsheet};
use crate::membership::{typed_pin, typed_proxy};
use crate::trouble::CairnError;
use crate::vault::OpenVault;

/// After how many seconds a vault locks itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, uniffi::Record)]
pub struct LockLapses {
    /// While nobody touches it.
    pub idle: u64,
    /// While the app is out of sight; 0 for at once.
    pub background: u64,
}

/// What the decoy shows: harmless, and likely for its owner to have.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct Decoy {
    /// The name of a form that comes with Cairn, or the path of a form's file as [`OpenVault::add_form`] takes it.
    pub form: String,
    /// Invented records: each a JSON object of answers by question.
    pub records: Vec<String>,
}

#[uniffi::export]
impl OpenVault {
    /// After how many seconds it locks itself.
    ///
    /// # Errors
    /// `locked`, or what the disk says.
    pub fn lapses(&self) -> Result<LockLapses, CairnError> {
        let lapses = self.with(|vault| vault.lapses())?;
        let [idle, background] = [lapses.idle, lapses.background].map(|lapse| lapse.as_secs());
        Ok(LockLapses { idle, background })
    }

    /// Sets after how many seconds it locks itself, now and at every later opening.
    ///
    /// # Errors
    /// `locked`, `idle_too_long` for more than an hour, or what the disk says.
    pub fn set_lapses(&self, lapses: LockLapses) -> Result<(), CairnError> {
        let [idle, background] = [lapses.idle, lapses.background].map(Duration::from_secs);
        Ok(self.keeper.set_lapses(Lapses { idle, background })?)
    }

    /// After how many wrong passphrases in a row everything here is wiped; none for never.
    ///
    /// # Errors
    /// `locked`.
    pub fn wipe_after(&self) -> Result<Option<u32>, CairnError> {
        self.with(|vault| Ok(vault.wipe_after()))
    }

    /// Sets after how many wrong passphrases in a row everything here is wiped; none for never.
    ///
    /// # Errors
    /// `too_few_tries` below five, `locked`, or what the disk says.
    pub fn set_wipe_after(&self, tries: Option<u32>) -> Result<(), CairnError> {
        self.with(|vault| vault.set_wipe_after(tries))
    }

    /// Puts another passphrase in the place of the old one.
    ///
    /// # Errors
    /// `wrong_passphrase` for the old one, `weak_passphrase` and `passphrase_taken` for the new one, `locked`.
    pub fn change_passphrase(&self, old: &str, new: &str) -> Result<(), CairnError> {
        self.with(|vault| vault.change_passphrase(old, new))
    }

    /// Sets a second passphrase, which opens a decoy and makes this vault unreadable for ever. `false` if nobody can
    /// promise on this phone that the old key is gone then. Whatever decoy there was is gone.
    ///
    /// # Errors
    /// `wrong_passphrase` for this vault's own, `weak_passphrase`, `passphrase_taken`; `bad_file`, `bad_form`,
    /// `no_office`, `bad_records`, `invalid` for what the decoy is to show; `locked`. Nothing has changed then.
    pub fn set_duress(&self, passphrase: &str, duress: &str, decoy: Decoy) -> Result<bool, CairnError> {
        let form = match spreadsheet::named(&decoy.form)? {
            Some(found) => found.form,
            None => form_file::read(Path::new(&decoy.form))?.form,
        };
        let numbered = (1u64..).zip(&decoy.records);
        let records = numbered.map(|(number, json)| record(&form, number, json));
        let records = records.collect::<Result<Vec<_>, _>>()?;
        self.with(|vault| {
            vault.set_duress(passphrase, duress, &form, records)?;
            Ok(vault.erases_for_certain())
        })
    }

    /// Forgets the second passphrase and its decoy. Does the same where there was none.
    ///
    /// # Errors
    /// `wrong_passphrase`, `locked`, or what the disk says.
    pub fn drop_duress(&self, passphrase: &str) -> Result<(), CairnError> {
        self.with(|vault| vault.drop_duress(passphrase))
    }

    /// Sends everything through a SOCKS proxy from now on (`socks5h://host:port`), or through none.
    ///
    /// # Errors
    /// `bad_proxy`, `locked`.
    pub fn set_proxy(&self, proxy: Option<String>) -> Result<(), CairnError> {
        typed_proxy(proxy.as_deref())?;
        self.with(|vault| vault.use_proxy(proxy.as_deref()))
    }

    /// Looks for the server at another address from now on. It must hold a key that is known, or the one given: as a
    /// coordinator reads it out where the server has come to another key while this device was away.
    ///
    /// # Errors
    /// `bad_address`, `bad_pin`, `no_workspace`, `locked`.
    pub fn set_address(&self, url: &str, pin: Option<String>) -> Result<(), CairnError> {
        let url = server_address(url).map_err(Error::from)?;
        let key = pin.as_deref().map(typed_pin).transpose()?;
        self.with(|vault| match key {
            Some(key) => vault.use_server(&url, key),
            None => vault.use_address(&url),
        })
    }
}

/// An invented record, from JSON.
fn record(form: &Form, number: u64, json: &str) -> Result<Answers, CairnError> {
    let object: BTreeMap<String, serde_json::Value> = serde_json::from_str(json).map_err(|_| {
        let text = format!("the invented record {number} is no JSON object of answers");
        CairnError::person("bad_records", text, "Write one object for each record.").naming("count", number)
    })?;
    let mut failed = None;
    let mut random = || match generate() {
        Ok(octets) => u64::from_be_bytes(octets),
        Err(error) => {
            failed = Some(error);
            0
        }
    };
    let (edits, faults) = form.answers_from_json(&object, &Answers::new(), &mut random);
    if let Some(error) = failed {
        return Err(Error::from(error).into());
    }
    if !faults.is_empty() {
        return Err(Error::Invalid(faults).into());
    }
    Ok(edits.into_iter().filter_map(|(key, answer)| Some((key, answer?))).collect())
}

#[cfg(test)]
mod tests;
