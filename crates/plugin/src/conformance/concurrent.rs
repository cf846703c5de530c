use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use hat_event_types::{Event, EventId, Order, QueryLatestParams, QueryServerParams, QueryTimeseriesParams, ServerId};
use tokio::sync::mpsc;
use tokio::task::{JoinHandle, JoinSet, yield_now};

use super::events::event;
use super::subject::{Opened, Recorder, ensure, ids, query, register};
use super::{Nonconformance, Storage, Subject};
use crate::{Backend, EventsCb};

const SERVERS: u32 = 4;
const BATCHES: u64 = 25;
const EVENTS: u64 = 8;

/// Several servers' events are registered and queried at the same time: each batch is seen whole or not at all, and in
/// the end all of them.
///
/// # Errors
///
/// [`Nonconformance`] if the backend does not conform.
pub async fn concurrency(subject: &Subject) -> Result<(), Nonconformance> {
    let opened = subject.open(subject.new_conf()).await?;
    let writers = Arc::new(AtomicUsize::new(SERVERS as usize));
    let mut tasks = JoinSet::new();
    for server in 1..=SERVERS {
        let (backend, writers) = (Arc::clone(&opened.backend), Arc::clone(&writers));
        tasks.spawn(async move {
            let outcome = write(&*backend, server.into()).await;
            writers.fetch_sub(1, Ordering::Relaxed);
            outcome
        });
    }
    for reader in 0..2 {
        let (backend, writers) = (Arc::clone(&opened.backend), Arc::clone(&writers));
        tasks.spawn(async move {
            while writers.load(Ordering::Relaxed) > 0 {
                read(&*backend, reader == 0).await?;
                yield_now().await;
            }
            Ok(())
        });
    }
    while let Some(outcome) = tasks.join_next().await {
        outcome.map_err(|error| Nonconformance::new(format!("a call panicked: {error}")))??;
    }
    for server in (1..=SERVERS).map(ServerId::from) {
        let mut found = Vec::new();
        loop {
            let last_event_id = found.last().map(|event: &Event| event.id);
            let page = opened.query(QueryServerParams { last_event_id, ..QueryServerParams::new(server) }).await?;
            ensure!(!page.events.is_empty(), "a server query gave nothing where more was to follow");
            found.extend(page.events);
            if !page.more_follows {
                break;
            }
        }
        let expected: Vec<Event> = (1..=BATCHES).flat_map(|session| batch(server, session)).collect();
        ensure!(found == expected, "of {} events of a server there are {:?}", expected.len(), ids(&found));
    }
    let flushed = opened.close().await?.take();
    for server in (1..=SERVERS).map(ServerId::from) {
        let of_server = |events: &&Arc<[Event]>| events.first().is_some_and(|event| event.id.server == server);
        let found: Vec<_> = flushed.iter().filter(of_server).map(|events| ids(events)).collect();
        let expected: Vec<_> = (1..=BATCHES).map(|session| ids(&batch(server, session))).collect();
        ensure!(
            found == expected,
            "{BATCHES} batches of each server were registered, and the flushed callback got of one server {found:?}"
        );
    }
    Ok(())
}

/// Of two servers' batches the one that was registered first is flushed first, however long its registered callback
/// takes.
///
/// # Errors
///
/// [`Nonconformance`] if the backend does not conform.
pub async fn flushed_order(subject: &Subject) -> Result<(), Nonconformance> {
    let (opened, mut calls) = open_slow(subject).await?;
    let first = spawn_register(&opened);
    calls.recv().await;
    opened.register(&batch(2.into(), 1)).await?;
    first.await.map_err(|error| Nonconformance::new(format!("a call panicked: {error}")))??;
    opened.flush().await?;
    let flushed = opened.close().await?.take();
    check_both_flushed(&flushed, "one after the other")
}

/// A call of `register` that is dropped in its registered callback goes on to its end, before what is registered next.
///
/// # Errors
///
/// [`Nonconformance`] if the backend does not conform.
pub async fn dropped_calls(subject: &Subject) -> Result<(), Nonconformance> {
    let (mut opened, mut calls) = open_slow(subject).await?;
    let first = spawn_register(&opened);
    calls.recv().await;
    first.abort();
    // Cancelled, or done before: both are fine.
    let _ = first.await;
    opened.register(&batch(2.into(), 1)).await?;
    opened.flush().await?;
    check_both_flushed(&opened.flushed.take(), "and flushed, and the first call was dropped")?;
    if subject.storage != Storage::Nothing {
        let found = opened.query(QueryServerParams::new(ServerId::from(1))).await?.events;
        ensure!(
            found == batch(1.into(), 1),
            "a call of register was dropped, and a query then found {:?}",
            ids(&found)
        );
    }
    opened.close().await?;
    let calls: Vec<_> = std::iter::from_fn(|| calls.try_recv().ok()).collect();
    let ends = calls.iter().filter(|call| **call == Call::Ends).count();
    ensure!(ends == 2, "a call of register was dropped, and its registered callback did not come to its end");
    Ok(())
}

