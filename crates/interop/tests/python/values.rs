//! Random values of the event protocols.

use bytes::Bytes;
use bytestring::ByteString;
use hat_event_common::*;
use hat_event_interop::Random;
use serde::{Serialize, Serializer};

pub(crate) fn text(random: &mut Random) -> ByteString {
    random.text().into()
}

pub(crate) fn event_type(random: &mut Random) -> EventType {
    let max = if random.once_in(50) { 100 } else { 5 };
    random.list(max, Random::text).into()
}

fn id(random: &mut Random) -> u64 {
    random.integer().unsigned_abs().min(i64::MAX as u64)
}

fn event_id(random: &mut Random) -> EventId {
    EventId::new(id(random), id(random), id(random)).unwrap()
}

pub(crate) fn timestamp(random: &mut Random) -> Timestamp {
    let s = match random.below(4) {
        0 => random.integer(),
        1 => random.pick(&[i64::MIN, i64::MIN + 1, i64::MAX - 1, i64::MAX, 0, -1]),
        _ => random.below(4_000_000_000) as i64 - 2_000_000_000,
    };
    let any = random.below(1_000_000) as u32;
    let us = random.pick(&[0, 1, 499_999, 500_000, 999_999, any]);
    Timestamp::new(s, us).unwrap()
}

pub(crate) fn payload(random: &mut Random) -> EventPayload {
    if random.once_in(3) {
        EventPayload::binary(text(random), random.data())
    } else {
        EventPayload::json(&json(random, 3)).unwrap()
    }
}

pub(crate) fn event(random: &mut Random) -> Event {
    let (id, timestamp) = (event_id(random), timestamp(random));
    register_event(random).register(id, timestamp)
}

pub(crate) fn register_event(random: &mut Random) -> RegisterEvent {
    RegisterEvent {
        event_type: event_type(random),
        source_timestamp: random.maybe(timestamp),
        payload: random.maybe(payload),
    }
}

pub(crate) fn query_params(random: &mut Random) -> QueryParams {
    let event_types = |random: &mut Random| random.maybe(|random| random.list(4, event_type));
    match random.below(3) {
        0 => QueryLatestParams { event_types: event_types(random) }.into(),
        1 => QueryTimeseriesParams {
            event_types: event_types(random),
            t_from: random.maybe(timestamp),
            t_to: random.maybe(timestamp),
            source_t_from: random.maybe(timestamp),
            source_t_to: random.maybe(timestamp),
            order: random.pick(&Order::ALL),
            order_by: random.pick(&OrderBy::ALL),
            max_results: random.maybe(id),
            last_event_id: random.maybe(event_id),
        }
        .into(),
        _ => QueryServerParams {
            server_id: ServerId::new(id(random)).unwrap(),
            persisted: random.once_in(2),
            max_results: random.maybe(id),
            last_event_id: random.maybe(event_id),
        }
        .into(),
    }
}

fn query_result(random: &mut Random) -> QueryResult {
    QueryResult { events: random.list(4, event), more_follows: random.once_in(2) }
}

fn init_req(random: &mut Random) -> MsgInitReq {
    MsgInitReq {
        client_name: text(random),
        client_token: random.maybe(text),
        subscriptions: random.list(4, event_type),
        server_id: random.maybe(|random| ServerId::new(id(random)).unwrap()),
        persisted: random.once_in(2),
    }
}

/// A value and the name of its type: any message, and what the functions of the reference convert.
#[derive(Clone, Debug)]
pub(crate) struct Typed {
    pub(crate) type_name: &'static str,
    pub(crate) bytes: Bytes,
    /// Decodes the bytes as that type and encodes the value.
    pub(crate) again: fn(Bytes) -> Result<Bytes, DecodeError>,
}

impl Typed {
    fn new<T: Sbs>(type_name: &'static str, value: &T) -> Self {
        let again = |bytes| T::from_sbs_bytes(bytes).map(|value| value.to_sbs_bytes());
        Self { type_name, bytes: value.to_sbs_bytes(), again }
    }
}

