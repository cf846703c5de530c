use std::sync::Arc;

use async_trait::async_trait;
use hat_event_backends::MemoryBackend;
use hat_event_common::{
    Backend, BackendClosedError, BackendError, BackendFlushedEventsCb, BackendInfo, BackendRegisteredEventsCb,
    BoxError, Event, EventId, EventType, Lifecycle, QueryParams, QueryResult, Resource, ServerId, Subscription, Turns,
    json_schema_repo,
};
use serde_json::{Value, json};

/// Keeps what a subscription matches.
#[derive(Debug)]
struct SelectiveBackend {
    subscription: Subscription,
    registered_cb: Option<BackendRegisteredEventsCb>,
    flushed_cb: Option<BackendFlushedEventsCb>,
    turns: Turns,
    kept: Arc<MemoryBackend>,
}

impl Resource for SelectiveBackend {
    fn lifecycle(&self) -> &Lifecycle {
        self.kept.lifecycle()
    }
}

#[async_trait]
impl Backend for SelectiveBackend {
    async fn get_last_event_id(&self, server_id: ServerId) -> Result<EventId, BackendError> {
        self.kept.get_last_event_id(server_id).await
    }

    async fn register(&self, events: Arc<[Event]>) -> Result<Option<Arc<[Event]>>, BackendError> {
        let hold = self.lifecycle().hold().ok_or(BackendClosedError)?;
        let matches = |event: &&Event| self.subscription.matches(&event.event_type);
        let matching = events.iter().filter(matches).cloned().collect();
        let kept = Arc::clone(&self.kept);
        let callbacks = [self.registered_cb.clone(), self.flushed_cb.clone()];
        let call = async move {
            let _hold = hold;
            kept.register(matching).await?;
            for callback in callbacks.iter().flatten() {
                callback.call(Arc::clone(&events)).await;
            }
            Ok(Some(events))
        };
        self.turns.run(call).await
    }

    async fn query(&self, params: QueryParams) -> Result<QueryResult, BackendError> {
        self.kept.query(params).await
    }

    async fn flush(&self) -> Result<(), BackendError> {
        self.turns.run(async {}).await;
        self.kept.flush().await
    }
}

/// How a configuration makes one.
pub(crate) fn selective_backend_info() -> Result<BackendInfo, BoxError> {
    let mut repo = json_schema_repo().clone();
    repo.add(json!({
        "$id": "example://backends/selective.yaml",
        "allOf": [{"$ref": "hat-event://server.yaml#/$defs/backend"}],
        "required": ["keep"],
        "properties": {
            "keep": {"$ref": "hat-event://backends/lmdb.yaml#/$defs/event_types"},
        },
    }))?;
    let info = BackendInfo::new(|conf, registered_cb, flushed_cb| async move {
        Ok(SelectiveBackend {
            subscription: Subscription::new(query_types(&conf["keep"])?)?,
            registered_cb,
            flushed_cb,
            turns: Turns::new(),
            kept: Arc::new(MemoryBackend::new(None, None)),
        })
    });
    Ok(info.with_schema("example://backends/selective.yaml", repo))
}

fn query_types(conf: &Value) -> Result<Vec<EventType>, BoxError> {
    let lists: Vec<Vec<String>> = serde_json::from_value(conf.clone())?;
    Ok(lists.into_iter().map(EventType::from).collect())
}
