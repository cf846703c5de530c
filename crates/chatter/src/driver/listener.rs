use std::collections::HashMap;
use std::io;
use std::pin::Pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::{Semaphore, watch};
use tokio::task::JoinSet;

use super::address::Address;
use super::receiver::Receiver;
use super::sender::Sender;
use super::socket::Socket;
use super::stream::{Peer, Stream};
#[cfg(feature = "tls")]
use super::tls::{ServerTls, handshake_reason};
use crate::{Config, Connection};

/// How long nobody is accepted after that failed, for example as there are too many open files.
const PAUSE: Duration = Duration::from_millis(100);

/// What a server allows.
#[derive(Clone, Debug)]
pub struct ListenConfig {
    /// Of each connection.
    pub connection: Config,
    /// How many connections there may be at a time; more are closed at once. 4,096.
    pub max_connections: usize,
    /// TLS, which clients have to use then. `None`.
    #[cfg(feature = "tls")]
    pub tls: Option<ServerTls>,
}

impl Default for ListenConfig {
    fn default() -> Self {
        Self {
            connection: Config::default(),
            max_connections: 4096,
            #[cfg(feature = "tls")]
            tls: None,
        }
    }
}

/// What takes new connections: a function that owns one until it ends.
type OnConnection = Arc<dyn Fn(Receiver) -> Pin<Box<dyn Future<Output = ()> + Send>> + Send + Sync>;

/// Listens on addresses, until it is closed or dropped.
#[derive(Debug)]
pub struct Listener {
    addresses: Vec<Address>,
    closing: watch::Sender<bool>,
    /// One for each socket; they end when all of its connections have.
    tasks: tokio::sync::Mutex<JoinSet<()>>,
}

/// Listens on all of the addresses, and runs `on_connection` in a task of its own for each connection.
///
/// A TCP host that has several numbers is listened on at all of them, as `asyncio` does.
///
/// # Errors
///
/// If one of the addresses cannot be listened on.
pub async fn listen<F, Fut>(addresses: &[Address], config: ListenConfig, on_connection: F) -> io::Result<Listener>
where
    F: Fn(Receiver) -> Fut + Send + Sync + 'static,
    Fut: Future<Output = ()> + Send + 'static,
{
    let mut sockets = Vec::new();
    for address in addresses {
        sockets.extend(Socket::bind(address).await?);
    }
    let on_connection: OnConnection = Arc::new(move |receiver| Box::pin(on_connection(receiver)));
    let server = Arc::new(Server {
        places: Arc::new(Semaphore::new(config.max_connections.min(Semaphore::MAX_PERMITS))),
        config,
        on_connection,
        senders: Mutex::default(),
        next_id: AtomicU64::new(0),
    });
    let closing = watch::Sender::new(false);
    let addresses = sockets.iter().map(Socket::address).collect::<io::Result<Vec<_>>>()?;
    let mut tasks = JoinSet::new();
    for socket in sockets {
        tasks.spawn(accept(socket, Arc::clone(&server), closing.subscribe()));
    }
    Ok(Listener { addresses, closing, tasks: tasks.into() })
}

impl Listener {
    /// Where it listens, with the ports that were chosen where 0 was asked for.
    pub fn addresses(&self) -> &[Address] {
        &self.addresses
    }

    /// Requests that nobody is accepted any more and all connections are closed, each after what waits was sent.
    pub fn close(&self) {
        self.closing.send_replace(true);
    }

    /// Closes, and waits until the last connection has ended.
    pub async fn async_close(&self) {
        self.close();
        let mut tasks = self.tasks.lock().await;
        while tasks.join_next().await.is_some() {}
    }
}

/// What all sockets of a listener share.
struct Server {
    config: ListenConfig,
    on_connection: OnConnection,
    /// How many more connections there may be.
    places: Arc<Semaphore>,
    /// Of all connections that there are.
    senders: Mutex<HashMap<u64, Sender>>,
    next_id: AtomicU64,
}

/// Accepts connections of a socket until closing is requested, then waits for their ends.
async fn accept(mut socket: Socket, server: Arc<Server>, mut closing: watch::Receiver<bool>) {
    let mut connections = JoinSet::new();
    loop {
        let accepted = tokio::select! {
            biased;
            // An error says that the listener was dropped.
            _ = closing.wait_for(|closing| *closing) => break,
            accepted = socket.accept() => accepted,
            // Those that ended are taken away.
            Some(_) = connections.join_next() => continue,
        };
        match accepted {
            Ok((stream, peer)) => {
                let Ok(place) = Arc::clone(&server.places).try_acquire_owned() else {
                    tracing::warn!(remote = %peer.remote, "refused: there are {} connections", server.config.max_connections);
                    continue;
                };
                let serving = Arc::clone(&server).serve(stream, peer, closing.clone());
                connections.spawn(async move {
                    serving.await;
                    drop(place);
                });
            }
            Err(error) => {
                tracing::warn!(%error, "accepting a connection failed");
                tokio::time::sleep(PAUSE).await;
            }
        }
    }
    drop(socket);
    for sender in server.senders.lock().unwrap_or_else(PoisonError::into_inner).values() {
        sender.close();
    }
    while connections.join_next().await.is_some() {}
}

impl Server {
    async fn serve(self: Arc<Self>, stream: Box<dyn Stream>, peer: Peer, closing: watch::Receiver<bool>) {
        let start = tokio::time::Instant::now();
        let Some(stream) = self.open(stream, &peer, start, closing.clone()).await else { return };
        let mut connection = Connection::new(self.config.connection.clone(), start.into_std());
        connection.handle_presence(tokio::time::Instant::now().into_std());
        let receiver = Receiver::new(stream, peer, connection);
        let id = self.next_id.fetch_add(1, Ordering::Relaxed);
        let senders = || self.senders.lock().unwrap_or_else(PoisonError::into_inner);
        senders().insert(id, receiver.sender().clone());
        // Those that are there by then are closed by who accepts.
        if *closing.borrow() || closing.has_changed().is_err() {
            receiver.sender().close();
        }
        (self.on_connection)(receiver).await;
        senders().remove(&id);
    }

    /// Opens TLS on a connection if it is wanted; `None` if the connection ends with that.
    #[cfg(feature = "tls")]
    async fn open(
        &self,
        stream: Box<dyn Stream>,
        peer: &Peer,
        start: tokio::time::Instant,
        mut closing: watch::Receiver<bool>,
    ) -> Option<Box<dyn Stream>> {
        let Some(tls) = &self.config.tls else { return Some(stream) };
        let config = &self.config.connection;
        let in_time = async {
            let handshake = tls.handshake(stream, config.close_timeout);
            match config.handshake_timeout {
                Some(timeout) => tokio::time::timeout_at(start + timeout, handshake)
                    .await
                    .unwrap_or_else(|_| Err(io::Error::other(format!("not done within {timeout:?}")))),
                None => handshake.await,
            }
        };
        let opened = tokio::select! {
            biased;
            _ = closing.wait_for(|closing| *closing) => return None,
            opened = in_time => opened,
        };
        opened
            .inspect_err(
                |error| tracing::warn!(remote = %peer.remote, reason = handshake_reason(error), "no TLS with a client"),
            )
            .ok()
    }

    #[cfg(not(feature = "tls"))]
    async fn open(
        &self,
        stream: Box<dyn Stream>,
        _: &Peer,
        _: tokio::time::Instant,
        _: watch::Receiver<bool>,
    ) -> Option<Box<dyn Stream>> {
        Some(stream)
    }
}

impl std::fmt::Debug for Server {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Server").field("config", &self.config).finish_non_exhaustive()
    }
}
