use std::collections::HashMap;
use std::sync::Arc;

use async_trait::async_trait;
use hat_event_common::{
    Backend, BackendClosedError, BackendError, BackendInfo, Event, EventId, EventType, EventsCb, Lifecycle,
    QueryParams, QueryResult, Resource, ServerId, SessionId, Subscription, Turns,
};
use tokio::sync::RwLock;

/// Keeps the latest event of each type, in memory, and no history.
#[derive(Debug)]
pub(crate) struct LatestOnly {
    lifecycle: Lifecycle,
    /// Called with each batch: that it is registered, and that it will not be more persisted than it is.
    callbacks: [Option<EventsCb>; 2],
    turns: Turns,
    kept: Arc<RwLock<Kept>>,
}

#[derive(Debug, Default)]
struct Kept {
    latest: HashMap<EventType, Event>,
    last_ids: HashMap<ServerId, EventId>,
}

impl LatestOnly {
    /// How a configuration makes one.
    pub(crate) fn info() -> BackendInfo {
        BackendInfo::new(|_conf, registered_cb, flushed_cb| async {
            let (lifecycle, turns) = (Lifecycle::new(), Turns::new());
            Ok(Self { lifecycle, callbacks: [registered_cb, flushed_cb], turns, kept: Arc::default() })
        })
    }
}

impl Kept {
    fn add(&mut self, event: &Event) {
        let last = self.last_ids.get(&event.id.server);
        if last.is_some_and(|last| event.id <= *last) {
            return;
        }
        self.last_ids.insert(event.id.server, event.id);
        let event = event.detach();
        if self.latest.get(&event.event_type).is_none_or(|latest| !latest.follows(&event)) {
            self.latest.insert(event.event_type.clone(), event);
        }
    }
}

impl Resource for LatestOnly {
    fn lifecycle(&self) -> &Lifecycle {
        &self.lifecycle
    }
}

#[async_trait]
impl Backend for LatestOnly {
    async fn get_last_event_id(&self, server_id: ServerId) -> Result<EventId, BackendError> {
        let _hold = self.lifecycle.hold().ok_or(BackendClosedError)?;
        let none = EventId { server: server_id, session: SessionId::MIN, instance: Default::default() };
        Ok(self.kept.read().await.last_ids.get(&server_id).copied().unwrap_or(none))
    }

    async fn register(&self, events: Arc<[Event]>) -> Result<Option<Arc<[Event]>>, BackendError> {
        let hold = self.lifecycle.hold().ok_or(BackendClosedError)?;
        let (kept, callbacks) = (Arc::clone(&self.kept), self.callbacks.clone());
        let call = async move {
            let _hold = hold;
            {
                let mut kept = kept.write().await;
                events.iter().for_each(|event| kept.add(event));
            }
            for callback in callbacks.iter().flatten() {
                callback.call(Arc::clone(&events)).await;
            }
            Ok(Some(events))
        };
        self.turns.run(call).await
    }

    async fn query(&self, params: QueryParams) -> Result<QueryResult, BackendError> {
        let _hold = self.lifecycle.hold().ok_or(BackendClosedError)?;
        let QueryParams::Latest(params) = params else {
            return Err(BackendError::Refused("this server keeps no history".into()));
        };
        let wanted = params.event_types.map(Subscription::new).transpose();
        let wanted = wanted.map_err(|error| BackendError::InvalidQuery(error.into()))?;
        let matches = |event: &&Event| wanted.as_ref().is_none_or(|wanted| wanted.matches(&event.event_type));
        let events = self.kept.read().await.latest.values().filter(matches).cloned().collect();
        Ok(QueryResult { events, more_follows: false })
    }

    async fn flush(&self) -> Result<(), BackendError> {
        let _hold = self.lifecycle.hold().ok_or(BackendClosedError)?;
        // What was registered before is as persisted as it gets when its callbacks have ended.
        self.turns.run(async {}).await;
        Ok(())
    }
}
