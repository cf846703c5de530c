//! Of the whole: a configuration, what is told, and the files of it.

use std::path::Path;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use serde_json::{Value, json};
use tracing::level_filters::LevelFilter;
use tracing::subscriber::with_default;

use super::{LogConf, LogError, Logging};

const LONG: Duration = Duration::from_secs(30);

/// A folder that is removed when dropped.
pub(super) struct Folder(std::path::PathBuf);

impl Folder {
    pub(super) fn path(&self) -> &Path {
        &self.0
    }

    fn text(&self, name: &str) -> String {
        std::fs::read_to_string(self.0.join(name)).unwrap_or_default()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

pub(super) fn folder() -> Folder {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let name = format!("hat-event-log-{}-{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
    let path = std::env::temp_dir().join(name);
    std::fs::create_dir(&path).unwrap();
    Folder(path)
}

fn conf(value: Value) -> LogConf {
    let (conf, warnings) = LogConf::from_value(&value).unwrap();
    assert_eq!(warnings, []);
    conf
}

fn to_file(folder: &Folder, name: &str) -> LogConf {
    conf(json!({
        "version": 1, "disable_existing_loggers": false,
        "formatters": {"f": {"format": "%(levelname)s %(name)s %(message)s"}},
        "handlers": {"h": {"class": "logging.FileHandler", "filename": folder.path().join(name), "formatter": "f"}},
        "root": {"level": "INFO", "handlers": ["h"]},
    }))
}

#[test]
fn a_configuration_is_replaced_between_lines() {
    let folder = folder();
    let logging = Logging::start(to_file(&folder, "0")).unwrap();
    with_default(logging.subscriber(), || {
        for number in 1..50 {
            tracing::info!(target: "hat_event_server::engine", number, text = %"a\nb", "line");
            tracing::debug!("not this one");
            logging.set(to_file(&folder, &number.to_string())).unwrap();
        }
    });
    assert!(logging.flush(LONG));
    for number in 1..50 {
        let expected = format!("INFO hat.event.server.engine line number={number} text=a\\nb\n");
        assert_eq!(folder.text(&(number - 1).to_string()), expected);
    }
}

#[test]
fn what_cannot_be_opened_leaves_the_configuration_as_it_is() {
    let folder = folder();
    let logging = Logging::start(to_file(&folder, "a")).unwrap();
    let value = logging.value();
    let error = logging.set(to_file(&folder, "no/such/folder")).unwrap_err();
    assert!(matches!(&error, LogError::Open { handler, .. } if handler == "h"), "{error}");
    with_default(logging.subscriber(), || tracing::warn!(target: "x", "still here"));
    assert!(logging.flush(LONG));
    assert_eq!(folder.text("a"), "WARNING x still here\n");
    assert_eq!(logging.value(), value);
}

#[test]
fn levels_change_alone() {
    let folder = folder();
    let logging = Logging::start(to_file(&folder, "a")).unwrap();
    with_default(logging.subscriber(), || {
        tracing::debug!(target: "x", "1");
        logging.set(conf(json!({"version": 1, "incremental": true, "root": {"level": "DEBUG"}}))).unwrap();
        tracing::debug!(target: "x", "2");
        logging
            .set(conf(json!({"version": 1, "incremental": true, "handlers": {"h": {"class": "-", "level": "ERROR"}}})))
            .unwrap();
        tracing::warn!(target: "x", "3");
        let unknown = conf(json!({"version": 1, "incremental": true, "handlers": {"other": {"level": "ERROR"}}}));
        assert!(matches!(logging.set(unknown), Err(LogError::Conf { .. })));
    });
    assert!(logging.flush(LONG));
    assert_eq!(folder.text("a"), "DEBUG x 2\n");
}

#[test]
fn what_is_not_shown_costs_nothing() {
    let logging = Logging::start(LogConf::plain(LevelFilter::OFF)).unwrap();
    with_default(logging.subscriber(), || {
        assert!(!tracing::enabled!(tracing::Level::ERROR));
        tracing::error!("{}", panic_when_shown());
    });
    let logging = Logging::start(LogConf::plain(LevelFilter::WARN)).unwrap();
    with_default(logging.subscriber(), || {
        assert!(tracing::enabled!(tracing::Level::WARN));
        assert!(!tracing::enabled!(tracing::Level::INFO));
    });
    assert_eq!(logging.value(), Value::Null);
}

fn panic_when_shown() -> u32 {
    panic!("a line was made that nobody wants")
}

/// What is wrong with a configuration, or what is warned of.
fn places(value: &Value) -> Vec<String> {
    match LogConf::from_value(value) {
        Ok((_, warnings)) => warnings.into_iter().map(|warning| warning.place).collect(),
        Err(LogError::Conf { place, .. }) => vec![format!("refused: {place}")],
        Err(error) => panic!("{error}"),
    }
}

#[test]
fn what_is_not_done_is_warned_of_at_its_place() {
    let conf = json!({
        "version": 1,
        "formatters": {
            "a": {"()": "os.system"}, "b": {"class": "my.Formatter"}, "c": {"format": "%(funcName)s %(message)d"},
            "d": {"format": "%(message)"}, "e": {"format": "%(message)999999999s"}, "f": {"datefmt": "%Q", "format": "x {name}", "style": "{"},
        },
        "filters": {"x": {"name": "a"}},
        "handlers": {
            "a": {"()": "ext://os.system", "class": "-"}, "b": {"class": "os.system"},
            "c": {"class": "logging.StreamHandler", "stream": "cfg://x"},
            "d": {"class": "logging.FileHandler", "filename": "ext://sys.argv"},
            "e": {"class": "logging.NullHandler", "filters": ["x"], "other": 1},
            "f": {"class": "logging.handlers.SysLogHandler", "address": "cfg://a"},
        },
        "root": {"handlers": ["a", "b", "c", "d", "e"], "filters": ["x"]},
        "more": 1,
    });
    let expected = [
        "log.more",
        "log.formatters.a.()",
        "log.formatters.b.class",
        "log.formatters.c.format",
        "log.formatters.c.format",
        "log.formatters.d.format",
        "log.formatters.e.format",
        "log.formatters.f.datefmt",
        "log.filters.x",
        "log.handlers.a.()",
        "log.handlers.b.class",
        "log.handlers.c.stream",
        "log.handlers.d.filename",
        "log.handlers.e.filters",
        "log.handlers.e.other",
        "log.handlers.f.address",
        "log.root.filters",
    ];
    assert_eq!(places(&conf), expected);
}

#[test]
fn what_python_refuses_is_refused() {
    let handler = |conf: Value| json!({"version": 1, "handlers": {"h": conf}});
    for (conf, place) in [
        (json!(5), "log"),
        (json!({}), "log.version"),
        (json!({"version": 2}), "log.version"),
        (json!({"version": 1, "root": {"level": "LOUD"}}), "log.root.level"),
        (json!({"version": 1, "root": {"handlers": ["h"]}}), "log.root.handlers"),
        (json!({"version": 1, "loggers": {"a": 1}}), "log.loggers.a"),
        (json!({"version": 1, "formatters": {"a": {"format": "x", "style": "?"}}}), "log.formatters.a.style"),
        (handler(json!({})), "log.handlers.h.class"),
        (handler(json!({"class": "logging.NullHandler", "formatter": "f"})), "log.handlers.h.formatter"),
        (handler(json!({"class": "logging.FileHandler"})), "log.handlers.h.filename"),
        (handler(json!({"class": "logging.FileHandler", "filename": "a", "mode": "r"})), "log.handlers.h.mode"),
        (handler(json!({"class": "logging.handlers.SysLogHandler", "facility": "x"})), "log.handlers.h.facility"),
        (
            handler(json!({"class": "logging.handlers.TimedRotatingFileHandler", "filename": "a", "when": "W7"})),
            "log.handlers.h.when",
        ),
    ] {
        assert_eq!(places(&conf), [format!("refused: {place}")]);
    }
}
