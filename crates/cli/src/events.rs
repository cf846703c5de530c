//! Events as text for people, in columns.

use std::io::Write;

use hat_event_common::{
    Event, EventId, EventPayload, EventType, RegisterEvent, Timestamp, json_text, timestamp_to_datetime,
};

use crate::failure::Failure;
use crate::output::{Output, escape};

/// What is wider than that has no part in how wide its column is.
const MAX_COLUMN: usize = 72;

/// More bytes than that tell nobody anything.
const MAX_BYTES: usize = 16;

/// Prints events, in columns, or as a JSON object a line.
pub(crate) fn print_events(out: &mut Output, events: &[Event], json: bool) -> Result<(), Failure> {
    if !json {
        return print_rows(out, "", &events.iter().map(Row::of).collect::<Vec<_>>());
    }
    for event in events {
        // ASCII only, so that nothing in it controls the terminal.
        let text = json_text(event).map_err(|error| Failure::Input(error.to_string()))?;
        writeln!(out, "{text}")?;
    }
    Ok(())
}

/// Prints rows with their columns below one another.
pub(crate) fn print_rows(out: &mut Output, indent: &str, rows: &[Row]) -> Result<(), Failure> {
    let styles = out.styles();
    let width = |cell: fn(&Row) -> &str| {
        rows.iter().map(|row| cell(row).chars().count()).filter(|width| *width <= MAX_COLUMN).max().unwrap_or(0)
    };
    let (type_width, id_width, times_width) =
        (width(|row| &row.event_type), width(|row| &row.id), width(|row| &row.times));
    for Row { event_type, id, times, payload } in rows {
        let (name, faint) = (styles.name, styles.faint);
        let mut line = format!("{indent}{name}{event_type:type_width$}{name:#}");
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
pub(crate) struct Row {
    event_type: String,
    id: String,
    times: String,
    payload: String,
}

impl Row {
    pub(crate) fn of(event: &Event) -> Self {
        let Event { id, event_type, timestamp, source_timestamp, payload } = event;
        let source = source_timestamp.map(|t| format!(" (source {})", time(t))).unwrap_or_default();
        Self {
            event_type: type_name(event_type),
            id: id_name(*id),
            times: time(*timestamp) + &source,
            payload: payload.as_ref().map(payload_text).unwrap_or_default(),
        }
    }

    pub(crate) fn of_register(event: &RegisterEvent) -> Self {
        Self {
            event_type: type_name(&event.event_type),
            id: String::new(),
            times: event.source_timestamp.map(|t| format!("(source {})", time(t))).unwrap_or_default(),
            payload: event.payload.as_ref().map(payload_text).unwrap_or_default(),
        }
    }
}

/// The segments joined by `/`; what that would not show is written otherwise.
pub(crate) fn type_name(event_type: &EventType) -> String {
    match event_type.len() {
        0 => "(no segments)".to_owned(),
        1 if event_type.segment(0) == Some("") => "\"\"".to_owned(),
        _ => escape(&event_type.to_string()),
    }
}

/// Server, session and instance.
pub(crate) fn id_name(id: EventId) -> String {
    format!("{}.{}.{}", id.server, id.session, id.instance)
}

/// Date and time in UTC, or seconds since 1970 where the date has more than four digits of a year.
pub(crate) fn time(t: Timestamp) -> String {
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
pub(crate) fn bytes_text(data: &[u8]) -> String {
    let shown: String = data.iter().take(MAX_BYTES).map(|byte| format!("{byte:02x}")).collect();
    let more = if data.len() > MAX_BYTES { "…" } else { "" };
    match data.len() {
        0 => "empty".to_owned(),
        1 => format!("1 byte: {shown}"),
        len => format!("{len} bytes: {shown}{more}"),
    }
}
