//! Messages made beforehand.

use bytestring::ByteString;
use hat_event_chatter::{Msg, MsgData};
use hat_event_common::{
    Event, EventType, Message, MsgEventsNotify, MsgInitReq, MsgQueryReq, MsgRegisterReq, MsgRegisterRes, QueryParams,
    RegisterEvent, Sbs, Timestamp, Writer,
};

use crate::events;

/// A message that lacks only its length, its ids, and when its events happened.
pub(crate) struct Template {
    data: Vec<u8>,
    /// Where the source timestamps stand.
    stamps: Vec<usize>,
}

impl Template {
    /// A message that begins a conversation, and ends it at once if `last`.
    pub(crate) fn new(message: impl Into<Message>, last: bool) -> Self {
        let message = message.into();
        Self::of(message.type_name(), &message, true, last)
    }

    /// The answer that ends a conversation.
    pub(crate) fn answer(message: impl Into<Message>) -> Self {
        let message = message.into();
        Self::of(message.type_name(), &message, false, true)
    }

    pub(crate) fn pong() -> Self {
        Self::with_data(MsgData { data_type: "HatChatter.Pong".into(), ..MsgData::default() }, false, true)
    }

    fn of(data_type: &str, message: &Message, owner: bool, last: bool) -> Self {
        let mut data = Writer::default();
        message.encode(&mut data);
        Self::with_data(MsgData { data_type: ByteString::from(data_type), data: data.finish() }, owner, last)
    }

    fn with_data(data: MsgData, owner: bool, last: bool) -> Self {
        let bytes = Msg { id: 0, first: 0, owner, token: true, last, data }.to_sbs_bytes();
        // Each id is a byte.
        Self { data: bytes[2..].to_vec(), stamps: Vec::new() }
    }

    /// The request to register events; they happen anew each time that it is put.
    fn registering(mut events: Vec<RegisterEvent>, last: bool) -> Self {
        let mut stamps = Vec::new();
        let mut at = 0;
        for event in &mut events {
            if let Some(timestamp) = &mut event.source_timestamp {
                *timestamp = stamp(0);
                // It comes behind the type and the choice of the optional value.
                stamps.push(at + event.event_type.to_sbs_bytes().len() + 1);
            }
            at += event.to_sbs_bytes().len();
        }
        let mut template = Self::new(MsgRegisterReq(events), last);
        let begin = template.data.len() - at;
        template.stamps = stamps.into_iter().map(|at| begin + at).collect();
        template
    }

    /// Adds the message to what is to be sent.
    pub(crate) fn put(&self, id: i64, first: i64, sent: &mut Vec<u8>) {
        let mut ids = Writer::default();
        ids.integer(id);
        ids.integer(first);
        let ids = ids.finish();
        let len = (ids.len() + self.data.len()).to_be_bytes();
        let zeros = len.iter().take_while(|digit| **digit == 0).count();
        sent.push((len.len() - zeros) as u8);
        sent.extend_from_slice(&len[zeros..]);
        sent.extend_from_slice(&ids);
        let begin = sent.len();
        sent.extend_from_slice(&self.data);
        for (number, at) in self.stamps.iter().enumerate() {
            let bytes = stamp(number).to_sbs_bytes();
            sent[begin + at..][..bytes.len()].copy_from_slice(&bytes);
        }
    }

    /// The message alone.
    pub(crate) fn frame(&self, id: i64, first: i64) -> Vec<u8> {
        let mut frame = Vec::new();
        self.put(id, first, &mut frame);
        frame
    }
}

pub(crate) fn init(client_name: &str, subscriptions: &[&str]) -> Template {
    let subscriptions = subscriptions.iter().map(|one| one.split('/').collect()).collect();
    Template::new(MsgInitReq { client_name: client_name.into(), subscriptions, ..MsgInitReq::default() }, false)
}

/// Asks to be told of events of these types once they are on disk.
pub(crate) fn init_persisted(client_name: &str, subscriptions: Vec<EventType>) -> Template {
    let message =
        MsgInitReq { client_name: client_name.into(), subscriptions, persisted: true, ..MsgInitReq::default() };
    Template::new(message, false)
}

pub(crate) fn query(params: impl Into<QueryParams>) -> Template {
    Template::new(MsgQueryReq(params.into()), false)
}

/// Requests to register so many events each, which have all of these together.
pub(crate) fn registers(events: &[Event], count: usize) -> Vec<Template> {
    let request = |events: &[Event]| Template::registering(events.iter().cloned().map(unregistered).collect(), false);
    events.chunks(count).map(request).collect()
}

/// A request to register so many events, and what answers it.
pub(crate) fn register(count: usize, answered: bool) -> (Template, Template) {
    let events = events::events(count);
    let request = Template::registering(events.iter().cloned().map(unregistered).collect(), !answered);
    (request, Template::answer(MsgRegisterRes::Events(events)))
}

/// So many events, as subscribers get them.
pub(crate) fn notify(count: usize) -> Template {
    Template::new(MsgEventsNotify(events::events(count)), true)
}

/// When an event of a request happened: within the last millisecond, in any order. Always takes as many bytes.
fn stamp(number: usize) -> Timestamp {
    let now = Timestamp::now();
    let us = now.us().saturating_sub((number * 389 % 1000) as u32);
    Timestamp::new(now.s(), us.max(1 << 13)).expect("below a second")
}

fn unregistered(event: Event) -> RegisterEvent {
    RegisterEvent { event_type: event.event_type, source_timestamp: event.source_timestamp, payload: event.payload }
}
