use std::collections::BTreeMap;

use hat_event_interop::Random;

use super::conf::{Partitions, conditions, conf, lasting_conditions};
use super::history::History;
use super::pair::Pair;
use super::queries::{Asked, Make, by_timestamp, compare, latest, server, timeseries};
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
    // Of each kind of query, how many were asked, and how many found something.
    let mut asked_and_found: BTreeMap<&str, [usize; 2]> = BTreeMap::new();
    let mut conf_now = conf(&mut random);
    if !conditions_change {
        conf_now["conditions"] = lasting_conditions(&mut random);
    }
    pair.open(&conf_now).await;
    for part in 1..=PARTS {
        while history.events.len() < count * part / PARTS {
            let batch = history.batch(&mut random);
            pair.register(batch).await;
            if conf_now["durability"] == "flushed" {
                // Ours has it on disk too.
                pair.flush_python();
            }
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
        let mut each = async |pair: &mut Pair, kind, make, share: usize| {
            let count = (count / 10 / PARTS / share).max(1);
            let found = compare(pair, &mut random, &asked, make, count, differences).await;
            let [all, all_found] = asked_and_found.entry(kind).or_default();
            (*all, *all_found) = (*all + count, *all_found + found);
        };
        for in_memory in [true, false] {
            each(pair, "latest", latest as Make, 2).await;
            if !conditions_change {
                each(pair, "server", server, 2).await;
            }
            if in_memory && one_clock {
                each(pair, "timeseries, the reference's in memory too", by_timestamp, 2).await;
            }
            // The reference has its events in order on disk only; ours are in memory the first time.
            pair.flush_python();
            each(pair, "timeseries", timeseries, 2).await;
            pair.flush_ours().await;
        }
    }
    pair.close().await;
    pair.compare_databases();
    println!("queries, and those that found something: {asked_and_found:?}");
    println!("differences: {}", differences.summary());
    assert!(asked_and_found.values().all(|[asked, found]| asked / 20 <= *found), "nothing was found");
}
