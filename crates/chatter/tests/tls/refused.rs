//! Who cannot have TLS with whom, and what is said then.

use std::time::Duration;

use hat_event_chatter::{ClientTlsOptions, CloseReason, Config, ConnectConfig, ConnectError, ServerTls, connect};
use tokio::io::AsyncReadExt;

use crate::certificates::Authority;
use crate::{NAME, check_echo, serve, server, trusting, with};

/// What a client is told that cannot connect.
async fn refusal(tls: Option<ServerTls>, config: ConnectConfig) -> String {
    let (_listener, address) = serve(Config::default(), tls).await;
    match connect(&address, config).await.unwrap_err() {
        ConnectError::Tls { address: at, reason } => {
            assert_eq!(at, address);
            reason
        }
        error => panic!("{error}"),
    }
}

#[tokio::test]
async fn another_authority() {
    let (authority, other) = (Authority::new(), Authority::new());
    let reason = refusal(Some(server(&authority)), with(&trusting(&other))).await;
    assert_eq!(reason, "certificate of the peer is of no trusted authority");
}

#[tokio::test]
async fn another_name() {
    let authority = Authority::new();
    let tls = ServerTls::new(&authority.certificate("server.example"), None).unwrap();
    let reason = refusal(Some(tls), with(&trusting(&authority))).await;
    assert!(reason.starts_with("name does not fit the certificate of the peer: "), "{reason}");
    assert!(reason.contains(NAME) && reason.contains("server.example"), "{reason}");
}

#[tokio::test]
async fn the_certificate_of_an_authority() {
    let authority = Authority::new();
    let options = ClientTlsOptions { server_name: Some("server.example".into()), ..trusting(&authority) };
    let reason = refusal(Some(ServerTls::new(&authority.own(), None).unwrap()), with(&options)).await;
    assert!(reason.starts_with("certificate of the peer is that of an authority"), "{reason}");
}

#[tokio::test]
async fn a_server_without_tls() {
    let authority = Authority::new();
    let reason = refusal(None, with(&trusting(&authority))).await;
    assert!(reason.contains("without TLS"), "{reason}");
}

/// The reference waits for the message whose length the beginning of TLS seems to be.
#[tokio::test]
async fn a_server_without_tls_that_says_nothing() {
    let authority = Authority::new();
    let silent = tokio::net::TcpListener::bind((NAME, 0)).await.unwrap();
    let mut config = with(&trusting(&authority));
    config.connection.handshake_timeout = Some(Duration::from_millis(200));
    let error = connect(&silent.local_addr().unwrap().into(), config).await.unwrap_err();
    assert!(error.to_string().ends_with("no answer in time, as from a server without TLS"), "{error}");
}

#[tokio::test]
async fn a_client_without_certificate() {
    let authority = Authority::new();
    let tls = ServerTls::new(&authority.certificate(NAME), Some(&authority.ca())).unwrap();
    let (_listener, address) = serve(Config::default(), Some(tls)).await;
    let mut receiver = connect(&address, with(&trusting(&authority))).await.unwrap();
    assert_eq!(receiver.receive().await, Err(CloseReason::Transport("peer requires a certificate".into())));
}

#[tokio::test]
async fn a_client_of_another_authority() {
    let (authority, other) = (Authority::new(), Authority::new());
    let tls = ServerTls::new(&authority.certificate(NAME), Some(&authority.ca())).unwrap();
    let (_listener, address) = serve(Config::default(), Some(tls)).await;
    let options = ClientTlsOptions { certificate: Some(other.certificate("client.example")), ..trusting(&authority) };
    let mut receiver = connect(&address, with(&options)).await.unwrap();
    let reason = receiver.receive().await.unwrap_err().to_string();
    assert_eq!(reason, "peer does not trust the authority of the certificate");
}

#[tokio::test]
async fn a_client_without_tls() {
    let authority = Authority::new();
    let (_listener, address) = serve(Config::default(), Some(server(&authority))).await;
    let mut plain = connect(&address, Config::default()).await.unwrap();
    plain.sender().send(&hat_event_chatter::Outgoing::first("A.B", &[], true)).unwrap();
    plain.receive().await.unwrap_err();
    check_echo(connect(&address, with(&trusting(&authority))).await.unwrap()).await;
}

#[tokio::test]
async fn a_listener_that_closes_waits_for_no_handshake() {
    let authority = Authority::new();
    let config = Config { handshake_timeout: None, ..Config::default() };
    let (listener, address) = serve(config, Some(server(&authority))).await;
    let mut silent = tokio::net::TcpStream::connect(address.to_string()).await.unwrap();
    // The server has accepted the silent one by the time that it serves one who came later.
    check_echo(connect(&address, with(&trusting(&authority))).await.unwrap()).await;
    listener.async_close().await;
    assert_eq!(silent.read(&mut [0]).await.unwrap(), 0);
}
