use std::collections::BTreeMap;

use hat_event_types::{
    Event, EventId, EventType, Order, OrderBy, QueryLatestParams, QueryParams, QueryResult, QueryServerParams,
    QueryTimeseriesParams,
};

use super::events::{batches, seconds, servers, silent_server};
use super::oracle::Oracle;
use super::subject::{Opened, ensure, ids};
use super::{Nonconformance, Subject};
use crate::BackendError;

/// A backend that has all events, and what it has to answer.
async fn filled(subject: &Subject) -> Result<(Opened, Oracle), Nonconformance> {
    let opened = subject.open(subject.new_conf()).await?;
    let batches = batches();
    for batch in &batches {
        opened.register(batch).await?;
    }
    Ok((opened, Oracle::of(&batches)))
}

/// A latest query gives the latest event of each type that matches.
///
/// # Errors
///
/// [`Nonconformance`] if the backend does not conform.
pub async fn latest_queries(subject: &Subject) -> Result<(), Nonconformance> {
    let (opened, oracle) = filled(subject).await?;
    check_latest(&opened, &oracle).await?;
    opened.close().await.map(drop)
}

pub(super) async fn check_latest(opened: &Opened, oracle: &Oracle) -> Result<(), Nonconformance> {
    for event_types in query_types() {
        let params = QueryLatestParams { event_types };
        let expected = oracle.latest(&params);
        let result = opened.query(params.clone()).await?;
        let count = result.events.len();
        let found: BTreeMap<EventType, Event> =
            result.events.into_iter().map(|event| (event.event_type.clone(), event)).collect();
        ensure!(found.len() == count, "{params:?} gave several events of one type");
        ensure!(!result.more_follows, "{params:?} says that more follows: the latest events are given all at once");
        let (found, expected) = (Vec::from_iter(found.into_values()), Vec::from_iter(expected.into_values()));
        ensure!(ids(&found) == ids(&expected), "{params:?} gave {:?}, not {:?}", ids(&found), ids(&expected));
        ensure!(found == expected, "events came back changed: {found:?} were registered as {expected:?}");
    }
    Ok(())
}

/// A timeseries query filters, orders and continues as the contract says.
///
/// # Errors
///
/// [`Nonconformance`] if the backend does not conform.
pub async fn timeseries_queries(subject: &Subject) -> Result<(), Nonconformance> {
    let (opened, oracle) = filled(subject).await?;
    let unknown = EventId { server: silent_server(), ..EventId::default() };
    let mut last_event_ids = vec![None, Some(unknown)];
    last_event_ids.extend(oracle.events.iter().step_by(3).map(|event| Some(event.id)));
    for params in timeseries_params() {
        for last_event_id in last_event_ids.iter().copied() {
            for max_results in [None, Some(0), Some(1), Some(3), Some(u64::MAX)] {
                let params = QueryTimeseriesParams { max_results, last_event_id, ..params.clone() };
                check_page(&params.clone().into(), opened.query(params.clone()).await?, &oracle.timeseries(&params))?;
            }
        }
    }
    opened.close().await.map(drop)
}

/// A server query gives the events of one server by their ids, and with `persisted` at least those that were flushed.
///
/// # Errors
///
/// [`Nonconformance`] if the backend does not conform.
pub async fn server_queries(subject: &Subject) -> Result<(), Nonconformance> {
    let (opened, oracle) = filled(subject).await?;
    let all_persisted = QueryServerParams { persisted: true, ..QueryServerParams::new(servers()[0]) };
    let persisted = opened.query(all_persisted.clone()).await?.events;
    let expected = oracle.server(&all_persisted);
    ensure!(expected.starts_with(&persisted), "{all_persisted:?} gave {:?}, not the first events", ids(&persisted));

    opened.flush().await?;
    check_server(&opened, &oracle).await?;
    opened.close().await.map(drop)
}

pub(super) async fn check_server(opened: &Opened, oracle: &Oracle) -> Result<(), Nonconformance> {
    for server_id in [silent_server()].into_iter().chain(servers()) {
        let mut last_event_ids = vec![None, Some(EventId { server: server_id, ..EventId::default() })];
        let of_server = oracle.events.iter().filter(|event| event.id.server == server_id);
        last_event_ids.extend(of_server.map(|event| Some(event.id)));
        // Between the others: a session that has no more events.
        last_event_ids.push(EventId::new(server_id.get(), 1, 1000).ok());
        for last_event_id in last_event_ids {
            for (max_results, persisted) in [(None, false), (Some(0), false), (Some(1), true), (Some(3), false)] {
                let params = QueryServerParams { server_id, persisted, max_results, last_event_id };
                check_page(&params.clone().into(), opened.query(params.clone()).await?, &oracle.server(&params))?;
            }
        }
    }
    Ok(())
}

/// Pages, each beginning after the last event of the one before, give every event exactly once.
///
/// # Errors
///
/// [`Nonconformance`] if the backend does not conform.
pub async fn paging(subject: &Subject) -> Result<(), Nonconformance> {
    let (opened, oracle) = filled(subject).await?;
    check_paging(&opened, &oracle).await?;
    opened.close().await.map(drop)
}

