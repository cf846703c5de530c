use std::collections::VecDeque;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use bytes::Bytes;
use hat_event_chatter::{CloseReason, Conversation, Outgoing, Received, Receiver, Until};
use hat_event_common::{
    MsgInitReq, MsgInitRes, MsgQueryReq, MsgRegisterReq, QueryParams, RegisterEvent, Sbs, Subscription,
};

use super::registry::Client;
use super::{ConnectionInfo, Shared};
use crate::message::{
    EVENTS_ACK, INIT_REQ, INIT_RES, QUERY_REQ, QUERY_RES, REGISTER_REQ, REGISTER_RES, decode, encode_events, unexpected,
};

/// Serves a connection until it ends.
pub(super) async fn serve(shared: &Shared, mut receiver: Receiver) {
    let reason = match introduce(shared, &mut receiver).await {
        Ok(client) => {
            let _registered = Registered { shared, client: &client };
            let session = Session { shared, client: &client, requests: VecDeque::new(), waiting: 0, ended: None };
            let reason = session.run(&mut receiver).await;
            // What was said before the end still goes out.
            tokio::join!(receiver.closed(), shared.handler.disconnected(&client.info));
            reason
        }
        Err(reason) => reason,
    };
    // What was said before the end still goes out.
    receiver.closed().await;
    let remote = &receiver.peer().remote;
    if reason.is_slow_peer() {
        let count = shared.cut_off.fetch_add(1, Ordering::Relaxed) + 1;
        tracing::warn!(%remote, count, "client cut off: {reason}");
    } else if reason.is_orderly() {
        tracing::debug!(%remote, "connection ended: {reason}");
    } else {
        tracing::warn!(%remote, "connection ended: {reason}");
    }
}

/// Has a client forgotten at the latest when its connection is served no more, also if a handler panics.
struct Registered<'a> {
    shared: &'a Shared,
    client: &'a Arc<Client>,
}

impl Drop for Registered<'_> {
    fn drop(&mut self) {
        self.shared.clients().remove(self.client);
    }
}

/// Lets a client in that introduces itself and is not refused.
async fn introduce(shared: &Shared, receiver: &mut Receiver) -> Result<Arc<Client>, CloseReason> {
    let message = receiver.receive().await?;
    let init = match &*message.data.data_type {
        INIT_REQ => decode::<MsgInitReq>(&message),
        _ => Err(unexpected(&message)),
    };
    let init = init.inspect_err(|reason| receiver.sender().fail(reason.clone()))?;
    let subscription = Subscription::new(init.subscriptions).map_err(|error| error.to_string());
    let info = subscription.map(|subscription| {
        Arc::new(ConnectionInfo {
            id: shared.next_id(),
            peer: receiver.peer().clone(),
            client_name: init.client_name.to_string(),
            client_token: init.client_token.map(|token| token.to_string()),
            subscription,
            server_id: init.server_id,
            persisted: init.persisted,
        })
    });
    let info = match info {
        Ok(info) => info,
        Err(error) => return Err(refuse(receiver, message.conversation, &error).await),
    };
    let connected = to_its_end(receiver, shared.handler.connected(&info)).await;
    if let Err(error) = connected {
        return Err(refuse(receiver, message.conversation, &error.to_string()).await);
    }
    let client = Arc::new(Client::new(info, receiver.sender().clone()));
    if shared.clients().insert(&client, message.conversation).is_err() {
        // It ended while it was let in.
        shared.handler.disconnected(&client.info).await;
        return Err(receiver.closed().await);
    }
    tracing::debug!(remote = %client.info.peer.remote, name = client.info.client_name, "client connected");
    Ok(client)
}

/// Tells a client why it is refused, and waits for the end of its connection.
async fn refuse(receiver: &mut Receiver, init: Conversation, error: &str) -> CloseReason {
    tracing::warn!(remote = %receiver.peer().remote, "client refused: {error}");
    let data = [MsgInitRes::Error(error.to_owned().into()).to_sbs_bytes()];
    if receiver.sender().send(&Outgoing::answer(init, INIT_RES, &data)).is_ok() {
        receiver.sender().close();
    }
    receiver.closed().await
}

