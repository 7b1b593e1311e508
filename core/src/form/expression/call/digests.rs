//! Digests, base64 and random names.

use crate::crypto::Digest;

use super::super::fault::EvaluationError;
use super::super::function::Kind;
use super::super::limits;
use super::super::number;
use super::super::value::Value;
use super::{Given, Outcome};

pub(super) fn call(kind: Kind, given: Given<'_, '_>) -> Outcome {
    match kind {
        Kind::Digest => digest(given),
        Kind::Uuid => uuid(given),
        // What is no base64, or no text inside, is nothing.
        _ => Ok(Value::Text(
            decoded(&given.text(0)?).and_then(|octets| String::from_utf8(octets).ok()).unwrap_or_default(),
        )),
    }
}

fn digest(given: Given<'_, '_>) -> Outcome {
    let text = given.text(0)?;
    let argument = |expects| EvaluationError::Argument { function: "digest", expects };
    let digest = match given.text(1)?.as_str() {
        "SHA-1" => Digest::Sha1,
        "SHA-256" => Digest::Sha256,
        "SHA-384" => Digest::Sha384,
        "SHA-512" => Digest::Sha512,
        _ => {
            return Err(argument(
                "expects 'SHA-256', 'SHA-384', 'SHA-512' or 'SHA-1' as its second argument",
            ));
        }
    };
    let encoding = if given.len() > 2 { given.text(2)? } else { "base64".to_owned() };
    let octets = digest.of(text.as_bytes());
    match encoding.as_str() {
        "base64" => Ok(Value::Text(encoded(&octets))),
        "hex" => Ok(Value::Text(octets.iter().map(|octet| format!("{octet:02x}")).collect())),
        _ => Err(argument("expects 'base64' or 'hex' as its third argument")),
    }
}

/// A random name (RFC 9562, version 4), or that many characters of such.
fn uuid(given: Given<'_, '_>) -> Outcome {
    if given.len() == 0 {
        return Ok(Value::Text(one_uuid(given)));
    }
    let wanted = number::index(given.number(0)?).and_then(|length| usize::try_from(length).ok());
    let expects = "expects a number of characters";
    let wanted = wanted.ok_or(EvaluationError::Argument { function: "uuid", expects })?;
    if wanted > limits::VALUE {
        return Err(EvaluationError::TooLong);
    }
    let mut text = String::new();
    while text.len() < wanted {
        given.run.spend(1)?;
        text.push_str(&one_uuid(given));
    }
    text.truncate(wanted);
    Ok(Value::Text(text))
}

fn one_uuid(given: Given<'_, '_>) -> String {
    let high = given.run.around.random() & !0xf000 | 0x4000;
    let low = given.run.around.random() & (u64::MAX >> 2) | (1 << 63);
    let digits = format!("{high:016x}{low:016x}");
    let cut = |from: usize, to: usize| digits.get(from..to).unwrap_or_default().to_owned();
    [cut(0, 8), cut(8, 12), cut(12, 16), cut(16, 20), cut(20, 32)].join("-")
}

const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// Base64 (RFC 4648), padded.
fn encoded(octets: &[u8]) -> String {
    let mut text = String::new();
    for chunk in octets.chunks(3) {
        let bits =
            chunk.iter().chain([&0, &0]).take(3).fold(0_u32, |bits, octet| bits << 8 | u32::from(*octet));
        for place in 0..4_u32 {
            let digit = usize::try_from(bits >> (18 - 6 * place) & 63).unwrap_or_default();
            let padding = usize::try_from(place).unwrap_or_default() > chunk.len();
            text.push(if padding { '=' } else { DIGITS.get(digit).map_or('=', |digit| char::from(*digit)) });
        }
    }
    text
}

/// The octets of a base64 text; blanks in it do not count.
fn decoded(text: &str) -> Option<Vec<u8>> {
    let plain: Vec<u8> = text.bytes().filter(|letter| !letter.is_ascii_whitespace()).collect();
    let end = plain.iter().rposition(|letter| *letter != b'=').map_or(0, |last| last + 1);
    let (digits, padding) = plain.split_at_checked(end)?;
    if padding.len() > 2 || digits.len() % 4 == 1 || (!padding.is_empty() && !plain.len().is_multiple_of(4)) {
        return None;
    }
    let mut octets = Vec::with_capacity(digits.len());
    for chunk in digits.chunks(4) {
        let mut bits = 0_u32;
        for digit in chunk {
            bits = bits << 6 | u32::try_from(DIGITS.iter().position(|known| known == digit)?).ok()?;
        }
        bits <<= 6 * (4 - u32::try_from(chunk.len()).ok()?);
        let [_, whole @ ..] = bits.to_be_bytes();
        octets.extend(whole.iter().take(chunk.len() - 1));
    }
    Some(octets)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_goes_both_ways() {
        for (plain, text) in [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg==")]
        {
            assert_eq!(encoded(plain.as_bytes()), text);
            assert_eq!(decoded(text), Some(plain.as_bytes().to_vec()));
        }
        assert_eq!(decoded("Zg"), Some(b"f".to_vec()));
        for bad in ["Z", "Zg=", "Z===", "Z!==", "=", "=Zg="] {
            assert_eq!(decoded(bad), None, "{bad}");
        }
    }
}
