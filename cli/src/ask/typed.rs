//! What the person typed on one line.

use std::io::BufRead;

use crate::trouble::Trouble;

/// One line.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Typed {
    /// Enter alone.
    Nothing,
    /// `-`: no answer, whatever stood there.
    Empty,
    /// `<`: back to the question before.
    Back,
    /// `?`: what is wanted here.
    Why,
    /// Octets that are no text.
    NotText,
    /// Anything else; a backslash before one of the signs makes it text.
    Text(String),
}

/// Reads a line.
///
/// # Errors
/// [`Trouble::Cancelled`] at the end of the input.
pub(super) fn read(input: &mut dyn BufRead) -> Result<Typed, Trouble> {
    let Some(line) = line(input)? else { return Ok(Typed::NotText) };
    Ok(match line.trim() {
        "" => Typed::Nothing,
        "-" => Typed::Empty,
        "<" => Typed::Back,
        "?" => Typed::Why,
        "\\-" | "\\<" | "\\?" | "\\\\" => Typed::Text(line.replacen('\\', "", 1)),
        _ => Typed::Text(line),
    })
}

/// The lines after the first one of a long text, up to an empty one.
pub(super) fn further(mut text: String, input: &mut dyn BufRead) -> Result<String, Trouble> {
    loop {
        match line(input)? {
            Some(line) if line.trim().is_empty() => return Ok(text),
            Some(line) => {
                text.push('\n');
                text.push_str(&line);
            }
            None => crate::out::note("  this line is not UTF-8 text and was left out"),
        }
    }
}

/// A line without its end; `None` when it is no text.
fn line(input: &mut dyn BufRead) -> Result<Option<String>, Trouble> {
    let mut bytes = Vec::new();
    input.read_until(b'\n', &mut bytes).map_err(Trouble::file("standard input"))?;
    if bytes.is_empty() {
        return Err(Trouble::Cancelled);
    }
    let text = String::from_utf8(bytes).ok();
    Ok(text.map(|text| text.trim_end_matches(['\n', '\r']).to_owned()))
}
