//! A form made ready to be filled: its expressions read, their names found, and their order known.

use std::collections::{BTreeSet, HashMap};

use super::expression::{
    Expression, ExpressionError, Outline, PlaceKind, Plan, PlanError, Purpose, Rules, parse,
};
use super::{Form, Group, Kind, Logic, Preset, Question};

/// Who has an expression.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Holder {
    /// The form itself.
    Form,
    /// The group of that index.
    Group(usize),
    /// The question of that index.
    Question(usize),
    /// What names a record of the form.
    InstanceName,
}

/// Why a form cannot be filled. Its author must act.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Unready {
    /// One expression is wrong.
    #[error("{purpose:?}: {error}")]
    Expression {
        /// Whose it is.
        holder: Holder,
        /// What it is for.
        purpose: Purpose,
        /// What is wrong.
        error: ExpressionError,
    },
    /// Questions wait for each other.
    #[error("these questions need each other's answers: {}", .0.join(" → "))]
    Circle(Vec<String>),
    /// Its expressions look at more than can be kept in mind.
    #[error("the expressions of this form look at too much: write ${{name}} instead of paths with * or //")]
    TooMuch,
}

/// A form's expressions in their order, and which place of the plan is which question.
#[derive(Debug)]
pub struct Prepared {
    plan: Plan,
    holders: Vec<Holder>,
    questions: Vec<usize>,
    groups: Vec<usize>,
    name: usize,
    named: HashMap<String, usize>,
}

impl Prepared {
    /// Reads every expression of a form.
    ///
    /// # Errors
    /// Everything that is wrong with any of them.
    pub fn new(form: &Form) -> Result<Self, Vec<Unready>> {
        let mut draft = Draft::new(form);
        draft.places();
        draft.rules();
        let Draft { outline, rules, holders, questions, groups, wrong, name, .. } = draft;
        if !wrong.is_empty() {
            return Err(wrong);
        }
        let plan = Plan::new(outline, rules).map_err(|errors| {
            let told = errors.into_iter().map(|error| match error {
                PlanError::Circle(names) => Unready::Circle(names),
                PlanError::TooMuch => Unready::TooMuch,
                PlanError::Expression { place, purpose, error, .. } => {
                    let holder = holders.get(place).copied().unwrap_or(Holder::Form);
                    Unready::Expression { holder, purpose, error }
                }
            });
            told.collect::<Vec<_>>()
        })?;
        let named = form.questions.iter().enumerate();
        let named = named.map(|(index, question)| (question.name.clone(), index)).collect();
        Ok(Self { plan, holders, questions, groups, name, named })
    }

    /// The expressions in their order.
    pub fn plan(&self) -> &Plan {
        &self.plan
    }

    /// What stands at a place of the plan.
    pub fn holder(&self, place: usize) -> Holder {
        self.holders.get(place).copied().unwrap_or(Holder::Form)
    }

    /// The index in the form of the question of that name.
    pub fn index(&self, name: &str) -> Option<usize> {
        self.named.get(name).copied()
    }

    /// The place of a question, by its index in the form.
    pub fn question(&self, index: usize) -> Option<usize> {
        self.questions.get(index).copied()
    }

    /// The place of a group, by its index in the form.
    pub fn group(&self, index: usize) -> Option<usize> {
        self.groups.get(index).copied()
    }

    /// The place of what names a record.
    pub(super) fn name(&self) -> usize {
        self.name
    }

    /// The questions and groups that a question's calculation, or a condition around it, depends on, also by way
    /// of others.
    pub fn sources(&self, index: usize) -> BTreeSet<Holder> {
        let mut found = BTreeSet::new();
        let mut open: Vec<usize> = self.question(index).into_iter().collect();
        let mut seen: BTreeSet<usize> = open.iter().copied().collect();
        while let Some(place) = open.pop() {
            for place in self.plan.looks_at(place) {
                if seen.insert(place) {
                    open.push(place);
                }
                found.insert(self.holder(place));
            }
        }
        found
    }
}

/// What is known of a form while it is made ready.
struct Draft<'f> {
    form: &'f Form,
    outline: Outline,
    rules: Vec<Rules>,
    holders: Vec<Holder>,
    questions: Vec<usize>,
    groups: Vec<usize>,
    name: usize,
    wrong: Vec<Unready>,
}

impl<'f> Draft<'f> {
    fn new(form: &'f Form) -> Self {
        Self {
            form,
            outline: Outline::new("data"),
            rules: Vec::new(),
            holders: vec![Holder::Form],
            questions: Vec::with_capacity(form.questions.len()),
            groups: vec![Outline::ROOT; form.groups.len()],
            name: Outline::ROOT,
            wrong: Vec::new(),
        }
    }

