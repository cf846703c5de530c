//! How many bytes a collection and a subscription hold for a query type, counted by an allocator.
//!
//! It is a program of its own, as counting takes time: `cargo xtask compare --report` runs it beside `growth`.

#[path = "../growth/contestants.rs"]
#[expect(dead_code, reason = "nothing is looked up or changed here")]
mod contestants;
#[path = "../../../../benches/decoded.rs"]
mod decoded;
#[path = "../../../../benches/peers/port.rs"]
#[expect(dead_code, reason = "only the faster of its hashers is measured")]
mod port;
#[path = "../../../../benches/peers/port_subscription.rs"]
mod port_subscription;
#[path = "../growth/progress.rs"]
mod progress;
#[path = "../../../../benches/random.rs"]
mod random;
#[path = "../growth/results.rs"]
#[expect(dead_code, reason = "all sizes are measured")]
mod results;
#[path = "../growth/sizes.rs"]
#[expect(dead_code, reason = "other work holds nothing")]
mod sizes;
#[path = "../../../../benches/workloads.rs"]
#[expect(dead_code, reason = "other benchmarks have other workloads")]
mod workloads;

use std::error::Error;
use std::path::Path;

use contestants::Contestant;
use hat_event_common::{EventType, Subscription, TreeEventTypeCollection};
use progress::Progress;
use results::{Results, measured};
use sizes::Work;

type Held = fn(&[EventType]) -> f64;

const WORKS: [(Work, [(&str, Held); 2]); 2] = [
    (Work::Collection, [("hat-event", held::<TreeEventTypeCollection<u32>>), ("port-fast", held::<port::Fast>)]),
    (Work::Subscription, [("hat-event", held::<Subscription>), ("port-fast", held::<port_subscription::Port>)]),
];

fn main() -> Result<(), Box<dyn Error>> {
    // Cargo says `--bench`.
    let args: Vec<String> = std::env::args().skip(1).filter(|arg| arg != "--bench").collect();
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    match args[..] {
        [path] => all(Path::new(path), false),
        [path, "--quick"] => all(Path::new(path), true),
        _ => Err("run this by `cargo xtask compare --report`".into()),
    }
}

fn all(path: &Path, quick: bool) -> Result<(), Box<dyn Error>> {
    let steps = WORKS.iter().map(|(work, contestants)| work.sizes(quick).len() * contestants.len());
    let progress = Progress::new(steps.sum());
    let mut results = Results::default();
    for (work, contestants) in WORKS {
        for &size in work.sizes(quick) {
            let query_types = work.workload(size).query_types;
            for (contestant, held) in contestants {
                progress.step(&format!("bytes of a {}", work.name()), size, work.unit(), contestant);
                results.add(work.name(), contestant, size, &measured([("bytes", held(&query_types) / size as f64)]));
            }
        }
    }
    results.write(path)
}

/// The bytes that are held after building, with those query types that are shared, and without the others.
fn held<T: Contestant>(query_types: &[EventType]) -> f64 {
    let mut built = None;
    let memory = allocation_counter::measure(|| {
        let own: Vec<EventType> = query_types.iter().map(EventType::detach).collect();
        built = Some(T::build(&own));
    });
    drop(built);
    memory.bytes_current as f64
}
