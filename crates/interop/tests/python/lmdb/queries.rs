//! Random queries about a history.

use hat_event_common::{
    EventId, EventType, Order, OrderBy, QueryLatestParams, QueryParams, QueryServerParams, QueryTimeseriesParams,
    ServerId, Timestamp,
};
use hat_event_interop::Random;

use super::history::History;

#[derive(Clone, Copy)]
pub(super) enum Kind {
    Latest,
    Timeseries,
    Server,
}

pub(super) fn random(random: &mut Random, kind: Kind, history: &History) -> QueryParams {
    match kind {
        Kind::Latest => QueryLatestParams { event_types: event_types(random) }.into(),
        Kind::Timeseries => QueryTimeseriesParams {
            event_types: event_types(random),
            t_from: time(random, history, 3),
            t_to: time(random, history, 3),
            source_t_from: time(random, history, 5),
            source_t_to: time(random, history, 5),
            order: random.pick(&[Order::Ascending, Order::Descending]),
            order_by: random.pick(&[OrderBy::Timestamp, OrderBy::Timestamp, OrderBy::SourceTimestamp]),
            max_results: max_results(random),
            last_event_id: random.once_in(3).then(|| id(random, history)),
        }
        .into(),
        Kind::Server => {
            let server_id = ServerId::from(1 + random.below(4) as u32);
            let last_event_id = random.once_in(2).then(|| id(random, history)).filter(|id| id.server == server_id);
            let (persisted, max_results) = (random.once_in(2), max_results(random));
            QueryServerParams { server_id, persisted, max_results, last_event_id }.into()
        }
    }
}

fn event_types(random: &mut Random) -> Option<Vec<EventType>> {
    random.maybe(|random| {
        random.list(3, |random| {
            let mut segments = random.list(3, |random| random.pick(&["a", "b", "c", "?", "d", "\u{e9} \"/"]));
            if random.once_in(3) {
                segments.push("*");
            }
            segments.into()
        })
    })
}

fn max_results(random: &mut Random) -> Option<u64> {
    random.maybe(|random| random.below(30) as u64)
}

/// Mostly the time of an event, as bounds are inclusive.
fn time(random: &mut Random, history: &History, once_in: usize) -> Option<Timestamp> {
    let event = &history.events[random.below(history.events.len())];
    random
        .once_in(once_in)
        .then(|| if random.once_in(2) { event.timestamp } else { event.source_timestamp.unwrap_or(event.timestamp) })
}

/// Mostly that of an event, and mostly of a recent one.
fn id(random: &mut Random, history: &History) -> EventId {
    let len = history.events.len();
    let at = if random.once_in(2) { random.below(len) } else { len - 1 - random.below(len.min(50)) };
    let id = history.events[at].id;
    if random.once_in(10) { EventId::new(id.server.get(), id.session.get() + 1, 77).unwrap() } else { id }
}
