use std::collections::BTreeMap;
use std::path::PathBuf;

use serde_json::Value;

use super::hat_syslog::{HatSyslogConf, hat_syslog};
use super::options::{Notes, Options, object};
use super::syslog::{SyslogConf, syslog};
use crate::log::error::LogError;
use crate::log::format::Format;
use crate::log::level;

/// Who writes lines.
#[derive(Clone, Debug)]
pub(in crate::log) struct HandlerConf {
    pub(in crate::log) level: u32,
    pub(in crate::log) format: Format,
    pub(in crate::log) kind: Kind,
}

/// What lines are written to.
#[derive(Clone, Debug)]
pub(in crate::log) enum Kind {
    Null,
    Stream(Stream),
    File(FileConf),
    /// Renamed before it gets as long as `max_bytes`; 0 is never.
    Rotating {
        file: FileConf,
        max_bytes: u64,
        backups: u32,
    },
    /// Renamed when the time has come.
    Timed {
        file: FileConf,
        when: When,
        interval: i64,
        backups: u32,
        utc: bool,
    },
    Syslog(SyslogConf),
    HatSyslog(HatSyslogConf),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::log) enum Stream {
    Stderr,
    Stdout,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::log) struct FileConf {
    pub(in crate::log) path: PathBuf,
    pub(in crate::log) mode: Mode,
    /// It is opened for its first line.
    pub(in crate::log) delay: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::log) enum Mode {
    Append,
    Truncate,
    CreateNew,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::log) enum When {
    Second,
    Minute,
    Hour,
    Day,
    Midnight,
    /// From 0 for Monday.
    Weekday(u32),
}

const CLASSES: &[&str] = &[
    "logging.StreamHandler",
    "logging.NullHandler",
    "logging.FileHandler",
    "logging.handlers.RotatingFileHandler",
    "logging.handlers.TimedRotatingFileHandler",
    "logging.handlers.SysLogHandler",
    "hat.syslog.handler.SyslogHandler",
    "hat.syslog.handler.SysLogHandler",
];

impl HandlerConf {
    /// Of a configuration that only changes levels, nothing else counts.
    pub(super) fn only_level(value: &Value, place: &str) -> Result<Self, LogError> {
        let mut options = Options::new(object(value, place)?, place);
        Ok(Self { level: read_level(&mut options)?, format: Format::default(), kind: Kind::Null })
    }

    /// Reads one, or leaves it out with a warning.
    pub(super) fn read(
        value: &Value,
        place: &str,
        formats: &BTreeMap<String, Format>,
        notes: &mut Notes,
    ) -> Result<Option<Self>, LogError> {
        let mut options = Options::new(object(value, place)?, place);
        if !options.plain_class(notes, CLASSES)? {
            return Ok(None);
        }
        let level = read_level(&mut options)?;
        let format = match options.text("formatter")?.filter(|name| !name.is_empty()) {
            None => Format::default(),
            Some(name) => match formats.get(&name) {
                Some(format) => format.clone(),
                None => return Err(options.error("formatter", format!("there is no formatter {name:?}"))),
            },
        };
        if !options.texts("filters")?.is_empty() {
            notes.add(format!("{place}.filters"), "there are no filters here: all lines pass");
        }
        let kind = match options.text("class")?.as_deref() {
            Some("logging.StreamHandler") => stream(&mut options, place, notes)?,
            Some("logging.NullHandler") => Some(Kind::Null),
            Some("logging.FileHandler") => file(&mut options, place, notes)?.map(Kind::File),
            Some("logging.handlers.RotatingFileHandler") => rotating(&mut options, place, notes)?,
            Some("logging.handlers.TimedRotatingFileHandler") => timed(&mut options, place, notes)?,
            Some("logging.handlers.SysLogHandler") => syslog(&mut options, place, notes)?,
            // One is an older name of the other.
            Some(_) => hat_syslog(&mut options, place, notes)?,
            None => return Err(options.error("class", "it is missing")),
        };
        options.rest(notes);
        Ok(kind.map(|kind| Self { level, format, kind }))
    }
}

fn read_level(options: &mut Options<'_>) -> Result<u32, LogError> {
    match options.take("level").filter(|level| !level.is_null()) {
        Some(level) => level::parse(level).map_err(|why| options.error("level", why)),
        None => Ok(0),
    }
}

