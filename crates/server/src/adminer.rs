//! The adminer server: the configuration of logging, read and changed while the server runs.

use std::io;
use std::sync::Arc;

use async_trait::async_trait;
use hat_event_chatter::{Address, ListenConfig, Listener};
use hat_event_common::{BoxError, json_schema_repo};
use hat_event_eventer::{AdminerServer, LogConfHandler};
use serde_json::Value;

use crate::log::{LogConf, Logging};

/// Listens for adminer clients, who may read and change how a server logs: whom this address lets in, may create files.
///
/// Without logging to change, all of it is refused.
///
/// Closing what this returns disconnects them.
///
/// # Errors
///
/// If the address cannot be listened on.
pub async fn serve(address: &Address, config: ListenConfig, logging: Option<Arc<Logging>>) -> io::Result<Listener> {
    let server = AdminerServer::new(logging.map(|logging| Arc::new(Handler(logging)) as _));
    server.listen(std::slice::from_ref(address), config).await
}

struct Handler(Arc<Logging>);

#[async_trait]
impl LogConfHandler for Handler {
    async fn get(&self) -> Result<Value, BoxError> {
        Ok(self.0.value())
    }

    async fn set(&self, conf: Value) -> Result<(), BoxError> {
        json_schema_repo().validate("hat-json://logging.yaml", &conf)?;
        let (conf, warnings) = LogConf::from_value(&conf)?;
        let logging = Arc::clone(&self.0);
        // Files are opened, and hosts are looked up.
        tokio::task::spawn_blocking(move || logging.set(conf)).await??;
        tracing::info!("another configuration of logging was set");
        warnings.iter().for_each(|warning| tracing::warn!("{warning}"));
        Ok::<(), BoxError>(())
    }
}
