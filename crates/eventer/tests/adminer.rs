//! The adminer protocol, both sides.

mod common;

use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use common::{pair, pair_with};
use hat_event_chatter::{Address, CloseReason, Config, ListenConfig, Outgoing, Receiver};
use hat_event_common::BoxError;
use hat_event_eventer::{AdminerClient, AdminerError, AdminerServer, LogConfHandler, RequestError};
use serde_json::{Value, json};

#[derive(Default)]
struct Conf(Mutex<Value>);

#[async_trait]
impl LogConfHandler for Conf {
    async fn get(&self) -> Result<Value, BoxError> {
        match &*self.0.lock().unwrap() {
            Value::Null => Err("nothing configured".into()),
            conf => Ok(conf.clone()),
        }
    }

    async fn set(&self, conf: Value) -> Result<(), BoxError> {
        if conf["version"] != 1 {
            return Err("unsupported version".into());
        }
        *self.0.lock().unwrap() = conf;
        Ok(())
    }
}

fn serve(handler: Option<Arc<dyn LogConfHandler>>) -> Receiver {
    serve_with(handler, Config { handshake_timeout: None, ..Config::default() })
}

/// Serves a client whose side has this configuration.
fn serve_with(handler: Option<Arc<dyn LogConfHandler>>, config: Config) -> Receiver {
    let (ours, theirs) = pair_with(config);
    let server = AdminerServer::new(handler);
    tokio::spawn(async move { server.serve(theirs).await });
    ours
}

fn server_error(error: AdminerError) -> String {
    let AdminerError::Server(error) = error else { panic!("{error}") };
    error
}

#[tokio::test]
async fn configurations_are_got_and_set() {
    let server = AdminerServer::new(Some(Arc::new(Conf::default())));
    let listener = server.listen(&[Address::tcp("127.0.0.1", 0)], ListenConfig::default()).await.unwrap();
    let client = AdminerClient::connect(&listener.addresses()[0], Config::default()).await.unwrap();
    assert_eq!(server_error(client.get_log_conf().await.unwrap_err()), "nothing configured");
    assert_eq!(server_error(client.set_log_conf(&json!({"version": 2})).await.unwrap_err()), "unsupported version");
    let conf = json!({"version": 1, "root": {"level": "DEBUG", "handlers": ["käse"]}, "x": [1.5, null]});
    client.set_log_conf(&conf).await.unwrap();
    assert_eq!(client.get_log_conf().await.unwrap(), conf);
    let (a, b, c) = tokio::join!(client.get_log_conf(), client.set_log_conf(&conf), client.get_log_conf());
    assert_eq!((a.unwrap(), c.unwrap()), (conf.clone(), conf));
    b.unwrap();
    listener.async_close().await;
    let error = client.get_log_conf().await.unwrap_err();
    assert!(matches!(error, AdminerError::Request(RequestError::Closed(_))), "{error}");
}

#[tokio::test]
async fn without_a_handler_everything_is_refused() {
    let client = AdminerClient::over(serve(None));
    assert_eq!(server_error(client.get_log_conf().await.unwrap_err()), "not implemented");
    assert_eq!(server_error(client.set_log_conf(&json!({})).await.unwrap_err()), "not implemented");
}

/// What the server answers to a message, the bytes of its value, or why it closes.
async fn answer(data_type: &str, data: &[u8]) -> Result<Vec<u8>, CloseReason> {
    let mut receiver = serve(Some(Arc::new(Conf::default())));
    receiver.sender().send(&Outgoing::first(data_type, &[data.to_vec().into()], true)).unwrap();
    receiver.receive().await.map(|message| message.data.data.to_vec())
}

#[tokio::test]
async fn wrong_requests_are_answered_or_end_the_connection() {
    let error = answer("HatEventAdminer.MsgSetLogConfReq", b"\x81{").await.unwrap();
    assert_eq!(error[0], 0x81);
    assert!(String::from_utf8_lossy(&error).contains("EOF"), "{error:?}");
    assert_eq!(answer("HatEventAdminer.MsgSetLogConfReq", b"\x82{").await, Err(CloseReason::Peer));
    assert_eq!(answer("HatEventer.MsgInitReq", b"").await, Err(CloseReason::Peer));
}

