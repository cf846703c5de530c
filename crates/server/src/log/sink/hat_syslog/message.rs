use std::borrow::Cow;
use std::fmt::Write;
use std::time::Duration;

use tracing::Level;

use crate::log::level;
use crate::log::local::Zone;
use crate::log::record::Record;
use crate::log::strftime::strftime;

/// The facility `user`.
const FACILITY: u32 = 1;
/// The logger of messages about messages.
const OWN: &str = "hat.syslog.handler";

/// What all messages of this process begin with.
#[derive(Debug)]
pub(super) struct Head {
    hostname: String,
    app_name: String,
    procid: u32,
}

impl Head {
    pub(super) fn of_process() -> Self {
        let program = std::env::args_os().next().unwrap_or_default();
        Self { hostname: hostname(), app_name: program.to_string_lossy().into_owned(), procid: std::process::id() }
    }

    /// A line as RFC 5424 has it, with the data that Hat adds.
    pub(super) fn message(&self, record: &Record) -> Vec<u8> {
        // What is the name of a function in Python is not known here.
        self.write(record, "-")
    }

    /// Says how many messages did not find a place in the queue.
    pub(super) fn dropped(&self, count: u64) -> Vec<u8> {
        let record = Record::plain(OWN.to_owned(), Level::ERROR, format!("dropped {count} log messages"));
        self.write(&record, "_logging_handler_thread")
    }

    fn write(&self, record: &Record, function: &str) -> Vec<u8> {
        let priority = FACILITY << 3 | level::severity(record.levelno);
        let mut text = format!("<{priority}>1 ");
        timestamp(record.created, &mut text);
        let id: String = record.name.chars().take(32).collect();
        // Writing to a `String` does not fail.
        let _ = write!(
            text,
            " {} {} {} {} [hat@1 name=\"{}\" thread=\"{}\" funcName=\"{}\" lineno=\"{}\"]",
            word(&self.hostname),
            word(&self.app_name),
            self.procid,
            word(&id),
            escaped(&record.name),
            record.thread,
            function,
            record.lineno
        );
        if !record.message.is_empty() {
            // Three letters, not the mark of that name.
            text += " BOM";
            text += &record.message;
        }
        text.into_bytes()
    }
}

/// One word of the head: another one would be taken for the next field.
fn word(text: &str) -> Cow<'_, str> {
    match text {
        "" => "-".into(),
        text if text.contains(' ') => text.replace(' ', "_").into(),
        text => text.into(),
    }
}

fn escaped(text: &str) -> Cow<'_, str> {
    if !text.contains(['\\', '"', ']']) {
        return text.into();
    }
    let mut escaped = String::new();
    for c in text.chars() {
        if matches!(c, '\\' | '"' | ']') {
            escaped.push('\\');
        }
        escaped.push(c);
    }
    escaped.into()
}

/// In UTC, with microseconds unless there are none, of the double that Python has; nothing at the very beginning.
fn timestamp(created: Duration, out: &mut String) {
    let seconds = created.as_secs_f64();
    if seconds == 0.0 {
        return out.push('-');
    }
    let micros = (seconds.fract() * 1e6).round_ties_even() as u64;
    let at = Duration::from_secs(seconds as u64) + Duration::from_micros(micros);
    strftime("%Y-%m-%dT%H:%M:%S", &Zone::utc().fields(at), out);
    if at.subsec_micros() > 0 {
        let _ = write!(out, ".{:06}", at.subsec_micros());
    }
    out.push('Z');
}

#[cfg(unix)]
fn hostname() -> String {
    rustix::system::uname().nodename().to_string_lossy().into_owned()
}

#[cfg(not(unix))]
fn hostname() -> String {
    std::env::var("COMPUTERNAME").unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What the encoder of hat-syslog 0.7.28 made of the same records, but for the space in the first name.
    #[test]
    fn messages_are_those_of_python() {
        let head = Head { hostname: "host".to_owned(), app_name: "/usr/bin/hat-event".to_owned(), procid: 7 };
        for (name, levelno, message, created, thread, lineno, expected) in [
            (
                "hat.event.server.engine",
                20,
                "started",
                1_795_660_721_378_899_000,
                1,
                42,
                r#"<14>1 2026-11-26T02:38:41.378899Z host /usr/bin/hat-event 7 hat.event.server.engine [hat@1 name="hat.event.server.engine" thread="1" funcName="-" lineno="42"] BOMstarted"#,
            ),
            (
                "a",
                10,
                "line\nžđ \"x\" ]\\",
                1_700_000_000_000_000_000,
                23,
                0,
                "<15>1 2023-11-14T22:13:20Z host /usr/bin/hat-event 7 a [hat@1 name=\"a\" thread=\"23\" funcName=\"-\" lineno=\"0\"] BOMline\nžđ \"x\" ]\\",
            ),
            (
                "a\"b]c\\d",
                30,
                "",
                1_700_000_000_500_000_000,
                1,
                1,
                r#"<12>1 2023-11-14T22:13:20.500000Z host /usr/bin/hat-event 7 a"b]c\d [hat@1 name="a\"b\]c\\d" thread="1" funcName="-" lineno="1"]"#,
            ),
            (
                "hat.event.backends.žžžžžžžžžžžžžžžžžžžžžž",
                40,
                "e",
                1_700_000_000_000_000_500,
                1,
                1,
                r#"<11>1 2023-11-14T22:13:20Z host /usr/bin/hat-event 7 hat.event.backends.žžžžžžžžžžžžž [hat@1 name="hat.event.backends.žžžžžžžžžžžžžžžžžžžžžž" thread="1" funcName="-" lineno="1"] BOMe"#,
            ),
            (
                "a",
                50,
                "half",
                1_700_000_000_999_999_800,
                1,
                1,
                r#"<10>1 2023-11-14T22:13:21Z host /usr/bin/hat-event 7 a [hat@1 name="a" thread="1" funcName="-" lineno="1"] BOMhalf"#,
            ),
            (
                "",
                20,
                "x",
                0,
                1,
                1,
                r#"<14>1 - host /usr/bin/hat-event 7 - [hat@1 name="" thread="1" funcName="-" lineno="1"] BOMx"#,
            ),
            (
                "a",
                20,
                "x",
                500,
                1,
                1,
                r#"<14>1 1970-01-01T00:00:00Z host /usr/bin/hat-event 7 a [hat@1 name="a" thread="1" funcName="-" lineno="1"] BOMx"#,
            ),
            (
                "a",
                20,
                "x",
                1500,
                1,
                1,
                r#"<14>1 1970-01-01T00:00:00.000002Z host /usr/bin/hat-event 7 a [hat@1 name="a" thread="1" funcName="-" lineno="1"] BOMx"#,
            ),
        ] {
            let plain = Record::plain(name.to_owned(), Level::INFO, message.to_owned());
            let record = Record { levelno, created: Duration::from_nanos(created), thread, lineno, ..plain };
            assert_eq!(String::from_utf8(head.message(&record)).unwrap(), expected);
        }
        let head = Head { app_name: "my program".to_owned(), ..head };
        let dropped = String::from_utf8(head.dropped(312)).unwrap();
        let (before, rest) = dropped.split_once("Z host ").unwrap();
        assert!(before.starts_with("<11>1 20"), "{before}");
        let (rest, after) = rest.split_once("\" funcName").unwrap();
        assert!(
            rest.starts_with("my_program 7 hat.syslog.handler [hat@1 name=\"hat.syslog.handler\" thread=\""),
            "{rest}"
        );
        assert_eq!(after, "=\"_logging_handler_thread\" lineno=\"0\"] BOMdropped 312 log messages");
    }
}