#[derive(PartialEq)]
enum Call {
    Begins,
    Ends,
}

/// Makes a backend whose registered callback takes its time, and tells when that begins and ends.
async fn open_slow(subject: &Subject) -> Result<(Opened, mpsc::UnboundedReceiver<Call>), Nonconformance> {
    let (sender, calls) = mpsc::unbounded_channel();
    let slow_cb = EventsCb::new(move |events| {
        let sender = sender.clone();
        async move {
            // Fails when the rule is done, and then nobody asks.
            let _ = sender.send(Call::Begins);
            if events.first().is_some_and(|event| event.id.server == ServerId::from(1)) {
                for _ in 0..1000 {
                    yield_now().await;
                }
            }
            let _ = sender.send(Call::Ends);
        }
    });
    let (_, registered) = Recorder::new();
    let (flushed_cb, flushed) = Recorder::new();
    let backend = subject.open_with(subject.new_conf(), Some(slow_cb), Some(flushed_cb)).await?;
    Ok((Opened { backend, registered, flushed }, calls))
}

/// Registers the first server's batch in a task.
fn spawn_register(opened: &Opened) -> JoinHandle<Result<(), Nonconformance>> {
    let backend = Arc::clone(&opened.backend);
    tokio::spawn(async move { register(&*backend, &batch(1.into(), 1)).await })
}

/// The flushed callback was called with the batch of server 1, then with that of server 2.
fn check_both_flushed(flushed: &[Arc<[Event]>], how: &str) -> Result<(), Nonconformance> {
    let found: Vec<_> = flushed.iter().map(|events| ids(events)).collect();
    let expected = [ids(&batch(1.into(), 1)), ids(&batch(2.into(), 1))];
    ensure!(
        found == expected,
        "batches of servers 1 and 2 were registered, {how}, and the flushed callback was called with {found:?}"
    );
    Ok(())
}

fn batch(server: ServerId, session: u64) -> Vec<Event> {
    let segments = ["server", if server.get().is_multiple_of(2) { "even" } else { "odd" }];
    let event = |instance| event(server, session, instance, session as i64, &segments, Some(instance as i64), None);
    (1..=EVENTS).map(event).collect()
}

async fn write(backend: &dyn Backend, server_id: ServerId) -> Result<(), Nonconformance> {
    for session in 1..=BATCHES {
        let batch = batch(server_id, session);
        register(backend, &batch).await?;
        let last_event_id = EventId::new(server_id.get(), session, 0).ok();
        let params = QueryServerParams { last_event_id, ..QueryServerParams::new(server_id) };
        let found = query(backend, params).await?.events;
        ensure!(found == batch, "{:?} was registered, and a query then found {:?}", ids(&batch), ids(&found));
        yield_now().await;
    }
    Ok(())
}

async fn read(backend: &dyn Backend, by_server: bool) -> Result<(), Nonconformance> {
    if by_server {
        for server in (1..=SERVERS).map(ServerId::from) {
            let result = query(backend, QueryServerParams::new(server)).await?;
            check_whole(&result.events, result.more_follows)?;
        }
    } else {
        let params = QueryTimeseriesParams { order: Order::Ascending, ..Default::default() };
        let result = query(backend, params).await?;
        check_whole(&result.events, result.more_follows)?;
        for event in query(backend, QueryLatestParams::default()).await?.events {
            let whole = event.id.instance.get() == EVENTS;
            ensure!(whole, "the latest event {:?} is in the middle of its batch", event.id);
        }
    }
    Ok(())
}

/// Each session is one batch: all of its events are there. The end of a page may cut one.
fn check_whole(events: &[Event], more_follows: bool) -> Result<(), Nonconformance> {
    let mut counts = BTreeMap::<_, u64>::new();
    for event in events {
        *counts.entry((event.id.server, event.id.session)).or_default() += 1;
    }
    if let (true, Some(last)) = (more_follows, events.last()) {
        counts.remove(&(last.id.server, last.id.session));
    }
    let cut = counts.iter().find(|(_, count)| **count != EVENTS);
    ensure!(cut.is_none(), "of a batch of {EVENTS} events only some were seen: {cut:?}");
    Ok(())
}
