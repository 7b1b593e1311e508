//! The core in other languages: what is exported stays what it was, and Python does the whole of a workspace's work.
//!
//! `cargo test` makes no library that another language could load, so `cargo build --workspace` comes first
//! (`make test` does both). A library that is missing or older than its sources fails here and says so.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests may be blunt: a panic there is the report"
)]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::SystemTime;

use cairn_core::wire::codec::hex;
use cairn_tests::ground::Ground;

/// What to do where something is not built.
const BUILD: &str = "run `cargo build --workspace` first, as `make test` does";

/// Where cargo puts what it builds.
fn built() -> PathBuf {
    Path::new(env!("CARGO_BIN_EXE_worker")).parent().unwrap().to_owned()
}

fn changed(path: &Path) -> Option<SystemTime> {
    fs::metadata(path).ok()?.modified().ok()
}

/// What cargo says something was built from, a line for each output: `OUTPUT: SOURCE SOURCE …`, blanks in names
/// behind a backslash.
fn sources(list: &str) -> Vec<PathBuf> {
    let lines = list.lines().filter_map(|line| Some(line.split_once(": ")?.1.replace("\\ ", "\0")));
    let named = |line: String| {
        let names: Vec<_> =
            line.split_whitespace().map(|one| PathBuf::from(one.replace('\0', " "))).collect();
        names
    };
    lines.flat_map(named).collect()
}

/// Something that was built, no older than what it is made from.
fn fresh(file: &str, list: &str) -> PathBuf {
    let path = built().join(file);
    let made = changed(&path).unwrap_or_else(|| panic!("{file} is missing: {BUILD}"));
    let list = fs::read_to_string(built().join(list)).unwrap_or_else(|_| panic!("{file}: {BUILD}"));
    let sources = sources(&list);
    assert!(sources.len() > 1, "{file} is made from something");
    for source in sources {
        let newer = changed(&source).is_none_or(|at| at > made);
        assert!(!newer, "{file} is older than {}: {BUILD}", source.display());
    }
    path
}

/// The library as other languages load it.
fn library() -> PathBuf {
    fresh("libcairn_ffi.so", "libcairn_ffi.d")
}

/// Writes the calls in a language, or the surface, into a folder.
fn generate(language: &str, folder: &Path) {
    fs::create_dir_all(folder).unwrap();
    let generator = fresh("cairn-bindgen", "cairn-bindgen.d");
    let done = Command::new(generator).arg(language).arg(library()).arg(folder).output().unwrap();
    let told = String::from_utf8_lossy(&done.stderr);
    assert!(done.status.success(), "{language}: {told}");
}

#[test]
fn what_is_built_is_known_by_the_list_of_its_sources() {
    let list = "/t/lib.so: /s/one.rs /s/a\\ b.rs\n/t/lib.a: /s/two.rs\n";
    assert_eq!(sources(list), ["/s/one.rs", "/s/a b.rs", "/s/two.rs"].map(PathBuf::from));
}

#[test]
fn what_is_exported_is_what_was_agreed() {
    let dir = tempfile::tempdir().unwrap();
    generate("surface", dir.path());
    let now = fs::read_to_string(dir.path().join("surface.txt")).unwrap();
    let kept = Path::new(env!("CARGO_MANIFEST_DIR")).join("../ffi/surface.txt");
    if std::env::var_os("UPDATE_SURFACE").is_some() {
        fs::write(&kept, &now).unwrap();
    }
    let agreed = fs::read_to_string(&kept).unwrap_or_default();
    let gone: Vec<&str> = agreed.lines().filter(|line| !now.lines().any(|one| one == *line)).collect();
    let new: Vec<&str> = now.lines().filter(|line| !agreed.lines().any(|one| one == *line)).collect();
    assert!(
        gone.is_empty() && new.is_empty(),
        "the surface changed.\ngone:\n{}\nnew:\n{}\nIf that is meant, run this test with UPDATE_SURFACE=1.",
        gone.join("\n"),
        new.join("\n")
    );
    // What the app is built on, so that an empty list passes for nothing.
    assert!(agreed.contains("object OpenVault.counts() -> VaultCounts throws CairnError"));
    assert!(agreed.lines().count() > 200);
}

/// Swift is generated and not compiled: there is no compiler for it here.
#[test]
fn kotlin_and_swift_are_generated() {
    let dir = tempfile::tempdir().unwrap();
    for (language, file, call) in [
        ("kotlin", "org/cairn/ffi/cairn.kt", "fun `setUtcOffset`"),
        ("swift", "cairn.swift", "open func setUtcOffset"),
    ] {
        let folder = dir.path().join(language);
        generate(language, &folder);
        let written = fs::read_to_string(folder.join(file)).unwrap_or_else(|error| panic!("{file}: {error}"));
        assert!(written.contains(call), "{language}");
        // A field of that name hides what Kotlin's exceptions have already.
        assert!(language != "kotlin" || !written.contains("val `message`: kotlin.String"));
    }
}

#[test]
fn python_does_the_whole_of_a_workspaces_work() {
    let dir = tempfile::tempdir().unwrap();
    let (bindings, vaults) = (dir.path().join("bindings"), dir.path().join("vaults"));
    fs::create_dir(&vaults).unwrap();
    generate("python", &bindings);
    std::os::unix::fs::symlink(library(), bindings.join("libcairn_ffi.so")).unwrap();
    let ground = Ground::new();
    let server = ground.address();
    let scenario = Path::new(env!("CARGO_MANIFEST_DIR")).join("python/scenario.py");
    let done = Command::new("python3")
        .arg("-B")
        .arg(scenario)
        .arg(&vaults)
        .arg(&server.url)
        .arg(hex(&server.key.0))
        .env("PYTHONPATH", &bindings)
        .output()
        .unwrap();
    let (out, told) = (String::from_utf8_lossy(&done.stdout), String::from_utf8_lossy(&done.stderr));
    assert!(done.status.success() && out.contains("everything is as promised"), "{out}{told}");
}
