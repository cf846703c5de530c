use std::time::Duration;

use hat_event_chatter::Config;
use hat_event_common::{EventType, ServerId};

/// Who a client is, what it wants to be told, and what it allows.
#[derive(Clone, Debug)]
pub struct ClientOptions {
    /// The name that the client gives itself.
    pub client_name: String,
    /// What proves to the server that it may connect.
    pub client_token: Option<String>,
    /// Query types of the events that it wants to be notified of; none: of no events.
    pub subscriptions: Vec<EventType>,
    /// Only events that this server registered.
    pub server_id: Option<ServerId>,
    /// Events once they are persisted, instead of when they are registered.
    pub persisted: bool,
    /// How long an answer may take. 30 s.
    pub request_timeout: Duration,
    /// With so many bytes of notifications waiting to be taken, nothing more is read from the server. 16 MiB.
    pub max_waiting: usize,
    /// With so many bytes waiting to be sent, requests wait too. 1 MiB.
    pub max_unsent: usize,
    /// Limits of the connection, and its pings.
    pub connection: Config,
}

impl ClientOptions {
    /// A client without token and subscriptions.
    pub fn new(client_name: impl Into<String>) -> Self {
        Self {
            client_name: client_name.into(),
            client_token: None,
            subscriptions: Vec::new(),
            server_id: None,
            persisted: false,
            request_timeout: Duration::from_secs(30),
            max_waiting: 16 << 20,
            max_unsent: 1 << 20,
            connection: Config::default(),
        }
    }

    /// The same with query types to be notified of.
    pub fn subscribe(mut self, query_types: impl IntoIterator<Item = EventType>) -> Self {
        self.subscriptions.extend(query_types);
        self
    }
}
