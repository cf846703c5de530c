use std::collections::BTreeSet;
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use hat_event_common::{BoxError, Event, EventId, ServerId};

use super::conditions::Conditions;
use super::conf::Conf;
use super::environment::{Environment, Reading};
use super::latest::Latest;
use super::layer::{Layer, ServerLast};
use super::partitions::Partitions;
use super::routes::{LatestRoute, Routes};
use super::system::{System, check_settings};

/// A layer that queries look at while it grows.
pub(super) type SharedLayer = Arc<RwLock<Layer>>;

/// All that is in memory.
#[derive(Debug)]
pub(super) struct State {
    /// Until it is closed.
    pub(super) environment: Option<Arc<Environment>>,
    pub(super) system: System,
    pub(super) latest: Latest,
    routes: Routes,
    /// The layer that grows, and how many events it has.
    pub(super) pending: SharedLayer,
    pending_len: u32,
    /// The layer that is being written.
    pub(super) flushing: Option<Flushing>,
    generation: u64,
    /// Whether the thread that writes has ended.
    pub(super) ended: bool,
    /// Why nothing can be written at the time.
    pub(super) failing: Option<Arc<str>>,
}

/// A layer that is being written.
#[derive(Clone, Debug)]
pub(super) struct Flushing {
    pub(super) layer: SharedLayer,
    /// The number of the transaction that writes it: who reads the file from that one on finds it there.
    pub(super) transaction: usize,
}

/// What a query looks at: the file and the layers, as they are at one moment.
pub(super) struct Snapshot {
    pub(super) environment: Arc<Environment>,
    pub(super) reading: Reading<'static>,
    /// With how many of their events belong to it, the older first.
    pub(super) layers: Vec<(SharedLayer, u32)>,
}

impl State {
    /// Reads what there is in the file; a new one is begun.
    pub(super) fn open(environment: Environment, conf: &Conf) -> Result<(Self, Partitions), BoxError> {
        let mut writing = environment.write()?;
        check_settings(&environment, &mut writing, conf.identifier.as_deref())?;
        let system = System::open(&environment, &writing)?;
        let latest = Latest::open(&environment, &writing, &conf.conditions, &conf.latest)?;
        let partitions = Partitions::open(&environment, &mut writing, &conf.partitions)?;
        writing.commit()?;
        let routes = Routes::new(conf);
        let state = Self {
            environment: Some(Arc::new(environment)),
            system,
            latest,
            routes,
            pending: new_layer(1, partitions.len()),
            pending_len: 0,
            flushing: None,
            generation: 1,
            ended: false,
            failing: None,
        };
        Ok((state, partitions))
    }

    /// Keeps what is to be kept of a batch. Returns how many events were not, as they were known or did not meet conditions.
    pub(super) fn add(&mut self, events: &Arc<[Event]>, conditions: &Conditions, partitions: &Partitions) -> Skipped {
        let mut skipped = Skipped::default();
        let pending = Arc::clone(&self.pending);
        let mut layer = write(&pending);
        layer.begin(events);
        let mut next = 0;
        for events in events.chunk_by(|one, next| one.id.server == next.id.server) {
            let Some(server) = events.first().map(|event| event.id.server) else { continue };
            let before = self.system.last(server);
            let mut last = before;
            let none = EventId { server, session: Default::default(), instance: Default::default() };
            for event in events {
                let at = next;
                next += 1;
                if event.id <= last.id.unwrap_or(none) {
                    skipped.known += 1;
                } else if !self.keep(at, event, &mut layer, conditions, partitions, &mut skipped) {
                    continue;
                } else {
                    layer.add_to_server(event, before);
                    let timestamp = last.timestamp.map_or(event.timestamp, |last| last.max(event.timestamp));
                    last = ServerLast { id: Some(event.id), timestamp: Some(timestamp) };
                }
            }
            if last != before {
                self.system.set_last(server, last);
            }
        }
        self.pending_len = layer.len();
        skipped
    }

