//! Devices that write at the same time, and hear of each other later.

use std::{collections::BTreeMap, sync::Arc};

use cairn_wire::id::ChainId;

use super::super::{About, Admission, Arrival, Content, Stamp, Written, admit, edit, first, read};
use super::{care, chain, interview, record};
use crate::form::{Answer, Answers, Form};

pub(crate) type Edits = BTreeMap<String, Option<Answer>>;
pub(crate) type Sent = (ChainId, Vec<u8>);

pub(crate) fn forms(id: &str, version: &str) -> Option<Arc<Form>> {
    let known = [interview(), care()].into_iter().find(|form| form.id == id && form.version == version);
    known.map(Arc::new)
}

pub(crate) fn take(document: Option<&[u8]>, sent: &[Sent]) -> Admission {
    let arrivals: Vec<_> = sent.iter().map(|(chain, change)| Arrival { chain: *chain, change }).collect();
    admit(document, &arrivals, &forms).unwrap()
}

/// A device: its chain, its copy of the one document, and all it has written.
#[derive(Clone)]
pub(crate) struct Device {
    pub(crate) chain: ChainId,
    pub(crate) document: Vec<u8>,
    pub(crate) sent: Vec<Sent>,
    pub(crate) form: Arc<Form>,
}

impl Device {
    pub(crate) fn by(&self, time: i64) -> Stamp {
        Stamp { chain: self.chain, time }
    }

    pub(crate) fn keep(&mut self, written: Option<Written>) {
        if let Some(written) = written {
            self.sent.push((self.chain, written.change));
            self.document = written.document;
        }
    }

    pub(crate) fn edit(&mut self, edits: &Edits, time: i64) {
        self.keep(edit(&self.document, &self.form, edits, &self.by(time)).unwrap());
    }

    pub(crate) fn put(&mut self, field: &str, answer: Answer, time: i64) {
        self.edit(&[(field.to_owned(), Some(answer))].into(), time);
    }

    pub(crate) fn hear(&mut self, others: &[Sent]) {
        let admission = take(Some(&self.document), others);
        assert_eq!(admission.refused, vec![]);
        if let Some(document) = admission.document {
            assert_eq!(admission.content.unwrap(), read(&document).unwrap());
            self.document = document;
        }
    }

    pub(crate) fn content(&self) -> Content {
        read(&self.document).unwrap()
    }
}

/// Three devices that have the same document, which the first of them began.
pub(crate) fn village(answers: &Answers) -> (Sent, [Device; 3]) {
    village_of(interview(), answers)
}

/// The same with another form.
pub(crate) fn village_of(form: Form, answers: &Answers) -> (Sent, [Device; 3]) {
    let by = Stamp { chain: chain(1), time: 1 };
    let begun = first(&form, &About { record: record(9), part: "case" }, answers, &by).unwrap();
    let form = Arc::new(form);
    let device = |number| Device {
        chain: chain(number),
        document: begun.document.clone(),
        sent: Vec::new(),
        form: form.clone(),
    };
    ((chain(1), begun.change.clone()), [device(1), device(2), device(3)])
}
