//! Of the whole: a configuration, lines that are told, and the server that receives them.

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream, UdpSocket};
use std::sync::Arc;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tokio::net::TcpSocket;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::PrivatePkcs8KeyDer;
use tokio_rustls::rustls::{ServerConfig, ServerConnection, StreamOwned};
use tracing::subscriber::with_default;

use crate::log::{LogConf, Logging};

const LONG: Duration = Duration::from_secs(30);

/// Sends all to a server on this port, and tries it all the time.
fn logging(port: u16, comm_type: &str, options: Value) -> Logging {
    let mut handler = json!({
        "class": "hat.syslog.handler.SyslogHandler",
        "host": "127.0.0.1", "port": port, "comm_type": comm_type, "reconnect_delay": 0,
    });
    handler.as_object_mut().unwrap().extend(options.as_object().cloned().unwrap_or_default());
    let conf = json!({
        "version": 1, "disable_existing_loggers": false,
        "handlers": {"h": handler}, "root": {"level": "INFO", "handlers": ["h"]},
    });
    let (conf, warnings) = LogConf::from_value(&conf).unwrap();
    assert_eq!(warnings, []);
    Logging::start(conf).unwrap()
}

fn tell(logging: &Logging, lines: impl IntoIterator<Item = u32>) {
    with_default(logging.subscriber(), || {
        lines.into_iter().for_each(|line| tracing::info!(target: "x", "line {line}"));
    });
    assert!(logging.flush(LONG));
}

fn accepted(listener: &TcpListener) -> BufReader<TcpStream> {
    let (stream, _) = listener.accept().unwrap();
    stream.set_read_timeout(Some(LONG)).unwrap();
    BufReader::new(stream)
}

/// A message behind its length: what stands behind the data of it.
fn message(stream: &mut impl BufRead) -> Option<String> {
    let mut len = Vec::new();
    stream.read_until(b' ', &mut len).unwrap();
    let len = std::str::from_utf8(&len).unwrap().strip_suffix(' ')?.parse().unwrap();
    let mut bytes = vec![0; len];
    stream.read_exact(&mut bytes).unwrap();
    Some(text(&bytes))
}

fn text(message: &[u8]) -> String {
    let message = std::str::from_utf8(message).unwrap();
    message.split_once("] BOM").unwrap_or_else(|| panic!("{message:?}")).1.to_owned()
}

/// A port where nobody listens yet, and nobody else can.
fn reserved() -> (TcpSocket, u16) {
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let port = socket.local_addr().unwrap().port();
    (socket, port)
}

fn listen(socket: TcpSocket) -> TcpListener {
    let listener = socket.listen(8).unwrap().into_std().unwrap();
    listener.set_nonblocking(false).unwrap();
    listener
}

#[tokio::test]
async fn a_server_that_comes_late_learns_of_the_newest_and_how_many_it_missed() {
    let (socket, port) = reserved();
    let logging = logging(port, "TCP", json!({"queue_size": 3}));
    tell(&logging, 0..10);
    let mut stream = accepted(&listen(socket));
    for expected in ["dropped 7 log messages", "line 7", "line 8", "line 9"] {
        assert_eq!(message(&mut stream).unwrap(), expected);
    }
    tell(&logging, [10]);
    assert_eq!(message(&mut stream).unwrap(), "line 10");
    drop(logging);
    assert_eq!(message(&mut stream), None);
}

#[test]
fn a_connection_that_ends_is_followed_by_another_one() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let logging = logging(listener.local_addr().unwrap().port(), "TCP", json!({}));
    for line in [1, 2, 3] {
        // That the one before was closed is noticed without a line to send.
        let mut stream = accepted(&listener);
        tell(&logging, [line]);
        assert_eq!(message(&mut stream).unwrap(), format!("line {line}"));
    }
}

#[test]
fn what_waits_at_the_end_is_sent() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let logging = logging(listener.local_addr().unwrap().port(), "TCP", json!({}));
    tell(&logging, 0..100);
    drop(logging);
    let mut stream = accepted(&listener);
    let received: Vec<String> = std::iter::from_fn(|| message(&mut stream)).collect();
    assert_eq!(received, (0..100).map(|line| format!("line {line}")).collect::<Vec<_>>());
}

#[test]
fn a_configuration_that_is_replaced_sends_its_lines() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let logging = logging(listener.local_addr().unwrap().port(), "TCP", json!({}));
    tell(&logging, [1]);
    logging.set(LogConf::from_value(&json!({"version": 1})).unwrap().0).unwrap();
    let mut stream = accepted(&listener);
    assert_eq!((message(&mut stream).as_deref(), message(&mut stream)), (Some("line 1"), None));
}

#[test]
fn the_end_does_not_wait_long_for_a_server() {
    let (_socket, nobody) = reserved();
    let deaf = TcpListener::bind("127.0.0.1:0").unwrap();
    for port in [nobody, deaf.local_addr().unwrap().port()] {
        let logging = logging(port, "TCP", json!({"reconnect_delay": 1000}));
        // More than sockets take.
        let long = "x".repeat(1 << 20);
        with_default(logging.subscriber(), || (0..12).for_each(|_| tracing::info!("{long}")));
        assert!(logging.flush(LONG));
        let start = Instant::now();
        drop(logging);
        assert!(start.elapsed() < Duration::from_secs(10), "{:?}", start.elapsed());
    }
}

#[test]
fn datagrams_are_messages_without_their_length() {
    let receiver = UdpSocket::bind("127.0.0.1:0").unwrap();
    receiver.set_read_timeout(Some(LONG)).unwrap();
    let logging = logging(receiver.local_addr().unwrap().port(), "UDP", json!({}));
    let mut bytes = [0; 500];
    let mut receive = || {
        let len = receiver.recv(&mut bytes).unwrap();
        assert!(bytes.starts_with(b"<14>1 ") || bytes.starts_with(b"<11>1 "));
        text(&bytes[..len])
    };
    tell(&logging, [1]);
    assert_eq!(receive(), "line 1");
    // No datagram can have it.
    with_default(logging.subscriber(), || tracing::info!("{}", "x".repeat(70_000)));
    tell(&logging, [2]);
    assert_eq!(receive(), "dropped 1 log messages");
    assert_eq!(receive(), "line 2");
}

#[test]
fn tls_asks_for_no_certain_certificate() {
    let key = rcgen::generate_simple_self_signed(["other".to_owned()]).unwrap();
    let private = PrivatePkcs8KeyDer::from(key.signing_key.serialize_der()).into();
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![key.cert.der().clone()], private)
        .unwrap();
    let config = Arc::new(config);
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let logging = logging(listener.local_addr().unwrap().port(), "TLS", json!({}));
    // One that is no server of TLS is not the last one.
    accepted(&listener).get_mut().write_all(b"hello").unwrap();
    tell(&logging, [1, 2]);
    let stream = accepted(&listener).into_inner();
    let mut stream = BufReader::new(StreamOwned::new(ServerConnection::new(config).unwrap(), stream));
    assert_eq!(message(&mut stream).unwrap(), "line 1");
    assert_eq!(message(&mut stream).unwrap(), "line 2");
    drop(logging);
    assert_eq!(message(&mut stream), None, "it is closed as TLS wants it");
}
