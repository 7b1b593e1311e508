//! Why a change was not let in.

/// Why a change was not let in.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Larger than any change may be.
    #[error("too large: {octets} octets")]
    TooLarge {
        /// How large.
        octets: usize,
    },
    /// Not an uncompressed change, or a malformed one.
    #[error("not a change")]
    NotAChange,
    /// More operations than any change may have.
    #[error("too many operations")]
    TooManyOperations,
    /// More dependencies than any change may have.
    #[error("too many dependencies: {count}")]
    TooManyDependencies {
        /// How many.
        count: u64,
    },
    /// Written in the name of another chain than the one that sent it.
    #[error("written in another chain's name")]
    WrongActor,
    /// Its numbering does not follow from its past.
    #[error("its numbering does not follow from its past")]
    OutOfOrder,
    /// Its chain has written another change in this place.
    #[error("its chain has written another change in this place")]
    DuplicateSeq,
    /// The document has begun already, otherwise.
    #[error("the document has begun already")]
    RivalBeginning,
    /// The document library broke on it.
    #[error("the document library broke on it")]
    Panicked,
    /// The document library refused it.
    #[error("it does not fit the document")]
    Inapplicable,
    /// Its bytes are not those the document would give back.
    #[error("its bytes are not the only way to write it")]
    NotCanonical,
    /// The document would not load again with it.
    #[error("the document would not load again with it")]
    Unloadable,
    /// It does what the form does not allow.
    #[error("it breaks the form: {breach}")]
    BreaksForm {
        /// The question, if the form asks it.
        field: Option<String>,
        /// What it does.
        breach: Breach,
    },
    /// It builds on changes that are not here yet.
    #[error("changes it builds on are missing")]
    MissingDependencies,
    /// Its form is not here yet.
    #[error("its form is not known yet: {form} {version}")]
    UnknownForm {
        /// The form's name.
        form: String,
        /// Its edition.
        version: String,
    },
}

impl Refusal {
    /// Whether the same bytes may get in later, when more has arrived.
    pub fn may_pass_later(&self) -> bool {
        matches!(self, Self::MissingDependencies | Self::UnknownForm { .. })
    }
}

/// What a change does that the form does not allow.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Breach {
    /// It answers what is not asked.
    #[error("answers what is not asked")]
    Unasked,
    /// A value of the wrong kind.
    #[error("a value of the wrong kind")]
    WrongKind,
    /// A choice that is not offered.
    #[error("a choice that is not offered")]
    Unoffered,
    /// Longer than allowed.
    #[error("longer than allowed")]
    TooLong,
    /// It sets what only the first change may set, or leaves it out in the first change.
    #[error("what the first change says of the record")]
    Reserved,
    /// It deletes, counts, marks, or makes objects of its own.
    #[error("an operation that is not used")]
    Operation,
    /// It sets one field twice.
    #[error("one field twice")]
    Twice,
    /// It replaces other values than its author could see.
    #[error("replaces what its author could not see")]
    Unseen,
    /// It replaces an answer that stands for good, or writes in another's name.
    #[error("replaces what stands for good")]
    Rewritten,
    /// It lowers, without saying so, a value of which the worse stands.
    #[error("lowers a value without saying so")]
    Lowered,
    /// It moves the record to an edition of its form that is not later than the one it has.
    #[error("moves to an edition that is not later")]
    NotLater,
    /// It writes in a row of a repeat without saying that the row is there.
    #[error("writes in a row that is not there")]
    NoRow,
}
