//! Messages as text for people: a line about each, and its content below.

use std::io::Write;

use hat_event_chatter::{Frame, Msg};
use hat_event_common::{Data, Message, MsgRegisterRes, json_text};

use super::describe::describe;
use super::printer::{Content, FAULTY, UNKNOWN};
use crate::events::{Row, bytes_text, print_rows};
use crate::failure::Failure;
use crate::output::{Output, Styles, escape};

/// Wide enough for the names of most message types.
const TYPE_WIDTH: usize = 26;

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
    let rows: Vec<Row> = match message {
        Message::EventsNotify(notify) => notify.0.iter().map(Row::of).collect(),
        Message::RegisterReq(req) => req.0.iter().map(Row::of_register).collect(),
        Message::RegisterRes(MsgRegisterRes::Events(events)) => events.iter().map(Row::of).collect(),
        Message::QueryRes(res) => res.0.events.iter().map(Row::of).collect(),
        _ => Vec::new(),
    };
    print_rows(out, INDENT, &rows)
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
