use std::borrow::Cow;
use std::path::Path;

use super::STARTED;
use crate::log::record::Record;

/// What a line can show of a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Attribute {
    Asctime,
    Created,
    Filename,
    LevelName,
    LevelNo,
    LineNo,
    Message,
    Module,
    Msecs,
    Name,
    PathName,
    Process,
    ProcessName,
    RelativeCreated,
    Thread,
    ThreadName,
    /// Nothing that can be known here.
    Unknown,
}

/// What an attribute is, as Python has it.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Content<'a> {
    Text(Cow<'a, str>),
    Integer(u64),
    Float(f64),
}

impl Attribute {
    /// The attribute of a name, or a note about it.
    pub(super) fn named(name: &str, notes: &mut Vec<String>) -> Self {
        match name {
            "asctime" => Self::Asctime,
            "created" => Self::Created,
            "filename" => Self::Filename,
            "levelname" => Self::LevelName,
            "levelno" => Self::LevelNo,
            "lineno" => Self::LineNo,
            "message" | "msg" => Self::Message,
            "module" => Self::Module,
            "msecs" => Self::Msecs,
            "name" => Self::Name,
            "pathname" => Self::PathName,
            "process" => Self::Process,
            "processName" => Self::ProcessName,
            "relativeCreated" => Self::RelativeCreated,
            "thread" => Self::Thread,
            "threadName" => Self::ThreadName,
            _ => {
                notes.push(format!("{name:?} is not known of a line, - is written instead"));
                Self::Unknown
            }
        }
    }

    pub(super) fn is_integer(self) -> bool {
        matches!(self, Self::LevelNo | Self::LineNo | Self::Process | Self::Thread)
    }

    pub(super) fn is_number(self) -> bool {
        self.is_integer() || matches!(self, Self::Created | Self::Msecs | Self::RelativeCreated)
    }

    pub(super) fn of(self, record: &Record) -> Content<'_> {
        let text = |text| Content::Text(Cow::Borrowed(text));
        let path = Path::new(record.pathname);
        match self {
            // The format knows it, not the record.
            Self::Asctime | Self::Unknown => text("-"),
            Self::Created => Content::Float(record.created.as_secs_f64()),
            Self::Filename => Content::Text(path.file_name().unwrap_or_default().to_string_lossy()),
            Self::LevelName => text(record.levelname),
            Self::LevelNo => Content::Integer(record.levelno.into()),
            Self::LineNo => Content::Integer(record.lineno.into()),
            Self::Message => text(&record.message),
            Self::Module => Content::Text(path.file_stem().unwrap_or_default().to_string_lossy()),
            Self::Msecs => Content::Float(record.msecs().into()),
            Self::Name => text(&record.name),
            Self::PathName => text(record.pathname),
            Self::Process => Content::Integer(std::process::id().into()),
            Self::ProcessName => text("MainProcess"),
            Self::RelativeCreated => Content::Float((record.created.as_secs_f64() - STARTED.1) * 1000.0),
            Self::Thread => Content::Integer(record.thread),
            Self::ThreadName => text(&record.thread_name),
        }
    }
}
