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

/// Connects, and exchanges a message.
async fn served(address: &Address) -> Result<Receiver, CloseReason> {
    let mut receiver = connect(address, Config::default()).await.unwrap();
    receiver.sender().accept();
    // If it is closed already, receiving says why.
    let _ = receiver.sender().send(&Outgoing::first("A.B", &[], true));
    receiver.receive().await.map(|_| receiver)
}

/// Regression: each socket of a listener had a limit of its own.
#[tokio::test]
async fn too_many_connections_are_closed_at_once_whatever_the_address() {
    let address = Address::tcp("127.0.0.1", 0);
    let config = ListenConfig { max_connections: 3, ..ListenConfig::default() };
    let listener = listen(&[address.clone(), address], config, echo).await.unwrap();
    let [first, second] = listener.addresses() else { panic!("{:?}", listener.addresses()) };
    let mut open = Vec::new();
    for address in [first, second, first] {
        open.push(served(address).await.unwrap());
    }
    for address in [first, second] {
        let refused = served(address).await.unwrap_err();
        assert!(matches!(refused, CloseReason::Peer | CloseReason::Transport(_)), "{refused}");
    }
    for receiver in &mut open {
        receiver.sender().send(&Outgoing::first("A.B", &[], true)).unwrap();
        receiver.receive().await.unwrap();
    }

    // Who leaves makes room for another.
    let mut leaving = open.pop().unwrap();
    leaving.sender().close();
    leaving.closed().await;
    let mut attempts = 0;
    open.push(loop {
        match served(second).await {
            Ok(receiver) => break receiver,
            Err(_) => attempts += 1,
        }
        assert!(attempts < 1000);
        tokio::time::sleep(Duration::from_millis(1)).await;
    });

    let peers: Vec<_> =
        open.into_iter().map(|mut receiver| tokio::spawn(async move { receiver.closed().await })).collect();
    listener.async_close().await;
    for peer in peers {
        assert_eq!(peer.await.unwrap(), CloseReason::Peer);
    }
}

/// Regression: after each connection that its peer reset before it was accepted, nobody was accepted for 100 ms.
#[tokio::test]
async fn connections_that_are_gone_before_they_are_accepted_hold_up_nobody() {
    let listener = echo_server(&Address::tcp("127.0.0.1", 0), Config::default()).await;
    let Address::Tcp { port, .. } = listener.addresses()[0] else { panic!("{listener:?}") };
    for _ in 0..100 {
        // The listener's task does not run before this one waits.
        let stream = std::net::TcpStream::connect(("127.0.0.1", port)).unwrap();
        stream.set_nonblocking(true).unwrap();
        tokio::net::TcpStream::from_std(stream).unwrap().set_zero_linger().unwrap();
    }
    let served = tokio::time::timeout(Duration::from_secs(5), served(&listener.addresses()[0])).await;
    served.expect("accepted long before 100 pauses are over").unwrap();
}
