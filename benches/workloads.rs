//! Query types and event types of the benchmarks of collections.

use std::hash::Hasher;

use hat_event_types::EventType;

use crate::decoded::decoded;
use crate::random::Random;

/// Query types, each the subscription of one value, and event types to look up.
pub(crate) struct Workload {
    pub(crate) query_types: Vec<EventType>,
    pub(crate) event_types: Vec<EventType>,
}

/// `a/b/c/0`, `a/b/c/1` and so on, 14,000 of them, each looked up in turn: the reference's own benchmark.
pub(crate) fn w2() -> Workload {
    let query_types: Vec<EventType> = (0..14_000).map(|i| format!("a/b/c/{i}").parse().expect("any text")).collect();
    Workload { event_types: decoded(&query_types), query_types }
}

/// A control system: 100,000 query types of six segments, 70 % exact, 20 % with one or two `?`, 10 % that end in `*`
/// after three (2 %), four (38 %) or five (60 %) segments.
///
/// They are looked up by so many events: 80 % of one of the exact types, 10 % of any type, 10 % with an unknown segment.
/// About four query types match an event.
pub(crate) fn w3(events: usize) -> Workload {
    control_system(100_000, events)
}

/// As W3 with so many query types, of vocabularies that are smaller or larger so that as many match an event.
///
/// The first three grow with the number of query types, which keeps the matches of those that end in `*` as they are. The
/// others grow slightly, which does so for the matches of two `?`.
pub(crate) fn control_system(count: usize, events: usize) -> Workload {
    let mut random = Random(3);
    let times = count as f64 / 100_000.0;
    let (first, other) = (times.cbrt(), times.powf(0.088));
    let vocabularies = [(4.0, first), (10.0, first), (5.0, first), (20.0, other), (10.0, other), (40.0, other)];
    let vocabularies = vocabularies.map(|(len, times): (f64, f64)| -> Vec<String> {
        (0..((len * times).round() as usize).max(1)).map(|_| random.name()).collect()
    });
    let any = |random: &mut Random| -> Vec<String> {
        vocabularies.iter().map(|names| names[random.below(names.len() as u64) as usize].clone()).collect()
    };

    let mut query_types: Vec<EventType> = (0..count)
        .map(|i| {
            let mut segments = any(&mut random);
            if i >= count / 10 * 9 {
                let kept = match random.below(100) {
                    0..2 => 3,
                    2..40 => 4,
                    _ => 5,
                };
                segments.truncate(kept);
                segments.push("*".into());
            } else if i >= count / 10 * 7 {
                for _ in 0..=random.below(2) {
                    segments[random.below(6) as usize] = "?".into();
                }
            }
            segments.into()
        })
        .collect();
    let exact = &query_types[..count / 10 * 7];
    let event_types: Vec<EventType> = (0..events)
        .map(|_| {
            let kind = random.below(10);
            if kind < 8 {
                return exact[random.below(exact.len() as u64) as usize].clone();
            }
            let mut segments = any(&mut random);
            if kind == 9 {
                segments[random.below(6) as usize] = random.name();
            }
            segments.into()
        })
        .collect();
    for i in (1..count).rev() {
        query_types.swap(i, random.below(i as u64 + 1) as usize);
    }
    Workload { event_types: decoded(&event_types), query_types }
}

/// Hostile workloads, by name.
pub(crate) fn w4() -> Vec<(&'static str, Workload)> {
    let combinations: Vec<EventType> =
        (0..1 << 12).map(|bits| (0..12).map(|i| if bits >> i & 1 == 1 { "?" } else { "a" }).collect()).collect();
    let common = |len: usize, segment: &str| -> Vec<EventType> {
        let long = vec![segment; len - 1];
        (0..1000).map(|i: u32| long.iter().copied().chain([&*i.to_string()]).collect()).collect()
    };
    let longer = |one: &EventType, end: &[&str]| -> EventType { one.segments().chain(end.iter().copied()).collect() };
    let each_and_longer = |types: &[EventType], end: &str| -> Vec<EventType> {
        types.iter().flat_map(|one| [one.clone(), longer(one, &[end])]).collect()
    };
    // The same segments with another one at each place in turn.
    let with_one = |len: usize, one: &str| -> Vec<EventType> {
        (0..len).map(|place| (0..len).map(|i| if i == place { one } else { "segment" }).collect()).collect()
    };
    let looked_up = |query_types: Vec<EventType>, event_types: &[EventType]| Workload {
        event_types: decoded(event_types),
        query_types,
    };
    let colliding: Vec<EventType> = colliding(1000).into_iter().map(|segment| [segment, "a".into()].into()).collect();
    let twice: Vec<EventType> = (0..1000).map(|i: u32| [i.to_string(), i.to_string()].into()).collect();
    let orders = orders(&["a", "b", "c", "d", "e", "f"]);
    let open: Vec<EventType> = common(255, "segment").iter().map(|one| longer(one, &["?", "*"])).collect();
    vec![
        // Every query type matches, or none and the tree of the reference would know at the second segment.
        ("combinations-all", looked_up(combinations.clone(), &[["a"; 12].into()])),
        ("combinations-none", looked_up(combinations, &[[&["b"; 11][..], &["a", "a"]].concat().into()])),
        ("long-exact", looked_up(common(255, "segment"), &common(255, "segment"))),
        ("long-open", looked_up(open, &common(255, "segment"))),
        // As many shapes as segments, of which one matches.
        ("long-any", looked_up(with_one(255, "?"), &with_one(255, "other"))),
        ("large-segments", looked_up(common(4, &"x".repeat(4096)), &common(4, &"x".repeat(4096)))),
        // Under a hash without a seed all segments collide, and with them the query types that they begin.
        ("collisions", looked_up(each_and_longer(&colliding, "?"), &colliding)),
        // Hashes of segments that are combined by exclusive or undo each other, or are the same in any order, unless
        // the place of a segment goes into its hash.
        ("collisions-twice", looked_up(each_and_longer(&twice, "?"), &each_and_longer(&twice, "a"))),
        ("collisions-orders", looked_up(each_and_longer(&orders, "*"), &orders)),
    ]
}

/// FNV-1a, which has no seed.
pub(crate) struct Fnv(u64);

impl Default for Fnv {
    fn default() -> Self {
        Self(0xCBF2_9CE4_8422_2325)
    }
}

impl Hasher for Fnv {
    fn write(&mut self, bytes: &[u8]) {
        bytes.iter().for_each(|byte| self.0 = (self.0 ^ u64::from(*byte)).wrapping_mul(0x100_0000_01B3));
    }

    fn finish(&self) -> u64 {
        self.0
    }
}

/// So many segments whose hashes by FNV-1a end with the same eleven bits: of a table of up to 2,048 places, the same place.
fn colliding(count: usize) -> Vec<String> {
    let collides = |segment: &String| {
        let mut hasher = Fnv::default();
        hasher.write(segment.as_bytes());
        hasher.finish() & 0x7FF == 0
    };
    (0u32..).map(|i| format!("{i:x}")).filter(collides).take(count).collect()
}

/// The segments in every order.
fn orders(segments: &[&str]) -> Vec<EventType> {
    let mut orders: Vec<Vec<&str>> = vec![Vec::new()];
    for segment in segments {
        let places = orders.iter().flat_map(|order| (0..=order.len()).map(move |at| order.split_at(at)));
        orders = places.map(|(before, after)| [before, &[*segment], after].concat()).collect();
    }
    orders.into_iter().map(EventType::from).collect()
}
