//! What our LMDB backend does otherwise than the reference's, by the names of `docs/src/python-parity.md`.

use hat_event_backends::backends;
use hat_event_common::{
    Event, EventId, EventPayload, EventPayloadJson, EventType, Order, OrderBy, QueryLatestParams, QueryParams,
    QueryResult, QueryServerParams, QueryTimeseriesParams, RegisterEvent, ServerId, Timestamp,
};
use serde_json::{Value, json};

use super::conf::whole;
use super::pair::{Pair, ask, start, with_path};

/// An event of a session of its own, with the second as payload.
fn event(server: u64, session: u64, s: i64) -> Event {
    let payload = Some(EventPayload::json(&s).unwrap());
    event_with("a", payload, server, session, s)
}

fn event_with(event_type: &str, payload: Option<EventPayload>, server: u64, session: u64, s: i64) -> Event {
    let timestamp = Timestamp::new(s, 0).unwrap();
    RegisterEvent { event_type: event_type.parse().unwrap(), source_timestamp: Some(timestamp), payload }
        .register(EventId::new(server, session, 1).unwrap(), timestamp)
}

fn ids(result: &QueryResult) -> Vec<(u64, u64)> {
    result.events.iter().map(|event| (event.id.server.get(), event.id.session.get())).collect()
}

fn of_server_1(persisted: bool) -> QueryServerParams {
    QueryServerParams { persisted, ..QueryServerParams::new(ServerId::from(1)) }
}

async fn opened(conf: &Value) -> Pair {
    let mut pair = Pair::new();
    pair.open(conf).await;
    pair
}

async fn reopen(pair: &mut Pair, conf: &Value) {
    pair.close().await;
    pair.open(conf).await;
}

fn with(key: &str, value: Value) -> Value {
    let mut conf = whole();
    conf[key] = value;
    conf
}

fn condition(data: Value) -> Value {
    json!([{"subscriptions": [["*"]], "condition": data}])
}

