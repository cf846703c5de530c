//! Where a server listens: TLS as configured, and the adminer server.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use hat_event_chatter::{ClientTls, ClientTlsOptions, Config, ConnectConfig, connect};
use hat_event_common::{EventType, RegisterEvent, Resource};
use hat_event_eventer::{AdminerClient, Client, ClientOptions};
use hat_event_server::EventServer;
use hat_event_server::log::{LogConf, Logging};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use serde_json::{Value, json};
use tracing::level_filters::LevelFilter;

const NAME: &str = "127.0.0.1";

fn conf() -> Value {
    json!({
        "name": "server",
        "server_id": 1,
        "backend": {"module": "hat.event.backends.memory"},
        "modules": [],
        "eventer_server": {"host": NAME, "port": 0},
    })
}

/// Writes an authority's certificate, `ca.pem`, and one of that authority for a server, `cert.pem` and `key.pem`.
fn certificates(folder: &Path) {
    let mut authority = CertificateParams::new([]).unwrap();
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let authority = CertifiedIssuer::self_signed(authority, KeyPair::generate().unwrap()).unwrap();
    let key = KeyPair::generate().unwrap();
    let certificate = CertificateParams::new([NAME.to_owned()]).unwrap().signed_by(&key, &authority).unwrap();
    fs::write(folder.join("ca.pem"), authority.pem()).unwrap();
    fs::write(folder.join("cert.pem"), certificate.pem()).unwrap();
    fs::write(folder.join("key.pem"), key.serialize_pem()).unwrap();
}

#[tokio::test]
async fn clients_use_tls_where_it_is_configured() {
    let folder = tempfile::tempdir().unwrap();
    certificates(folder.path());
    let mut conf = conf();
    conf["eventer_server"]["tls"] =
        json!({"cert": folder.path().join("cert.pem"), "key": folder.path().join("key.pem")});
    let server = EventServer::builder().start(conf.clone()).await.unwrap();
    server.wait_operational().await.unwrap();
    let address = &server.addresses()[0];

    let options = ClientTlsOptions { ca: Some(folder.path().join("ca.pem")), ..ClientTlsOptions::default() };
    let config = ConnectConfig { connection: Config::default(), tls: Some(ClientTls::new(&options).unwrap()) };
    let receiver = connect(address, config).await.unwrap();
    let (client, _) = Client::introduce(receiver, ClientOptions::new("client")).await.unwrap();
    let event = RegisterEvent { event_type: EventType::from(["a"]), source_timestamp: None, payload: None };
    assert_eq!(client.register_with_response(&[event]).await.unwrap().len(), 1);
    assert!(Client::connect(address, ClientOptions::new("in the clear")).await.is_err());
    server.async_close().await;

    conf["eventer_server"]["tls"]["cert"] = json!(folder.path().join("missing.pem"));
    let error = EventServer::builder().start(conf).await.unwrap_err().to_string();
    assert!(error.contains("missing.pem"), "{error}");
}

#[tokio::test]
async fn the_log_is_administered_where_that_is_configured() {
    let mut conf = conf();
    assert!(EventServer::builder().start(conf.clone()).await.unwrap().adminer_addresses().is_empty(), "off by default");

    conf["adminer_server"] = json!({"host": NAME, "port": 0});
    let logging = Arc::new(Logging::start(LogConf::plain(LevelFilter::ERROR)).unwrap());
    let server = EventServer::builder().logging(Arc::clone(&logging)).start(conf.clone()).await.unwrap();
    let client = AdminerClient::connect(&server.adminer_addresses()[0], Config::default()).await.unwrap();
    assert_eq!(client.get_log_conf().await.unwrap(), Value::Null);
    let log = json!({"version": 1, "root": {"level": "WARNING"}});
    client.set_log_conf(&log).await.unwrap();
    assert_eq!((client.get_log_conf().await.unwrap(), logging.value()), (log.clone(), log));
    assert!(client.set_log_conf(&json!({"version": 2})).await.is_err());
    server.async_close().await;

    conf["adminer_server"]["host"] = json!("0.0.0.0");
    let error = EventServer::builder().start(conf).await.unwrap_err().to_string();
    assert!(error.contains("/adminer_server"), "{error}");
}
