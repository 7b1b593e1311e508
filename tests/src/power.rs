//! Disks after power cuts. A worker's system calls are recorded with strace; from them the disk is rebuilt as a power
//! cut at any moment could have left it: what was synced is there, and of the rest a random part, torn at sectors.
//!
//! What an operating system promises, and no more: the octets of a file are on disk after a sync of it, a name after a
//! sync of its folder. Before that, either way. Index files of shared memory (`-shm`) are left out.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::dice::Dice;

/// A disk writes that much or nothing of it.
const SECTOR: usize = 512;

/// Calls that change files, or tell where in one the next write goes.
const CALLS: &str = "openat,open,creat,write,pwrite64,lseek,ftruncate,fallocate,rename,renameat,renameat2,unlink,\
                     unlinkat,rmdir,mkdir,mkdirat,fsync,fdatasync";

/// What happened to the folder, in order.
#[derive(Debug, Clone)]
enum Event {
    Made { name: PathBuf, file: usize },
    Folder { name: PathBuf },
    Write { file: usize, at: usize, bytes: Vec<u8> },
    Length { file: usize, len: usize },
    Rename { from: PathBuf, to: PathBuf },
    Gone { name: PathBuf },
    Synced { file: usize },
    SyncedFolder { name: PathBuf },
    Said { line: String },
}

/// A folder as it was, and all that happened to it.
pub struct Recording {
    root: PathBuf,
    names: BTreeMap<PathBuf, usize>,
    contents: Vec<Vec<u8>>,
    events: Vec<Event>,
}

/// Whether strace is here and may look at other programs.
pub fn can_record() -> bool {
    let tried =
        Command::new("strace").args(["-f", "-qqq", "-o", "/dev/null", "true"]).stderr(Stdio::null()).status();
    tried.is_ok_and(|status| status.success())
}

/// Runs a program on a folder and records it.
///
/// # Panics
/// When strace is not there, or says something that cannot be understood.
pub fn record(folder: &Path, program: &mut Command) -> Recording {
    let root = folder.canonicalize().unwrap();
    let trace = root.with_extension("trace");
    let mut strace = Command::new("strace");
    strace.args(["-f", "--seccomp-bpf", "-qqq", "-y", "-xx", "-s", "99999999", "-e", "signal=none", "-e"]);
    strace
        .arg(format!("trace={CALLS}"))
        .arg("-o")
        .arg(&trace)
        .arg(program.get_program())
        .args(program.get_args());
    for (name, value) in program.get_envs() {
        strace.env(name, value.unwrap_or_default());
    }
    let mut recording = Recording::of(&root);
    let status = strace.stdin(Stdio::null()).stdout(Stdio::null()).status().expect("strace runs");
    assert!(status.success(), "the recorded program ended with {status}");
    let text = fs::read_to_string(&trace).unwrap();
    fs::remove_file(&trace).unwrap();
    recording.read(&text);
    recording
}

impl Recording {
    fn of(root: &Path) -> Self {
        let mut recording =
            Self { root: root.to_owned(), names: BTreeMap::new(), contents: Vec::new(), events: Vec::new() };
        for file in crate::canary::files(root) {
            recording.contents.push(fs::read(&file).unwrap());
            recording.names.insert(file, recording.contents.len() - 1);
        }
        recording
    }

    /// Moments at which power can be cut.
    pub fn moments(&self) -> usize {
        self.events.len() + 1
    }

    /// Syncs of files that were seen.
    pub fn syncs(&self) -> usize {
        self.events.iter().filter(|event| matches!(event, Event::Synced { .. })).count()
    }

    /// What the program had said before that moment.
    pub fn said(&self, moment: usize) -> impl Iterator<Item = &str> {
        self.events.iter().take(moment).filter_map(|event| match event {
            Event::Said { line } => Some(line.as_str()),
            _ => None,
        })
    }

    /// The first moment after which the program said this for the last time.
    pub fn last(&self, line: &str) -> Option<usize> {
        self.events
            .iter()
            .rposition(|event| matches!(event, Event::Said { line: said } if said == line))
            .map(|at| at + 1)
    }