fn stream(options: &mut Options<'_>, place: &str, notes: &mut Notes) -> Result<Option<Kind>, LogError> {
    let stream = match options.text("stream")?.as_deref() {
        None | Some("ext://sys.stderr") => Stream::Stderr,
        Some("ext://sys.stdout") => Stream::Stdout,
        Some(other) => {
            let known = "known are ext://sys.stderr and ext://sys.stdout";
            notes.add(
                format!("{place}.stream"),
                format!("{other:?} is not looked up: the handler is left out; {known}"),
            );
            return Ok(None);
        }
    };
    Ok(Some(Kind::Stream(stream)))
}

fn file(options: &mut Options<'_>, place: &str, notes: &mut Notes) -> Result<Option<FileConf>, LogError> {
    let path = options.text("filename")?.ok_or_else(|| options.error("filename", "it is missing"))?;
    if path.starts_with("ext://") || path.starts_with("cfg://") {
        notes.add(format!("{place}.filename"), format!("{path:?} is not looked up: the handler is left out"));
        return Ok(None);
    }
    if path.is_empty() || path.contains('\0') {
        return Err(options.error("filename", "it is no name of a file"));
    }
    let mode = match options.text("mode")?.as_deref() {
        None | Some("a" | "at") => Mode::Append,
        Some("w" | "wt") => Mode::Truncate,
        Some("x" | "xt") => Mode::CreateNew,
        Some(other) => return Err(options.error("mode", format!("{other:?} is not known; known are a, w and x"))),
    };
    match options.text("encoding")?.map(|name| name.to_ascii_lowercase().replace(['_', ' '], "-")).as_deref() {
        None | Some("utf-8" | "utf8" | "locale") => {}
        Some(other) => notes.add(format!("{place}.encoding"), format!("lines are written in UTF-8, not in {other:?}")),
    }
    // UTF-8 can write everything.
    options.take("errors");
    let delay = options.flag("delay")?.unwrap_or(false);
    let path = std::path::absolute(path).map_err(|error| options.error("filename", error.to_string()))?;
    Ok(Some(FileConf { path, mode, delay }))
}

fn backups(options: &mut Options<'_>) -> Result<u32, LogError> {
    // Each is looked at when a file is full, so that there cannot be more of them than one would want to have.
    let count = options.number("backupCount")?.unwrap_or(0);
    u32::try_from(count)
        .ok()
        .filter(|count| *count <= 10_000)
        .ok_or_else(|| options.error("backupCount", "it is above 10000"))
}

fn rotating(options: &mut Options<'_>, place: &str, notes: &mut Notes) -> Result<Option<Kind>, LogError> {
    let Some(mut file) = file(options, place, notes)? else { return Ok(None) };
    let max_bytes = options.number("maxBytes")?.unwrap_or(0);
    if max_bytes > 0 {
        file.mode = Mode::Append;
    }
    Ok(Some(Kind::Rotating { file, max_bytes, backups: backups(options)? }))
}

fn timed(options: &mut Options<'_>, place: &str, notes: &mut Notes) -> Result<Option<Kind>, LogError> {
    let Some(mut file) = file(options, place, notes)? else { return Ok(None) };
    file.mode = Mode::Append;
    let when = options.text("when")?.unwrap_or_else(|| "H".to_owned()).to_ascii_uppercase();
    let (when, seconds) = match when.as_str() {
        "S" => (When::Second, 1),
        "M" => (When::Minute, 60),
        "H" => (When::Hour, 3600),
        "D" => (When::Day, 86_400),
        "MIDNIGHT" => (When::Midnight, 86_400),
        other => match other.strip_prefix('W').and_then(|day| day.parse().ok()).filter(|day| *day <= 6) {
            Some(day) if other.len() == 2 => (When::Weekday(day), 7 * 86_400),
            _ => {
                return Err(
                    options.error("when", format!("{other:?} is not known; known are S, M, H, D, midnight, W0 to W6"))
                );
            }
        },
    };
    let interval = options.number("interval")?.unwrap_or(1);
    let interval = i64::try_from(interval).ok().filter(|count| (1..=1_000_000).contains(count));
    let interval = seconds * interval.ok_or_else(|| options.error("interval", "it is not within 1 and 1000000"))?;
    if options.take("atTime").is_some_and(|at| !at.is_null()) {
        return Err(options.error("atTime", "JSON has no time of day"));
    }
    let utc = options.flag("utc")?.unwrap_or(false);
    Ok(Some(Kind::Timed { file, when, interval, backups: backups(options)?, utc }))
}
