//! Connections with TLS.

#![cfg(feature = "tls")]

mod certificates;
mod files;
mod refused;
mod slow;

use bytes::Bytes;
use certificates::Authority;
use hat_event_chatter::{
    Address, ClientTls, ClientTlsOptions, CloseReason, Config, ConnectConfig, ListenConfig, Listener, Outgoing,
    Receiver, ServerTls, connect, listen,
};

/// The name that certificates of servers are for.
const NAME: &str = "127.0.0.1";

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

/// An echo server, and where it is.
async fn serve(connection: Config, tls: Option<ServerTls>) -> (Listener, Address) {
    let config = ListenConfig { connection, tls, ..ListenConfig::default() };
    let listener = listen(&[Address::tcp(NAME, 0)], config, echo).await.unwrap();
    let address = listener.addresses()[0].clone();
    (listener, address)
}

/// A server whose certificate is of the authority.
fn server(authority: &Authority) -> ServerTls {
    ServerTls::new(&authority.certificate(NAME), None).unwrap()
}

/// A client that trusts the authority.
fn trusting(authority: &Authority) -> ClientTlsOptions {
    ClientTlsOptions { ca: Some(authority.ca()), ..ClientTlsOptions::default() }
}

fn with(options: &ClientTlsOptions) -> ConnectConfig {
    ConnectConfig { connection: Config::default(), tls: Some(ClientTls::new(options).unwrap()) }
}

/// Sends messages of many lengths and waits for their echoes, one at a time: nothing else makes bytes go on.
async fn check_echo(mut receiver: Receiver) {
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
}

#[tokio::test]
async fn messages_of_any_length_arrive() {
    let authority = Authority::new();
    let (listener, address) = serve(Config::default(), Some(server(&authority))).await;
    check_echo(connect(&address, with(&trusting(&authority))).await.unwrap()).await;
    listener.async_close().await;
}

/// More than TLS and the sockets hold: what waits has to go on by itself whenever there is room.
#[tokio::test]
async fn many_messages_at_once_arrive() {
    let authority = Authority::new();
    let (_listener, address) = serve(Config::default(), Some(server(&authority))).await;
    let mut receiver = connect(&address, with(&trusting(&authority))).await.unwrap();
    receiver.sender().accept();
    let data: Vec<Bytes> = (0..200_u8).map(|n| Bytes::from(vec![n; 40_000])).collect();
    for data in &data {
        // In parts, which are written together.
        receiver.sender().send(&Outgoing::first("A.B", &[data.slice(..10), data.slice(10..)], true)).unwrap();
    }
    for data in &data {
        assert!(receiver.receive().await.unwrap().data.data == *data, "{}", data[0]);
    }
}

#[tokio::test]
async fn clients_show_certificates() {
    let authority = Authority::new();
    let tls = ServerTls::new(&authority.certificate(NAME), Some(&authority.ca())).unwrap();
    let (listener, address) = serve(Config::default(), Some(tls)).await;
    let options =
        ClientTlsOptions { certificate: Some(authority.certificate("client.example")), ..trusting(&authority) };
    check_echo(connect(&address, with(&options)).await.unwrap()).await;
    listener.async_close().await;
}

#[tokio::test]
async fn the_name_can_be_another_than_the_host() {
    let authority = Authority::new();
    let tls = ServerTls::new(&authority.certificate("server.example"), None).unwrap();
    let (_listener, address) = serve(Config::default(), Some(tls)).await;
    let options = ClientTlsOptions { server_name: Some("server.example".into()), ..trusting(&authority) };
    check_echo(connect(&address, with(&options)).await.unwrap()).await;
}

#[tokio::test]
async fn without_verification_any_server_will_do() {
    let authority = Authority::new();
    let tls = ServerTls::new(&authority.certificate("server.example"), None).unwrap();
    let (_listener, address) = serve(Config::default(), Some(tls)).await;
    let options = ClientTlsOptions { verify: false, ..ClientTlsOptions::default() };
    check_echo(connect(&address, with(&options)).await.unwrap()).await;
}

#[cfg(unix)]
#[tokio::test]
async fn unix_sockets_have_tls_too() {
    let authority = Authority::new();
    let address = Address::Unix(authority.folder.join("socket"));
    let tls = Some(ServerTls::new(&authority.certificate("localhost"), None).unwrap());
    let listener =
        listen(std::slice::from_ref(&address), ListenConfig { tls, ..ListenConfig::default() }, echo).await.unwrap();
    check_echo(connect(&address, with(&trusting(&authority))).await.unwrap()).await;
    listener.async_close().await;
}
