//! Servers that keep events in LMDB: ours and the reference's, with the same configuration but for paths and ports.

pub(crate) mod acknowledged;
mod floor;
mod load;
pub(crate) mod persisted;
pub(crate) mod queries;
pub(crate) mod start;

use std::fs;
use std::path::{Path, PathBuf};

use hat_event_common::Event;
use serde_json::json;

use super::driver::Driver;
use super::process::{Server, free_address};
use crate::{Result, events};

/// So many types the events have, each its own.
const TYPES: usize = 10_000;
/// Seconds after which what is registered is written at the latest.
const FLUSH_PERIOD: f64 = 1.0;

/// An event of each type.
fn all_types() -> Vec<Event> {
    events::events(TYPES)
}

/// A folder for databases, which is removed in the end.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Result<Self> {
        let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("compare-storage-{}", std::process::id()));
        fs::create_dir_all(&path).map_err(|error| format!("cannot make {}: {error}", path.display()))?;
        Ok(Self(path))
    }

    /// A database that a server has for itself. It is removed if it is there, unless it is to be kept.
    fn database(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // What is left is below the target folder.
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// Starts a server on a database; it may not be operational yet.
fn start(name: &'static str, database: &Path, durability: Option<&str>) -> Result<Server> {
    let address = free_address()?;
    let mut conf = json!({
        "name": "compare",
        "server_id": 1,
        "backend": {
            "module": "hat.event.backends.lmdb",
            "db_path": database,
            "identifier": null,
            "flush_period": FLUSH_PERIOD,
            "cleanup_period": 60,
            "conditions": [],
            "latest": {"subscriptions": [["*"]]},
            "timeseries": [{"order_by": "TIMESTAMP", "subscriptions": [["*"]]}],
        },
        "modules": [],
        "eventer_server": {"host": address.ip().to_string(), "port": address.port()},
    });
    if let Some(durability) = durability {
        conf["backend"]["durability"] = durability.into();
    }
    let path = database.with_extension("json");
    fs::write(&path, conf.to_string())?;
    Server::configured(name, &path, address)
}

/// Removes a database, and what belongs to it.
fn remove(database: &Path) {
    let mut lock = database.as_os_str().to_owned();
    lock.push("-lock");
    // What is not there need not be removed.
    let _ = (fs::remove_file(database), fs::remove_file(lock));
}

/// A database that our server has filled with so many events, and a copy of it for the reference.
fn filled(driver: &Driver, folder: &Folder, events: usize) -> Result<[PathBuf; 2]> {
    let [ours, theirs] = ["here.db", "reference.db"].map(|name| folder.database(name));
    let server = start(crate::contest::HERE, &ours, None)?.wait_until_operational(driver)?;
    driver.run(server.name, load::persist(server.address, events, || Ok(())))?;
    drop(server);
    fs::copy(&ours, &theirs)?;
    Ok([ours, theirs])
}
