use std::sync::Arc;
use std::time::Duration;

use hat_event_chatter::{Address, CloseReason, Config, ConnectError, Outgoing, Received, Receiver, Sender, connect};
use hat_event_common::{
    EventPayloadJson, JsonError, MsgGetLogConfReq, MsgGetLogConfRes, MsgSetLogConfReq, MsgSetLogConfRes, Sbs,
};
use serde_json::Value;

use crate::client::{RequestError, Requests};
use crate::message::{GET_LOG_CONF_REQ, GET_LOG_CONF_RES, SET_LOG_CONF_REQ, SET_LOG_CONF_RES, decode, unexpected};

/// How long an answer may take.
const TIMEOUT: Duration = Duration::from_secs(30);

/// A client of the adminer protocol, connected to a server. Dropped, it closes the connection.
#[derive(Debug)]
pub struct AdminerClient {
    sender: Sender,
    requests: Arc<Requests>,
}

/// Why a request of an [`AdminerClient`] has no result.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AdminerError {
    /// The server did not do it; its reason.
    #[error("server: {0}")]
    Server(String),
    /// There was no answer.
    #[error(transparent)]
    Request(#[from] RequestError),
    /// The configuration cannot be sent.
    #[error("configuration cannot be sent: {0}")]
    Unsendable(#[from] JsonError),
    /// The configuration that the server sent is no JSON.
    #[error("configuration of the server is not JSON: {0}")]
    Unreadable(#[from] serde_json::Error),
}

impl AdminerClient {
    /// Connects to a server.
    ///
    /// # Errors
    ///
    /// [`ConnectError`] if nobody answers.
    pub async fn connect(address: &Address, config: Config) -> Result<Self, ConnectError> {
        Ok(Self::over(connect(address, config).await?))
    }

    /// A client on a connection that is open already.
    pub fn over(receiver: Receiver) -> Self {
        let sender = receiver.sender().clone();
        // Nobody introduces itself in this protocol.
        sender.accept();
        let requests = Arc::new(Requests::default());
        tokio::spawn(run(receiver, Arc::clone(&requests)));
        Self { sender, requests }
    }

    /// The configuration of logging.
    ///
    /// # Errors
    ///
    /// [`AdminerError`].
    pub async fn get_log_conf(&self) -> Result<Value, AdminerError> {
        let answer = self.request(GET_LOG_CONF_REQ, &MsgGetLogConfReq, GET_LOG_CONF_RES).await?;
        match self.understand(&answer)? {
            MsgGetLogConfRes::Success(conf) => Ok(serde_json::from_str(&conf)?),
            MsgGetLogConfRes::Error(error) => Err(AdminerError::Server(error.to_string())),
        }
    }

    /// Changes the configuration of logging.
    ///
    /// # Errors
    ///
    /// [`AdminerError`].
    pub async fn set_log_conf(&self, conf: &Value) -> Result<(), AdminerError> {
        let request = MsgSetLogConfReq { conf: EventPayloadJson::from_value(conf)?.text().clone() };
        let answer = self.request(SET_LOG_CONF_REQ, &request, SET_LOG_CONF_RES).await?;
        match self.understand(&answer)? {
            MsgSetLogConfRes::Success => Ok(()),
            MsgSetLogConfRes::Error(error) => Err(AdminerError::Server(error.to_string())),
        }
    }

    async fn request(&self, data_type: &str, request: &impl Sbs, answer: &str) -> Result<Received, RequestError> {
        let data = [request.to_sbs_bytes()];
        let send = |sender: &Sender| sender.send(&Outgoing::first(data_type, &data, true));
        let message = self.requests.answer(&self.sender, TIMEOUT, send).await?;
        if message.data.data_type == answer { Ok(message) } else { Err(self.give_up(unexpected(&message))) }
    }

    fn understand<T: Sbs>(&self, answer: &Received) -> Result<T, RequestError> {
        decode(answer).map_err(|reason| self.give_up(reason))
    }

    /// The server does not speak the protocol.
    fn give_up(&self, reason: CloseReason) -> RequestError {
        self.sender.fail(reason.clone());
        RequestError::Closed(reason)
    }
}

impl Drop for AdminerClient {
    fn drop(&mut self) {
        self.sender.close();
    }
}

/// Passes answers on until the connection ends.
async fn run(mut receiver: Receiver, requests: Arc<Requests>) {
    let reason = loop {
        match receiver.receive().await {
            Ok(message) if message.conversation.owner => requests.answered(message),
            // A server begins no conversation in this protocol.
            Ok(message) => receiver.sender().fail(unexpected(&message)),
            Err(reason) => break reason,
        }
    };
    requests.end(reason);
}
