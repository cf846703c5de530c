//! What commands that talk to a server have in common.

use std::path::PathBuf;

use hat_event_chatter::Address;
use hat_event_common::Timestamp;
use hat_event_eventer::{Client, ClientOptions, Events, RequestError};
use tokio::runtime::{Builder, Runtime};

use crate::failure::Failure;

/// The defaults of `hat-event-manager`.
pub(crate) const DEFAULT_HOST: &str = "127.0.0.1";
pub(crate) const DEFAULT_PORT: u16 = 23012;

/// Which server, and who one is.
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct ServerArgs {
    /// Name or number of the server's host.
    #[arg(long, global = true, value_name = "HOST", default_value = DEFAULT_HOST)]
    host: String,

    /// The server's TCP port.
    #[arg(long, global = true, value_name = "PORT", default_value_t = DEFAULT_PORT)]
    port: u16,

    /// The server's Unix socket, instead of host and port.
    #[arg(long, global = true, value_name = "PATH", conflicts_with_all = ["host", "port"])]
    unix: Option<PathBuf>,

    /// The name that the client gives itself.
    #[arg(long, global = true, value_name = "NAME", default_value = "manager")]
    client_name: String,

    /// What proves to the server that the client may connect.
    #[arg(long, global = true, value_name = "TOKEN")]
    client_token: Option<String>,
}

impl ServerArgs {
    pub(crate) fn address(&self) -> Address {
        match &self.unix {
            Some(path) => Address::Unix(path.clone()),
            None => Address::tcp(&*self.host, self.port),
        }
    }

    /// A client that subscribes to nothing.
    pub(crate) fn options(&self) -> ClientOptions {
        ClientOptions { client_token: self.client_token.clone(), ..ClientOptions::new(&*self.client_name) }
    }

    pub(crate) async fn connect(&self, options: ClientOptions) -> Result<(Client, Events), Failure> {
        let connected = Client::connect(&self.address(), options).await;
        connected.map_err(|error| Failure::Input(format!("server {}: {error}", self.address())))
    }

    /// A request had no result.
    pub(crate) fn failure(&self, error: &RequestError) -> Failure {
        Failure::Input(format!("server {}: {error}", self.address()))
    }
}

/// What runs tasks.
pub(crate) fn runtime() -> Result<Runtime, Failure> {
    Ok(Builder::new_multi_thread().enable_all().build()?)
}

/// What runs tasks in one thread, in the order in which they were spawned.
pub(crate) fn ordered_runtime() -> Result<Runtime, Failure> {
    Ok(Builder::new_current_thread().enable_all().build()?)
}

/// Ends when the program is interrupted, as by Ctrl+C.
pub(crate) async fn interrupted() {
    // Without it, the program can only be killed.
    if tokio::signal::ctrl_c().await.is_err() {
        std::future::pending::<()>().await;
    }
}

/// `now`, or seconds since 1970.
pub(crate) fn timestamp(text: &str) -> Result<Timestamp, String> {
    if text == "now" {
        return Ok(Timestamp::now());
    }
    let seconds: f64 = text.parse().map_err(|_| "neither `now` nor seconds since 1970".to_owned())?;
    hat_event_common::timestamp_from_float(seconds).map_err(|error| error.to_string())
}
