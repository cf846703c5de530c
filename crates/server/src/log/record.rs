use std::fmt::{Debug, Write};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use tracing::field::{Field, Visit};
use tracing::{Event, Level};

use super::{level, names};

/// A line before it is formatted.
#[derive(Clone, Debug)]
pub(super) struct Record {
    pub(super) name: String,
    pub(super) levelno: u32,
    pub(super) levelname: &'static str,
    /// Since 1970, in UTC.
    pub(super) created: Duration,
    pub(super) message: String,
    pub(super) pathname: &'static str,
    pub(super) lineno: u32,
    pub(super) thread_name: String,
    pub(super) thread: u64,
}

impl Record {
    /// What was told at a place of the program, here and now.
    pub(super) fn new(event: &Event<'_>) -> Self {
        let mut text = Text::default();
        event.record(&mut text);
        let metadata = event.metadata();
        let message = if text.message.is_empty() {
            text.fields.strip_prefix(' ').unwrap_or_default().to_owned()
        } else {
            text.message + &text.fields
        };
        Self {
            pathname: metadata.file().unwrap_or("-"),
            lineno: metadata.line().unwrap_or(0),
            ..Self::plain(names::logger(metadata.target()).into_owned(), *metadata.level(), message)
        }
    }

    /// A line that no place of the program told.
    pub(super) fn plain(name: String, level: Level, message: String) -> Self {
        let current = std::thread::current();
        Self {
            name,
            levelno: level::number(level),
            levelname: level::name(level),
            created: SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default(),
            message,
            pathname: "-",
            lineno: 0,
            thread_name: match current.name() {
                Some("main") => "MainThread".to_owned(),
                name => name.unwrap_or("-").to_owned(),
            },
            thread: thread_number(current.id()),
        }
    }

    /// Milliseconds of the second, from 0 to 999: as Python counts them, which rounds to a double before.
    pub(super) fn msecs(&self) -> u32 {
        (self.created.as_secs_f64().fract() * 1000.0) as u32
    }

    /// About so many bytes it takes while it waits.
    pub(super) fn size(&self) -> usize {
        size_of::<Self>() + self.name.len() + self.message.len() + self.thread_name.len()
    }
}

/// The number in `ThreadId(1)`: the standard library gives it in no other way yet.
fn thread_number(id: std::thread::ThreadId) -> u64 {
    let text = format!("{id:?}");
    text.trim_matches(|c: char| !c.is_ascii_digit()).parse().unwrap_or(0)
}

/// The message of an event, and its other fields as ` key=value`.
#[derive(Default)]
struct Text {
    message: String,
    fields: String,
}

impl Visit for Text {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        // Writing to a `String` fails only if the value's own `Debug` does: then what it wrote stays.
        if field.name() == "message" {
            let _ = write!(self.message, "{value:?}");
        } else {
            let at = self.fields.len();
            let _ = write!(self.fields, "{value:?}");
            let value = self.fields.split_off(at);
            self.add(field.name(), &value);
        }
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        if field.name() == "message" {
            self.message += value;
        } else {
            self.add(field.name(), value);
        }
    }
}

impl Text {
    /// Control characters are escaped: a value often comes from outside, and is not to look like a line of its own.
    fn add(&mut self, name: &str, value: &str) {
        let _ = write!(self.fields, " {}=", name.strip_prefix("r#").unwrap_or(name));
        for c in value.chars() {
            if c.is_control() { self.fields.extend(c.escape_default()) } else { self.fields.push(c) }
        }
    }
}
