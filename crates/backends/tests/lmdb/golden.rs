//! Databases that the reference has written.
//!
//! `cargo xtask golden` writes them, and what the reference says to queries about them. `cargo xtask interop` compares what
//! is in them.

use std::fs;
use std::path::Path;

use bytes::Bytes;
use hat_event_common::{MsgQueryRes, QueryParams, Sbs};
use serde_json::Value;

use super::open;

fn value<T: Sbs>(digits: &Value) -> T {
    let digits = digits.as_str().unwrap();
    let byte = |at: usize| u8::from_str_radix(&digits[at..at + 2], 16).unwrap();
    let bytes: Bytes = (0..digits.len()).step_by(2).map(byte).collect();
    T::from_sbs_bytes(bytes).unwrap()
}

/// Opens a copy of a database twice, as it is changed by that, and asks.
async fn answers_are_those_of_the_reference(name: &str) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden");
    let text = fs::read_to_string(folder.join(format!("{name}.jsonl"))).unwrap();
    let lines: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let mut conf = lines[0]["conf"].clone();
    // It would clean up by the time of now.
    for partition in conf["timeseries"].as_array_mut().unwrap() {
        partition.as_object_mut().unwrap().remove("limit");
    }
    let copies = tempfile::tempdir().unwrap();
    let copy = copies.path().join("event.db");
    fs::copy(folder.join(format!("{name}.mdb")), &copy).unwrap();
    conf["db_path"] = copy.to_str().unwrap().into();
    for _ in 0..2 {
        let backend = open(conf.clone()).await;
        let queries: Vec<_> = lines.iter().filter(|line| line["params"].is_string()).collect();
        assert_eq!(queries.len(), 75);
        for line in queries {
            let params: QueryParams = value(&line["params"]);
            let MsgQueryRes(expected) = value(&line["result"]);
            let mut result = backend.query(params.clone()).await.unwrap();
            if matches!(params, QueryParams::Latest(_)) {
                result.events.sort_by_key(|event| event.id);
            }
            assert_eq!(result, expected, "{name}, {}: {params:?}", line["name"]);
        }
        backend.async_close().await;
    }
}

#[tokio::test]
async fn a_database_of_the_reference() {
    answers_are_those_of_the_reference("whole").await;
}

#[tokio::test]
async fn a_database_with_conditions() {
    answers_are_those_of_the_reference("conditions").await;
}

#[tokio::test]
async fn a_database_with_several_partitions() {
    answers_are_those_of_the_reference("partitions").await;
}

#[tokio::test]
async fn a_database_that_limits_have_cut() {
    answers_are_those_of_the_reference("limits").await;
}

#[tokio::test]
async fn a_database_with_three_configurations() {
    answers_are_those_of_the_reference("reopened").await;
}
