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
/// Folders take names of 255 octets.
const IN_FOLDER: usize = 200;

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

    /// A name for a file that was called `name` elsewhere: on one line, in no folder, hidden from nobody, not too long,
    /// and without signs that turn it around.
    pub fn plain_name(name: &str) -> String {
        plain(name, limits::NAME)
    }

    /// What people are shown, and what they may give back: the name as it would stand had it been given here. Who
    /// wrote it may have had other rules.
    pub fn shown_name(&self) -> String {
        Self::plain_name(&self.name)
    }

    /// The same, short enough that any folder takes it with a number before it.
    pub fn name_in_folder(&self) -> String {
        plain(&self.name, IN_FOLDER)
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

fn plain(name: &str, most: usize) -> String {
    let name = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let letter = |letter: char| match letter {
        ':' => '-',
        '\u{2028}' | '\u{2029}' => ' ',
        letter if letter.is_control() => ' ',
        letter => letter,
    };
    let name: String = name.chars().filter(|letter| !is_direction_mark(*letter)).map(letter).collect();
    // Last: what is taken away and made a blank above may have stood before a dot.
    let name = name.trim_end().trim_start_matches(|letter: char| letter == '.' || letter.is_whitespace());
    let (stem, ending) = match name.rsplit_once('.') {
        Some((stem, ending)) if ending.len() <= ENDING => (stem, Some(ending)),
        _ => (name, None),
    };
    let room = most.saturating_sub(ending.map_or(0, |ending| 1 + ending.len()));
    let stem = stem.get(..stem.floor_char_boundary(room)).unwrap_or_default().trim();
    let stem = if stem.is_empty() { "file" } else { stem };
    ending.map_or_else(|| stem.to_owned(), |ending| format!("{stem}.{ending}"))
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
    use crate::form::Answer;

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
    fn whatever_a_name_is_made_of_it_becomes_one_that_can_stand() {
        let pieces = [
            "", ".", "..", " ", "x", "jpg", ".jpg", "/", "\\", ":", "\n", "\u{0}", "\u{200E}", "\u{200F}",
            "\u{202E}", "\u{2066}", "\u{61C}", "\u{A0}", "\u{2028}", "é", "я",
        ];
        let is_turned = |name: &str| name.chars().any(is_direction_mark) || name.contains('\u{2028}');
        let (mut names, mut refused, mut turned) = (vec![String::new()], 0, 0);
        for _ in 0..4 {
            names = names.iter().flat_map(|name| pieces.map(|piece| format!("{name}{piece}"))).collect();
            names.sort();
            names.dedup();
        }
        for name in &names {
            let plain = FileAnswer::plain_name(name);
            assert!(name::is_file(&plain) && !is_turned(&plain), "{name:?} {plain:?}");
            assert_eq!(plain.trim(), plain, "{name:?}");
            assert_eq!(FileAnswer::plain_name(&plain), plain, "once is enough: {name:?}");
            (refused, turned) =
                (refused + u32::from(!name::is_file(name)), turned + u32::from(is_turned(name)));
        }
        assert!(refused > 1_000 && turned > 1_000, "control: {refused} {turned} of {}", names.len());
        for (before, after) in
            [(". .x.jpg", "x.jpg"), ("\u{200E}..jpg", "jpg"), ("\u{0}.x.jpg", "x.jpg"), ("a .jpg", "a.jpg")]
        {
            assert_eq!(FileAnswer::plain_name(before), after, "{before:?}");
        }
    }

    #[test]
    fn a_name_that_a_colleague_s_device_let_through_is_shown_and_written_plainly() {
        let spoof = file("gpj.\u{202E}exe", "", 1);
        assert!(spoof.is_sound() && spoof.name.contains('\u{202E}'), "control: it comes in");
        assert_eq!((spoof.shown_name().as_str(), spoof.name_in_folder().as_str()), ("gpj.exe", "gpj.exe"));
        let shown = Answer::File(Box::new(spoof));
        assert_eq!(shown.to_json(), "gpj.exe");
        let long = file(&("я".repeat(120) + ".jpg"), "", 1);
        assert!(long.is_sound() && long.name_in_folder().len() <= 200, "{}", long.name_in_folder().len());
        assert!(long.name_in_folder().ends_with("я.jpg"));
    }

    #[test]
    fn printed_for_a_log_it_does_not_say_what_opens_it() {
        let said = format!("{:?}", file("a.jpg", "image/jpeg", 1));
        assert!(
            said.contains("a.jpg") && !said.to_lowercase().contains("205, 205") && !said.contains("cdcd")
        );
    }
}
