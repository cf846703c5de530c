//! Connections through something that swallows all from some moment on.

use std::time::{Duration, Instant};

use hat_event_chatter::Address;
use hat_event_eventer::{Client, ClientOptions};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

use crate::Result;
use crate::good::Good;
use crate::server::{Server, wait};

/// For a process that others keep from running.
const LATE: Duration = Duration::from_millis(500);

pub(crate) async fn run(short: bool) -> Result {
    let (count, delay, patience) = if short { (50, 1.0, 1.0) } else { (500, 3.0, 2.0) };
    let args = ["--ping-delay".to_owned(), delay.to_string(), "--ping-timeout".to_owned(), patience.to_string()];
    let mut server = Server::start(&args.each_ref().map(String::as_str))?;
    let good = Good::start(&server.address, 10).await?;
    let swallows = watch::Sender::new(false);
    let proxy = TcpListener::bind("127.0.0.1:0").await?;
    let address = Address::tcp("127.0.0.1", proxy.local_addr()?.port());
    let task = tokio::spawn(accept(proxy, server.host_port(), swallows.subscribe()));
    let mut clients = Vec::new();
    for _ in 0..count {
        let mut options = ClientOptions::new("half-open");
        // Only the server is to notice.
        options.connection.ping_delay = None;
        clients.push(Client::connect(&address, options).await?);
    }
    let start = Instant::now();
    swallows.send_replace(true);
    let allowed = Duration::from_secs_f64(delay + patience);
    let gone = |server: &Server| server.logged("no answer to a ping").len();
    wait(allowed + Duration::from_secs(10), || Ok(gone(&server) >= count)).await?;
    let ends = server.logged("no answer to a ping");
    task.abort();
    server.check()?;
    let events = good.finish().await?;
    let last = ends.iter().max().map_or(Duration::MAX, |end| end.duration_since(start));
    if ends.len() != count || last > allowed + LATE {
        return Err(
            format!("{} of {count} are gone, the last after {last:.2?} instead of {allowed:?}", ends.len()).into()
        );
    }
    Ok(format!(
        "{count} connections gone after {last:.2?} ({allowed:?} allowed); 10 good clients stayed, {events} events"
    ))
}

async fn accept(proxy: TcpListener, server: String, swallows: watch::Receiver<bool>) {
    while let Ok((client, _)) = proxy.accept().await {
        let Ok(server) = TcpStream::connect(&server).await else { return };
        let (client, server) = (client.into_split(), server.into_split());
        tokio::spawn(pass(client.0, server.1, swallows.clone()));
        tokio::spawn(pass(server.0, client.1, swallows.clone()));
    }
}

/// Passes on what comes, until it is swallowed; nobody is told of an end.
async fn pass(mut from: OwnedReadHalf, mut to: OwnedWriteHalf, swallows: watch::Receiver<bool>) {
    let mut buffer = vec![0; 4096];
    while let Ok(len @ 1..) = from.read(&mut buffer).await {
        if !*swallows.borrow() && to.write_all(&buffer[..len]).await.is_err() {
            break;
        }
    }
    tokio::time::sleep(Duration::from_secs(60)).await;
}
