//! Random events, with ids that rise and times that do not step back.

use std::time::{SystemTime, UNIX_EPOCH};

use hat_event_common::{Event, EventId, EventPayload, EventType, RegisterEvent, Timestamp};
use hat_event_interop::Random;
use serde_json::{Value, json};

/// What was registered so far.
#[derive(Default)]
pub(super) struct History {
    pub(super) events: Vec<Event>,
    sessions: u64,
}

impl History {
    /// The next session: of one of three servers, at a time that no other has.
    ///
    /// The reference keeps what it did not write yet in the order of registration, whatever the time, so that servers whose
    /// times differ would get other answers than later from its file.
    pub(super) fn batch(&mut self, random: &mut Random) -> Vec<Event> {
        self.sessions += 1;
        let server = 1 + random.below(3) as u64;
        let timestamp = self.time(self.sessions, server as u32);
        let events = (1..=1 + random.below(20) as u64).map(|instance| {
            // Sometimes as the latest of the batch before, and once in a while far from it.
            let source_timestamp =
                random.maybe(|random| self.time(self.sessions + random.below(20) as u64, random.below(3) as u32));
            let event = RegisterEvent { event_type: event_type(random), source_timestamp, payload: payload(random) };
            event.register(EventId::new(server, self.sessions, instance).unwrap(), timestamp)
        });
        let events: Vec<Event> = events.collect();
        self.events.extend_from_slice(&events);
        events
    }

    /// Events that were registered before.
    pub(super) fn known(&self, random: &mut Random) -> Vec<Event> {
        random.list(3, |random| self.events[random.below(self.events.len())].clone())
    }

    /// A time, those of sessions a thousand seconds apart; that of the thousandth is now.
    fn time(&self, session: u64, us: u32) -> Timestamp {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs() as i64 / 1000 * 1000;
        Timestamp::new(now + (session as i64 - 1000) * 1000, us).unwrap()
    }
}

pub(super) fn event_type(random: &mut Random) -> EventType {
    random.list(3, |random| random.pick(&["a", "b", "c", "\u{e9} \"/"])).into()
}

fn payload(random: &mut Random) -> Option<EventPayload> {
    match random.below(4) {
        0 => None,
        1 => Some(EventPayload::binary(random.text(), random.data())),
        _ => Some(EventPayload::json(&json_value(random, 2)).unwrap()),
    }
}

pub(super) fn json_value(random: &mut Random, depth: usize) -> Value {
    match random.below(if depth > 0 { 8 } else { 6 }) {
        0 => Value::Null,
        1 => json!(random.once_in(2)),
        2 | 3 => json!(random.below(3)),
        4 => json!(random.below(3) as f64 / 2.0),
        5 => json!(random.pick(&["", "a", "\u{e9}"])),
        6 => random.list(2, |random| json_value(random, depth - 1)).into(),
        _ => random
            .list(2, |random| (random.pick(&["a", "b", ""]).to_owned(), json_value(random, depth - 1)))
            .into_iter()
            .collect(),
    }
}
