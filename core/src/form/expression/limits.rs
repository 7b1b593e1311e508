//! How large anything about an expression may be. What is larger is refused, never cut.

/// One expression, in octets.
pub const LENGTH: usize = 64 << 10;
/// Brackets, arguments and predicates inside each other. Each takes some stack, and phones give little.
pub const DEPTH: usize = 64;
/// Operators, literals, calls and steps in one expression.
pub const NODES: usize = 16 << 10;
/// Answers that all expressions of a form look at together, each counted for each expression.
pub const READS: usize = 1_000_000;
/// Steps of working out one expression: enough to look ten times at a table of 100,000 rows.
pub const STEPS: u32 = 10_000_000;
/// Answers or rows that a path leads to: more than the largest list has.
pub const NODESET: usize = 500_000;
/// A text that an expression makes, in octets.
pub const VALUE: usize = 1 << 20;
/// The pattern of `regex()`, in octets.
pub const PATTERN: usize = 4 << 10;
/// What a pattern may take in memory when it is made ready, in octets.
pub const PATTERN_SIZE: usize = 1 << 20;
/// Rows that a calculated count can give a repeat.
pub const ROWS: usize = 1_000;
