//! Messages as text for people: a line about each, and its content below.

use std::io::Write;

use hat_event_chatter::{Frame, Msg};
use hat_event_common::{
    Data, Event, EventId, EventPayload, EventType, Message, MsgRegisterRes, RegisterEvent, Timestamp, json_text,
    timestamp_to_datetime,
};

use super::describe::describe;
use super::printer::{Content, FAULTY, UNKNOWN};
use crate::failure::Failure;
use crate::output::{Output, Styles, escape};

/// Wide enough for the names of most message types.
const TYPE_WIDTH: usize = 26;

/// What is wider than that has no part in how wide its column is.
const MAX_COLUMN: usize = 72;

/// More bytes than that tell nobody anything.
const MAX_BYTES: usize = 16;

/// As wide as what stands in front of a message's type.
const INDENT: &str = "          ";

pub(super) fn print(out: &mut Output, frame: &Frame, msg: &Msg, content: &Content) -> Result<(), Failure> {
    let Styles { strong, faint, wrong, .. } = out.styles();
    let name = escape(&msg.data.data_type);
    let conversation = conversation(msg);
    writeln!(
        out,
        "{faint}{:>8}{faint:#}  {strong}{name:TYPE_WIDTH$}{strong:#}  {faint}{conversation}{faint:#}",
        frame.offset
    )?;
    match content {
        Content::Message(message) => {
            for line in describe(message) {
                writeln!(out, "{INDENT}{}", escape(&line))?;
            }
            events(out, message)?;
        }
        Content::Data(Data::None) => {}
        Content::Data(data) => {
            let text = json_text(data).map_err(|error| Failure::Input(error.to_string()))?;
            writeln!(out, "{INDENT}{text}")?;
        }
        Content::Unknown(data) => writeln!(out, "{INDENT}{UNKNOWN}, {}", bytes_text(data))?,
        Content::Faulty(data) => writeln!(out, "{INDENT}{wrong}{FAULTY}{wrong:#}, {}", bytes_text(data))?,
    }
    Ok(())
}

/// The events in a message, in columns.
fn events(out: &mut Output, message: &Message) -> Result<(), Failure> {
    let styles = out.styles();
    let rows: Vec<Row> = match message {
        Message::EventsNotify(notify) => notify.0.iter().map(Row::of).collect(),
        Message::RegisterReq(req) => req.0.iter().map(Row::of_register).collect(),
        Message::RegisterRes(MsgRegisterRes::Events(events)) => events.iter().map(Row::of).collect(),
        Message::QueryRes(res) => res.0.events.iter().map(Row::of).collect(),
        _ => Vec::new(),
    };
    let width = |cell: fn(&Row) -> &str| {
        rows.iter().map(|row| cell(row).chars().count()).filter(|width| *width <= MAX_COLUMN).max().unwrap_or(0)
    };
    let (type_width, id_width, times_width) =
        (width(|row| &row.event_type), width(|row| &row.id), width(|row| &row.times));
    for Row { event_type, id, times, payload } in &rows {
        let (name, faint) = (styles.name, styles.faint);
        let mut line = format!("{INDENT}{name}{event_type:type_width$}{name:#}");
        if id_width > 0 {
            line += &format!("  {id:id_width$}");
        }
        if times_width > 0 {
            line += &format!("  {faint}{times:times_width$}{faint:#}");
        }
        line += &format!("  {payload}");
        writeln!(out, "{}", line.trim_end())?;
    }
    Ok(())
}

/// An event, in columns; what it has not is empty. Nothing in it controls the terminal.
struct Row {
    event_type: String,
    id: String,
    times: String,
    payload: String,
}

impl Row {
    fn of(event: &Event) -> Self {
        let Event { id, event_type, timestamp, source_timestamp, payload } = event;
        let source = source_timestamp.map(|t| format!(" (source {})", time(t))).unwrap_or_default();
        Self {
            event_type: type_name(event_type),
            id: id_name(*id),
            times: time(*timestamp) + &source,
            payload: payload.as_ref().map(payload_text).unwrap_or_default(),
        }
    }

    fn of_register(event: &RegisterEvent) -> Self {
        Self {
            event_type: type_name(&event.event_type),
            id: String::new(),
            times: event.source_timestamp.map(|t| format!("(source {})", time(t))).unwrap_or_default(),
            payload: event.payload.as_ref().map(payload_text).unwrap_or_default(),
        }
    }
}

/// The segments joined by `/`; what that would not show is written otherwise.
pub(super) fn type_name(event_type: &EventType) -> String {
    match event_type.len() {
        0 => "(no segments)".to_owned(),
        1 if event_type.segment(0) == Some("") => "\"\"".to_owned(),
        _ => escape(&event_type.to_string()),
    }
}

/// Server, session and instance.
pub(super) fn id_name(id: EventId) -> String {
    format!("{}.{}.{}", id.server, id.session, id.instance)
}

/// Date and time in UTC, or seconds since 1970 where the date has more than four digits of a year.
pub(super) fn time(t: Timestamp) -> String {
    let date = timestamp_to_datetime(t).ok().filter(|date| date.year() >= 0);
    date.map_or_else(
        || format!("{t} s"),
        |date| {
            format!(
                "{:04}-{:02}-{:02} {:02}:{:02}:{:02}.{:06}Z",
                date.year(),
                u8::from(date.month()),
                date.day(),
                date.hour(),
                date.minute(),
                date.second(),
                date.microsecond()
            )
        },
    )
}

fn payload_text(payload: &EventPayload) -> String {
    match payload {
        EventPayload::Json(json) => escape(json.text()),
        EventPayload::Binary(binary) => {
            format!("binary {}, {}", escape(&format!("{:?}", &*binary.binary_type)), bytes_text(&binary.data))
        }
    }
}

/// How many bytes, and the first of them.
fn bytes_text(data: &[u8]) -> String {
    let shown: String = data.iter().take(MAX_BYTES).map(|byte| format!("{byte:02x}")).collect();
    let more = if data.len() > MAX_BYTES { "…" } else { "" };
    match data.len() {
        0 => "empty".to_owned(),
        1 => format!("1 byte: {shown}"),
        len => format!("{len} bytes: {shown}{more}"),
    }
}

/// Which message this is in which conversation. That a message is all of its conversation goes without saying.
fn conversation(msg: &Msg) -> String {
    let whose = if msg.owner { "" } else { "the other side's " };
    let place = match (msg.is_first(), msg.last) {
        (true, true) => String::new(),
        (true, false) => format!(" begins {whose}conversation {}", msg.first),
        (false, true) => format!(" ends {whose}conversation {}", msg.first),
        (false, false) => format!(" goes on with {whose}conversation {}", msg.first),
    };
    let token = if msg.token { "" } else { ", keeps the token" };
    format!("message {}{place}{token}", msg.id)
}
