//! What stands in a field: one answer, or several that were given at the same time.

use std::collections::{BTreeMap, BTreeSet};

use automerge::{Automerge, ChangeHash, ObjId, ROOT, ReadDoc, ScalarValue, Value};

use super::layout;
use crate::form::Answer;

/// One answer that stands.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Standing {
    /// The answer; none if the field was emptied.
    pub(super) answer: Option<Answer>,
    /// The operation that gave it; for a narrative, the text object.
    pub(super) given: ObjId,
}

/// Where to look: now, or at some point in the past.
#[derive(Debug, Clone, Copy)]
pub(super) struct View<'a> {
    pub(super) document: &'a Automerge,
    pub(super) heads: Option<&'a [ChangeHash]>,
}

impl<'a> View<'a> {
    pub(super) fn now(document: &'a Automerge) -> Self {
        Self { document, heads: None }
    }

    /// What stands in every field that was ever answered, by name: first the answer every device shows, no
    /// two alike. A field whose set or narrative is empty and was never answered may have nothing.
    pub(super) fn fields(&self) -> BTreeMap<String, Vec<Standing>> {
        let keys: Vec<String> = match self.heads {
            None => self.document.keys(ROOT).collect(),
            Some(heads) => self.document.keys_at(ROOT, heads).collect(),
        };
        let mut flags: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for key in keys.iter().filter(|key| !key.starts_with('~')) {
            let (field, choice) = layout::split(key);
            flags.entry(field).or_default().extend(choice);
        }
        flags.iter().map(|(field, choices)| ((*field).to_owned(), self.gather(field, choices))).collect()
    }

    /// What stands in one field.
    pub(super) fn field(&self, field: &str) -> Vec<Standing> {
        let range = layout::flag(field, "")..layout::flag(field, "\u{10ffff}");
        let keys: Vec<String> = match self.heads {
            None => self.document.map_range(ROOT, range).map(|item| item.key.into_owned()).collect(),
            Some(heads) => {
                self.document.map_range_at(ROOT, range, heads).map(|item| item.key.into_owned()).collect()
            }
        };
        let choices: Vec<&str> = keys.iter().filter_map(|key| layout::split(key).1).collect();
        self.gather(field, &choices)
    }

    /// The values a key has, with their operations; the one every device shows first.
    pub(super) fn values(&self, key: &str) -> Vec<(Value<'a>, ObjId)> {
        let values = match self.heads {
            None => self.document.get_all(ROOT, key),
            Some(heads) => self.document.get_all_at(ROOT, key, heads),
        };
        let mut values = values.unwrap_or_default();
        values.reverse();
        values
    }

    fn gather(&self, field: &str, choices: &[&str]) -> Vec<Standing> {
        let values = self.values(field);
        if values.iter().any(|(value, _)| value.is_object()) {
            return self.narratives(values);
        }
        if !choices.is_empty() || values.iter().any(|(value, _)| flag(value).is_some()) {
            return self.set(field, choices, &values).into_iter().collect();
        }
        let said = values
            .into_iter()
            .map(|(value, given)| Standing { answer: value.as_scalar().and_then(layout::answer), given });
        distinct(said)
    }

    /// Adding wins: a choice is in the set if anybody's latest word on it is true.
    fn set(&self, field: &str, choices: &[&str], values: &[(Value<'_>, ObjId)]) -> Option<Standing> {
        let mut chosen = BTreeSet::new();
        let mut given = None;
        for choice in choices {
            let said = self.values(&layout::flag(field, choice));
            if let Some((_, id)) = said.into_iter().find(|(value, _)| flag(value) == Some(true)) {
                chosen.insert((*choice).to_owned());
                given = Some(id);
            }
        }
        let none_applies = values.iter().find(|(value, _)| flag(value) == Some(true));
        let given = given.or_else(|| none_applies.map(|(_, id)| id.clone()))?;
        Some(Standing { answer: Some(Answer::Choices(chosen)), given })
    }

    /// Rival narratives stand side by side while both say something.
    fn narratives(&self, values: Vec<(Value<'_>, ObjId)>) -> Vec<Standing> {
        let objects = values.into_iter().filter(|(value, _)| value.is_object());
        let told = objects.filter_map(|(_, given)| {
            let text = self.text(&given);
            let answer = (!text.is_empty()).then_some(Answer::Narrative(text))?;
            Some(Standing { answer: Some(answer), given })
        });
        distinct(told)
    }

    /// The text of a narrative.
    pub(super) fn text(&self, object: &ObjId) -> String {
        let text = match self.heads {
            None => self.document.text(object),
            Some(heads) => self.document.text_at(object, heads),
        };
        text.unwrap_or_default()
    }
}

fn flag(value: &Value<'_>) -> Option<bool> {
    match value.as_scalar() {
        Some(ScalarValue::Boolean(flag)) => Some(*flag),
        _ => None,
    }
}

fn distinct(said: impl Iterator<Item = Standing>) -> Vec<Standing> {
    let mut standing: Vec<Standing> = Vec::new();
    for new in said {
        if standing.iter().all(|old| old.answer != new.answer) {
            standing.push(new);
        }
    }
    standing
}
