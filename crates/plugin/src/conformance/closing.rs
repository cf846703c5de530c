use std::sync::Arc;

use hat_event_types::{Event, EventId, QueryLatestParams, QueryParams, QueryServerParams, QueryTimeseriesParams};
use tokio::task::JoinSet;

use super::events::{batches, event, servers};
use super::oracle::Oracle;
use super::querying::{check_latest, check_paging, check_server};
use super::subject::{Opened, ensure, ids};
use super::{Nonconformance, Storage, Subject};
use crate::BackendError;

/// Once closing is requested every call fails, and the backend comes to be closed.
///
/// # Errors
///
/// [`Nonconformance`] if the backend does not conform.
pub async fn closing(subject: &Subject) -> Result<(), Nonconformance> {
    let opened = subject.open(subject.new_conf()).await?;
    let backend = Arc::clone(&opened.backend);
    ensure!(
        backend.is_open() && !backend.is_closing() && !backend.is_closed(),
        "a backend that was just made is not open"
    );
    for batch in batches() {
        opened.register(&batch).await?;
    }
    backend.close();
    ensure!(!backend.is_open() && backend.is_closing(), "after close the backend is still open");
    check_refuses(&opened, "closing").await?;
    backend.wait_closing().await;
    backend.wait_closed().await;
    ensure!(backend.is_closed() && backend.is_closing(), "wait_closed returned, and the backend is not closed");
    check_refuses(&opened, "closed").await?;
    // Again has no effect, and does not wait for ever.
    opened.close().await.map(drop)
}

async fn check_refuses(opened: &Opened, state: &str) -> Result<(), Nonconformance> {
    let backend = &opened.backend;
    let is_closed = |result: Result<(), BackendError>| matches!(result, Err(BackendError::Closed(_)));
    let outcome = backend.get_last_event_id(servers()[0]).await;
    ensure!(is_closed(outcome.map(drop)), "get_last_event_id does not fail with closed while the backend is {state}");
    let outcome = backend.register([event(servers()[0], 1000, 1, 1000, &["x"], None, None)].into()).await;
    ensure!(is_closed(outcome.map(drop)), "register does not fail with closed while the backend is {state}");
    ensure!(is_closed(backend.flush().await), "flush does not fail with closed while the backend is {state}");
    let params: [QueryParams; 3] = [
        QueryLatestParams::default().into(),
        QueryTimeseriesParams::default().into(),
        QueryServerParams::default().into(),
    ];
    for params in params {
        let outcome = backend.query(params).await;
        ensure!(is_closed(outcome.map(drop)), "query does not fail with closed while the backend is {state}");
    }
    Ok(())
}

/// Calls that are under way when closing is requested end, and what they registered is flushed before the backend is
/// closed.
///
/// # Errors
///
/// [`Nonconformance`] if the backend does not conform.
pub async fn closing_at_work(subject: &Subject) -> Result<(), Nonconformance> {
    const COUNT: u32 = 64;
    let opened = subject.open(subject.new_conf()).await?;
    let mut calls = JoinSet::new();
    for server in 1..=COUNT {
        let backend = Arc::clone(&opened.backend);
        calls.spawn(async move {
            if server == COUNT / 2 {
                backend.close();
            }
            let batch: Arc<[Event]> = [event(server.into(), 1, 1, 1, &["x"], None, None)].into();
            (backend.register(Arc::clone(&batch)).await, batch)
        });
    }
    opened.backend.wait_closing().await;
    let flushed = opened.close().await?.take();
    while let Some(outcome) = calls.join_next().await {
        let (outcome, batch) = outcome.map_err(|error| Nonconformance::new(format!("register panicked: {error}")))?;
        let was_flushed = flushed.contains(&batch);
        match outcome {
            Ok(Some(_)) => {
                ensure!(
                    was_flushed,
                    "the backend was closed before it flushed the registered events {:?}",
                    ids(&batch)
                );
            }
            Ok(None) | Err(BackendError::Closed(_)) => {}
            Err(error) => {
                return Err(Nonconformance::new(format!("register failed, and not because of closing: {error}")));
            }
        }
    }
    Ok(())
}

/// A backend that is made again of the same configuration has all that was registered.
///
/// # Errors
///
/// [`Nonconformance`] if the backend does not conform.
pub async fn reopening(subject: &Subject) -> Result<(), Nonconformance> {
    ensure!(subject.storage == Storage::Persistent, "only what is persistent can be made again");
    let conf = subject.new_conf();
    let mut oracle = Oracle::default();
    for batch in batches() {
        let opened = subject.open(conf.clone()).await?;
        opened.register(&batch).await?;
        oracle.register(&batch);
        opened.close().await?;
    }
    let opened = subject.open(conf).await?;
    for server in servers() {
        let (id, expected) = (opened.last_event_id(server).await?, oracle.last_event_id(server));
        ensure!(id == expected, "made again, get_last_event_id gave {id:?}, not {expected:?}");
    }
    check_latest(&opened, &oracle).await?;
    check_server(&opened, &oracle).await?;
    check_paging(&opened, &oracle).await?;
    opened.close().await.map(drop)
}

/// Ids that are reserved are the last ones of their server, also for a backend that is made again; and the events with those
/// ids are not known.
///
/// # Errors
///
/// [`Nonconformance`] if the backend does not conform.
pub async fn reservations(subject: &Subject) -> Result<(), Nonconformance> {
    ensure!(subject.storage == Storage::Persistent, "only what is persistent can reserve");
    let conf = subject.new_conf();
    let reserve = async |opened: &Opened, id: EventId| {
        let reserved = opened.backend.reserve_event_ids(id).await;
        reserved.map_err(|error| Nonconformance::new(format!("reserve_event_ids failed on an open backend: {error}")))
    };
    let check = async |opened: &Opened, expected: EventId| {
        let id = opened.last_event_id(expected.server).await?;
        ensure!(id == expected, "with {expected:?} reserved, get_last_event_id gave {id:?}");
        Ok(())
    };
    let ids = servers().into_iter().zip(1000..);
    let ids: Vec<EventId> = ids.filter_map(|(server, session)| EventId::new(server.get(), session, 7).ok()).collect();

    let opened = subject.open(conf.clone()).await?;
    for id in &ids {
        reserve(&opened, *id).await?;
        check(&opened, *id).await?;
    }
    let batches = batches();
    let mut oracle = Oracle::default();
    for batch in &batches {
        opened.register(batch).await?;
        oracle.register(batch);
    }
    opened.flush().await?;
    check_server(&opened, &oracle).await?;
    opened.close().await?;

    let opened = subject.open(conf.clone()).await?;
    for id in &ids {
        check(&opened, oracle.last_event_id(id.server).max(*id)).await?;
    }
    check_server(&opened, &oracle).await?;
    opened.close().await?;

    // Less may be reserved than before, though not less than what was kept.
    let opened = subject.open(conf).await?;
    for server in servers() {
        let none = EventId::new(server.get(), 0, 0).map_err(|error| Nonconformance::new(error.to_string()))?;
        reserve(&opened, none).await?;
    }
    opened.close().await.map(drop)
}
