use std::ops::ControlFlow;

use hat_event_types::EventType;

use crate::QueryType;
use crate::index::{Index, Table};
use crate::slab::NONE;

/// Finds, among the query types of a subscription, those that match an event type.
#[derive(Clone, Debug)]
pub(crate) struct Finder {
    /// The positions of exact query types, by one hash of all their bytes: their segments need not be told apart.
    exact: Table,
    /// The positions of those with wildcards.
    wild: Index,
}

impl Finder {
    /// Makes a finder, and drops query types that are there already.
    pub(crate) fn new(query_types: &mut Vec<QueryType>) -> Self {
        let mut finder = Self { exact: Table::new(), wild: Index::new() };
        finder.exact.reserve(query_types.len(), |_| 0);
        let mut kept: Vec<QueryType> = Vec::with_capacity(query_types.len());
        for query_type in query_types.drain(..) {
            if finder.enter(&query_type, &kept) {
                kept.push(query_type);
            }
        }
        *query_types = kept;
        finder
    }

    /// Gives a query type the next position, unless it has one.
    fn enter(&mut self, query_type: &QueryType, kept: &[QueryType]) -> bool {
        let packed = query_type.as_event_type().as_packed();
        let position = kept.len() as u32;
        if query_type.is_exact() {
            let hash = self.wild.seed().event_type(packed);
            if self.exact.find(hash, |position| kept.get(position as usize) == Some(query_type)).is_some() {
                return false;
            }
            // There is room for all, so that no hash is asked for.
            self.exact.insert(hash, position, |_| 0);
            return true;
        }
        let place = self.wild.enter(packed);
        let is_new = self.wild.value(place) == NONE;
        if is_new {
            self.wild.set_value(place, position);
        }
        is_new
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
        let hash = self.wild.seed().event_type(event_type.as_packed());
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
