mod call;
mod connection;
mod handler;
mod notification;
mod registry;
mod session;

use std::io;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use hat_event_chatter::{Address, ListenConfig, Listener, Receiver, listen};
use hat_event_common::{Event, Status};

pub use handler::{ConnectionId, ConnectionInfo, Handler};
use registry::Registry;

/// What a server allows its clients, beside what [`ListenConfig`] does.
#[derive(Clone, Debug)]
pub struct ServerConfig {
    /// The status that clients are told first. [`Status::Standby`].
    pub status: Status,
    /// So many bytes of requests may wait behind the oldest that is not answered before the client is not read any more; a
    /// request counts with what the server needs to keep it. 1 MiB.
    pub max_waiting: usize,
    /// So many registrations of a client may be under way at a time; at least one is. 64.
    pub max_registering: usize,
    /// With so many bytes waiting to be sent to a client, its next request does not begin yet. 256 KiB.
    pub max_unsent: usize,
    /// How long a client may take to acknowledge events before it is cut off. 60 s.
    pub ack_timeout: Duration,
}

impl Default for ServerConfig {
    fn default() -> Self {
        Self {
            status: Status::Standby,
            max_waiting: 1 << 20,
            max_registering: 64,
            max_unsent: 256 << 10,
            ack_timeout: Duration::from_secs(60),
        }
    }
}

/// Serves clients of the event protocol. Clones are of one server.
///
/// It answers requests as its [`Handler`] does, and [notifies](Self::notify_events) clients of events. No client costs the others
/// anything: each has its own queue, and one that does not read is cut off by the limits of its connection
/// ([`Config`](hat_event_chatter::Config)).
#[derive(Clone, Debug)]
pub struct Server {
    shared: Arc<Shared>,
}

struct Shared {
    handler: Arc<dyn Handler>,
    config: ServerConfig,
    clients: Mutex<Registry>,
    last_id: AtomicU64,
    cut_off: AtomicU64,
}

impl Server {
    /// A server that nobody is connected to.
    pub fn new(handler: Arc<dyn Handler>, config: ServerConfig) -> Self {
        let clients = Registry::new(config.status).into();
        Self {
            shared: Arc::new(Shared {
                handler,
                config,
                clients,
                last_id: AtomicU64::new(0),
                cut_off: AtomicU64::new(0),
            }),
        }
    }

    /// Listens on all of the addresses; closing what this returns disconnects the clients that came this way.
    ///
    /// # Errors
    ///
    /// If one of the addresses cannot be listened on.
    pub async fn listen(&self, addresses: &[Address], config: ListenConfig) -> io::Result<Listener> {
        let server = self.clone();
        listen(addresses, config, move |receiver| {
            let server = server.clone();
            async move { server.serve(receiver).await }
        })
        .await
    }

    /// Serves one connection until it ends.
    pub async fn serve(&self, receiver: Receiver) {
        connection::serve(&self.shared, receiver).await;
    }

    /// The clients that are connected, in the order in which they came.
    pub fn connection_infos(&self) -> Vec<Arc<ConnectionInfo>> {
        self.shared.clients().infos()
    }

    /// How many clients were cut off because they did not read.
    pub fn cut_off(&self) -> u64 {
        self.shared.cut_off.load(Ordering::Relaxed)
    }

    /// The status that clients are told.
    pub fn status(&self) -> Status {
        self.shared.clients().status()
    }

    /// Changes the status, and tells all clients if it is another.
    pub fn set_status(&self, status: Status) {
        self.shared.clients().set_status(status);
    }

    /// Notifies clients of events: those who wait for events that are persisted, or those who wait for others.
    ///
    /// Each client gets those that it subscribed to, in one message, in the order of calls. Sending does not wait for
    /// anybody: a message is put into each client's queue.
    pub fn notify_events(&self, events: &[Event], persisted: bool) {
        self.shared.clients().notify(events, persisted, false);
    }

    /// Notifies clients as [`Self::notify_events`] does, and waits until all have acknowledged the events or are gone.
    ///
    /// A client that takes longer than [`ServerConfig::ack_timeout`] is cut off.
    pub async fn notify_events_with_ack(&self, events: &[Event], persisted: bool) {
        let acks = self.shared.clients().notify(events, persisted, true);
        notification::wait(acks, self.shared.config.ack_timeout).await;
    }
}

impl Shared {
    fn clients(&self) -> MutexGuard<'_, Registry> {
        // Nothing panics while it is changed.
        self.clients.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn next_id(&self) -> ConnectionId {
        ConnectionId(self.last_id.fetch_add(1, Ordering::Relaxed) + 1)
    }
}

impl std::fmt::Debug for Shared {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Shared").field("config", &self.config).finish_non_exhaustive()
    }
}