    fn read(&mut self, text: &str) {
        let mut names = self.names.clone();
        let mut places: BTreeMap<i64, usize> = BTreeMap::new();
        let mut begun: BTreeMap<String, String> = BTreeMap::new();
        for line in text.lines() {
            let (pid, rest) = line.split_once(' ').unwrap_or_default();
            let rest = rest.trim_start();
            let whole = if let Some(first) = rest.strip_suffix(" <unfinished ...>") {
                begun.insert(pid.to_owned(), first.to_owned());
                continue;
            } else if rest.starts_with("<... ") {
                let Some((_, second)) = rest.split_once(" resumed>") else { continue };
                format!("{}{second}", begun.remove(pid).unwrap_or_default())
            } else {
                rest.to_owned()
            };
            if let Some(call) = Call::read(&whole) {
                self.take(&call, &mut names, &mut places);
            }
        }
    }

    #[allow(clippy::too_many_lines, reason = "one arm for each call")]
    fn take(&mut self, call: &Call, names: &mut BTreeMap<PathBuf, usize>, places: &mut BTreeMap<i64, usize>) {
        if call.result < 0 {
            return;
        }
        let ours = |path: &PathBuf| path.starts_with(&self.root);
        let path = |index: usize| call.path(index);
        match call.name.as_str() {
            "openat" | "open" | "creat" => {
                let name = if call.name == "openat" { call.joined(0) } else { path(0) };
                places.insert(call.result, 0);
                if !ours(&name) || name.is_dir() {
                    return;
                }
                match names.get(&name) {
                    Some(file) if call.plain.contains("O_TRUNC") || call.name == "creat" => {
                        self.events.push(Event::Length { file: *file, len: 0 });
                    }
                    Some(_) => {}
                    None if call.plain.contains("O_CREAT") || call.name == "creat" => {
                        self.contents.push(Vec::new());
                        let file = self.contents.len() - 1;
                        names.insert(name.clone(), file);
                        self.events.push(Event::Made { name, file });
                    }
                    None => {}
                }
            }
            "write" if call.number(0) == Some(1) => {
                for line in String::from_utf8_lossy(&call.texts[call.texts.len() - 1]).lines() {
                    self.events.push(Event::Said { line: line.to_owned() });
                }
            }
            "write" | "pwrite64" => {
                let Some(file) = names.get(&path(0)) else { return };
                let descriptor = call.number(0).unwrap_or(-1);
                let bytes = call.texts.get(1).cloned().unwrap_or_default();
                let at = if call.name == "write" {
                    let place = places.entry(descriptor).or_default();
                    *place += bytes.len();
                    *place - bytes.len()
                } else {
                    call.number(3).and_then(|at| usize::try_from(at).ok()).expect("an offset")
                };
                assert_eq!(call.result as usize, bytes.len(), "a write in one piece");
                self.events.push(Event::Write { file: *file, at, bytes });
            }
            "lseek" => _ = places.insert(call.number(0).unwrap_or(-1), call.result as usize),
            "ftruncate" => {
                let Some(file) = names.get(&path(0)) else { return };
                let len = call.number(1).and_then(|len| usize::try_from(len).ok()).expect("a length");
                self.events.push(Event::Length { file: *file, len });
            }
            "fallocate" => assert!(!ours(&path(0)), "nothing is allocated before it is written"),
            "rename" | "renameat" | "renameat2" => {
                let (from, to) =
                    if call.name == "rename" { (path(0), path(1)) } else { (call.joined(0), call.joined(2)) };
                if !ours(&from) && !ours(&to) {
                    return;
                }
                if let Some(file) = names.remove(&from) {
                    names.insert(to.clone(), file);
                }
                self.events.push(Event::Rename { from, to });
            }
            "unlink" | "unlinkat" | "rmdir" => {
                let name = if call.name == "unlinkat" { call.joined(0) } else { path(0) };
                if ours(&name) {
                    names.remove(&name);
                    self.events.push(Event::Gone { name });
                }
            }
            "mkdir" | "mkdirat" => {
                let name = if call.name == "mkdirat" { call.joined(0) } else { path(0) };
                if ours(&name) {
                    self.events.push(Event::Folder { name });
                }
            }
            "fsync" | "fdatasync" => {
                let name = path(0);
                if let Some(file) = names.get(&name) {
                    self.events.push(Event::Synced { file: *file });
                } else if ours(&name) {
                    self.events.push(Event::SyncedFolder { name });
                }
            }
            _ => {}
        }
    }

