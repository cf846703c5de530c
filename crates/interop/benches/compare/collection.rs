//! Collections: each query type has its position as its value.

use std::cell::{Cell, RefCell};

use hat_event_common::{EventType, TreeEventTypeCollection};
use serde_json::json;

use crate::apart::builds;
use crate::contest::{Entry, HERE, SECONDS, TOUCHED, hold, timed};
use crate::peers::Contestant;
use crate::peers::floor::Floor;
use crate::peers::mqtt::Mqtt;
use crate::peers::port::{Fast, Std};
use crate::peers::zenoh::Zenoh;
use crate::reference::{Reference, lines};
use crate::table::Row;
use crate::workloads::{Workload, w2, w3, w4};
use crate::{Result, Step};

type Tree = TreeEventTypeCollection<u32>;

/// Events of W3, so many that their types do not stay in a cache.
const EVENTS: usize = 200_000;

/// So many values are removed and added again in one piece.
const PIECE: usize = 1000;

pub(crate) fn steps() -> Vec<Step> {
    let mut steps = vec![
        Step::new("collection, W2", |name, reference| {
            Ok(vec![get(name, &w2(), true, reference)?, build_row(name, "W2", reference)?])
        }),
        Step::new("collection, W3", |name, reference| {
            let w3 = w3(EVENTS);
            let mut rows = vec![get(name, &w3, false, reference)?, build_row(name, "W3", reference)?];
            rows.extend(change(name, &w3, reference)?);
            rows.extend(bytes(name)?);
            Ok(rows)
        }),
    ];
    for (hostile, workload) in w4() {
        steps.push(Step::new(format!("collection, W4, {hostile}"), move |name, reference| {
            Ok(vec![get(name, &workload, false, reference)?, growth(name, &workload)?])
        }));
    }
    steps
}

/// A collection and what is looked up in it.
struct Made<C: Contestant> {
    collection: C,
    keys: Vec<C::Key>,
}

impl<C: Contestant> Made<C> {
    /// An error if it does not find what is expected.
    fn new(Workload { query_types, event_types }: &Workload, expected: &[Vec<u32>]) -> Result<Self> {
        let made = Self { collection: C::build(C::items(query_types)), keys: C::keys(event_types) };
        for ((key, expected), event_type) in made.keys.iter().zip(expected).zip(event_types) {
            let found = made.collection.find(key);
            if found != *expected {
                let name = std::any::type_name::<C>();
                return Err(format!("{name} finds {found:?} for {event_type}, the reference {expected:?}").into());
            }
        }
        Ok(made)
    }

    fn get(&self, name: &'static str) -> Entry<'_> {
        Entry::look_ups(name, &self.keys, |key| self.collection.sum(key))
    }
}

/// Loads a workload into the reference and measures looking up its event types, also in the floor if all are exact.
fn get(name: &str, workload: &Workload, exact: bool, reference: &Reference) -> Result<Row> {
    let Workload { query_types, event_types } = workload;
    let loaded = json!({"query_types": lines(query_types), "event_types": lines(event_types)});
    let expected: Vec<Vec<u32>> = serde_json::from_value(reference.load("collection", loaded)?)?;
    if expected.len() != event_types.len() {
        return Err("the reference has other event types".into());
    }
    let tree = Made::<Tree>::new(workload, &expected)?;
    let (fast, std) = (Made::<Fast>::new(workload, &expected)?, Made::<Std>::new(workload, &expected)?);
    let (zenoh, mqtt) = (Made::<Zenoh>::new(workload, &expected)?, Made::<Mqtt>::new(workload, &expected)?);
    let floor = if exact { Some(Made::<Floor>::new(workload, &expected)?) } else { None };
    let mut entries = vec![
        tree.get(HERE),
        reference.whole("get"),
        reference.core("get"),
        fast.get("port-fast"),
        std.get("port-std"),
        zenoh.get("zenoh"),
        mqtt.get("mqtt"),
    ];
    entries.extend(floor.iter().map(|floor| floor.get("floor")));
    Ok(Row::times(format!("{name}: get"), hold(entries)?))
}

/// Measures making a collection of what the reference has loaded.
fn build_row(name: &str, workload: &str, reference: &Reference) -> Result<Row> {
    let entries = vec![
        Entry::builds(HERE, workload),
        reference.whole("build"),
        reference.core("build"),
        Entry::builds("port-fast", workload),
        Entry::builds("zenoh", workload),
        Entry::builds("mqtt", workload),
    ];
    Ok(Row::times(format!("{name}: build"), hold(entries)?))
}

/// Seconds a query type that a contestant makes a collection of.
pub(crate) fn build(workload: &str, contestant: &str) -> Result<f64> {
    fn measure<C: Contestant>(Workload { query_types, .. }: &Workload) -> f64 {
        let items = C::items(query_types);
        builds(items.len(), || items.clone(), C::build)
    }
    let workload = match workload {
        "W2" => w2(),
        "W3" => w3(0),
        _ => return Err(format!("nothing is built of {workload}").into()),
    };
    Ok(match contestant {
        HERE => measure::<Tree>(&workload),
        "port-fast" => measure::<Fast>(&workload),
        "zenoh" => measure::<Zenoh>(&workload),
        "mqtt" => measure::<Mqtt>(&workload),
        _ => return Err(format!("{contestant} builds nothing").into()),
    })
}

/// A full collection of which a piece at a time is removed and added again.
struct Changing<C: Contestant> {
    collection: RefCell<C>,
    items: Vec<(C::Query, u32)>,
    at: Cell<usize>,
}

impl<C: Contestant> Changing<C> {
    fn new(Workload { query_types, .. }: &Workload) -> Self {
        let items = C::items(query_types);
        Self { collection: RefCell::new(C::build(items.clone())), items, at: Cell::new(0) }
    }

