//! Sessions of an engine with many modules, in process, on a backend that keeps nothing.

use std::sync::{Arc, Mutex, PoisonError};

use hat_event_common::{Event, EventsCb, RegisterEvent};
use hat_event_server::engine::ServerEngine;
use serde_json::{Value, json};
use tokio::runtime::{Builder, Runtime};

use crate::answering::{self, Workload};
use crate::contest::{Entry, HERE, hold_for};
use crate::reference::Reference;
use crate::table::Row;
use crate::{Result, Step};

pub(crate) fn steps(rounds: usize) -> Vec<Step> {
    [answering::own, answering::every]
        .into_iter()
        .map(|workload| {
            let Workload { name, .. } = workload();
            Step::new(format!("engine, 1,000 modules, recursion 10, {name}"), move |name, reference| {
                step(name, reference, &workload(), rounds)
            })
        })
        .collect()
}

fn step(name: &str, reference: &Reference, workload: &Workload, rounds: usize) -> Result<Vec<Row>> {
    let runtime = Builder::new_current_thread().enable_all().build()?;
    let types = |events: &[Event]| -> Vec<Value> {
        events.iter().map(|event| event.event_type.segments().collect::<Vec<_>>().into()).collect()
    };
    let given: Vec<Vec<&str>> = workload.events.iter().map(|event| event.event_type.segments().collect()).collect();
    let expected = reference.load("engine", json!({"confs": workload.confs, "events": given}))?;
    if expected.as_array() != Some(&types(&whole_session(&runtime, workload)?)) {
        return Err("the session has other events than with the reference".into());
    }
    let engine = made(&runtime, workload, None)?;
    let session = || {
        let events: Vec<RegisterEvent> = workload.events.clone();
        runtime.block_on(engine.register_shared(answering::source(), events)).is_ok_and(|events| events.is_some())
    };
    let measured = hold_for(rounds, vec![Entry::runs(HERE, &session), reference.whole("session")])?;
    if !session() {
        return Err("a session fails".into());
    }
    Ok(vec![Row::times(format!("{name}: a session"), measured)])
}

fn made(runtime: &Runtime, workload: &Workload, registered_cb: Option<EventsCb>) -> Result<ServerEngine> {
    let engine = runtime.block_on(answering::engine(&workload.confs, registered_cb));
    engine.map_err(|error| error.to_string().into())
}

/// All events of a session.
fn whole_session(runtime: &Runtime, workload: &Workload) -> Result<Arc<[Event]>> {
    let registered: Arc<Mutex<Arc<[Event]>>> = Arc::default();
    let last = Arc::clone(&registered);
    let callback = EventsCb::new(move |events| {
        *last.lock().unwrap_or_else(PoisonError::into_inner) = events;
        async {}
    });
    let engine = made(runtime, workload, Some(callback))?;
    runtime.block_on(engine.register_shared(answering::source(), workload.events.clone()))?;
    let events = Arc::clone(&registered.lock().unwrap_or_else(PoisonError::into_inner));
    let count = events.len() as u64;
    if count == workload.count { Ok(events) } else { Err(format!("a session has {count} events").into()) }
}