/// Waits for a call, while the connection goes on; the call comes to its end also if the connection ends before.
async fn to_its_end<T>(receiver: &mut Receiver, call: impl Future<Output = T>) -> T {
    let mut call = pin!(call);
    tokio::select! {
        biased;
        result = &mut call => result,
        // Without a message to wait for it returns only at the end.
        _ = receiver.advance(Until::default()) => call.await,
    }
}

/// What a client wants.
enum Request {
    Register(Vec<RegisterEvent>),
    Query(QueryParams),
}

/// A client that was let in, and its requests.
struct Session<'a> {
    shared: &'a Shared,
    client: &'a Arc<Client>,
    /// With the messages that they came in, without data.
    requests: VecDeque<(Request, Received)>,
    /// Bytes of the requests.
    waiting: usize,
    /// Why the connection ended, if it did.
    ended: Option<CloseReason>,
}

impl Session<'_> {
    async fn run(mut self, receiver: &mut Receiver) -> CloseReason {
        let config = &self.shared.config;
        loop {
            let Some((request, message)) = self.requests.pop_front() else {
                if let Some(reason) = self.ended {
                    return reason;
                }
                let received = receiver.receive().await.map(Some);
                self.take(received);
                continue;
            };
            self.waiting -= message.data.data.len();
            // Who takes no answers gets no more of them.
            while self.ended.is_none() && self.client.sender.queued() >= config.max_unsent {
                let until = Until { message: self.waiting < config.max_waiting, queued_below: Some(config.max_unsent) };
                let received = receiver.advance(until).await;
                self.take(received);
            }
            let (shared, client) = (self.shared, self.client);
            let mut answering = pin!(answer(shared, client, request, &message));
            loop {
                let until = Until { message: self.waiting < config.max_waiting, queued_below: None };
                tokio::select! {
                    biased;
                    () = &mut answering => break,
                    received = receiver.advance(until), if self.ended.is_none() => self.take(received),
                }
            }
        }
    }

    /// Keeps a request for later, or does at once what cannot wait.
    fn take(&mut self, received: Result<Option<Received>, CloseReason>) {
        let taken = match received {
            Ok(None) => return,
            Ok(Some(message)) => match &*message.data.data_type {
                EVENTS_ACK => {
                    self.client.acknowledged(message.conversation);
                    return;
                }
                REGISTER_REQ => {
                    decode::<MsgRegisterReq>(&message).map(|request| (Request::Register(request.0), message))
                }
                QUERY_REQ => decode::<MsgQueryReq>(&message).map(|request| (Request::Query(request.0), message)),
                _ => Err(unexpected(&message)),
            },
            Err(reason) => Err(reason),
        };
        match taken {
            Ok(request) => {
                self.waiting += request.1.data.data.len();
                self.requests.push_back(request);
            }
            Err(reason) => {
                self.client.sender.fail(reason.clone());
                // Nobody waits for it, however long its requests take.
                self.shared.clients().remove(self.client);
                self.ended = Some(reason);
                // Nobody is there for the answers; what was registered before the end is.
                let left = std::mem::take(&mut self.requests).into_iter();
                self.requests = left.filter(|(request, _)| matches!(request, Request::Register(_))).collect();
            }
        }
    }
}

/// Has a request handled, and sends the answer if one is wanted.
async fn answer(shared: &Shared, client: &Client, request: Request, message: &Received) {
    let (data_type, data) = match request {
        Request::Register(events) => {
            let events = shared.handler.register(&client.info, events).await;
            if message.last {
                return;
            }
            let data = events.map_or(Bytes::from_static(&[0x81]), |events| encode_events(Some(0), &events));
            (REGISTER_RES, data)
        }
        Request::Query(params) => match shared.handler.query(&client.info, params).await {
            Ok(result) => (QUERY_RES, result.to_sbs_bytes()),
            Err(error) => return client.sender.fail(CloseReason::Protocol(format!("query failed: {error}"))),
        },
    };
    // If the client is gone, so is the need for the answer.
    let _ = client.sender.send(&Outgoing::answer(message.conversation, data_type, &[data]));
}
