//! The reference's backend and ours, each with a file of its own.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use bytes::Bytes;
use hat_event_backends::backends;
use hat_event_common::{
    Backend, Event, EventType, MsgEventsNotify, MsgQueryReq, MsgQueryRes, OrderBy, QueryParams, QueryResult, Sbs,
    ServerId, Subscription, import_backend_info,
};
use hat_event_interop::Python;
use serde_json::{Value, json};

use crate::differences::Differences;
use crate::trial::{NEWEST, Verdict, same};

pub(super) struct Pair {
    theirs: Python,
    ours: Arc<dyn Backend>,
    files: [PathBuf; 2],
}

impl Pair {
    pub(super) async fn open(folder: &Path, conf: &Value) -> Self {
        Self::open_files(conf, ["one.db", "other.db"].map(|name| folder.join(name))).await
    }

    /// Opens again what a pair has closed, each the file of the other.
    pub(super) async fn swap(pair: Self, _folder: &Path, conf: &Value) -> Self {
        let [one, other] = pair.files;
        Self::open_files(conf, [other, one]).await
    }

    async fn open_files(conf: &Value, files: [PathBuf; 2]) -> Self {
        let conf_of = |path: &Path| {
            let mut conf = conf.clone();
            conf["db_path"] = json!(path);
            conf
        };
        let mut theirs = Python::start(NEWEST, "lmdb_peer.py").unwrap_or_else(|error| panic!("{error}"));
        theirs.ask("open", &[json!({"conf": conf_of(&files[0])})]).unwrap();
        let info = import_backend_info(&backends(), "hat.event.backends.lmdb").unwrap().clone();
        let ours =
            info.create(conf_of(&files[1]), None, None).await.unwrap_or_else(|error| panic!("{error}\n{conf:#}"));
        // Each is followed by a part of what limits remove.
        for _ in 0..6 {
            ours.flush().await.unwrap();
        }
        Self { theirs, ours, files }
    }

    fn ask(&mut self, about: &str, case: Value) -> Value {
        self.theirs.ask(about, &[case]).unwrap_or_else(|error| panic!("{error}")).remove(0)
    }

    pub(super) async fn register(&mut self, events: &[Event]) {
        let bytes = MsgEventsNotify(events.to_vec()).to_sbs_bytes();
        self.ask("register", json!({"events": hex(&bytes)}));
        self.ours.register(events.into()).await.unwrap();
    }

    pub(super) async fn flush(&mut self) {
        self.ask("flush", json!({}));
        self.ours.flush().await.unwrap();
    }

    pub(super) async fn close(&mut self) {
        self.ask("close", json!({}));
        self.ours.async_close().await;
    }

    pub(super) async fn check_last_event_id(&mut self, server: ServerId) {
        let theirs = self.ask("last_event_id", json!({"server_id": server.get()}));
        let ours = self.ours.get_last_event_id(server).await.unwrap();
        assert_eq!(json!([ours.server.get(), ours.session.get(), ours.instance.get()]), theirs);
    }

    /// Asks both, and compares what they answer.
    pub(super) async fn query(&mut self, params: &QueryParams, conf: &Value, differences: &mut Differences) -> Verdict {
        let bytes = MsgQueryReq(params.clone()).to_sbs_bytes();
        let answer = self.ask("query", json!({"params": hex(&bytes)}));
        let MsgQueryRes(mut theirs) = MsgQueryRes::from_sbs_bytes(unhex(&answer["result"])).unwrap();
        if matches!(params, QueryParams::Timeseries(params) if params.order_by == OrderBy::SourceTimestamp) {
            // The reference mostly writes everything before it answers such a query.
            self.flush().await;
        }
        let mut ours = self.ours.query(params.clone()).await.unwrap();
        if let QueryParams::Timeseries(params) = params
            && disjoint(params.event_types.as_deref(), conf) != answer["disjoint"]
        {
            differences.note("disjoint-longer");
            return Ok(());
        }
        if let QueryParams::Latest(_) = params {
            for QueryResult { events, .. } in [&mut ours, &mut theirs] {
                events.sort_by_key(|event| event.id);
            }
        }
        if ours == theirs {
            return Ok(());
        }
        // All of it is too much to read.
        let outline = |result: &QueryResult| {
            let id = |event: &Event| format!("{} {} {}", event.id.server, event.id.session, event.id.instance);
            (result.events.iter().map(id).collect::<Vec<_>>(), result.more_follows)
        };
        same(&format!("{params:?}"), outline(&ours), outline(&theirs)).and(same("events", ours, theirs))
    }

    /// Compares the files, once both are closed.
    pub(super) fn check_files(&mut self) -> Verdict {
        let [theirs, ours] = self.files.clone().map(|path| self.ask("dump", json!({"path": path})));
        for (name, theirs) in theirs.as_object().unwrap() {
            let (theirs, ours) = (theirs.as_object().unwrap(), ours[name].as_object().unwrap());
            let keys = theirs.keys().chain(ours.keys());
            if let Some(key) = keys.into_iter().find(|key| theirs.get(*key) != ours.get(*key)) {
                return Err(format!("{name}: at {key} ours is {:?}, theirs is {:?}", ours.get(key), theirs.get(key)));
            }
        }
        Ok(())
    }
}

/// Which partitions have nothing of what is asked for, by the sets of event types.
fn disjoint(types: Option<&[EventType]>, conf: &Value) -> Value {
    let Some(types) = types else { return json!([]) };
    let asked = Subscription::new(types.iter().cloned()).unwrap();
    let partitions = super::conf::partitions(conf);
    partitions.iter().map(|partition| asked.is_disjoint(partition)).collect::<Vec<_>>().into()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn unhex(text: &Value) -> Bytes {
    let text = text.as_str().unwrap();
    (0..text.len()).step_by(2).map(|at| u8::from_str_radix(&text[at..at + 2], 16).unwrap()).collect()
}
