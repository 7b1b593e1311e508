//! Made-up answers that show how a form will be filled in.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use cairn_core::form::{Answers, Form};

use crate::answers::whole;
use crate::pick;
use crate::trouble::Trouble;

/// A file of samples is at most so many MiB.
const MOST: u64 = 64;

/// Reads answers, a JSON object a line; the first line that does not fit the form is an error.
pub(in crate::verb) fn read(form: &Form, path: &Path) -> Result<Vec<Answers>, Trouble> {
    let name = || path.display().to_string();
    let bytes = pick::whole(path, MOST)?;
    let mut samples = Vec::new();
    for (line, octets) in (1..).zip(bytes.split(|octet| *octet == b'\n')) {
        if octets.trim_ascii().is_empty() {
            continue;
        }
        let object: serde_json::Map<_, _> =
            serde_json::from_slice(octets).map_err(|_| Trouble::NotAnswers { name: name(), line })?;
        samples.push(answers(form, object).map_err(|trouble| match trouble {
            Trouble::Core(source) => Trouble::Sample { name: name(), line, source },
            other => other,
        })?);
    }
    Ok(samples)
}

fn answers(form: &Form, object: serde_json::Map<String, serde_json::Value>) -> Result<Answers, Trouble> {
    let object: BTreeMap<_, _> = object.into_iter().collect();
    // Samples are made up, and so may be the names of their rows.
    let mut next = 0;
    let (edits, faults) = form.answers_from_json(&object, &Answers::new(), &mut || {
        next += 1 << 16;
        next
    });
    whole(form, &BTreeSet::new(), edits, faults)
}
