//! The files that a configuration of logging has as its result, there and here.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use hat_event_interop::Random;
use hat_event_server::log::{LogConf, Logging};
use serde_json::{Map, Value, json};
use tracing::Level;

use crate::trial::{NEWEST, Trial, same};

/// What begins each line, so that the reference can be told what happened here.
const FACTS: [(&str, &str, &str); 6] = [
    ("created", ".9f", ".9f"),
    ("thread", "d", ""),
    ("threadName", "s", ""),
    ("lineno", "5d", "5d"),
    ("pathname", "s", ""),
    ("process", "7d", "7d"),
];
/// Between facts.
const BETWEEN: &str = "\u{1}";
/// Between facts and what else is in a line.
const AFTER: &str = "\u{2}";

macro_rules! tell {
    ($name:expr, $level:expr, $message:expr, $($target:literal)+) => {
        match $name {
            $($target => match $level {
                Level::ERROR => tracing::error!(target: $target, "{}", $message),
                Level::WARN => tracing::warn!(target: $target, "{}", $message),
                Level::INFO => tracing::info!(target: $target, "{}", $message),
                Level::DEBUG => tracing::debug!(target: $target, "{}", $message),
                Level::TRACE => tracing::trace!(target: $target, "{}", $message),
            },)+
            other => unreachable!("{other}"),
        }
    };
}

/// Targets, and what their loggers are in Python.
pub(crate) const LOGGERS: [(&str, &str); 6] = [
    ("hat_event_server::engine", "hat.event.server.engine"),
    ("hat_event_server", "hat.event.server"),
    ("hat_event_eventer::server", "hat.event.eventer.server"),
    ("hat_event_backends::lmdb", "hat.event.backends.lmdb"),
    ("hat_event_chatter::driver", "hat.drivers.chatter.driver"),
    ("a", "a"),
];

/// Tells a line, of one of the `LOGGERS`.
pub(crate) fn tell(logger: usize, level: Level, message: &str) {
    tell!(LOGGERS[logger].0, level, message,
        "hat_event_server::engine" "hat_event_server" "hat_event_eventer::server"
        "hat_event_backends::lmdb" "hat_event_chatter::driver" "a");
}

#[derive(Debug)]
struct Case {
    conf: Value,
    lines: Vec<(usize, Level, String)>,
    files: BTreeMap<String, String>,
}

#[test]
fn files_are_those_of_python() {
    Trial {
        python: NEWEST,
        about: "log_files",
        make: case,
        question: |case| {
            let loggers: Vec<_> = LOGGERS.iter().map(|(_, name)| name).collect();
            json!({"conf": case.conf, "records": records(case), "loggers": loggers})
        },
        judge: |case, answer, _| {
            let files: BTreeMap<String, String> =
                serde_json::from_value(answer["files"].clone()).map_err(|_| format!("refused: {}", answer["error"]))?;
            same("files", &case.files, &files)
        },
    }
    .run();
}

fn case(random: &mut Random) -> Case {
    let conf = conf(random);
    let lines: Vec<_> = (0..random.below(25))
        .map(|number| {
            let level = random.pick(&[Level::ERROR, Level::WARN, Level::INFO, Level::DEBUG, Level::TRACE]);
            let text: String = random.text().chars().filter(|c| !"\u{1}\u{2}".contains(*c)).collect();
            (random.below(LOGGERS.len()), level, format!("#{number:02}# {text}"))
        })
        .collect();
    let folder = Folder::new();
    let (understood, warnings) = LogConf::from_value(&placed(&conf, &folder.0)).unwrap();
    assert_eq!(warnings, [], "{conf}");
    let logging = Logging::start(understood).unwrap();
    tracing::subscriber::with_default(logging.subscriber(), || {
        for (logger, level, message) in &lines {
            tell(*logger, *level, message);
        }
    });
    assert!(logging.flush(Duration::from_secs(30)));
    Case { conf, lines, files: folder.files() }
}

