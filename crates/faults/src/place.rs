//! Folders with a configuration and a database.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use crate::Result;

/// A folder for one fault: it has been emptied, and what is left there is to be looked at.
pub(crate) struct Place {
    folder: PathBuf,
    pub(crate) backend: Value,
}

impl Place {
    /// The configuration keeps all events of all types, as latest and in one time series, with some keys of the backend replaced.
    pub(crate) fn new(name: &str, changes: Value) -> Result<Self> {
        let folders = std::env::var_os("HAT_EVENT_FAULTS").ok_or("run this by `cargo xtask faults`")?;
        let folder = Path::new(&folders).join(name);
        if folder.exists() {
            fs::remove_dir_all(&folder)?;
        }
        fs::create_dir_all(&folder)?;
        let mut backend = json!({
            "module": "hat.event.backends.lmdb",
            "db_path": folder.join("event.db"),
            "identifier": null,
            "flush_period": 3600,
            "cleanup_period": 3600,
            "conditions": [],
            "latest": {"subscriptions": [["*"]]},
            "timeseries": [{"order_by": "TIMESTAMP", "subscriptions": [["*"]]}],
        });
        for (key, value) in changes.as_object().into_iter().flatten() {
            backend[key] = value.clone();
        }
        let conf = json!({
            "name": "faults",
            "server_id": 1,
            "backend": backend,
            "modules": [],
            "eventer_server": {"host": "127.0.0.1", "port": 0},
        });
        fs::write(folder.join("event.json"), conf.to_string())?;
        Ok(Self { folder, backend })
    }

    /// The configuration of a server.
    pub(crate) fn conf(&self) -> PathBuf {
        self.path("event.json")
    }

    /// The database.
    pub(crate) fn file(&self) -> PathBuf {
        self.path("event.db")
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }
}
