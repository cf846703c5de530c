//! The store against a plain model, which sorts everything. Pieces of memory and of queries are small here.

mod model;

use std::collections::BTreeMap;

use hat_event_common::{
    Event, EventId, EventPayload, EventType, Order, OrderBy, QueryLatestParams, QueryResult, QueryServerParams,
    QueryTimeseriesParams, RegisterEvent, ServerId, Timestamp,
};
use model::Model;
use proptest::prelude::*;

use super::query::{ServerQuery, TimeseriesQuery};
use super::store::Store;

fn add(store: &mut Store, batch: &[Event]) {
    let payloads: Vec<EventPayload> =
        EventPayload::detach_all(batch.iter().filter_map(|event| event.payload.as_ref())).collect();
    store.add(batch, payloads.into_iter());
}

fn timeseries(store: &Store, params: &QueryTimeseriesParams) -> QueryResult {
    let mut query = TimeseriesQuery::new(params).unwrap();
    while !query.advance(store) {}
    query.result()
}

fn server(store: &Store, params: &QueryServerParams) -> QueryResult {
    let mut query = ServerQuery::new(params).unwrap();
    while !query.advance(store) {}
    query.result()
}

fn seconds(s: i64) -> Timestamp {
    Timestamp::new(s, 0).unwrap()
}

fn id(server: u64, instance: u64) -> EventId {
    EventId::new(server, 1 + instance / 5, instance % 5).unwrap()
}

/// An event of one of three servers: its id mostly rises, and is known otherwise; both times mostly rise, and rarely go back far.
fn batches() -> impl Strategy<Value = Vec<Vec<Event>>> {
    let back = || prop_oneof![6 => 0..1i64, 3 => 0..4i64, 1 => 0..60i64];
    let event = (0..3u64, 0..20u64, back(), prop::option::of(back()), 0..6usize, 0..3u8);
    let batches = prop::collection::vec(prop::collection::vec(event, 0..8), 0..12);
    batches.prop_map(|batches| {
        let (mut next, mut now) = ([0u64; 3], 0);
        let mut event =
            |(server, known, back, source, event_type, payload): (u64, u64, i64, Option<i64>, usize, u8)| {
                let of_server = &mut next[server as usize];
                let instance = if known == 0 { of_server.saturating_sub(1) } else { *of_server };
                *of_server = instance + 1;
                now += i64::from(known % 3 == 0);
                let event_type: EventType = ["", "a", "a/b", "a/c", "a/b/c", "x"][event_type].parse().unwrap();
                let payload = match payload {
                    0 => None,
                    1 => Some(EventPayload::binary("raw", format!("{server} {instance} {now}").into_bytes())),
                    _ => Some(EventPayload::json(&(server, instance, now)).unwrap()),
                };
                RegisterEvent { event_type, source_timestamp: source.map(|back| seconds(now - back)), payload }
                    .register(id(server, instance), seconds(now - back))
            };
        batches.into_iter().map(|batch| batch.into_iter().map(&mut event).collect()).collect()
    })
}

fn query_types() -> impl Strategy<Value = Option<Vec<EventType>>> {
    let query_type = prop::sample::select(vec!["*", "a/*", "a/?", "a", "x", "y", ""]);
    let parse = |types: Vec<&str>| types.into_iter().map(|text| text.parse().unwrap()).collect();
    prop::option::weighted(0.4, prop::collection::vec(query_type, 0..3).prop_map(parse))
}

fn series() -> impl Strategy<Value = QueryTimeseriesParams> {
    let time = || prop::option::weighted(0.3, (-10..35i64).prop_map(seconds));
    let last = prop::option::weighted(0.4, (0..3u64, 0..20u64).prop_map(|(server, instance)| id(server, instance)));
    let max = prop::option::weighted(0.5, 0..9u64);
    let orders = (any::<bool>(), any::<bool>());
    (query_types(), [time(), time(), time(), time()], orders, max, last).prop_map(
        |(event_types, [t_from, t_to, source_t_from, source_t_to], (by_source, down), max_results, last_event_id)| {
            let order_by = if by_source { OrderBy::SourceTimestamp } else { OrderBy::Timestamp };
            let order = if down { Order::Descending } else { Order::Ascending };
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
        },
    )
}

