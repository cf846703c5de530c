//! Registers events by several connections, and waits until all are on disk.

use std::cell::{Cell, RefCell};
use std::net::SocketAddr;
use std::rc::Rc;

use tokio::sync::Notify;
use tokio::task::spawn_local;

use super::all_types;
use crate::Result;
use crate::server::connection::Connection;
use crate::server::template::{self, Template};

const CONNECTIONS: usize = 4;
/// So many requests of each connection wait for their responses at a time.
const WINDOW: usize = 2;
const BATCH: usize = 100;
/// The first event of every so many requests is looked for among those that are persisted, so that looking costs little.
const MARKED: usize = 10;

/// How many events a number of requests has that tell of all.
pub(super) const STEP: usize = BATCH * MARKED;

struct Load {
    requests: Vec<Template>,
    sent: Cell<usize>,
    total: usize,
    failure: RefCell<Option<String>>,
    failed: Notify,
}

/// Registers so many events, a multiple of [`STEP`], of all types in turn, and waits until they are persisted. `on_progress` is
/// called whenever some are.
pub(super) async fn persist(address: SocketAddr, events: usize, mut on_progress: impl FnMut() -> Result) -> Result {
    let types = all_types();
    let marks = types.iter().step_by(STEP).map(|event| event.event_type.clone()).collect();
    let init = template::init_persisted("watch", marks);
    let (mut watch, _) = Connection::open_with(address, &init).await?;
    let load = Rc::new(Load {
        requests: template::registers(&types, BATCH),
        sent: Cell::new(0),
        total: events / BATCH,
        failure: RefCell::default(),
        failed: Notify::new(),
    });
    for number in 0..CONNECTIONS {
        let (connection, _) = Connection::open(address, &format!("register {number}"), &[]).await?;
        let load = Rc::clone(&load);
        spawn_local(async move {
            if let Err(error) = load.register(connection).await {
                load.failure.replace(Some(error.to_string()));
                load.failed.notify_one();
            }
        });
    }
    let mut persisted = 0;
    while persisted < events / STEP {
        let before = persisted;
        tokio::select! {
            () = load.failed.notified() => {
                return Err(load.failure.take().unwrap_or_default().into());
            }
            received = watch.receive(|head| {
                if head.data_type == b"HatEventer.MsgEventsNotify" {
                    persisted += head.integers().map_or(0, |[count]: [i64; 1]| count as usize);
                }
            }) => received?,
        }
        if persisted > before {
            on_progress()?;
        }
    }
    Ok(())
}

impl Load {
    async fn register(&self, mut connection: Connection) -> Result {
        let mut waiting = 0;
        loop {
            let before = waiting;
            while waiting < WINDOW && self.sent.get() < self.total {
                connection.put(&self.requests[self.sent.get() % self.requests.len()]);
                self.sent.set(self.sent.get() + 1);
                waiting += 1;
            }
            if waiting == 0 {
                return Ok(());
            }
            if waiting > before {
                connection.send().await?;
            }
            let mut refused = false;
            connection
                .receive(|head| {
                    if head.data_type == b"HatEventer.MsgRegisterRes" {
                        refused |= head.integers() != Some([0, BATCH as i64]);
                        waiting -= 1;
                    }
                })
                .await?;
            if refused {
                return Err("a request is not answered by its events".into());
            }
        }
    }
}
