//! Of the whole: a configuration, what is told, and the files of it.

use std::path::Path;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use proptest::prelude::*;
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
            "g": {"class": "hat.syslog.handler.SyslogHandler", "host": "ext://a", "port": 1, "comm_type": "TCP"},
            "h": {
                "class": "hat.syslog.handler.SysLogHandler", "host": "a", "port": "1", "queue_size": 1, "reconnect_delay": 0.5,
                "comm_type": "ext://hat.syslog.common.CommType.TLS", "ca": "a",
            },
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
        "log.handlers.g.host",
        "log.handlers.h.ca",
        "log.root.filters",
    ];
    assert_eq!(places(&conf), expected);
}

#[test]
fn what_python_refuses_is_refused() {
    let handler = |conf: Value| json!({"version": 1, "handlers": {"h": conf}});
    let hat_syslog = |key: &str, value: Value| {
        let mut conf =
            json!({"class": "hat.syslog.handler.SyslogHandler", "host": "127.0.0.1", "port": 1, "comm_type": "TCP"});
        conf[key] = value;
        handler(conf)
    };
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
        (handler(json!({"class": "hat.syslog.handler.SyslogHandler"})), "log.handlers.h.host"),
        (hat_syslog("port", json!(65536)), "log.handlers.h.port"),
        (hat_syslog("comm_type", json!("tcp")), "log.handlers.h.comm_type"),
        (hat_syslog("queue_size", json!(-1)), "log.handlers.h.queue_size"),
        (hat_syslog("reconnect_delay", json!(-0.5)), "log.handlers.h.reconnect_delay"),
    ] {
        assert_eq!(places(&conf), [format!("refused: {place}")]);
    }
}

/// Values that are often of a kind that means something.
fn values() -> impl Strategy<Value = Value> {
    let words = [
        "logging.StreamHandler",
        "logging.FileHandler",
        "logging.handlers.RotatingFileHandler",
        "logging.NullHandler",
        "logging.handlers.TimedRotatingFileHandler",
        "logging.handlers.SysLogHandler",
        "hat.syslog.handler.SyslogHandler",
        "TCP",
        "ext://sys.stdout",
        "cfg://a",
        "DEBUG",
        "NOTSET",
        "a",
        "%",
        "{",
        "$",
        "W3",
        "midnight",
        "local7",
        "%(message)s",
        "{name:>5}",
        "${asctime}",
        "%(a",
        "{",
        "$",
        "%Y%",
        "\0",
        "",
    ];
    let text = prop_oneof![
        prop::sample::select(words.to_vec()).prop_map(str::to_owned),
        any::<String>(),
        "[%{}$()a-z:<.0-9!]{0,12}"
    ];
    let leaf = prop_oneof![
        6 => text.prop_map(Value::from),
        1 => any::<bool>().prop_map(Value::from),
        1 => any::<i64>().prop_map(Value::from),
        1 => any::<f64>().prop_map(Value::from),
        1 => Just(Value::Null),
    ];
    let keys = [
        "version",
        "formatters",
        "handlers",
        "loggers",
        "root",
        "filters",
        "incremental",
        "disable_existing_loggers",
        "level",
        "class",
        "()",
        "format",
        "style",
        "datefmt",
        "formatter",
        "filename",
        "mode",
        "delay",
        "maxBytes",
        "backupCount",
        "when",
        "interval",
        "atTime",
        "utc",
        "address",
        "facility",
        "socktype",
        "host",
        "port",
        "comm_type",
        "queue_size",
        "reconnect_delay",
        "stream",
        "propagate",
        "a",
        "encoding",
    ];
    leaf.prop_recursive(4, 48, 8, move |inner| {
        let key = prop::sample::select(keys.to_vec()).prop_map(str::to_owned);
        prop_oneof![
            3 => prop::collection::vec((key, inner.clone()), 0..8).prop_map(|members| Value::Object(members.into_iter().collect())),
            1 => prop::collection::vec(inner, 0..4).prop_map(Value::Array),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_configuration_panics(sections in prop::collection::vec(values(), 6), formats in prop::collection::vec(values(), 4)) {
        let mut conf = json!({"version": 1});
        for (key, value) in ["formatters", "handlers", "loggers", "root", "incremental", "filters"].iter().zip(sections) {
            if value.is_object() {
                conf[*key] = value;
            }
        }
        // Of such only the outcome counts.
        let _ = LogConf::from_value(&conf);
        let [format, datefmt, style, width] = formats.try_into().unwrap();
        let text = |value: &Value| value.as_str().unwrap_or("%(name)9d{x}").to_owned();
        let format = json!({"format": text(&format), "datefmt": text(&datefmt), "style": style.as_str().unwrap_or("%")});
        let handler = json!({"class": "logging.NullHandler", "formatter": "f", "level": width});
        let conf = json!({"version": 1, "formatters": {"f": format}, "handlers": {"h": handler}});
        if let Ok((conf, _)) = LogConf::from_value(&conf) {
            let record = super::record::Record::plain("a".to_owned(), tracing::Level::INFO, "b".to_owned());
            for handler in conf.handlers.values() {
                let mut line = String::new();
                handler.format.write(&record, &super::local::Zone::local(), &mut line);
            }
        }
    }
}

#[test]
fn syslog_is_sent_what_python_sends() {
    let receiver = std::net::UdpSocket::bind("127.0.0.1:0").unwrap();
    receiver.set_read_timeout(Some(LONG)).unwrap();
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let (udp, tcp) = (receiver.local_addr().unwrap().port(), listener.local_addr().unwrap().port());
    let class = "logging.handlers.SysLogHandler";
    let logging = Logging::start(conf(json!({
        "version": 1,
        "handlers": {
            "u": {"class": class, "address": ["127.0.0.1", udp], "facility": "local3"},
            "t": {"class": class, "address": ["127.0.0.1", tcp], "socktype": "ext://socket.SOCK_STREAM", "level": "ERROR"},
        },
        "loggers": {"x": {"handlers": ["u", "t"], "level": "DEBUG"}},
    })))
    .unwrap();
    with_default(logging.subscriber(), || {
        tracing::error!(target: "x", "e");
        tracing::warn!(target: "x", "w");
        tracing::info!(target: "x::y", "i ž");
        tracing::debug!(target: "x", "d");
        tracing::error!(target: "y", "not named");
    });
    let mut bytes = [0; 100];
    for expected in ["<155>e\0", "<156>w\0", "<158>i ž\0", "<159>d\0"] {
        let len = receiver.recv(&mut bytes).unwrap();
        assert_eq!(std::str::from_utf8(&bytes[..len]).unwrap(), expected);
    }
    drop(logging);
    let (mut stream, _) = listener.accept().unwrap();
    let mut text = String::new();
    std::io::Read::read_to_string(&mut stream, &mut text).unwrap();
    assert_eq!(text, "<11>e\0");
}
