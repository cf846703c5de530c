use bytes::Bytes;

use crate::{Msg, MsgData};

/// Which messages belong together, seen from one side: who began, and the id of the first message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Conversation {
    /// Whether this side sent the first message.
    pub owner: bool,
    /// The id of the first message.
    pub first: i64,
}

/// A message that was received.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Received {
    /// What it carries.
    pub data: MsgData,
    /// The conversation that it belongs to, for answering in it.
    pub conversation: Conversation,
    /// Whether it begins the conversation.
    pub first: bool,
    /// Whether it ends the conversation; then no answer is expected.
    pub last: bool,
    /// Whether it is now for this side to send.
    pub token: bool,
}

impl From<Msg> for Received {
    fn from(msg: Msg) -> Self {
        Self {
            conversation: Conversation { owner: !msg.owner, first: msg.first },
            first: msg.is_first(),
            last: msg.last,
            token: msg.token,
            data: msg.data,
        }
    }
}

/// A message to be sent.
#[derive(Clone, Copy, Debug)]
pub struct Outgoing<'a> {
    /// The conversation that it belongs to; `None` begins a new one.
    pub conversation: Option<Conversation>,
    /// Whether it ends the conversation.
    pub last: bool,
    /// Whether it is then for the other side to send; what Hat components send always has it.
    pub token: bool,
    /// Name of the SBS type with its module.
    pub data_type: &'a str,
    /// The bytes of a value of that type, in parts that follow one another. Long parts are shared, not copied.
    pub data: &'a [Bytes],
}

impl<'a> Outgoing<'a> {
    /// A message that begins a conversation, and ends it unless an answer is wanted.
    pub fn first(data_type: &'a str, data: &'a [Bytes], wants_answer: bool) -> Self {
        Self { conversation: None, last: !wants_answer, token: true, data_type, data }
    }

    /// A message that ends a conversation.
    pub fn answer(conversation: Conversation, data_type: &'a str, data: &'a [Bytes]) -> Self {
        Self { conversation: Some(conversation), last: true, token: true, data_type, data }
    }
}
