//! As much of the NATS client protocol as publishing and counting need.

use std::net::SocketAddr;

use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;

use super::connection::{connect, receive};
use crate::Result;

const SUBJECT: &str = "events";

/// Connects, and if asked to, subscribes to all that is published. The server has said that it knows when this returns.
pub(crate) async fn open(address: SocketAddr, subscribe: bool) -> Result<TcpStream> {
    let mut stream = connect(address).await?;
    let subscription = if subscribe { format!("SUB {SUBJECT} 1\r\n") } else { String::new() };
    let hello = format!("CONNECT {{\"verbose\":false,\"pedantic\":false}}\r\n{subscription}PING\r\n");
    stream.write_all(hello.as_bytes()).await?;
    let mut said = Vec::new();
    while !said.ends_with(b"PONG\r\n") {
        receive(&stream, |piece| {
            said.extend_from_slice(piece);
            Ok(())
        })
        .await?;
    }
    Ok(stream)
}

/// A message for each of the payloads, to be sent in one piece.
pub(crate) fn publish(payloads: impl IntoIterator<Item = impl AsRef<[u8]>>) -> Vec<u8> {
    let mut sent = Vec::new();
    for payload in payloads {
        let payload = payload.as_ref();
        sent.extend_from_slice(format!("PUB {SUBJECT} {}\r\n", payload.len()).as_bytes());
        sent.extend_from_slice(payload);
        sent.extend_from_slice(b"\r\n");
    }
    sent
}

/// Counts messages in what a subscriber receives.
#[derive(Default)]
pub(crate) struct Counter {
    /// The beginning of a line that is still to come whole.
    line: Vec<u8>,
    /// What is still to come of a payload.
    skip: usize,
}

impl Counter {
    /// How many messages begin with these bytes, and how often the server wants to know whether anybody is there.
    pub(crate) fn feed(&mut self, mut piece: &[u8]) -> Result<(usize, usize)> {
        let (mut messages, mut pings) = (0, 0);
        loop {
            let skipped = self.skip.min(piece.len());
            self.skip -= skipped;
            piece = &piece[skipped..];
            let Some(end) = piece.iter().position(|byte| *byte == b'\n') else { break };
            let (line, rest) = piece.split_at(end + 1);
            piece = rest;
            let kept = std::mem::take(&mut self.line);
            let joined;
            let line = if kept.is_empty() {
                line
            } else {
                joined = [&kept, line].concat();
                &joined
            };
            if line.starts_with(b"MSG ") {
                messages += 1;
                self.skip = payload_len(line).ok_or("a message without a length")? + 2;
            } else if line == b"PING\r\n" {
                pings += 1;
            } else if line.starts_with(b"-ERR") {
                return Err(String::from_utf8_lossy(line).into());
            }
        }
        self.line.extend_from_slice(piece);
        Ok((messages, pings))
    }
}

/// The number at the end of a line.
fn payload_len(line: &[u8]) -> Option<usize> {
    let digits = line.strip_suffix(b"\r\n")?;
    let start = digits.iter().rposition(|byte| *byte == b' ')? + 1;
    std::str::from_utf8(&digits[start..]).ok()?.parse().ok()
}