proptest! {
    #[test]
    fn the_store_finds_what_the_model_finds(
        batches in batches(),
        latest in query_types(),
        series in prop::collection::vec(series(), 8),
        pages in prop::collection::vec((0..4u64, prop::option::of(0..20u64), prop::option::of(0..9u64)), 8),
    ) {
        let (mut store, mut model) = (Store::default(), Model::default());
        for batch in &batches {
            add(&mut store, batch);
            model.add(batch);
        }
        for server in 0..4 {
            let last = model.0.iter().map(|event| event.id).filter(|id| id.server.get() == server).max();
            let none = EventId::new(server, 0, 0).unwrap();
            prop_assert_eq!(store.last_event_id(none.server), last.unwrap_or(none));
        }
        let params = QueryLatestParams { event_types: latest };
        let found = store.latest(&params).unwrap();
        prop_assert!(!found.more_follows);
        let count = found.events.len();
        let found: BTreeMap<_, _> = found.events.into_iter().map(|event| (event.event_type.clone(), event)).collect();
        prop_assert_eq!(found.len(), count, "an event type twice");
        prop_assert_eq!(found, model.latest(&params));
        for params in &series {
            prop_assert_eq!(timeseries(&store, params), model.timeseries(params), "{:?}", params);
        }
        for (of, last, max_results) in pages {
            let mut params = QueryServerParams::new(ServerId::from(of as u32));
            params.last_event_id = last.map(|instance| id(of, instance));
            params.max_results = max_results;
            prop_assert_eq!(server(&store, &params), model.server(&params), "{:?}", params);
        }
    }

    #[test]
    fn a_query_sees_what_there_was_when_it_began(
        before in batches(), params in series(), steps in 1..5usize,
    ) {
        let (mut store, mut model) = (Store::default(), Model::default());
        let (later, before) = before.split_at(before.len() / 2);
        // The later half has smaller ids of its own servers, so it is given others.
        let later: Vec<Event> = later.concat().into_iter().map(|mut event| {
            event.id.server = ServerId::from(event.id.server.get() as u32 + 10);
            event
        }).collect();
        before.iter().for_each(|batch| {
            add(&mut store, batch);
            model.add(batch);
        });
        let mut query = TimeseriesQuery::new(&params).unwrap();
        let done = (0..steps).any(|_| query.advance(&store));
        add(&mut store, &later);
        while !done && !query.advance(&store) {}
        prop_assert_eq!(query.result(), model.timeseries(&params));
    }
}

#[test]
fn servers_whose_clocks_differ_are_put_in_order_in_time() {
    let event = |server, instance: u64, s: i64| {
        RegisterEvent { event_type: EventType::new(), source_timestamp: Some(seconds(-s)), payload: None }
            .register(id(server, instance), seconds(s))
    };
    let (mut store, mut model) = (Store::default(), Model::default());
    // One server lags behind by 20 s; the source's clock runs backwards, so that every event is put before the others.
    for i in 0..100 {
        let batch = [event(0, i, i as i64), event(1, i, i as i64 - 20)];
        add(&mut store, &batch);
        model.add(&batch);
    }
    for (order_by, order) in [
        (OrderBy::Timestamp, Order::Ascending),
        (OrderBy::Timestamp, Order::Descending),
        (OrderBy::SourceTimestamp, Order::Ascending),
        (OrderBy::SourceTimestamp, Order::Descending),
    ] {
        let mut params = QueryTimeseriesParams { order_by, order, max_results: Some(7), ..Default::default() };
        let mut paged = Vec::new();
        loop {
            let result = timeseries(&store, &params);
            params.last_event_id = result.events.last().map(|event| event.id);
            paged.extend(result.events);
            if !result.more_follows {
                break;
            }
        }
        let all = QueryTimeseriesParams { order_by, order, ..Default::default() };
        assert_eq!(paged, model.timeseries(&all).events);
        assert_eq!(paged.len(), 200);
    }
}

#[test]
fn a_query_by_server_does_not_run_after_those_who_add() {
    let event = |instance| {
        RegisterEvent { event_type: EventType::new(), source_timestamp: None, payload: None }
            .register(id(0, instance), seconds(0))
    };
    let mut store = Store::default();
    let batch: Vec<Event> = (0..10).map(event).collect();
    add(&mut store, &batch);
    let params = QueryServerParams::new(ServerId::MIN);
    let mut query = ServerQuery::new(&params).unwrap();
    assert!(!query.advance(&store));
    add(&mut store, &[event(10)]);
    while !query.advance(&store) {}
    assert_eq!(query.result(), QueryResult { events: batch, more_follows: false });
}
