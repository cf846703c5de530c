//! Random histories, in the LMDB backend and the memory backend.

use std::sync::Arc;

use hat_event_backends::MemoryBackend;
use hat_event_common::{
    Backend, Event, EventId, EventPayload, EventType, Order, OrderBy, QueryLatestParams, QueryParams,
    QueryServerParams, QueryTimeseriesParams, RegisterEvent, ServerId, Timestamp,
};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use serde_json::json;

use super::{conf_with, open};

/// An event without its id: of which server, of which type, when, and when at its source.
type Draft = (u32, u8, i64, Option<i64>);

#[derive(Clone, Debug)]
enum Step {
    Register(Vec<Draft>),
    Flush,
    Reopen,
    Query(QueryParams),
}

fn draft() -> impl Strategy<Value = Draft> {
    (1..3u32, 0..4u8, 0..30i64, option::of(0..30i64))
}

fn time() -> impl Strategy<Value = Option<Timestamp>> {
    option::weighted(0.4, (0..30i64).prop_map(|s| Timestamp::new(s, 0).unwrap()))
}

fn id() -> impl Strategy<Value = Option<EventId>> {
    option::weighted(0.3, (1..3u64, 1..20u64, 1..6u64))
        .prop_map(|id| id.map(|(a, b, c)| EventId::new(a, b, c).unwrap()))
}

fn query_types() -> impl Strategy<Value = Option<Vec<EventType>>> {
    let query_type = prop::sample::select(vec!["0", "1", "*", "?", "2/*", "3/3", "", "1/?"]);
    option::of(vec(query_type.prop_map(|text| text.parse().unwrap()), 0..3))
}

fn query() -> impl Strategy<Value = QueryParams> {
    let order = prop::sample::select(vec![Order::Ascending, Order::Descending]);
    let order_by = prop::sample::select(vec![OrderBy::Timestamp, OrderBy::SourceTimestamp]);
    let timeseries = (query_types(), [time(), time(), time(), time()], order, order_by, option::of(0..8u64), id())
        .prop_map(
            |(event_types, [t_from, t_to, source_t_from, source_t_to], order, order_by, max_results, last_event_id)| {
                QueryTimeseriesParams {
                    event_types,
                    t_from,
                    t_to,
                    source_t_from,
                    source_t_to,
                    order,
                    order_by,
                    max_results,
                    last_event_id,
                }
                .into()
            },
        );
    let server = (1..4u32, option::of(0..8u64), id()).prop_map(|(server, max_results, last)| {
        let server_id = ServerId::from(server);
        let last_event_id = last.filter(|last| last.server == server_id);
        QueryServerParams { server_id, persisted: false, max_results, last_event_id }.into()
    });
    let latest = query_types().prop_map(|event_types| QueryLatestParams { event_types }.into());
    prop_oneof![3 => timeseries, 2 => server, 1 => latest]
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        5 => vec(draft(), 1..6).prop_map(Step::Register),
        2 => Just(Step::Flush),
        1 => Just(Step::Reopen),
        8 => query().prop_map(Step::Query),
    ]
}

fn event(session: u64, instance: u64, (server, kind, s, source): Draft) -> Event {
    // Some types have two segments, one has none.
    let kind = kind.to_string();
    let event_type: EventType = match &*kind {
        "0" => EventType::new(),
        "3" => EventType::from(["3", "3"]),
        name => EventType::from([name]),
    };
    let time = |s| Timestamp::new(s, 0).unwrap();
    let payload = (s % 3 > 0).then(|| EventPayload::json(&format!("{session}.{instance}")).unwrap());
    RegisterEvent { event_type, source_timestamp: source.map(time), payload }
        .register(EventId::new(server.into(), session, instance).unwrap(), time(s))
}

async fn compare(steps: Vec<Step>, durability: &str) -> Result<(), TestCaseError> {
    let folder = tempfile::tempdir().unwrap();
    let conf = conf_with(folder.path(), json!({"durability": durability}));
    let model = MemoryBackend::new(None, None);
    let mut backend = open(conf.clone()).await;
    for (session, step) in steps.into_iter().enumerate() {
        match step {
            Step::Register(drafts) => {
                let event = |(instance, draft)| event(session as u64, instance as u64 + 1, draft);
                let events: Arc<[Event]> = drafts.into_iter().enumerate().map(event).collect();
                model.register(Arc::clone(&events)).await.unwrap();
                backend.register(events).await.unwrap();
            }
            Step::Flush => backend.flush().await.unwrap(),
            Step::Reopen => {
                backend.async_close().await;
                backend = open(conf.clone()).await;
            }
            Step::Query(params) => {
                let mut expected = model.query(params.clone()).await.unwrap();
                let mut found = backend.query(params.clone()).await.unwrap();
                if let QueryParams::Latest(_) = params {
                    expected.events.sort_by_key(|event| event.id);
                    found.events.sort_by_key(|event| event.id);
                }
                prop_assert_eq!(found, expected, "{:?}", params);
            }
        }
    }
    backend.async_close().await;
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 100, ..ProptestConfig::default() })]

    #[test]
    fn both_backends_answer_alike(steps in vec(step(), 1..60), flushed: bool) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(compare(steps, if flushed { "flushed" } else { "memory" }))?;
    }
}
