//! The server, by a configuration of what a running system has.

#![cfg(unix)]

mod program;

use std::io::{BufRead, BufReader, Read};
use std::net::TcpListener;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

use hat_event_chatter::{Address, ClientTls, ClientTlsOptions, Config, ConnectConfig, connect};
use hat_event_common::{EventType, RegisterEvent};
use hat_event_eventer::{Client, ClientOptions};
use program::{command, write};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use serde_json::{Value, json};

const NAME: &str = "127.0.0.1";

fn conf() -> Value {
    json!({
        "name": "server", "server_id": 1, "backend": {"module": "hat.event.backends.memory"}, "modules": [],
        "eventer_server": {"host": NAME, "port": 0},
    })
}

/// A server that is killed with the test.
struct Server {
    child: Child,
    out: BufReader<ChildStdout>,
}

impl Server {
    fn start(conf: &str) -> Self {
        let mut command = command(&["serve", "--conf", conf]);
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let out = BufReader::new(child.stdout.take().unwrap());
        Self { child, out }
    }

    /// Waits until it listens, and where it does.
    fn address(&mut self) -> Address {
        let mut line = String::new();
        self.out.read_line(&mut line).unwrap();
        let port = line.trim().strip_prefix(&format!("listening on {NAME}:")).unwrap_or_else(|| panic!("{line:?}"));
        Address::tcp(NAME, port.parse().unwrap())
    }

    /// Tells it to end, and how long that took.
    fn end(&mut self) -> Duration {
        let start = Instant::now();
        let kill = Command::new("kill").args(["-TERM", &self.child.id().to_string()]).status();
        assert!(kill.unwrap().success());
        assert_eq!(self.child.wait().unwrap().code(), Some(0));
        start.elapsed()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[tokio::test]
async fn clients_use_tls() {
    let mut authority = CertificateParams::new([]).unwrap();
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let authority = CertifiedIssuer::self_signed(authority, KeyPair::generate().unwrap()).unwrap();
    let key = KeyPair::generate().unwrap();
    let certificate = CertificateParams::new([NAME.to_owned()]).unwrap().signed_by(&key, &authority).unwrap();
    let mut conf = conf();
    conf["eventer_server"]["tls"] = json!({
        "cert": write("configured-cert.pem", certificate.pem()), "key": write("configured-key.pem", key.serialize_pem()),
    });
    let mut server = Server::start(&write("configured-tls.json", conf.to_string()));
    let address = server.address();

    let ca = write("configured-ca.pem", authority.pem());
    let options = ClientTlsOptions { ca: Some(ca.into()), ..ClientTlsOptions::default() };
    let config = ConnectConfig { connection: Config::default(), tls: Some(ClientTls::new(&options).unwrap()) };
    let receiver = connect(&address, config).await.unwrap();
    let (client, _) = Client::introduce(receiver, ClientOptions::new("client")).await.unwrap();
    let event = RegisterEvent { event_type: EventType::from(["a"]), source_timestamp: None, payload: None };
    assert_eq!(client.register_with_response(&[event]).await.unwrap().len(), 1);
    assert!(Client::connect(&address, ClientOptions::new("in the clear")).await.is_err());
    server.end();
}

fn with_syslog(port: u16) -> Value {
    let mut conf = conf();
    conf["log"] = json!({
        "version": 1, "disable_existing_loggers": false,
        "handlers": {"syslog": {
            "class": "hat.syslog.handler.SyslogHandler", "host": NAME, "port": port, "comm_type": "TCP",
        }},
        "root": {"level": "INFO", "handlers": ["syslog"]},
    });
    conf
}

#[test]
fn a_syslog_server_is_told_all_to_the_end() {
    let syslog = TcpListener::bind((NAME, 0)).unwrap();
    let conf = with_syslog(syslog.local_addr().unwrap().port());
    let mut server = Server::start(&write("configured-syslog.json", conf.to_string()));
    server.address();
    server.end();
    let mut text = String::new();
    syslog.accept().unwrap().0.read_to_string(&mut text).unwrap();
    assert!(text.contains(" hat.event.server [hat@1 name=\"hat.event.server\" thread=\"1\" "), "{text}");
    assert!(text.contains("] BOMstopping"), "{text}");
}

#[test]
fn without_a_syslog_server_it_ends_as_fast() {
    // It listens no more.
    let port = TcpListener::bind((NAME, 0)).unwrap().local_addr().unwrap().port();
    let mut server = Server::start(&write("configured-no-syslog.json", with_syslog(port).to_string()));
    server.address();
    let took = server.end();
    // Less than it is between two attempts to connect.
    assert!(took < Duration::from_secs(4), "{took:?}");
}
