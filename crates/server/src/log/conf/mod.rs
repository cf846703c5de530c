//! The section `log:` of a configuration.

mod handlers;
mod hat_syslog;
mod loggers;
mod options;
mod syslog;

use std::collections::BTreeMap;
use std::fmt;

use serde_json::{Map, Value};
use tracing::level_filters::LevelFilter;

use super::error::LogError;
use super::format::{Format, Style};
use super::level;
pub(super) use handlers::{FileConf, HandlerConf, Kind, Mode, Stream, When};
pub(super) use hat_syslog::{CommType, HatSyslogConf};
pub(super) use loggers::LoggerConf;
use options::{Notes, object};
pub(super) use syslog::{Address, SyslogConf, Transport};

/// How lines are written when nothing is configured.
const PLAIN: &str = "%(asctime)s %(levelname)s %(name)s: %(message)s";

/// What is logged where: the section `log:` of a configuration, understood.
#[derive(Clone, Debug)]
pub struct LogConf {
    /// As it was given.
    pub(super) value: Value,
    pub(super) handlers: BTreeMap<String, HandlerConf>,
    /// The root logger is the one without a name.
    pub(super) loggers: BTreeMap<String, LoggerConf>,
    /// Loggers that are not named here, nor are below one that is, are silent.
    pub(super) disable_others: bool,
    /// Only levels are changed, and all else stays.
    incremental: bool,
}

/// Something in a configuration that does not mean here what it means in Python.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Warning {
    /// Where it stands, as `log.handlers.NAME.class`.
    pub place: String,
    /// What is done instead.
    pub text: String,
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.place, self.text)
    }
}

impl LogConf {
    /// Understands the configuration of a section `log:`.
    ///
    /// What this project does not do, or only does for names that Python would look up, is left out with a warning. Nothing is opened.
    ///
    /// # Errors
    ///
    /// [`LogError::Conf`] for what Python's `logging` refuses too.
    pub fn from_value(value: &Value) -> Result<(Self, Vec<Warning>), LogError> {
        let mut notes = Notes::default();
        let conf = Self::read(value, &mut notes)?;
        Ok((conf, notes.warnings))
    }

    /// What is logged without a configuration: lines of a level and above, on standard error.
    pub fn plain(filter: LevelFilter) -> Self {
        let format = Format::new(Style::Percent, PLAIN, None).map(|(format, _)| format).unwrap_or_default();
        let handler = HandlerConf { level: 0, format, kind: Kind::Stream(Stream::Stderr) };
        let root =
            LoggerConf { level: Some(level::of_filter(filter)), handlers: vec!["stderr".to_owned()], propagate: true };
        Self {
            value: Value::Null,
            handlers: [("stderr".to_owned(), handler)].into(),
            loggers: [(String::new(), root)].into(),
            disable_others: false,
            incremental: false,
        }
    }

    /// What there is before the first configuration.
    pub(super) fn nothing() -> Self {
        let (handlers, loggers) = (BTreeMap::new(), BTreeMap::new());
        Self { value: Value::Null, handlers, loggers, disable_others: false, incremental: false }
    }

    /// Where this one only changes levels, it becomes the other one with those levels.
    pub(super) fn after(self, current: &Self) -> Result<Self, LogError> {
        if !self.incremental {
            return Ok(self);
        }
        let mut next = Self { value: self.value, ..current.clone() };
        for (name, conf) in self.handlers {
            let handler = next.handlers.get_mut(&name).ok_or_else(|| unknown(format!("log.handlers.{name}")))?;
            if conf.level > 0 {
                handler.level = conf.level;
            }
        }
        for (name, conf) in self.loggers {
            let logger = next.loggers.entry(name).or_default();
            logger.level = conf.level.or(logger.level);
            logger.propagate = conf.propagate;
        }
        Ok(next)
    }

