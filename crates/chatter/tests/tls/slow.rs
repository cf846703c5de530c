//! Clients that take their time.

use std::time::{Duration, Instant};

use hat_event_chatter::{Address, Config, ListenConfig, Receiver, connect, listen};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::mpsc;

use crate::certificates::Authority;
use crate::{NAME, check_echo, serve, server, trusting, with};

#[tokio::test]
async fn a_handshake_that_takes_too_long_is_cut_off_and_others_are_served() {
    let authority = Authority::new();
    let timeout = Duration::from_millis(1500);
    let config = Config { handshake_timeout: Some(timeout), ..Config::default() };
    let (_listener, address) = serve(config, Some(server(&authority))).await;
    let start = Instant::now();
    let mut silent = TcpStream::connect(address.to_string()).await.unwrap();
    let mut slow = TcpStream::connect(address.to_string()).await.unwrap();
    // The beginning of a TLS record of 256 bytes.
    slow.write_all(&[0x16, 3, 1, 1, 0, 1]).await.unwrap();
    check_echo(connect(&address, with(&trusting(&authority))).await.unwrap()).await;
    for stream in [&mut silent, &mut slow] {
        // Its end comes as such or as a reset.
        let end = tokio::time::timeout(Duration::from_secs(30), stream.read(&mut [0])).await.expect("cut off");
        assert!(!matches!(end, Ok(1..)), "{end:?}");
        assert!(start.elapsed() >= timeout, "{:?}", start.elapsed());
    }
}

/// The time that TLS took is taken from the time for the introduction.
#[tokio::test]
async fn the_time_of_the_handshake_counts() {
    let authority = Authority::new();
    let (ends, mut ended) = mpsc::unbounded_channel();
    let timeout = Duration::from_secs(2);
    let connection = Config { handshake_timeout: Some(timeout), ..Config::default() };
    let config = ListenConfig { connection, tls: Some(server(&authority)), ..ListenConfig::default() };
    let on_connection = move |mut receiver: Receiver| {
        let ends = ends.clone();
        async move {
            let start = Instant::now();
            let reason = receiver.closed().await;
            ends.send((reason.to_string(), start.elapsed())).unwrap();
        }
    };
    let listener = listen(&[Address::tcp(NAME, 0)], config, on_connection).await.unwrap();

    // In between, for TLS to be slow: nothing is passed on in the first second.
    let between = tokio::net::TcpListener::bind((NAME, 0)).await.unwrap();
    let address = Address::from(between.local_addr().unwrap());
    let server_address = listener.addresses()[0].to_string();
    let passing = tokio::spawn(async move {
        let (mut client, _) = between.accept().await.unwrap();
        let mut server = TcpStream::connect(server_address).await.unwrap();
        tokio::time::sleep(timeout / 2).await;
        let _ = tokio::io::copy_bidirectional(&mut client, &mut server).await;
    });
    let mut client = connect(&address, with(&trusting(&authority))).await.unwrap();
    let (reason, elapsed) = ended.recv().await.unwrap();
    assert_eq!(reason, "not introduced within 2s");
    assert!(elapsed < timeout * 3 / 4, "{elapsed:?}");
    client.closed().await;
    drop(client);
    passing.await.unwrap();
}
