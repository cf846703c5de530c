use std::sync::{Arc, OnceLock, Weak};

use hat_event_types::{
    EventId, EventPayload, InstanceId, QueryLatestParams, QueryParams, QueryServerParams, QueryTimeseriesParams,
    SessionId,
};
use tokio::sync::mpsc;

use super::events::{batches, event, servers, silent_server};
use super::oracle::Oracle;
use super::subject::{Opened, ensure, ids, query, register};
use super::{Nonconformance, Storage, Subject};
use crate::{Backend, EventsCb};

/// A backend without events has no ids and finds nothing; one that keeps nothing is always without events.
///
/// # Errors
///
/// [`Nonconformance`] if the backend does not conform.
pub async fn emptiness(subject: &Subject) -> Result<(), Nonconformance> {
    let opened = subject.open(subject.new_conf()).await?;
    check_empty(&opened).await?;
    if subject.storage == Storage::Nothing {
        for batch in batches() {
            opened.register(&batch).await?;
        }
        check_empty(&opened).await?;
    }
    opened.close().await.map(drop)
}

async fn check_empty(opened: &Opened) -> Result<(), Nonconformance> {
    for server in servers() {
        let id = opened.last_event_id(server).await?;
        let none = EventId { server, session: SessionId::MIN, instance: InstanceId::MIN };
        ensure!(id == none, "get_last_event_id gave {id:?} for a server without events, not {none:?}");
    }
    let params: [QueryParams; 3] = [
        QueryLatestParams::default().into(),
        QueryTimeseriesParams::default().into(),
        QueryServerParams::default().into(),
    ];
    for params in params {
        let result = opened.query(params.clone()).await?;
        ensure!(
            result.events.is_empty() && !result.more_follows,
            "{params:?} found the events {:?}, more_follows {}, where there are none",
            ids(&result.events),
            result.more_follows
        );
    }
    Ok(())
}

/// Of each server, the last id is the one registered last.
///
/// # Errors
///
/// [`Nonconformance`] if the backend does not conform.
pub async fn last_event_ids(subject: &Subject) -> Result<(), Nonconformance> {
    let opened = subject.open(subject.new_conf()).await?;
    let mut oracle = Oracle::default();
    for batch in batches() {
        opened.register(&batch).await?;
        oracle.register(&batch);
        for server in [silent_server()].into_iter().chain(servers()) {
            let (id, expected) = (opened.last_event_id(server).await?, oracle.last_event_id(server));
            ensure!(id == expected, "get_last_event_id gave {id:?} after {expected:?} was registered");
        }
    }
    opened.close().await.map(drop)
}

/// Events whose ids are not above the last one of their server are not kept again, and the others of their batch are.
///
/// # Errors
///
/// [`Nonconformance`] if the backend does not conform.
pub async fn known_events(subject: &Subject) -> Result<(), Nonconformance> {
    let opened = subject.open(subject.new_conf()).await?;
    let server = silent_server();
    let known = [event(server, 5, 1, 1, &["k"], Some(1), None), event(server, 5, 3, 1, &["k"], Some(1), None)];
    let between = event(server, 5, 2, 1, &["k"], Some(1), None);
    let new = event(server, 5, 4, 1, &["k"], Some(1), None);
    opened.register(&known).await?;
    let mut again = [&known[..], &[between, new.clone()]].concat();
    for event in again.iter_mut().take(2) {
        event.payload = Some(EventPayload::binary("changed", ""));
    }
    opened.register(&again).await?;

    let expected = [&known[..], std::slice::from_ref(&new)].concat();
    let found = opened.query(QueryServerParams::new(server)).await?.events;
    ensure!(
        found == expected,
        "after known events were registered again, a server query gave {found:?}, not {expected:?}"
    );
    let mut found = opened.query(QueryTimeseriesParams::default()).await?.events;
    found.reverse();
    ensure!(
        found == expected,
        "after known events were registered again, the timeseries has {found:?}, not {expected:?}"
    );
    let found = opened.query(QueryLatestParams::default()).await?.events;
    ensure!(found == [new], "after known events were registered again, the latest are {found:?}");
    opened.close().await.map(drop)
}

/// Callbacks are called with what was registered, in time, and with events that can be found already.
///
/// # Errors
///
/// [`Nonconformance`] if the backend does not conform.
pub async fn callbacks(subject: &Subject) -> Result<(), Nonconformance> {
    let mut opened = subject.open(subject.new_conf()).await?;
    let mut flushed = Vec::new();
    for (i, batch) in batches().iter().enumerate() {
        opened.register(batch).await?;
        let called = opened.registered.take();
        ensure!(
            matches!(&called[..], [one] if one[..] == batch[..]),
            "{:?} was registered, and until then the registered callback was called with {:?}",
            ids(batch),
            called.iter().map(|events| ids(events)).collect::<Vec<_>>()
        );
        if i % 3 == 2 {
            opened.flush().await?;
            flushed.extend(opened.flushed.take());
            check_flushed(&flushed, i + 1)?;
        }
    }
    flushed.extend(opened.close().await?.take());
    check_flushed(&flushed, batches().len())?;

    let without = subject.open_with(subject.new_conf(), None, None).await?;
    for batch in batches() {
        register(&*without, &batch).await?;
    }
    without.async_close().await;
    if subject.storage == Storage::Nothing { Ok(()) } else { visibility(subject).await }
}

/// The callback was called with the first `count` batches.
fn check_flushed(flushed: &[Arc<[hat_event_types::Event]>], count: usize) -> Result<(), Nonconformance> {
    let batches = batches();
    ensure!(
        flushed.len() == count && flushed.iter().zip(&batches).all(|(events, batch)| events[..] == batch[..]),
        "{count} batches were flushed, or the backend was closed, and the flushed callback was called with {:?}",
        flushed.iter().map(|events| ids(events)).collect::<Vec<_>>()
    );
    Ok(())
}

/// What the registered callback is called with can be found at that time.
async fn visibility(subject: &Subject) -> Result<(), Nonconformance> {
    let backend = Arc::new(OnceLock::<Weak<dyn Backend>>::new());
    let (sender, mut outcomes) = mpsc::unbounded_channel();
    let registered_cb = EventsCb::new({
        let backend = Arc::clone(&backend);
        move |events| {
            let (backend, sender) = (backend.get().and_then(Weak::upgrade), sender.clone());
            async move {
                let (Some(backend), Some(first)) = (backend, events.first()) else { return };
                let params = QueryServerParams::new(first.id.server);
                let _ = sender.send(query(&*backend, params).await.map(|result| (events, result.events)));
            }
        }
    });
    let opened = subject.open_with(subject.new_conf(), Some(registered_cb), None).await?;
    let _ = backend.set(Arc::downgrade(&opened));
    for batch in batches() {
        register(&*opened, &batch).await?;
        let Ok(outcome) = outcomes.try_recv() else {
            return Err(Nonconformance::new("the registered callback did not come to its end".to_owned()));
        };
        let (events, found) = outcome?;
        ensure!(
            ids(&events).iter().all(|id| ids(&found).contains(id)),
            "the registered callback was called with {:?}, and a query then found {:?}",
            ids(&events),
            ids(&found)
        );
    }
    opened.async_close().await;
    Ok(())
}
