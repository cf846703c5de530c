mod log;
mod query;
mod record;
mod store;
#[cfg(test)]
mod tests;
mod time_order;
mod types;

use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard};

use async_trait::async_trait;
use hat_event_common::{
    Backend, BackendClosedError, BackendError, BackendFlushedEventsCb, BackendInfo, BackendRegisteredEventsCb, Event,
    EventId, EventPayload, Lifecycle, QueryParams, QueryResult, Resource, ServerId, Turns,
};
use tokio::task::yield_now;

use query::{ServerQuery, TimeseriesQuery};
use store::Store;

/// Keeps all events in memory until it is closed: `hat.event.backends.memory`.
///
/// Nothing is ever removed, and queries have no limit but `max_results`. Events count as persisted once they are
/// registered: the flushed callback is called right after the registered one, and the next batch is kept when both have
/// ended. Any configuration will do.
///
/// Queries by server or time cost the logarithm of the number of events to begin, and then what they look at; a history of
/// few event types over a long time looks at all events of that time. They see what there was when they began, and let
/// others run, and register, after every 4,096 events that they look at. Latest events are kept apart; a query for them
/// looks at all event types, and what is registered meanwhile waits.
///
/// An event costs the same to register however many there are, if it is the last of its time, source timestamp included.
/// Others cost a search for their place. The payloads of a batch share memory, and all events of a type the memory of
/// that: whoever keeps one event of a query, also after the backend is gone, keeps a batch's payloads.
#[derive(Debug)]
pub struct MemoryBackend {
    lifecycle: Lifecycle,
    registered_cb: Option<BackendRegisteredEventsCb>,
    flushed_cb: Option<BackendFlushedEventsCb>,
    turns: Turns,
    store: Arc<RwLock<Store>>,
}

impl MemoryBackend {
    /// Its name in configurations.
    pub const NAME: &str = "hat.event.backends.memory";

    /// Makes one without events.
    pub fn new(registered_cb: Option<BackendRegisteredEventsCb>, flushed_cb: Option<BackendFlushedEventsCb>) -> Self {
        Self { lifecycle: Lifecycle::new(), registered_cb, flushed_cb, turns: Turns::new(), store: Arc::default() }
    }

    /// How a configuration makes one.
    pub fn info() -> BackendInfo {
        BackendInfo::new(|_conf, registered_cb, flushed_cb| async { Ok(Self::new(registered_cb, flushed_cb)) })
    }

    fn read(&self) -> RwLockReadGuard<'_, Store> {
        // Nothing panics while it writes, so a store is whole at all times.
        self.store.read().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Resource for MemoryBackend {
    fn lifecycle(&self) -> &Lifecycle {
        &self.lifecycle
    }
}

#[async_trait]
impl Backend for MemoryBackend {
    async fn get_last_event_id(&self, server_id: ServerId) -> Result<EventId, BackendError> {
        let _hold = self.lifecycle.hold().ok_or(BackendClosedError)?;
        Ok(self.read().last_event_id(server_id))
    }

    async fn register(&self, events: Arc<[Event]>) -> Result<Option<Arc<[Event]>>, BackendError> {
        let hold = self.lifecycle.hold().ok_or(BackendClosedError)?;
        let callbacks = [self.registered_cb.clone(), self.flushed_cb.clone()];
        if callbacks.iter().all(Option::is_none) {
            // Nobody learns of any order but that in which batches are kept, and nothing here waits.
            add(&self.store, &events);
            return Ok(Some(events));
        }
        let store = Arc::clone(&self.store);
        let call = async move {
            let _hold = hold;
            add(&store, &events);
            for callback in callbacks.iter().flatten() {
                callback.call(Arc::clone(&events)).await;
            }
            Ok(Some(events))
        };
        self.turns.run(call).await
    }

    async fn query(&self, params: QueryParams) -> Result<QueryResult, BackendError> {
        let _hold = self.lifecycle.hold().ok_or(BackendClosedError)?;
        match params {
            QueryParams::Latest(params) => self.read().latest(&params),
            QueryParams::Timeseries(params) => {
                let mut query = TimeseriesQuery::new(&params)?;
                while !query.advance(&self.read()) {
                    yield_now().await;
                }
                Ok(query.result())
            }
            QueryParams::Server(params) => {
                let mut query = ServerQuery::new(&params)?;
                while !query.advance(&self.read()) {
                    yield_now().await;
                }
                Ok(query.result())
            }
        }
    }

    async fn flush(&self) -> Result<(), BackendError> {
        let _hold = self.lifecycle.hold().ok_or(BackendClosedError)?;
        // What was registered before is persisted when its callbacks have ended.
        self.turns.run(async {}).await;
        Ok(())
    }
}

/// Adds a batch to a store, in memory of its own.
fn add(store: &RwLock<Store>, events: &[Event]) {
    let payloads = EventPayload::detach_all(events.iter().filter_map(|event| event.payload.as_ref()));
    store.write().unwrap_or_else(PoisonError::into_inner).add(events, payloads);
}
