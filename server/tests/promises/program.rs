//! The program itself: what it prints, what it keeps, how it ends.

use std::io::{BufRead, BufReader, Read};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use cairn_wire::path;
use serde_json::Value;

use crate::client::{Line, key_of};
use crate::people::Camp;

fn program() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_cairn-server"));
    command.env_clear().stdin(Stdio::null());
    command
}

/// The program, serving.
pub(crate) struct Serving {
    child: Child,
    pub(crate) address: SocketAddr,
    pub(crate) pin: String,
}

/// Begins to serve a folder.
pub(crate) fn serve(data: &Path, more: &[&str]) -> Serving {
    let mut child = program()
        .args(["serve", "--json", "--listen", "127.0.0.1:0", "--data"])
        .arg(data)
        .args(more)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let said: Value = serde_json::from_str(&line).unwrap();
    assert_eq!(said["event"], "listening");
    let address = said["address"].as_str().unwrap().strip_prefix("https://").unwrap().parse().unwrap();
    Serving { child, address, pin: said["pin"].as_str().unwrap().to_owned() }
}

impl Serving {
    /// Ends it where it stands.
    pub(crate) fn kill(mut self) {
        self.child.kill().unwrap();
        assert!(!self.child.wait().unwrap().success());
    }

    /// Asks it to stop, and gives what it said to the operator.
    pub(crate) fn stop(mut self) -> String {
        let status = Command::new("kill").arg(self.child.id().to_string()).status().unwrap();
        assert!(status.success());
        let mut said = String::new();
        self.child.stderr.take().unwrap().read_to_string(&mut said).unwrap();
        assert!(self.child.wait().unwrap().success());
        said
    }
}

fn exchange(line: &mut Line, camp: &Camp, segments: &[Vec<u8>]) -> u16 {
    let (_, request) = camp.sync_request(&camp.worker, &camp.ask(7), segments);
    line.post(path::SYNC, &request).status
}

#[test]
fn it_listens_prints_where_and_ends_well_when_told() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("new/folder");
    let mut child = program()
        .args(["serve", "--listen", "127.0.0.1:0"])
        .env("CAIRN_DATA", &data)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let address = lines.next().unwrap().unwrap();
    let address: SocketAddr = address.strip_prefix("listening on https://").unwrap().parse().unwrap();
    let pin = lines.next().unwrap().unwrap();
    let pin = pin.strip_prefix("pin ").unwrap();
    Line::pinning(address, key_of(pin)).unwrap();
    let printed = program().args(["pin", "--data"]).arg(&data).output().unwrap();
    assert_eq!(String::from_utf8(printed.stdout).unwrap().trim(), pin);
    let serving = Serving { child, address, pin: pin.to_owned() };
    let printed = program().arg("pin").env("CAIRN_DATA", &data).env("CAIRN_JSON", "1").output().unwrap();
    assert_eq!(serde_json::from_slice::<Value>(&printed.stdout).unwrap()["pin"], *pin);
    assert_eq!(serving.stop(), "");
    assert!(!data.join("log.db-wal").exists());
}

/// G11.
#[test]
fn the_data_folder_and_what_it_says_hold_no_address_and_no_user_agent() {
    let folder = tempfile::tempdir().unwrap();
    let serving = serve(folder.path(), &["--max-store", "200KiB", "--max-connections", "3"]);
    let camp = Camp::planned(key_of(&serving.pin));
    let mut line = Line::pinning(serving.address, camp.server_key).unwrap();
    assert_eq!(line.post(path::WORKSPACES, &camp.creation(b"").encode()).status, 200);
    assert_eq!(exchange(&mut line, &camp, &camp.worker.row(&camp, 7, 3, 100)), 200);
    let agent = "Canary-Agent/1.0";
    line.send(format!("GET /healthz HTTP/1.1\r\nhost: c\r\nuser-agent: {agent}\r\n\r\n").as_bytes()).unwrap();
    assert_eq!(line.answer().unwrap().status, 200);
    assert_eq!(exchange(&mut line, &camp, &camp.worker.row(&camp, 8, 30, 20_000)), 507);
    let mut bad = Line::pinning(serving.address, camp.server_key).unwrap();
    bad.send(format!("BAD {agent}\r\n\r\n").as_bytes()).unwrap();
    bad.until_closed();
    let ports: Vec<u16> = [&line, &bad].map(|line| line.socket().local_addr().unwrap().port()).to_vec();
    let said = serving.stop();
    assert!(said.contains("full"), "control: it does say something: {said:?}");
    let mut kept = vec![("stderr".to_owned(), said.into_bytes())];
    for file in std::fs::read_dir(folder.path()).unwrap().map(Result::unwrap) {
        kept.push((file.file_name().into_string().unwrap(), std::fs::read(file.path()).unwrap()));
    }
    let holds = |bytes: &[u8], needle: &str| bytes.windows(needle.len()).any(|w| w == needle.as_bytes());
    for (name, bytes) in &kept {
        assert!(!holds(bytes, "127.0.0.1"), "{name}");
        assert!(!holds(bytes, agent), "{name}");
        for port in &ports {
            assert!(!holds(bytes, &format!(":{port}")), "{name}");
        }
    }
    let log = &kept.iter().find(|(name, _)| name == "log.db").unwrap().1;
    let row = camp.worker.row(&camp, 7, 1, 100);
    assert!(log.windows(row[0].len()).any(|w| w == row[0]), "control: what is kept can be found");
}

#[test]
fn the_doctor_says_so_with_its_exit_code() {
    let folder = tempfile::tempdir().unwrap();
    let examine = || program().args(["doctor", "--json", "--data"]).arg(folder.path()).output().unwrap();
    let nothing = examine();
    assert!(!nothing.status.success());
    serve(folder.path(), &[]).stop();
    let sound = examine();
    assert!(sound.status.success());
    let report: Value = serde_json::from_slice(&sound.stdout).unwrap();
    assert_eq!(report["sound"], true);
}

#[test]
fn the_clock_can_be_shifted_for_tests() {
    let folder = tempfile::tempdir().unwrap();
    let serving = serve(folder.path(), &["--clock-offset", "-86400"]);
    let camp = Camp::planned(key_of(&serving.pin));
    let mut line = Line::pinning(serving.address, camp.server_key).unwrap();
    assert_eq!(line.post(path::WORKSPACES, &camp.creation(b"").encode()).status, 200);
    assert_eq!(exchange(&mut line, &camp, &[]), 401);
    drop(line);
    serving.stop();
}

#[test]
fn every_option_is_also_an_environment_variable() {
    let help = program().args(["serve", "--help"]).output().unwrap();
    let help = String::from_utf8(help.stdout).unwrap().split_whitespace().collect::<Vec<_>>().join(" ");
    let options: Vec<&str> = help
        .split_whitespace()
        .filter_map(|word| word.strip_prefix("--"))
        .filter(|word| *word != "help" && word.chars().all(|c| c.is_ascii_lowercase() || c == '-'))
        .collect();
    assert!(options.len() > 15);
    for option in options {
        let variable = format!("CAIRN_{}", option.replace('-', "_").to_uppercase());
        assert!(help.contains(&format!("[env: {variable}")), "{option}");
    }
}
