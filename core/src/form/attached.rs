//! The answer that a file is: what it is called, and what opens it.
//!
//! ```text
//! 0xFF │ version 1 │ attachment[16] │ secret[32] │ SHA-256 of the content[32] │ octets
//!      │ media type (length, text) │ name (length, text)                              to the octet
//! ```
//! 0xFF begins no text, so it is taken for nothing else. The form stands in documents, and as hexadecimal digits in
//! drafts; it is nowhere else: whoever has it opens the file.

use cairn_wire::codec::{Malformed, Reader, Writer};
use cairn_wire::digest::Hash;
use cairn_wire::id::AttachmentId;

use super::digits::is_direction_mark;
use super::{limits, name};
use crate::crypto::AttachmentSecret;

/// What the form begins with.
const BEGIN: u8 = 0xFF;
const VERSION: u8 = 1;
/// The ending of a long name is kept up to so many octets.
const ENDING: usize = 16;

/// A file that was attached as the answer to a question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileAnswer {
    /// What the file is called: all that anybody is shown.
    pub name: String,
    /// What it is, as `image/jpeg`; as its giver said.
    pub media_type: String,
    /// What it is found and opened by.
    pub reference: AttachmentRef,
}

/// What an attachment is found and opened by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AttachmentRef {
    /// Its name on the server and in vaults.
    pub id: AttachmentId,
    /// What its pieces are opened with.
    pub secret: AttachmentSecret,
    /// SHA-256 of the content.
    pub digest: Hash,
    /// How many octets the content has.
    pub octets: u64,
}

impl FileAnswer {
    /// Whether it may stand in a record: a name and a media type of one line, not too large.
    pub fn is_sound(&self) -> bool {
        name::is_file(&self.name)
            && name::is_media_type(&self.media_type)
            && (1..=limits::ATTACHED as u64).contains(&self.reference.octets)
    }

    /// A name for a file that was called `name` elsewhere: on one line, in no folder, not too long.
    pub fn plain_name(name: &str) -> String {
        let name = name.rsplit(['/', '\\']).next().unwrap_or_default().trim().trim_start_matches('.');
        let plain = |letter: char| match letter {
            ':' => '-',
            letter if letter.is_control() => ' ',
            letter => letter,
        };
        let name: String = name.chars().filter(|letter| !is_direction_mark(*letter)).map(plain).collect();
        let (stem, ending) = match name.rsplit_once('.') {
            Some((stem, ending)) if ending.len() <= ENDING => (stem, Some(ending)),
            _ => (name.as_str(), None),
        };
        let room = limits::NAME - ending.map_or(0, |ending| 1 + ending.len());
        let stem = stem.get(..stem.floor_char_boundary(room)).unwrap_or_default().trim();
        let stem = if stem.is_empty() { "file" } else { stem };
        ending.map_or_else(|| stem.to_owned(), |ending| format!("{stem}.{ending}"))
    }

    /// A media type as it may stand: nothing where somebody gave anything else.
    pub fn plain_media_type(media_type: &str) -> String {
        let plain = media_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        if name::is_media_type(&plain) { plain } else { String::new() }
    }

    /// The form it has in documents. It holds the secret.
    pub fn encode(&self) -> Vec<u8> {
        let AttachmentRef { id, secret, digest, octets } = &self.reference;
        let mut writer = Writer::new();
        writer.octet(BEGIN).octet(VERSION).raw(&id.0).raw(secret.as_bytes()).raw(digest).int(*octets);
        writer.blob(self.media_type.as_bytes()).blob(self.name.as_bytes());
        writer.finish()
    }

    /// Reads [`FileAnswer::encode`]; nothing if it is anything else, or not sound.
    pub fn decode(bytes: &[u8]) -> Option<Self> {
        let mut reader = Reader::new(bytes);
        let file = read(&mut reader).ok()?;
        reader.end().ok()?;
        // One way to write it, so that two devices never take one file for two.
        file.filter(|file| file.is_sound() && file.encode() == bytes)
    }
}

