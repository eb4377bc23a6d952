//! Control over HTTP: what Rust tests do with [`Emulator`], for every other language, on its own listener.

mod api;
mod guard;
mod openapi;

use std::collections::BTreeMap;
use std::fmt;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

use tokio::net::TcpStream;
use tokio::sync::oneshot;
use tokio::task::JoinSet;

use crate::emulator::Emulator;
use crate::http::reader::{Reader, Received};
use crate::http::response::Response;
use crate::server::{RETRY, StartError, listen};

/// Settings of the control interface; see [`Control::builder`].
#[derive(Debug, Clone)]
#[must_use = "nothing listens until `start` is called"]
pub struct ControlBuilder {
    bind: IpAddr,
    port: u16,
    token: Option<String>,
    unguarded: bool,
    hosts: Vec<String>,
}

impl ControlBuilder {
    /// Sets the address to listen on: 127.0.0.1 by default. Any other address needs a token.
    pub fn bind(mut self, address: IpAddr) -> ControlBuilder {
        self.bind = address;
        self
    }

    /// Sets the port: a free one by default.
    pub fn port(mut self, port: u16) -> ControlBuilder {
        self.port = port;
        self
    }

    /// Requires `Authorization: Bearer <token>` on every request.
    pub fn token(mut self, token: &str) -> ControlBuilder {
        self.token = Some(token.to_owned());
        self
    }

    /// Accepts a host in addition to those of loopback, such as the name of a container.
    pub fn allow_host(mut self, host: &str) -> ControlBuilder {
        self.hosts.push(host.to_ascii_lowercase());
        self
    }

    /// Starts listening.
    ///
    /// # Errors
    /// [`StartError`] when the port is taken, or when the address is not loopback and there is no token.
    pub fn start(self, emulator: Arc<Emulator>) -> Result<Control, StartError> {
        if !self.bind.is_loopback() && self.token.is_none() && !self.unguarded {
            return Err(StartError::other("the control interface needs a token beyond loopback"));
        }
        let shared = Arc::new(Shared { root: emulator, instances: Mutex::default(), settings: self.clone() });
        let (stop, stopped) = oneshot::channel();
        let (started, wait) = std::sync::mpsc::sync_channel(1);
        let address = SocketAddr::new(self.bind, self.port);
        let thread = std::thread::Builder::new().name("singlestore-emulator-control".to_owned()).spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
            // The receiver is gone only if the starting thread is.
            let _ = match runtime {
                Ok(runtime) => runtime.block_on(run(address, shared, &started, stopped)),
                Err(error) => started.send(Err(error)).ok(),
            };
        })?;
        let port = wait.recv().map_err(|_| StartError::other("its thread ended"))??;
        let host = if self.bind.is_unspecified() { IpAddr::V4(Ipv4Addr::LOCALHOST) } else { self.bind };
        let url = format!("http://{}/_emulator/", SocketAddr::new(host, port));
        Ok(Control { url, stop: Some(stop), thread: Some(thread) })
    }
}

/// The control interface of a running emulator; dropping it closes the port.
///
/// ```
/// use std::sync::Arc;
/// use singlestore_management_emulator::{Control, Emulator};
///
/// let emulator = Arc::new(Emulator::start()?);
/// let control = Control::builder().start(emulator)?;
/// assert!(control.url().ends_with("/_emulator/"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Control {
    url: String,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl fmt::Debug for Control {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Control").field("url", &self.url).finish_non_exhaustive()
    }
}

impl Control {
    /// Starts with the default settings to be changed.
    pub fn builder() -> ControlBuilder {
        let bind = IpAddr::V4(Ipv4Addr::LOCALHOST);
        ControlBuilder { bind, port: 0, token: None, unguarded: false, hosts: Vec::new() }
    }

    /// Returns the URL of the page; everything else is below it.
    pub fn url(&self) -> &str {
        &self.url
    }
}

impl ControlBuilder {
    /// Listens beyond loopback without a token: whoever reaches the port controls the emulator.
    pub fn unguarded(mut self) -> ControlBuilder {
        self.unguarded = true;
        self
    }
}

impl Drop for Control {
    fn drop(&mut self) {
        self.stop = None;
        if let Some(thread) = self.thread.take() {
            // A panic of the thread was already reported on stderr.
            let _ = thread.join();
        }
    }
}

/// State shared by the connections.
struct Shared {
    root: Arc<Emulator>,
    instances: Mutex<BTreeMap<String, Arc<Emulator>>>,
    settings: ControlBuilder,
}

impl Shared {
    fn instances(&self) -> std::sync::MutexGuard<'_, BTreeMap<String, Arc<Emulator>>> {
        self.instances.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn run(
    address: SocketAddr,
    shared: Arc<Shared>,
    started: &std::sync::mpsc::SyncSender<std::io::Result<u16>>,
    mut stopped: oneshot::Receiver<()>,
) -> Option<()> {
    let listener = match listen(address) {
        Ok(listener) => listener,
        Err(error) => return started.send(Err(error)).ok(),
    };
    started.send(listener.local_addr().map(|address| address.port())).ok()?;
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            _ = &mut stopped => return Some(()),
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => {
                    connections.spawn(serve(stream, shared.clone()));
                }
                Err(_) => tokio::time::sleep(RETRY).await,
            },
        }
        while connections.try_join_next().is_some() {}
    }
}

/// The largest body that is read, large enough for a seed.
const BODY_LIMIT: usize = 64 << 20;

async fn serve(stream: TcpStream, shared: Arc<Shared>) {
    let _ = stream.set_nodelay(true);
    let mut reader = Reader::new(stream);
    while let Ok(Some(head)) = reader.head().await {
        let close = head.wants_close();
        let length = head.header("content-length").and_then(|text| text.parse::<usize>().ok()).unwrap_or(0);
        let refused = guard::check(&shared.settings, &head).and_then(|()| {
            if length > BODY_LIMIT { Err(Response::text(413, "the body is too large")) } else { Ok(()) }
        });
        let response = match refused {
            // The body of a refused request is not read, so the connection cannot be reused.
            Err(refusal) => {
                let _ = crate::faults::deliver(&mut reader.stream, None, refusal, true).await;
                return;
            }
            Ok(()) => match reader.body(&head, Received::whole()).await {
                Ok(received) if received.complete => api::handle(&shared, &head, &received.bytes).await,
                _ => return,
            },
        };
        let sent = crate::faults::deliver(&mut reader.stream, None, response, close).await;
        if close || sent.is_err() {
            return;
        }
    }
}
