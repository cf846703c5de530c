mod answers;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use hat_event_types::{Event, EventId, EventPayload, QueryParams, QueryResult, ServerId};
use tokio::task::yield_now;

use super::super::oracle::Oracle;
use crate::{Backend, BackendClosedError, BackendError, EventsCb, Hold, Lifecycle, Resource, Turns};

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
    FlushesTheNewest,
    FlushesInOrderOfCallbacks,
    StopsWhenDropped,
    // Closing
    IdAfterClose,
    RegistersAfterClose,
    QueriesAfterClose,
    FlushesAfterClose,
    LosesUnflushed,
    IsNeverClosed,
    ForgetsWhenClosed,
    ForgetsReservations,
    NeverReserves,
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
pub(super) struct Store(Mutex<Oracle>, Mutex<BTreeMap<ServerId, EventId>>);

#[derive(Debug)]
struct Unflushed {
    flushed_cb: Option<EventsCb>,
    batches: Mutex<Vec<Arc<[Event]>>>,
}

impl Unflushed {
    fn push(&self, batch: &Arc<[Event]>) {
        self.batches.lock().unwrap().push(Arc::clone(batch));
    }

    async fn flush(&self, fault: Fault) {
        let mut batches = std::mem::take(&mut *self.batches.lock().unwrap());
        match fault {
            Fault::FlushesNever => batches.clear(),
            Fault::FlushesTwice => batches.extend(batches.clone()),
            Fault::FlushesInReverse => batches.reverse(),
            Fault::FlushesTheNewest => drop(batches.drain(..batches.len().saturating_sub(50))),
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
        if fault == Fault::ForgetsReservations {
            storage.1.lock().unwrap().clear();
        }
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
        let last = any.unwrap_or_else(|| oracle.last_event_id(server_id));
        let reserved = self.storage.1.lock().unwrap().get(&server_id).copied();
        Ok(reserved.map_or(last, |reserved| last.max(reserved)))
    }

    async fn reserve_event_ids(&self, last: EventId) -> Result<(), BackendError> {
        if self.fault != Fault::NeverReserves {
            self.storage.1.lock().unwrap().insert(last.server, last);
        }
        Ok(())
    }

    async fn register(&self, events: Arc<[Event]>) -> Result<Option<Arc<[Event]>>, BackendError> {
        let hold = self.hold(Fault::RegistersAfterClose)?;
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
        if self.fault != Fault::FlushesInOrderOfCallbacks {
            self.unflushed.push(&events);
        }
        if let Some(callback) = self.registered_cb.clone()
            && !matches!(self.fault, Fault::CallsBackTooEarly | Fault::CallsBackNever)
        {
            let call = {
                let events = Arc::clone(&events);
                async move {
                    let _hold = hold;
                    callback.call(events).await;
                }
            };
            if self.fault == Fault::StopsWhenDropped {
                call.await;
            } else {
                Turns::new().run(call).await;
            }
        }
        if self.fault == Fault::FlushesInOrderOfCallbacks {
            self.unflushed.push(&events);
        }
        Ok(match self.fault {
            Fault::Refuses => None,
            Fault::ReturnsPart => Some(events.iter().take(1).cloned().collect()),
            _ => Some(events),
        })
    }

    async fn query(&self, params: QueryParams) -> Result<QueryResult, BackendError> {
        let _hold = self.hold(Fault::QueriesAfterClose)?;
        self.answer(&params)
    }

    async fn flush(&self) -> Result<(), BackendError> {
        let _hold = self.hold(Fault::FlushesAfterClose)?;
        self.unflushed.flush(self.fault).await;
        Ok(())
    }
}
