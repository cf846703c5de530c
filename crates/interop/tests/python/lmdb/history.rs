//! Random histories of events.

use std::collections::BTreeMap;

use hat_event_common::{Event, EventId, EventPayload, EventType, RegisterEvent, Timestamp};
use hat_event_interop::Random;

use super::conf::small_value;
use crate::values;

pub(super) const SEGMENTS: [&str; 4] = ["a", "b", "", "\u{e9}"];

/// Servers that register events, and what they registered.
pub(super) struct History {
    servers: BTreeMap<u64, Server>,
    /// Whether time goes on from batch to batch, whichever server it is of.
    one_clock: bool,
    pub(super) events: Vec<Event>,
}

struct Server {
    session: u64,
    time: i64,
}

/// Of these servers, none is the successor of another's number by chance only.
const SERVERS: [u64; 4] = [0, 1, 2, i64::MAX as u64];

impl History {
    pub(super) fn new(random: &mut Random, one_clock: bool) -> Self {
        let start = random.pick(&[-1_000_000, 0, 1_700_000_000_000_000]);
        let server = |random: &mut Random| Server { session: 0, time: start + random.below(20_000_000) as i64 };
        let servers: BTreeMap<_, _> = SERVERS.into_iter().map(|id| (id, server(random))).collect();
        let first = servers[&0].time;
        let mut history = Self { servers, one_clock, events: Vec::new() };
        if one_clock {
            history.servers.values_mut().for_each(|server| server.time = first);
        }
        history
    }

    /// What is registered next: a session of one server, or of several.
    pub(super) fn batch(&mut self, random: &mut Random) -> Vec<Event> {
        let max = random.pick(&[1, 5, 60]);
        let mut batch = self.session(random, max);
        if !self.one_clock {
            let more = random.below(3);
            (0..more).for_each(|_| batch.extend(self.session(random, max)));
            // Sessions stay in order, also of one server; others come between them.
            batch.sort_by_key(|event| (event.id.session, event.id.instance));
        }
        self.events.extend(batch.iter().cloned());
        if random.once_in(30) && !self.events.is_empty() {
            // All of it is known already.
            let place = random.below(self.events.len());
            batch.extend(self.events[place..].iter().take(5).cloned());
        }
        batch
    }

    fn session(&mut self, random: &mut Random, max: usize) -> Vec<Event> {
        let id = random.pick(&SERVERS);
        let ahead = self.servers.values().map(|server| server.time).max().unwrap_or_default();
        let server = self.servers.get_mut(&id).unwrap();
        server.session += 1 + u64::from(random.once_in(5));
        if self.one_clock {
            server.time = ahead + 1;
        }
        server.time += random.pick(&[0, 0, 1, 999, 1_500_000]);
        let timestamp = time(server.time);
        let session = server.session;
        let mut instance = 0;
        random.list(max, |random| {
            instance += 1 + random.below(2) as u64;
            let id = EventId::new(id, session, instance).unwrap();
            event(random, timestamp).register(id, timestamp)
        })
    }
}

fn event(random: &mut Random, timestamp: Timestamp) -> RegisterEvent {
    let event_type: EventType = match random.below(40) {
        0 => values::event_type(random),
        _ => random.list(3, |random| random.pick(&SEGMENTS)).into(),
    };
    let around = |random: &mut Random| match random.below(20) {
        0 => values::timestamp(random),
        1 => timestamp,
        _ => timestamp.add(random.below(2_000) as f64 / 100.0 - 15.0).unwrap(),
    };
    let payload = match random.below(4) {
        0 => None,
        1 => Some(values::payload(random)),
        _ => Some(EventPayload::json(&small_value(random, 2)).unwrap()),
    };
    RegisterEvent { event_type, source_timestamp: random.maybe(around), payload }
}

/// So many microseconds after 1970.
fn time(us: i64) -> Timestamp {
    Timestamp::new(us.div_euclid(1_000_000), us.rem_euclid(1_000_000) as u32).unwrap()
}
