//! An expression as a tree.
//!
//! Operators of one rank stand side by side in one [`Expr::Chain`], so that `a or b or c …` is as deep as
//! `a or b`: only brackets, arguments and predicates make a tree deeper.

use super::function::Function;

/// What has a value.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Expr {
    Number(f64),
    Text(String),
    /// The first, then each with the operator before it, from left to right.
    Chain(Box<Expr>, Vec<(Operator, Expr)>),
    /// `-x`
    Negative(Box<Expr>),
    /// `a | b`
    Union(Vec<Expr>),
    /// A function's value.
    Call {
        function: Function,
        given: Vec<Expr>,
        at: usize,
    },
    Path(Path),
}

/// The operators that stand between two values, by rank.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Operator {
    Or,
    And,
    Equal,
    Unequal,
    Less,
    LessOrEqual,
    More,
    MoreOrEqual,
    Plus,
    Minus,
    Times,
    Divided,
    Modulo,
}

impl Operator {
    /// How tightly it binds; the least first.
    pub(super) fn rank(self) -> u8 {
        match self {
            Self::Or => 0,
            Self::And => 1,
            Self::Equal | Self::Unequal => 2,
            Self::Less | Self::LessOrEqual | Self::More | Self::MoreOrEqual => 3,
            Self::Plus | Self::Minus => 4,
            Self::Times | Self::Divided | Self::Modulo => 5,
        }
    }

    pub(super) const TIGHTEST: u8 = 5;
}

/// Where answers or rows of a table are.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Path {
    pub(super) start: Start,
    /// What is asked of the start before the first step.
    pub(super) asked: Vec<Expr>,
    pub(super) steps: Vec<Step>,
    /// Where it is written, in characters from 0.
    pub(super) at: usize,
}

/// Where a path begins.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Start {
    /// `/`
    Root,
    /// Where one is: the question, or the row that a predicate looks at.
    Here,
    /// `${name}`
    Reference(String),
    /// A function or a bracket that gives nodes.
    Value(Box<Expr>),
}

/// One step of a path.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Step {
    pub(super) way: Way,
    pub(super) asked: Vec<Expr>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Way {
    /// `.`
    Stay,
    /// `..`
    Up,
    /// `name`
    Down(String),
    /// `*`
    Each,
    /// `//name`
    Anywhere(String),
}
