//! How large anything about a form may be. What is larger is refused, never cut.

/// One encoded form, in octets: it must travel like one change does.
pub const FORM: usize = 1 << 20;
/// Questions in one form.
pub const QUESTIONS: usize = 10_000;
/// Groups in one form.
pub const GROUPS: usize = 2_000;
/// Groups inside groups.
pub const DEPTH: usize = 16;
/// Choices in all lists of one form.
pub const CHOICES: usize = 200_000;
/// Tables in one form, and columns of one.
pub const TABLES: usize = 100;
/// Columns of one table, and what a choice's list says of it besides.
pub const COLUMNS: usize = 1_000;
/// Cells in all tables of one form.
pub const CELLS: usize = 1_000_000;
/// A large list or table stays inside the form up to so many octets.
pub const INSIDE: usize = 64 << 10;
/// One list or table that travels apart, in octets.
pub const SHEET: usize = 16 << 20;
/// All lists and tables of one form that travel apart, in octets.
pub const SHEETS: usize = 32 << 20;
/// One piece of such a table, in octets: it fits a segment even if nothing of it can be compressed.
pub const TABLE_PIECE: usize = 128 << 10;
/// A form in a file, with its tables in it.
pub const FILE: usize = 64 << 20;
/// Parameters of one question, and questions that trigger one calculation.
pub const PARAMETERS: usize = 64;
/// A name for machines (of a form, question, group, list or choice) and a version, in octets.
pub const NAME: usize = 256;
/// A file that answers a question, in octets.
pub const ATTACHED: usize = 32 << 20;
/// What a file is, as `image/jpeg`, in octets.
pub const MEDIA_TYPE: usize = 128;
/// A text answer, in octets.
pub const TEXT: usize = 64 << 10;
/// A narrative answer, in octets.
pub const NARRATIVE: usize = 256 << 10;
