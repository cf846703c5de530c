mod error;
mod events;
mod options;
mod pages;
mod requests;
mod task;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use bytes::Bytes;
use hat_event_chatter::{Address, CloseReason, Outgoing, Received, Receiver, Sender, connect};
use hat_event_common::{Event, MsgRegisterRes, QueryParams, QueryResult, RegisterEvent, Sbs, Status, Writer};
use tokio::sync::{Notify, watch};

use crate::message::{QUERY_REQ, QUERY_RES, REGISTER_REQ, REGISTER_RES, decode, unexpected};
pub use error::{ConnectError, RequestError};
pub use events::Events;
pub(crate) use events::Notification;
pub use options::ClientOptions;
pub use pages::Pages;
pub(crate) use requests::Requests;

/// A client that is connected to a server. Clones are of one client.
///
/// The connection is closed when all clones and the [`Events`] are dropped, or by [`Self::close`].
#[derive(Clone, Debug)]
pub struct Client {
    handle: Arc<Handle>,
}

/// Closes the connection when nobody needs it any more.
#[derive(Debug)]
struct Handle {
    shared: Arc<Shared>,
}

impl Drop for Handle {
    fn drop(&mut self) {
        self.shared.sender.close();
    }
}

/// What a client and its task share.
#[derive(Debug)]
struct Shared {
    options: ClientOptions,
    sender: Sender,
    status: watch::Sender<Status>,
    requests: Requests,
    /// Bytes of notifications that nobody has taken yet.
    waiting: AtomicUsize,
    /// How many want to send and wait for room.
    blocked: AtomicUsize,
    /// One of the two above has changed so that the task has to look again.
    changed: Notify,
    /// There is room to send.
    room: Notify,
    /// The connection has ended.
    ended: watch::Sender<bool>,
}

impl Client {
    /// Connects to a server, and waits until it lets the client in.
    ///
    /// # Errors
    ///
    /// [`ConnectError`]: nobody answers, or the server refuses the client.
    pub async fn connect(address: &Address, options: ClientOptions) -> Result<(Self, Events), ConnectError> {
        let receiver = connect(address, options.connection.clone()).await?;
        Self::introduce(receiver, options).await
    }

    /// Introduces itself on a connection that is open already.
    ///
    /// # Errors
    ///
    /// As [`Self::connect`].
    pub async fn introduce(mut receiver: Receiver, options: ClientOptions) -> Result<(Self, Events), ConnectError> {
        let status = task::introduce(&mut receiver, &options).await?;
        let shared = Arc::new(Shared {
            options,
            sender: receiver.sender().clone(),
            status: watch::Sender::new(status),
            requests: Requests::default(),
            waiting: AtomicUsize::new(0),
            blocked: AtomicUsize::new(0),
            changed: Notify::new(),
            room: Notify::new(),
            ended: watch::Sender::new(false),
        });
        let (notifications, taken) = tokio::sync::mpsc::unbounded_channel();
        tokio::spawn(task::run(Arc::clone(&shared), receiver, notifications));
        let handle = Arc::new(Handle { shared });
        Ok((Self { handle: Arc::clone(&handle) }, Events::new(taken, handle)))
    }

    /// The status that the server told last.
    pub fn status(&self) -> Status {
        *self.shared().status.borrow()
    }

    /// The status and its changes. It ends with the last clone of the client.
    pub fn watch_status(&self) -> watch::Receiver<Status> {
        self.shared().status.subscribe()
    }

    /// Registers events, and does not ask whether it worked.
    ///
    /// # Errors
    ///
    /// [`RequestError::Closed`] if the connection has ended.
    pub async fn register(&self, events: &[RegisterEvent]) -> Result<(), RequestError> {
        let data = [encode(events)];
        let shared = self.shared();
        shared.wait_for_room().await;
        let sent = shared.sender.send(&Outgoing::first(REGISTER_REQ, &data, false));
        sent.map(drop).map_err(|_| RequestError::Closed(shared.requests.reason()))
    }

