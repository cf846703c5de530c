//! What the page on the wire format shows is what the code does: each hex dump decodes to the JSON that follows it, and
//! that encodes to the dump.

use bytes::Bytes;
use hat_event_chatter::{FrameSplitter, encode_frame};
use hat_event_common::{Data, Repository, sbs_repo, timestamp_from_bytes, timestamp_from_sbs, timestamp_to_bytes};

const PAGE: &str = include_str!("../../../docs/src/wire-format.md");

/// The fenced blocks of the page: what stands behind their opening, and their text.
fn blocks() -> Vec<(&'static str, &'static str)> {
    let fenced = PAGE.split("\n```").skip(1).step_by(2);
    fenced.map(|block| block.split_once('\n').expect("a block has lines")).collect()
}

/// The dumps of a kind: what else stands behind the opening, the bytes, and the data that the next block has as JSON.
fn dumps(kind: &str) -> Vec<(&'static str, Bytes, Data)> {
    let blocks = blocks();
    let dumps: Vec<_> = blocks
        .windows(2)
        .filter_map(|pair| {
            let what = pair[0].0.strip_prefix("hex ")?.strip_prefix(kind)?;
            assert_eq!(pair[1].0, "json", "behind each dump is its value");
            let hex: String = pair[0].1.split_whitespace().collect();
            let bytes = (0..hex.len()).step_by(2).map(|i| u8::from_str_radix(&hex[i..i + 2], 16).expect("hex"));
            Some((what, bytes.collect(), serde_json::from_str(pair[1].1).expect("JSON of data")))
        })
        .collect();
    assert!(!dumps.is_empty(), "the page has no dump of {kind}");
    dumps
}

#[test]
fn values_are_as_shown() {
    for (type_expression, bytes, data) in dumps("type=") {
        let schema = format!("module Book T = {type_expression}");
        let repository = Repository::builder().repository(sbs_repo()).schema("page", schema).build().unwrap();
        assert_eq!(repository.decode("Book.T", bytes.clone()).unwrap(), data, "{type_expression}");
        assert_eq!(repository.encode("Book.T", &data).unwrap(), bytes, "{type_expression}");
    }
}

#[test]
fn frames_are_as_shown() {
    let (_, schema) = *blocks().iter().find(|(info, _)| *info == "sbs").expect("the page has the schema");
    let repository = Repository::parse(schema).unwrap();
    for (_, bytes, data) in dumps("frame") {
        let mut splitter = FrameSplitter::new();
        splitter.feed(&bytes);
        let frame = splitter.next_frame().unwrap().expect("a whole frame");
        splitter.finish().unwrap();
        assert_eq!(repository.decode("HatChatter.Msg", frame.body).unwrap(), data);
        assert_eq!(encode_frame(&repository.encode("HatChatter.Msg", &data).unwrap()), bytes);
    }
}

#[test]
fn timestamps_are_as_shown() {
    for (_, bytes, data) in dumps("timestamp") {
        let t = timestamp_from_sbs(&data).unwrap();
        assert_eq!(timestamp_from_bytes(bytes[..].try_into().unwrap()), Ok(t));
        assert_eq!(timestamp_to_bytes(t), bytes[..]);
    }
}
