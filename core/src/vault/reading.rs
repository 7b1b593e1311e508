//! Reading records: one whole, pages of them, their past, what is in conflict.

use cairn_wire::id::RecordId;

use super::Vault;
use super::parts::{self, Whole};
use super::shelves::Shelves;
use crate::change::{self, Conflict, Past, Stamp};
use crate::error::Error;
use crate::store::{Filter, Listed};
use crate::view::{Author, ConflictView, PastView, RecordView, SharedView, Typed, typed};

/// Which records to list, newest first.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Query {
    /// Only records of this form.
    pub form: Option<String>,
    /// Only records with this choice for this question; each must hold.
    pub choices: Vec<(String, String)>,
    /// Only records with words that begin like each word of this.
    pub words: String,
    /// Only records before this one ([`Listed::number`] of the last line of the page before).
    pub before: Option<u64>,
    /// At most so many.
    pub most: u64,
}

impl Vault {
    /// One record, as far as this device holds it.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub fn record(&self, record: &RecordId) -> Result<RecordView, Error> {
        self.view(record, &self.shelves()?)
    }

    fn view(&self, record: &RecordId, shelves: &Shelves) -> Result<RecordView, Error> {
        let held = self.documents(record, shelves)?;
        let whole = parts::whole(&self.forms, &held)?;
        let known = self.form_version(&whole.form, &whole.version);
        let title = held.first().map(|one| parts::projection(&self.forms, &held, one)).transpose()?;
        let conflicts = self.conflicts_of(record, &whole.conflicts)?;
        let elsewhere = known.map(|known| shelves.elsewhere(&known.form, whole.case.as_ref()));
        let mut shared = Vec::new();
        for row in self.store.rows().shared(record)? {
            let circle = shelves.name(&row.circle).map(str::to_owned);
            shared.push(SharedView { copy: row.copy, circle });
        }
        let left = parts::left(&self.forms, &held, &whole);
        let Whole { form, version, answers, changed, .. } = whole;
        Ok(RecordView {
            id: *record,
            form,
            version,
            title: title.unwrap_or_default().title,
            answers,
            left,
            conflicts,
            changed,
            elsewhere: elsewhere.unwrap_or_default(),
            shared,
        })
    }

    /// A page of records, newest first.
    ///
    /// # Errors
    /// [`Error::NotFound`] for a form that is not there; [`Error::HandsInOnly`], [`Error::CarriesOnly`].
    pub fn list(&self, query: &Query) -> Result<Vec<Listed>, Error> {
        // Whoever only hands in sees what has not left, and searches nothing.
        if self.carries_only() || !query.words.is_empty() || !query.choices.is_empty() {
            self.need_reader()?;
        }
        let words: Vec<String> = query.words.split_whitespace().map(str::to_owned).collect();
        let mut filter = Filter {
            form: None,
            facets: query.choices.clone(),
            words,
            before: query.before,
            most: query.most,
        };
        let Some(form) = &query.form else { return Ok(self.store.rows().list(&filter)?) };
        let newest = self.form(form)?;
        let versions: Vec<u64> = self
            .forms
            .iter()
            .filter(|known| known.form.id == newest.form.id)
            .map(|known| known.number)
            .collect();
        let mut found = Vec::new();
        for version in versions {
            filter.form = Some(version);
            found.extend(self.store.rows().list(&filter)?);
        }
        found.sort_by_key(|listed| std::cmp::Reverse(listed.number));
        found.truncate(usize::try_from(query.most).unwrap_or(usize::MAX));
        Ok(found)
    }

    /// Goes through every record, oldest first.
    ///
    /// # Errors
    /// What `each` returns, or what the disk says. A record that cannot be read is passed to `damaged`.
    pub fn every_record(
        &self,
        mut each: impl FnMut(RecordView) -> Result<(), Error>,
        mut damaged: impl FnMut(RecordId, Error),
    ) -> Result<(), Error> {
        let shelves = self.shelves()?;
        let mut after = 0;
        loop {
            let page = self.store.rows().records_after(after, 256)?;
            let Some((last, _)) = page.last() else { return Ok(()) };
            after = *last;
            for (_, record) in page {
                match self.view(&record, &shelves) {
                    Ok(view) => each(view)?,
                    Err(error) => damaged(record, error),
                }
            }
        }
    }

    /// Who gave which answer when; of one field, or of all.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub fn history(&self, record: &RecordId, field: Option<&str>) -> Result<Vec<PastView>, Error> {
        let mut past = Vec::new();
        for one in self.documents(record, &self.shelves()?)? {
            past.extend(change::history(&one.row.bytes, field)?);
        }
        // Within a document causes stay before effects; between documents only clocks can say.
        past.sort_by_key(|one| one.by.time);
        past.into_iter()
            .map(|Past { by, field, before, answer, lowered, .. }| {
                Ok(PastView { field, before, answer, lowered, author: self.author(&by)? })
            })
            .collect()
    }

    /// Every unsettled field, newest record first.
    ///
    /// # Errors
    /// What the disk says.
    pub fn conflicts(&self, most: u64) -> Result<Vec<ConflictView>, Error> {
        let shelves = self.shelves()?;
        let mut views: Vec<ConflictView> = Vec::new();
        for listed in self.store.rows().conflicts(most)? {
            if views.iter().any(|view| view.record == listed.record && view.field == listed.field) {
                continue;
            }
            // One record that cannot be read hides no other's conflicts; `examine` counts it.
            let Ok(held) = self.documents(&listed.record, &shelves) else { continue };
            views.extend(self.conflicts_of(&listed.record, &parts::whole(&self.forms, &held)?.conflicts)?);
        }
        Ok(views)
    }

    fn conflicts_of(&self, record: &RecordId, all: &[Conflict]) -> Result<Vec<ConflictView>, Error> {
        let mut views = Vec::new();
        for conflict in all {
            let mut values = Vec::new();
            for value in &conflict.values {
                values.push((value.answer.clone(), self.author(&value.by)?));
            }
            views.push(ConflictView { record: *record, field: conflict.field.clone(), values });
        }
        Ok(views)
    }

    fn author(&self, by: &Stamp) -> Result<Author, Error> {
        let rows = self.store.rows();
        let own = rows.circles()?.iter().any(|circle| circle.chain == by.chain);
        let device =
            if own { Some(self.device.id()) } else { rows.chain(&by.chain)?.map(|chain| chain.device) };
        let name = device.map(|device| rows.name(&device)).transpose()?.flatten();
        Ok(Author { device, name, time: by.time.try_into().unwrap_or(0) })
    }

    /// The record a person means by a handle (`7f3a-12`) or a whole identifier.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::Ambiguous`].
    pub fn find_record(&self, name: &str) -> Result<RecordId, Error> {
        let missing = || match self.need_reader() {
            Ok(()) => Error::NotFound { what: "record", name: name.to_owned() },
            Err(why) => why,
        };
        let rows = self.store.rows();
        let meant = typed(name).ok_or_else(missing)?;
        let sealed = rows.finished()?.into_iter().any(|row| match meant {
            Typed::Whole(record) => row.record == record,
            Typed::Handle(..) => crate::view::handle(&row.record) == name.trim().to_lowercase(),
        });
        let missing = || if sealed { Error::SealedAway } else { missing() };
        match meant {
            Typed::Whole(record) => rows.record_exists(&record)?.then_some(record).ok_or_else(missing),
            Typed::Handle(chain, counter) => match rows.handled(chain, counter)?.as_slice() {
                [record] => Ok(*record),
                [] => Err(missing()),
                _ => Err(Error::Ambiguous { what: "record", name: name.to_owned() }),
            },
        }
    }
}
