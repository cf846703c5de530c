//! Any message of the protocols, and the values in them.

use bytestring::ByteString;
use hat_event_codec::*;
use hat_event_types::*;
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;

pub(crate) fn message() -> BoxedStrategy<Message> {
    let init = (text(), option::of(text()), vec(event_type(), 0..4), option::of(id()), any::<bool>());
    prop_oneof![
        init.prop_map(|(client_name, client_token, subscriptions, server_id, persisted)| {
            let server_id = server_id.map(|id| ServerId::new(id).unwrap());
            MsgInitReq { client_name, client_token, subscriptions, server_id, persisted }.into()
        }),
        status().prop_map(|status| MsgInitRes::Success(status).into()),
        text().prop_map(|error| MsgInitRes::Error(error).into()),
        status().prop_map(|status| MsgStatusNotify(status).into()),
        vec(event(), 0..5).prop_map(|events| MsgEventsNotify(events).into()),
        Just(MsgEventsAck.into()),
        vec(register_event(), 0..5).prop_map(|events| MsgRegisterReq(events).into()),
        vec(event(), 0..5).prop_map(|events| MsgRegisterRes::Events(events).into()),
        Just(MsgRegisterRes::Failure.into()),
        query_params().prop_map(|params| MsgQueryReq(params).into()),
        query_result().prop_map(|result| MsgQueryRes(result).into()),
        Just(MsgGetLogConfReq.into()),
        text().prop_map(|conf| MsgGetLogConfRes::Success(conf).into()),
        text().prop_map(|error| MsgGetLogConfRes::Error(error).into()),
        text().prop_map(|conf| MsgSetLogConfReq { conf }.into()),
        Just(MsgSetLogConfRes::Success.into()),
        text().prop_map(|error| MsgSetLogConfRes::Error(error).into()),
    ]
    .boxed()
}

pub(crate) fn status() -> impl Strategy<Value = Status> {
    prop::sample::select(&Status::ALL)
}

pub(crate) fn event() -> impl Strategy<Value = Event> {
    (register_event(), event_id(), timestamp()).prop_map(|(event, id, t)| event.register(id, t))
}

pub(crate) fn register_event() -> impl Strategy<Value = RegisterEvent> {
    (event_type(), option::of(timestamp()), option::of(payload()))
        .prop_map(|(event_type, source_timestamp, payload)| RegisterEvent { event_type, source_timestamp, payload })
}

pub(crate) fn query_params() -> impl Strategy<Value = QueryParams> {
    let event_types = || option::of(vec(event_type(), 0..4));
    let max_results = || option::of(0..=i64::MAX as u64);
    let times = [(); 4].map(|()| option::of(timestamp()));
    let order = (prop::sample::select(&Order::ALL), prop::sample::select(&OrderBy::ALL));
    let timeseries = (event_types(), times, order, max_results(), option::of(event_id())).prop_map(
        |(event_types, times, (order, order_by), max_results, last_event_id)| {
            let [t_from, t_to, source_t_from, source_t_to] = times;
            QueryParams::Timeseries(QueryTimeseriesParams {
                event_types,
                t_from,
                t_to,
                source_t_from,
                source_t_to,
                order,
                order_by,
                max_results,
                last_event_id,
            })
        },
    );
    let server = (id(), any::<bool>(), max_results(), option::of(event_id())).prop_map(
        |(id, persisted, max_results, last_event_id)| {
            let server_id = ServerId::new(id).unwrap();
            QueryParams::Server(QueryServerParams { server_id, persisted, max_results, last_event_id })
        },
    );
    prop_oneof![
        event_types().prop_map(|event_types| QueryParams::Latest(QueryLatestParams { event_types })),
        timeseries,
        server,
    ]
}

pub(crate) fn query_result() -> impl Strategy<Value = QueryResult> {
    (vec(event(), 0..5), any::<bool>()).prop_map(|(events, more_follows)| QueryResult { events, more_follows })
}

pub(crate) fn timestamp() -> impl Strategy<Value = Timestamp> {
    let s = prop_oneof![any::<i64>(), -100..100i64, Just(i64::MIN), Just(i64::MAX)];
    (s, 0..1_000_000u32).prop_map(|(s, us)| Timestamp::new(s, us).unwrap())
}

pub(crate) fn payload() -> impl Strategy<Value = EventPayload> {
    let json = |text: &'static str| EventPayloadJson::from_text(text).unwrap().into();
    prop_oneof![
        (text(), vec(any::<u8>(), 0..80)).prop_map(|(label, data)| EventPayload::binary(label, data)),
        any::<(f64, Option<bool>, String)>()
            .prop_filter("finite", |(number, ..)| number.is_finite())
            .prop_map(|value| EventPayload::json(&value).unwrap()),
        Just(json(" {\"a\" :1.50, \"a\":[]}\n")),
        Just(json("\"\\ud800\"")),
        Just(json("-123456789012345678901234567890")),
    ]
}

fn event_type() -> impl Strategy<Value = EventType> {
    let few = vec(text(), 0..5);
    let many = vec(Just(ByteString::from_static("a")), 60..70);
    prop_oneof![9 => few, 1 => many].prop_map(EventType::from)
}

fn event_id() -> impl Strategy<Value = EventId> {
    (id(), id(), id()).prop_map(|(server, session, instance)| EventId::new(server, session, instance).unwrap())
}

fn id() -> impl Strategy<Value = u64> {
    prop_oneof![0..=i64::MAX as u64, 0..200u64, Just(i64::MAX as u64)]
}

fn text() -> impl Strategy<Value = ByteString> {
    let chars = prop_oneof![3 => prop::char::range('a', 'c'), 1 => any::<char>()];
    prop_oneof![9 => 0..4usize, 1 => 60..70usize]
        .prop_flat_map(move |len| vec(chars.clone(), len))
        .prop_map(|chars| chars.into_iter().collect::<String>().into())
}
