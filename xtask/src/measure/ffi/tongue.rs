//! The programs in other languages, which are told what to do line by line and say what it cost them.

use std::fs;
use std::io::{BufRead, BufReader, Lines, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use tempfile::TempDir;

use super::super::{Failure, library};
use crate::nested;

/// The same work in Python, as it stands in the repository.
const PYTHON: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/src/measure/ffi/costs.py");

/// What they need.
pub(super) struct Programs {
    library: PathBuf,
    classes: String,
    /// The calls in Python, beside the library.
    python: TempDir,
    /// The calls in Rust.
    phone: PathBuf,
}

impl Programs {
    /// Builds the library as a phone would carry it, and has its calls written and compiled.
    pub(super) fn build() -> Result<Self, Failure> {
        let told = |trouble: crate::trouble::Trouble| trouble.to_string();
        let (library, _) = library::built()?;
        let built = nested::build(&["--release", "--package", "cairn-bindgen"]).map_err(told)?;
        let generator = nested::file(&built, "cairn-bindgen", "").map_err(told)?;
        let python = tempfile::tempdir()?;
        run(Command::new(&generator).arg("python").arg(&library).arg(python.path()))?;
        std::os::unix::fs::symlink(&library, python.path().join("libcairn_ffi.so"))?;
        let classes = classes(&library, &generator, &python.path().join("classes.txt"))?;
        let built = nested::build(&["--release", "--package", "xtask", "--package", "cairn-phone", "--bins"]);
        let phone = nested::file(&built.map_err(told)?, "phone", "").map_err(told)?;
        Ok(Self { library, classes, python, phone })
    }

    /// In Rust, with the allocator that an app has: what the library does beyond the core, and no crossing.
    pub(super) fn library(&self) -> Tongue {
        let mut command = Command::new(&self.phone);
        command.arg("costs");
        Tongue { name: "library", command }
    }

    /// On the JVM, through JNA, as an app does it.
    pub(super) fn kotlin(&self) -> Tongue {
        let mut command = Command::new("java");
        let folder = self.library.parent().unwrap_or(Path::new("."));
        command.arg(format!("-Djna.library.path={}", folder.display()));
        command.args(["-cp", &self.classes, "org.cairn.ffi.CostsKt"]);
        Tongue { name: "kotlin", command }
    }

    /// Through ctypes.
    pub(super) fn python(&self) -> Tongue {
        let mut command = Command::new("python3");
        command.args(["-B", PYTHON]).env("PYTHONPATH", self.python.path());
        Tongue { name: "python", command }
    }
}

/// Where the compiled calls, their tests and what both stand on lie.
fn classes(library: &Path, generator: &Path, scratch: &Path) -> Result<String, Failure> {
    let root = nested::root();
    let folder = library.parent().ok_or("a library without a folder")?;
    let mut maven = Command::new("mvn");
    maven.args(["-B", "-q", "-f"]).arg(root.join("android-demo/pom.xml")).args(["-pl", "bindings"]);
    maven.arg(format!("-Dcairn.lib={}", folder.display()));
    maven.arg(format!("-Dcairn.bindgen={}", generator.display()));
    maven.arg(format!("-Dmdep.outputFile={}", scratch.display()));
    run(maven.args(["test-compile", "dependency:build-classpath"]))?;
    let target = root.join("android-demo/bindings/target");
    let own = ["classes", "test-classes"].map(|name| target.join(name).display().to_string());
    Ok([&own[..], &[fs::read_to_string(scratch)?.trim().to_owned()]].concat().join(":"))
}

fn run(command: &mut Command) -> Result<(), Failure> {
    let done = command.stdin(Stdio::null()).stdout(Stdio::null()).status()?;
    if done.success() { Ok(()) } else { Err(format!("{:?} failed", command.get_program()).into()) }
}

/// A program in another language.
pub(super) struct Tongue {
    pub(super) name: &'static str,
    command: Command,
}

/// One that runs.
pub(super) struct Talk {
    child: Child,
    told: ChildStdin,
    said: Lines<BufReader<ChildStdout>>,
}

impl Tongue {
    /// Starts it and tells it what to work on, a line each.
    pub(super) fn begin(&mut self, lines: &[&str]) -> Result<Talk, Failure> {
        let mut child = self.command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
        let mut told = child.stdin.take().ok_or("no standard input")?;
        let said = BufReader::new(child.stdout.take().ok_or("no standard output")?).lines();
        lines.iter().try_for_each(|line| writeln!(told, "{line}"))?;
        Ok(Talk { child, told, said })
    }
}

impl Talk {
    /// Processor seconds that a deed took so often: those of the thread that calls, and of the whole process.
    pub(super) fn does(&mut self, deed: &str, times: u32) -> Result<(f64, f64), Failure> {
        writeln!(self.told, "{deed} {times}")?;
        let said = self.said.next().ok_or("it has ended")??;
        let (thread, process) = said.split_once(' ').ok_or("a line of one word")?;
        let seconds = |nanoseconds: &str| -> Result<f64, Failure> { Ok(nanoseconds.parse::<f64>()? / 1e9) };
        Ok((seconds(thread)?, seconds(process)?))
    }

    /// Nothing more is to be done; it locks its vault.
    pub(super) fn end(mut self) -> Result<(), Failure> {
        drop(self.told);
        if self.child.wait()?.success() { Ok(()) } else { Err("it did not end well".into()) }
    }
}
