//! The thread that writes.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::time::Instant;

use tracing::Level;

use super::conf::{HandlerConf, Kind, LogConf, Stream};
use super::error::LogError;
use super::format::Format;
use super::local::Zone;
use super::names;
use super::queue::{Item, Queue};
use super::record::Record;
use super::router::{Route, Router};
use super::sink::Sink;

/// What a configuration has opened.
#[derive(Debug)]
pub(super) struct Outputs {
    router: Arc<Router>,
    outputs: BTreeMap<String, Output>,
    last_resort: Output,
    zone: Zone,
}

#[derive(Debug)]
struct Output {
    format: Format,
    sink: Sink,
}

impl Output {
    fn open(name: &str, conf: &HandlerConf, zone: &Zone) -> Result<Self, LogError> {
        Ok(Self { format: conf.format.clone(), sink: Sink::open(name, &conf.kind, zone)? })
    }

    fn write(&mut self, record: &Record, zone: &Zone, line: &mut String) {
        line.clear();
        self.format.write(record, zone, line);
        self.sink.write(record, line);
    }
}

impl Outputs {
    /// Opens what a configuration writes to.
    pub(super) fn open(conf: &LogConf, router: Arc<Router>) -> Result<Self, LogError> {
        let zone = Zone::local();
        let mut outputs = BTreeMap::new();
        for (name, handler) in &conf.handlers {
            outputs.insert(name.clone(), Output::open(name, handler, &zone)?);
        }
        let last = HandlerConf { level: 0, format: Format::default(), kind: Kind::Stream(Stream::Stderr) };
        Ok(Self { router, outputs, last_resort: Output::open("", &last, &zone)?, zone })
    }

    fn write(&mut self, record: &Record, line: &mut String) {
        match self.router.route(&record.name, record.levelno) {
            Route::Nobody => {}
            Route::LastResort => self.last_resort.write(record, &self.zone, line),
            Route::Handlers(names) => {
                for name in names {
                    if let Some(output) = self.outputs.get_mut(name) {
                        output.write(record, &self.zone, line);
                    }
                }
            }
        }
    }

    fn flush(&mut self) {
        self.outputs.values_mut().for_each(|output| output.sink.flush());
        self.last_resort.sink.flush();
    }

    /// Waits until nothing is under way any more, at the latest until then.
    fn close(&self, until: Instant) {
        self.outputs.values().for_each(|output| output.sink.stop(until));
        self.outputs.values().for_each(|output| output.sink.wait(until));
    }
}

/// Writes until it is told to stop.
pub(super) fn run(queue: &Queue, mut outputs: Outputs) {
    loop {
        if let Some(until) = work(queue.take(), &mut outputs) {
            return outputs.close(until);
        }
    }
}

/// Does what waited, and until when to end, if it was told to.
fn work(items: VecDeque<Item>, outputs: &mut Outputs) -> Option<Instant> {
    let mut line = String::new();
    let mut told = Vec::new();
    let mut end = None;
    for item in items {
        match item {
            Item::Line(record) => outputs.write(&record, &mut line),
            Item::Dropped(count) => {
                let lines = if count == 1 { "1 log line was" } else { &*format!("{count} log lines were") };
                let message = format!("{lines} dropped, as writing them takes too long");
                outputs.write(&Record::plain(names::OWN.to_owned(), Level::WARN, message), &mut line);
            }
            Item::Replace(next) => {
                outputs.flush();
                *outputs = *next;
            }
            Item::Flush(done) => told.push(done),
            Item::Stop(until) => end = Some(until),
        }
    }
    outputs.flush();
    for done in told {
        // Nobody may wait for it any more.
        let _ = done.send(());
    }
    end
}
