use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use hat_event_types::{
    Event, EventId, EventPayload, EventType, Order, OrderBy, QueryLatestParams, QueryParams, QueryResult,
    QueryServerParams, QueryTimeseriesParams, ServerId,
};
use tokio::task::yield_now;

use super::super::oracle::Oracle;
use crate::{Backend, BackendClosedError, BackendError, EventsCb, Hold, Lifecycle, Resource};

/// What is wrong with a backend.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Fault {
    None,
    // Queries
    LosesLastResult,
    NeverFollows,
    AlwaysFollows,
    EmptyPage,
    IgnoresMaxResults,
    Reverses,
    IgnoresLastEventId,
    RepeatsLastEvent,
    UnknownLastEventStartsOver,
    ExclusiveTo,
    ExclusiveFrom,
    ExclusiveSourceTo,
    FindsUndated,
    UndatedInSourceOrder,
    OldestAsLatest,
    SeveralLatest,
    LatestByTimeAlone,
    MixesServers,
    TakesAnyQuery,
    InvalidQueryCloses,
    // Registration
    Refuses,
    ReturnsPart,
    ChangesEvents,
    RegistersKnown,
    AnyServersLastId,
    OneByOne,
    CallsBackTooEarly,
    CallsBackNever,
    FlushesNever,
    FlushesTwice,
    FlushesInReverse,
    // Closing
    IdAfterClose,
    RegistersAfterClose,
    QueriesAfterClose,
    FlushesAfterClose,
    LosesUnflushed,
    IsNeverClosed,
    ForgetsWhenClosed,
}

/// Answers as the oracle does, writes behind, and has a fault.
#[derive(Debug)]
pub(super) struct Double {
    fault: Fault,
    lifecycle: Lifecycle,
    registered_cb: Option<EventsCb>,
    storage: Arc<Store>,
    unflushed: Arc<Unflushed>,
}

#[derive(Debug, Default)]
pub(super) struct Store(Mutex<Oracle>);

#[derive(Debug)]
struct Unflushed {
    flushed_cb: Option<EventsCb>,
    batches: Mutex<Vec<Arc<[Event]>>>,
}

impl Unflushed {
    async fn flush(&self, fault: Fault) {
        let mut batches = std::mem::take(&mut *self.batches.lock().unwrap());
        match fault {
            Fault::FlushesNever => batches.clear(),
            Fault::FlushesTwice => batches.extend(batches.clone()),
            Fault::FlushesInReverse => batches.reverse(),
            _ => {}
        }
        for batch in batches {
            if let Some(callback) = &self.flushed_cb {
                callback.call(batch).await;
            }
        }
    }
}

impl Double {
    pub(super) fn new(
        fault: Fault,
        storage: Arc<Store>,
        registered_cb: Option<EventsCb>,
        flushed_cb: Option<EventsCb>,
    ) -> Self {
        let unflushed = Arc::new(Unflushed { flushed_cb, batches: Mutex::default() });
        let lifecycle = Lifecycle::new();
        let hold = lifecycle.hold().unwrap();
        tokio::spawn({
            let unflushed = Arc::clone(&unflushed);
            async move {
                hold.wait_last().await;
                if fault != Fault::LosesUnflushed {
                    unflushed.flush(fault).await;
                }
                drop(hold);
            }
        });
        Self { fault, lifecycle, registered_cb, storage, unflushed }
    }

    fn hold(&self, unless: Fault) -> Result<Option<Hold>, BackendClosedError> {
        match self.lifecycle.hold() {
            None if self.fault != unless => Err(BackendClosedError),
            hold => Ok(hold),
        }
    }

    fn keep(&self, events: &[Event]) {
        let mut oracle = self.storage.0.lock().unwrap();
        match self.fault {
            Fault::RegistersKnown => oracle.events.extend_from_slice(events),
            Fault::ChangesEvents => {
                let mut events = events.to_vec();
                for event in &mut events {
                    event.payload = event.payload.take().filter(|payload| matches!(payload, EventPayload::Json(_)));
                }
                oracle.register(&events);
            }
            _ => oracle.register(events),
        }
    }

    fn latest(&self, oracle: &Oracle, params: &QueryLatestParams) -> Vec<Event> {
        let mut latest = oracle.latest(params);
        match self.fault {
            Fault::OldestAsLatest | Fault::LatestByTimeAlone | Fault::SeveralLatest => {
                for event in &oracle.events {
                    let Some(other) = latest.get_mut(&event.event_type) else { continue };
                    if match self.fault {
                        Fault::OldestAsLatest => event.precedes(other),
                        _ => (event.timestamp, event.id) > (other.timestamp, other.id),
                    } {
                        *other = event.clone();
                    }
                }
            }
            _ => {}
        }
        let several = oracle.events.iter().take(if self.fault == Fault::SeveralLatest { 2 } else { 0 });
        latest.into_values().chain(several.cloned()).collect()
    }