#[tokio::test(flavor = "multi_thread")]
async fn lmdb_flush_for_query() {
    let mut pair = opened(&whole()).await;
    pair.register(vec![event(1, 1, 1)]).await;
    let by_source = QueryTimeseriesParams { order_by: OrderBy::SourceTimestamp, ..Default::default() };
    let [theirs, ours] = pair.query(by_source).await;
    assert_eq!((ids(&theirs), ids(&ours)), (vec![(1, 1)], vec![(1, 1)]));
    let [theirs, ours] = pair.query(of_server_1(true)).await;
    assert_eq!((ids(&theirs), ids(&ours)), (vec![(1, 1)], vec![]));
    pair.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn backend_order() {
    let mut pair = opened(&whole()).await;
    let params = QueryTimeseriesParams {
        t_to: Some(Timestamp::new(4, 0).unwrap()),
        order: Order::Ascending,
        ..Default::default()
    };
    pair.register(vec![event(1, 1, 1), event(1, 2, 5), event(2, 1, 3)]).await;
    let [theirs, ours] = pair.query(params.clone()).await;
    assert_eq!(ids(&theirs), [(1, 1)], "what comes behind a later event is lost");
    assert_eq!(ids(&ours), [(1, 1), (2, 1)]);
    pair.flush_python();
    let [theirs, ours] = pair.query(params).await;
    assert_eq!(theirs, ours);
    pair.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn disjoint_longer() {
    let partition = |query_type: &[&str]| json!({"order_by": "TIMESTAMP", "subscriptions": [query_type]});
    let mut pair = opened(&with("timeseries", json!([partition(&["a", "b"]), partition(&["*"])]))).await;
    pair.register(vec![event(1, 1, 1)]).await;
    let params = QueryTimeseriesParams { event_types: Some(vec![EventType::from(["a"])]), ..Default::default() };
    let [theirs, ours] = pair.query(params).await;
    assert_eq!((ids(&theirs), ids(&ours)), (vec![], vec![(1, 1)]));
    pair.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn lmdb_stale_refs() {
    let mut conf = with("timeseries", json!([]));
    let mut pair = opened(&conf).await;
    pair.register(vec![event(1, 1, 1)]).await;
    conf["conditions"] = condition(json!({"type": "json", "data_value": 2}));
    reopen(&mut pair, &conf).await;
    pair.register(vec![event(1, 2, 2)]).await;
    pair.flush_python();
    pair.flush_ours().await;
    let [theirs, ours] = pair.query(of_server_1(false)).await;
    assert_eq!((ids(&theirs), ids(&ours)), (vec![(1, 2), (1, 2)], vec![(1, 2)]));
    pair.close().await;
    pair.compare_databases();
}

#[tokio::test(flavor = "multi_thread")]
async fn lmdb_last_unmet() {
    let mut pair = opened(&whole()).await;
    pair.register(vec![event(1, 1, 1), event(1, 2, 2)]).await;
    reopen(&mut pair, &with("conditions", condition(json!({"type": "json", "data_value": 1})))).await;
    let last_event_id = Some(EventId::new(1, 2, 1).unwrap());
    let [theirs, ours] = pair.query(QueryTimeseriesParams { last_event_id, ..Default::default() }).await;
    assert_eq!((ids(&theirs), ids(&ours)), (vec![], vec![(1, 1)]));
    pair.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn backend_time_steps_back() {
    let mut pair = opened(&whole()).await;
    pair.register(vec![event(1, 1, 10), event(1, 2, 5)]).await;
    let [theirs, ours] = pair.query(QueryTimeseriesParams::default()).await;
    assert_eq!((ids(&theirs), ids(&ours)), (vec![(1, 1)], vec![(1, 1), (1, 2)]));
    pair.close().await;
    let [theirs, ours] = pair.table("SYSTEM_LAST_TIMESTAMP");
    assert_eq!(theirs, ours, "the latest, not the last");
}

#[tokio::test(flavor = "multi_thread")]
async fn lmdb_count_0() {
    let mut pair = opened(&whole()).await;
    pair.query(QueryTimeseriesParams::default()).await;
    pair.close().await;
    let [theirs, ours] = pair.table("TIMESERIES_COUNT");
    assert_eq!((theirs, ours), (json!([["0000000000000001", "0000000000000000"]]), json!([])));
}

#[tokio::test(flavor = "multi_thread")]
async fn json_text() {
    let mut pair = opened(&whole()).await;
    let payload = EventPayload::Json(EventPayloadJson::from_text("{\"a\":1}").unwrap());
    pair.register(vec![event_with("a", Some(payload), 1, 1, 1)]).await;
    pair.close().await;
    let [theirs, ours] = pair.table("LATEST_DATA").map(|table| table[0][1].as_str().unwrap().to_owned());
    let hex = |text: &str| text.bytes().map(|byte| format!("{byte:02x}")).collect::<String>();
    assert!(theirs.ends_with(&hex("{\"a\": 1}")) && ours.ends_with(&hex("{\"a\":1}")));
}

/// Conditions see a payload as far as it can be parsed here.
#[tokio::test(flavor = "multi_thread")]
async fn lmdb_condition_json() {
    let deep = format!("{}{}", "[".repeat(200), "]".repeat(200));
    for (condition_is, payload, [theirs_keep, ours_keep]) in [
        (json!({"data_type": "string"}), r#""\ud800""#, [true, false]),
        (json!({"data_type": "array"}), &deep, [true, false]),
        (json!({"data_value": 18_446_744_073_709_551_616_f64}), "18446744073709551617", [false, true]),
    ] {
        let mut condition_is = condition_is;
        condition_is["type"] = "json".into();
        let mut pair = opened(&with("conditions", condition(condition_is))).await;
        let payload = EventPayload::Json(EventPayloadJson::from_text(payload.to_owned()).unwrap());
        pair.register(vec![event_with("a", Some(payload), 1, 1, 1)]).await;
        let kept = pair.query(of_server_1(false)).await.map(|result| !result.events.is_empty());
        assert_eq!(kept, [theirs_keep, ours_keep]);
        pair.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn lmdb_unreadable() {
    let (folder, mut python) = (tempfile::tempdir().unwrap(), start());
    let conf = with_path(&whole(), &folder.path().join("event.db"));
    for (us, found) in [(999_999, 1), (1_000_000, 0)] {
        ask(&mut python, "open", json!({"conf": conf}));
        ask(&mut python, "register_source_us", json!({"us": us}));
        ask(&mut python, "close", json!({}));
        let info = backends().get("hat.event.backends.lmdb").unwrap().clone();
        let backend = info.create(conf.clone(), None, None).await.unwrap();
        let queries: [QueryParams; 2] = [QueryLatestParams::default().into(), QueryTimeseriesParams::default().into()];
        for params in queries {
            let answer = backend.query(params.clone()).await.unwrap();
            assert_eq!((answer.events.len(), answer.more_follows), (found, false), "{params:?}");
        }
        backend.async_close().await;
        std::fs::remove_file(folder.path().join("event.db")).unwrap();
    }
}