pub(super) async fn check_paging(opened: &Opened, oracle: &Oracle) -> Result<(), Nonconformance> {
    for max_results in [None, Some(1), Some(2), Some(5)] {
        for params in timeseries_params() {
            let params = QueryTimeseriesParams { max_results, ..params };
            let page = |last_event_id| QueryTimeseriesParams { last_event_id, ..params.clone() }.into();
            check_pages(opened, page, &oracle.timeseries(&params)).await?;
        }
        for server in servers() {
            let params = QueryServerParams { max_results, ..QueryServerParams::new(server) };
            let page = |last_event_id| QueryServerParams { last_event_id, ..params.clone() }.into();
            check_pages(opened, page, &oracle.server(&params)).await?;
        }
    }
    Ok(())
}

async fn check_pages(
    opened: &Opened,
    page: impl Fn(Option<EventId>) -> QueryParams,
    mut expected: &[Event],
) -> Result<(), Nonconformance> {
    let mut last_event_id = None;
    loop {
        let params = page(last_event_id);
        let result = opened.query(params.clone()).await?;
        last_event_id = result.events.last().map(|event| event.id);
        let (count, more_follows) = (result.events.len(), result.more_follows);
        check_page(&params, result, expected)?;
        expected = expected.get(count..).unwrap_or_default();
        if !more_follows {
            return Ok(());
        }
    }
}

/// Holds the answer to a query against all events that match.
fn check_page(params: &QueryParams, result: QueryResult, expected: &[Event]) -> Result<(), Nonconformance> {
    let max_results = match params {
        QueryParams::Latest(_) => None,
        QueryParams::Timeseries(params) => params.max_results,
        QueryParams::Server(params) => params.max_results,
    };
    let QueryResult { events, more_follows } = result;
    let differ = || format!("{params:?} gave {:?}; what matches is {:?}", ids(&events), ids(expected));
    ensure!(ids(expected).starts_with(&ids(&events)), "wrong events: {}", differ());
    ensure!(expected.starts_with(&events), "events came back changed: {events:?} are some of {expected:?}");
    ensure!(max_results.is_none_or(|max| events.len() as u64 <= max), "more than max_results: {}", differ());
    let some_follow = events.len() < expected.len();
    ensure!(more_follows || !some_follow, "events are missing, and more_follows is false: {}", differ());
    ensure!(some_follow || !more_follows, "more_follows is true after the last event: {}", differ());
    ensure!(!events.is_empty() || expected.is_empty() || max_results == Some(0), "an empty page: {}", differ());
    Ok(())
}

/// A query that contradicts itself is an error of its own.
///
/// # Errors
///
/// [`Nonconformance`] if the backend does not conform.
pub async fn invalid_queries(subject: &Subject) -> Result<(), Nonconformance> {
    let (opened, _) = filled(subject).await?;
    let event_types = Some(vec![EventType::from(["x"]), EventType::from(["a", "*", "b"])]);
    let [first, second, _] = servers();
    let invalid: [QueryParams; 3] = [
        QueryLatestParams { event_types: event_types.clone() }.into(),
        QueryTimeseriesParams { event_types, ..Default::default() }.into(),
        QueryServerParams {
            last_event_id: Some(EventId { server: second, ..EventId::default() }),
            ..QueryServerParams::new(first)
        }
        .into(),
    ];
    for params in invalid {
        let result = opened.backend.query(params.clone()).await;
        ensure!(
            matches!(result, Err(BackendError::InvalidQuery(_))),
            "{params:?} contradicts itself, and the answer is not that error but {result:?}"
        );
        ensure!(opened.backend.is_open(), "a query that contradicts itself closed the backend");
    }
    opened.close().await.map(drop)
}

fn query_types() -> Vec<Option<Vec<EventType>>> {
    let lists: [&[&[&str]]; 10] = [
        &[],
        &[&["*"]],
        &[&[]],
        &[&["a", "b"]],
        &[&["a", "?"]],
        &[&["a", "*"]],
        &[&["?"], &["a", "b", "?"]],
        &[&["a", "b"], &["x"], &["nothing"]],
        &[&["a", "b"], &["a", "*"], &["*"]],
        &[&["?", "?", "/"]],
    ];
    let lists = lists.into_iter().map(|list| Some(list.iter().map(|segments| EventType::from(*segments)).collect()));
    [None].into_iter().chain(lists).collect()
}

/// Every way to ask for a history, but for pages.
fn timeseries_params() -> Vec<QueryTimeseriesParams> {
    let mut all = Vec::new();
    let mut add = |event_types: Option<Vec<EventType>>, t: [Option<i64>; 2], source_t: [Option<i64>; 2]| {
        let [t_from, t_to] = t.map(|t| t.map(seconds));
        let [source_t_from, source_t_to] = source_t.map(|t| t.map(seconds));
        for order in Order::ALL {
            for order_by in OrderBy::ALL {
                all.push(QueryTimeseriesParams {
                    event_types: event_types.clone(),
                    t_from,
                    t_to,
                    source_t_from,
                    source_t_to,
                    order,
                    order_by,
                    max_results: None,
                    last_event_id: None,
                });
            }
        }
    };
    for event_types in query_types() {
        add(event_types, [None, None], [None, None]);
    }
    for t in [[Some(10), None], [None, Some(10)], [Some(10), Some(10)], [Some(9), Some(11)], [Some(12), Some(9)]] {
        add(None, t, [None, None]);
    }
    for source_t in [[Some(5), None], [None, Some(5)], [Some(5), Some(5)], [Some(-7), Some(4)], [Some(6), Some(4)]] {
        add(None, [None, None], source_t);
        add(Some(vec![EventType::from(["a", "*"])]), [Some(-3), Some(12)], source_t);
    }
    all
}