/// What was told, with the facts of the line that was written of it; where none was, those of another one.
fn records(case: &Case) -> Vec<Value> {
    let mut facts = BTreeMap::new();
    for text in case.files.values() {
        // Facts stand before this mark, and after the end of the line before.
        let parts: Vec<&str> = text.split(AFTER).collect();
        for pair in parts.windows(2) {
            let fields: Vec<&str> = pair[0].rsplitn(FACTS.len(), BETWEEN).collect();
            let created = fields[FACTS.len() - 1].rsplit('\n').next().unwrap();
            let number = pair[1].split('#').nth(1).unwrap().to_owned();
            facts.insert(number, (created.to_owned(), fields.into_iter().rev().map(str::to_owned).collect::<Vec<_>>()));
        }
    }
    let any = facts.values().next().cloned();
    let record = |(number, (logger, level, message)): (usize, &(usize, Level, String))| {
        let levelno = match *level {
            Level::ERROR => 40,
            Level::WARN => 30,
            Level::INFO => 20,
            Level::DEBUG => 10,
            Level::TRACE => 5,
        };
        let mut record = json!({"name": LOGGERS[*logger].1, "levelno": levelno, "message": message, "created": "1700000000.5",
            "thread": 1, "threadName": "-", "lineno": 1, "pathname": "-", "process": 1});
        if let Some((created, fields)) = facts.get(&format!("{number:02}")).or(any.as_ref()) {
            record["created"] = json!(created);
            for ((name, _, _), field) in FACTS.iter().zip(fields).skip(1) {
                let number = field.trim().parse::<u64>().ok().filter(|_| *name != "threadName");
                record[*name] = number.map_or(json!(field), Value::from);
            }
        }
        record
    };
    case.lines.iter().enumerate().map(record).collect()
}

fn conf(random: &mut Random) -> Value {
    let (mut formatters, mut handlers) = (Map::new(), Map::new());
    for name in ["f", "g", "h"] {
        formatters.insert(name.to_owned(), formatter(random));
        handlers.insert(name.to_owned(), handler(random, name));
    }
    let mut loggers = Map::new();
    for name in [
        "hat",
        "hat.event",
        "hat.event.server",
        "hat.event.server.engine",
        "hat.event.eventer",
        "hat.drivers",
        "a",
        "a.b",
    ] {
        if random.once_in(3) {
            let mut logger = logger(random);
            if random.once_in(3) {
                logger["propagate"] = json!(random.once_in(2));
            }
            loggers.insert(name.to_owned(), logger);
        }
    }
    let mut conf = json!({"version": 1, "formatters": formatters, "handlers": handlers, "loggers": loggers});
    conf["root"] = logger(random);
    if !random.once_in(3) {
        conf["disable_existing_loggers"] = json!(random.once_in(2));
    }
    conf
}

fn logger(random: &mut Random) -> Value {
    // There is always one, as without any, lines go to standard error.
    let handlers: Vec<_> = (0..1 + random.below(2)).map(|_| random.pick(&["f", "g", "h"])).collect();
    let mut logger = json!({"handlers": handlers});
    if !random.once_in(4) {
        logger["level"] = json!(level(random));
    }
    logger
}

fn level(random: &mut Random) -> &'static str {
    random.pick(&["CRITICAL", "FATAL", "ERROR", "WARNING", "WARN", "INFO", "DEBUG", "NOTSET", "DEBUG", "NOTSET"])
}

fn handler(random: &mut Random, name: &str) -> Value {
    let mut handler = json!({"filename": format!("@/{name}.log"), "formatter": name, "encoding": "utf-8"});
    if random.once_in(3) {
        handler["level"] = json!(level(random));
    }
    if random.once_in(4) {
        handler["delay"] = json!(true);
    }
    if random.once_in(2) {
        handler["class"] = json!("logging.FileHandler");
        handler["mode"] = json!(random.pick(&["a", "w", "x"]));
    } else {
        handler["class"] = json!("logging.handlers.RotatingFileHandler");
        handler["maxBytes"] = json!(random.pick(&[0, 1, 150, 300, 1000]));
        // As many as there are lines, so that none is lost of which the reference has to be told.
        handler["backupCount"] = json!(random.pick(&[0, 1, 2, 30, 30]));
    }
    handler
}

