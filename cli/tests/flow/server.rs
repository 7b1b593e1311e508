//! A real `cairn-server` for as long as a test runs.

use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;

use tempfile::TempDir;

/// A server on a free port, or a place for one that does not run yet.
pub(crate) struct Server {
    folder: TempDir,
    child: Option<Child>,
    pub(crate) url: String,
    pub(crate) pin: String,
}

impl Server {
    pub(crate) fn start() -> Self {
        let mut server = Self::absent();
        server.appear();
        server
    }

    /// Its address and key are known, and nobody answers there.
    pub(crate) fn absent() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let pin = Command::new(binary()).args(["pin", "--data"]).arg(folder.path()).output().unwrap();
        assert!(pin.status.success());
        let pin = String::from_utf8(pin.stdout).unwrap().trim().to_owned();
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        Self { folder, child: None, url: format!("https://127.0.0.1:{port}"), pin }
    }

    /// Begins to answer.
    pub(crate) fn appear(&mut self) {
        let address = self.url.strip_prefix("https://").unwrap();
        let mut child = Command::new(binary())
            .args(["serve", "--listen", address, "--data"])
            .arg(self.folder.path())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let first = lines.next().expect("the server says that it listens").unwrap();
        assert_eq!(first, format!("listening on {}", self.url));
        self.child = Some(child);
    }
}

impl Server {
    /// Stops answering, in good order.
    pub(crate) fn vanish(&mut self) {
        let mut child = self.child.take().unwrap();
        assert!(Command::new("kill").arg(child.id().to_string()).status().unwrap().success());
        assert!(child.wait().unwrap().success());
    }

    /// One step of the operator's with the server's keys.
    pub(crate) fn key(&self, step: &str) -> serde_json::Value {
        let output = Command::new(binary())
            .args(["key", step, "--json", "--data"])
            .arg(self.folder.path())
            .output()
            .unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        serde_json::from_slice(&output.stdout).unwrap()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Some(child) = &mut self.child {
            child.kill().unwrap();
            child.wait().unwrap();
        }
    }
}

/// The server's program, made once: it lies beside the command line's.
fn binary() -> &'static Path {
    static BINARY: OnceLock<PathBuf> = OnceLock::new();
    BINARY.get_or_init(|| {
        let beside = Path::new(env!("CARGO_BIN_EXE_cairn")).parent().unwrap();
        let mut build = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
        build.args(["build", "--quiet", "-p", "cairn-server"]).current_dir(env!("CARGO_MANIFEST_DIR"));
        build.env("CARGO_TARGET_DIR", beside.parent().unwrap());
        if beside.ends_with("release") {
            build.arg("--release");
        }
        assert!(build.status().unwrap().success(), "cairn-server cannot be built");
        beside.join(format!("cairn-server{}", std::env::consts::EXE_SUFFIX))
    })
}