    /// Writes the folder into `to` as a power cut at that moment may have left it.
    pub fn image(&self, moment: usize, dice: &mut Dice, to: &Path) {
        let happened = &self.events[..moment];
        let (mut synced, mut folders) = (BTreeMap::new(), BTreeMap::new());
        for (at, event) in happened.iter().enumerate() {
            match event {
                Event::Synced { file } => _ = synced.insert(*file, at),
                Event::SyncedFolder { name } => _ = folders.insert(name.clone(), at),
                _ => {}
            }
        }
        // How much of what was not synced is there: from nothing to all, as a disk may have been lazy or quick.
        let luck = dice.below(5);
        let (mut names, mut contents) = (self.names.clone(), self.contents.clone());
        for (at, event) in happened.iter().enumerate() {
            let safe = |file: &usize| synced.get(file).is_some_and(|synced| *synced > at);
            let safe_name = |name: &Path| {
                let folder = name.parent().unwrap_or(name);
                folders.get(folder).is_some_and(|synced| *synced > at)
            };
            match event {
                Event::Write { file, at, bytes } => {
                    let whole = safe(file);
                    put(&mut contents[*file], *at, bytes, |_| whole || dice.below(4) < luck);
                }
                Event::Length { file, len } if safe(file) || dice.below(4) < luck => {
                    contents[*file].resize(*len, 0);
                }
                Event::Made { name, file } if safe_name(name) || dice.below(4) < luck => {
                    names.insert(name.clone(), *file);
                }
                Event::Rename { from, to } => {
                    if (safe_name(to) || dice.below(4) < luck)
                        && let Some(file) = names.remove(from)
                    {
                        names.insert(to.clone(), file);
                    }
                }
                Event::Gone { name } if safe_name(name) || dice.below(4) < luck => {
                    names.remove(name);
                }
                _ => {}
            }
        }
        for event in happened {
            if let Event::Folder { name } = event {
                fs::create_dir_all(to.join(name.strip_prefix(&self.root).unwrap())).unwrap();
            }
        }
        for (name, file) in names.iter().filter(|(name, _)| !name.to_string_lossy().ends_with("-shm")) {
            let place = to.join(name.strip_prefix(&self.root).unwrap());
            fs::create_dir_all(place.parent().unwrap()).unwrap();
            fs::write(place, &contents[*file]).unwrap();
        }
    }
}

/// Puts those sectors of a write into a file that are kept.
fn put(file: &mut Vec<u8>, at: usize, bytes: &[u8], mut keeps: impl FnMut(usize) -> bool) {
    let mut done = 0;
    while done < bytes.len() {
        let sector = (at + done) / SECTOR;
        let end = ((sector + 1) * SECTOR - at).min(bytes.len());
        if keeps(sector) {
            if file.len() < at + end {
                file.resize(at + end, 0);
            }
            file[at + done..at + end].copy_from_slice(&bytes[done..end]);
        }
        done = end;
    }
}

/// One line of strace.
struct Call {
    name: String,
    /// The line with every text and path taken out.
    plain: String,
    /// Texts and paths, in order.
    texts: Vec<Vec<u8>>,
    result: i64,
}

impl Call {
    fn read(line: &str) -> Option<Self> {
        let (mut plain, mut texts) = (String::new(), Vec::new());
        let mut rest = line;
        loop {
            let quoted = rest.find('"');
            let path = rest.find("<\\x");
            let (at, close, open) = match (quoted, path) {
                (Some(quoted), path) if path.is_none_or(|path| quoted < path) => (quoted, '"', 1),
                (_, Some(path)) => (path, '>', 1),
                _ => break,
            };
            let inner = rest.get(at + open..)?;
            let end = inner.find(close)?;
            plain.push_str(rest.get(..at)?);
            texts.push(unescape(inner.get(..end)?));
            rest = inner.get(end + 1..)?;
        }
        plain.push_str(rest);
        let (name, _) = plain.split_once('(')?;
        let (_, result) = plain.rsplit_once(" = ")?;
        let result = result.split(' ').next()?.parse().ok()?;
        Some(Self { name: name.to_owned(), result, texts, plain })
    }

    fn path(&self, index: usize) -> PathBuf {
        self.texts
            .get(index)
            .map(|text| PathBuf::from(String::from_utf8_lossy(text).into_owned()))
            .unwrap_or_default()
    }

    /// A path that may be meant from a folder that stands before it.
    fn joined(&self, index: usize) -> PathBuf {
        self.path(index).join(self.path(index + 1))
    }

    /// A number among the arguments, by its place.
    fn number(&self, index: usize) -> Option<i64> {
        let (_, arguments) = self.plain.split_once('(')?;
        let (arguments, _) = arguments.rsplit_once(')')?;
        arguments.split(", ").nth(index)?.parse().ok()
    }
}

fn unescape(text: &str) -> Vec<u8> {
    text.split("\\x").skip(1).map(|digits| u8::from_str_radix(digits, 16).expect("two digits")).collect()
}
