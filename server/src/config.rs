//! Every setting, as an option of the command line and as an environment variable.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use clap::Args;

mod parse;
use parse::{duration, size};

/// What `serve` needs to know.
#[derive(Debug, Clone, PartialEq, Args)]
pub struct Config {
    /// Folder for the key and the log; made if missing. Back it up whole.
    #[arg(long, env = "CAIRN_DATA", value_name = "FOLDER")]
    pub data: PathBuf,
    /// Address and port to listen on; port 0 takes any free one.
    #[arg(long, env = "CAIRN_LISTEN", value_name = "ADDRESS", default_value = "0.0.0.0:8443")]
    pub listen: SocketAddr,
    /// Threads that serve requests; 0 means one for each processor.
    #[arg(long, env = "CAIRN_THREADS", value_name = "COUNT", default_value_t = 0)]
    pub threads: usize,
    /// Who may begin workspaces and how much is kept.
    #[command(flatten)]
    pub store: Store,
    /// How long and how often anybody may ask.
    #[command(flatten)]
    pub network: Network,
    /// Shifts the server's clock, for tests.
    #[arg(
        long,
        env = "CAIRN_CLOCK_OFFSET",
        value_name = "SECONDS",
        default_value_t = 0,
        allow_hyphen_values = true,
        hide = true
    )]
    pub clock_offset: i64,
}

impl Config {
    /// All defaults for a data folder, on any free loopback port.
    pub fn in_folder(data: impl Into<PathBuf>) -> Self {
        Self {
            data: data.into(),
            listen: SocketAddr::from(([127, 0, 0, 1], 0)),
            threads: 0,
            store: Store::default(),
            network: Network::default(),
            clock_offset: 0,
        }
    }
}

/// Who may begin workspaces and how much is kept.
#[derive(Clone, PartialEq, Args)]
#[command(next_help_heading = "Storage")]
pub struct Store {
    /// Word a founder must know to begin a workspace; without it anybody may.
    #[arg(long, env = "CAIRN_CREATE_TOKEN", value_name = "WORD", hide_env_values = true)]
    pub create_token: Option<String>,
    /// Most workspaces this server keeps.
    #[arg(long, env = "CAIRN_MAX_WORKSPACES", value_name = "COUNT", default_value_t = 100)]
    pub max_workspaces: u64,
    /// Most a single workspace may store, attachments aside.
    #[arg(long, env = "CAIRN_QUOTA", value_name = "SIZE", default_value = "20GiB", value_parser = size)]
    pub quota: u64,
    /// Most a single workspace may store in attachments: photos, sounds and files.
    #[arg(long, env = "CAIRN_ATTACHMENTS_QUOTA", value_name = "SIZE", default_value = "10GiB", value_parser = size)]
    pub attachments_quota: u64,
    /// Most the log may take on disk; 0 means as much as there is.
    #[arg(long, env = "CAIRN_MAX_STORE", value_name = "SIZE", default_value = "0", value_parser = size)]
    pub max_store: u64,
    /// Days between a pack becoming whole and the segments it covers being let go.
    #[arg(long, env = "CAIRN_PACK_GRACE_DAYS", value_name = "DAYS", default_value_t = 30)]
    pub pack_grace_days: u64,
}

impl Default for Store {
    fn default() -> Self {
        Self {
            create_token: None,
            max_workspaces: 100,
            quota: 20 << 30,
            attachments_quota: 10 << 30,
            max_store: 0,
            pack_grace_days: 30,
        }
    }
}

impl std::fmt::Debug for Store {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // The token is a secret.
        f.debug_struct("Store")
            .field("create_token", &self.create_token.is_some())
            .field("max_workspaces", &self.max_workspaces)
            .field("quota", &self.quota)
            .field("attachments_quota", &self.attachments_quota)
            .field("max_store", &self.max_store)
            .field("pack_grace_days", &self.pack_grace_days)
            .finish()
    }
}

