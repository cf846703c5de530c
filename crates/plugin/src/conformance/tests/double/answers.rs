use hat_event_types::{
    Event, EventType, Order, OrderBy, QueryLatestParams, QueryParams, QueryResult, QueryServerParams,
    QueryTimeseriesParams,
};

use super::super::super::oracle::Oracle;
use super::{Double, Fault};
use crate::{BackendError, Resource};

/// Answers to queries, and what is wrong with them.
impl Double {
    pub(super) fn answer(&self, params: &QueryParams) -> Result<QueryResult, BackendError> {
        let (query_types, is_valid) = match params {
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
        let (mut events, max_results) = match params {
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
