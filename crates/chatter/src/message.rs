use bytes::Bytes;
use bytestring::ByteString;
use hat_event_codec::{DecodeError, Reader, Sbs, Writer};

use crate::{Frame, StreamError, encode_frame};

/// The SBS module `HatChatter`, for those who decode by name.
pub const SCHEMA: &str = include_str!("../schemas/HatChatter.sbs");

/// A message of a connection: `HatChatter.Msg`.
///
/// Messages belong to conversations. A conversation is known by who began it and by the id of its first message.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Msg {
    /// Number of the message, counted by its sender.
    pub id: i64,
    /// The `id` of the conversation's first message.
    pub first: i64,
    /// Whether the sender of this message is the one who began the conversation.
    pub owner: bool,
    /// Whether it is now for the other side to send.
    pub token: bool,
    /// Whether this message ends the conversation.
    pub last: bool,
    /// What the message carries.
    pub data: MsgData,
}

/// What a message carries: `HatChatter.Data`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MsgData {
    /// Name of an SBS type with its module, such as `HatEventer.MsgInitReq`.
    pub data_type: ByteString,
    /// The bytes of a value of that type.
    pub data: Bytes,
}

impl Msg {
    /// Whether this message begins its conversation.
    pub fn is_first(&self) -> bool {
        self.owner && self.first == self.id
    }

    /// The bytes of the message, its length prefix included.
    pub fn to_frame(&self) -> Bytes {
        encode_frame(&self.to_sbs_bytes())
    }
}

impl Frame {
    /// The message that the body is. Its data shares the memory of the body.
    ///
    /// # Errors
    ///
    /// [`StreamError::Decode`] if it is none.
    pub fn decode(&self) -> Result<Msg, StreamError> {
        Msg::from_sbs_bytes(self.body.clone()).map_err(|error| StreamError::Decode {
            message: self.offset,
            // On 32 bits an offset beyond 4 GiB is written as that.
            error: error.in_data_at(usize::try_from(self.body_offset()).unwrap_or(usize::MAX)),
        })
    }
}

impl Sbs for Msg {
    const MIN_LEN: usize = 5 + MsgData::MIN_LEN;

    fn encode(&self, writer: &mut Writer) {
        writer.integer(self.id);
        writer.integer(self.first);
        writer.boolean(self.owner);
        writer.boolean(self.token);
        writer.boolean(self.last);
        self.data.encode(writer);
    }

    fn decode(reader: &mut Reader) -> Result<Self, DecodeError> {
        Ok(Self {
            id: reader.integer().map_err(|error| error.in_field("id"))?,
            first: reader.integer().map_err(|error| error.in_field("first"))?,
            owner: reader.boolean().map_err(|error| error.in_field("owner"))?,
            token: reader.boolean().map_err(|error| error.in_field("token"))?,
            last: reader.boolean().map_err(|error| error.in_field("last"))?,
            data: MsgData::decode(reader).map_err(|error| error.in_field("data"))?,
        })
    }
}

impl Sbs for MsgData {
    const MIN_LEN: usize = 2;

    fn encode(&self, writer: &mut Writer) {
        writer.string(&self.data_type);
        writer.bytes(&self.data);
    }

    fn decode(reader: &mut Reader) -> Result<Self, DecodeError> {
        Ok(Self {
            data_type: reader.string().map_err(|error| error.in_field("type"))?,
            data: reader.bytes().map_err(|error| error.in_field("data"))?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::FrameSplitter;

    /// A server's answer to the first message of a client.
    const FRAME: &[u8] = b"\x01\x1e\x81\x81\x00\x01\x01\x95HatEventer.MsgInitRes\x82\x80\x81";

    fn frame(data: &[u8]) -> Frame {
        let mut splitter = FrameSplitter::new();
        splitter.feed(data);
        splitter.next_frame().unwrap().unwrap()
    }

    #[test]
    fn messages_are_the_bytes_of_the_reference() {
        let msg = Msg {
            id: 1,
            first: 1,
            owner: false,
            token: true,
            last: true,
            data: MsgData { data_type: "HatEventer.MsgInitRes".into(), data: Bytes::from_static(&[0x80, 0x81]) },
        };
        assert_eq!(msg.to_frame(), FRAME);
        assert_eq!(frame(FRAME).decode(), Ok(msg));
    }

    #[test]
    fn data_shares_what_was_received() {
        let frame = frame(FRAME);
        let data = frame.decode().unwrap().data.data;
        assert_eq!(data.as_ptr(), frame.body[frame.body.len() - 2..].as_ptr());
    }

    #[test]
    fn only_its_owner_begins_a_conversation() {
        let msg = |id, first, owner| Msg { id, first, owner, ..Msg::default() };
        assert!(msg(3, 3, true).is_first());
        assert!(!msg(3, 3, false).is_first());
        assert!(!msg(4, 3, true).is_first());
    }

    #[test]
    fn errors_count_from_the_beginning_of_the_stream() {
        let mut splitter = FrameSplitter::new();
        splitter.feed(FRAME);
        splitter.feed(b"\x01\x08\x82\x82\x01\x01\x00\x81\xff\x80");
        splitter.feed(b"\x00");
        splitter.next_frame().unwrap().unwrap();
        let error = splitter.next_frame().unwrap().unwrap().decode().unwrap_err();
        assert_eq!(error.to_string(), "message at byte 32: data.type: string is not UTF-8 at byte 40");
        let error = splitter.next_frame().unwrap().unwrap().decode().unwrap_err();
        assert_eq!(error.to_string(), "message at byte 42: id: data ends inside an integer at byte 43");
    }
}
