use std::io;
use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;
use bytestring::ByteString;
use hat_event_chatter::{Address, CloseReason, ListenConfig, Listener, Outgoing, Received, Receiver, listen};
use hat_event_common::{
    BoxError, EventPayloadJson, MsgGetLogConfReq, MsgGetLogConfRes, MsgSetLogConfReq, MsgSetLogConfRes, Sbs,
};
use serde_json::Value;

use super::waiting::Waiting;
use crate::message::{GET_LOG_CONF_REQ, GET_LOG_CONF_RES, SET_LOG_CONF_REQ, SET_LOG_CONF_RES, decode, unexpected};

/// Has and changes the configuration of logging.
///
/// Requests of one client are passed on one after the other, those of different clients at the same time. While one is
/// handled, its client's pings are answered, unless more than 64 KiB of requests wait behind it.
#[async_trait]
pub trait LogConfHandler: Send + Sync + 'static {
    /// The configuration. Its keys are sent in the order of [`Value`]: sorted, unless the feature `preserve_order` of
    /// `serde_json` is on.
    ///
    /// # Errors
    ///
    /// Why there is none; the client gets the text.
    async fn get(&self) -> Result<Value, BoxError>;

    /// Changes the configuration.
    ///
    /// # Errors
    ///
    /// Why it stays as it was; the client gets the text.
    async fn set(&self, conf: Value) -> Result<(), BoxError>;
}

/// Serves clients of the adminer protocol. Clones are of one server.
///
/// Who has no handler refuses every request. Clients do not introduce themselves in this protocol: one counts as
/// [accepted](hat_event_chatter::Connection::accept) with its first request that is understood, and has that long to make it.
#[derive(Clone)]
pub struct AdminerServer {
    handler: Option<Arc<dyn LogConfHandler>>,
}

impl AdminerServer {
    /// A server that does what its handler does, or refuses everything.
    pub fn new(handler: Option<Arc<dyn LogConfHandler>>) -> Self {
        Self { handler }
    }

    /// Listens on all of the addresses; closing what this returns disconnects the clients.
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
    pub async fn serve(&self, mut receiver: Receiver) {
        let sender = receiver.sender().clone();
        let mut waiting = Waiting::default();
        while let Some(message) = waiting.next(&mut receiver).await {
            let request = match understand(&message) {
                Ok(request) => request,
                Err(reason) => {
                    sender.fail(reason);
                    break;
                }
            };
            // Before it is handled: that may take longer than a client may to introduce itself.
            sender.accept();
            let (data_type, data) = waiting.gather(&mut receiver, self.answer(request)).await;
            // If the client is gone, so is the need for the answer.
            let _ = sender.send(&Outgoing::answer(message.conversation, data_type, &[data]));
        }
        let reason = receiver.closed().await;
        if !reason.is_orderly() {
            tracing::warn!(remote = %receiver.peer().remote, "adminer connection ended: {reason}");
        }
    }

    /// The answer to a request.
    async fn answer(&self, request: Request) -> (&'static str, Bytes) {
        match request {
            Request::Get => {
                let result = match self.get().await {
                    Ok(conf) => MsgGetLogConfRes::Success(conf),
                    Err(error) => MsgGetLogConfRes::Error(error.to_string().into()),
                };
                (GET_LOG_CONF_RES, result.to_sbs_bytes())
            }
            Request::Set(conf) => {
                let result = match self.set(&conf).await {
                    Ok(()) => MsgSetLogConfRes::Success,
                    Err(error) => MsgSetLogConfRes::Error(error.to_string().into()),
                };
                (SET_LOG_CONF_RES, result.to_sbs_bytes())
            }
        }
    }

    async fn get(&self) -> Result<ByteString, BoxError> {
        let conf = self.handler()?.get().await?;
        // Written as the reference writes JSON.
        Ok(EventPayloadJson::from_value(&conf)?.text().clone())
    }

    async fn set(&self, conf: &str) -> Result<(), BoxError> {
        self.handler()?.set(serde_json::from_str(conf)?).await
    }

    fn handler(&self) -> Result<&Arc<dyn LogConfHandler>, BoxError> {
        self.handler.as_ref().ok_or_else(|| "not implemented".into())
    }
}

/// What a client wants.
enum Request {
    Get,
    /// JSON text.
    Set(ByteString),
}

fn understand(message: &Received) -> Result<Request, CloseReason> {
    match &*message.data.data_type {
        GET_LOG_CONF_REQ => decode::<MsgGetLogConfReq>(message).map(|MsgGetLogConfReq| Request::Get),
        SET_LOG_CONF_REQ => decode::<MsgSetLogConfReq>(message).map(|request| Request::Set(request.conf)),
        _ => Err(unexpected(message)),
    }
}

impl std::fmt::Debug for AdminerServer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("AdminerServer").finish_non_exhaustive()
    }
}