    fn timeseries(&self, oracle: &Oracle, params: &QueryTimeseriesParams) -> Vec<Event> {
        let mut params = params.clone();
        let t_to = params.t_to.filter(|_| self.fault == Fault::ExclusiveTo);
        let t_from = params.t_from.filter(|_| self.fault == Fault::ExclusiveFrom);
        let source_t_to = params.source_t_to.filter(|_| self.fault == Fault::ExclusiveSourceTo);
        let mut undated = Vec::new();
        match self.fault {
            Fault::IgnoresLastEventId => params.last_event_id = None,
            Fault::UnknownLastEventStartsOver if oracle.events.iter().all(|e| Some(e.id) != params.last_event_id) => {
                params.last_event_id = None;
            }
            Fault::FindsUndated if params.source_t_from.is_some() && params.order_by == OrderBy::Timestamp => {
                let all = QueryTimeseriesParams { source_t_from: None, source_t_to: None, ..params.clone() };
                undated = oracle.timeseries(&all);
                undated.retain(|event| event.source_timestamp.is_none());
            }
            Fault::UndatedInSourceOrder if params.order_by == OrderBy::SourceTimestamp => {
                undated = oracle.events.clone();
                undated.retain(|event| event.source_timestamp.is_none());
            }
            _ => {}
        }
        let mut events = oracle.timeseries(&params);
        events.retain(|event| {
            t_to.is_none_or(|t| event.timestamp < t)
                && t_from.is_none_or(|t| event.timestamp > t)
                && source_t_to.is_none_or(|t| event.source_timestamp.is_some_and(|source_t| source_t < t))
        });
        let at = if params.order == Order::Ascending { 0 } else { events.len() };
        events.splice(at..at, undated);
        if self.fault == Fault::RepeatsLastEvent {
            events.splice(..0, oracle.events.iter().find(|event| Some(event.id) == params.last_event_id).cloned());
        }
        events
    }

    fn server(&self, oracle: &Oracle, params: &QueryServerParams) -> Vec<Event> {
        let mut params = params.clone();
        if self.fault == Fault::IgnoresLastEventId {
            params.last_event_id = None;
        }
        let mut events = oracle.server(&params);
        if self.fault == Fault::MixesServers {
            events = oracle.events.clone();
        }
        if params.persisted {
            let unflushed = self.unflushed.batches.lock().unwrap();
            events.retain(|event| !unflushed.iter().any(|batch| batch.contains(event)));
        }
        events
    }
}

impl Resource for Double {
    fn lifecycle(&self) -> &Lifecycle {
        &self.lifecycle
    }

    fn is_closed(&self) -> bool {
        self.fault != Fault::IsNeverClosed && self.lifecycle.is_closed()
    }
}

#[async_trait]
impl Backend for Double {
    async fn get_last_event_id(&self, server_id: ServerId) -> Result<EventId, BackendError> {
        let _hold = self.hold(Fault::IdAfterClose)?;
        let oracle = self.storage.0.lock().unwrap();
        let any = oracle.events.last().map(|event| event.id).filter(|_| self.fault == Fault::AnyServersLastId);
        Ok(any.unwrap_or_else(|| oracle.last_event_id(server_id)))
    }

    async fn register(&self, events: Arc<[Event]>) -> Result<Option<Arc<[Event]>>, BackendError> {
        let _hold = self.hold(Fault::RegistersAfterClose)?;
        if self.fault == Fault::CallsBackTooEarly
            && let Some(callback) = &self.registered_cb
        {
            callback.call(Arc::clone(&events)).await;
        }
        if self.fault == Fault::OneByOne {
            for event in events.iter() {
                self.keep(std::slice::from_ref(event));
                yield_now().await;
            }
        } else {
            self.keep(&events);
        }
        self.unflushed.batches.lock().unwrap().push(Arc::clone(&events));
        if let Some(callback) = &self.registered_cb
            && !matches!(self.fault, Fault::CallsBackTooEarly | Fault::CallsBackNever)
        {
            callback.call(Arc::clone(&events)).await;
        }
        Ok(match self.fault {
            Fault::Refuses => None,
            Fault::ReturnsPart => Some(events.iter().take(1).cloned().collect()),
            _ => Some(events),
        })
    }

    async fn query(&self, params: QueryParams) -> Result<QueryResult, BackendError> {
        let _hold = self.hold(Fault::QueriesAfterClose)?;
        let (query_types, is_valid) = match &params {
            QueryParams::Latest(params) => (params.event_types.clone(), true),
            QueryParams::Timeseries(params) => (params.event_types.clone(), true),
            QueryParams::Server(params) => (None, params.last_event_id.is_none_or(|id| id.server == params.server_id)),
        };
        let star_inside =
            |t: &EventType| t.segments().position(|segment| segment == "*").is_some_and(|at| at + 1 < t.len());
        let is_valid = is_valid && !query_types.iter().flatten().any(star_inside);
        if !is_valid && self.fault != Fault::TakesAnyQuery {
            if self.fault == Fault::InvalidQueryCloses {
                self.close();
            }
            return Err(BackendError::InvalidQuery("it contradicts itself".into()));
        }
        let oracle = self.storage.0.lock().unwrap();
        let (mut events, max_results) = match &params {
            QueryParams::Latest(params) => {
                return Ok(QueryResult { events: self.latest(&oracle, params), more_follows: false });
            }
            QueryParams::Timeseries(params) => (self.timeseries(&oracle, params), params.max_results),
            QueryParams::Server(params) => (self.server(&oracle, params), params.max_results),
        };
        if self.fault == Fault::Reverses {
            events.reverse();
        }
        let max_results = max_results.map_or(usize::MAX, |max| usize::try_from(max).unwrap_or(usize::MAX));
        let max_results = if self.fault == Fault::EmptyPage { 0 } else { max_results };
        let mut more_follows = events.len() > max_results;
        if self.fault != Fault::IgnoresMaxResults {
            events.truncate(max_results);
        }
        match self.fault {
            Fault::LosesLastResult => drop(events.pop()),
            Fault::NeverFollows => more_follows = false,
            Fault::AlwaysFollows => more_follows = !events.is_empty(),
            _ => {}
        }
        Ok(QueryResult { events, more_follows })
    }

    async fn flush(&self) -> Result<(), BackendError> {
        let _hold = self.hold(Fault::FlushesAfterClose)?;
        self.unflushed.flush(self.fault).await;
        Ok(())
    }
}
