//! What is wrong with an expression, where, and what to write instead.

/// Why an expression cannot be used. The author of the form must act; nothing of an answer is in it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("column {at}: {what}; {instead}")]
pub struct ExpressionError {
    /// Where it begins, in characters, the first being 1.
    pub at: usize,
    /// What is wrong.
    pub what: String,
    /// What to write instead.
    pub instead: String,
}

/// Why an expression has no value for these answers. Nothing of an answer is in it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum EvaluationError {
    /// It would take more steps than [`super::limits::STEPS`].
    #[error("the expression takes too many steps; use fewer rows or a simpler condition")]
    TooManySteps,
    /// A text on the way would be longer than [`super::limits::VALUE`].
    #[error("the expression makes a text that is too long")]
    TooLong,
    /// A function was given something it cannot work with.
    #[error("{function}() {expects}")]
    Argument {
        /// The function's name.
        function: &'static str,
        /// What it expects instead.
        expects: &'static str,
    },
    /// The pattern of `regex()` is none, or none that is searched in bounded time.
    #[error("the pattern of regex() is not understood: {0}")]
    Pattern(&'static str),
    /// The form names a list or table that is not there.
    #[error("there is no list or table \"{0}\"")]
    NoTable(String),
    /// A question that the form does not have.
    #[error("there is no question \"{0}\"")]
    NoQuestion(String),
}

/// Builds an error about what begins at character `at`, counted from 0.
pub(super) fn fault(at: usize, what: impl Into<String>, instead: impl Into<String>) -> ExpressionError {
    ExpressionError { at: at.saturating_add(1), what: what.into(), instead: instead.into() }
}

/// What a foreign text may show of itself in an error: short, and without signs that turn the line around.
pub(super) fn shown(text: &str) -> String {
    let plain = |letter: &char| {
        !letter.is_control()
            && !matches!(*letter, '\u{200e}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    let mut short: String = text.chars().filter(plain).take(40).collect();
    if text.chars().count() > 40 {
        short.push('…');
    }
    short
}
