//! Agreement with the reference on chosen input: `golden/*.jsonl`, which `cargo xtask golden` writes.

use bytes::Bytes;
use hat_event_codec::*;
use hat_event_types::{
    Event, EventId, EventPayload, EventPayloadBinary, EventPayloadJson, EventType, Order, OrderBy, QueryLatestParams,
    QueryParams, QueryResult, QueryServerParams, QueryTimeseriesParams, RegisterEvent, Status, Timestamp, json_text,
};
use serde::de::DeserializeOwned;
use serde::ser::SerializeMap;
use serde::{Deserialize, Serialize, Serializer};
use serde_json::Value;
use serde_json::value::RawValue;
use time::{Date, Month, OffsetDateTime, Time, UtcOffset};

/// The vectors of a file.
fn vectors<T: DeserializeOwned>(text: &str) -> Vec<T> {
    assert!(!text.is_empty());
    text.lines().map(|line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"))).collect()
}

fn from_hex(hex: &str) -> Bytes {
    (0..hex.len()).step_by(2).map(|i| u8::from_str_radix(&hex[i..i + 2], 16).unwrap()).collect()
}

/// Decodes bytes as the type of that name and encodes the value again; no type, no value.
fn through_typed(type_name: &str, data: &Bytes) -> Option<Result<Bytes, DecodeError>> {
    fn through<T: Sbs>(data: &Bytes) -> Result<Bytes, DecodeError> {
        T::from_sbs_bytes(data.clone()).map(|value| value.to_sbs_bytes())
    }
    Some(match type_name.strip_prefix("HatEventer.")? {
        "Timestamp" => through::<Timestamp>(data),
        "EventId" => through::<EventId>(data),
        "EventType" => through::<EventType>(data),
        "Event" => through::<Event>(data),
        "RegisterEvent" => through::<RegisterEvent>(data),
        "EventPayload" => through::<EventPayload>(data),
        "EventPayloadBinary" => through::<EventPayloadBinary>(data),
        "EventPayloadJson" => through::<bytestring::ByteString>(data),
        "Status" => through::<Status>(data),
        "Order" => through::<Order>(data),
        "OrderBy" => through::<OrderBy>(data),
        "QueryParams" => through::<QueryParams>(data),
        "QueryLatestParams" => through::<QueryLatestParams>(data),
        "QueryTimeseriesParams" => through::<QueryTimeseriesParams>(data),
        "QueryServerParams" => through::<QueryServerParams>(data),
        "QueryResult" => through::<QueryResult>(data),
        _ => return None,
    })
}

#[test]
fn messages() {
    #[derive(Deserialize)]
    struct Vector {
        name: String,
        r#type: String,
        value: Data,
        hex: String,
    }
    let vectors: Vec<Vector> = vectors(include_str!("golden/messages.jsonl"));
    for Vector { name, r#type, value, hex } in &vectors {
        let bytes = from_hex(hex);
        assert_eq!(sbs_repo().encode(r#type, value).as_ref(), Ok(&bytes), "{name}");
        assert_eq!(sbs_repo().decode(r#type, bytes.clone()).as_ref(), Ok(value), "{name}");
        let typed = through_typed(r#type, &bytes).map(Result::unwrap).unwrap_or_else(|| {
            let message = Message::decode(r#type, bytes.clone()).unwrap();
            assert_eq!(message.type_name(), r#type);
            let mut writer = Writer::with_capacity(0);
            message.encode(&mut writer);
            writer.finish()
        });
        assert_eq!(typed, bytes, "{name}");
    }
    for type_name in Message::TYPE_NAMES {
        assert!(vectors.iter().any(|vector| vector.r#type == *type_name), "no vector of {type_name}");
    }
}

#[test]
fn values() {
    #[derive(Deserialize)]
    struct Vector {
        name: String,
        r#type: String,
        object: Box<RawValue>,
        sbs: Data,
        hex: String,
    }

    fn check<T>(vector: &Vector, to_sbs: fn(&T) -> Data, from_sbs: fn(&Data) -> Result<T, SbsError>)
    where
        T: Sbs + DeserializeOwned + PartialEq + std::fmt::Debug,
    {
        let Vector { name, object, sbs, hex, .. } = vector;
        let value: T = serde_json::from_str(object.get()).unwrap();
        assert_eq!(to_sbs(&value), *sbs, "{name}");
        assert_eq!(from_sbs(sbs).as_ref(), Ok(&value), "{name}");
        assert_eq!(value.to_sbs_bytes(), from_hex(hex), "{name}");
        assert_eq!(T::from_sbs_bytes(from_hex(hex)), Ok(value), "{name}");
    }

    for vector in vectors::<Vector>(include_str!("golden/values.jsonl")) {
        match &*vector.r#type {
            "HatEventer.Timestamp" => check(&vector, timestamp_to_sbs, timestamp_from_sbs),
            "HatEventer.Status" => check(&vector, status_to_sbs, status_from_sbs),
            "HatEventer.Event" => check(&vector, event_to_sbs, event_from_sbs),
            "HatEventer.RegisterEvent" => check(&vector, register_event_to_sbs, register_event_from_sbs),
            "HatEventer.EventPayload" => check(&vector, event_payload_to_sbs, event_payload_from_sbs),
            "HatEventer.QueryParams" => check(&vector, query_params_to_sbs, query_params_from_sbs),
            "HatEventer.QueryResult" => check(&vector, query_result_to_sbs, query_result_from_sbs),
            other => panic!("no functions for {other}"),
        }
    }
}

#[test]
fn timestamps() {
    #[derive(Deserialize)]
    struct Vector {
        name: String,
        function: String,
        argument: Value,
        /// None where there is none.
        result: Option<Value>,
    }
    for Vector { name, function, argument, result } in vectors::<Vector>(include_str!("golden/timestamps.jsonl")) {
        let t = || serde_json::from_value::<Timestamp>(argument.clone()).unwrap();
        let text = || argument.as_str().unwrap();
        let timestamp = |t: Timestamp| serde_json::to_value(t).unwrap();
        let answer = match &*function {
            "timestamp_to_bytes" => Some(to_hex(&timestamp_to_bytes(t())).into()),
            "timestamp_from_bytes" => {
                timestamp_from_bytes(from_hex(text())[..].try_into().unwrap()).ok().map(timestamp)
            }
            "timestamp_to_float" => {
                let expected: f64 = result.as_ref().unwrap().as_str().unwrap().parse().unwrap();
                assert_eq!(timestamp_to_float(t()), expected, "{name}");
                continue;
            }
            "timestamp_from_float" => timestamp_from_float(text().parse().unwrap()).ok().map(timestamp),
            "timestamp_to_datetime" => timestamp_to_datetime(t()).ok().map(|datetime| parts(datetime).into()),
            "timestamp_from_datetime" => Some(timestamp(timestamp_from_datetime(datetime(&argument)))),
            "add" => {
                let (t, s): (Timestamp, String) = serde_json::from_value(argument.clone()).unwrap();
                t.add(s.parse().unwrap()).ok().map(timestamp)
            }
            other => panic!("unknown function {other}"),
        };
        assert_eq!(answer, result, "{name} of {argument}");
    }
}

fn to_hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Year, month, day, hour, minute, second, microsecond, and offset from UTC in seconds.
fn parts(datetime: OffsetDateTime) -> Vec<i32> {
    let (hour, minute, second, microsecond) = datetime.to_hms_micro();
    let (year, month, day) = datetime.to_calendar_date();
    vec![
        year,
        u8::from(month).into(),
        day.into(),
        hour.into(),
        minute.into(),
        second.into(),
        microsecond as i32,
        datetime.offset().whole_seconds(),
    ]
}

fn datetime(parts: &Value) -> OffsetDateTime {
    let (year, month, day, hour, minute, second, microsecond, offset): (i32, u8, u8, u8, u8, u8, u32, i32) =
        serde_json::from_value(parts.clone()).unwrap();
    let date = Date::from_calendar_date(year, Month::try_from(month).unwrap(), day).unwrap();
    let time = Time::from_hms_micro(hour, minute, second, microsecond).unwrap();
    OffsetDateTime::new_in_offset(date, time, UtcOffset::from_whole_seconds(offset).unwrap())
}

#[test]
fn orders() {
    #[derive(Deserialize)]
    struct Key {
        id: (u64, u64, u64),
        timestamp: (i64, u32),
    }
    #[derive(Deserialize)]
    struct Vector {
        name: String,
        first: Key,
        second: Key,
        precedes: bool,
        follows: bool,
    }
    let event = |Key { id, timestamp }: Key| {
        RegisterEvent { event_type: EventType::new(), source_timestamp: None, payload: None }
            .register(EventId::new(id.0, id.1, id.2).unwrap(), Timestamp::new(timestamp.0, timestamp.1).unwrap())
    };
    for Vector { name, first, second, precedes, follows } in vectors(include_str!("golden/orders.jsonl")) {
        let (first, second) = (event(first), event(second));
        assert_eq!((first.precedes(&second), first.follows(&second)), (precedes, follows), "{name}");
    }
}

#[test]
fn json_texts() {
    #[derive(Deserialize)]
    struct Vector {
        name: String,
        value: Value,
        text: String,
    }
    for Vector { name, value, text } in vectors::<Vector>(include_str!("golden/json_texts.jsonl")) {
        assert_eq!(json_text(&Notation(&value)).as_ref(), Ok(&text), "{name}");
        assert_eq!(EventPayloadJson::from_text(text.clone()).unwrap().text(), &text, "{name}");
    }
}

/// A JSON value in which `$object` keeps the order of members and `$bigint` is an integer of 128 bits.
struct Notation<'a>(&'a Value);

impl Serialize for Notation<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            Value::Array(items) => serializer.collect_seq(items.iter().map(Notation)),
            Value::Object(form) if form.contains_key("$bigint") => {
                serializer.serialize_i128(form["$bigint"].as_str().unwrap().parse().unwrap())
            }
            Value::Object(form) => {
                let members = form["$object"].as_array().unwrap();
                let mut map = serializer.serialize_map(Some(members.len()))?;
                for member in members {
                    map.serialize_entry(&member[0], &Notation(&member[1]))?;
                }
                map.end()
            }
            other => other.serialize(serializer),
        }
    }
}

#[test]
fn json_checks() {
    #[derive(Deserialize)]
    struct Vector {
        name: String,
        text: String,
        accepted: bool,
    }
    for Vector { name, text, accepted } in vectors::<Vector>(include_str!("golden/json_checks.jsonl")) {
        assert_eq!(EventPayloadJson::from_text(text).is_ok(), accepted, "{name}");
    }
}

fn repository(schemas: &[String]) -> Result<Repository, SchemaError> {
    schemas.iter().fold(Repository::builder(), |builder, text| builder.schema("vector", text.clone())).build()
}

#[test]
fn schemas() {
    #[derive(Deserialize)]
    struct Encoding {
        r#type: String,
        value: Data,
        hex: String,
    }
    #[derive(Deserialize)]
    struct Vector {
        name: String,
        schemas: Vec<String>,
        /// None if the schemas are to be refused.
        #[serde(flatten)]
        encoding: Option<Encoding>,
    }
    for Vector { name, schemas, encoding } in vectors(include_str!("golden/schemas.jsonl")) {
        let repository = repository(&schemas);
        let Some(Encoding { r#type, value, hex }) = encoding else {
            assert!(repository.is_err(), "{name}");
            continue;
        };
        let repository = repository.unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(repository.encode(&r#type, &value), Ok(from_hex(&hex)), "{name}");
        // The text tells NaN from other values, which `==` does not.
        let decoded = repository.decode(&r#type, from_hex(&hex)).unwrap();
        assert_eq!(serde_json::to_string(&decoded).unwrap(), serde_json::to_string(&value).unwrap(), "{name}");
    }
}

#[test]
fn decodings() {
    #[derive(Deserialize)]
    struct Vector {
        name: String,
        schemas: Vec<String>,
        r#type: String,
        hex: String,
        /// Told unless it is long.
        #[serde(default, deserialize_with = "some")]
        value: Option<Data>,
        /// None if the bytes are to be refused.
        canonical: Option<String>,
    }

    /// `null` is a value.
    fn some<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<Data>, D::Error> {
        Data::deserialize(deserializer).map(Some)
    }

    for vector in vectors::<Vector>(include_str!("golden/decodings.jsonl")) {
        let Vector { name, schemas, r#type, hex, value, canonical } = vector;
        let repository = repository(&schemas).unwrap();
        let decoded = repository.decode(&r#type, from_hex(&hex));
        let Some(canonical) = canonical else {
            assert!(decoded.is_err(), "{name} decoded to {decoded:?}");
            continue;
        };
        let decoded = decoded.unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(repository.encode(&r#type, &decoded), Ok(from_hex(&canonical)), "{name}");
        if let Some(value) = value {
            assert_eq!(serde_json::to_string(&decoded).unwrap(), serde_json::to_string(&value).unwrap(), "{name}");
        }
    }
}