/// How long and how often anybody may ask. Generous to a phone on 2G, short for an attacker.
#[derive(Debug, Clone, PartialEq, Args)]
#[command(next_help_heading = "Network")]
pub struct Network {
    /// Requests a device may make each second in the long run.
    #[arg(long, env = "CAIRN_RATE", value_name = "PER_SECOND", default_value_t = 50.0)]
    pub rate: f64,
    /// Requests a device may make at once.
    #[arg(long, env = "CAIRN_BURST", value_name = "COUNT", default_value_t = 500.0)]
    pub burst: f64,
    /// Connections open at once; further ones wait. Raise the limit of open files with it.
    #[arg(long, env = "CAIRN_MAX_CONNECTIONS", value_name = "COUNT", default_value_t = 900)]
    pub max_connections: usize,
    /// Connections open at once from one address (IPv6: one /64 network); further ones are closed.
    #[arg(long, env = "CAIRN_MAX_CONNECTIONS_PER_ADDRESS", value_name = "COUNT", default_value_t = 256)]
    pub max_connections_per_address: usize,
    /// From connecting to the first octet.
    #[arg(long, env = "CAIRN_FIRST_BYTE_TIMEOUT", value_name = "TIME", default_value = "15s", value_parser = duration)]
    pub first_byte_timeout: Duration,
    /// For the TLS handshake.
    #[arg(long, env = "CAIRN_TLS_TIMEOUT", value_name = "TIME", default_value = "30s", value_parser = duration)]
    pub tls_timeout: Duration,
    /// From a request's first octet to the end of its header.
    #[arg(long, env = "CAIRN_HEADER_TIMEOUT", value_name = "TIME", default_value = "20s", value_parser = duration)]
    pub header_timeout: Duration,
    /// Longest silence inside a request's body.
    #[arg(long, env = "CAIRN_BODY_TIMEOUT", value_name = "TIME", default_value = "60s", value_parser = duration)]
    pub body_timeout: Duration,
    /// Slowest body that is waited for, in octets a second over the whole body.
    #[arg(long, env = "CAIRN_BODY_PACE", value_name = "OCTETS", default_value_t = 100)]
    pub body_pace: u32,
    /// Longest wait for a reader who takes nothing of the answer.
    #[arg(long, env = "CAIRN_WRITE_TIMEOUT", value_name = "TIME", default_value = "60s", value_parser = duration)]
    pub write_timeout: Duration,
    /// Longest silence between two requests on one connection.
    #[arg(long, env = "CAIRN_IDLE_TIMEOUT", value_name = "TIME", default_value = "120s", value_parser = duration)]
    pub idle_timeout: Duration,
    /// Longest wait for requests under way when stopping.
    #[arg(long, env = "CAIRN_STOP_TIMEOUT", value_name = "TIME", default_value = "10s", value_parser = duration)]
    pub stop_timeout: Duration,
}

impl Default for Network {
    fn default() -> Self {
        Self {
            rate: 50.0,
            burst: 500.0,
            max_connections: 900,
            max_connections_per_address: 256,
            first_byte_timeout: Duration::from_secs(15),
            tls_timeout: Duration::from_secs(30),
            header_timeout: Duration::from_secs(20),
            body_timeout: Duration::from_secs(60),
            body_pace: 100,
            write_timeout: Duration::from_secs(60),
            idle_timeout: Duration::from_secs(120),
            stop_timeout: Duration::from_secs(10),
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Parser)]
    struct Line {
        #[command(flatten)]
        config: Config,
    }

    #[test]
    fn the_command_line_s_defaults_are_the_library_s() {
        let line = Line::try_parse_from(["serve", "--data", "somewhere", "--listen", "127.0.0.1:0"]).unwrap();
        assert_eq!(line.config, Config::in_folder("somewhere"));
    }

    #[test]
    fn the_token_is_never_printed() {
        let mut config = Config::in_folder("somewhere");
        config.store.create_token = Some("open sesame".to_owned());
        assert!(!format!("{config:?}").contains("sesame"));
    }
}
