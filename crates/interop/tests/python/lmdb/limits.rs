//! What limits leave.

use hat_event_common::{Event, EventId, EventType, RegisterEvent, Timestamp};
use hat_event_interop::Random;
use serde_json::{Value, json};

use super::conf::whole;
use super::pair::Pair;
use crate::trial::seed;

const HOUR: i64 = 3600;

/// A partition of each kind.
fn partitions() -> Value {
    json!([
        {"order_by": "TIMESTAMP", "subscriptions": [["*"]]},
        {"order_by": "SOURCE_TIMESTAMP", "subscriptions": [["*"]]},
        {"order_by": "TIMESTAMP", "subscriptions": [["?"]]},
        {"order_by": "SOURCE_TIMESTAMP", "subscriptions": [["a"]]},
    ])
}

/// A random limit. Those of duration end half an hour from all events, so that nothing depends on when exactly a server cleans
/// up.
fn limit(random: &mut Random, hours: i64) -> Value {
    let mut limit = json!({});
    if random.once_in(2) {
        limit["min_entries"] = random.pick(&[0, 1, 30, 2_000]).into();
    }
    if random.once_in(2) {
        limit["max_entries"] = random.pick(&[0.0, 1.0, 100.0, 2_000.0, 99.5]).into();
    }
    if random.once_in(2) {
        limit["duration"] = ((random.below(hours as usize + 10) * HOUR as usize) as f64 + 1800.0).into();
    }
    limit
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn limits_leave_the_same() {
    let seed = seed("LMDB, limits");
    let mut gone = 0;
    for case in 0..6 {
        gone += clean_up(&mut Random::new(seed, "LMDB, limits", case)).await;
    }
    assert!(gone > 0, "limits removed nothing");
}

/// Registers events, and cleans up while both are opened with other limits. Returns how many entries less there are.
async fn clean_up(random: &mut Random) -> usize {
    let now = Timestamp::now();
    let count = 3_000;
    let oldest = now.s() - count * HOUR;
    let mut pair = Pair::new();
    let mut conf = whole();
    conf["timeseries"] = partitions();
    pair.open(&conf).await;
    let events = (0..count).map(|number| event(random, number, oldest + number * HOUR)).collect();
    pair.register(events).await;
    pair.close().await;
    let [_, before] = pair.entries();
    for _ in 0..2 {
        for partition in conf["timeseries"].as_array_mut().unwrap() {
            partition["limit"] = limit(random, count);
        }
        if random.once_in(2) {
            conf["latest"] = json!({"subscriptions": [["a"]]});
        }
        pair.open(&conf).await;
        pair.clean_up_python(now);
        // Ours begins when it is opened, and goes on between one flush and the next.
        for _ in 0..10 {
            pair.flush_ours().await;
        }
        pair.close().await;
        pair.compare_databases();
        pair.swap();
    }
    let [_, after] = pair.entries();
    before - after
}

fn event(random: &mut Random, number: i64, s: i64) -> Event {
    let time = |s| Timestamp::new(s, 0).unwrap();
    let any = random.below(2_000) as i64 - 1_000;
    let event_type = random.pick(&["a", "b", "a/b"]).parse::<EventType>().unwrap();
    RegisterEvent { event_type, source_timestamp: random.maybe(|_| time(s + any * HOUR)), payload: None }
        .register(EventId::new(1, 1 + number as u64, 1).unwrap(), time(s))
}

/// The size that counts is that of pages, which depends on how the database was written; so this is about how many are left.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sizes_leave_about_the_same() {
    let mut random = Random::new(seed("LMDB, sizes"), "LMDB, sizes", 0);
    let mut pair = Pair::new();
    let mut conf = whole();
    conf["latest"] = json!({"subscriptions": []});
    conf["timeseries"] = json!([{"order_by": "TIMESTAMP", "subscriptions": [["*"]], "limit": {"size": 100_000}}]);
    pair.open(&conf).await;
    pair.register((0..3_000).map(|number| event(&mut random, number, number)).collect()).await;
    pair.flush_python();
    pair.clean_up_python(Timestamp::now());
    pair.close().await;
    pair.open_ours(&conf).await;
    for _ in 0..10 {
        pair.flush_ours().await;
    }
    pair.close_ours().await;
    // Half of them for references.
    let [theirs, ours] = pair.entries();
    println!("entries left: {theirs}, here {ours}");
    assert!((500..4_000).contains(&theirs) && theirs.abs_diff(ours) * 5 < theirs, "{theirs}, here {ours}");
}
