//! What an expression looks at, found without working it out; and what is wrong with its names.
//!
//! It follows every path over the outline instead of over answers. A predicate may keep fewer rows than are
//! counted here, never more.

use std::collections::BTreeSet;

use super::call::{check_pattern, quoted_name};
use super::fault::{ExpressionError, fault, shown};
use super::function::Kind;
use super::outline::Outline;
use super::tree::{Expr, Path, Start, Way};
use super::{limits, near};

/// One thing that an expression looks at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Read {
    pub(super) place: usize,
    pub(super) look: Look,
    /// How many row numbers it has in common with the question, the outermost first: only there does a change
    /// of the one concern the other.
    pub(super) shared: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Look {
    /// The answer.
    Answer,
    /// How many rows a repeat has.
    Rows,
}

/// All that one expression looks at.
#[derive(Debug, Default)]
pub(super) struct Reads {
    pub(super) found: BTreeSet<Read>,
    /// It asks for the time or for dice.
    pub(super) fresh: bool,
    /// It looks at the question's own answer through `.`, for which it does not wait.
    pub(super) own: bool,
    /// It does so by a plain `.`.
    pub(super) dot: bool,
    /// Lists and tables it names.
    pub(super) tables: BTreeSet<String>,
    pub(super) wrong: Vec<ExpressionError>,
}

/// Where a path may stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Spot {
    Above,
    Place { place: usize, shared: usize },
    Table,
}

/// What the expression of the question at `from` looks at. A choice filter stands on a row of a table.
pub(super) fn reads(tree: &Expr, outline: &Outline, from: usize, filter: bool) -> Reads {
    let here = Spot::Place { place: from, shared: outline.repeats(from).len() };
    let mut reader = Reader { outline, from, here, all: Reads::default(), left: limits::READS };
    let focus = if filter { Spot::Table } else { here };
    reader.expr(tree, &[focus]);
    reader.all
}

struct Reader<'a> {
    outline: &'a Outline,
    from: usize,
    here: Spot,
    all: Reads,
    /// How many spots may still be passed: `/data/*/../*` goes through all of them again and again.
    left: usize,
}

