mod current;
mod events;

use std::hash::{BuildHasher, Hasher, RandomState};
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use hat_event_chatter::Address;
use hat_event_common::EventId;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::Instant;

use crate::client::{Client, ClientOptions, ConnectError, Events};
use current::Current;
pub use events::ReconnectingEvents;

/// When a client connects again, and from where on it wants events.
#[derive(Clone, Debug)]
pub struct ReconnectOptions {
    /// How long it waits after the first attempt that failed; twice as long after each further one. 0.5 s.
    pub min_delay: Duration,
    /// How long it waits at most, and when it was refused. 30 s.
    pub max_delay: Duration,
    /// The last event that is known, of the server that the client wants events of: those after it are asked for.
    pub last_event_id: Option<EventId>,
    /// So many bytes of notifications are kept while what was missed is asked for. 16 MiB.
    pub max_waiting: usize,
}

impl Default for ReconnectOptions {
    fn default() -> Self {
        Self {
            min_delay: Duration::from_millis(500),
            max_delay: Duration::from_secs(30),
            last_event_id: None,
            max_waiting: 16 << 20,
        }
    }
}

/// Where a [`ReconnectingClient`] stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ReconnectState {
    /// It tries to connect.
    Connecting,
    /// It is connected.
    Connected,
    /// It could not connect, for this reason, and waits before it tries again.
    Failed(String),
}

/// A client that connects again whenever its connection ends. Clones are of one client.
///
/// It goes on until all clones and its [`ReconnectingEvents`] are dropped, or it is [closed](Self::close).
#[derive(Clone, Debug)]
pub struct ReconnectingClient {
    handle: Arc<Handle>,
}

#[derive(Debug)]
struct Handle {
    current: watch::Receiver<Option<Client>>,
    state: watch::Receiver<ReconnectState>,
    task: JoinHandle<()>,
}

impl Drop for Handle {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// The newest connection, until its events are taken.
type Slot = Arc<Mutex<Option<Current>>>;

/// Makes a connection.
type Connect =
    Box<dyn Fn() -> Pin<Box<dyn Future<Output = Result<(Client, Events), ConnectError>> + Send>> + Send + Sync>;

impl ReconnectingClient {
    /// Begins to connect to a server.
    pub fn new(address: Address, options: ClientOptions, reconnect: ReconnectOptions) -> (Self, ReconnectingEvents) {
        let own = options.clone();
        Self::with(own, reconnect, move || {
            let (address, options) = (address.clone(), options.clone());
            async move { Client::connect(&address, options).await }
        })
    }

    /// Begins to connect in a way of one's own. The `options` have to be those with which `connect` introduces the client.
    pub fn with<F, Fut>(options: ClientOptions, reconnect: ReconnectOptions, connect: F) -> (Self, ReconnectingEvents)
    where
        F: Fn() -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<(Client, Events), ConnectError>> + Send + 'static,
    {
        let connect: Connect = Box::new(move || Box::pin(connect()));
        let connected = watch::Sender::new(Slot::default());
        let connections = connected.subscribe();
        let current = watch::Sender::new(None);
        let state = watch::Sender::new(ReconnectState::Connecting);
        let (watched, watched_state) = (current.subscribe(), state.subscribe());
        let task = tokio::spawn(run(connect, reconnect.clone(), connected, current, state));
        let handle = Arc::new(Handle { current: watched, state: watched_state, task });
        let events = ReconnectingEvents::new(&options, &reconnect, connections, Arc::clone(&handle));
        (Self { handle }, events)
    }

    /// The client of the present connection, if there is one. Its requests end with the connection.
    pub fn client(&self) -> Option<Client> {
        self.handle.current.borrow().clone().filter(Client::is_open)
    }

    /// Waits until there is a connection; `None` if the client was closed.
    pub async fn connected(&self) -> Option<Client> {
        let mut current = self.handle.current.clone();
        current
            .wait_for(|client| client.as_ref().is_some_and(Client::is_open))
            .await
            .ok()
            .and_then(|client| client.clone())
    }

    /// Where the client stands, and its changes.
    pub fn watch_state(&self) -> watch::Receiver<ReconnectState> {
        self.handle.state.clone()
    }

    /// Closes the connection, and connects no more.
    pub fn close(&self) {
        self.handle.task.abort();
        if let Some(client) = self.client() {
            client.close();
        }
    }
}

/// Connects again and again.
async fn run(
    connect: Connect,
    options: ReconnectOptions,
    connected: watch::Sender<Slot>,
    current: watch::Sender<Option<Client>>,
    state: watch::Sender<ReconnectState>,
) {
    let mut delay = options.min_delay;
    loop {
        state.send_replace(ReconnectState::Connecting);
        match connect().await {
            Ok((client, events)) => {
                current.send_replace(Some(client.clone()));
                state.send_replace(ReconnectState::Connected);
                // Takes the place of one that nobody took before it ended.
                connected.send_replace(Arc::new(Some(Current::new(client.clone(), events)).into()));
                let begin = Instant::now();
                let reason = client.closed().await;
                if begin.elapsed() > delay {
                    delay = options.min_delay;
                }
                current.send_replace(None);
                state.send_replace(ReconnectState::Failed(reason.to_string()));
            }
            Err(error) => {
                if matches!(error, ConnectError::Refused(_)) {
                    delay = options.max_delay;
                }
                state.send_replace(ReconnectState::Failed(error.to_string()));
            }
        }
        tokio::time::sleep(jittered(delay)).await;
        delay = (delay * 2).min(options.max_delay);
    }
}

/// Between half of it and all, so that not all clients of a server come back at once.
fn jittered(delay: Duration) -> Duration {
    let random = RandomState::new().build_hasher().finish() as f64 / u64::MAX as f64;
    delay.mul_f64(0.5 + random / 2.0)
}
