//! A server whose clients are connected in memory.

#![allow(dead_code, reason = "each test uses a part")]

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use hat_event_chatter::{Address, Config, Outgoing, Peer, Received, Receiver};
use hat_event_common::{
    BoxError, Event, EventId, EventPayload, EventType, MsgInitReq, QueryParams, QueryResult, RegisterEvent, Sbs,
    Timestamp,
};
use hat_event_eventer::{Client, ClientOptions, ConnectError, ConnectionInfo, Events, Handler, Server, ServerConfig};
use tokio::io::DuplexStream;
use tokio::sync::Semaphore;

/// Does what tests need: counts sessions, writes down what happens, and refuses, fails or waits by name and type.
#[derive(Debug)]
pub(crate) struct Scripted {
    /// What happened, in order.
    pub(crate) log: Mutex<Vec<String>>,
    /// All registered events.
    pub(crate) events: Mutex<Vec<Event>>,
    /// Registrations of the type `slow` wait for a permit when they have taken effect, and queries of server 667 before they look.
    pub(crate) slow: Semaphore,
    /// How much had happened when such registrations ended.
    pub(crate) slow_ended: Mutex<Vec<usize>>,
}

impl Default for Scripted {
    fn default() -> Self {
        Self { log: Mutex::default(), events: Mutex::default(), slow: Semaphore::new(0), slow_ended: Mutex::default() }
    }
}

impl Scripted {
    pub(crate) fn log(&self, text: impl Into<String>) {
        self.log.lock().unwrap().push(text.into());
    }

    pub(crate) fn logged(&self) -> Vec<String> {
        self.log.lock().unwrap().clone()
    }
}

#[async_trait]
impl Handler for Scripted {
    async fn connected(&self, client: &Arc<ConnectionInfo>) -> Result<(), BoxError> {
        self.log(format!("connected {}", client.client_name));
        if client.client_token.as_deref() == Some("wrong") { Err("invalid client token".into()) } else { Ok(()) }
    }

    async fn disconnected(&self, client: &Arc<ConnectionInfo>) {
        self.log(format!("disconnected {}", client.client_name));
    }

    async fn register(&self, client: &Arc<ConnectionInfo>, events: Vec<RegisterEvent>) -> Option<Arc<[Event]>> {
        let first = events.first().map(|event| event.event_type.to_string()).unwrap_or_default();
        self.log(format!("{} registers {first}", client.client_name));
        match &*first {
            "failure" => return None,
            "panic" => panic!("as it was asked for"),
            _ => {}
        }
        let events: Arc<[Event]> = {
            let mut all = self.events.lock().unwrap();
            let session = all.last().map_or(0, |event| event.id.session.get()) + 1;
            let ids = (1..).map(|instance| EventId::new(1, session, instance).unwrap());
            let events = events.into_iter().zip(ids).map(|(event, id)| event.register(id, Timestamp::MIN));
            let events: Arc<[Event]> = events.collect();
            all.extend(events.iter().cloned());
            events
        };
        if first == "slow" {
            self.slow.acquire().await.unwrap().forget();
            self.slow_ended.lock().unwrap().push(self.log.lock().unwrap().len());
        }
        Some(events)
    }

    /// Pages of all events; a server query of server 666 fails.
    async fn query(&self, client: &Arc<ConnectionInfo>, params: QueryParams) -> Result<QueryResult, BoxError> {
        self.log(format!("{} queries", client.client_name));
        let QueryParams::Server(params) = params else { return Ok(QueryResult { events: vec![], more_follows: true }) };
        match params.server_id.get() {
            666 => return Err("no such server".into()),
            667 => self.slow.acquire().await.unwrap().forget(),
            _ => {}
        }
        let max = params.max_results.unwrap_or(u64::MAX) as usize;
        let all = self.events.lock().unwrap();
        let mut events = all.iter().filter(|event| params.last_event_id.is_none_or(|last| last < event.id));
        let page = events.by_ref().take(max).cloned().collect();
        Ok(QueryResult { events: page, more_follows: events.next().is_some() })
    }
}

pub(crate) fn server() -> (Server, Arc<Scripted>) {
    server_with(ServerConfig::default())
}

