//! The recorded traffic in this folder, see `README.md`.

#![allow(dead_code, reason = "each test uses a part")]

use std::path::PathBuf;

use bytes::Bytes;
use hat_event_chatter::{Frame, FrameSplitter, StreamError};
use serde_json::Value;

/// One direction of a connection.
pub(crate) struct Stream {
    pub(crate) conn: u64,
    pub(crate) dir: &'static str,
    pub(crate) data: Bytes,
}

impl Stream {
    /// Where its messages begin, as the transcript says, and where the last one ends.
    pub(crate) fn boundaries(&self) -> Vec<usize> {
        let messages = transcript(self.conn, self.dir);
        let begins = messages.iter().map(|message| message["offset"].as_u64().unwrap() as usize);
        begins.chain([self.data.len()]).collect()
    }

    /// The pieces in which it was recorded.
    pub(crate) fn recorded_pieces(&self) -> Vec<&[u8]> {
        let pieces = json_lines(&format!("conn-{:02}/chunks.jsonl", self.conn));
        let of_this = pieces.iter().filter(|piece| piece["dir"] == self.dir && piece.get("end").is_none());
        let at = |piece: &Value, key: &str| piece[key].as_u64().unwrap() as usize;
        of_this.map(|piece| &self.data[at(piece, "offset")..][..at(piece, "length")]).collect()
    }
}

/// Both directions of all connections.
pub(crate) fn streams() -> Vec<Stream> {
    let read = |conn, dir| Stream { conn, dir, data: read(&format!("conn-{conn:02}/{dir}.bin")).into() };
    (1..=7).flat_map(|conn| ["c2s", "s2c"].map(|dir| read(conn, dir))).collect()
}

/// The messages of one direction of a connection.
pub(crate) fn transcript(conn: u64, dir: &str) -> Vec<Value> {
    let mut messages = json_lines("transcript.jsonl");
    messages.retain(|message| message["conn"] == conn && message["dir"] == dir);
    messages
}

/// All whole messages in the pieces, and what is wrong behind them.
pub(crate) fn split<'a>(pieces: impl IntoIterator<Item = &'a [u8]>) -> (Vec<Frame>, Result<(), StreamError>) {
    let mut splitter = FrameSplitter::new();
    let mut frames = Vec::new();
    for piece in pieces {
        splitter.feed(piece);
        loop {
            match splitter.next_frame() {
                Ok(Some(frame)) => frames.push(frame),
                Ok(None) => break,
                Err(error) => return (frames, Err(error)),
            }
        }
    }
    (frames, splitter.finish())
}

fn read(path: &str) -> Vec<u8> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/sample").join(path);
    std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn json_lines(path: &str) -> Vec<Value> {
    let text = String::from_utf8(read(path)).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}
