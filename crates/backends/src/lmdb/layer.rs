use std::collections::BTreeMap;
use std::sync::Arc;

use hat_event_common::{Event, EventId, EventType, OrderBy, ServerId, Timestamp};
use tokio::sync::oneshot;

use super::layout::{FIRST_ID, TimeKey};
use super::partitions::Partitions;
use super::time_order::{Range, TimeOrder};

/// What is answered to those who wait for a layer: that it is on disk, or why it is not.
pub(super) type Written = Result<(), Arc<str>>;

/// Events that are registered and not written yet, and all that writing them takes.
///
/// There are at most two: one that grows, and one that is being written, which does not change any more.
#[derive(Debug, Default)]
pub(super) struct Layer {
    /// Tells layers apart.
    pub(super) generation: u64,
    /// As they were given, also those of which nothing is kept.
    pub(super) batches: Vec<Arc<[Event]>>,
    /// The events that are kept, in the order in which they came.
    entries: Vec<Entry>,
    /// The different lists of partitions that events are kept in.
    lists: Vec<Arc<[usize]>>,
    /// Types whose latest event is in this layer.
    pub(super) touched: Vec<Touched>,
    /// Types that are not in the file yet, with their numbers.
    pub(super) new_types: Vec<(u64, EventType)>,
    /// Of each partition.
    orders: Vec<TimeOrder>,
    pub(super) servers: BTreeMap<ServerId, ServerPart>,
    /// What the file is to have of servers, once the layer is complete.
    pub(super) system: Vec<(ServerId, ServerLast)>,
    /// Ids that are to be reserved.
    pub(super) reservations: Vec<EventId>,
    /// Who waits until it is written.
    pub(super) waiting: Vec<oneshot::Sender<Written>>,
    /// What it takes of the backlog.
    pub(super) cost: usize,
}

/// A kept event.
#[derive(Clone, Copy, Debug)]
struct Entry {
    batch: u32,
    at: u32,
    /// Of what it was the latest when it came, among those that were touched; or [`Self::NOT_LATEST`].
    slot: u32,
    /// In which partitions its type is, a number of a list.
    list: u32,
    /// Whether it is in any of them: it may lack the time that orders there.
    timed: bool,
}

impl Entry {
    const NOT_LATEST: u32 = u32::MAX;
}

/// A type whose latest event is in a layer.
#[derive(Debug)]
pub(super) struct Touched {
    /// The type, among all that are known.
    pub(super) known: usize,
    /// Its number in the file.
    pub(super) number: u64,
    /// The place of its latest event.
    pub(super) place: u32,
    /// What was the latest before this layer.
    pub(super) before: Option<Event>,
}

/// The events of one server in a layer.
#[derive(Debug)]
pub(super) struct ServerPart {
    /// In the order of ids.
    places: Vec<u32>,
    /// What was the last before this layer.
    pub(super) before: ServerLast,
}

/// The last that was kept of a server.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct ServerLast {
    pub(super) id: Option<EventId>,
    pub(super) timestamp: Option<Timestamp>,
}

impl Layer {
    pub(super) fn new(generation: u64, partitions: usize) -> Self {
        let orders = std::iter::repeat_with(TimeOrder::default).take(partitions).collect();
        Self { generation, orders, ..Self::default() }
    }

    /// Whether there is nothing to write and nobody to answer.
    pub(super) fn is_idle(&self) -> bool {
        self.batches.is_empty() && self.waiting.is_empty() && !self.has_changes()
    }

    /// Whether there is something to write. Types alone, whose events were taken back, wait for the next events.
    pub(super) fn has_changes(&self) -> bool {
        !self.entries.is_empty() || !self.reservations.is_empty()
    }

    pub(super) fn len(&self) -> u32 {
        self.entries.len() as u32
    }

    /// Begins a batch; its events follow, by [`Self::keep`].
    pub(super) fn begin(&mut self, events: &Arc<[Event]>) {
        self.batches.push(Arc::clone(events));
    }

    /// A type that was touched gets another latest event, the one that is kept next.
    pub(super) fn touch_again(&mut self, slot: u32) {
        let place = self.len();
        if let Some(touched) = self.touched.get_mut(slot as usize) {
            touched.place = place;
        }
    }

    /// A type gets its first latest event of this layer, the one that is kept next. Returns its slot.
    pub(super) fn touch(&mut self, known: usize, number: u64, before: Option<Event>) -> u32 {
        let slot = self.touched.len() as u32;
        self.touched.push(Touched { known, number, place: self.len(), before });
        slot
    }

    /// Keeps the event at a position of the batch that was begun last, as latest and in its partitions; tells whether it
    /// is in any.
    pub(super) fn keep(
        &mut self,
        at: usize,
        event: &Event,
        slot: Option<u32>,
        list: &Arc<[usize]>,
        partitions: &Partitions,
    ) -> bool {
        let place = self.len();
        let mut timed = false;
        let Self { orders, entries, batches, .. } = self;
        for partition in list.iter() {
            let Some(time) = partitions.get(*partition).and_then(|known| time_of(event, known.order_by)) else {
                continue;
            };
            let Some(order) = orders.get_mut(*partition) else { continue };
            order.push(time, event.id, place, |place| id_at(batches, entries, place));
            timed = true;
        }
        let kept = timed || slot.is_some();
        if kept {
            let list = self.list(list);
            let (batch, at) = (self.batches.len() as u32 - 1, at as u32);
            self.entries.push(Entry { batch, at, slot: slot.unwrap_or(Entry::NOT_LATEST), list, timed });
        }
        kept
    }

