//! A server whose clients are connected in memory, in virtual time.

use std::sync::Arc;

use async_trait::async_trait;
use hat_event_chatter::{Address, Config, Peer, Receiver};
use hat_event_common::{BoxError, Event, EventId, QueryParams, QueryResult, RegisterEvent, Timestamp};
use hat_event_eventer::{Client, ClientOptions, ConnectionInfo, Handler, Server, ServerConfig};
use tokio::io::{DuplexStream, duplex};
use tokio::task::JoinHandle;

/// Registers everything, and finds nothing.
struct Forgetful;

#[async_trait]
impl Handler for Forgetful {
    async fn register(&self, _: &Arc<ConnectionInfo>, events: Vec<RegisterEvent>) -> Option<Arc<[Event]>> {
        let id = EventId::new(1, 1, 1).ok()?;
        Some(events.into_iter().map(|event| event.register(id, Timestamp::MIN)).collect())
    }

    async fn query(&self, _: &Arc<ConnectionInfo>, _: QueryParams) -> Result<QueryResult, BoxError> {
        Ok(QueryResult::default())
    }
}

/// Runs a future in one thread, and time as fast as nothing else happens.
pub fn run(future: impl Future<Output = ()>) {
    let mut runtime = tokio::runtime::Builder::new_current_thread();
    runtime.enable_time().start_paused(true).build().expect("a runtime").block_on(future);
}

/// A server that nobody is connected to.
pub fn server() -> Server {
    Server::new(Arc::new(Forgetful), ServerConfig::default())
}

/// The client's end of a connection, and what serves it.
pub fn open(server: &Server) -> (DuplexStream, JoinHandle<()>) {
    let (ours, theirs) = duplex(1 << 20);
    let server = server.clone();
    let receiver = Receiver::over(theirs, peer(), Config::default());
    (ours, tokio::spawn(async move { server.serve(receiver).await }))
}

/// Checks that another client is served.
pub async fn check_bystander(server: &Server) {
    let (stream, _served) = open(server);
    let receiver = Receiver::over(stream, peer(), Config::default());
    let (client, _events) = Client::introduce(receiver, ClientOptions::new("bystander")).await.expect("it is let in");
    let event = RegisterEvent { event_type: ["a"].into(), source_timestamp: None, payload: None };
    assert_eq!(client.register_with_response(&[event]).await.map(|events| events.len()), Ok(1));
}

fn peer() -> Peer {
    Peer { local: Address::tcp("memory", 1), remote: Address::tcp("memory", 2) }
}
