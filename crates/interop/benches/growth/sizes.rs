//! What grows, and how far.

use hat_event_common::EventType;

use crate::decoded::decoded;
use crate::random::Random;
use crate::workloads::{Workload, control_system};

/// Numbers of query types.
const QUERY_TYPES: [usize; 9] = [1000, 3000, 10_000, 30_000, 100_000, 300_000, 1_000_000, 3_000_000, 10_000_000];
/// Numbers of segments.
const SEGMENTS: [usize; 8] = [1, 2, 4, 8, 16, 32, 48, 64];
/// Numbers of values that match an event.
const FOUND: [usize; 10] = [0, 1, 3, 10, 30, 100, 300, 1000, 3000, 10_000];
/// Numbers of events in a batch.
const BATCHES: [usize; 6] = [1, 10, 100, 1000, 10_000, 100_000];

/// Bytes that are accessed at random.
const BYTES: [usize; 5] = [16 << 10, 256 << 10, 4 << 20, 64 << 20, 1 << 30];

/// Event types to look up, a query type of a control system.
const EVENTS_A_QUERY_TYPE: usize = 10;
/// So many of them at most: their look-ups touch more memory than caches have.
const EVENTS: usize = 1_000_000;

/// What is done while something grows.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Work {
    /// Nothing but accesses to more and more memory.
    Access,
    /// A collection of more and more query types.
    Collection,
    /// A subscription of more and more query types.
    Subscription,
    /// A collection of query types of more and more segments.
    CollectionSegments,
    /// A subscription of query types of more and more segments.
    SubscriptionSegments,
    /// A collection in which more and more values match an event.
    Found,
    /// Encoding and decoding of more and more events.
    Batches,
}

impl Work {
    pub(crate) const ALL: [Self; 7] = [
        Self::Access,
        Self::Collection,
        Self::Subscription,
        Self::CollectionSegments,
        Self::SubscriptionSegments,
        Self::Found,
        Self::Batches,
    ];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Access => "access",
            Self::Collection => "collection",
            Self::Subscription => "subscription",
            Self::CollectionSegments => "collection-segments",
            Self::SubscriptionSegments => "subscription-segments",
            Self::Found => "found",
            Self::Batches => "batches",
        }
    }

    /// What its sizes count.
    pub(crate) fn unit(self) -> &'static str {
        match self {
            Self::Access => "bytes of memory",
            Self::Collection | Self::Subscription => "query types",
            Self::CollectionSegments | Self::SubscriptionSegments => "segments",
            Self::Found => "matches an event",
            Self::Batches => "events",
        }
    }

    /// Sizes, smaller ones if it has to be `quick`.
    pub(crate) fn sizes(self, quick: bool) -> &'static [usize] {
        let (sizes, few) = match self {
            Self::Access => (&BYTES[..], 3),
            Self::Collection | Self::Subscription => (&QUERY_TYPES[..], 3),
            Self::CollectionSegments | Self::SubscriptionSegments => (&SEGMENTS[..], 4),
            Self::Found => (&FOUND[..], 5),
            Self::Batches => (&BATCHES[..], 3),
        };
        if quick { &sizes[..few] } else { sizes }
    }

    /// Query types and event types of a size; none where nothing is matched.
    pub(crate) fn workload(self, size: usize) -> Workload {
        let system = |size: usize| control_system(size, EVENTS.min(size * EVENTS_A_QUERY_TYPE));
        match self {
            Self::Collection => system(size),
            Self::Subscription => without_superfluous(system(size)),
            Self::CollectionSegments | Self::SubscriptionSegments => segments(size),
            Self::Found => found(size),
            Self::Access | Self::Batches => Workload { query_types: Vec::new(), event_types: Vec::new() },
        }
    }
}

/// The workload with its `*` in branches of their own. Where they are, most exact query types would match what they
/// match, and a subscription drops those.
fn without_superfluous(mut workload: Workload) -> Workload {
    for query_type in &mut workload.query_types {
        if query_type.segments().last().is_some_and(|last| last == "*") {
            let first = query_type.segments().next().map(|first| format!("all-of-{first}"));
            let others = query_type.segments().skip(1).map(str::to_owned);
            *query_type = first.into_iter().chain(others).collect();
        }
    }
    workload
}

/// A thousand query types of so many segments, every fifth with a `?` anywhere, and as many events again, four fifths
/// of which are of one of the exact types.
fn segments(len: usize) -> Workload {
    const QUERY_TYPES: usize = 1000;
    let mut random = Random(5);
    // So many names that a `?` seldom matches by chance.
    let names = match len {
        1 => QUERY_TYPES as f64 * 4.0,
        _ => (QUERY_TYPES as f64).powf(1.0 / (len - 1) as f64).max(10.0),
    };
    let vocabularies: Vec<Vec<String>> =
        (0..len).map(|_| (0..names as usize).map(|_| random.name()).collect()).collect();
    let any = |random: &mut Random| -> Vec<String> {
        vocabularies.iter().map(|names| names[random.below(names.len() as u64) as usize].clone()).collect()
    };
    let exact: Vec<EventType> = (0..QUERY_TYPES).map(|_| any(&mut random).into()).collect();
    let with_wildcard = |random: &mut Random, event_type: &EventType| -> EventType {
        let place = random.below(len as u64) as usize;
        let segments = event_type.segments().enumerate();
        segments.map(|(i, segment)| if i == place { "?" } else { segment }).collect()
    };
    let query_types: Vec<EventType> = exact
        .iter()
        .enumerate()
        .map(|(i, exact)| if i % 5 == 0 && len > 1 { with_wildcard(&mut random, exact) } else { exact.clone() })
        .collect();
    let event_types: Vec<EventType> = (0..QUERY_TYPES)
        .map(|i| if i % 5 == 0 { any(&mut random).into() } else { exact[random.below(1000) as usize].clone() })
        .collect();
    Workload { query_types, event_types: decoded(&event_types) }
}

/// Sixteen event types, each matched by so many values, among ten thousand other query types.
///
/// A value has one query type, as most do: there are eight that match, with and without wildcards.
fn found(count: usize) -> Workload {
    const OTHERS: usize = 10_000;
    let mut random = Random(7);
    let any = |random: &mut Random| -> Vec<String> { (0..6).map(|_| random.name()).collect() };
    let mut query_types: Vec<EventType> = (0..OTHERS).map(|_| any(&mut random).into()).collect();
    let event_types: Vec<Vec<String>> = (0..16).map(|_| any(&mut random)).collect();
    for (i, event_type) in (0..count).flat_map(|i| event_types.iter().map(move |event_type| (i, event_type))) {
        let mut segments = event_type.clone();
        match i % 8 {
            0 => {}
            7 => segments.splice(5.., ["*".to_owned()]).for_each(drop),
            place => segments[place - 1] = "?".to_owned(),
        }
        query_types.push(segments.into());
    }
    let event_types: Vec<EventType> = event_types.into_iter().map(EventType::from).collect();
    Workload { query_types, event_types: decoded(&event_types) }
}
