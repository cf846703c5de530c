//! Messages as JSON lines, in the form of the recorded traffic's transcript.

use std::io::Write;

use hat_event_chatter::{Frame, Msg};
use hat_event_common::{Data, json_text};
use serde::Serialize;

use crate::failure::Failure;
use crate::output::Output;

#[derive(Serialize)]
struct Line<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    file: Option<&'a str>,
    offset: u64,
    length: usize,
    chatter: Chatter,
    #[serde(rename = "type")]
    data_type: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    data: Option<Data>,
    #[serde(skip_serializing_if = "Option::is_none")]
    note: Option<&'a str>,
}

#[derive(Serialize)]
struct Chatter {
    id: i64,
    first: i64,
    owner: bool,
    token: bool,
    last: bool,
}

pub(super) fn print(
    out: &mut Output,
    file: Option<&str>,
    frame: &Frame,
    msg: &Msg,
    data: Data,
    note: Option<&str>,
) -> Result<(), Failure> {
    let Msg { id, first, owner, token, last, .. } = *msg;
    // A ping has no content, which is not the same as an empty one.
    let is_ping = data == Data::None && msg.data.data_type.starts_with("HatChatter.");
    let chatter = Chatter { id, first, owner, token, last };
    let line = Line {
        file,
        offset: frame.offset,
        length: frame.total_len(),
        chatter,
        data_type: &msg.data.data_type,
        data: (!is_ping).then_some(data),
        note,
    };
    // ASCII only, so that nothing in it controls the terminal.
    let text = json_text(&line).map_err(|error| Failure::Input(error.to_string()))?;
    Ok(writeln!(out, "{text}")?)
}
