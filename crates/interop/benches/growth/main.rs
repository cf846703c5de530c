//! How cost grows as work grows: `cargo xtask compare --report` runs this and draws the results.
//!
//! Each piece, a contestant at a size, is measured in a process of its own, which starts with memory that nobody has
//! used. The contestants take turns, and small sizes are measured more than once.

mod access;
mod batches;
mod clock;
#[expect(dead_code, reason = "the benchmark of the codec compares results")]
#[path = "../../../../benches/codec_peers.rs"]
mod codec_peers;
mod contestants;
#[path = "../../../../benches/decoded.rs"]
mod decoded;
#[path = "../../../../benches/events.rs"]
mod events;
mod matching;
mod memory;
#[path = "../../../../benches/peers/port.rs"]
#[expect(dead_code, reason = "only the faster of its hashers is measured")]
mod port;
#[path = "../../../../benches/peers/port_subscription.rs"]
mod port_subscription;
mod progress;
#[path = "../../../../benches/random.rs"]
mod random;
mod reference;
mod results;
mod sizes;
#[path = "../../../../benches/workloads.rs"]
#[expect(dead_code, reason = "other benchmarks have other workloads")]
mod workloads;

use std::collections::BTreeMap;
use std::error::Error;
use std::path::Path;
use std::process::{Command, Stdio};

use hat_event_common::{Subscription, TreeEventTypeCollection};
use memory::Memory;
use progress::Progress;
use results::{Measured, Results};
use sizes::Work;

/// From this size on a piece is measured once.
const LARGE: usize = 1_000_000;

/// How often a piece is measured, and how long each number of it, in seconds.
struct Patience {
    rounds: usize,
    seconds: f64,
}

impl Patience {
    fn of(size: usize, quick: bool) -> Self {
        match (quick, size) {
            (true, _) => Self { rounds: 1, seconds: 0.03 },
            // Building takes far longer, and is done once.
            (_, LARGE..) => Self { rounds: 1, seconds: 2.0 },
            _ => Self { rounds: 3, seconds: 0.5 },
        }
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    // Cargo says `--bench`.
    let args: Vec<String> = std::env::args().skip(1).filter(|arg| arg != "--bench").collect();
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    match args[..] {
        ["piece", work, contestant, size, seconds] => piece(work, contestant, size.parse()?, seconds.parse()?),
        [path] => all(Path::new(path), false),
        [path, "--quick"] => all(Path::new(path), true),
        _ => Err("run this by `cargo xtask compare --report`".into()),
    }
}

fn contestants(work: Work) -> &'static [&'static str] {
    match work {
        Work::Access => &["machine"],
        Work::Batches => &["hat-event", "prost", "prost-shared", "reference"],
        _ => &["hat-event", "port-fast", "reference"],
    }
}

/// Measures a piece and prints the numbers.
#[expect(clippy::print_stdout, reason = "the other process reads it")]
fn piece(work: &str, contestant: &str, size: usize, seconds: f64) -> Result<(), Box<dyn Error>> {
    let work = Work::ALL.into_iter().find(|one| one.name() == work).ok_or("no such work")?;
    let workload = || work.workload(size);
    let mut measured = match (work, contestant) {
        (Work::Access, _) => access::measure(size, seconds),
        (_, "reference") => reference::measure(work, size, seconds)?,
        (Work::Batches, "hat-event") => batches::hat_event(size, seconds),
        (Work::Batches, "prost") => batches::prost(size, seconds),
        (Work::Batches, "prost-shared") => batches::prost_shared(size, seconds),
        (Work::Collection, "hat-event") => matching::change::<TreeEventTypeCollection<u32>>(&workload(), seconds),
        (Work::Collection, "port-fast") => matching::change::<port::Fast>(&workload(), seconds),
        (Work::Subscription, "hat-event") => matching::build::<Subscription>(&workload(), seconds),
        (Work::Subscription, "port-fast") => matching::build::<port_subscription::Port>(&workload(), seconds),
        (Work::SubscriptionSegments, "hat-event") => matching::look_ups::<Subscription>(&workload(), seconds),
        (Work::SubscriptionSegments, "port-fast") => {
            matching::look_ups::<port_subscription::Port>(&workload(), seconds)
        }
        (_, "hat-event") => matching::look_ups::<TreeEventTypeCollection<u32>>(&workload(), seconds),
        (_, "port-fast") => matching::look_ups::<port::Fast>(&workload(), seconds),
        _ => return Err("no such contestant".into()),
    };
    // The reference tells the most that its own process had.
    *measured.entry("peak".to_owned()).or_default() += memory::peak().unwrap_or_default();
    println!("{}", serde_json::to_string(&measured)?);
    Ok(())
}

/// Measures all pieces and writes the numbers to a file.
fn all(path: &Path, quick: bool) -> Result<(), Box<dyn Error>> {
    let pieces = Work::ALL.iter().flat_map(|work| {
        work.sizes(quick).iter().map(|size| Patience::of(*size, quick).rounds * contestants(*work).len())
    });
    let progress = Progress::new(pieces.sum());
    let mut results = Results::default();
    for work in Work::ALL {
        let mut memory = Memory::default();
        for &size in work.sizes(quick) {
            let mut taken: BTreeMap<&str, Vec<Measured>> = BTreeMap::new();
            let patience = Patience::of(size, quick);
            for _ in 0..patience.rounds {
                for contestant in contestants(work) {
                    progress.step(work.name(), size, work.unit(), contestant);
                    if let Some(needs) = memory.lacks(contestant, size) {
                        results.end(work.name(), contestant, size, needs);
                        continue;
                    }
                    let measured = run(work, contestant, size, patience.seconds)?;
                    memory.note(contestant, size, &measured);
                    taken.entry(contestant).or_default().push(measured);
                }
            }
            check(work, size, &taken)?;
            taken.iter().for_each(|(contestant, rounds)| {
                results.add(work.name(), contestant, size, &medians(rounds));
            });
        }
        // What is done is seen while the rest goes on.
        results.write(path)?;
    }
    Ok(())
}

/// Measures a piece in a process of its own.
fn run(work: Work, contestant: &str, size: usize, seconds: f64) -> Result<Measured, Box<dyn Error>> {
    let output = Command::new(std::env::current_exe()?)
        .args(["piece", work.name(), contestant, &size.to_string(), &seconds.to_string()])
        .stderr(Stdio::inherit())
        .output()?;
    if !output.status.success() {
        return Err(format!("{}, {contestant}, size {size}: {}", work.name(), output.status).into());
    }
    Ok(serde_json::from_slice(&output.stdout)?)
}

/// An error if the contestants do not find the same. Those of batches check by themselves what they made.
fn check(work: Work, size: usize, taken: &BTreeMap<&str, Vec<Measured>>) -> Result<(), Box<dyn Error>> {
    let mut found = taken.values().flatten().map(|measured| measured.get("check"));
    let first = found.next().flatten();
    let is_checked = first.is_some() || matches!(work, Work::Access | Work::Batches);
    if is_checked && found.all(|other| other == first) {
        Ok(())
    } else {
        Err(format!("{}, size {size}: the contestants find different values", work.name()).into())
    }
}

/// The median of each number.
fn medians(rounds: &[Measured]) -> Measured {
    let names = rounds.iter().flat_map(Measured::keys);
    names
        .map(|name| {
            let mut numbers: Vec<f64> = rounds.iter().filter_map(|measured| measured.get(name).copied()).collect();
            numbers.sort_by(f64::total_cmp);
            (name.clone(), numbers[numbers.len() / 2])
        })
        .collect()
}
