//! Random queries, to both.

use std::fmt::Debug;

use hat_event_common::{
    Event, EventId, EventType, Order, OrderBy, QueryLatestParams, QueryParams, QueryResult, QueryServerParams,
    QueryTimeseriesParams, ServerId, Timestamp,
};
use hat_event_interop::Random;

use super::conf::{Partitions, query_type};
use super::pair::Pair;
use crate::differences::Differences;
use crate::trial::{Verdict, same};

/// Makes a query about events that were registered.
pub(super) type Make = fn(&mut Random, &Asked<'_>) -> QueryParams;

/// What queries are about.
pub(super) struct Asked<'a> {
    pub(super) events: &'a [Event],
    pub(super) partitions: &'a Partitions,
    /// Whether results may begin behind any event, or only behind one that was found.
    pub(super) any_last: bool,
}

/// Asks both so many queries, and some for the pages that follow. Returns how many found something.
pub(super) async fn compare(
    pair: &mut Pair,
    random: &mut Random,
    asked: &Asked<'_>,
    make: Make,
    count: usize,
    differences: &mut Differences,
) -> usize {
    let mut found = 0;
    let (mut queries, mut results) = (Vec::new(), Vec::new());
    while queries.len() < count {
        let mut next = Some(make(random, asked));
        while let Some(params) = next.take() {
            let result = pair.ours().query(params.clone()).await.unwrap();
            if result.more_follows && !random.once_in(3) {
                next = behind(&params, &result);
            }
            let partition = match &params {
                QueryParams::Timeseries(params) => {
                    asked.partitions.answering(params.order_by, params.event_types.as_deref())
                }
                _ => None,
            };
            queries.push((params, partition));
            results.push(result);
        }
    }
    let answers = pair.ask_python(&queries);
    for (((params, partition), ours), theirs) in queries.iter().zip(results).zip(answers) {
        if theirs.partition != *partition {
            // The reference would look into one that has nothing of it.
            assert!(theirs.partition.is_some_and(|theirs| partition.is_none_or(|ours| theirs < ours)), "{params:?}");
            differences.note("disjoint-longer");
        }
        found += usize::from(!ours.events.is_empty());
        if let Err(why) = agree(params, ours, theirs.result) {
            panic!("{params:?}\n{why}");
        }
    }
    found
}

fn agree(params: &QueryParams, mut ours: QueryResult, mut theirs: QueryResult) -> Verdict {
    if matches!(params, QueryParams::Latest(_)) {
        for result in [&mut ours, &mut theirs] {
            result.events.sort_by_key(|event| event.id);
        }
    }
    let ids = |result: &QueryResult| result.events.iter().map(|event| event.id).collect::<Vec<_>>();
    same("ids", Short(ids(&ours)), Short(ids(&theirs)))?;
    same("events", &ours.events, &theirs.events)?;
    same("more follows", ours.more_follows, theirs.more_follows)
}

/// A list that is shown in one line an item, and not all of it.
#[derive(PartialEq)]
struct Short<T>(Vec<T>);

impl<T: Debug> Debug for Short<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} of them", self.0.len())?;
        self.0.iter().take(40).try_for_each(|item| write!(f, "\n{item:?}"))
    }
}

/// The query for the next page.
fn behind(params: &QueryParams, result: &QueryResult) -> Option<QueryParams> {
    let last_event_id = Some(result.events.last()?.id);
    Some(match params.clone() {
        QueryParams::Latest(_) => return None,
        QueryParams::Timeseries(params) => QueryTimeseriesParams { last_event_id, ..params }.into(),
        QueryParams::Server(params) => QueryServerParams { last_event_id, ..params }.into(),
    })
}

pub(super) fn latest(random: &mut Random, asked: &Asked<'_>) -> QueryParams {
    let event_types = random.maybe(|random| event_types(random, asked));
    QueryLatestParams { event_types }.into()
}

pub(super) fn timeseries(random: &mut Random, asked: &Asked<'_>) -> QueryParams {
    let order_by = random.pick(&OrderBy::ALL);
    by(random, asked, order_by)
}

pub(super) fn by_timestamp(random: &mut Random, asked: &Asked<'_>) -> QueryParams {
    by(random, asked, OrderBy::Timestamp)
}

fn by(random: &mut Random, asked: &Asked<'_>, order_by: OrderBy) -> QueryParams {
    let time = |random: &mut Random| {
        let event = random.once_in(4).then(|| event(random, asked))?;
        Some(near(random, event.timestamp))
    };
    let source_time = |random: &mut Random| {
        let event = random.once_in(4).then(|| event(random, asked))?;
        Some(near(random, event.source_timestamp.unwrap_or(event.timestamp)))
    };
    QueryTimeseriesParams {
        event_types: random.maybe(|random| event_types(random, asked)),
        t_from: time(random),
        t_to: time(random),
        source_t_from: source_time(random),
        source_t_to: source_time(random),
        order: random.pick(&Order::ALL),
        order_by,
        max_results: max_results(random),
        last_event_id: (asked.any_last && random.once_in(5)).then(|| id(random, asked)),
    }
    .into()
}

pub(super) fn server(random: &mut Random, asked: &Asked<'_>) -> QueryParams {
    let some = id(random, asked);
    let server_id = if random.once_in(20) { ServerId::from(3) } else { some.server };
    QueryServerParams {
        server_id,
        persisted: random.once_in(2),
        max_results: max_results(random),
        last_event_id: (some.server == server_id && !random.once_in(3)).then_some(some),
    }
    .into()
}

fn max_results(random: &mut Random) -> Option<u64> {
    if random.once_in(20) { None } else { Some(random.pick(&[0, 1, 2, 7, 30, 100])) }
}

fn event<'a>(random: &mut Random, asked: &Asked<'a>) -> &'a Event {
    &asked.events[random.below(asked.events.len())]
}

/// The id of an event, or one next to it.
fn id(random: &mut Random, asked: &Asked<'_>) -> EventId {
    let id = event(random, asked).id;
    let instance = id.instance.get() + u64::from(random.once_in(10));
    EventId::new(id.server.get(), id.session.get(), instance).unwrap()
}

fn near(random: &mut Random, time: Timestamp) -> Timestamp {
    let seconds = random.pick(&[0.0, 0.0, 0.000_001, -0.000_001, 1.0, -1.0]);
    time.add(seconds).unwrap_or(time)
}

fn event_types(random: &mut Random, asked: &Asked<'_>) -> Vec<EventType> {
    random
        .list(
            3,
            |random| {
                if random.once_in(2) { event(random, asked).event_type.clone() } else { query_type(random).into() }
            },
        )
        .into_iter()
        .filter(|event_type| hat_event_common::QueryType::new(event_type.clone()).is_ok())
        .collect()
}
