//! What the memory backend does beyond the contract of all backends.

use std::sync::{Arc, Mutex};

use hat_event_backends::MemoryBackend;
use hat_event_common::{
    Backend, Event, EventId, EventPayload, EventType, EventsCb, QueryLatestParams, QueryServerParams,
    QueryTimeseriesParams, RegisterEvent, Timestamp,
};

fn event(instance: u64, s: i64, payload: Option<EventPayload>) -> Event {
    RegisterEvent { event_type: EventType::from(["a", "b"]), source_timestamp: None, payload }
        .register(EventId::new(1, 1, instance).unwrap(), Timestamp::new(s, 0).unwrap())
}

#[tokio::test]
async fn kept_events_lie_in_memory_of_their_own() {
    let backend = MemoryBackend::new(None, None);
    let payload = EventPayload::binary("raw", vec![7; 100]);
    let data = payload.as_binary().unwrap().data.clone();
    let given = event(1, 0, Some(payload));
    backend.register([given.clone()].into()).await.unwrap();

    let found = backend.query(QueryLatestParams::default().into()).await.unwrap().events;
    assert_eq!(found, [given]);
    let kept = &found[0].payload.as_ref().unwrap().as_binary().unwrap().data;
    assert_ne!(kept.as_ptr(), data.as_ptr());

    let again = backend.query(QueryServerParams::new(found[0].id.server).into()).await.unwrap().events;
    let shared = &again[0].payload.as_ref().unwrap().as_binary().unwrap().data;
    assert_eq!(shared.as_ptr(), kept.as_ptr(), "one copy for all queries");
}

#[tokio::test]
async fn a_clock_that_is_set_back_loses_nothing() {
    let backend = MemoryBackend::new(None, None);
    let events = [event(1, 20, None), event(2, 10, None), event(3, 15, None)];
    backend.register(events.clone().into()).await.unwrap();
    let found = backend.query(QueryTimeseriesParams::default().into()).await.unwrap().events;
    assert_eq!(found, [events[0].clone(), events[2].clone(), events[1].clone()]);
    let latest = backend.query(QueryLatestParams::default().into()).await.unwrap().events;
    assert_eq!(latest, events[2..], "of one server the greater id is later");
}

#[tokio::test]
async fn registered_comes_before_flushed_with_the_same_batch() {
    let calls = Arc::new(Mutex::new(Vec::new()));
    let callback = |name: &'static str| {
        let calls = Arc::clone(&calls);
        EventsCb::new(move |events| {
            calls.lock().unwrap().push((name, events));
            async {}
        })
    };
    let backend = MemoryBackend::new(Some(callback("registered")), Some(callback("flushed")));
    let batch: Arc<[Event]> = [event(1, 0, None)].into();
    let returned = backend.register(Arc::clone(&batch)).await.unwrap().unwrap();
    assert!(Arc::ptr_eq(&returned, &batch));
    let calls = std::mem::take(&mut *calls.lock().unwrap());
    assert_eq!(calls.iter().map(|(name, _)| *name).collect::<Vec<_>>(), ["registered", "flushed"]);
    assert!(calls.iter().all(|(_, events)| Arc::ptr_eq(events, &batch)));
}

#[tokio::test]
async fn pages_have_no_limit_of_their_own() {
    let backend = MemoryBackend::new(None, None);
    let batch: Vec<Event> = (1..=10_000).map(|instance| event(instance, 0, None)).collect();
    backend.register(batch.into()).await.unwrap();
    let result = backend.query(QueryTimeseriesParams::default().into()).await.unwrap();
    assert_eq!((result.events.len(), result.more_follows), (10_000, false));
}