/// Takes longer than a client waits for a sign of life.
struct Slow;

#[async_trait]
impl LogConfHandler for Slow {
    async fn get(&self) -> Result<Value, BoxError> {
        tokio::time::sleep(Duration::from_secs(20)).await;
        Ok(json!("late"))
    }

    async fn set(&self, _: Value) -> Result<(), BoxError> {
        Ok(())
    }
}

#[tokio::test(start_paused = true)]
async fn pings_are_answered_while_the_handler_works() {
    let config = Config {
        ping_delay: Some(Duration::from_secs(2)),
        ping_timeout: Duration::from_secs(2),
        handshake_timeout: None,
        ..Config::default()
    };
    let client = AdminerClient::over(serve_with(Some(Arc::new(Slow)), config));
    let new = json!({});
    let (conf, set) = tokio::join!(client.get_log_conf(), client.set_log_conf(&new));
    assert_eq!(conf.unwrap(), "late");
    set.unwrap();
}

#[tokio::test(start_paused = true)]
async fn who_asks_nothing_is_disconnected() {
    let begin = tokio::time::Instant::now();
    let mut receiver = serve(None);
    assert_eq!(receiver.closed().await, CloseReason::Peer);
    assert_eq!(Some(begin.elapsed()), Config::default().handshake_timeout);
}

#[tokio::test]
async fn answers_that_make_no_sense_end_the_connection() {
    for (data_type, data) in [("HatEventAdminer.MsgGetLogConfRes", &b"\x85"[..]), ("HatEventer.MsgQueryRes", b"")] {
        let (ours, mut theirs) = pair();
        let client = AdminerClient::over(ours);
        let asked = tokio::spawn(async move { client.get_log_conf().await });
        let request = theirs.receive().await.unwrap();
        let data = [data.to_vec().into()];
        theirs.sender().send(&Outgoing::answer(request.conversation, data_type, &data)).unwrap();
        tokio::spawn(async move { theirs.closed().await });
        let error = asked.await.unwrap().unwrap_err();
        assert!(matches!(&error, AdminerError::Request(RequestError::Closed(CloseReason::Protocol(_)))), "{error}");
    }
}

/// Its first message has the id of the first request.
#[tokio::test]
async fn what_the_server_begins_is_no_answer() {
    let (ours, mut theirs) = pair();
    let client = AdminerClient::over(ours);
    let asked = tokio::spawn(async move { client.get_log_conf().await });
    theirs.receive().await.unwrap();
    let data = [b"\x80\x811".to_vec().into()];
    theirs.sender().send(&Outgoing::first("HatEventAdminer.MsgGetLogConfRes", &data, false)).unwrap();
    assert_eq!(theirs.closed().await, CloseReason::Peer);
    let error = asked.await.unwrap().unwrap_err();
    assert!(matches!(&error, AdminerError::Request(RequestError::Closed(CloseReason::Protocol(_)))), "{error}");
}

#[tokio::test(start_paused = true)]
async fn what_was_asked_before_a_wrong_message_is_answered() {
    let mut receiver = serve(Some(Arc::new(Slow)));
    let ask = |data_type: &str| receiver.sender().send(&Outgoing::first(data_type, &[], true)).unwrap();
    let asked = [ask("HatEventAdminer.MsgGetLogConfReq"), ask("HatEventAdminer.MsgGetLogConfReq")];
    ask("HatEventer.MsgInitReq");
    for conversation in asked {
        let answer = receiver.receive().await.unwrap();
        assert_eq!((answer.conversation, &*answer.data.data), (conversation, &b"\x80\x86\"late\""[..]));
    }
    assert_eq!(receiver.receive().await, Err(CloseReason::Peer));
}
