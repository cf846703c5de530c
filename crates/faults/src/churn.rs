//! Many connections that end soon.

use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::JoinSet;

use crate::place::Place;
use crate::server::{Server, wait};
use crate::{Result, raw};

const A_TENTH: usize = 100;
/// What a heap may keep after all was given back. A leak of 100 bytes a connection is more, in both forms.
const ALLOWED: u64 = 256 << 10;

pub(crate) async fn run(short: bool) -> Result {
    let seconds = if short { 4 } else { 15 };
    let place = Place::new("churn", serde_json::json!({"module": "hat.event.backends.dummy"}))?;
    let mut server = Server::start_dummy(&place, &["--log-level", "error"])?;
    let files = server.files()?;
    // The heap grows to what the most connections at a time need; what comes after needs no more.
    churn(&server, 2).await?;
    let settled = |server: &Server| Ok(server.files()? <= files);
    if !wait(Duration::from_secs(10), || settled(&server)).await? {
        return Err(format!("{} files are open after warming up, {files} before", server.files()?).into());
    }
    let before = server.memory()?;
    let start = Instant::now();
    let count = churn(&server, seconds).await?;
    let rate = count as f64 / start.elapsed().as_secs_f64();
    let all_closed = wait(Duration::from_secs(10), || settled(&server)).await?;
    server.check()?;
    if !all_closed {
        return Err(format!("{} files are open after {count} connections, {files} before", server.files()?).into());
    }
    let grown = server.memory()?.saturating_sub(before);
    if grown > ALLOWED {
        return Err(format!("{} KiB more in use after {count} connections", grown >> 10).into());
    }
    Ok(format!("{count} connections, {rate:.0}/s: {files} open files as before, {} KiB more in use", grown >> 10))
}

/// Connects and disconnects 1,000 times a second.
async fn churn(server: &Server, seconds: usize) -> Result<usize> {
    let mut ticks = tokio::time::interval(Duration::from_millis(100));
    let mut tasks = JoinSet::new();
    for _ in 0..seconds * 10 {
        ticks.tick().await;
        for index in 0..A_TENTH {
            tasks.spawn(connect(server.host_port(), index % 3));
        }
    }
    let mut count = 0;
    while let Some(done) = tasks.join_next().await {
        done??;
        count += 1;
    }
    Ok(count)
}

/// Connects, and disconnects at once, inside its introduction, or when it was let in.
async fn connect(address: String, stage: usize) -> Result<()> {
    let mut stream = TcpStream::connect(address).await?;
    let init = raw::init(vec![["churn", "*"].into()]);
    match stage {
        0 => {}
        1 => stream.write_all(&init[..init.len() / 2]).await?,
        _ => {
            stream.write_all(&init).await?;
            let answer = tokio::time::timeout(Duration::from_secs(10), stream.read_u8()).await;
            answer.map_err(|_| "a client is not let in within 10 s")??;
        }
    }
    Ok(())
}
