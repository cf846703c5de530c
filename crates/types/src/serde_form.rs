//! The JSON form of values that are no plain records: what the tools of Hat print.

use bytes::Bytes;
use serde::de::{self, Deserialize, Deserializer};
use serde::ser::{Serialize, SerializeStruct, Serializer};
use serde_json::value::RawValue;

use crate::{
    EventPayload, EventPayloadBinary, EventPayloadJson, EventType, InstanceId, ServerId, SessionId, Timestamp,
};

macro_rules! id {
    ($($name:ident),*) => {
        $(impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_u64(self.get())
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                Self::new(u64::deserialize(deserializer)?).map_err(de::Error::custom)
            }
        })*
    };
}

id!(ServerId, SessionId, InstanceId);

/// A list of segments.
impl Serialize for EventType {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.segments())
    }
}

impl<'de> Deserialize<'de> for EventType {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Vec::<String>::deserialize(deserializer)?.into())
    }
}

#[derive(serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct TimestampForm {
    s: i64,
    us: u32,
}

/// `{"s": 1700000000, "us": 250000}`
impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        TimestampForm { s: self.s(), us: self.us() }.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let TimestampForm { s, us } = TimestampForm::deserialize(deserializer)?;
        Self::new(s, us).map_err(de::Error::custom)
    }
}

/// `{"data_type": "binary", "binary_type": "…", "data": "00ff"}`
impl Serialize for EventPayloadBinary {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut form = serializer.serialize_struct("EventPayload", 3)?;
        form.serialize_field("data_type", "binary")?;
        form.serialize_field("binary_type", &*self.binary_type)?;
        form.serialize_field("data", &to_hex(&self.data))?;
        form.end()
    }
}

/// `{"data_type": "json", "data": …}` with the text of the payload as it is, but for space around it.
///
/// Only `serde_json` can carry text as it is. By way of its `Value`, or nested in what serde has to buffer (`flatten`,
/// `untagged`, a `tag` within), the text is rewritten or cannot be read.
impl Serialize for EventPayloadJson {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut form = serializer.serialize_struct("EventPayload", 2)?;
        form.serialize_field("data_type", "json")?;
        let text: &RawValue = self.parse().map_err(serde::ser::Error::custom)?;
        form.serialize_field("data", text)?;
        form.end()
    }
}

/// The form of the one or the other kind.
impl Serialize for EventPayload {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Binary(binary) => binary.serialize(serializer),
            Self::Json(json) => json.serialize(serializer),
        }
    }
}

impl<'de> Deserialize<'de> for EventPayloadBinary {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match EventPayload::deserialize(deserializer)? {
            EventPayload::Binary(binary) => Ok(binary),
            EventPayload::Json(_) => Err(de::Error::custom("payload is JSON and not binary")),
        }
    }
}

impl<'de> Deserialize<'de> for EventPayloadJson {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match EventPayload::deserialize(deserializer)? {
            EventPayload::Json(json) => Ok(json),
            EventPayload::Binary(_) => Err(de::Error::custom("payload is binary and not JSON")),
        }
    }
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct PayloadForm<'a> {
    data_type: PayloadKind,
    binary_type: Option<String>,
    #[serde(borrow)]
    data: std::borrow::Cow<'a, RawValue>,
}

#[derive(serde::Deserialize)]
#[serde(rename_all = "lowercase")]
enum PayloadKind {
    Binary,
    Json,
}

impl<'de> Deserialize<'de> for EventPayload {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let PayloadForm { data_type, binary_type, data } = PayloadForm::deserialize(deserializer)?;
        match data_type {
            PayloadKind::Binary => {
                let hex: String = serde_json::from_str(data.get()).map_err(de::Error::custom)?;
                let data = from_hex(&hex).ok_or_else(|| de::Error::custom("data is not written in hex"))?;
                Ok(Self::binary(binary_type.ok_or_else(|| de::Error::missing_field("binary_type"))?, data))
            }
            PayloadKind::Json if binary_type.is_some() => Err(de::Error::custom("binary_type of a JSON payload")),
            PayloadKind::Json => {
                EventPayloadJson::from_text(data.get().to_owned()).map(Self::Json).map_err(de::Error::custom)
            }
        }
    }
}

