//! Files that cannot be opened, and what a file is left with.

use std::fs;

use hat_event_common::{EventId, EventPayload, SessionId, Timestamp};
use serde_json::{Value, json};

use super::{conf, conf_with, event, event_with, open, server_1, sessions, try_open};

async fn error(conf: Value) -> String {
    match try_open(conf).await {
        Ok(_) => "it was opened".to_owned(),
        Err(error) => error.to_string(),
    }
}

#[tokio::test]
async fn what_is_no_database_of_ours_is_refused_and_left_as_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("event.db");
    fs::write(&path, "not LMDB, but long enough to be looked at: ".repeat(100)).unwrap();
    let before = fs::read(&path).unwrap();
    let text = error(conf(folder.path())).await;
    assert!(text.ends_with("event.db cannot be opened: it is no LMDB file"), "{text}");
    assert_eq!(fs::read(&path).unwrap(), before);

    fs::remove_file(&path).unwrap();
    fs::create_dir(&path).unwrap();
    let text = error(conf(folder.path())).await;
    assert!(text.contains("event.db cannot be opened: ") && text.ends_with("it has to be a file"), "{text}");

    let text = error(conf(&folder.path().join("nowhere"))).await;
    assert!(
        text.contains("nowhere/event.db cannot be opened: ") && text.ends_with("its folder has to be there"),
        "{text}"
    );
}

#[tokio::test]
async fn a_file_that_is_cut_off_is_refused_wherever_that_is() {
    let folder = tempfile::tempdir().unwrap();
    let backend = open(conf(folder.path())).await;
    for number in 1..=40 {
        let payload = EventPayload::binary("", vec![7; 150 * number as usize]);
        backend.register([event_with(number, &number.to_string(), Some(payload))].into()).await.unwrap();
        backend.flush().await.unwrap();
    }
    backend.async_close().await;
    let path = folder.path().join("event.db");
    let whole = fs::read(&path).unwrap();
    let pages = whole.len() / 4096;
    let mut refused = 0;
    for left in 1..=pages {
        fs::write(&path, &whole[..left * 4096]).unwrap();
        match try_open(conf(folder.path())).await {
            Ok(backend) => {
                // Nothing of what is missing was in use.
                assert_eq!(sessions(&*backend).await, (1..=40).collect::<Vec<_>>(), "{left} of {pages} pages");
                backend.async_close().await;
            }
            Err(error) => {
                let text = error.to_string();
                let expected = if left == 1 { "it is no LMDB file" } else { "it is cut off, the end of it is missing" };
                assert!(text.ends_with(expected), "{left} of {pages} pages: {text}");
                refused += 1;
            }
        }
    }
    assert!(refused > pages / 2 && refused < pages, "{refused} of {pages}");
}

#[tokio::test]
async fn identifiers_have_to_agree() {
    let folder = tempfile::tempdir().unwrap();
    let with = |identifier: Value| conf_with(folder.path(), json!({"identifier": identifier}));
    open(with(json!(null))).await.async_close().await;
    open(with(json!("one"))).await.async_close().await;
    open(with(json!(null))).await.async_close().await;
    let text = error(with(json!("other"))).await;
    assert!(text.ends_with("event.db: the database has identifier \"one\", not \"other\""), "{text}");
    open(with(json!("one"))).await.async_close().await;
}

#[tokio::test]
async fn own_settings_are_checked() {
    let folder = tempfile::tempdir().unwrap();
    for (changes, expected) in [
        (json!({"durability": "disk"}), "/durability: \"disk\" is neither \"memory\" nor \"flushed\""),
        (json!({"limits": {"size": 1}}), "/limits/size: there is no such limit; known are db_size, backlog_events"),
        (json!({"limits": {"db_size": 7}}), "/limits/db_size: 7 bytes are too few; 1 MiB is the least"),
        (json!({"limits": {"db_size": "1G"}}), "/limits/db_size: \"1G\" is no number from 0 on"),
        (json!({"limits": {"backlog_events": 0}}), "/limits/backlog_events: it is not within 1 and 268435456"),
        (json!({"limits": 7}), "/limits: 7 is no object"),
        (json!({"latest": {"subscriptions": [["*", "a"]]}}), "/latest/subscriptions: query type */a"),
    ] {
        let text = error(conf_with(folder.path(), changes)).await;
        assert!(text.contains(expected), "{text}");
    }
}

#[tokio::test]
async fn only_one_may_have_it_open() {
    let folder = tempfile::tempdir().unwrap();
    let backend = open(conf(folder.path())).await;
    let text = error(conf(folder.path())).await;
    assert!(text.ends_with("event.db is in use by another process"), "{text}");
    backend.async_close().await;
    open(conf(folder.path())).await.async_close().await;
}

#[tokio::test]
async fn closing_writes_what_was_registered() {
    let folder = tempfile::tempdir().unwrap();
    let backend = open(conf(folder.path())).await;
    backend.register([event(1), event(2)].into()).await.unwrap();
    backend.register([event(3)].into()).await.unwrap();
    backend.async_close().await;
    let backend = open(conf(folder.path())).await;
    assert_eq!(sessions(&*backend).await, [1, 2, 3]);
    assert_eq!(backend.get_last_event_id(server_1()).await.unwrap(), event(3).id);
    assert_eq!(backend.get_last_timestamp(server_1()).await.unwrap(), Some(Timestamp::new(3, 0).unwrap()));
    backend.async_close().await;
}

#[tokio::test]
async fn a_reservation_outlives_a_crash_and_can_be_taken_back() {
    let folder = tempfile::tempdir().unwrap();
    let id = |session| EventId::new(1, session, 0).unwrap();
    let last = |conf| async {
        let backend = open(conf).await;
        let last = backend.get_last_event_id(server_1()).await.unwrap();
        backend.async_close().await;
        last
    };
    let backend = open(conf(folder.path())).await;
    backend.reserve_event_ids(id(1000)).await.unwrap();
    assert_eq!(backend.get_last_event_id(server_1()).await.unwrap(), id(1000));
    backend.register([event(1)].into()).await.unwrap();
    backend.flush().await.unwrap();

    // What a crash leaves is what is on disk.
    let crashed = tempfile::tempdir().unwrap();
    fs::copy(folder.path().join("event.db"), crashed.path().join("event.db")).unwrap();
    assert_eq!(last(conf(crashed.path())).await, id(1000));

    backend.reserve_event_ids(id(7)).await.unwrap();
    backend.async_close().await;
    assert_eq!(last(conf(folder.path())).await, id(7));

    let backend = open(conf(folder.path())).await;
    let known = backend.register([event(7)].into()).await.unwrap().unwrap();
    assert_eq!((known.len(), sessions(&*backend).await), (1, vec![1, 7]), "id {:?}", SessionId::from(7));
    backend.async_close().await;
}