    fn keep(
        &mut self,
        at: usize,
        event: &Event,
        layer: &mut Layer,
        conditions: &Conditions,
        partitions: &Partitions,
        skipped: &mut Skipped,
    ) -> bool {
        let Self { routes, latest, .. } = self;
        let route = routes.find(&event.event_type, conditions, partitions, latest);
        if !conditions.are_met(&route.conditions, event) {
            skipped.unmet += 1;
            return false;
        }
        let known = match route.latest {
            LatestRoute::No => None,
            LatestRoute::New => {
                let known = latest.add_type(&event.event_type, layer);
                route.latest = LatestRoute::Known(known);
                Some(known)
            }
            LatestRoute::Known(known) => latest.is_latest(known, event).then_some(known),
        };
        let slot = known.and_then(|known| latest.set(known, event, layer));
        layer.keep(at, event, slot, &route.partitions, partitions)
    }

    /// What is pending is to be written now, and another layer grows.
    pub(super) fn seal(&mut self, partitions: usize) -> SharedLayer {
        self.generation += 1;
        let sealed = std::mem::replace(&mut self.pending, new_layer(self.generation, partitions));
        self.pending_len = 0;
        let mut layer = write(&sealed);
        if !layer.has_changes() {
            write(&self.pending).new_types.append(&mut layer.new_types);
        }
        let reserved = layer.reservations.iter().map(|id| id.server);
        let servers: BTreeSet<ServerId> = layer.servers.keys().copied().chain(reserved).collect();
        layer.system = servers.into_iter().map(|server| self.system.to_write(server, &layer.reservations)).collect();
        drop(layer);
        self.flushing = Some(Flushing { layer: Arc::clone(&sealed), transaction: usize::MAX });
        sealed
    }

    /// Takes back what was to be reserved: who asked for it is refused.
    pub(super) fn forget_reservations(&mut self) {
        write(&self.pending).reservations.clear();
        let Some(flushing) = &self.flushing else { return };
        let mut layer = write(&flushing.layer);
        if std::mem::take(&mut layer.reservations).is_empty() {
            return;
        }
        let system = std::mem::take(&mut layer.system).into_iter().filter_map(|(server, last)| {
            // Events that came later are not in this layer.
            let id = Some(layer.last_id(server)?).max(self.system.reserved(server));
            Some((server, ServerLast { id, ..last }))
        });
        layer.system = system.collect();
    }

    /// Takes back all that is not written, and returns the layers that had it.
    pub(super) fn undo(&mut self, partitions: usize) -> Vec<SharedLayer> {
        self.generation += 1;
        let next = new_layer(self.generation, partitions);
        let pending = std::mem::replace(&mut self.pending, Arc::clone(&next));
        self.pending_len = 0;
        let layers: Vec<SharedLayer> =
            [Some(pending), self.flushing.take().map(|flushing| flushing.layer)].into_iter().flatten().collect();
        for layer in &layers {
            let mut layer = write(layer);
            self.latest.undo(&mut layer);
            for (server, part) in &layer.servers {
                self.system.set_last(*server, part.before);
            }
            // Their numbers are given.
            write(&next).new_types.append(&mut layer.new_types);
        }
        layers
    }

    /// What a query looks at; `None` once it is closed.
    pub(super) fn snapshot(&self) -> Option<Result<Snapshot, heed::Error>> {
        let environment = Arc::clone(self.environment.as_ref()?);
        let reading = match environment.read() {
            Ok(reading) => reading,
            Err(error) => return Some(Err(error)),
        };
        let flushing = self.flushing.as_ref().filter(|flushing| reading.id() < flushing.transaction);
        // All of the older one: it does not grow.
        let flushing = flushing.map(|flushing| (Arc::clone(&flushing.layer), u32::MAX));
        let pending = (self.pending_len > 0).then(|| (Arc::clone(&self.pending), self.pending_len));
        Some(Ok(Snapshot { environment, reading, layers: flushing.into_iter().chain(pending).collect() }))
    }
}

/// How many events of a batch were not kept, and why.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Skipped {
    /// Their ids are not above the last one of their server.
    pub(super) known: usize,
    /// They do not meet the conditions.
    pub(super) unmet: usize,
}

fn new_layer(generation: u64, partitions: usize) -> SharedLayer {
    Arc::new(RwLock::new(Layer::new(generation, partitions)))
}

pub(super) fn read(layer: &RwLock<Layer>) -> RwLockReadGuard<'_, Layer> {
    layer.read().unwrap_or_else(PoisonError::into_inner)
}

pub(super) fn write(layer: &RwLock<Layer>) -> RwLockWriteGuard<'_, Layer> {
    layer.write().unwrap_or_else(PoisonError::into_inner)
}