pub(crate) fn typed(random: &mut Random) -> Typed {
    let success = random.once_in(2);
    let status = random.pick(&Status::ALL);
    match random.below(20) {
        0 => Typed::new("HatEventer.MsgInitReq", &init_req(random)),
        1 if success => Typed::new("HatEventer.MsgInitRes", &MsgInitRes::Success(status)),
        1 => Typed::new("HatEventer.MsgInitRes", &MsgInitRes::Error(text(random))),
        2 => Typed::new("HatEventer.MsgStatusNotify", &MsgStatusNotify(status)),
        3 => Typed::new("HatEventer.MsgEventsNotify", &MsgEventsNotify(random.list(5, event))),
        4 => Typed::new("HatEventer.MsgEventsAck", &MsgEventsAck),
        5 => Typed::new("HatEventer.MsgRegisterReq", &MsgRegisterReq(random.list(5, register_event))),
        6 if success => Typed::new("HatEventer.MsgRegisterRes", &MsgRegisterRes::Events(random.list(5, event))),
        6 => Typed::new("HatEventer.MsgRegisterRes", &MsgRegisterRes::Failure),
        7 => Typed::new("HatEventer.MsgQueryReq", &MsgQueryReq(query_params(random))),
        8 => Typed::new("HatEventer.MsgQueryRes", &MsgQueryRes(query_result(random))),
        9 => Typed::new("HatEventAdminer.MsgGetLogConfReq", &MsgGetLogConfReq),
        10 if success => Typed::new("HatEventAdminer.MsgGetLogConfRes", &MsgGetLogConfRes::Success(text(random))),
        10 => Typed::new("HatEventAdminer.MsgGetLogConfRes", &MsgGetLogConfRes::Error(text(random))),
        11 => Typed::new("HatEventAdminer.MsgSetLogConfReq", &MsgSetLogConfReq { conf: text(random) }),
        12 if success => Typed::new("HatEventAdminer.MsgSetLogConfRes", &MsgSetLogConfRes::Success),
        12 => Typed::new("HatEventAdminer.MsgSetLogConfRes", &MsgSetLogConfRes::Error(text(random))),
        13 => Typed::new("HatEventer.Timestamp", &timestamp(random)),
        14 => Typed::new("HatEventer.Status", &status),
        15 => Typed::new("HatEventer.EventPayload", &payload(random)),
        16 => Typed::new("HatEventer.RegisterEvent", &register_event(random)),
        17 => Typed::new("HatEventer.QueryParams", &query_params(random)),
        18 => Typed::new("HatEventer.QueryResult", &query_result(random)),
        _ => Typed::new("HatEventer.Event", &event(random)),
    }
}

/// A value that JSON has a form for; members are in order.
#[derive(Clone, Debug)]
pub(crate) enum Json {
    Null,
    Bool(bool),
    Integer(i128),
    Float(f64),
    Text(String),
    Array(Vec<Self>),
    Object(Vec<(String, Self)>),
}

impl Serialize for Json {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Null => serializer.serialize_unit(),
            Self::Bool(value) => serializer.serialize_bool(*value),
            Self::Integer(value) => serializer.serialize_i128(*value),
            Self::Float(value) => serializer.serialize_f64(*value),
            Self::Text(value) => serializer.serialize_str(value),
            Self::Array(items) => serializer.collect_seq(items),
            Self::Object(members) => serializer.collect_map(members.iter().map(|(name, value)| (name, value))),
        }
    }
}

/// A JSON value with so many levels at the most.
pub(crate) fn json(random: &mut Random, depth: usize) -> Json {
    match random.below(if depth == 0 { 7 } else { 11 }) {
        0 => Json::Null,
        1 => Json::Bool(random.once_in(2)),
        2 => Json::Integer(random.integer().into()),
        3 => Json::Integer(i128::from(random.integer()) << random.below(60)),
        4 | 5 => loop {
            let value = random.float();
            if value.is_finite() {
                break Json::Float(value);
            }
        },
        6 => Json::Text(random.text()),
        7 | 8 => Json::Array(random.list(4, |random| json(random, depth - 1))),
        _ => {
            let mut members = random.list(4, |random| (random.text(), json(random, depth - 1)));
            members.sort_by(|(a, _), (b, _)| a.cmp(b));
            members.dedup_by(|(a, _), (b, _)| a == b);
            // Python keeps the order of members, which is any.
            members.sort_by_key(|(name, _)| name.len() % 3);
            Json::Object(members)
        }
    }
}
