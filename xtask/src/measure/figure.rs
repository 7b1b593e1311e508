//! One figure: what, how much, and whether that is good enough.

use std::fmt;

/// A measured value and its goal.
#[derive(Debug, Clone)]
pub(super) struct Figure {
    id: String,
    value: f64,
    unit: &'static str,
    goal: Option<Goal>,
}

/// What is good enough.
#[derive(Debug, Clone, Copy)]
enum Goal {
    AtMost(f64),
    AtLeast(f64),
}

impl Goal {
    fn holds(self, value: f64) -> bool {
        match self {
            Self::AtMost(goal) => value <= goal,
            Self::AtLeast(goal) => value >= goal,
        }
    }
}

impl fmt::Display for Goal {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::AtMost(goal) => write!(to, "≤ {}", plain(*goal)),
            Self::AtLeast(goal) => write!(to, "≥ {}", plain(*goal)),
        }
    }
}

impl Figure {
    /// A figure without a goal.
    pub(super) fn new(id: impl Into<String>, value: f64, unit: &'static str) -> Self {
        Self { id: id.into(), value, unit, goal: None }
    }

    /// The value must be at most `goal`.
    pub(super) fn at_most(mut self, goal: f64) -> Self {
        self.goal = Some(Goal::AtMost(goal));
        self
    }

    /// The value must be at least `goal`.
    pub(super) fn at_least(mut self, goal: f64) -> Self {
        self.goal = Some(Goal::AtLeast(goal));
        self
    }

    fn holds(&self) -> Option<bool> {
        self.goal.map(|goal| goal.holds(self.value))
    }

    /// One line for machines.
    pub(super) fn json(&self) -> String {
        let goal = self.goal.map(|goal| goal.to_string());
        serde_json::json!({
            "id": self.id,
            "value": self.value,
            "unit": self.unit,
            "goal": goal,
            "holds": self.holds(),
        })
        .to_string()
    }
}

fn plain(value: f64) -> String {
    if value.fract() == 0.0 { format!("{value:.0}") } else { format!("{value:.2}") }
}

/// A table for people.
pub(super) fn print_table(figures: &[Figure]) {
    let width = figures.iter().map(|figure| figure.id.len()).max().unwrap_or(0);
    for figure in figures {
        let verdict = match figure.holds() {
            Some(true) => "holds",
            Some(false) => "MISSED",
            None => "",
        };
        let goal = figure.goal.map(|goal| goal.to_string()).unwrap_or_default();
        println!(
            "{:<width$}  {:>12} {:<5} {:>12}  {verdict}",
            figure.id,
            plain(figure.value),
            figure.unit,
            goal
        );
    }
}
