//! A relay on loopback between a device and its server, which can cut or stall a connection at any octet.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex};
use std::thread;

/// What happens to the next connection.
#[derive(Debug, Clone, Copy, Default)]
pub struct Plan {
    /// So many octets go up before it happens.
    pub up: Option<usize>,
    /// So many octets come down before it happens.
    pub down: Option<usize>,
    /// Silence until the server hangs up, rather than a cut.
    pub stall: bool,
}

/// The relay.
pub struct Relay {
    address: SocketAddr,
    shared: Arc<Shared>,
}

#[derive(Default)]
struct Shared {
    plan: Mutex<Plan>,
    /// Connections on which the server is not yet done.
    open: Mutex<usize>,
    closed: Condvar,
    up: AtomicUsize,
    down: AtomicUsize,
}

impl Relay {
    /// A relay to `server`.
    pub fn new(server: SocketAddr) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port");
        let address = listener.local_addr().expect("an address");
        let shared = Arc::new(Shared::default());
        let theirs = Arc::clone(&shared);
        thread::spawn(move || {
            for client in listener.incoming().flatten() {
                let Ok(server) = TcpStream::connect(server) else { continue };
                // Small pieces are passed on at once, as if there were no relay.
                let _ = (client.set_nodelay(true), server.set_nodelay(true));
                theirs.serve(client, server);
            }
        });
        Self { address, shared }
    }

    /// Its address, as devices write it.
    pub fn url(&self) -> String {
        format!("https://{}", self.address)
    }

    /// What happens to the next connection; later ones are left alone. Counting begins anew.
    pub fn plan(&self, plan: Plan) {
        *self.shared.plan.lock().expect("a lock") = plan;
        self.shared.up.store(0, Ordering::SeqCst);
        self.shared.down.store(0, Ordering::SeqCst);
    }

    /// Octets that went up and came down since the last plan.
    pub fn octets(&self) -> (usize, usize) {
        (self.shared.up.load(Ordering::SeqCst), self.shared.down.load(Ordering::SeqCst))
    }

    /// Waits until the server has hung up on every connection.
    pub fn settled(&self) {
        let mut open = self.shared.open.lock().expect("a lock");
        while *open > 0 {
            open = self.shared.closed.wait(open).expect("a lock");
        }
    }
}

impl Shared {
    fn serve(self: &Arc<Self>, client: TcpStream, server: TcpStream) {
        let plan = std::mem::take(&mut *self.plan.lock().expect("a lock"));
        *self.open.lock().expect("a lock") += 1;
        let (from, to) = (client.try_clone().expect("a socket"), server.try_clone().expect("a socket"));
        let shared = Arc::clone(self);
        thread::spawn(move || {
            let (back_to, back_from) =
                (from.try_clone().expect("a socket"), to.try_clone().expect("a socket"));
            let ended = carry(from, &to, plan.up, &shared.up);
            if ended == Ended::Reached && plan.stall {
                return;
            }
            if ended == Ended::Reached {
                // Down for the device at once; the server hears the end of what it got.
                let _ = back_to.shutdown(Shutdown::Both);
            }
            let _ = back_from.shutdown(Shutdown::Write);
        });
        let shared = Arc::clone(self);
        thread::spawn(move || {
            let mut reader = server.try_clone().expect("a socket");
            let ended = carry(server, &client, plan.down, &shared.down);
            if ended == Ended::Reached {
                if !plan.stall {
                    let _ = client.shutdown(Shutdown::Both);
                    let _ = reader.shutdown(Shutdown::Write);
                }
                // Whatever else the server says is lost.
                let _ = std::io::copy(&mut reader, &mut std::io::sink());
            } else if ended == Ended::NoReader {
                let _ = std::io::copy(&mut reader, &mut std::io::sink());
            }
            let _ = client.shutdown(Shutdown::Both);
            *shared.open.lock().expect("a lock") -= 1;
            shared.closed.notify_all();
        });
    }
}

#[derive(Debug, PartialEq, Eq)]
enum Ended {
    /// As planned.
    Reached,
    /// The writer hung up.
    NoWriter,
    /// The reader hung up.
    NoReader,
}

fn carry(mut from: TcpStream, mut to: &TcpStream, most: Option<usize>, count: &AtomicUsize) -> Ended {
    let mut carried = 0;
    let mut buffer = [0; 4096];
    loop {
        let room = most.map_or(buffer.len(), |most| buffer.len().min(most - carried));
        if room == 0 {
            return Ended::Reached;
        }
        let read = match from.read(&mut buffer[..room]) {
            Ok(0) | Err(_) => return Ended::NoWriter,
            Ok(read) => read,
        };
        carried += read;
        count.fetch_add(read, Ordering::SeqCst);
        if to.write_all(&buffer[..read]).is_err() {
            return Ended::NoReader;
        }
    }
}