    fn read(value: &Value, notes: &mut Notes) -> Result<Self, LogError> {
        let conf = object(value, "log")?;
        match conf.get("version").and_then(Value::as_f64) {
            Some(1.0) => {}
            _ => return Err(LogError::Conf { place: "log.version".to_owned(), reason: "it has to be 1".to_owned() }),
        }
        for key in conf.keys() {
            if ![
                "version",
                "formatters",
                "filters",
                "handlers",
                "loggers",
                "root",
                "incremental",
                "disable_existing_loggers",
            ]
            .contains(&key.as_str())
            {
                notes.add(format!("log.{key}"), "it is not known and has no effect");
            }
        }
        let incremental = flag(conf, "incremental", false)?;
        let mut formats = BTreeMap::new();
        for (name, value) in section(conf, "formatters")? {
            formats.insert(name.clone(), formatter(value, &format!("log.formatters.{name}"), notes)?);
        }
        for (name, _) in section(conf, "filters")? {
            notes.add(format!("log.filters.{name}"), "there are no filters here: all lines pass");
        }
        let (mut handlers, mut refused) = (BTreeMap::new(), Vec::new());
        for (name, value) in section(conf, "handlers")? {
            let place = format!("log.handlers.{name}");
            let handler = if incremental {
                Some(HandlerConf::only_level(value, &place)?)
            } else {
                HandlerConf::read(value, &place, &formats, notes)?
            };
            match handler {
                Some(handler) => drop(handlers.insert(name.clone(), handler)),
                None => refused.push(name.clone()),
            }
        }
        let known = |name: &str| handlers.contains_key(name) || incremental;
        let mut loggers = BTreeMap::new();
        for (name, value) in section(conf, "loggers")? {
            let logger = LoggerConf::read(value, &format!("log.loggers.{name}"), &known, &refused, notes)?;
            let name = if name == "root" { "" } else { name };
            loggers.insert(name.to_owned(), logger);
        }
        // One that is empty leaves the root logger as it is.
        let root = conf.get("root").filter(|root| !root.is_null() && *root != &Value::Object(Map::new()));
        if let Some(value) = root {
            loggers.insert(String::new(), LoggerConf::read(value, "log.root", &known, &refused, notes)?);
        }
        let disable_others = flag(conf, "disable_existing_loggers", true)? && !incremental;
        Ok(Self { value: value.clone(), handlers, loggers, disable_others, incremental })
    }
}

fn formatter(value: &Value, place: &str, notes: &mut Notes) -> Result<Format, LogError> {
    let conf = object(value, place)?;
    let mut options = options::Options::new(conf, place);
    if !options.plain_class(notes, &["logging.Formatter"])? {
        return Ok(Format::default());
    }
    let (format, datefmt) = (options.text("format")?, options.text("datefmt")?);
    let style = match options.text("style")?.as_deref() {
        None | Some("%") => Style::Percent,
        Some("{") => Style::Brace,
        Some("$") => Style::Dollar,
        Some(other) => {
            return Err(options.error("style", format!("there is no style {other:?}; known are %, {{ and $")));
        }
    };
    // A format is always checked.
    options.take("validate");
    options.rest(notes);
    let Some(format) = format.filter(|format| !format.is_empty()) else {
        let (format, _) = Format::new(Style::Percent, "%(message)s", datefmt).unwrap_or_default();
        return Ok(format);
    };
    if let Some(directive) = datefmt.as_deref().and_then(super::strftime::unknown) {
        notes.add(format!("{place}.datefmt"), format!("{directive} is not known and is written as it is"));
    }
    match Format::new(style, &format, datefmt) {
        Ok((format, about)) => {
            about.into_iter().for_each(|about| notes.add(format!("{place}.format"), about));
            Ok(format)
        }
        Err(why) => {
            notes.add(format!("{place}.format"), format!("{why}: only the message is written"));
            Ok(Format::default())
        }
    }
}

fn section<'a>(conf: &'a Map<String, Value>, key: &str) -> Result<Vec<(&'a String, &'a Value)>, LogError> {
    match conf.get(key) {
        None => Ok(Vec::new()),
        Some(value) => Ok(object(value, &format!("log.{key}"))?.iter().collect()),
    }
}

fn flag(conf: &Map<String, Value>, key: &str, default: bool) -> Result<bool, LogError> {
    match conf.get(key) {
        None => Ok(default),
        Some(Value::Bool(flag)) => Ok(*flag),
        Some(_) => {
            Err(LogError::Conf { place: format!("log.{key}"), reason: "it is neither true nor false".to_owned() })
        }
    }
}

fn unknown(place: String) -> LogError {
    LogError::Conf { place, reason: "there is no such handler".to_owned() }
}
