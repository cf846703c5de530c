//! The recorded adminer connection, each side against ours: connection 7 of the sample in `crates/chatter/tests`.

mod common;

use std::path::Path;
use std::sync::Arc;

use async_trait::async_trait;
use common::{bytes_and_receiver, within};
use hat_event_common::{BoxError, EventPayloadJson};
use hat_event_eventer::{AdminerClient, AdminerError, AdminerServer, LogConfHandler};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

const CONF: &str = r#"{"version": 1, "root": {"level": "WARNING"}}"#;
const ERROR: &str = "Unsupported version: 5";

/// How long the request, and the answer, for the configuration are; those to set it come behind.
const GET_REQ_LEN: usize = 41;
const GET_RES_LEN: usize = 87;

struct Recorded;

#[async_trait]
impl LogConfHandler for Recorded {
    async fn get(&self) -> Result<Value, BoxError> {
        Ok(serde_json::from_str(CONF)?)
    }

    async fn set(&self, conf: Value) -> Result<(), BoxError> {
        assert_eq!(conf, json!({"version": 5}));
        Err(ERROR.into())
    }
}

fn recorded(file: &str) -> Vec<u8> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../chatter/tests/sample/conn-07").join(file);
    std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// What our server writes, where the recorded one wrote [`CONF`] as Python keeps it: the keys in the order of [`Value`].
fn recorded_answers() -> Vec<u8> {
    let mut answers = recorded("s2c.bin");
    let conf = EventPayloadJson::from_value(&serde_json::from_str::<Value>(CONF).unwrap()).unwrap();
    let text = conf.text().as_bytes();
    assert_eq!(text.len(), CONF.len(), "spaces and the like are those of Python");
    let place = GET_RES_LEN - CONF.len()..GET_RES_LEN;
    assert_eq!(&answers[place.clone()], CONF.as_bytes());
    answers[place].copy_from_slice(text);
    answers
}

#[tokio::test]
async fn our_server_answers_as_the_recorded_one() {
    let (mut client, receiver) = bytes_and_receiver();
    let server = AdminerServer::new(Some(Arc::new(Recorded)));
    let served = tokio::spawn(async move { server.serve(receiver).await });
    client.write_all(&recorded("c2s.bin")).await.unwrap();
    let expected = recorded_answers();
    let mut answers = vec![0; expected.len()];
    within(client.read_exact(&mut answers)).await.unwrap();
    assert_eq!(answers, expected);
    // The recorded client leaves, and so does the server.
    client.shutdown().await.unwrap();
    assert_eq!(within(client.read_to_end(&mut answers)).await.unwrap(), 0);
    within(served).await.unwrap();
}

#[tokio::test]
async fn our_client_asks_as_the_recorded_one() {
    let (mut server, receiver) = bytes_and_receiver();
    let client = AdminerClient::over(receiver);
    let (requests, answers) = (recorded("c2s.bin"), recorded("s2c.bin"));
    let mut request = vec![0; GET_REQ_LEN];
    let (conf, ()) = tokio::join!(within(client.get_log_conf()), async {
        within(server.read_exact(&mut request)).await.unwrap();
        server.write_all(&answers[..GET_RES_LEN]).await.unwrap();
    });
    assert_eq!(request, requests[..GET_REQ_LEN]);
    assert_eq!(conf.unwrap(), json!({"version": 1, "root": {"level": "WARNING"}}));

    let (wrong, mut request) = (json!({"version": 5}), vec![0; requests.len() - GET_REQ_LEN]);
    let (set, ()) = tokio::join!(within(client.set_log_conf(&wrong)), async {
        within(server.read_exact(&mut request)).await.unwrap();
        server.write_all(&answers[GET_RES_LEN..]).await.unwrap();
    });
    assert_eq!(request, requests[GET_REQ_LEN..]);
    let error = set.unwrap_err();
    assert!(matches!(&error, AdminerError::Server(text) if text == ERROR), "{error}");
    drop(client);
    let mut rest = Vec::new();
    assert_eq!(within(server.read_to_end(&mut rest)).await.unwrap(), 0);
}
