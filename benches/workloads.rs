//! Query types and event types of the benchmarks of collections.

use hat_event_common::EventType;

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
    let open = |len: usize| -> Vec<EventType> {
        common(len, "segment").iter().map(|query_type| query_type.segments().chain(["?", "*"]).collect()).collect()
    };
    let looked_up = |query_types: Vec<EventType>, event_types: &[EventType]| Workload {
        event_types: decoded(event_types),
        query_types,
    };
    vec![
        // Every query type matches, or none and the tree of the reference would know at the second segment.
        ("combinations-all", looked_up(combinations.clone(), &[["a"; 12].into()])),
        ("combinations-none", looked_up(combinations, &[[&["b"; 11][..], &["a", "a"]].concat().into()])),
        ("long-exact", looked_up(common(255, "segment"), &common(255, "segment"))),
        ("long-open", looked_up(open(255), &common(255, "segment"))),
        ("large-segments", looked_up(common(4, &"x".repeat(4096)), &common(4, &"x".repeat(4096)))),
    ]
}
