use std::fmt;
use std::io;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use hat_event_chatter::{Address, ListenConfig, Listener, TlsError};
use hat_event_common::{
    Backend, BoxError, EventsCb, Hold, Lifecycle, PluginError, Resource, Status, Timestamp, import_backend_info,
};
use hat_event_eventer::{Server, ServerConfig};
use tokio::sync::Mutex;
use tokio::time::timeout;

use crate::adminer;
use crate::builder::Builder;
use crate::conf::{ConfErrors, ListenConf, ServerConf};
use crate::engine::{ServerEngine, Sessions};
use crate::eventer::EventerHandler;
use crate::runner::EngineRunner;

/// How long clients may take what is sent to them before the end: with writing what is left, a server is to end within two
/// seconds.
const CLIENTS_TIMEOUT: Duration = Duration::from_millis(300);

/// An event server that runs: `hat.event.server`, as the program `hat-event serve` runs it.
///
/// It is made by [`Self::builder`]. It closes when it is [asked to](Resource::close), or by itself when its backend or a module
/// cannot go on; [`Self::failure`] tells why. Closing ends what runs in order: the engine, which registers that it stopped; the
/// backend writes what it has; then clients are disconnected.
pub struct EventServer {
    lifecycle: Lifecycle,
    addresses: Vec<Address>,
    adminer_addresses: Vec<Address>,
    handler: Arc<EventerHandler>,
    server: Server,
    backend: Arc<dyn Backend>,
    failure: Arc<OnceLock<Arc<str>>>,
}

