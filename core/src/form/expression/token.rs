//! An expression as words and signs.

use super::fault::{ExpressionError, fault, shown};
use super::limits;

/// One word or sign, and where it begins, in characters from 0.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Token {
    pub(super) at: usize,
    pub(super) word: Word,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Word {
    Number(f64),
    /// `'…'` or `"…"`, without its quotes.
    Text(String),
    /// `${…}`, without its brackets.
    Reference(String),
    /// A name, perhaps with a prefix: `selected`, `jr:choice-name`, `and`.
    Name(String),
    /// Anything else, at most two characters: `<=`, `//`, `(`.
    Sign(&'static str),
    End,
}

/// Longer signs first.
const SIGNS: [&str; 22] = [
    "!=", "<=", ">=", "//", "..", "::", "(", ")", "[", "]", ",", "+", "-", "*", "=", "<", ">", "|", "/", ".",
    "@", "$",
];

/// Splits an expression. Always ends with [`Word::End`].
pub(super) fn split(text: &str) -> Result<Vec<Token>, ExpressionError> {
    if text.len() > limits::LENGTH {
        return Err(fault(
            0,
            format!("the expression is longer than {} octets", limits::LENGTH),
            "divide it over several calculate rows",
        ));
    }
    let mut reader = Reader { rest: text, at: 0 };
    let mut tokens = Vec::new();
    loop {
        reader.skip(|letter| letter.is_whitespace() || letter == '\u{feff}');
        let at = reader.at;
        let word = reader.word()?;
        let last = word == Word::End;
        tokens.push(Token { at, word });
        if last {
            return Ok(tokens);
        }
    }
}

struct Reader<'a> {
    rest: &'a str,
    at: usize,
}

impl<'a> Reader<'a> {
    fn skip(&mut self, wanted: impl Fn(char) -> bool) -> &'a str {
        let end = self.rest.find(|letter| !wanted(letter)).unwrap_or(self.rest.len());
        self.take(end)
    }

    /// Takes `octets` octets, which must end between two characters.
    fn take(&mut self, octets: usize) -> &'a str {
        let (taken, rest) = self.rest.split_at_checked(octets).unwrap_or((self.rest, ""));
        self.rest = rest;
        self.at = self.at.saturating_add(taken.chars().count());
        taken
    }

    fn word(&mut self) -> Result<Word, ExpressionError> {
        let Some(first) = self.rest.chars().next() else { return Ok(Word::End) };
        let second = self.rest.chars().nth(1);
        match first {
            '\'' | '"' => self.text(first),
            '$' if second == Some('{') => self.reference(),
            '0'..='9' => self.number(),
            '.' if second.is_some_and(|digit| digit.is_ascii_digit()) => self.number(),
            _ if begins_name(first) => self.name(),
            _ => self.sign(first),
        }
    }

    fn text(&mut self, quote: char) -> Result<Word, ExpressionError> {
        let at = self.at;
        self.take(quote.len_utf8());
        let Some(end) = self.rest.find(quote) else {
            return Err(fault(at, "a text is not closed", format!("end it with {quote}")));
        };
        let inner = self.take(end).to_owned();
        self.take(quote.len_utf8());
        Ok(Word::Text(inner))
    }

    fn reference(&mut self) -> Result<Word, ExpressionError> {
        let at = self.at;
        self.take(2);
        let Some(end) = self.rest.find('}') else {
            return Err(fault(at, "the bracket of ${ is not closed", "write ${name}"));
        };
        let inner = self.take(end).trim().to_owned();
        self.take(1);
        if inner.starts_with("last-saved#") {
            let what = "answers of the last saved record are not available";
            return Err(fault(at, what, "leave out last-saved#"));
        }
        if inner.chars().next().is_some_and(begins_name) && inner.chars().all(continues_name) {
            return Ok(Word::Reference(inner));
        }
        let what = format!("\"{}\" is no name of a question", shown(&inner));
        Err(fault(at, what, "write one name in the brackets, without blanks: ${name}"))
    }

    fn number(&mut self) -> Result<Word, ExpressionError> {
        let at = self.at;
        let written = self.skip(|letter| letter.is_ascii_digit() || letter == '.');
        match written.parse::<f64>() {
            Ok(number) if number.is_finite() => Ok(Word::Number(number)),
            _ => Err(fault(at, format!("\"{}\" is no number", shown(written)), "write it like 3 or 3.5")),
        }
    }

    fn name(&mut self) -> Result<Word, ExpressionError> {
        let mut name = self.skip(continues_name).to_owned();
        // `jr:choice-name`, but not `child::x`.
        let mut after = self.rest.chars();
        if after.next() == Some(':') && after.next().is_some_and(begins_name) {
            self.take(1);
            name.push(':');
            name.push_str(self.skip(continues_name));
        }
        Ok(Word::Name(name))
    }

    fn sign(&mut self, first: char) -> Result<Word, ExpressionError> {
        if let Some(sign) = SIGNS.into_iter().find(|sign| self.rest.starts_with(sign)) {
            self.take(sign.len());
            return Ok(Word::Sign(sign));
        }
        let instead = match first {
            '“' | '”' | '„' | '«' | '»' => "write texts in straight quotes: \"text\"",
            '‘' | '’' | '‚' | '`' => "write texts in straight quotes: 'text'",
            '≤' => "write <=",
            '≥' => "write >=",
            '≠' | '!' => "write != or not(…)",
            '&' => "write and",
            '×' => "write *",
            '÷' | '%' => "write div, or mod for what is left over",
            '–' | '—' | '−' => "write a plain - sign",
            '؛' | '،' | ';' => "write a comma between arguments",
            _ => "remove it",
        };
        Err(fault(
            self.at,
            format!("the sign \"{}\" has no meaning here", shown(&first.to_string())),
            instead,
        ))
    }
}

/// What an XML name may begin with; more than ASCII.
pub(super) fn begins_name(letter: char) -> bool {
    letter.is_alphabetic() || letter == '_'
}

fn continues_name(letter: char) -> bool {
    // Marks that combine with a letter are part of a name, as in XML.
    letter.is_alphanumeric()
        || matches!(letter, '_' | '-' | '.' | '\u{b7}' | '\u{300}'..='\u{36f}' | '\u{64b}'..='\u{65f}')
}
