use std::sync::Arc;

use async_trait::async_trait;
use hat_event_common::{BoxError, Event, QueryParams, QueryResult, RegisterEvent, ServerId, Subscription};

use hat_event_chatter::Peer;

/// What a server does with what its clients want.
///
/// # Contract
///
/// Requests of one client are passed on in the order in which they came, and those of different clients at the same time.
/// Registrations that follow one another may be under way at a time, up to
/// [`ServerConfig::max_registering`](super::ServerConfig::max_registering); they have to take effect in the order in which their
/// futures are first polled, as those of a backend do. A query begins when what came before it is answered, and nothing begins before
/// it has ended. The client gets its answers in the order of its requests.
///
/// [`Self::disconnected`] is called once for each connection that [`Self::connected`] let in, after all of its requests. A
/// method that was called comes to its end, also if its client is gone meanwhile. If it panics, its client is disconnected, and
/// what else that client has asked for is handled all the same.
///
/// While methods run, the client is still heard: its acknowledgements arrive, and pings are answered, as long as no more
/// requests wait than [`ServerConfig::max_waiting`](super::ServerConfig::max_waiting) allows.
#[async_trait]
pub trait Handler: Send + Sync + 'static {
    /// A client introduced itself, and is let in unless this fails.
    ///
    /// # Errors
    ///
    /// Why it is refused; it gets the text.
    async fn connected(&self, _client: &Arc<ConnectionInfo>) -> Result<(), BoxError> {
        Ok(())
    }

    /// The connection of a client ended.
    async fn disconnected(&self, _client: &Arc<ConnectionInfo>) {}

    /// A client registers events. Returns them as they were registered, or `None` if they were not: a failure.
    async fn register(&self, client: &Arc<ConnectionInfo>, events: Vec<RegisterEvent>) -> Option<Arc<[Event]>>;

    /// A client asks for events.
    ///
    /// # Errors
    ///
    /// Why there is no answer. The protocol has no message for that, so the client's connection is closed, as the
    /// reference does.
    async fn query(&self, client: &Arc<ConnectionInfo>, params: QueryParams) -> Result<QueryResult, BoxError>;
}

/// Number of a connection, counted by its server from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ConnectionId(pub u64);

/// What is known about a client that is connected.
#[derive(Clone, Debug)]
pub struct ConnectionInfo {
    /// Number of the connection.
    pub id: ConnectionId,
    /// Where it comes from.
    pub peer: Peer,
    /// The name that the client gave itself.
    pub client_name: String,
    /// What it says to prove that it may connect.
    pub client_token: Option<String>,
    /// The events that it wants to be notified of.
    pub subscription: Subscription,
    /// If there is one, only events that this server registered.
    pub server_id: Option<ServerId>,
    /// Whether it wants events once they are persisted, instead of when they are registered.
    pub persisted: bool,
}