/// Why a server could not be started.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StartError {
    /// The configuration is wrong.
    #[error(transparent)]
    Conf(#[from] ConfErrors),
    /// The backend cannot be made.
    #[error("backend: {0}")]
    Backend(PluginError),
    /// The backend does not tell where it ended.
    #[error("backend: {0}")]
    Sessions(BoxError),
    /// The files of TLS cannot be used.
    #[error(transparent)]
    Tls(#[from] TlsError),
    /// An address cannot be listened on.
    #[error(transparent)]
    Listen(io::Error),
}

impl EventServer {
    /// Begins to put a server together.
    pub fn builder() -> Builder {
        Builder::default()
    }

    /// Starts the parts of a server.
    pub(crate) async fn start(conf: ServerConf, builder: Builder) -> Result<Self, StartError> {
        let conf = Arc::new(conf);
        let listen = ListenConfig {
            connection: builder.connection.clone(),
            max_connections: conf.limits.connections,
            ..listen_config(&conf.eventer_server)?
        };
        let name = conf.backend.get("module").and_then(|name| name.as_str()).unwrap_or_default();
        let info =
            import_backend_info(&builder.plugins.backends, name).map_err(|error| StartError::Backend(error.into()))?;
        // The server is made of the backend, which tells it of events.
        let notified: Arc<OnceLock<Server>> = Arc::default();
        let callbacks = [false, true].map(|persisted| notify(Arc::clone(&notified), persisted));
        let [registered, flushed] = callbacks;
        let backend = info.create(conf.backend.clone(), Some(registered), Some(flushed)).await;
        let backend = backend.map_err(StartError::Backend)?;
        let started = Self::start_with(&backend, conf, builder, listen, &notified).await;
        if started.is_err() {
            backend.async_close().await;
        }
        started
    }

    async fn start_with(
        backend: &Arc<dyn Backend>,
        conf: Arc<ServerConf>,
        builder: Builder,
        listen: ListenConfig,
        notified: &OnceLock<Server>,
    ) -> Result<Self, StartError> {
        let sessions = Sessions::new(Arc::clone(backend), conf.server_id, Arc::new(Timestamp::now)).await;
        let sessions = sessions.map_err(|error| StartError::Sessions(error.into()))?;
        let handler = EventerHandler::new(Arc::clone(backend), conf.server_id, conf.server_token.clone());
        let handler = Arc::new(handler);
        let config = ServerConfig { status: Status::Standby, ..ServerConfig::default() };
        let server = Server::new(Arc::clone(&handler) as _, config);
        // It is said once, before anything is registered.
        let _ = notified.set(server.clone());
        let mut addresses = vec![Address::tcp(&*conf.eventer_server.host, conf.eventer_server.port)];
        addresses.extend(builder.addresses);
        let adminer = match &conf.adminer_server {
            Some(adminer) => {
                let (address, listen) = (Address::tcp(&*adminer.host, adminer.port), listen_config(adminer)?);
                Some(adminer::serve(&address, listen, builder.logging).await.map_err(StartError::Listen)?)
            }
            None => None,
        };
        let listener = server.listen(&addresses, listen).await.map_err(StartError::Listen)?;

        let lifecycle = Lifecycle::new();
        let started = Self {
            lifecycle: lifecycle.clone(),
            addresses: listener.addresses().to_vec(),
            adminer_addresses: adminer.iter().flat_map(|adminer| adminer.addresses().to_vec()).collect(),
            handler: Arc::clone(&handler),
            server: server.clone(),
            backend: Arc::clone(backend),
            failure: Arc::default(),
        };
        let runner = EngineRunner {
            conf,
            plugins: builder.plugins,
            backend: Arc::clone(backend),
            handler,
            server,
            sessions: Arc::new(Mutex::new(sessions)),
            lifecycle: lifecycle.clone(),
        };
        if let Some(hold) = lifecycle.hold() {
            tokio::spawn(run(hold, runner, listener, adminer, Arc::clone(&started.failure)));
        }
        Ok(started)
    }

    /// Where clients connect, with the ports that were chosen where 0 was asked for.
    pub fn addresses(&self) -> &[Address] {
        &self.addresses
    }

    /// Where adminer clients connect, if that is configured.
    pub fn adminer_addresses(&self) -> &[Address] {
        &self.adminer_addresses
    }

    /// The engine, while it is operational: to register and query in this process.
    pub fn engine(&self) -> Option<ServerEngine> {
        self.handler.engine()
    }

    /// The backend.
    pub fn backend(&self) -> &Arc<dyn Backend> {
        &self.backend
    }

    /// What clients are told.
    pub fn status(&self) -> Status {
        self.server.status()
    }

    /// The engine, once it is operational; `None` if the server closes before.
    pub async fn wait_operational(&self) -> Option<ServerEngine> {
        tokio::select! {
            engine = self.handler.wait_engine() => engine,
            () = self.lifecycle.wait_closing() => None,
        }
    }

    /// Why it closed by itself, if it did.
    pub fn failure(&self) -> Option<Arc<str>> {
        self.failure.get().cloned()
    }
}

/// Runs a server until it closes, and ends its parts in order.
async fn run(
    hold: Hold,
    runner: EngineRunner,
    listener: Listener,
    adminer: Option<Listener>,
    failure: Arc<OnceLock<Arc<str>>>,
) {
    let backend = Arc::clone(&runner.backend);
    if let Err(error) = runner.run().await {
        tracing::error!("the server closes: {error}");
        let _ = failure.set(error.to_string().into());
    }
    runner.lifecycle.close();
    // Whoever started the server is to know that events may be lost.
    if let Err(error) = backend.flush().await {
        let _ = failure.set(format!("events cannot be persisted: {error}").into());
    }
    let closing = async {
        if let Some(adminer) = adminer {
            adminer.async_close().await;
        }
        listener.async_close().await;
    };
    if timeout(CLIENTS_TIMEOUT, closing).await.is_err() {
        tracing::warn!("some clients do not take what is sent to them; they are not waited for");
    }
    backend.async_close().await;
    drop(hold);
}

/// Tells clients of what a backend registered, or persisted.
fn notify(server: Arc<OnceLock<Server>>, persisted: bool) -> EventsCb {
    EventsCb::new(move |events| {
        if let Some(server) = server.get() {
            server.notify_events(&events, persisted);
        }
        std::future::ready(())
    })
}

fn listen_config(conf: &ListenConf) -> Result<ListenConfig, TlsError> {
    let tls = conf.tls.as_ref().map(|tls| tls.load()).transpose()?;
    Ok(ListenConfig { tls, ..ListenConfig::default() })
}

impl Resource for EventServer {
    fn lifecycle(&self) -> &Lifecycle {
        &self.lifecycle
    }
}

impl fmt::Debug for EventServer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EventServer").field("addresses", &self.addresses).finish_non_exhaustive()
    }
}
