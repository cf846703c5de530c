//! Lines that delay, cut, lose and stop.

use std::time::Duration;

use hat_event_chatter::{Address, Peer};
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream, ReadHalf, WriteHalf, duplex, split};
use tokio::time::sleep;

/// Numbers from a seed: splitmix64.
#[derive(Clone)]
pub(crate) struct Random(u64);

impl Random {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// Goes on apart from this one.
    pub(crate) fn fork(&mut self) -> Self {
        Self(self.next())
    }

    /// A number below `end`.
    pub(crate) fn below(&mut self, end: u64) -> u64 {
        self.next() % end
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let bits = (self.0 ^ self.0 >> 30).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let bits = (bits ^ bits >> 27).wrapping_mul(0x94D0_49BB_1331_11EB);
        bits ^ bits >> 31
    }
}

/// What becomes of bytes on a line.
#[derive(Clone, Copy)]
pub(crate) enum Line {
    /// They arrive, later and in other pieces.
    Slow,
    /// So they do, until the line is lost.
    Lossy,
    /// So they do, until the line carries nothing more, and tells nobody.
    Stuck,
}

/// Both ends of a line.
pub(crate) fn line(random: &mut Random, kind: Line) -> (DuplexStream, DuplexStream) {
    let size = |random: &mut Random| 100 + random.below(5000) as usize;
    let ((ours, near), (far, theirs)) = (duplex(size(random)), duplex(size(random)));
    let ((near_in, near_out), (far_in, far_out)) = (split(near), split(far));
    let (there, back) = (random.fork(), random.fork());
    let end = match kind {
        Line::Slow => None,
        Line::Lossy | Line::Stuck => Some(Duration::from_millis(random.below(700))),
    };
    tokio::spawn(async move {
        let mut there = Box::pin(carry(near_in, far_out, there));
        let mut back = Box::pin(carry(far_in, near_out, back));
        let both = async { tokio::join!(&mut there, &mut back) };
        match end {
            None => drop(both.await),
            Some(end) => drop(tokio::time::timeout(end, both).await),
        }
        if matches!(kind, Line::Stuck) {
            // Its ends stay open, but nothing moves any more.
            sleep(Duration::from_secs(1000)).await;
        }
    });
    (ours, theirs)
}

async fn carry(mut from: ReadHalf<DuplexStream>, mut to: WriteHalf<DuplexStream>, mut random: Random) {
    let mut bytes = vec![0; 100 + random.below(2000) as usize];
    while let Ok(len @ 1..) = from.read(&mut bytes).await {
        sleep(Duration::from_millis(random.below(15))).await;
        if to.write_all(&bytes[..len]).await.is_err() {
            break;
        }
    }
    // The end of one direction is told.
    let _ = to.shutdown().await;
}

pub(crate) fn peer() -> Peer {
    Peer { local: Address::tcp("memory", 1), remote: Address::tcp("memory", 2) }
}