fn formatter(random: &mut Random) -> Value {
    let style = random.pick(&["%", "%", "{"]);
    let facts: Vec<_> = FACTS
        .iter()
        .map(|(name, percent, brace)| match style {
            "%" => format!("%({name}){percent}"),
            _ if brace.is_empty() => format!("{{{name}}}"),
            _ => format!("{{{name}:{brace}}}"),
        })
        .collect();
    let mut format = facts.join(BETWEEN) + AFTER;
    let message = if style == "%" { "%(message)s" } else { "{message}" };
    format += message;
    for _ in 0..random.below(5) {
        format += random
            .pick(&[" ", "$", "", "x", "%%", "{{", "ž"])
            .replace("%%", if style == "%" { "%%" } else { "%" })
            .as_str();
        let text =
            random.pick(&["name", "levelname", "message", "asctime", "filename", "module", "pathname", "threadName"]);
        let integer = random.pick(&["levelno", "lineno", "process", "thread"]);
        let float = random.pick(&["created", "msecs"]);
        format += &if style == "%" {
            let flags = random.pick(&["", "-", "0", "+", " ", "-0", "+0"]);
            let width = random.pick(&["", "3", "12"]);
            match random.below(3) {
                0 => {
                    format!("%({text}){}{width}{}s", random.pick(&["", "-", "0"]), random.pick(&["", ".3", ".0", "."]))
                }
                1 => format!("%({integer}){flags}{width}{}", random.pick(&["d", "i", "s", ".3d", "f", ".1f"])),
                _ => format!("%({float}){flags}{width}{}", random.pick(&["d", "f", ".2f", ".0f", "s", "u"])),
            }
        } else {
            let align = random.pick(&["", "<", ">", "^", "*<", "-^", "ž>", "0>"]);
            let width = random.pick(&["", "3", "12"]);
            match random.below(3) {
                0 => format!("{{{text}:{align}{width}{}{}}}", random.pick(&["", ".3"]), random.pick(&["", "s"])),
                1 => format!(
                    "{{{integer}:{align}{}{width}{}}}",
                    random.pick(&["", "+", " ", "-"]),
                    random.pick(&["", "d", ".1f"])
                ),
                _ => format!("{{{float}:{align}{width}{}}}", random.pick(&["", "f", ".2f", ".0f"])),
            }
        };
    }
    let mut formatter = json!({"format": format});
    if style != "%" || random.once_in(4) {
        formatter["style"] = json!(style);
    }
    if random.once_in(2) {
        let directives: Vec<_> = (0..1 + random.below(4))
            .map(|_| {
                let directive = random.pick(&[
                    "Y", "m", "d", "H", "M", "S", "y", "j", "a", "A", "b", "B", "I", "p", "z", "Z", "c", "x", "X", "U",
                    "W", "w", "u", "V", "G", "g", "e", "F", "T", "R", "D", "C", "h", "k", "l", "P", "r", "s", "%",
                ]);
                format!("%{directive}{}", random.pick(&["", "-", ":", " ", "ž"]))
            })
            .collect();
        formatter["datefmt"] = json!(directives.concat());
    }
    formatter
}

fn placed(conf: &Value, folder: &std::path::Path) -> Value {
    match conf {
        Value::Object(members) => members.iter().map(|(key, value)| (key.clone(), placed(value, folder))).collect(),
        Value::Array(items) => items.iter().map(|value| placed(value, folder)).collect(),
        Value::String(text) if text.starts_with("@/") => json!(folder.join(&text[2..])),
        other => other.clone(),
    }
}

/// A folder that is removed when dropped.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Self {
        let path = std::env::temp_dir().join(format!("hat-event-logging-{}", std::process::id()));
        std::fs::create_dir(&path).unwrap();
        Self(path)
    }

    fn files(&self) -> BTreeMap<String, String> {
        let entries = std::fs::read_dir(&self.0).unwrap().map(|entry| entry.unwrap().path());
        entries
            .map(|path| {
                (path.file_name().unwrap().to_str().unwrap().to_owned(), std::fs::read_to_string(&path).unwrap())
            })
            .collect()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}
