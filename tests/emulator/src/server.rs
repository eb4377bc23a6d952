//! The thread that serves: listeners, connections, and going away and coming back.

use std::fmt;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
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

/// Time before a connection is accepted again after one could not be.
const RETRY: std::time::Duration = std::time::Duration::from_millis(50);

/// Why the emulator did not start.
#[derive(Debug)]
pub struct StartError(pub(crate) String);

impl fmt::Display for StartError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "the emulator did not start: {}", self.0)
    }
}

impl std::error::Error for StartError {}

impl From<io::Error> for StartError {
    fn from(error: io::Error) -> StartError {
        StartError(format!("{error}; it needs a free port on 127.0.0.1 and one thread"))
    }
}

enum Command {
    Down(SyncSender<io::Result<()>>),
    Up(SyncSender<io::Result<()>>),
}

/// Ports of a running server.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Ports {
    pub(crate) interface: u16,
    pub(crate) storage: u16,
    /// Bound and never listening, so that connecting is refused for as long as the server lives.
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
    /// Starts the thread and waits until the ports are open. The runtime is the thread's own: a caller's paused clock does not
    /// stop it, and it may be started and dropped inside any runtime.
    pub(crate) fn start(service: Arc<Service>) -> Result<Server, StartError> {
        let (started, wait) = sync_channel(1);
        let (commands, orders) = unbounded_channel();
        let thread = std::thread::Builder::new()
            .name("singlestore-emulator".to_owned())
            .spawn(move || run(service, orders, &started))?;
        let ports = wait.recv().map_err(|_| StartError("its thread ended".to_owned()))??;
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
        self.commands = None;
        if let Some(thread) = self.thread.take() {
            // A panic of the server thread was reported on stderr; a second one from a destructor would abort the test run.
            let _ = thread.join();
        }
    }
}

fn run(service: Arc<Service>, orders: UnboundedReceiver<Command>, started: &SyncSender<io::Result<Ports>>) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    // The receiver is gone only when the starting thread is, and then nobody waits.
    let _ = match runtime {
        Ok(runtime) => runtime.block_on(obey(service, orders, started)),
        Err(error) => started.send(Err(error)).ok(),
    };
}

async fn obey(
    service: Arc<Service>,
    mut orders: UnboundedReceiver<Command>,
    started: &SyncSender<io::Result<Ports>>,
) -> Option<()> {
    let opened = open_all();
    let (interface, storage, refused, ports) = match opened {
        Ok(opened) => opened,
        Err(error) => return started.send(Err(error)).ok(),
    };
    let mut accepting = JoinSet::new();
    accepting.spawn(accept(interface, service.clone(), Side::Interface));
    let mut stored = JoinSet::new();
    stored.spawn(accept(storage, service.clone(), Side::Storage));
    service.world().config.storage_url = format!("http://127.0.0.1:{}", ports.storage);
    started.send(Ok(ports)).ok()?;
    while let Some(command) = orders.recv().await {
        match command {
            Command::Down(done) => {
                accepting.shutdown().await;
                done.send(Ok(())).ok();
            }
            Command::Up(done) => {
                let opened = if accepting.is_empty() { listen(ports.interface).map(Some) } else { Ok(None) };
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

fn open_all() -> io::Result<Opened> {
    let (interface, storage) = (listen(0)?, listen(0)?);
    let refused = TcpSocket::new_v4()?;
    refused.bind(SocketAddr::from((Ipv4Addr::LOCALHOST, 0)))?;
    let ports = Ports {
        interface: interface.local_addr()?.port(),
        storage: storage.local_addr()?.port(),
        refused: refused.local_addr()?.port(),
    };
    Ok((interface, storage, refused, ports))
}

fn listen(port: u16) -> io::Result<TcpListener> {
    let socket = TcpSocket::new_v4()?;
    socket.set_reuseaddr(true)?;
    socket.bind(SocketAddr::from((Ipv4Addr::LOCALHOST, port)))?;
    socket.listen(BACKLOG)
}

/// Accepts until it is aborted; its connections end with it.
async fn accept(listener: TcpListener, service: Arc<Service>, side: Side) {
    let mut connections = JoinSet::new();
    loop {
        // Failing to accept one connection, for lack of descriptors for instance, must not end the server.
        if let Ok((stream, _)) = listener.accept().await {
            connections.spawn(serve(stream, service.clone(), side));
        } else {
            // The lack does not pass by asking again at once.
            tokio::time::sleep(RETRY).await;
        }
        while connections.try_join_next().is_some() {}
    }
}
