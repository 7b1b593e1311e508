//! Publishing forms, and finding them.

use std::sync::{Arc, OnceLock};

use cairn_wire::id::{ChainId, DeviceId, RecordId};

use super::Vault;
use super::outgoing::must_fit;
use super::tables::{fill, keep_tables, queue_tables};
use crate::change::{self, About, Stamp};
use crate::error::Error;
use crate::form::{Answers, Form, Prepared, edition};
use crate::segment::Dictionary;
use crate::store::{OutboxKind, OutboxRow, Rows, StoreError};

/// Records that the form itself gives, for want of better samples, and the dictionary made from them.
const OWN_SAMPLES: usize = 400;
const OWN_DICTIONARY: usize = 16 << 10;
/// The most samples that are looked at, and the largest dictionary made from samples somebody gives.
const GIVEN_SAMPLES: usize = 4_000;
const GIVEN_DICTIONARY: usize = 64 << 10;

/// A form that has arrived, ready for use.
#[derive(Debug)]
pub struct KnownForm {
    /// Its row: grows with every form or version that arrives.
    pub number: u64,
    /// The form.
    pub form: Arc<Form>,
    /// Who published it.
    pub publisher: DeviceId,
    pub(super) dictionary: Option<Arc<Dictionary>>,
    prepared: OnceLock<Option<Prepared>>,
}

impl KnownForm {
    /// The form's expressions, made ready when they are first needed; none if nothing in it is worked out.
    pub fn prepared(&self) -> Option<&Prepared> {
        let prepare = || self.form.has_logic().then(|| Prepared::new(&self.form).ok()).flatten();
        self.prepared.get_or_init(prepare).as_ref()
    }
}

/// The dictionary for a form's records, from purely synthetic ones: those given, or the form's own.
fn dictionary(form: &Form, samples: &[Answers]) -> Option<Dictionary> {
    let own = change::synthetic(form, 1, OWN_SAMPLES);
    let parts = form.parts();
    let given = samples.iter().take(GIVEN_SAMPLES).flat_map(|answers| {
        parts.iter().filter_map(|part| {
            let about = About { record: RecordId([0; 16]), part: part.name() };
            let stamp = Stamp { chain: ChainId([0; 16]), time: 0 };
            let answers = form.of_part(*part, answers);
            Some(change::first(form, &about, &answers, &stamp).ok()?.change)
        })
    });
    let size = if samples.is_empty() { OWN_DICTIONARY } else { GIVEN_DICTIONARY };
    let changes: Vec<Vec<u8>> =
        own.into_iter().chain(given).filter_map(|change| Some(change::strip(&change)?.to_vec())).collect();
    Dictionary::train(&changes, size)
}

impl Vault {
    /// Publishes a form to the workspace; it travels at the next sync. Publishing the same form again
    /// does nothing.
    ///
    /// # Errors
    /// [`Error::NotAllowed`] unless this device is a coordinator's, [`Error::FormDiffers`] when that
    /// version is there with other contents, [`Error::TablesMissing`] for one read from octets alone.
    pub fn publish_form(&mut self, form: &Form) -> Result<Arc<KnownForm>, Error> {
        self.publish_form_with(form, &[])
    }

    /// Like [`Vault::publish_form`], with synthetic records in the workspace's languages: what travels
    /// becomes smaller by what they have in common with real ones. They must never be real: parts of
    /// them travel to every device.
    ///
    /// # Errors
    /// As [`Vault::publish_form`].
    pub fn publish_form_with(&mut self, form: &Form, samples: &[Answers]) -> Result<Arc<KnownForm>, Error> {
        self.need_coordinator()?;
        self.circle()?;
        let mut circles = self.asked_circles()?;
        circles.retain(|row| !self.hands_in_to(&row.circle));
        if form.tables_are_whole().is_err() {
            return Err(Error::TablesMissing { id: form.id.clone() });
        }
        // Records stay where they were begun: with both ways under one name some would be readable that look sealed.
        if self.forms.iter().any(|known| known.form.id == form.id && known.form.sealed != form.sealed) {
            return Err(Error::SealedDiffers { id: form.id.clone() });
        }
        // What does not fit inside travels apart.
        let mut lighter = form.clone();
        lighter.put_apart();
        if let Some(known) = self.form_version(&form.id, &form.version) {
            if *known.form == *form || *known.form == lighter {
                return Ok(known);
            }
            return Err(Error::FormDiffers { id: form.id.clone(), version: form.version.clone() });
        }
        let dictionary = dictionary(form, samples);
        let extra = dictionary.as_ref().map_or(&[][..], Dictionary::bytes).to_vec();
        let device = self.device.id();
        let row = |form: &Form| {
            let (kind, bytes, extra) = (OutboxKind::Form, form.encode(), extra.clone());
            OutboxRow { number: 0, kind, document: None, form: 0, bytes, extra }
        };
        let fits = must_fit(&row(form)).is_ok();
        let form = if fits { form } else { &lighter };
        let row = row(form);
        must_fit(&row)?;
        self.store.gesture(|rows| {
            keep_form(&rows, form, &row.bytes, &device, dictionary.as_ref())?;
            keep_tables(&rows, form, &device)?;
            // Whoever is in one circle only needs it from there. The form goes first: then its pieces are expected.
            circles.iter().try_for_each(|circle| {
                rows.put_outbox(&circle.circle, &row)?;
                queue_tables(&rows, &circle.circle, form)
            })
        })?;
        self.reload_forms()?;
        self.form_version(&form.id, &form.version).ok_or(Error::Bug("a kept form is missing".to_owned()))
    }