fn read(reader: &mut Reader<'_>) -> Result<Option<FileAnswer>, Malformed> {
    if (reader.octet("file")?, reader.octet("version")?) != (BEGIN, VERSION) {
        return Ok(None);
    }
    let reference = AttachmentRef {
        id: AttachmentId::read(reader)?,
        secret: AttachmentSecret::from_bytes(reader.array("secret")?),
        digest: reader.array("digest")?,
        octets: reader.int("octets")?,
    };
    let mut text = |most, what| Ok(std::str::from_utf8(reader.blob(most, what)?).ok().map(str::to_owned));
    let (media_type, name) = (text(limits::MEDIA_TYPE, "media type")?, text(limits::NAME, "name")?);
    Ok(media_type.zip(name).map(|(media_type, name)| FileAnswer { name, media_type, reference }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(name: &str, media_type: &str, octets: u64) -> FileAnswer {
        let secret = AttachmentSecret::from_bytes([0xCD; 32]);
        let reference = AttachmentRef { id: AttachmentId([1; 16]), secret, digest: [3; 32], octets };
        FileAnswer { name: name.to_owned(), media_type: media_type.to_owned(), reference }
    }

    #[test]
    fn a_file_comes_back_as_it_was_and_nothing_else_is_one() {
        let file = file("صورة ١.jpg", "image/jpeg", 70_000);
        let bytes = file.encode();
        assert_eq!(FileAnswer::decode(&bytes), Some(file));
        assert!(std::str::from_utf8(&bytes).is_err(), "no text is taken for it");
        for cut in 0..bytes.len() {
            assert_eq!(FileAnswer::decode(&bytes[..cut]), None, "{cut}");
        }
        assert_eq!(FileAnswer::decode(&[&bytes[..], &[0]].concat()), None, "something after it");
        for (octet, value) in [(0, 0xFE), (1, 0), (1, 2)] {
            let mut other = bytes.clone();
            other[octet] = value;
            assert_eq!(FileAnswer::decode(&other), None);
        }
    }

    #[test]
    fn what_is_not_sound_is_not_read_either() {
        for broken in [
            file("", "image/jpeg", 1),
            file("a/b.jpg", "image/jpeg", 1),
            file("a.jpg", "image", 1),
            file("a.jpg", "image/jp\neg", 1),
            file("a.jpg", "image/jpeg", 0),
            file("a.jpg", "image/jpeg", limits::ATTACHED as u64 + 1),
        ] {
            assert_eq!(FileAnswer::decode(&broken.encode()), None, "{broken:?}");
        }
        assert!(file("a.jpg", "", 1).is_sound(), "nobody has to say what it is");
    }

    #[test]
    fn any_name_from_elsewhere_becomes_one_that_can_stand() {
        for (before, after) in [
            ("photo.jpg", "photo.jpg"),
            ("C:\\camera\\12:30.jpg", "12-30.jpg"),
            ("/sdcard/.hidden", "hidden"),
            ("", "file"),
            ("..", "file"),
            ("a\nb.jpg", "a b.jpg"),
            ("gpj.\u{202E}exe", "gpj.exe"),
        ] {
            assert_eq!(FileAnswer::plain_name(before), after, "{before:?}");
        }
        for long in
            ["я".repeat(300) + ".jpg", "я".repeat(300), ".".repeat(300), "a.".to_owned() + &"b".repeat(300)]
        {
            let plain = FileAnswer::plain_name(&long);
            assert!(name::is_file(&plain), "{plain}");
        }
        assert!(FileAnswer::plain_name(&("я".repeat(300) + ".jpg")).ends_with("я.jpg"));
    }

    #[test]
    fn printed_for_a_log_it_does_not_say_what_opens_it() {
        let said = format!("{:?}", file("a.jpg", "image/jpeg", 1));
        assert!(
            said.contains("a.jpg") && !said.to_lowercase().contains("205, 205") && !said.contains("cdcd")
        );
    }
}
