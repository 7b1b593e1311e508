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

/// What one value of a key says.
#[derive(Debug, Clone, PartialEq)]
enum Said {
    /// It is an object.
    Object,
    /// A choice is made or taken back.
    Flag(bool),
    /// A short answer; none if emptied.
    Answer(Option<Answer>),
}

/// What a key says: its values with their operations, the one every device shows first.
type Saying = Vec<(Said, ObjId)>;

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

    /// What stands now in every field that was ever answered, by name: first the answer every device shows, no
    /// two alike. Nothing stands in a set or narrative that is empty.
    pub(super) fn fields(document: &Automerge) -> BTreeMap<String, Vec<Standing>> {
        let view = View::now(document);
        let mut fields: BTreeMap<String, (Saying, BTreeMap<String, Saying>)> = BTreeMap::new();
        // One walk over all keys; only those with several values are looked at again.
        for item in document.map_range(ROOT, ..).filter(|item| !item.key.starts_with('~')) {
            let said = if item.conflict {
                view.said(&item.key)
            } else {
                vec![(Said::from(&Value::from(item.value.clone())), item.id())]
            };
            let (field, choice) = layout::split(&item.key);
            let (own, choices) = fields.entry(field.to_owned()).or_default();
            match choice {
                Some(choice) => drop(choices.insert(choice.to_owned(), said)),
                None => *own = said,
            }
        }
        fields.into_iter().map(|(field, (own, choices))| (field, view.stand(own, &choices))).collect()
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
        let choice = |key: &String| Some((layout::split(key).1?.to_owned(), self.said(key)));
        self.stand(self.said(field), &keys.iter().filter_map(choice).collect())
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

    /// The text of a narrative.
    pub(super) fn text(&self, object: &ObjId) -> String {
        let text = match self.heads {
            None => self.document.text(object),
            Some(heads) => self.document.text_at(object, heads),
        };
        text.unwrap_or_default()
    }

    fn said(&self, key: &str) -> Saying {
        let values = self.values(key).into_iter();
        values.map(|(value, id)| (Said::from(&value), id)).collect()
    }

    fn stand(&self, own: Saying, choices: &BTreeMap<String, Saying>) -> Vec<Standing> {
        if own.iter().any(|(said, _)| *said == Said::Object) {
            return self.narratives(own);
        }
        if !choices.is_empty() || own.iter().any(|(said, _)| matches!(said, Said::Flag(_))) {
            return set(&own, choices).into_iter().collect();
        }
        distinct(own.into_iter().filter_map(|(said, given)| match said {
            Said::Answer(answer) => Some(Standing { answer, given }),
            Said::Object | Said::Flag(_) => None,
        }))
    }

    /// Rival narratives stand side by side while both say something.
    fn narratives(&self, own: Saying) -> Vec<Standing> {
        let objects = own.into_iter().filter(|(said, _)| *said == Said::Object);
        let told = objects.filter_map(|(_, given)| {
            let text = self.text(&given);
            let answer = (!text.is_empty()).then_some(Answer::Narrative(text))?;
            Some(Standing { answer: Some(answer), given })
        });
        distinct(told)
    }
}

/// Adding wins: a choice is in the set if anybody's latest word on it is true.
fn set(own: &Saying, choices: &BTreeMap<String, Saying>) -> Option<Standing> {
    let yes = |saying: &Saying| {
        let yes = saying.iter().find(|(said, _)| *said == Said::Flag(true));
        yes.map(|(_, id)| id.clone())
    };
    let chosen: BTreeMap<&String, ObjId> =
        choices.iter().filter_map(|(choice, saying)| Some((choice, yes(saying)?))).collect();
    let given = chosen.values().next().cloned().or_else(|| yes(own))?;
    let chosen: BTreeSet<String> = chosen.into_keys().cloned().collect();
    Some(Standing { answer: Some(Answer::Choices(chosen)), given })
}

impl From<&Value<'_>> for Said {
    fn from(value: &Value<'_>) -> Self {
        match value.as_scalar() {
            None => Self::Object,
            Some(ScalarValue::Boolean(flag)) => Self::Flag(*flag),
            Some(value) => Self::Answer(layout::answer(value)),
        }
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
