//! What stands in a field: one answer, or several that were given at the same time.

use std::collections::{BTreeMap, BTreeSet};

use automerge::{Automerge, ChangeHash, ObjId, ROOT, ReadDoc, ScalarValue, Value};

use super::{
    layout::{self, Mark},
    weight,
};
use crate::form::{Answer, Entry};

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
    /// A value.
    Value(ScalarValue),
}

/// What a key says: its values with their operations, the one every device shows first.
type Saying = Vec<(Said, ObjId)>;

/// What the keys of one field say.
type Keys = BTreeMap<String, Saying>;

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
        let mut fields: BTreeMap<String, Keys> = BTreeMap::new();
        // One walk over all keys; only those with several values are looked at again.
        for item in document.map_range(ROOT, ..).filter(|item| !item.key.starts_with('~')) {
            let said = if item.conflict {
                view.said(&item.key)
            } else {
                vec![(Said::from(&Value::from(item.value.clone())), item.id())]
            };
            let field = layout::field_of(&item.key).to_owned();
            fields.entry(field).or_default().insert(item.key.into_owned(), said);
        }
        let stand = |(field, keys): (String, Keys)| {
            let standing = view.stand(&field, &keys);
            (field, standing)
        };
        fields.into_iter().map(stand).collect()
    }

    /// What stands in one field.
    pub(super) fn field(&self, field: &str) -> Vec<Standing> {
        let keys = self.keys(field).into_iter();
        self.stand(field, &keys.map(|key| (key.clone(), self.said(&key))).collect())
    }

    /// The keys of a field.
    pub(super) fn keys(&self, field: &str) -> Vec<String> {
        let range = field.to_owned()..format!("{field}\u{10ffff}");
        let keys: Vec<String> = match self.heads {
            None => self.document.map_range(ROOT, range).map(|item| item.key.into_owned()).collect(),
            Some(heads) => {
                self.document.map_range_at(ROOT, range, heads).map(|item| item.key.into_owned()).collect()
            }
        };
        keys.into_iter().filter(|key| layout::field_of(key) == field).collect()
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

    fn stand(&self, field: &str, keys: &Keys) -> Vec<Standing> {
        let mut own: &[(Said, ObjId)] = &[];
        let (mut choices, mut counts, mut entries) = (BTreeMap::new(), Vec::new(), Vec::new());
        let (mut standing, mut missing): (Vec<Standing>, Vec<Standing>) = (Vec::new(), Vec::new());
        for (key, saying) in keys {
            match layout::parse(key).map(|(_, mark)| mark) {
                Some(Mark::Own) => own = saying,
                Some(Mark::Choice(choice)) => drop(choices.insert(choice, saying)),
                Some(Mark::First) => standing = first(saying),
                Some(Mark::Worst) => standing.extend(worst(saying)),
                Some(Mark::Count(_)) => counts.extend(saying.iter().cloned()),
                Some(Mark::Entry(id)) => entries.extend(saying.iter().map(|(said, given)| (id, said, given))),
                Some(Mark::Missing) => missing = distinct(answers(Mark::Missing, saying)),
                Some(Mark::Lowered) | None => {}
            }
        }
        missing.retain(|standing| standing.answer.is_some());
        if layout::is_row(field) {
            return row(own).into_iter().collect();
        }
        if !counts.is_empty() || !entries.is_empty() {
            // What was counted or said stands, whoever said at the same time that there is nothing.
            return count(&counts).or_else(|| self.log(&entries)).into_iter().collect();
        }
        if own.iter().any(|(said, _)| *said == Said::Object) {
            standing = self.narratives(own);
        } else if !choices.is_empty() || own.iter().any(|(said, _)| said.flag().is_some()) {
            standing = set(own, &choices).into_iter().collect();
        } else if !own.is_empty() {
            standing = distinct(answers(Mark::Own, own));
        }
        standing.extend(missing);
        standing
    }

    /// Rival narratives stand side by side while both say something.
    fn narratives(&self, own: &[(Said, ObjId)]) -> Vec<Standing> {
        let objects = own.iter().filter(|(said, _)| *said == Said::Object);
        let told = objects.filter_map(|(_, given)| {
            let text = self.text(given);
            let answer = (!text.is_empty()).then_some(Answer::Narrative(text))?;
            Some(Standing { answer: Some(answer), given: given.clone() })
        });
        distinct(told)
    }

    /// All that was said, causes before effects.
    fn log(&self, entries: &[(&str, &Said, &ObjId)]) -> Option<Standing> {
        let time = |given: &ObjId| {
            let change = self.document.get_change_meta_by_hash(&self.document.hash_for_opid(given)?)?;
            Some(change.timestamp)
        };
        let told = entries.iter().filter_map(|(id, said, given)| match said {
            Said::Value(value) => layout::said(id, time(given)?, value),
            Said::Object => None,
        });
        let told: Vec<Entry> = told.collect();
        let given = entries.last().map(|(_, _, given)| (*given).clone())?;
        Some(Standing { answer: Some(Answer::Log(told)), given })
    }
}

