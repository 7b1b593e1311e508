//! An answer as a draft keeps it: JSON that says by itself what it is, since the form it belongs to may not be
//! there when it is read.

use std::collections::BTreeSet;

use cairn_wire::codec::{hex, unhex};
use serde::{Deserialize, Serialize};

use crate::form::{Answer, Entry, FileAnswer, Missing};
use crate::store::StoreError;

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Kept {
    /// Emptied, or a row that was taken away.
    Empty,
    Text(String),
    Narrative(String),
    Integer(i64),
    /// Its shortest digits, which name one number exactly.
    Decimal(String),
    Choices(BTreeSet<String>),
    /// One of [`Missing::name`].
    Missing(String),
    /// Identifier, time and text of each entry.
    Log(Vec<(String, i64, String)>),
    /// An attached file as it stands in documents, in hexadecimal digits, with what opens it.
    File(String),
    Row,
}

pub(super) fn write(answer: Option<&Answer>) -> Result<String, StoreError> {
    let kept = match answer.cloned() {
        None => Kept::Empty,
        Some(Answer::Text(text)) => Kept::Text(text),
        Some(Answer::Narrative(text)) => Kept::Narrative(text),
        Some(Answer::Integer(number)) => Kept::Integer(number),
        Some(Answer::Decimal(number)) => Kept::Decimal(number.to_string()),
        Some(Answer::Choices(chosen)) => Kept::Choices(chosen),
        Some(Answer::Missing(missing)) => Kept::Missing(missing.name().to_owned()),
        Some(Answer::Log(entries)) => {
            Kept::Log(entries.into_iter().map(|entry| (entry.id, entry.time, entry.text)).collect())
        }
        Some(Answer::File(file)) => Kept::File(hex(&file.encode())),
        Some(Answer::Row) => Kept::Row,
    };
    serde_json::to_string(&kept).map_err(|_| StoreError::Unreadable("draft"))
}

/// The octets of hexadecimal digits, of as many as a file has at most.
fn octets(digits: &str) -> Option<Vec<u8>> {
    const MOST: usize = 1 << 10;
    let pairs = digits.as_bytes().chunks(2);
    let octet = |pair| unhex::<1>(std::str::from_utf8(pair).ok()?).map(|[octet]| octet);
    if digits.len() > 2 * MOST { None } else { pairs.map(octet).collect() }
}

pub(super) fn read(text: &str) -> Result<Option<Answer>, StoreError> {
    let unreadable = || StoreError::Unreadable("draft");
    let kept: Kept = serde_json::from_str(text).map_err(|_| unreadable())?;
    Ok(Some(match kept {
        Kept::Empty => return Ok(None),
        Kept::Text(text) => Answer::Text(text),
        Kept::Narrative(text) => Answer::Narrative(text),
        Kept::Integer(number) => Answer::Integer(number),
        Kept::Decimal(digits) => Answer::Decimal(digits.parse().map_err(|_| unreadable())?),
        Kept::Choices(chosen) => Answer::Choices(chosen),
        Kept::Missing(name) => Answer::Missing(
            Missing::ALL.into_iter().find(|missing| missing.name() == name).ok_or_else(unreadable)?,
        ),
        Kept::Log(entries) => {
            let entry = |(id, time, text)| Entry { id, time, text };
            Answer::Log(entries.into_iter().map(entry).collect())
        }
        Kept::File(digits) => {
            let file = octets(&digits).and_then(|bytes| FileAnswer::decode(&bytes));
            Answer::File(Box::new(file.ok_or_else(unreadable)?))
        }
        Kept::Row => Answer::Row,
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crypto::AttachmentSecret;
    use crate::form::AttachmentRef;
    use cairn_wire::id::AttachmentId;

    fn file() -> FileAnswer {
        let secret = AttachmentSecret::from_bytes([0xCD; 32]);
        let reference = AttachmentRef { id: AttachmentId([1; 16]), secret, digest: [3; 32], octets: 5 };
        FileAnswer { name: "صورة.jpg".to_owned(), media_type: "image/jpeg".to_owned(), reference }
    }

    #[test]
    fn every_answer_comes_back_as_it_was() {
        let answers = [
            None,
            Some(Answer::Text("«слово»\n\"x\"".to_owned())),
            Some(Answer::Narrative(String::new())),
            Some(Answer::Integer(i64::MIN)),
            Some(Answer::Decimal(0.1 + 0.2)),
            Some(Answer::Decimal(-5e-324)),
            Some(Answer::Choices(["food".to_owned(), "law".to_owned()].into())),
            Some(Answer::Choices(BTreeSet::new())),
            Some(Answer::Missing(Missing::Declined)),
            Some(Answer::Log(vec![Entry { id: "a".to_owned(), time: -3, text: "called".to_owned() }])),
            Some(Answer::File(Box::new(file()))),
            Some(Answer::Row),
        ];
        for answer in answers {
            assert_eq!(read(&write(answer.as_ref()).unwrap()).unwrap(), answer);
        }
    }

    #[test]
    fn what_rests_in_drafts_of_today_is_read_tomorrow() {
        for text in [
            r#""empty""#,
            r#"{"text":"a"}"#,
            r#"{"decimal":"0.5"}"#,
            r#"{"choices":["a","b"]}"#,
            r#"{"missing":"not_asked"}"#,
            r#"{"log":[["",7,"said"]]}"#,
            r#""row""#,
            &write(Some(&Answer::File(Box::new(file())))).unwrap(),
        ] {
            assert_eq!(write(read(text).unwrap().as_ref()).unwrap(), text);
        }
        for garbage in [
            "",
            "{}",
            "null",
            r#"{"missing":"gone"}"#,
            r#"{"decimal":"x"}"#,
            r#"{"file":"ff01"}"#,
            r#"{"file":"é"}"#,
        ] {
            assert!(read(garbage).is_err(), "{garbage}");
        }
    }
}