impl Reader<'_> {
    /// Notes what an expression looks at and returns where its nodes may be.
    fn expr(&mut self, expr: &Expr, focus: &[Spot]) -> Vec<Spot> {
        match expr {
            Expr::Number(_) | Expr::Text(_) => Vec::new(),
            Expr::Negative(inner) => {
                self.expr(inner, focus);
                Vec::new()
            }
            Expr::Chain(first, rest) => {
                self.expr(first, focus);
                rest.iter().for_each(|(_, expr)| drop(self.expr(expr, focus)));
                Vec::new()
            }
            Expr::Union(all) => all.iter().flat_map(|expr| self.expr(expr, focus)).collect(),
            Expr::Call { function, given, at } => {
                self.all.fresh |= function.is_fresh_each_time();
                self.call(function.kind, given, *at, focus)
            }
            Expr::Path(path) => self.path(path, focus),
        }
    }

    fn call(&mut self, kind: Kind, given: &[Expr], at: usize, focus: &[Spot]) -> Vec<Spot> {
        self.constants(kind, given, at);
        self.all.own |= given.is_empty() || kind == Kind::Once;
        let found: Vec<Vec<Spot>> = given
            .iter()
            .map(|expr| match (kind, expr) {
                (Kind::IndexedRepeat, Expr::Path(path)) if path.steps.is_empty() && path.asked.is_empty() => {
                    self.everywhere(path, focus)
                }
                _ => self.expr(expr, focus),
            })
            .collect();
        match kind {
            Kind::Current => vec![self.here],
            Kind::Instance => vec![Spot::Table],
            Kind::If => found.into_iter().skip(1).flatten().collect(),
            Kind::Randomize | Kind::IndexedRepeat => found.into_iter().next().unwrap_or_default(),
            _ => Vec::new(),
        }
    }

    /// Checks arguments that are written out.
    fn constants(&mut self, kind: Kind, given: &[Expr], at: usize) {
        match (kind, given) {
            (Kind::Instance, [Expr::Text(table)]) | (Kind::Pulldata, [Expr::Text(table), ..]) => {
                self.all.tables.insert(table.clone());
            }
            (Kind::Regex, [_, Expr::Text(pattern)]) => {
                if let Err(what) = check_pattern(pattern) {
                    let what = format!("the pattern of regex() cannot be used: {what}");
                    self.all.wrong.push(fault(at, what, "write a simpler pattern, like '^[0-9]{3}$'"));
                }
            }
            (Kind::ChoiceName, [_, Expr::Text(question)]) => {
                let name = quoted_name(question);
                if self.outline.named(name).is_none() {
                    self.unknown(name, at);
                }
            }
            _ => {}
        }
    }

    fn unknown(&mut self, name: &str, at: usize) {
        let what = format!("there is no question \"{}\"", shown(name));
        let instead = match near::nearest(name, self.outline.names()).as_slice() {
            [] => "write the name of a question of this form".to_owned(),
            near => format!("write ${{{}}}", near.join("} or ${")),
        };
        self.all.wrong.push(fault(at, what, instead));
    }

    fn everywhere(&mut self, path: &Path, focus: &[Spot]) -> Vec<Spot> {
        match &path.start {
            Start::Reference(name) => self
                .reference(name, path.at, true)
                .map(|spot| self.look(&[spot]))
                .into_iter()
                .flatten()
                .collect(),
            _ => self.path(path, focus),
        }
    }

    fn reference(&mut self, name: &str, at: usize, everywhere: bool) -> Option<Spot> {
        match self.outline.all_named(name) {
            [] => {
                self.unknown(name, at);
                None
            }
            [place] => {
                let shared = if everywhere { 0 } else { self.outline.shared(*place, self.from) };
                Some(Spot::Place { place: *place, shared })
            }
            more => {
                let what = format!("there are {} questions named \"{}\"", more.len(), shown(name));
                self.all.wrong.push(fault(at, what, "give each its own name"));
                None
            }
        }
    }

    fn path(&mut self, path: &Path, focus: &[Spot]) -> Vec<Spot> {
        let mut spots = match &path.start {
            Start::Root => vec![Spot::Above],
            Start::Here => focus.to_vec(),
            Start::Reference(name) => self.reference(name, path.at, false).into_iter().collect(),
            Start::Value(expr) => self.expr(expr, focus),
        };
        path.asked.iter().for_each(|expr| drop(self.expr(expr, &spots)));
        // `.` alone is the question's own value, on which it does not wait.
        if path.steps.iter().all(|step| step.way == Way::Stay && step.asked.is_empty())
            && path.start == Start::Here
        {
            self.all.own |= spots.contains(&self.here);
            self.all.dot |= spots.contains(&self.here);
            return spots;
        }
        for step in &path.steps {
            let Some(next) = self.step(&spots, &step.way) else {
                self.too_much(path.at);
                return Vec::new();
            };
            if next.is_empty() && !spots.is_empty() {
                self.nowhere(path, &spots, &step.way);
                return Vec::new();
            }
            spots = next;
            step.asked.iter().for_each(|expr| drop(self.expr(expr, &spots)));
        }
        self.look(&spots)
    }

    /// A step that leads nowhere.
    fn nowhere(&mut self, path: &Path, from: &[Spot], way: &Way) {
        let (Way::Down(name) | Way::Anywhere(name)) = way else {
            return self.all.wrong.push(fault(path.at, "the path leads out of the form", "use fewer .."));
        };
        let own = from == [self.here];
        if own && self.outline.named(name).is_some() {
            let what = format!("\"{}\" alone means nothing here", shown(name));
            self.all.wrong.push(fault(path.at, what, format!("write ${{{name}}}")));
        } else if own {
            let what = format!("\"{}\" alone means nothing here", shown(name));
            self.all.wrong.push(fault(
                path.at,
                what,
                format!("write ${{{0}}} for a question, '{0}' for a text", shown(name)),
            ));
        } else {
            let what = format!("the path finds no \"{}\"", shown(name));
            self.all.wrong.push(fault(path.at, what, "write ${name} instead of a path"));
        }
    }

    fn too_much(&mut self, at: usize) {
        let what = "the path passes too many questions";
        if !self.all.wrong.iter().any(|error| error.what == what) {
            self.all.wrong.push(fault(at, what, "write ${name} for each question that is meant"));
        }
    }

    /// Where a step leads, each spot once. None if too many were passed.
    fn step(&mut self, from: &[Spot], way: &Way) -> Option<Vec<Spot>> {
        let mut found = self.spots_of_step(from, way);
        self.left = self.left.checked_sub(from.len().saturating_add(found.len()))?;
        found.sort_unstable();
        found.dedup();
        Some(found)
    }

    fn spots_of_step(&self, from: &[Spot], way: &Way) -> Vec<Spot> {
        let mut found = Vec::new();
        for spot in from {
            match (way, *spot) {
                (Way::Stay, spot) => found.push(spot),
                (_, Spot::Table) => found.push(Spot::Table),
                (Way::Up, Spot::Above) => {}
                (Way::Up, Spot::Place { place, shared }) => found.push(match self.outline.parent(place) {
                    Some(up) => Spot::Place { place: up, shared: shared.min(self.outline.repeats(up).len()) },
                    None => Spot::Above,
                }),
                (Way::Down(name), Spot::Above) => {
                    if name == self.outline.name(Outline::ROOT) {
                        found.push(Spot::Place { place: Outline::ROOT, shared: 0 });
                    }
                }
                (Way::Each, Spot::Above) => found.push(Spot::Place { place: Outline::ROOT, shared: 0 }),
                (Way::Down(name), Spot::Place { place, shared }) => {
                    let children = self.outline.children(place).iter();
                    let fitting = children.filter(|child| self.outline.name(**child) == name);
                    found.extend(fitting.map(|child| Spot::Place { place: *child, shared }));
                }
                (Way::Each, Spot::Place { place, shared }) => {
                    found.extend(
                        self.outline
                            .children(place)
                            .iter()
                            .map(|child| Spot::Place { place: *child, shared }),
                    );
                }
                (Way::Anywhere(name), spot) => {
                    let named = self.outline.all_named(name).iter();
                    let (top, shared) = match spot {
                        Spot::Place { place, shared } => (place, shared),
                        _ => (Outline::ROOT, 0),
                    };
                    let below = named.filter(|place| self.outline.ancestry(**place).contains(&top));
                    found.extend(below.map(|place| Spot::Place { place: *place, shared }));
                }
            }
        }
        found
    }

    /// Notes that the expression looks at these spots, and returns them.
    fn look(&mut self, spots: &[Spot]) -> Vec<Spot> {
        let Some(left) = self.left.checked_sub(spots.len()) else {
            self.too_much(0);
            return Vec::new();
        };
        self.left = left;
        for spot in spots {
            let Spot::Place { place, shared } = *spot else { continue };
            if self.outline.children(place).is_empty() {
                self.all.found.insert(Read { place, look: Look::Answer, shared });
            }
            let repeats = self.outline.repeats(place).iter().enumerate();
            for (depth, repeat) in repeats.filter(|(depth, repeat)| *depth >= shared || **repeat == place) {
                self.all.found.insert(Read { place: *repeat, look: Look::Rows, shared: shared.min(depth) });
            }
        }
        spots.to_vec()
    }
}
