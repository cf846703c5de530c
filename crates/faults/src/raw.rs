//! Bytes of messages, and a generator of random ones.

use hat_event_chatter::{Msg, MsgData};
use hat_event_common::{EventType, MsgInitReq, Sbs};

/// A message that begins a conversation.
pub(crate) fn message(id: i64, data_type: &str, data: Vec<u8>) -> Vec<u8> {
    let data = MsgData { data_type: data_type.into(), data: data.into() };
    Msg { id, first: id, owner: true, token: true, last: false, data }.to_frame().to_vec()
}

/// The introduction of a client.
pub(crate) fn init(subscriptions: Vec<EventType>) -> Vec<u8> {
    let request = MsgInitReq { client_name: "raw".into(), subscriptions, ..MsgInitReq::default() };
    message(1, "HatEventer.MsgInitReq", request.to_sbs_bytes().to_vec())
}

/// Random numbers that a seed repeats (xorshift).
pub(crate) struct Random(pub(crate) u64);

impl Random {
    pub(crate) fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) as usize % end.max(1)
    }

    pub(crate) fn bytes(&mut self, len: usize) -> Vec<u8> {
        (0..len).map(|_| self.below(256) as u8).collect()
    }
}
