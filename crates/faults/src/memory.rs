//! Claims of lengths and counts.
//!
//! Memory is the peak of what the server's process had resident, which the system keeps (`VmHWM`, set back by `clear_refs`),
//! so that nothing between two samples is missed. Each claim has a server of its own that was warmed up by the same claim in
//! small: the code is loaded, and the heap keeps nothing of a claim in large that would hide the next.

use std::time::Duration;

use hat_event_common::{EventType, RegisterEvent, Sbs, Writer};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::Result;
use crate::raw::{init, message};
use crate::server::{Server, wait};

const ALLOWED: u64 = 64 << 10;

/// How far the system's count may be off: each of two processors keeps up to 32 pages to itself (`percpu_counter_batch`).
const COUNT_ERROR: u64 = 2 * 32 * 4096;
const LARGE: usize = 1_000_000;

/// What is sent.
struct Claim {
    name: &'static str,
    /// Makes it, of a size.
    make: fn(usize) -> Vec<u8>,
    /// Whether the server must close the connection for it in large.
    closes: bool,
    /// How many times what was sent it may cost: nothing behind a limit is read, what is refused later was read once, and what
    /// is registered is also kept and answered.
    times: u64,
}

const CLAIMS: &[Claim] = &[
    Claim { name: "length 2^2040", make: |_| [&[0xff; 256][..], b"some"].concat(), closes: true, times: 0 },
    Claim { name: "length 2^40", make: |_| [&[6, 1, 0, 0, 0, 0, 0][..], b"some"].concat(), closes: true, times: 0 },
    Claim { name: "subscriptions", make: |size| init(vec![["a", "b"].into(); size]), closes: true, times: 0 },
    Claim { name: "segments", make: |size| init(vec![segments(size)]), closes: true, times: 0 },
    Claim { name: "deep JSON", make: |size| [init(Vec::new()), deep(size)].concat(), closes: true, times: 1 },
    Claim { name: "kept", make: |size| [init(Vec::new()), register(size)].concat(), closes: false, times: 3 },
];

pub(crate) async fn run() -> Result {
    let mut lines = Vec::new();
    let mut failed = false;
    for Claim { name, make, closes, times } in CLAIMS {
        let mut server = Server::start_frugal()?;
        for _ in 0..20 {
            send(&server, &make(10)).await?;
        }
        server.forget_peak()?;
        let before = server.memory()?;
        let logged = server.logged("connection ended").len();
        let sent = make(LARGE);
        let closed = send(&server, &sent).await?;
        let grown = server.peak()?.saturating_sub(before);
        server.check()?;
        let allowed = times * sent.len() as u64 + ALLOWED + COUNT_ERROR;
        lines.push(format!("{name} +{} of {} KiB", grown >> 10, allowed >> 10));
        if grown > allowed {
            failed = true;
            lines.push("TOO MUCH".to_owned());
        }
        let reason = || Ok(server.logged("connection ended").len() > logged);
        if *closes && !(closed && wait(Duration::from_secs(5), reason).await?) {
            return Err(format!("{name}: the connection was not closed with a logged reason").into());
        }
    }
    if failed { Err(lines.join(", ").into()) } else { Ok(lines.join(", ")) }
}

/// Sends bytes, and reads what comes; whether the server closed the connection by itself.
async fn send(server: &Server, bytes: &[u8]) -> Result<bool> {
    let mut stream = TcpStream::connect(server.host_port()).await?;
    // The server may close while it is written.
    let _ = timeout(Duration::from_secs(10), stream.write_all(bytes)).await?;
    let mut answer = vec![0; 64 << 10];
    loop {
        match timeout(Duration::from_millis(500), stream.read(&mut answer)).await {
            Ok(Ok(1..)) => {}
            Ok(_) => return Ok(true),
            Err(_) => return Ok(false),
        }
    }
}

/// A type of so many segments.
fn segments(count: usize) -> EventType {
    std::iter::repeat_n("", count).collect()
}

/// A registration of an event whose type has so many segments.
fn register(count: usize) -> Vec<u8> {
    let event_type = segments(count);
    let mut data = Writer::default();
    data.length(1);
    RegisterEvent { event_type, source_timestamp: None, payload: None }.encode(&mut data);
    message(3, "HatEventer.MsgRegisterReq", data.finish().to_vec())
}

/// A registration of an event whose payload is JSON nested so deep, which no value of ours can be.
fn deep(levels: usize) -> Vec<u8> {
    let mut data = Writer::default();
    data.length(1);
    data.length(1);
    data.string("deep");
    // No source timestamp; a payload, and that of the kind JSON.
    let mut bytes = data.finish().to_vec();
    bytes.extend([0x80, 0x81, 0x81]);
    let mut text = Writer::default();
    text.string(&("[".repeat(levels) + &"]".repeat(levels)));
    bytes.extend(text.finish());
    message(3, "HatEventer.MsgRegisterReq", bytes)
}