fn to_hex(data: &[u8]) -> String {
    data.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn from_hex(hex: &str) -> Option<Bytes> {
    let digits: Option<Vec<u32>> = hex.chars().map(|c| c.to_digit(16)).collect();
    let digits = digits?;
    let (pairs, rest) = digits.as_chunks::<2>();
    rest.is_empty().then(|| pairs.iter().map(|[high, low]| (high << 4 | low) as u8).collect())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::{Event, EventId, QueryParams, QueryServerParams, QueryTimeseriesParams, RegisterEvent, Status};

    fn event(payload: Option<EventPayload>) -> Event {
        RegisterEvent {
            event_type: EventType::from(["a", "b/c"]),
            source_timestamp: Some(Timestamp::new(-1, 999_999).unwrap()),
            payload,
        }
        .register(EventId::new(1, 2, 3).unwrap(), Timestamp::new(4, 5).unwrap())
    }

    #[test]
    fn events_have_the_form_that_the_tools_of_hat_print() {
        let json = EventPayloadJson::from_text(r#"{"x":1.50}"#).unwrap();
        assert_eq!(
            serde_json::to_string(&event(Some(json.into()))).unwrap(),
            r#"{"id":{"server":1,"session":2,"instance":3},"type":["a","b/c"],"timestamp":{"s":4,"us":5},"#.to_owned()
                + r#""source_timestamp":{"s":-1,"us":999999},"payload":{"data_type":"json","data":{"x":1.50}}}"#
        );
        let binary = EventPayload::binary("raw", &[0x00, 0xFF][..]);
        assert_eq!(
            serde_json::to_string(&binary).unwrap(),
            r#"{"data_type":"binary","binary_type":"raw","data":"00ff"}"#
        );
    }

    #[test]
    fn a_payload_of_one_kind_has_the_same_form() {
        let json = EventPayloadJson::from_text("[1.50]").unwrap();
        let text = r#"{"data_type":"json","data":[1.50]}"#;
        assert_eq!(serde_json::to_string(&json).unwrap(), text);
        assert_eq!(serde_json::from_str::<EventPayloadJson>(text).unwrap(), json);
        assert!(serde_json::from_str::<EventPayloadBinary>(text).is_err());
        let binary = EventPayloadBinary { binary_type: "raw".into(), data: Bytes::from_static(&[1]) };
        let text = serde_json::to_string(&binary).unwrap();
        assert_eq!(serde_json::from_str::<EventPayloadBinary>(&text).unwrap(), binary);
        assert!(serde_json::from_str::<EventPayloadJson>(&text).is_err());
    }

    #[test]
    fn queries_name_their_kind() {
        let params = QueryParams::from(QueryServerParams::new(ServerId::from(7)));
        let text = r#"{"query_type":"server","server_id":7,"persisted":false,"max_results":null,"last_event_id":null}"#;
        assert_eq!(serde_json::to_string(&params).unwrap(), text);
        assert_eq!(serde_json::from_str::<QueryParams>(text).unwrap(), params);
        assert_eq!(
            serde_json::from_str::<QueryParams>(r#"{"query_type":"timeseries"}"#).unwrap(),
            QueryTimeseriesParams::default().into()
        );
        assert_eq!(serde_json::to_string(&Status::Operational).unwrap(), "\"operational\"");
    }

    #[test]
    fn what_is_no_value_is_refused() {
        for text in [
            r#"{"data_type":"binary","binary_type":"raw","data":"0g"}"#,
            r#"{"data_type":"binary","binary_type":"raw","data":"000"}"#,
            r#"{"data_type":"binary","data":"00"}"#,
            r#"{"data_type":"json","data":1e400}"#,
            r#"{"data_type":"json","binary_type":"","data":1}"#,
            r#"{"data_type":"text","data":1}"#,
        ] {
            assert!(serde_json::from_str::<EventPayload>(text).is_err(), "{text}");
        }
        assert!(serde_json::from_str::<Timestamp>(r#"{"s":0,"us":1000000}"#).is_err());
        assert!(serde_json::from_str::<ServerId>("9223372036854775808").is_err());
    }

    proptest! {
        #[test]
        fn events_come_back(binary_type: String, data: Vec<u8>, number: f64, text: String) {
            let payloads = [
                None,
                Some(EventPayload::binary(binary_type, data)),
                EventPayload::json(&(number, text)).ok(),
            ];
            for payload in payloads {
                let event = event(payload);
                let text = serde_json::to_string(&event).unwrap();
                prop_assert_eq!(serde_json::from_str::<Event>(&text).unwrap(), event.clone());
                let value: serde_json::Value = serde_json::from_str(&text).unwrap();
                // By way of a `Value` the text of JSON may differ, but not what it says.
                let through_value: Event = serde_json::from_value(value).unwrap();
                prop_assert_eq!((through_value.id, &through_value.event_type), (event.id, &event.event_type));
                match (through_value.payload, event.payload) {
                    (Some(EventPayload::Json(through)), Some(EventPayload::Json(json))) => {
                        let value = |json: &EventPayloadJson| json.parse::<serde_json::Value>().unwrap();
                        prop_assert_eq!(value(&through), value(&json));
                    }
                    (through, payload) => prop_assert_eq!(through, payload),
                }
            }
        }
    }
}
