//! The functions an expression may call: their names and how many arguments they take.

use super::fault::{ExpressionError, fault, shown};
use super::near;

/// A function.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Function {
    pub(super) name: &'static str,
    pub(super) kind: Kind,
    least: usize,
    most: usize,
}

macro_rules! functions {
    ($($kind:ident $name:literal $least:literal $most:expr;)*) => {
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub(super) enum Kind { $($kind,)* }

        const FUNCTIONS: &[Function] =
            &[$(Function { name: $name, kind: Kind::$kind, least: $least, most: $most },)*];
    };
}

/// As many as one likes.
const ANY: usize = usize::MAX;

functions! {
    Abs "abs" 1 1;
    Acos "acos" 1 1;
    Area "area" 1 1;
    Asin "asin" 1 1;
    Atan "atan" 1 1;
    Atan2 "atan2" 2 2;
    Base64Decode "base64-decode" 1 1;
    Boolean "boolean" 1 1;
    BooleanFromString "boolean-from-string" 1 1;
    Ceiling "ceiling" 1 1;
    Checklist "checklist" 2 ANY;
    ChoiceName "jr:choice-name" 2 2;
    Coalesce "coalesce" 2 2;
    Concat "concat" 0 ANY;
    Contains "contains" 2 2;
    Cos "cos" 1 1;
    Count "count" 1 1;
    CountNonEmpty "count-non-empty" 1 1;
    CountSelected "count-selected" 1 1;
    Current "current" 0 0;
    Date "date" 1 1;
    DateTime "date-time" 1 1;
    DecimalDateTime "decimal-date-time" 1 1;
    DecimalTime "decimal-time" 1 1;
    Digest "digest" 2 3;
    Distance "distance" 1 ANY;
    EndsWith "ends-with" 2 2;
    Exp "exp" 1 1;
    Exp10 "exp10" 1 1;
    False "false" 0 0;
    Floor "floor" 1 1;
    FormatDate "format-date" 2 2;
    FormatDateTime "format-date-time" 2 2;
    Geofence "geofence" 2 2;
    If "if" 3 3;
    IndexedRepeat "indexed-repeat" 3 ANY;
    Instance "instance" 1 1;
    Int "int" 1 1;
    Itext "jr:itext" 1 1;
    Join "join" 1 ANY;
    Last "last" 0 0;
    Log "log" 1 1;
    Log10 "log10" 1 1;
    Max "max" 1 ANY;
    Min "min" 1 ANY;
    NormalizeSpace "normalize-space" 0 1;
    Not "not" 1 1;
    Now "now" 0 0;
    Number "number" 0 1;
    Once "once" 1 1;
    Pi "pi" 0 0;
    Position "position" 0 1;
    Pow "pow" 2 2;
    Property "property" 1 1;
    Pulldata "pulldata" 4 4;
    Random "random" 0 0;
    Randomize "randomize" 1 2;
    Regex "regex" 2 2;
    Round "round" 1 2;
    Selected "selected" 2 2;
    SelectedAt "selected-at" 2 2;
    Sin "sin" 1 1;
    Sqrt "sqrt" 1 1;
    StartsWith "starts-with" 2 2;
    String "string" 0 1;
    StringLength "string-length" 0 1;
    Substr "substr" 2 3;
    Substring "substring" 2 3;
    SubstringAfter "substring-after" 2 2;
    SubstringBefore "substring-before" 2 2;
    Sum "sum" 1 1;
    Tan "tan" 1 1;
    Today "today" 0 0;
    Translate "translate" 3 3;
    True "true" 0 0;
    Uuid "uuid" 0 1;
    Version "version" 0 0;
    WeightedChecklist "weighted-checklist" 4 ANY;
}

/// Functions of other tools, and what to write here instead.
const ELSEWHERE: &[(&str, &str)] = &[
    ("search", "write select_one_from_file and a choice_filter"),
    ("pull-data", "write pulldata(…)"),
    ("choice-name", "write jr:choice-name(…)"),
    ("itext", "write jr:itext(…)"),
    ("extract-signed", "leave it out: signed values are not read here"),
    ("id", "write the name of the question as ${name}"),
    ("lang", "leave it out"),
    ("local-name", "leave it out"),
    ("name", "leave it out"),
    ("namespace-uri", "leave it out"),
    ("length", "write string-length(…) or count(…)"),
    ("len", "write string-length(…)"),
    ("isnull", "compare with '': ${name} = ''"),
    ("is-null", "compare with '': ${name} = ''"),
    ("empty", "compare with '': ${name} = ''"),
    ("average", "write sum(…) div count(…)"),
    ("avg", "write sum(…) div count(…)"),
    ("year", "write format-date(…, '%Y')"),
    ("month", "write format-date(…, '%n')"),
    ("day", "write format-date(…, '%e')"),
    ("upper-case", "write translate(…, 'abc…', 'ABC…')"),
    ("lower-case", "write translate(…, 'ABC…', 'abc…')"),
    ("replace", "write translate(…), or substring-before(…) and substring-after(…)"),
];

impl Function {
    /// The function of that name, called at character `at` with `given` arguments.
    pub(super) fn named(name: &str, given: usize, at: usize) -> Result<Self, ExpressionError> {
        let Some(function) = FUNCTIONS.iter().find(|function| function.name == name) else {
            return Err(unknown(name, at));
        };
        if (function.least..=function.most).contains(&given) {
            return Ok(*function);
        }
        let (least, most) = (function.least, function.most);
        let takes = match (least, most) {
            (0, 0) => "nothing in its brackets".to_owned(),
            (1, 1) => "one argument".to_owned(),
            (least, ANY) => format!("at least {least} arguments"),
            (least, most) if least == most => format!("{least} arguments"),
            (least, most) => format!("{least} to {most} arguments"),
        };
        let instead = if given > most && most > 0 {
            "remove what is too much, and look for a misplaced comma"
        } else if given > most {
            "leave its brackets empty"
        } else {
            "add what is missing, separated by commas"
        };
        Err(fault(at, format!("{name}() takes {takes}, not {given}"), instead))
    }

    /// Whether its value changes though no answer does.
    pub(super) fn is_fresh_each_time(self) -> bool {
        matches!(self.kind, Kind::Today | Kind::Now | Kind::Random | Kind::Uuid)
    }
}

fn unknown(name: &str, at: usize) -> ExpressionError {
    let what = format!("there is no function {}()", shown(name));
    if let Some((_, instead)) = ELSEWHERE.iter().find(|(other, _)| *other == name) {
        return fault(at, what, *instead);
    }
    let names = FUNCTIONS.iter().map(|function| function.name);
    match near::nearest(name, names).as_slice() {
        [] => fault(at, what, "write one of the functions in the table for form authors"),
        near => fault(at, what, format!("write {}", near.join("() or ") + "()")),
    }
}

#[cfg(test)]
pub(super) fn all() -> impl Iterator<Item = &'static str> {
    FUNCTIONS.iter().map(|function| function.name)
}
