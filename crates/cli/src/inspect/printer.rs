use std::io::Write;
use std::path::Path;

use bytes::Bytes;
use hat_event_chatter::{Frame, Msg};
use hat_event_common::{Data, DecodeError, Message, MessageError, Repository, SbsError, Subscription, Writer};

use super::{filter, json, text};
use crate::failure::Failure;
use crate::input;
use crate::output::{Output, escape};

/// What is told of a message whose type no schema has.
pub(super) const UNKNOWN: &str = "unknown message type";

/// What is told of a message that is not what the name of its type says.
pub(super) const FAULTY: &str = "not of this type";

/// Prints messages, one after the other.
pub(super) struct Printer {
    repository: Repository,
    /// Which events are wanted, if not all messages are.
    matching: Option<Subscription>,
    json: bool,
    /// Name of the file, if each JSON object has to tell it.
    file: Option<String>,
    /// How many messages were printed.
    pub(super) printed: u64,
}

/// What a message carries, as far as it can be told.
pub(super) enum Content {
    /// A message of the protocols.
    Message(Message),
    /// A value of a type that a schema has.
    Data(Data),
    /// The bytes of a type that no schema has.
    Unknown(Bytes),
    /// Bytes that are not of their type.
    Faulty(Bytes),
}

impl Printer {
    pub(super) fn new(repository: Repository, matching: Option<Subscription>, json: bool) -> Self {
        Self { repository, matching, json, file: None, printed: 0 }
    }

    /// Tells that one of several files begins.
    pub(super) fn begin_file(&mut self, path: &Path, first: bool, out: &mut Output) -> Result<(), Failure> {
        let name = input::name(path);
        if self.json {
            self.file = Some(name);
        } else {
            let gap = if first { "" } else { "\n" };
            writeln!(out, "{gap}==> {} <==", escape(&name))?;
        }
        Ok(())
    }

    /// Prints a message, unless none of its events is wanted. Returns what is wrong if it is not of its type.
    pub(super) fn message(&mut self, frame: &Frame, msg: &Msg, out: &mut Output) -> Result<Option<String>, Failure> {
        let (mut content, fault) = self.content(msg);
        let wanted = match (&self.matching, &mut content) {
            (None, _) => true,
            (Some(matching), Content::Message(message)) => filter::keep(message, matching),
            (Some(_), _) => false,
        };
        if wanted {
            if self.json {
                let (data, note) = self.data(content);
                json::print(out, self.file.as_deref(), frame, msg, data, note)?;
            } else {
                text::print(out, frame, msg, &content)?;
            }
            self.printed += 1;
        }
        Ok(fault.map(|error| {
            // The data are the last of the message.
            let start = frame.offset + (frame.total_len() - msg.data.data.len()) as u64;
            let error = error.in_data_at(usize::try_from(start).unwrap_or(usize::MAX));
            format!("message at byte {}: {}: {error}", frame.offset, msg.data.data_type)
        }))
    }

    /// What a message carries, and why that is not what the name of its type says.
    fn content(&self, msg: &Msg) -> (Content, Option<DecodeError>) {
        let (name, data) = (&msg.data.data_type, &msg.data.data);
        match Message::decode(name, data.clone()) {
            Ok(message) => (Content::Message(message), None),
            Err(MessageError::Decode { error, .. }) => (Content::Faulty(data.clone()), Some(error)),
            Err(_) => match self.repository.decode(name, data.clone()) {
                Ok(value) => (Content::Data(value), None),
                Err(SbsError::Decode(error)) => (Content::Faulty(data.clone()), Some(error)),
                Err(_) => (Content::Unknown(data.clone()), None),
            },
        }
    }

    /// Content by its schema, and what is told about it.
    fn data(&self, content: Content) -> (Data, Option<&'static str>) {
        match content {
            Content::Data(data) => (data, None),
            Content::Unknown(bytes) => (bytes.into(), Some(UNKNOWN)),
            Content::Faulty(bytes) => (bytes.into(), Some(FAULTY)),
            Content::Message(message) => {
                let mut writer = Writer::default();
                message.encode(&mut writer);
                let bytes = writer.finish();
                let data = self.repository.decode(message.type_name(), bytes.clone());
                data.map_or_else(|_| (bytes.into(), Some(FAULTY)), |data| (data, None))
            }
        }
    }
}
