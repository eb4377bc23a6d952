//! The server thread: listeners, connections, going down and coming back.

use std::fmt;
use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::JoinHandle;

use tokio::net::{TcpListener, TcpSocket};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::task::JoinSet;

use crate::http::connection::{Side, serve};
use crate::service::Service;

/// Connections that may wait to be accepted: a test opens a thousand at once.
const BACKLOG: u32 = 4096;

/// The pause before accepting again after a failure to accept.
pub(crate) const RETRY: std::time::Duration = std::time::Duration::from_millis(50);

/// Why the emulator did not start.
#[derive(Debug)]
pub struct StartError {
    message: String,
    taken: bool,
}

impl StartError {
    pub(crate) fn other(message: impl Into<String>) -> StartError {
        StartError { message: message.into(), taken: false }
    }

    /// Whether a requested port is in use.
    pub fn is_port_taken(&self) -> bool {
        self.taken
    }
}

impl fmt::Display for StartError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "the emulator did not start: {}", self.message)
    }
}

impl std::error::Error for StartError {}

impl From<io::Error> for StartError {
    fn from(error: io::Error) -> StartError {
        let taken = error.kind() == io::ErrorKind::AddrInUse;
        StartError { message: format!("{error}; it needs a free port and one thread"), taken }
    }
}

enum Command {
    Down(SyncSender<io::Result<()>>),
    Up(SyncSender<io::Result<()>>),
}

/// Where to listen; port 0 picks a free one.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Listen {
    pub(crate) address: IpAddr,
    pub(crate) interface: u16,
    pub(crate) storage: u16,
}

/// Ports of a running server.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Ports {
    pub(crate) interface: u16,
    pub(crate) storage: u16,
    /// Bound but never listening, so that connecting is refused for as long as the server lives.
    pub(crate) refused: u16,
}

/// A running server; dropping it ends all connections and the thread.
#[derive(Debug)]
pub(crate) struct Server {
    pub(crate) ports: Ports,
    commands: Option<UnboundedSender<Command>>,
    thread: Option<JoinHandle<()>>,
}

impl fmt::Debug for Command {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Command::Down(_) => "Down",
            Command::Up(_) => "Up",
        })
    }
}

impl Server {
    /// Starts the thread and waits until the ports are open. The thread has its own runtime: a caller's paused clock does not
    /// stop it, and it can be started and dropped inside any runtime.
    pub(crate) fn start(service: Arc<Service>, at: Listen) -> Result<Server, StartError> {
        let (started, wait) = sync_channel(1);
        let (commands, orders) = unbounded_channel();
        let thread = std::thread::Builder::new()
            .name("singlestore-emulator".to_owned())
            .spawn(move || run(service, at, orders, &started))?;
        let ports = wait.recv().map_err(|_| StartError::other("its thread ended"))??;
        Ok(Server { ports, commands: Some(commands), thread: Some(thread) })
    }

    /// Closes the port and every connection; connecting is refused from then on.
    pub(crate) fn go_down(&self) -> io::Result<()> {
        self.command(Command::Down)
    }

    /// Opens the same port again.
    pub(crate) fn come_up(&self) -> io::Result<()> {
        self.command(Command::Up)
    }

    fn command(&self, command: fn(SyncSender<io::Result<()>>) -> Command) -> io::Result<()> {
        let (done, wait): (_, Receiver<io::Result<()>>) = sync_channel(1);
        let gone = || io::Error::other("the emulator's thread has ended");
        self.commands.as_ref().and_then(|commands| commands.send(command(done)).ok()).ok_or_else(gone)?;
        wait.recv().map_err(|_| gone())?
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stop();
    }
}

impl Server {
    /// Ends all connections and the thread.
    pub(crate) fn stop(&mut self) {
        self.commands = None;
        if let Some(thread) = self.thread.take() {
            // A panic of the server thread was already reported on stderr; a second one from a destructor would abort the test
            // run.
            let _ = thread.join();
        }
    }
}

fn run(service: Arc<Service>, at: Listen, orders: UnboundedReceiver<Command>, started: &SyncSender<io::Result<Ports>>) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    // The receiver is gone only if the starting thread is, and then nobody waits.
    let _ = match runtime {
        Ok(runtime) => runtime.block_on(obey(service, at, orders, started)),
        Err(error) => started.send(Err(error)).ok(),
    };
}

async fn obey(
    service: Arc<Service>,
    at: Listen,
    mut orders: UnboundedReceiver<Command>,
    started: &SyncSender<io::Result<Ports>>,
) -> Option<()> {
    let opened = open_all(at);
    let (interface, storage, refused, ports) = match opened {
        Ok(opened) => opened,
        Err(error) => return started.send(Err(error)).ok(),
    };
    let mut accepting = JoinSet::new();
    accepting.spawn(accept(interface, service.clone(), Side::Interface));
    let mut stored = JoinSet::new();
    stored.spawn(accept(storage, service.clone(), Side::Storage));
    started.send(Ok(ports)).ok()?;
    while let Some(command) = orders.recv().await {
        match command {
            Command::Down(done) => {
                accepting.shutdown().await;
                done.send(Ok(())).ok();
            }
            Command::Up(done) => {
                let opened = if accepting.is_empty() {
                    listen(SocketAddr::new(at.address, ports.interface)).map(Some)
                } else {
                    Ok(None)
                };
                let result = opened.map(|listener| {
                    if let Some(listener) = listener {
                        accepting.spawn(accept(listener, service.clone(), Side::Interface));
                    }
                });
                done.send(result).ok();
            }
        }
    }
    drop(refused);
    Some(())
}

type Opened = (TcpListener, TcpListener, TcpSocket, Ports);

fn open_all(at: Listen) -> io::Result<Opened> {
    let (interface, storage) =
        (listen(SocketAddr::new(at.address, at.interface))?, listen(SocketAddr::new(at.address, at.storage))?);
    let refused = TcpSocket::new_v4()?;
    refused.bind(SocketAddr::from((Ipv4Addr::LOCALHOST, 0)))?;
    let ports = Ports {
        interface: interface.local_addr()?.port(),
        storage: storage.local_addr()?.port(),
        refused: refused.local_addr()?.port(),
    };
    Ok((interface, storage, refused, ports))
}

pub(crate) fn listen(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = if address.is_ipv4() { TcpSocket::new_v4()? } else { TcpSocket::new_v6()? };
    // On Windows this option would let two programs share a port.
    #[cfg(not(windows))]
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    socket.listen(BACKLOG)
}

/// Accepts connections until aborted; they end with it.
async fn accept(listener: TcpListener, service: Arc<Service>, side: Side) {
    let mut connections = JoinSet::new();
    loop {
        // Failing to accept one connection, for example for lack of descriptors, must not end the server.
        if let Ok((stream, _)) = listener.accept().await {
            connections.spawn(serve(stream, service.clone(), side));
        } else {
            // Retrying at once would not help.
            tokio::time::sleep(RETRY).await;
        }
        while connections.try_join_next().is_some() {}
    }
}
