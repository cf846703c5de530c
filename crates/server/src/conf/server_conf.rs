use std::fmt;
use std::path::PathBuf;

use hat_event_chatter::{CertificateFiles, ListenConfig, ServerTls, TlsError};
use hat_event_common::ServerId;
use serde::Deserialize;
use serde_json::Value;

/// The configuration of a server, checked.
///
/// [`Self::check`] makes it of a document.
#[derive(Clone, PartialEq, Deserialize)]
pub struct ServerConf {
    /// What the server calls itself.
    pub name: String,
    /// The id of the server in the ids of events.
    pub server_id: ServerId,
    /// The only token that is let in. Clients without any token are let in too, as in the reference.
    pub server_token: Option<String>,
    /// The configuration of the backend, its name under `module`.
    pub backend: Value,
    /// The configurations of the modules, their names under `module`, in the order in which events reach them.
    pub modules: Vec<Value>,
    /// Where events are served.
    pub eventer_server: ListenConf,
    /// Where the log is administered; `None` for nowhere.
    pub adminer_server: Option<ListenConf>,
    /// What is logged where, as Python's `logging.config.dictConfig` takes it.
    pub log: Option<Value>,
    /// How much the server takes on.
    #[serde(default)]
    pub limits: Limits,
}

/// Where a server listens.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct ListenConf {
    /// Name or number of the host.
    pub host: String,
    /// TCP port; 0 for one that is free.
    pub port: u16,
    /// The files of TLS; `None` for connections in the clear.
    pub tls: Option<TlsConf>,
}

/// The files of TLS, in PEM.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct TlsConf {
    /// The certificate, and those that lead from it to its authority.
    pub cert: PathBuf,
    /// The private key, not encrypted.
    pub key: PathBuf,
    /// The authorities whose certificates clients have to show; `None` asks for none.
    pub client_ca: Option<PathBuf>,
}

impl TlsConf {
    /// Reads the files.
    ///
    /// # Errors
    ///
    /// If a file is missing or does not hold what it should, or the key is not that of the certificate.
    pub fn load(&self) -> Result<ServerTls, TlsError> {
        let files = CertificateFiles { chain: self.cert.clone(), key: self.key.clone() };
        ServerTls::new(&files, self.client_ca.as_deref())
    }
}

/// How much a server takes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct Limits {
    /// How many clients may be connected at a time: 4,096.
    pub connections: usize,
    /// How many events a session may have, those that modules add included: 1,000,000.
    pub session_events: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { connections: ListenConfig::default().max_connections, session_events: 1_000_000 }
    }
}

/// Without the token, and without what plugins are given, which may be secret too.
impl fmt::Debug for ServerConf {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ServerConf")
            .field("name", &self.name)
            .field("server_id", &self.server_id)
            .field("eventer_server", &self.eventer_server)
            .field("adminer_server", &self.adminer_server)
            .field("limits", &self.limits)
            .finish_non_exhaustive()
    }
}