    /// Registers events, and returns them as they were registered.
    ///
    /// # Errors
    ///
    /// [`RequestError::Failure`] if the server did not register them, and the others.
    pub async fn register_with_response(&self, events: &[RegisterEvent]) -> Result<Vec<Event>, RequestError> {
        let answer = self.request(REGISTER_REQ, encode(events), REGISTER_RES).await?;
        match self.understand(&answer)? {
            MsgRegisterRes::Events(events) => Ok(events),
            MsgRegisterRes::Failure => Err(RequestError::Failure),
        }
    }

    /// Asks for events.
    ///
    /// # Errors
    ///
    /// [`RequestError`].
    pub async fn query(&self, params: impl Into<QueryParams>) -> Result<QueryResult, RequestError> {
        let answer = self.request(QUERY_REQ, params.into().to_sbs_bytes(), QUERY_RES).await?;
        self.understand(&answer)
    }

    /// Asks for events page by page until no more follow. The `max_results` of the query are those of a page.
    pub fn query_all(&self, params: impl Into<QueryParams>) -> Pages {
        Pages::new(self.clone(), params.into())
    }

    /// Whether requests can be made.
    pub fn is_open(&self) -> bool {
        self.shared().sender.is_open()
    }

    /// Closes the connection after what waits was sent.
    pub fn close(&self) {
        self.shared().sender.close();
    }

    /// Closes the connection, and waits until it has ended.
    pub async fn async_close(&self) {
        self.close();
        self.closed().await;
    }

    /// Waits until the connection has ended, and tells why.
    pub async fn closed(&self) -> CloseReason {
        // The sender cannot be gone, so this ends with the connection only.
        let _ = self.shared().ended.subscribe().wait_for(|ended| *ended).await;
        self.shared().requests.reason()
    }

    fn shared(&self) -> &Shared {
        &self.handle.shared
    }

    /// Sends a request, and waits for its answer.
    async fn request(&self, data_type: &str, data: Bytes, answer: &str) -> Result<Received, RequestError> {
        let shared = self.shared();
        shared.wait_for_room().await;
        let data = [data];
        let send = |sender: &Sender| sender.send(&Outgoing::first(data_type, &data, true));
        let message = shared.requests.answer(&shared.sender, shared.options.request_timeout, send).await?;
        if message.data.data_type == answer { Ok(message) } else { Err(self.give_up(unexpected(&message))) }
    }

    fn understand<T: Sbs>(&self, answer: &Received) -> Result<T, RequestError> {
        decode(answer).map_err(|reason| self.give_up(reason))
    }

    /// The server does not speak the protocol.
    fn give_up(&self, reason: CloseReason) -> RequestError {
        self.shared().sender.fail(reason.clone());
        RequestError::Closed(reason)
    }
}

impl Shared {
    /// Notifications of so many bytes were taken.
    fn taken(&self, len: usize) {
        let before = self.waiting.fetch_sub(len, Ordering::AcqRel);
        if before >= self.options.max_waiting {
            self.changed.notify_one();
        }
    }

    /// Waits until not too much waits to be sent, or the connection has ended.
    async fn wait_for_room(&self) {
        while self.sender.queued() >= self.options.max_unsent {
            let room = self.room.notified();
            let _blocked = Blocked::new(self);
            if self.sender.queued() < self.options.max_unsent {
                return;
            }
            room.await;
        }
    }
}

/// Counted as waiting for room until it is dropped.
struct Blocked<'a>(&'a Shared);

impl<'a> Blocked<'a> {
    fn new(shared: &'a Shared) -> Self {
        shared.blocked.fetch_add(1, Ordering::AcqRel);
        shared.changed.notify_one();
        Self(shared)
    }
}

impl Drop for Blocked<'_> {
    fn drop(&mut self) {
        self.0.blocked.fetch_sub(1, Ordering::AcqRel);
    }
}

fn encode(events: &[RegisterEvent]) -> Bytes {
    let mut writer = Writer::with_capacity(10 + events.iter().map(Sbs::expected_len).sum::<usize>());
    writer.length(events.len());
    for event in events {
        event.encode(&mut writer);
    }
    writer.finish()
}
