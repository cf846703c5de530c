//! The one thread that drives the servers.

use std::time::Duration;

use tokio::runtime::{Builder, Runtime};
use tokio::task::LocalSet;

use crate::Result;

/// What takes longer than this has stopped. The reference looks at a million events for half a minute, on a busy machine longer.
const PATIENCE: Duration = Duration::from_secs(180);

pub(crate) struct Driver {
    runtime: Runtime,
    tasks: LocalSet,
}

impl Driver {
    pub(crate) fn new() -> Result<Self> {
        Ok(Self { runtime: Builder::new_current_thread().enable_all().build()?, tasks: LocalSet::new() })
    }

    /// Waits for a future; meanwhile, and only then, also tasks go on that were started within one.
    pub(crate) fn run<T>(&self, whom: &str, future: impl Future<Output = Result<T>>) -> Result<T> {
        let outcome = self.tasks.block_on(&self.runtime, async { tokio::time::timeout(PATIENCE, future).await });
        outcome.map_err(|_| format!("{whom} does not go on"))?.map_err(|error| format!("{whom}: {error}").into())
    }
}
