//! What lines are written to.

mod file;
mod hat_syslog;
mod lost;
mod rotating;
mod syslog;
mod timed;

use std::io::Write;
use std::time::Instant;

use super::conf::{Kind, Stream};
use super::error::LogError;
use super::local::Zone;
use super::record::Record;
use file::FileSink;
use hat_syslog::HatSyslog;
use lost::Lost;
use rotating::Rotating;
use syslog::Syslog;
use timed::Timed;

/// Something open. What cannot be written is lost; that it was, is told on standard error once, and when it is over.
#[derive(Debug)]
pub(super) enum Sink {
    Null,
    Stream { stream: Stream, lines: Vec<u8> },
    File(FileSink),
    Rotating(Rotating),
    Timed(Timed),
    Syslog(Box<Syslog>),
    HatSyslog(Box<HatSyslog>),
}

impl Sink {
    pub(super) fn open(name: &str, kind: &Kind, zone: &Zone) -> Result<Self, LogError> {
        let lost = || Lost::new(name);
        Ok(match kind {
            Kind::Null => Self::Null,
            Kind::Stream(stream) => Self::Stream { stream: *stream, lines: Vec::new() },
            Kind::File(file) => Self::File(FileSink::open(lost(), file)?),
            Kind::Rotating { file, max_bytes, backups } => {
                Self::Rotating(Rotating::new(FileSink::open(lost(), file)?, *max_bytes, *backups))
            }
            Kind::Timed { file, when, interval, backups, utc } => {
                let zone = if *utc { Zone::utc() } else { zone.clone() };
                Self::Timed(Timed::new(lost(), file, *when, *interval, *backups, zone)?)
            }
            Kind::Syslog(conf) => Self::Syslog(Box::new(Syslog::open(lost(), conf)?)),
            Kind::HatSyslog(conf) => Self::HatSyslog(Box::new(HatSyslog::open(lost(), conf)?)),
        })
    }

    /// Takes a line, which is written at the next flush or before.
    pub(super) fn write(&mut self, record: &Record, line: &str) {
        match self {
            Self::Null => {}
            Self::Stream { lines, .. } => {
                lines.extend_from_slice(line.as_bytes());
                lines.push(b'\n');
            }
            Self::File(file) => file.write(line),
            Self::Rotating(file) => file.write(line),
            Self::Timed(file) => file.write(record.created, line),
            Self::Syslog(syslog) => syslog.write(record.levelno, line),
            Self::HatSyslog(syslog) => syslog.write(record),
        }
    }

    pub(super) fn flush(&mut self) {
        match self {
            Self::Null | Self::Syslog(_) | Self::HatSyslog(_) => {}
            Self::Stream { stream, lines } => {
                // Where should it be told?
                let _ = match stream {
                    Stream::Stderr => std::io::stderr().write_all(lines),
                    Stream::Stdout => {
                        let mut stdout = std::io::stdout().lock();
                        stdout.write_all(lines).and_then(|()| stdout.flush())
                    }
                };
                lines.clear();
            }
            Self::File(file) => file.flush(),
            Self::Rotating(file) => file.file.flush(),
            Self::Timed(file) => file.file.flush(),
        }
    }

    /// Has a thread of its own, if there is one, send what waits and end, both at the latest then.
    pub(super) fn stop(&self, until: Instant) {
        if let Self::HatSyslog(syslog) = self {
            syslog.stop(until);
        }
    }

    /// Waits until that thread has ended, at the latest until then.
    pub(super) fn wait(&self, until: Instant) {
        if let Self::HatSyslog(syslog) = self {
            syslog.wait(until);
        }
    }
}
