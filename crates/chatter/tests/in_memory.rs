//! Connections over streams in memory, in virtual time.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use hat_event_chatter::{Address, CloseReason, ClosedError, Config, Outgoing, Peer, Receiver, Sender};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, DuplexStream, ReadBuf, duplex};
use tokio::time::{Instant, timeout};

const SECOND: Duration = Duration::from_secs(1);

type Failure = fn() -> io::Result<usize>;

/// A stream that counts writes, and may fail them.
struct Counted {
    stream: DuplexStream,
    writes: Arc<AtomicUsize>,
    failure: Option<Failure>,
}

impl AsyncRead for Counted {
    fn poll_read(mut self: Pin<&mut Self>, context: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(context, buf)
    }
}

impl AsyncWrite for Counted {
    fn poll_write(self: Pin<&mut Self>, context: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        self.poll_write_vectored(context, &[io::IoSlice::new(buf)])
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let before = self.writes.fetch_add(1, Ordering::Relaxed);
        if let Some(failure) = self.failure {
            assert!(before < 10, "what failed is tried again and again");
            return Poll::Ready(failure());
        }
        Pin::new(&mut self.stream).poll_write_vectored(context, bufs)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

fn over(stream: impl AsyncRead + AsyncWrite + Send + Unpin + 'static, config: Config) -> Receiver {
    let peer = Peer { local: Address::tcp("memory", 1), remote: Address::tcp("memory", 2) };
    Receiver::over(stream, peer, config)
}

fn accepted() -> Config {
    Config { handshake_timeout: None, ..Config::default() }
}

fn send(sender: &Sender, len: usize) -> Result<(), ClosedError> {
    let data = [Bytes::from(vec![len as u8; len])];
    sender.send(&Outgoing::first("A.B", &data, false)).map(drop)
}

#[tokio::test(start_paused = true)]
async fn who_does_not_read_is_cut_off_at_a_number_of_bytes() {
    let (ours, _theirs) = duplex(64);
    let mut receiver = over(ours, Config { max_queued: 1000, ..accepted() });
    let sender = receiver.sender().clone();
    let driver = tokio::spawn(async move { receiver.receive().await });
    let begin = Instant::now();
    let mut sent = 0;
    while send(&sender, 100).is_ok() {
        sent += 1;
        assert!(sent < 20, "more than it may cost");
        tokio::task::yield_now().await;
    }
    assert!(sent > 5);
    let reason = driver.await.unwrap().unwrap_err();
    assert!(matches!(reason, CloseReason::Queue(1001..1200)), "{reason}");
    assert_eq!((begin.elapsed(), sender.is_open(), sender.queued()), (Duration::ZERO, false, 0));
}

#[tokio::test(start_paused = true)]
async fn who_does_not_read_is_cut_off_after_a_time() {
    let (ours, mut theirs) = duplex(64);
    let mut receiver = over(ours, Config { ping_delay: None, ..accepted() });
    send(receiver.sender(), 1000).unwrap();
    let begin = Instant::now();
    // It reads a little first.
    assert!(timeout(9 * SECOND, receiver.receive()).await.is_err());
    theirs.read_exact(&mut [0; 10]).await.unwrap();
    assert_eq!(receiver.receive().await, Err(CloseReason::WriteTimeout(10 * SECOND)));
    assert_eq!(begin.elapsed(), 19 * SECOND);
    assert_eq!(receiver.receive().await, Err(CloseReason::WriteTimeout(10 * SECOND)), "each time again");
}

#[tokio::test(start_paused = true)]
async fn a_peer_that_neither_reads_nor_writes_is_noticed_by_pings() {
    let (ours, _theirs) = duplex(8);
    let mut receiver = over(ours, Config { write_timeout: 1000 * SECOND, ..accepted() });
    send(receiver.sender(), 1000).unwrap();
    let begin = Instant::now();
    assert_eq!(receiver.receive().await, Err(CloseReason::PingTimeout(20 * SECOND)));
    assert_eq!(begin.elapsed(), 40 * SECOND);
}

#[tokio::test(start_paused = true)]
async fn what_others_send_goes_out_while_the_driver_waits() {
    let (ours, theirs) = duplex(1 << 16);
    let (mut receiver, mut peer) = (over(ours, accepted()), over(theirs, accepted()));
    let sender = receiver.sender().clone();
    let driver = tokio::spawn(async move { receiver.closed().await });
    let begin = Instant::now();
    for len in [1, 2000, 0] {
        // Nothing but the sending wakes the driver.
        assert!(timeout(SECOND, peer.receive()).await.is_err());
        send(&sender, len).unwrap();
        assert_eq!(peer.receive().await.unwrap().data.data.len(), len);
    }
    assert_eq!(begin.elapsed(), 3 * SECOND);
    sender.close();
    assert_eq!(peer.receive().await, Err(CloseReason::Peer));
    drop(peer);
    assert_eq!(driver.await.unwrap(), CloseReason::Requested);
    assert_eq!(begin.elapsed(), 3 * SECOND, "closing waits for the peer, and no longer");
    assert_eq!(send(&sender, 1), Err(ClosedError));
}

#[tokio::test(start_paused = true)]
async fn many_sends_are_few_writes() {
    // Short messages are gathered; long ones are shared, in up to 64 parts a write: a head and the data of each.
    for (len, most) in [(10, 1), (2000, 7)] {
        let (stream, theirs) = duplex(1 << 20);
        let writes = Arc::new(AtomicUsize::new(0));
        let mut receiver = over(Counted { stream, writes: Arc::clone(&writes), failure: None }, accepted());
        let mut peer = over(theirs, accepted());
        for _ in 0..200 {
            send(receiver.sender(), len).unwrap();
        }
        assert!(timeout(SECOND, receiver.receive()).await.is_err());
        assert_eq!((receiver.sender().queued(), writes.load(Ordering::Relaxed)), (0, most));
        for _ in 0..200 {
            assert_eq!(peer.receive().await.unwrap().data.data, vec![len as u8; len]);
        }
    }
}

#[tokio::test(start_paused = true)]
async fn dropped_futures_lose_nothing() {
    // So little fits that each message takes many turns, in both directions.
    let (ours, theirs) = duplex(7);
    let (mut receiver, mut peer) = (over(ours, accepted()), over(theirs, accepted()));
    let lens = [0, 1, 100, 3000, 5];
    for len in lens {
        send(receiver.sender(), len).unwrap();
        send(peer.sender(), len).unwrap();
    }
    let (mut received, mut dropped) = ([vec![], vec![]], 0);
    while received.iter().any(|received| received.len() < lens.len()) {
        for (side, received) in [&mut receiver, &mut peer].into_iter().zip(&mut received) {
            // Polled once, and dropped unless that was enough.
            match timeout(Duration::ZERO, side.receive()).await {
                Ok(message) => received.push(message.unwrap().data.data.len()),
                Err(_) => dropped += 1,
            }
        }
    }
    assert_eq!(received, [lens.to_vec(), lens.to_vec()]);
    assert!(dropped > 400, "{dropped}");
}

/// Regression: a write that failed was tried again without end.
#[tokio::test(start_paused = true)]
async fn a_write_that_fails_ends_the_connection() {
    let failures: [(Failure, &str); 2] =
        [(|| Ok(0), "connection takes no more bytes"), (|| Err(io::Error::other("cable cut")), "cable cut")];
    for (failure, expected) in failures {
        let (stream, _theirs) = duplex(64);
        let writes = Arc::new(AtomicUsize::new(0));
        let mut receiver = over(Counted { stream, writes: Arc::clone(&writes), failure: Some(failure) }, accepted());
        send(receiver.sender(), 10).unwrap();
        assert_eq!(receiver.receive().await, Err(CloseReason::Transport(expected.into())));
        assert_eq!(writes.load(Ordering::Relaxed), 1);
    }
}
