//! Looking for planted names where they must not be.

mod spelling;

use std::fs;
use std::path::{Path, PathBuf};

use self::spelling::Spelling;
use super::{Stage, expect, leave};
use crate::cases::canary_words;
use crate::trouble::Trouble;

/// Searches the server's folder, and the locked vaults, for names that some cases carry.
pub(super) fn search(stage: &mut Stage) -> Result<(), Trouble> {
    stage.story.chapter("What the server knows");
    let words: Vec<&str> = canary_words().collect();
    stage.story.say(&format!(
        "Some cases carry names so strange that chance cannot make them ({}, …), {} words in three scripts. Every \
         file of the server is searched for them: plainly, in capitals, as UTF-16, hexadecimal, base64, and as JSON \
         and addresses write them. To show that such a search finds what is there, it is made in the exported table \
         first, spelled in each of these ways.",
        words.first().copied().unwrap_or_default(),
        words.len(),
    ));
    let table = stage.folder.join("exports").join(leave::TABLE);
    let table = fs::read_to_string(&table).map_err(|error| Trouble::at(&table, error))?;
    for spelling in Spelling::ALL {
        let spelled = spelling.whole(&table);
        for word in &words {
            let found = spelling.of(word).iter().any(|needle| holds(&spelled, needle));
            expect(found, || format!("the search does not find a name spelled as {}", spelling.name()))?;
        }
    }
    stage.story.note(&format!(
        "exported table: all {} words found, in each of {} spellings",
        words.len(),
        Spelling::ALL.len()
    ));
    let mut server = files(stage.server.data())?;
    server.push(stage.server.log().to_owned());
    nothing(stage, &words, &server, "server's folder and log")?;
    let mut vaults = Vec::new();
    for device in stage.devices() {
        vaults.extend(files(device.folder())?);
    }
    nothing(stage, &words, &vaults, "four locked vaults")
}

fn nothing(stage: &Stage, words: &[&str], files: &[PathBuf], place: &str) -> Result<(), Trouble> {
    let mut octets = 0;
    for file in files {
        let contents = fs::read(file).map_err(|error| Trouble::at(file, error))?;
        octets += contents.len();
        for spelling in Spelling::ALL {
            for needle in words.iter().flat_map(|word| spelling.of(word)) {
                expect(!holds(&contents, &needle), || {
                    format!("{} holds a planted name, spelled as {}", file.display(), spelling.name())
                })?;
            }
        }
    }
    expect(octets > 0, || format!("the {place}: there was nothing to search"))?;
    stage.story.note(&format!("{place}: none in {} files, {octets} bytes", files.len()));
    Ok(())
}

/// Every file below a folder.
fn files(folder: &Path) -> Result<Vec<PathBuf>, Trouble> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).map_err(|error| Trouble::at(folder, error))? {
        let path = entry?.path();
        if path.is_dir() {
            found.extend(files(&path)?);
        } else {
            found.push(path);
        }
    }
    Ok(found)
}

/// Whether `needle` is somewhere in `hay`.
fn holds(hay: &[u8], needle: &[u8]) -> bool {
    let Some(first) = needle.first() else { return true };
    let mut rest = hay;
    while let Some(at) = rest.iter().position(|octet| octet == first) {
        let (_, from) = rest.split_at(at);
        if from.starts_with(needle) {
            return true;
        }
        rest = from.get(1..).unwrap_or_default();
    }
    false
}
