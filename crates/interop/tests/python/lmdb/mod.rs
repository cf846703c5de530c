//! The LMDB backend of the reference and ours are given the same events: their files are equal, and their answers.

mod conf;
mod history;
mod pair;
mod queries;

use hat_event_common::ServerId;
use hat_event_interop::Random;

use crate::differences::Differences;
use history::History;
use pair::Pair;
use queries::Kind;

/// So many histories, each of so many events and with so many queries of each kind; a tenth in the usual run.
const HISTORIES: u64 = 10;
const EVENTS: usize = 10_000;
const QUERIES: usize = 1_000;

fn scale() -> usize {
    if std::env::var_os("HAT_INTEROP_LMDB_LONG").is_some() { 1 } else { 10 }
}

#[tokio::test(flavor = "multi_thread")]
async fn equal_files_and_equal_answers() {
    let scale = scale();
    let seed = crate::trial::seed("LMDB: histories");
    let mut differences = Differences::default();
    for case in 0..HISTORIES.div_ceil(scale as u64 / 2 + 1) {
        let mut random = Random::new(seed, "lmdb", case);
        compare(&mut random, EVENTS / scale, QUERIES / scale, case, &mut differences).await;
    }
    println!("differences: {}", differences.summary());
}

/// One history in both, asked in the middle and at the end.
async fn compare(random: &mut Random, events: usize, queries: usize, case: u64, differences: &mut Differences) {
    let folder = tempfile::tempdir().unwrap();
    let mut conf = conf::random(random);
    let mut pair = Pair::open(folder.path(), &conf).await;
    let mut history = History::default();
    let (mut asked, mut registered) = (0, 0);
    while registered < events {
        let batch = history.batch(random);
        registered += batch.len();
        pair.register(&batch).await;
        if random.once_in(10) {
            // What is known already is not kept again.
            let known = history.known(random);
            pair.register(&known).await;
        }
        match random.below(30) {
            0..3 => pair.flush().await,
            3 => {
                pair.close().await;
                if random.once_in(2) {
                    conf::change_timeseries(random, &mut conf);
                }
                // The reference's file is ours now, and ours the reference's.
                pair = Pair::swap(pair, folder.path(), &conf).await;
            }
            _ => {}
        }
        // Half of the queries are asked on the way.
        while asked * 2 * events < queries * registered {
            for kind in [Kind::Latest, Kind::Timeseries, Kind::Server] {
                let params = queries::random(random, kind, &history);
                pair.query(&params, &conf, differences).await.unwrap_or_else(|why| panic!("case {case}: {why}"));
            }
            asked += 1;
        }
    }
    for _ in asked..queries {
        for kind in [Kind::Latest, Kind::Timeseries, Kind::Server] {
            let params = queries::random(random, kind, &history);
            pair.query(&params, &conf, differences).await.unwrap_or_else(|why| panic!("case {case}: {why}"));
        }
    }
    for server in 1..=3 {
        pair.check_last_event_id(ServerId::from(server)).await;
    }
    pair.close().await;
    pair.check_files().unwrap_or_else(|why| panic!("case {case}: {why}\n{conf:#}"));
}
