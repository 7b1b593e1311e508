//! The shape of a form: its questions, groups and repeats as a tree of places.
//!
//! A place is named by its index. A spot is a place in certain rows: one row index for each repeat around
//! it, the outermost first; a repeat's own row is the last of its spot.

use std::collections::HashMap;

/// What stands at a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PlaceKind {
    /// A group, or the form itself.
    Group,
    /// A group that is filled any number of times.
    Repeat,
    /// A question, or something else that has a value.
    Question,
}

/// One place.
#[derive(Debug, Clone)]
pub(super) struct Place {
    pub(super) name: String,
    pub(super) parent: Option<usize>,
    pub(super) kind: PlaceKind,
    pub(super) children: Vec<usize>,
    /// The repeats around it, outermost first, itself last if it is one.
    pub(super) repeats: Vec<usize>,
}

/// A form's places. Those of a group stand in the order they were added.
#[derive(Debug, Clone)]
pub struct Outline {
    places: Vec<Place>,
    named: HashMap<String, Vec<usize>>,
}

impl Outline {
    /// The place of the form itself.
    pub const ROOT: usize = 0;

    /// A form without questions. `root` is the first word of absolute paths: `data` in `/data/age`.
    pub fn new(root: &str) -> Self {
        let form = Place {
            name: root.to_owned(),
            parent: None,
            kind: PlaceKind::Group,
            children: Vec::new(),
            repeats: Vec::new(),
        };
        Self { places: vec![form], named: HashMap::new() }
    }

    /// Adds a place at the end of a group or repeat and returns its index.
    pub fn add(&mut self, parent: usize, name: &str, kind: PlaceKind) -> usize {
        let place = self.places.len();
        let mut repeats = Vec::new();
        if let Some(parent) = self.places.get_mut(parent) {
            parent.children.push(place);
            repeats.clone_from(&parent.repeats);
        }
        if kind == PlaceKind::Repeat {
            repeats.push(place);
        }
        let parent = Some(parent).filter(|parent| *parent < place);
        self.places.push(Place { name: name.to_owned(), parent, kind, children: Vec::new(), repeats });
        self.named.entry(name.to_owned()).or_default().push(place);
        place
    }

    /// How many places there are.
    pub fn len(&self) -> usize {
        self.places.len()
    }

    /// Whether there is nothing but the form itself.
    pub fn is_empty(&self) -> bool {
        self.places.len() == 1
    }

    /// A place's name, empty if there is no such place.
    pub fn name(&self, place: usize) -> &str {
        self.places.get(place).map_or("", |place| place.name.as_str())
    }

    /// The first place of a name.
    pub fn named(&self, name: &str) -> Option<usize> {
        self.all_named(name).first().copied()
    }

    pub(super) fn all_named(&self, name: &str) -> &[usize] {
        self.named.get(name).map_or(&[], Vec::as_slice)
    }

    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.named.keys().map(String::as_str)
    }

    pub(super) fn parent(&self, place: usize) -> Option<usize> {
        self.places.get(place)?.parent
    }

    pub(super) fn children(&self, place: usize) -> &[usize] {
        self.places.get(place).map_or(&[], |place| place.children.as_slice())
    }

    /// The repeats around a place, itself included.
    pub(super) fn repeats(&self, place: usize) -> &[usize] {
        self.places.get(place).map_or(&[], |place| place.repeats.as_slice())
    }

    pub(super) fn is_repeat(&self, place: usize) -> bool {
        self.places.get(place).is_some_and(|place| place.kind == PlaceKind::Repeat)
    }

    /// The place itself and all in it.
    pub(super) fn within(&self, place: usize) -> Vec<usize> {
        let mut found = vec![place];
        let mut next = 0;
        while let Some(place) = found.get(next).copied() {
            found.extend(self.children(place));
            next += 1;
        }
        found
    }

    /// Itself and what is around it, from the outside in.
    pub(super) fn ancestry(&self, place: usize) -> Vec<usize> {
        let mut line = vec![place];
        let mut at = place;
        while let Some(parent) = self.parent(at) {
            line.push(parent);
            at = parent;
        }
        line.reverse();
        line
    }

    /// How many rows `${name}` of `target` has in common with the question it is written at: those of the
    /// repeats around both. A repeat that is named from inside means all its rows.
    pub(super) fn shared(&self, target: usize, from: usize) -> usize {
        let around = self.repeats(target).iter().take_while(|repeat| **repeat != target);
        around.zip(self.repeats(from)).take_while(|(one, other)| one == other).count()
    }
}