    /// Gives every question and group its place, each group where its first question stands.
    fn places(&mut self) {
        for (index, question) in self.form.questions.iter().enumerate() {
            let parent = self.group(question.group);
            let place = self.add(parent, &question.name, PlaceKind::Question, Holder::Question(index));
            self.questions.push(place);
        }
        for index in 0..self.form.groups.len() {
            self.group(Some(index));
        }
        // Nothing can refer to a name that is empty.
        self.name = self.add(Outline::ROOT, "", PlaceKind::Question, Holder::InstanceName);
        self.rules = vec![Rules::default(); self.outline.len()];
    }

    fn add(&mut self, parent: usize, name: &str, kind: PlaceKind, holder: Holder) -> usize {
        self.holders.push(holder);
        self.outline.add(parent, name, kind)
    }

    /// The place of a group; those around it and it itself are added if nobody has needed them yet.
    fn group(&mut self, innermost: Option<usize>) -> usize {
        let form = self.form;
        let mut parent = Outline::ROOT;
        for index in form.ancestry(innermost) {
            let known = self.groups.get(index).copied().unwrap_or(Outline::ROOT);
            parent = if known == Outline::ROOT {
                let Some(group) = form.groups.get(index) else { continue };
                let kind = if group.repeat.is_some() { PlaceKind::Repeat } else { PlaceKind::Group };
                let place = self.add(parent, &group.name, kind, Holder::Group(index));
                self.groups.get_mut(index).into_iter().for_each(|slot| *slot = place);
                place
            } else {
                known
            };
        }
        parent
    }

    fn rules(&mut self) {
        let form = self.form;
        for (index, group) in form.groups.iter().enumerate() {
            let rules = self.of_group(group, Holder::Group(index));
            self.put(self.groups.get(index).copied(), rules);
        }
        for (index, question) in form.questions.iter().enumerate() {
            let rules = self.of_question(question, Holder::Question(index));
            self.put(self.questions.get(index).copied(), rules);
        }
        let calculation = self.read(form.instance_name.as_ref(), Holder::InstanceName, Purpose::Calculation);
        self.put(Some(self.name), Rules { calculation, ..Rules::default() });
    }

    fn put(&mut self, place: Option<usize>, rules: Rules) {
        place.and_then(|place| self.rules.get_mut(place)).into_iter().for_each(|slot| *slot = rules.clone());
    }

    fn of_group(&mut self, group: &Group, holder: Holder) -> Rules {
        let count = group.repeat.as_ref().and_then(|repeat| repeat.count.as_ref());
        Rules {
            relevant: self.read(group.relevant.as_ref(), holder, Purpose::Relevant),
            count: self.read(count, holder, Purpose::Count),
            ..Rules::default()
        }
    }

    fn of_question(&mut self, question: &Question, holder: Holder) -> Rules {
        let Logic { relevant, constraint, required_when, readonly, calculation, choice_filter, .. } =
            &question.logic;
        let filter = self.read(choice_filter.as_ref(), holder, Purpose::Choices);
        let mut rules = Rules {
            relevant: self.read(relevant.as_ref(), holder, Purpose::Relevant),
            constraint: self.read(constraint.as_ref(), holder, Purpose::Constraint),
            required: self.read(required_when.as_ref(), holder, Purpose::Required),
            readonly: self.read(readonly.as_ref(), holder, Purpose::Readonly),
            calculation: self.read(calculation.as_ref(), holder, Purpose::Calculation),
            trigger: question.logic.trigger.clone(),
            default: None,
            choices: filter.and_then(|filter| Some((question.kind.list()?.to_owned(), filter))),
            count: None,
        };
        match (&question.logic.default, &question.constant) {
            (Some(Preset::Expression(text)), _) => {
                rules.default = self.read(Some(text), holder, Purpose::Default);
            }
            (Some(Preset::Literal(text)), _) => rules.default = Some(Expression::literal(text)),
            (None, Some(constant)) if question.kind == Kind::Calculate && rules.calculation.is_none() => {
                rules.calculation = Some(Expression::literal(constant));
            }
            (None, Some(constant)) => rules.default = Some(Expression::literal(constant)),
            (None, None) => {}
        }
        rules
    }

    fn read(&mut self, text: Option<&String>, holder: Holder, purpose: Purpose) -> Option<Expression> {
        match parse(text?) {
            Ok(expression) => Some(expression),
            Err(error) => {
                self.wrong.push(Unready::Expression { holder, purpose, error });
                None
            }
        }
    }
}