pub(crate) fn server_with(config: ServerConfig) -> (Server, Arc<Scripted>) {
    let handler = Arc::new(Scripted::default());
    (Server::new(Arc::clone(&handler) as _, config), handler)
}

fn peer() -> Peer {
    Peer { local: Address::tcp("memory", 1), remote: Address::tcp("memory", 2) }
}

/// A connection to a server, of which the client's side is bytes.
pub(crate) fn open(server: &Server, buffer: usize, config: Config) -> DuplexStream {
    let (ours, theirs) = tokio::io::duplex(buffer);
    let server = server.clone();
    let receiver = Receiver::over(theirs, peer(), config);
    tokio::spawn(async move { server.serve(receiver).await });
    ours
}

/// A connection to a server, of which the client's side is messages.
pub(crate) fn open_chatter(server: &Server) -> Receiver {
    let config = Config { handshake_timeout: None, ..Config::default() };
    Receiver::over(open(server, 1 << 16, Config::default()), peer(), config)
}

/// The two sides of a connection; ours has accepted the other.
pub(crate) fn pair() -> (Receiver, Receiver) {
    pair_with(Config { handshake_timeout: None, ..Config::default() })
}

/// The two sides of a connection, ours with this configuration.
pub(crate) fn pair_with(config: Config) -> (Receiver, Receiver) {
    let (ours, theirs) = tokio::io::duplex(1 << 16);
    (Receiver::over(ours, peer(), config), Receiver::over(theirs, peer(), Config::default()))
}

/// A connection, of which one side is bytes.
pub(crate) fn bytes_and_receiver() -> (DuplexStream, Receiver) {
    let (ours, theirs) = tokio::io::duplex(1 << 16);
    (ours, Receiver::over(theirs, peer(), Config::default()))
}

/// Waits for what has to happen, much longer than it takes on a busy machine.
pub(crate) async fn within<T>(future: impl Future<Output = T>) -> T {
    tokio::time::timeout(std::time::Duration::from_secs(30), future).await.expect("nothing within 30 s")
}

pub(crate) async fn connect(server: &Server, options: ClientOptions) -> Result<(Client, Events), ConnectError> {
    let stream = open(server, 1 << 16, Config::default());
    Client::introduce(Receiver::over(stream, peer(), options.connection.clone()), options).await
}

/// A client over the other end of a stream whose server the test plays.
pub(crate) async fn played(
    options: ClientOptions,
) -> (Receiver, tokio::task::JoinHandle<Result<(Client, Events), ConnectError>>) {
    let (ours, theirs) = tokio::io::duplex(1 << 16);
    let receiver = Receiver::over(ours, peer(), options.connection.clone());
    let client = tokio::spawn(Client::introduce(receiver, options));
    let mut server = Receiver::over(theirs, peer(), Config { handshake_timeout: None, ..Config::default() });
    let init = server.receive().await.unwrap();
    assert_eq!(init.data.data_type, "HatEventer.MsgInitReq");
    MsgInitReq::from_sbs_bytes(init.data.data.clone()).unwrap();
    (server, client)
}

/// Sends a message that begins a conversation.
pub(crate) fn send(receiver: &Receiver, data_type: &str, value: &impl Sbs, wants_answer: bool) {
    let data = [value.to_sbs_bytes()];
    receiver.sender().send(&Outgoing::first(data_type, &data, wants_answer)).unwrap();
}

pub(crate) fn answer(receiver: &Receiver, message: &Received, data_type: &str, value: &impl Sbs) {
    let data = [value.to_sbs_bytes()];
    receiver.sender().send(&Outgoing::answer(message.conversation, data_type, &data)).unwrap();
}

pub(crate) fn event_type(text: &str) -> EventType {
    text.parse().unwrap()
}

pub(crate) fn to_register(text: &str) -> RegisterEvent {
    RegisterEvent {
        event_type: event_type(text),
        source_timestamp: None,
        payload: Some(EventPayload::json(text).unwrap()),
    }
}

pub(crate) fn event(text: &str, server: u64, session: u64) -> Event {
    to_register(text).register(EventId::new(server, session, 1).unwrap(), Timestamp::MIN)
}

pub(crate) fn types(events: &[Event]) -> Vec<String> {
    events.iter().map(|event| event.event_type.to_string()).collect()
}
