//! The server cannot read what it keeps, because nothing that could is linked into it.

#![allow(clippy::unwrap_used, reason = "tests may be blunt")]

use std::process::Command;

fn tree(package: &str) -> String {
    let output = Command::new(env!("CARGO"))
        .args(["tree", "--offline", "--package", package, "--edges", "normal", "--prefix", "none"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

fn names(tree: &str) -> Vec<&str> {
    tree.lines().filter_map(|line| line.split(' ').next()).collect()
}

#[test]
fn the_server_contains_nothing_that_can_open_a_segment() {
    let tree = tree("cairn-server");
    let names = names(&tree);
    assert!(names.contains(&"cairn-wire"), "control: the tree is read");
    for never in ["cairn-core", "automerge", "hpke"] {
        assert!(!names.contains(&never), "{never}");
    }
}

#[test]
fn the_core_does_contain_them() {
    let tree = tree("cairn-core");
    let names = names(&tree);
    for wanted in ["cairn-core", "automerge"] {
        assert!(names.contains(&wanted), "{wanted}");
    }
}
