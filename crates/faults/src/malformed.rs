//! Messages that are none.

use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::Result;
use crate::good::Good;
use crate::raw::{Random, init, message};
use crate::server::Server;

/// How many connections there are at a time.
const TASKS: u64 = 4;

pub(crate) async fn run(short: bool) -> Result {
    let count: usize = if short { 10_000 } else { 100_000 };
    let seed = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH)?.as_nanos() as u64 | 1;
    let mut server = Server::start(&["--log-level", "off"])?;
    let good = Good::start(&server.address, 10).await?;
    let tasks: Vec<_> = (0..TASKS)
        .map(|task| tokio::spawn(send(server.host_port(), seed.wrapping_add(task << 32), count / TASKS as usize)))
        .collect();
    let mut closed = 0;
    for task in tasks {
        closed += task.await?.map_err(|error| format!("seed {seed}: {error}"))?;
    }
    server.check().map_err(|error| format!("seed {seed}: {error}"))?;
    let events = good.finish().await.map_err(|error| format!("seed {seed}: {error}"))?;
    if closed < count / 2 {
        return Err(format!("seed {seed}: only {closed} of {count} connections were closed by the server").into());
    }
    Ok(format!(
        "{count} messages (seed {seed}), {closed} connections closed by the server; {events} events, none missed"
    ))
}

/// Sends so many messages, each on a connection of its own; how many of these the server closed by itself.
async fn send(address: String, seed: u64, count: usize) -> Result<usize> {
    let mut random = Random(seed | 1);
    let mut closed = 0;
    for index in 0..count {
        let mut stream = TcpStream::connect(&address).await?;
        let mut sent = if index % 2 == 0 { Vec::new() } else { init(vec![["*"].into()]) };
        sent.extend(damaged(&mut random));
        // The server may close while it is written.
        let _ = stream.write_all(&sent).await;
        // Whoever waits for more bytes closes only when it is told that there are none.
        if index % 4 < 2 {
            let _ = stream.shutdown().await;
        }
        let mut answer = [0; 512];
        let read = async { while let Ok(1..) = stream.read(&mut answer).await {} };
        closed += usize::from(timeout(Duration::from_millis(20), read).await.is_ok());
    }
    Ok(closed)
}

/// A message with one thing wrong.
fn damaged(random: &mut Random) -> Vec<u8> {
    const TYPES: [&str; 6] =
        ["MsgInitReq", "MsgRegisterReq", "MsgQueryReq", "MsgEventsAck", "MsgStatusAck", "MsgEventsNotify"];
    let data_type = format!("HatEventer.{}", TYPES[random.below(TYPES.len())]);
    let len = random.below(100);
    let mut bytes = message(2, &data_type, random.bytes(len));
    match random.below(5) {
        0 => {
            let len = 1 + random.below(200);
            random.bytes(len)
        }
        1 => {
            bytes.truncate(1 + random.below(bytes.len() - 1));
            bytes
        }
        2 => {
            let place = random.below(2);
            bytes[place] = random.below(256) as u8;
            bytes
        }
        3 => message(2, "HatNothing.Msg", random.bytes(20)),
        // Its SBS is damaged.
        _ => bytes,
    }
}
