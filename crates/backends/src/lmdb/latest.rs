use std::collections::HashMap;

use foldhash::quality::RandomState;
use hat_event_common::{BoxError, Event, EventType, QueryLatestParams, QueryResult, Subscription};
use heed::RoTxn;

use super::conditions::Conditions;
use super::environment::Environment;
use super::layer::Layer;
use super::layout::{LayoutError, Table, read_number};
use super::query::read_event;

/// The latest event of each type, those that are not written yet included.
#[derive(Debug, Default)]
pub(super) struct Latest {
    known: Vec<Known>,
    by_type: HashMap<EventType, usize, RandomState>,
    /// The greatest number of a type in the file.
    last_number: u64,
}

/// A type that has a number in the file, or will have.
#[derive(Debug)]
struct Known {
    event_type: EventType,
    number: u64,
    latest: Option<Event>,
    /// The layer that has the latest event, and where among its touched types.
    generation: u64,
    slot: u32,
}

impl Latest {
    /// Reads what there is in the file, without events that are not kept any more.
    pub(super) fn open(
        environment: &Environment,
        reading: &RoTxn<'_>,
        conditions: &Conditions,
        subscription: &Subscription,
    ) -> Result<Self, BoxError> {
        let mut latest = Self::default();
        let mut by_number = HashMap::new();
        for entry in environment.table(Table::LatestTypes).iter(reading)? {
            let (key, value) = entry?;
            let error = |_| LayoutError::new("an event type", value);
            let segments: Vec<String> = serde_json::from_slice(value).map_err(error)?;
            let number = read_number(key)?;
            by_number.insert(number, latest.add(EventType::from(segments), number));
        }
        for entry in environment.table(Table::LatestEvents).iter(reading)? {
            let (key, value) = entry?;
            // The reference keeps some that are no events here. The others are not to be missed for them.
            let event = match read_event(bytes::Bytes::copy_from_slice(value)) {
                Ok(event) => event,
                Err(error) => {
                    tracing::warn!("a latest event is left out: {error}");
                    continue;
                }
            };
            let known = by_number.get(&read_number(key)?).and_then(|place| latest.known.get_mut(*place));
            let known = known.filter(|known| known.event_type == event.event_type);
            if let Some(known) = known
                && subscription.matches(&event.event_type)
                && conditions.match_event(&event)
            {
                known.latest = Some(event);
            }
        }
        Ok(latest)
    }

    fn add(&mut self, event_type: EventType, number: u64) -> usize {
        let place = self.known.len();
        self.last_number = self.last_number.max(number);
        self.by_type.insert(event_type.clone(), place);
        self.known.push(Known { event_type, number, latest: None, generation: 0, slot: 0 });
        place
    }

    /// Where a type is, if it has a number.
    pub(super) fn find(&self, event_type: &EventType) -> Option<usize> {
        self.by_type.get(event_type).copied()
    }

    /// Gives a type a number. It is in memory of its own.
    pub(super) fn add_type(&mut self, event_type: &EventType, layer: &mut Layer) -> usize {
        let event_type = event_type.detach();
        layer.new_types.push((self.last_number + 1, event_type.clone()));
        self.add(event_type, self.last_number + 1)
    }

    /// Whether an event would become the latest of its type.
    pub(super) fn is_latest(&self, place: usize, event: &Event) -> bool {
        let latest = self.known.get(place).and_then(|known| known.latest.as_ref());
        latest.is_none_or(|latest| !latest.follows(event))
    }

    /// Makes an event the latest of its type, the event that the layer keeps next. Returns its slot there.
    pub(super) fn set(&mut self, place: usize, event: &Event, layer: &mut Layer) -> Option<u32> {
        let known = self.known.get_mut(place)?;
        let before = known.latest.replace(event.clone());
        if known.generation == layer.generation {
            layer.touch_again(known.slot);
        } else {
            known.generation = layer.generation;
            known.slot = layer.touch(place, known.number, before);
        }
        Some(known.slot)
    }

    /// An event that is in the file now may lie in memory of its own, if it still is the latest.
    pub(super) fn settle(&mut self, place: usize, detached: Event) {
        let latest = self.known.get_mut(place).and_then(|known| known.latest.as_mut());
        if let Some(latest) = latest.filter(|latest| latest.id == detached.id) {
            *latest = detached;
        }
    }

    /// Goes back to what was before a layer, which is the last.
    pub(super) fn undo(&mut self, layer: &mut Layer) {
        for touched in layer.touched.drain(..) {
            if let Some(known) = self.known.get_mut(touched.known) {
                known.latest = touched.before;
                known.generation = 0;
            }
        }
    }

    pub(super) fn query(&self, params: &QueryLatestParams, subscription: Option<&Subscription>) -> QueryResult {
        let exact = params.event_types.as_ref().zip(subscription).filter(|(types, subscription)| {
            types.len() < self.known.len() && subscription.query_types().iter().all(|query_type| query_type.is_exact())
        });
        let mut events = Vec::new();
        if let Some((_, subscription)) = exact {
            let types = subscription.query_types().iter().map(|query_type| query_type.as_event_type());
            events.extend(types.filter_map(|event_type| self.known.get(self.find(event_type)?)?.latest.clone()));
        } else if let Some(subscription) = subscription {
            let latest = self.known.iter().filter_map(|known| known.latest.as_ref());
            events.extend(latest.filter(|event| subscription.matches(&event.event_type)).cloned());
        } else {
            // At once, as those of all types may take megabytes.
            events.reserve_exact(self.known.len());
            events.extend(self.known.iter().filter_map(|known| known.latest.clone()));
        }
        QueryResult { events, more_follows: false }
    }
}
