use std::path::{Path, PathBuf};
use std::sync::Arc;

use hat_event_backends::backends;
use hat_event_common::{Backend, Event, QueryParams, QueryResult, Timestamp, import_backend_info};
use hat_event_interop::Python;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::eventer::values::{events_hex, result, to_hex};
use crate::trial::NEWEST;

/// The reference's backend and ours, which are given the same, each on a database of its own.
pub(super) struct Pair {
    python: Python,
    folder: TempDir,
    /// The database of Python's and ours.
    paths: [PathBuf; 2],
    ours: Option<Arc<dyn Backend>>,
}

/// What Python answers to a query.
pub(super) struct Answer {
    pub(super) result: QueryResult,
    /// The place of the partition that it takes.
    pub(super) partition: Option<usize>,
}

impl Answer {
    fn of(answer: &Value) -> Self {
        Self { result: result(&answer["result"]), partition: answer["partition"].as_u64().map(|place| place as usize) }
    }
}

impl Pair {
    pub(super) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let paths = ["one.db", "other.db"].map(|name| folder.path().join(name));
        Self { python: start(), folder, paths, ours: None }
    }

    /// Opens both, with the path of its database put into the configuration.
    pub(super) async fn open(&mut self, conf: &Value) {
        ask(&mut self.python, "open", json!({"conf": with_path(conf, &self.paths[0])}));
        self.open_ours(conf).await;
    }

    pub(super) async fn open_ours(&mut self, conf: &Value) {
        self.ours = Some(open(&with_path(conf, &self.paths[1])).await);
    }

    /// Closes both, which writes what is left.
    pub(super) async fn close(&mut self) {
        ask(&mut self.python, "close", json!({}));
        self.close_ours().await;
    }

    pub(super) async fn close_ours(&mut self) {
        if let Some(ours) = self.ours.take() {
            ours.async_close().await;
        }
    }

    /// Gives each the database of the other, while both are closed.
    pub(super) fn swap(&mut self) {
        self.paths.swap(0, 1);
    }

    pub(super) fn ours(&self) -> &dyn Backend {
        self.ours.as_deref().unwrap()
    }

    pub(super) async fn register(&mut self, events: Vec<Event>) {
        let sent = events_hex(&events);
        let registered = self.ours().register(events.into()).await.unwrap();
        assert!(registered.is_some());
        ask(&mut self.python, "register", json!({"events": sent}));
    }

    /// Writes what is in Python's memory.
    pub(super) fn flush_python(&mut self) {
        ask(&mut self.python, "flush", json!({}));
    }

    pub(super) async fn flush_ours(&self) {
        self.ours().flush().await.unwrap();
    }

    pub(super) fn clean_up_python(&mut self, now: Timestamp) {
        ask(&mut self.python, "clean_up", json!({"now": [now.s(), now.us()]}));
    }

    /// What both say to a query, Python first.
    pub(super) async fn query(&mut self, params: impl Into<QueryParams>) -> [QueryResult; 2] {
        let params = params.into();
        let answer = ask(&mut self.python, "query", json!({"params": to_hex(&params)}));
        [Answer::of(&answer).result, self.ours().query(params).await.unwrap()]
    }

    /// What Python says to queries, each with the place of the partition that is to answer it.
    pub(super) fn ask_python(&mut self, queries: &[(QueryParams, Option<usize>)]) -> Vec<Answer> {
        let case = |(params, partition): &(QueryParams, _)| json!({"params": to_hex(params), "partition": partition});
        let cases: Vec<Value> = queries.iter().map(case).collect();
        let answers = self.python.ask("query", &cases).unwrap();
        let answer = |(answer, case): (&Value, &Value)| {
            assert!(answer.get("error").is_none(), "{case}: {answer}");
            Answer::of(answer)
        };
        answers.iter().zip(&cases).map(answer).collect()
    }

    /// What the closed databases have in one table, Python's and ours.
    pub(super) fn table(&mut self, name: &str) -> [Value; 2] {
        self.paths.clone().map(|path| {
            let dump = dump(&mut self.python, &path);
            dump.as_array().unwrap().iter().find(|table| table[0] == name).unwrap()[1].clone()
        })
    }

    /// How many entries the closed databases have in all, Python's and ours.
    pub(super) fn entries(&mut self) -> [usize; 2] {
        self.paths.clone().map(|path| {
            let dump = dump(&mut self.python, &path);
            dump.as_array().unwrap().iter().map(|table| entries(table).len()).sum()
        })
    }

    /// Fails where the two closed databases are not the same, in all that they have.
    pub(super) fn compare_databases(&mut self) {
        let [theirs, ours] = self.paths.clone().map(|path| dump(&mut self.python, &path));
        compare_dumps(&ours, &theirs, self.folder.path());
    }
}

/// Asks for one thing that has to succeed.
pub(super) fn ask(python: &mut Python, about: &str, case: Value) -> Value {
    let answer = python.ask(about, &[case]).unwrap().remove(0);
    assert!(answer.get("error").is_none(), "{about}: {answer}");
    answer
}

/// `python/lmdb_peer.py`, which tells what can be asked.
pub(super) fn start() -> Python {
    Python::start(NEWEST, "lmdb_peer.py").unwrap_or_else(|error| panic!("{error}"))
}

pub(super) fn dump(python: &mut Python, path: &Path) -> Value {
    ask(python, "dump", json!({"path": path}))
}

/// Opens a backend of ours.
pub(super) async fn open(conf: &Value) -> Arc<dyn Backend> {
    let info = import_backend_info(&backends(), "hat.event.backends.lmdb").unwrap().clone();
    info.create(conf.clone(), None, None).await.unwrap()
}

pub(super) fn with_path(conf: &Value, path: &Path) -> Value {
    let mut conf = conf.clone();
    conf["db_path"] = path.to_str().unwrap().into();
    conf
}

/// Fails at the first entry that only one has.
pub(super) fn compare_dumps(ours: &Value, theirs: &Value, place: &Path) {
    let tables = |dump: &Value| dump.as_array().unwrap().clone();
    assert_eq!((tables(ours).len(), tables(theirs).len()), (9, 9));
    for (ours, theirs) in tables(ours).iter().zip(&tables(theirs)) {
        assert_eq!(ours[0], theirs[0]);
        let [ours_has, theirs_has] = [ours, theirs].map(entries);
        let differs = ours_has.iter().zip(&theirs_has).find(|(one, other)| one != other);
        assert!(differs.is_none(), "{}, ours and theirs in {}: {differs:#?}", ours[0], place.display());
        assert_eq!(ours_has.len(), theirs_has.len(), "entries of {}", ours[0]);
    }
}

/// What a table has. Partitions without events may have a count of 0 or none (`lmdb-count-0`).
fn entries(table: &Value) -> Vec<&Value> {
    let is_count = table[0] == "TIMESERIES_COUNT";
    table[1].as_array().unwrap().iter().filter(|entry| !is_count || entry[1] != "0000000000000000").collect()
}
