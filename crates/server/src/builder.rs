use std::sync::Arc;

use hat_event_chatter::{Address, Config};
use hat_event_common::{BackendInfo, ModuleInfo};
use serde_json::Value;

use crate::conf::{Document, Plugins, ServerConf};
use crate::log::Logging;
use crate::server::{EventServer, StartError};

/// Puts a server together: the plugins that its configuration may name, and the configuration.
#[derive(Debug, Default)]
#[must_use = "it has to be started"]
pub struct Builder {
    pub(crate) plugins: Plugins,
    pub(crate) addresses: Vec<Address>,
    pub(crate) connection: Config,
    pub(crate) logging: Option<Arc<Logging>>,
}

impl Builder {
    /// Adds a backend, by the name that configurations have under `module`. Those of `hat-event-backends` are there.
    pub fn backend(mut self, name: impl Into<String>, info: BackendInfo) -> Self {
        self.plugins.backends.insert(name, info);
        self
    }

    /// Adds a module, by the name that configurations have under `module`.
    pub fn module(mut self, name: impl Into<String>, info: ModuleInfo) -> Self {
        self.plugins.modules.insert(name, info);
        self
    }

    /// Listens on an address too, besides the one that is configured.
    pub fn also_listen(mut self, address: Address) -> Self {
        self.addresses.push(address);
        self
    }

    /// Sets what connections of clients allow, how often they are asked whether they are there for example.
    pub fn connection(mut self, config: Config) -> Self {
        self.connection = config;
        self
    }

    /// Sets what the adminer server changes, if one is configured. Without it, that one refuses all requests.
    pub fn logging(mut self, logging: Arc<Logging>) -> Self {
        self.logging = Some(logging);
        self
    }

    /// The plugins that there are.
    pub fn plugins(&self) -> &Plugins {
        &self.plugins
    }

    /// Checks a configuration, given as a value, and starts a server with it.
    ///
    /// # Errors
    ///
    /// [`StartError`], with all that is wrong in the configuration.
    pub async fn start(self, conf: Value) -> Result<EventServer, StartError> {
        let document = Document::from(conf);
        let (conf, warnings) = ServerConf::check(&document, &self.plugins.backends, &self.plugins.modules)?;
        for warning in warnings {
            tracing::warn!("configuration: {warning}");
        }
        self.start_checked(conf).await
    }

    /// Starts a server with a configuration that was [checked](ServerConf::check).
    ///
    /// # Errors
    ///
    /// [`StartError`].
    pub async fn start_checked(self, conf: ServerConf) -> Result<EventServer, StartError> {
        EventServer::start(conf, self).await
    }
}
