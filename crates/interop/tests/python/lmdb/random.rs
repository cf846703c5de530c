use hat_event_interop::Random;

use super::conf::{Partitions, conditions, conf};
use super::history::History;
use super::pair::Pair;
use super::queries::{Asked, by_timestamp, compare, latest, server, timeseries};
use crate::differences::Differences;
use crate::trial::{number, seed};

/// So often within a history all kinds of queries are asked.
const PARTS: usize = 10;

/// What histories differ in, beside what is random.
struct Kind {
    about: &'static str,
    /// Time goes on from batch to batch, so that the reference has its memory in order and needs not flush for a comparison.
    one_clock: bool,
    /// Conditions change, so that the reference has references in the file that lead to other events.
    conditions_change: bool,
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn histories_of_one_clock_are_the_same() {
    run(Kind { about: "LMDB, one clock", one_clock: true, conditions_change: false }).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn histories_of_several_clocks_are_the_same() {
    run(Kind { about: "LMDB, several clocks", one_clock: false, conditions_change: false }).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn histories_with_other_conditions_are_the_same() {
    run(Kind { about: "LMDB, other conditions", one_clock: false, conditions_change: true }).await;
}

/// Registers a random history in both, with flushes, and with reopenings after which each has the other's database and both a
/// new configuration. Then compares all that they have, and on the way what they answer.
async fn run(Kind { about, one_clock, conditions_change }: Kind) {
    let count = number("HAT_INTEROP_CASES").unwrap_or(10_000) as usize;
    let seed = seed(&format!("{about}, {count} events"));
    let mut random = Random::new(seed, about, 0);
    let (mut pair, mut history) = (Pair::new(), History::new(&mut random, one_clock));
    let mut differences = Differences::default();
    let mut conf_now = conf(&mut random);
    pair.open(&conf_now).await;
    for part in 1..=PARTS {
        while history.events.len() < count * part / PARTS {
            let batch = history.batch(&mut random);
            pair.register(batch).await;
            if random.once_in(20) {
                pair.flush_python();
                pair.flush_ours().await;
            }
            if random.once_in(60) {
                pair.close().await;
                if random.once_in(3) {
                    pair.compare_databases();
                }
                pair.swap();
                let conditions_now = conf_now["conditions"].take();
                conf_now = conf(&mut random);
                conf_now["conditions"] = if conditions_change { conditions(&mut random) } else { conditions_now };
                pair.open(&conf_now).await;
            }
        }
        let (pair, differences) = (&mut pair, &mut differences);
        let partitions = Partitions::of(&conf_now);
        let asked = Asked { events: &history.events, partitions: &partitions, any_last: !conditions_change };
        let count = count / 10 / PARTS;
        for in_memory in [true, false] {
            let random = &mut random;
            compare(pair, random, &asked, latest, count / 2, differences).await;
            if !conditions_change {
                compare(pair, random, &asked, server, count / 2, differences).await;
            }
            if in_memory && one_clock {
                compare(pair, random, &asked, by_timestamp, count / 4, differences).await;
            }
            // The reference has its events in order on disk only; ours are in memory the first time.
            pair.flush_python();
            compare(pair, random, &asked, timeseries, count / 2, differences).await;
            pair.flush_ours().await;
        }
    }
    pair.close().await;
    pair.compare_databases();
    println!("differences: {}", differences.summary());
}
