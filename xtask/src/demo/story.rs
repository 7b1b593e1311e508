//! What the audience reads.

use std::path::{Path, PathBuf};

use super::Device;

/// Columns of a line.
const WIDTH: usize = 96;

/// Tells what happens, chapter by chapter.
#[derive(Debug)]
pub(super) struct Story {
    folder: PathBuf,
    chapter: usize,
}

impl Story {
    pub(super) fn new(folder: &Path) -> Self {
        Self { folder: folder.to_owned(), chapter: 0 }
    }

    pub(super) fn opening(&self) {
        println!("Cairn: case records that work without a network and that no server can read.");
        println!();
        self.say(
            "You are about to see an office, three field devices and a server, all of them real programs on this \
             machine. The cases are synthetic: names are random syllables or say \"test\" in their language, and \
             nobody stands behind them. Lines that begin with $ are commands you can type yourself.",
        );
    }

    pub(super) fn ending(&self, folder: &Path) {
        println!();
        println!("Everything was as it should be. Vaults and exports are in {}.", folder.display());
    }

    pub(super) fn chapter(&mut self, title: &str) {
        self.chapter += 1;
        println!();
        println!("{}. {title}", self.chapter);
        println!("{}", "-".repeat(WIDTH));
    }

    /// A paragraph.
    pub(super) fn say(&self, text: &str) {
        let mut line = String::new();
        for word in text.split_whitespace() {
            if !line.is_empty() && line.chars().count() + 1 + word.chars().count() > WIDTH {
                println!("{line}");
                line.clear();
            }
            if !line.is_empty() {
                line.push(' ');
            }
            line.push_str(word);
        }
        println!("{line}");
    }

    /// A command as one would type it.
    pub(super) fn typed(&self, device: &Device, arguments: &[&str]) {
        let vault = device.folder().strip_prefix(&self.folder).unwrap_or(device.folder());
        self.command(&format!("cairn --vault {}", vault.display()), arguments);
    }

    /// A command of another program.
    pub(super) fn command(&self, program: &str, arguments: &[&str]) {
        let mut line = format!("  $ {program}");
        for argument in arguments {
            let argument = argument.replace(&format!("{}/", self.folder.display()), "");
            let plain = |letter: char| letter.is_alphanumeric() || "-_=./:,@".contains(letter);
            let shown = if argument.starts_with("cairn1:") {
                "cairn1:…".to_owned()
            } else if argument.chars().all(plain) && !argument.is_empty() {
                argument
            } else {
                format!("'{argument}'")
            };
            line.push(' ');
            line.push_str(&shown);
        }
        println!("{line}");
    }

    /// What came of it.
    pub(super) fn note(&self, text: &str) {
        for line in text.lines() {
            println!("    {line}");
        }
    }
}
