//! A real server process.

use std::fs::{File, OpenOptions};
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use serde_json::Value;

use super::expect;
use crate::trouble::Trouble;

/// A server process; it does not outlive this value.
#[derive(Debug)]
pub(super) struct Server {
    program: PathBuf,
    data: PathBuf,
    log: PathBuf,
    running: Option<Child>,
    address: String,
    pin: String,
}

impl Server {
    /// Starts one on any free loopback port.
    pub(super) fn start(program: &Path, folder: &Path) -> Result<Self, Trouble> {
        let mut server = Self {
            program: program.to_owned(),
            data: folder.join("server"),
            log: folder.join("server.log"),
            running: None,
            address: String::new(),
            pin: String::new(),
        };
        (server.address, server.pin) = server.launch("127.0.0.1:0")?;
        Ok(server)
    }

    fn launch(&mut self, listen: &str) -> Result<(String, String), Trouble> {
        let log: File = OpenOptions::new().create(true).append(true).open(&self.log)?;
        let mut child = Command::new(&self.program)
            .args(["--json", "serve", "--listen", listen, "--data"])
            .arg(&self.data)
            .env_clear()
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(log)
            .spawn()
            .map_err(|error| Trouble::at(&self.program, error))?;
        let stdout = child.stdout.take();
        self.running = Some(child);
        let mut line = String::new();
        let mut stdout =
            BufReader::new(stdout.ok_or_else(|| Trouble("the server has no output".to_owned()))?);
        stdout.read_line(&mut line)?;
        let said: Value = serde_json::from_str(&line)
            .map_err(|_| Trouble(format!("the server did not start; {} says why", self.log.display())))?;
        match (said["address"].as_str(), said["pin"].as_str()) {
            (Some(address), Some(pin)) => Ok((address.to_owned(), pin.to_owned())),
            _ => Err(Trouble(format!("the server said {line} instead of its address"))),
        }
    }

    /// Ends the process as a power cut would: nothing is written any more.
    pub(super) fn cut_off(&mut self) {
        if let Some(mut child) = self.running.take() {
            // It may have ended by itself; either way it is gone after this.
            let _ = child.kill();
            let _ = child.wait();
        }
    }

    /// Starts it again where it was.
    pub(super) fn again(&mut self) -> Result<(), Trouble> {
        let listen = self.address.trim_start_matches("https://").to_owned();
        let (address, pin) = self.launch(&listen)?;
        expect(address == self.address && pin == self.pin, || {
            "the server came back as another one".to_owned()
        })
    }

    /// What it found when it examined its own data; it must not be running.
    pub(super) fn doctor(&self) -> Result<Value, Trouble> {
        let examined = Command::new(&self.program)
            .args(["--json", "doctor", "--data"])
            .arg(&self.data)
            .env_clear()
            .output()
            .map_err(|error| Trouble::at(&self.program, error))?;
        let said = String::from_utf8_lossy(&examined.stdout).into_owned();
        expect(examined.status.success(), || format!("the server's doctor is not content: {said}"))?;
        Ok(serde_json::from_str(&said)?)
    }

    pub(super) fn address(&self) -> &str {
        &self.address
    }

    pub(super) fn pin(&self) -> &str {
        &self.pin
    }

    /// The folder with all it keeps.
    pub(super) fn data(&self) -> &Path {
        &self.data
    }

    /// What it told its operator.
    pub(super) fn log(&self) -> &Path {
        &self.log
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.cut_off();
    }
}
