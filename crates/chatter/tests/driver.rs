//! Connections on real sockets.

use std::time::Duration;

use bytes::Bytes;
use hat_event_chatter::{Address, CloseReason, Config, ListenConfig, Listener, Outgoing, Receiver, connect, listen};

/// Answers each message with its own data.
async fn echo(mut receiver: Receiver) {
    receiver.sender().accept();
    while let Ok(message) = receiver.receive().await {
        let data = [message.data.data];
        let answer = receiver.sender().send(&Outgoing::answer(message.conversation, &message.data.data_type, &data));
        if answer.is_err() {
            break;
        }
    }
    receiver.closed().await;
}

async fn echo_server(address: &Address, connection: Config) -> Listener {
    let config = ListenConfig { connection, ..ListenConfig::default() };
    listen(std::slice::from_ref(address), config, echo).await.unwrap()
}

async fn check_echo(address: &Address) {
    let listener = echo_server(address, Config::default()).await;
    let mut receiver = connect(&listener.addresses()[0], Config::default()).await.unwrap();
    receiver.sender().accept();
    for len in [0, 1, 300, 70_000, 3_000_000] {
        let data = Bytes::from(vec![len as u8; len]);
        let conversation = receiver.sender().send(&Outgoing::first("A.B", std::slice::from_ref(&data), true)).unwrap();
        let answer = receiver.receive().await.unwrap();
        assert_eq!((answer.conversation, answer.last), (conversation, true));
        assert!(answer.data.data == data, "{len}");
    }
    receiver.sender().close();
    assert_eq!(receiver.receive().await, Err(CloseReason::Requested));
    listener.async_close().await;
}

#[tokio::test]
async fn messages_of_any_length_go_over_tcp() {
    check_echo(&Address::tcp("127.0.0.1", 0)).await;
}

#[cfg(unix)]
#[tokio::test]
async fn messages_of_any_length_go_over_unix_sockets() {
    let path = std::env::temp_dir().join(format!("hat-event-chatter-{}.sock", std::process::id()));
    check_echo(&Address::Unix(path.clone())).await;
    assert!(!path.exists(), "a closed listener leaves no socket behind");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_server_closing_is_told_to_peers() {
    let listener = echo_server(&Address::tcp("127.0.0.1", 0), Config::default()).await;
    let mut receiver = connect(&listener.addresses()[0], Config::default()).await.unwrap();
    let peer = tokio::spawn(async move { receiver.closed().await });
    tokio::time::sleep(Duration::from_millis(20)).await;
    listener.async_close().await;
    assert_eq!(peer.await.unwrap(), CloseReason::Peer);
}

#[tokio::test]
async fn nobody_listening_is_said_with_the_address() {
    let listener = echo_server(&Address::tcp("127.0.0.1", 0), Config::default()).await;
    let address = listener.addresses()[0].clone();
    listener.async_close().await;
    let error = connect(&address, Config::default()).await.unwrap_err().to_string();
    assert!(error.starts_with(&format!("cannot connect to {address}: ")), "{error}");
}
