//! The house stands: a room imports only from rooms on floors below its own, and each foreign library
//! lives in one room. The tables below are the drawing; this test compares the house with it.

#![allow(clippy::expect_used, clippy::indexing_slicing, reason = "a panic in a test is its report")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// Room → floor. A room is a file `src/ROOM.rs` and what lies in `src/ROOM/`.
const FLOORS: &[(&str, u32)] = &[
    ("clock", 0),
    ("crypto", 0),
    ("form", 1),
    ("roster", 1),
    ("record", 2),
    ("segment", 2),
    ("attachment", 3),
    ("bundle", 3),
    ("change", 3),
    ("store", 3),
    ("pack", 4),
    ("sync", 4),
    ("transport", 4),
    ("view", 4),
    ("error", 5),
    ("vault", 6),
    ("keeper", 7),
    ("lib", 8),
];

/// Foreign library → the only rooms that may name it. Test files are left out: they may make and read
/// what a room only reads or only makes.
const LIBRARIES: &[(&str, &[&str])] = &[
    ("argon2", &["crypto"]),
    ("automerge", &["change"]),
    ("calamine", &["form"]),
    ("csv", &["view"]),
    ("getrandom", &["crypto"]),
    ("hpke", &["crypto"]),
    ("jiff", &["record"]),
    ("regex", &["form"]),
    ("reqwest", &["transport"]),
    ("ring", &["crypto"]),
    ("rusqlite", &["store"]),
    ("rust_xlsxwriter", &["view"]),
    ("rustls", &["transport"]),
    ("vsss_rs", &["crypto"]),
    ("zip", &["form"]),
    ("zstd", &["segment"]),
];

/// What one room's files import.
#[derive(Debug, Default)]
struct Imports {
    rooms: BTreeSet<String>,
    libraries: BTreeSet<String>,
}

fn source() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src")
}

fn files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("a source folder").flatten() {
        let path = entry.path();
        if path.file_stem().is_some_and(|stem| stem == "tests") {
            continue;
        }
        if path.is_dir() {
            files(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

/// The first step of a path below `src`: the room.
fn room_of(path: &Path) -> String {
    let inside = path.strip_prefix(source()).expect("a path below src");
    let first = inside.components().next().expect("a room").as_os_str().to_string_lossy().into_owned();
    first.trim_end_matches(".rs").to_owned()
}

/// A line without its comment.
fn code(line: &str) -> &str {
    line.split("//").next().unwrap_or_default()
}

/// Every name that follows `crate::`, grouped imports included.
fn rooms_named(text: &str) -> BTreeSet<String> {
    let mut named = BTreeSet::new();
    for part in text.split("crate::").skip(1) {
        let inner = match part.strip_prefix('{') {
            // `crate::{a::X, b::{Y, Z}}`: names at depth one.
            Some(group) => top_level(group),
            None => vec![leading_name(part)],
        };
        named.extend(inner.into_iter().filter(|name| !name.is_empty()));
    }
    named
}

fn leading_name(text: &str) -> String {
    text.chars().take_while(|letter| letter.is_alphanumeric() || *letter == '_').collect()
}

fn top_level(group: &str) -> Vec<String> {
    let mut names = vec![String::new()];
    let mut depth = 0;
    for letter in group.chars() {
        match letter {
            '{' => depth += 1,
            '}' if depth == 0 => break,
            '}' => depth -= 1,
            ',' if depth == 0 => names.push(String::new()),
            letter if depth == 0 => names.last_mut().expect("a name").push(letter),
            _ => {}
        }
    }
    names.iter().map(|name| leading_name(name.trim())).collect()
}

/// Whether `text` names `library` as the first step of a path.
fn names_library(text: &str, library: &str) -> bool {
    text.match_indices(&format!("{library}::")).any(|(at, _)| {
        let before = text.get(..at).and_then(|front| front.chars().next_back());
        !before.is_some_and(|letter| letter.is_alphanumeric() || letter == '_' || letter == ':')
    })
}

fn survey(root: &Path) -> BTreeMap<String, Imports> {
    let mut found = Vec::new();
    files(root, &mut found);
    let mut rooms: BTreeMap<String, Imports> = BTreeMap::new();
    for path in found {
        let text = fs::read_to_string(&path).expect("a source file");
        let text: String = text.lines().map(code).collect::<Vec<_>>().join("\n");
        let imports = rooms.entry(room_of(&path)).or_default();
        imports.rooms.extend(rooms_named(&text));
        let named = LIBRARIES.iter().filter(|(library, _)| names_library(&text, library));
        imports.libraries.extend(named.map(|(library, _)| (*library).to_owned()));
    }
    rooms
}

/// Everything that is not as drawn.
fn faults(rooms: &BTreeMap<String, Imports>) -> Vec<String> {
    let floors: BTreeMap<&str, u32> = FLOORS.iter().copied().collect();
    let mut faults = Vec::new();
    for (room, imports) in rooms {
        let Some(floor) = floors.get(room.as_str()) else {
            faults.push(format!("room {room} stands on no floor: add it to FLOORS"));
            continue;
        };
        for other in imports.rooms.iter().filter(|other| *other != room) {
            match floors.get(other.as_str()) {
                Some(below) if below < floor => {}
                Some(_) => faults.push(format!("{room} imports {other}, which is not below it")),
                None => faults.push(format!("{room} imports {other}, which is no room")),
            }
        }
        for library in &imports.libraries {
            let (_, allowed) = LIBRARIES.iter().find(|(name, _)| name == library).expect("a known library");
            if !allowed.contains(&room.as_str()) {
                faults.push(format!("{room} names {library}, which belongs to {allowed:?}"));
            }
        }
    }
    faults
}

#[test]
fn every_room_imports_only_from_below_and_keeps_to_its_libraries() {
    let rooms = survey(&source());
    assert_eq!(rooms.len(), FLOORS.len(), "{:?}", rooms.keys());
    let faults = faults(&rooms);
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn control_an_upward_import_and_a_stray_library_are_found() {
    let mut rooms = survey(&source());
    let crypto = rooms.get_mut("crypto").expect("a room");
    crypto.rooms = rooms_named("use crate::{store::Rows, form::{Form, vault}};\nuse crate::change;");
    crypto.libraries.insert("rusqlite".to_owned());
    let faults = faults(&rooms);
    for wrong in
        ["crypto imports store", "crypto imports form", "crypto imports change", "crypto names rusqlite"]
    {
        assert!(faults.iter().any(|fault| fault.starts_with(wrong)), "{wrong} not in {faults:?}");
    }
    assert!(!faults.iter().any(|fault| fault.contains("imports vault")), "only rooms, not what is in them");
}

#[test]
fn the_survey_sees_what_is_there() {
    let rooms = survey(&source());
    assert!(rooms["vault"].rooms.contains("store"));
    assert!(rooms["change"].libraries.contains("automerge"));
    assert!(rooms["store"].libraries.contains("rusqlite"));
}
