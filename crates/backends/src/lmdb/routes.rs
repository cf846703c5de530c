//! What is done with events, found once for each type.

use std::collections::HashMap;
use std::sync::Arc;

use foldhash::quality::RandomState;
use hat_event_common::{EventType, Subscription};

use super::conditions::Conditions;
use super::conf::Conf;
use super::latest::Latest;
use super::partitions::Partitions;

/// What is done with an event, by its type.
#[derive(Debug)]
pub(super) struct Route {
    pub(super) conditions: Box<[usize]>,
    pub(super) partitions: Arc<[usize]>,
    pub(super) latest: LatestRoute,
}

/// Whether an event may become the latest of its type.
#[derive(Clone, Copy, Debug)]
pub(super) enum LatestRoute {
    /// The latest event of this type is not kept.
    No,
    /// The type has no number yet.
    New,
    Known(usize),
}

/// Routes of the types that came up so far.
#[derive(Debug)]
pub(super) struct Routes {
    /// Places in `all`.
    known: HashMap<EventType, usize, RandomState>,
    /// Those of types that did not come up for long are forgotten with all others, beyond this number of them.
    all: Vec<Route>,
    capacity: usize,
    lists: HashMap<Arc<[usize]>, Arc<[usize]>>,
    subscription: Subscription,
}

impl Routes {
    pub(super) fn new(conf: &Conf) -> Self {
        Self {
            known: HashMap::default(),
            all: Vec::new(),
            capacity: conf.type_cache.max(1),
            lists: HashMap::default(),
            subscription: conf.latest.clone(),
        }
    }

    /// The route of a type, which is made if it did not come up lately.
    pub(super) fn find(
        &mut self,
        event_type: &EventType,
        conditions: &Conditions,
        partitions: &Partitions,
        latest: &Latest,
    ) -> &mut Route {
        let place = self.known.get(event_type).copied().unwrap_or_else(|| {
            if self.all.len() >= self.capacity {
                self.known.clear();
                self.all.clear();
            }
            let list = partitions.of(event_type);
            let list = Arc::clone(self.lists.entry(Arc::clone(&list)).or_insert(list));
            let latest = match (self.subscription.matches(event_type), latest.find(event_type)) {
                (false, _) => LatestRoute::No,
                (true, None) => LatestRoute::New,
                (true, Some(known)) => LatestRoute::Known(known),
            };
            self.all.push(Route { conditions: conditions.of(event_type).into(), partitions: list, latest });
            self.known.insert(event_type.detach(), self.all.len() - 1);
            self.all.len() - 1
        });
        // Places are those of routes.
        self.all.get_mut(place).unwrap_or_else(|| unreachable!("no route at {place}"))
    }
}