/// A row is there if anybody's latest word on it is that it is: adding, and writing in it, win over taking away.
fn row(own: &[(Said, ObjId)]) -> Option<Standing> {
    let there = own.iter().find(|(said, _)| matches!(said, Said::Value(value) if layout::is_there(value)));
    there.map(|(_, given)| Standing { answer: Some(Answer::Row), given: given.clone() })
}

/// The first answer, and what was given beside it. No answer is one only while there is no other.
fn first(saying: &[(Said, ObjId)]) -> Vec<Standing> {
    // Operations are numbered above all that their author saw, so the lowest came first.
    let given: Vec<Standing> =
        answers(Mark::First, saying).rev().filter(|one| one.answer.is_some()).collect();
    let (missing, mut real): (Vec<_>, Vec<_>) =
        given.into_iter().partition(|one| matches!(one.answer, Some(Answer::Missing(_))));
    if real.is_empty() {
        real = missing;
    }
    distinct(real.into_iter())
}

/// The worst of all values.
fn worst(saying: &[(Said, ObjId)]) -> Option<Standing> {
    let values = saying.iter().filter_map(|(said, given)| match said {
        Said::Value(value) => Some((value, given)),
        Said::Object => None,
    });
    let (value, given) = values.max_by(|(one, _), (other, _)| weight::compare(one, other))?;
    Some(Standing { answer: layout::answer(Mark::Worst, value), given: given.clone() })
}

/// What all have counted together. Corrections made at the same time may take away more than there was.
fn count(counts: &[(Said, ObjId)]) -> Option<Standing> {
    let (_, given) = counts.last()?;
    Some(Standing { answer: Some(Answer::Integer(sum(counts).max(0))), given: given.clone() })
}

fn sum(counts: &[(Said, ObjId)]) -> i64 {
    let each = counts.iter().map(|(said, _)| match said {
        Said::Value(ScalarValue::Int(number)) => *number,
        _ => 0,
    });
    each.fold(0, i64::saturating_add)
}

/// Adding wins: a choice is in the set if anybody's latest word on it is true.
fn set(own: &[(Said, ObjId)], choices: &BTreeMap<&str, &Saying>) -> Option<Standing> {
    let yes = |saying: &[(Said, ObjId)]| {
        let yes = saying.iter().find(|(said, _)| said.flag() == Some(true));
        yes.map(|(_, id)| id.clone())
    };
    let chosen: BTreeMap<&str, ObjId> =
        choices.iter().filter_map(|(choice, saying)| Some((*choice, yes(saying)?))).collect();
    let given = chosen.values().next().cloned().or_else(|| yes(own))?;
    let chosen: BTreeSet<String> = chosen.into_keys().map(str::to_owned).collect();
    Some(Standing { answer: Some(Answer::Choices(chosen)), given })
}

/// What the values of a key say as short answers.
fn answers(mark: Mark<'_>, saying: &[(Said, ObjId)]) -> impl DoubleEndedIterator<Item = Standing> {
    saying.iter().filter_map(move |(said, given)| match said {
        Said::Value(ScalarValue::Boolean(_)) | Said::Object => None,
        Said::Value(value) => Some(Standing { answer: layout::answer(mark, value), given: given.clone() }),
    })
}

impl Said {
    fn flag(&self) -> Option<bool> {
        match self {
            Self::Value(ScalarValue::Boolean(flag)) => Some(*flag),
            _ => None,
        }
    }
}

impl From<&Value<'_>> for Said {
    fn from(value: &Value<'_>) -> Self {
        value.as_scalar().map_or(Self::Object, |value| Self::Value(value.clone()))
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
