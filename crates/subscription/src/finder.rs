use std::ops::ControlFlow;

use hat_event_types::EventType;

use crate::QueryType;
use crate::index::{Index, Seed, Table};
use crate::slab::NONE;

/// Finds, among the query types of a subscription, those that match an event type.
#[derive(Clone, Debug)]
pub(crate) struct Finder {
    seed: Seed,
    /// The positions of exact query types, by one hash of all their bytes: their segments need not be told apart.
    exact: Table,
    /// The positions of those with wildcards.
    wild: Index,
}

impl Finder {
    pub(crate) fn new(query_types: &[QueryType]) -> Self {
        let mut wild = Index::new();
        let seed = wild.seed();
        let mut exact = Vec::with_capacity(query_types.len());
        for (query_type, position) in query_types.iter().zip(0..) {
            let packed = query_type.as_event_type().as_packed();
            if query_type.is_exact() {
                exact.push((seed.text(KIND, packed), position));
                continue;
            }
            let place = wild.enter(packed);
            if wild.value(place) == NONE {
                wild.set_value(place, position);
            }
        }
        let mut table = Table::new();
        table.reserve(exact.len(), |_| 0);
        for (hash, position) in exact {
            table.insert(hash, position, |_| 0);
        }
        Self { seed, exact: table, wild }
    }

    /// Whether an event type matches one of the query types that this was made of, and that `accept` takes.
    #[inline]
    pub(crate) fn any_match(
        &self,
        query_types: &[QueryType],
        event_type: &EventType,
        accept: impl Fn(&QueryType) -> bool,
    ) -> bool {
        let is = |query_type: &QueryType| query_type.as_event_type() == event_type && accept(query_type);
        let hash = self.seed.text(KIND, event_type.as_packed());
        if self.exact.find(hash, |position| query_types.get(position as usize).is_some_and(is)).is_some() {
            return true;
        }
        let flow = self.wild.each_match(event_type, |position| match query_types.get(position as usize) {
            Some(query_type) if accept(query_type) => ControlFlow::Break(()),
            _ => ControlFlow::Continue(()),
        });
        flow.is_break()
    }
}

/// Tells hashes of whole types from others under the same seed.
const KIND: u64 = u64::MAX;