    /// Seconds a value, of removing alone and of adding alone.
    fn measure(&self) -> [f64; 2] {
        let mut collection = self.collection.borrow_mut();
        let (mut taken, mut count) = ([0.0f64; 2], 0);
        while taken[0].min(taken[1]) < SECONDS / 4.0 {
            let at = self.at.get();
            let piece = &self.items[at..(at + PIECE).min(self.items.len())];
            self.at.set((at + PIECE) % self.items.len());
            taken[0] += timed(|| piece.iter().for_each(|(query, value)| collection.remove(query, *value))).0;
            taken[1] += timed(|| piece.iter().for_each(|(query, value)| collection.add(query, *value))).0;
            count += piece.len();
        }
        taken.map(|taken| taken / count as f64)
    }

    fn removes(&self, name: &'static str) -> Entry<'_> {
        Entry::new(name, || Ok(self.measure()[0]))
    }

    fn adds(&self, name: &'static str) -> Entry<'_> {
        Entry::new(name, || Ok(self.measure()[1]))
    }

    /// What is found afterwards for some of the event types.
    fn find(&self, Workload { event_types, .. }: &Workload) -> Vec<Vec<u32>> {
        let collection = self.collection.borrow();
        event_types.iter().take(1000).map(|event_type| collection.find(&C::key(event_type))).collect()
    }
}

/// Measures removing values from a full collection and adding them to it, in what the reference has loaded.
fn change(name: &str, workload: &Workload, reference: &Reference) -> Result<[Row; 2]> {
    let (tree, port) = (Changing::<Tree>::new(workload), Changing::<Fast>::new(workload));
    let (zenoh, mqtt) = (Changing::<Zenoh>::new(workload), Changing::<Mqtt>::new(workload));
    let remove = hold(vec![
        tree.removes(HERE),
        reference.whole("remove"),
        reference.core("remove"),
        port.removes("port-fast"),
        zenoh.removes("zenoh"),
        mqtt.removes("mqtt"),
    ])?;
    let add = hold(vec![
        tree.adds(HERE),
        reference.whole("add"),
        reference.core("add"),
        port.adds("port-fast"),
        zenoh.adds("zenoh"),
        mqtt.adds("mqtt"),
    ])?;
    let found = Changing::<Tree>::new(workload).find(workload);
    let after = [tree.find(workload), port.find(workload), zenoh.find(workload), mqtt.find(workload)];
    if after.iter().any(|after| *after != found) {
        return Err("a contestant has lost a value or has one twice".into());
    }
    Ok([Row::times(format!("{name}: remove"), remove), Row::times(format!("{name}: add"), add)])
}

/// How many bytes were counted for each query type; counting has a process of its own, as it takes time.
fn bytes(name: &str) -> Result<Option<Row>> {
    let Ok(counted) = std::env::var("HAT_EVENT_BYTES") else { return Ok(None) };
    let number = |name: &str, line: &str| line.strip_prefix(name)?.trim().parse().ok();
    let mut measured = Vec::new();
    for name in [HERE, "port-fast", "zenoh", "mqtt"] {
        let bytes = counted.lines().find_map(|line| number(name, line)).ok_or("bytes were not counted")?;
        measured.push((name.to_owned(), bytes));
    }
    Ok(Some(Row::numbers(format!("{name}: bytes a query"), measured)))
}

/// How many times longer a look-up takes when there are four times as many query types.
///
/// Query types are touched that match, and those along which the obvious port walks its tree: so as many times more are
/// touched as match, or as the port takes longer.
fn growth(name: &str, Workload { query_types, event_types }: &Workload) -> Result<Row> {
    fn sizes<C: Contestant>(query_types: &[EventType]) -> [C; 2] {
        [&query_types[..query_types.len() / 4], query_types].map(|query_types| C::build(C::items(query_types)))
    }
    fn entries<'a, C: Contestant<Key = EventType>>(sizes: &'a [C; 2], event_types: &'a [EventType]) -> Vec<Entry<'a>> {
        let look_ups = |collection: &'a C| Entry::look_ups("one size", event_types, |key| collection.sum(key));
        sizes.iter().map(look_ups).collect()
    }
    let (trees, ports) = (sizes::<Tree>(query_types), sizes::<Fast>(query_types));
    let times = hold(entries(&trees, event_types).into_iter().chain(entries(&ports, event_types)).collect())?;
    let growth = |small: usize| times[small + 1].1 / times[small].1;
    let found =
        |tree: &Tree| event_types.iter().map(|event_type| 1 + tree.find(event_type).len()).sum::<usize>() as f64;
    let touched = growth(2).max(found(&trees[1]) / found(&trees[0]));
    Ok(Row::numbers(format!("{name}: growth"), vec![(HERE.to_owned(), growth(0)), (TOUCHED.to_owned(), touched)]))
}