    /// Adds the event that was kept last to those of its server, of which this was the last before.
    pub(super) fn add_to_server(&mut self, event: &Event, before: ServerLast) {
        let place = self.len() - 1;
        let part = self.servers.entry(event.id.server).or_insert_with(|| ServerPart { places: Vec::new(), before });
        part.places.push(place);
    }

    fn list(&mut self, list: &Arc<[usize]>) -> u32 {
        let known = self.lists.iter().rposition(|known| Arc::ptr_eq(known, list));
        known.unwrap_or_else(|| {
            self.lists.push(Arc::clone(list));
            self.lists.len() - 1
        }) as u32
    }

    pub(super) fn event(&self, place: u32) -> Option<&Event> {
        event_at(&self.batches, &self.entries, place)
    }

    /// All kept events, each with the number of its type if it is the latest of that, and its partitions.
    pub(super) fn kept(&self) -> impl Iterator<Item = (&Event, Option<u64>, &[usize])> {
        (0..self.len()).filter_map(|place| {
            let entry = self.entries.get(place as usize)?;
            let list = self.lists.get(entry.list as usize).map(|list| &**list).unwrap_or_default();
            Some((self.event(place)?, self.latest(entry, place).map(|touched| touched.number), list))
        })
    }

    /// What an event is the latest of, if it still is.
    fn latest(&self, entry: &Entry, place: u32) -> Option<&Touched> {
        self.touched.get(entry.slot as usize).filter(|touched| touched.place == place)
    }

    /// Puts all time series into order.
    pub(super) fn sort(&mut self) {
        let Self { orders, entries, batches, .. } = self;
        for order in orders {
            order.sort(|place| id_at(batches, entries, place));
        }
    }

    /// Whether the time series of a partition is in order.
    pub(super) fn is_sorted(&self, partition: usize) -> bool {
        self.orders.get(partition).is_none_or(TimeOrder::is_sorted)
    }

    /// How many events a partition gets.
    pub(super) fn count(&self, partition: usize) -> usize {
        self.orders.get(partition).map_or(0, TimeOrder::len)
    }

    /// Events of a partition with their places, in order; the layer has to be sorted.
    pub(super) fn timeseries(
        &self,
        partition: usize,
        range: Range,
    ) -> impl DoubleEndedIterator<Item = (TimeKey, u32, &Event)> {
        let order = self.orders.get(partition);
        let entries = order.map(|order| order.range(range.bounds, |place| id_at(&self.batches, &self.entries, place)));
        entries.unwrap_or_default().iter().filter_map(|(time, place)| {
            let event = self.event(*place)?;
            Some(((*time, event.id), *place, event))
        })
    }

    /// Events of a server above an id, in the order of ids, of those among the first `len` that are kept anywhere.
    pub(super) fn server_events(
        &self,
        server: ServerId,
        above: Option<EventId>,
        len: u32,
    ) -> impl Iterator<Item = &Event> {
        let places = self.servers.get(&server).map(|part| &*part.places).unwrap_or_default();
        let begin = places.partition_point(|place| above.is_some_and(|above| self.id(*place) <= above));
        let places = places.get(begin..).unwrap_or_default().iter().take_while(move |place| **place < len);
        places.filter_map(|place| {
            let entry = self.entries.get(*place as usize)?;
            let event = self.event(*place)?;
            (entry.timed || self.latest(entry, *place).is_some()).then_some(event)
        })
    }

    /// The last id that is kept of a server here.
    pub(super) fn last_id(&self, server: ServerId) -> Option<EventId> {
        self.servers.get(&server)?.places.last().map(|place| self.id(*place))
    }

    /// What orders an event in a partition, if it is there.
    pub(super) fn time_key(&self, id: EventId, partition: usize, order_by: OrderBy) -> Option<TimeKey> {
        let places = &self.servers.get(&id.server)?.places;
        let place = places.get(places.partition_point(|place| self.id(*place) < id))?;
        let event = self.event(*place).filter(|event| event.id == id)?;
        let list = self.lists.get(self.entries.get(*place as usize)?.list as usize)?;
        list.contains(&partition).then_some((time_of(event, order_by)?, id))
    }

    fn id(&self, place: u32) -> EventId {
        id_at(&self.batches, &self.entries, place)
    }
}

/// The time that orders an event, if it has that.
pub(super) fn time_of(event: &Event, order_by: OrderBy) -> Option<Timestamp> {
    match order_by {
        OrderBy::Timestamp => Some(event.timestamp),
        OrderBy::SourceTimestamp => event.source_timestamp,
    }
}

fn event_at<'a>(batches: &'a [Arc<[Event]>], entries: &[Entry], place: u32) -> Option<&'a Event> {
    let entry = entries.get(place as usize)?;
    batches.get(entry.batch as usize)?.get(entry.at as usize)
}

fn id_at(batches: &[Arc<[Event]>], entries: &[Entry], place: u32) -> EventId {
    event_at(batches, entries, place).map_or(FIRST_ID, |event| event.id)
}