    /// Every form and version, oldest first.
    pub fn forms(&self) -> &[Arc<KnownForm>] {
        &self.forms
    }

    /// How many forms have arrived and wait for pieces of their lists and tables.
    ///
    /// # Errors
    /// What the disk says.
    pub fn forms_waiting(&self) -> Result<u64, Error> {
        Ok(self.store.rows().waiting_forms()?.len() as u64)
    }

    /// The newest edition of a form: that of the latest version, whatever arrived last.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub fn form(&self, id: &str) -> Result<Arc<KnownForm>, Error> {
        self.editions(id).pop().ok_or(Error::NotFound { what: "form", name: id.to_owned() })
    }

    /// Every edition of a form, the latest last.
    pub fn editions(&self, id: &str) -> Vec<Arc<KnownForm>> {
        let mut editions: Vec<_> = self.forms.iter().filter(|known| known.form.id == id).cloned().collect();
        editions.sort_by(|one, other| edition::compare(&one.form.version, &other.form.version));
        editions
    }

    pub(super) fn form_version(&self, id: &str, version: &str) -> Option<Arc<KnownForm>> {
        find(&self.forms, id, version)
    }

    pub(super) fn reload_forms(&mut self) -> Result<(), Error> {
        self.forms = load(&self.store.rows(), &self.forms)?;
        Ok(())
    }
}

pub(super) fn find(forms: &[Arc<KnownForm>], id: &str, version: &str) -> Option<Arc<KnownForm>> {
    forms.iter().find(|known| known.form.id == id && known.form.version == version).cloned()
}

/// Finds the form of a name and edition among those that are known.
pub(super) fn lookup(forms: &[Arc<KnownForm>]) -> impl Fn(&str, &str) -> Option<Arc<Form>> {
    move |id, version| find(forms, id, version).map(|known| known.form.clone())
}

/// Every form; those that are known are not read again.
pub(super) fn load(rows: &Rows<'_>, before: &[Arc<KnownForm>]) -> Result<Vec<Arc<KnownForm>>, StoreError> {
    let mut known = before.to_vec();
    let last = before.last().map_or(0, |known| known.number);
    for row in rows.forms_after(last)? {
        let mut form = Form::decode(&row.bytes).map_err(|_| StoreError::Unreadable("form"))?;
        fill(rows, &mut form, &known)?;
        known.push(Arc::new(KnownForm {
            number: row.number,
            form: Arc::new(form),
            publisher: row.device,
            dictionary: Dictionary::new(row.dictionary).map(Arc::new),
            prepared: OnceLock::new(),
        }));
    }
    Ok(known)
}

/// Keeps a form; `false` if that version is held already.
pub(super) fn keep_form(
    rows: &Rows<'_>,
    form: &Form,
    bytes: &[u8],
    publisher: &DeviceId,
    dictionary: Option<&Dictionary>,
) -> Result<bool, StoreError> {
    let none = ([0; 8], &[][..]);
    let (id, octets) = dictionary.map_or(none, |dictionary| (*dictionary.id(), dictionary.bytes()));
    let kept = rows.put_form((&form.id, &form.version), publisher, (&id, octets), bytes)?;
    Ok(kept.is_some())
}
