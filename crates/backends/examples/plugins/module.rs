use async_trait::async_trait;
use hat_event_common::{
    BoxError, Event, EventPayload, EventType, Lifecycle, Module, ModuleInfo, RegisterEvent, Resource, SchemaRepository,
    SessionId, Source, Subscription,
};
use serde_json::json;

/// Raises an alarm when a value is above a limit, and tells how many there were in a session.
#[derive(Debug)]
struct AlarmModule {
    lifecycle: Lifecycle,
    subscription: Subscription,
    limit: f64,
    count: usize,
}

impl Resource for AlarmModule {
    fn lifecycle(&self) -> &Lifecycle {
        &self.lifecycle
    }
}

#[async_trait]
impl Module for AlarmModule {
    fn subscription(&self) -> &Subscription {
        &self.subscription
    }

    async fn on_session_start(&mut self, _session_id: SessionId) -> Result<(), BoxError> {
        self.count = 0;
        Ok(())
    }

    async fn on_session_stop(&mut self, session_id: SessionId) -> Result<(), BoxError> {
        println!("session {session_id}: {} alarms", self.count);
        Ok(())
    }

    async fn process(&mut self, _source: Source, event: &Event) -> Result<Vec<RegisterEvent>, BoxError> {
        // A payload of another form is no value, and no reason to stop.
        let value = event.payload.as_ref().and_then(|payload| payload.parse::<f64>().ok());
        let Some(value) = value.filter(|value| *value > self.limit) else { return Ok(Vec::new()) };
        self.count += 1;
        Ok(vec![RegisterEvent {
            event_type: ["alarm"].into_iter().chain(&event.event_type).collect(),
            source_timestamp: event.source_timestamp,
            payload: Some(EventPayload::json(&value)?),
        }])
    }
}

/// How a configuration makes one.
pub(crate) fn alarm_module_info() -> Result<ModuleInfo, BoxError> {
    let mut repo = SchemaRepository::new();
    repo.add(json!({
        "$id": "example://modules/alarm.yaml",
        "required": ["limit"],
        "properties": {
            "limit": {"type": "number"},
        },
    }))?;
    let info = ModuleInfo::new(|conf, _engine, _source| async move {
        Ok(AlarmModule {
            lifecycle: Lifecycle::new(),
            subscription: Subscription::new([EventType::from(["house", "*"])])?,
            limit: conf["limit"].as_f64().ok_or("limit is no number")?,
            count: 0,
        })
    });
    Ok(info.with_schema("example://modules/alarm.yaml", repo))
}
