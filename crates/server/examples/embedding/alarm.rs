use async_trait::async_trait;
use hat_event_common::{
    BoxError, Event, EventType, Lifecycle, Module, ModuleInfo, RegisterEvent, Resource, SchemaRepository, Source,
    Subscription,
};
use serde_json::json;

/// Registers an alarm in the same session whenever a temperature is above a limit.
#[derive(Debug)]
pub(crate) struct Alarm {
    lifecycle: Lifecycle,
    subscription: Subscription,
    /// In degrees.
    limit: f64,
}

impl Alarm {
    /// How a configuration makes one, and what it has to look like.
    pub(crate) fn info() -> ModuleInfo {
        let info = ModuleInfo::new(|conf, _engine, _source| async move {
            let subscription = Subscription::new(["house/?/temperature".parse::<EventType>()?])?;
            let limit = conf["limit"].as_f64().ok_or("limit is no number")?;
            Ok(Self { lifecycle: Lifecycle::new(), subscription, limit })
        });
        let mut schemas = SchemaRepository::new();
        let schema = json!({
            "$id": "house://alarm.yaml",
            "required": ["limit"],
            "properties": {"module": {}, "limit": {"type": "number"}},
        });
        schemas.add(schema).expect("it is the only one");
        info.with_schema("house://alarm.yaml", schemas)
    }
}

impl Resource for Alarm {
    fn lifecycle(&self) -> &Lifecycle {
        &self.lifecycle
    }
}

#[async_trait]
impl Module for Alarm {
    fn subscription(&self) -> &Subscription {
        &self.subscription
    }

    async fn process(&mut self, _source: Source, event: &Event) -> Result<Vec<RegisterEvent>, BoxError> {
        let payload =
            event.payload.clone().filter(|payload| payload.parse().is_ok_and(|value: f64| value > self.limit));
        if payload.is_none() {
            return Ok(Vec::new());
        }
        let event_type = ["alarm"].into_iter().chain(event.event_type.segments()).collect();
        Ok(vec![RegisterEvent { event_type, source_timestamp: event.source_timestamp, payload }])
    }
}
