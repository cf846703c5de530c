//! The schemas of the protocols, and the pairs of functions between values and [`Data`] that the reference has.

use std::sync::LazyLock;

use bytestring::ByteString;
use hat_event_types::{Event, EventPayload, QueryParams, QueryResult, RegisterEvent, Status, Timestamp};

use crate::{Data, Repository, Sbs, SbsError};

/// The schema texts of [`sbs_repo`]: names of the modules, and what they say.
pub const SBS_SCHEMAS: [(&str, &str); 2] = [
    ("HatEventer", include_str!("../schemas/HatEventer.sbs")),
    ("HatEventAdminer", include_str!("../schemas/HatEventAdminer.sbs")),
];

static REPOSITORY: LazyLock<Repository> = LazyLock::new(|| {
    let schemas = SBS_SCHEMAS.into_iter();
    let builder = schemas.fold(Repository::builder(), |builder, (name, text)| {
        builder.schema(format!("{name}.sbs"), ByteString::from_static(text))
    });
    #[expect(clippy::expect_used, reason = "the texts are part of the program, and tests build them")]
    builder.build().expect("the schemas of the protocols are valid")
});

/// The modules `HatEventer` and `HatEventAdminer`: all messages of the protocols, and what is in them.
pub fn sbs_repo() -> &'static Repository {
    &REPOSITORY
}

/// Typed encoding and then dynamic decoding: so the two cannot differ.
fn to_sbs<T: Sbs>(type_name: &str, value: &T) -> Data {
    let data = sbs_repo().decode(type_name, value.to_sbs_bytes());
    #[expect(
        clippy::expect_used,
        reason = "a typed value encodes to bytes of its type in the schema, which is neither deep nor has items without content"
    )]
    data.expect("what is encoded decodes")
}

fn from_sbs<T: Sbs>(type_name: &str, data: &Data) -> Result<T, SbsError> {
    // The bytes in between are nobody's: where they are wrong is told by the field alone.
    T::from_sbs_bytes(sbs_repo().encode(type_name, data)?)
        .map_err(|error| SbsError::NoValue { path: error.path(), kind: error.kind().clone() })
}

macro_rules! pairs {
    ($($type:ident = $name:literal: $to:ident, $from:ident;)*) => {
        $(
            #[doc = concat!("The data of a value of type `", $name, "`, as the reference's function of this name makes it.")]
            pub fn $to(value: &$type) -> Data {
                to_sbs($name, value)
            }

            #[doc = concat!("The value that data of type `", $name, "` is.")]
            ///
            /// # Errors
            ///
            /// [`SbsError::Encode`] if the data is not of that type, [`SbsError::NoValue`] if it is, but there is no such value.
            pub fn $from(data: &Data) -> Result<$type, SbsError> {
                from_sbs($name, data)
            }
        )*
    };
}

pairs! {
    Timestamp = "HatEventer.Timestamp": timestamp_to_sbs, timestamp_from_sbs;
    Status = "HatEventer.Status": status_to_sbs, status_from_sbs;
    Event = "HatEventer.Event": event_to_sbs, event_from_sbs;
    RegisterEvent = "HatEventer.RegisterEvent": register_event_to_sbs, register_event_from_sbs;
    QueryParams = "HatEventer.QueryParams": query_params_to_sbs, query_params_from_sbs;
    QueryResult = "HatEventer.QueryResult": query_result_to_sbs, query_result_from_sbs;
    EventPayload = "HatEventer.EventPayload": event_payload_to_sbs, event_payload_from_sbs;
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use hat_event_types::{EventId, EventType};

    use super::*;
    use crate::Message;

    #[test]
    fn every_message_has_a_type() {
        for name in Message::TYPE_NAMES {
            assert!(sbs_repo().type_names().any(|known| known == *name), "{name}");
        }
    }

    #[test]
    fn values_have_the_data_that_the_reference_makes_of_them() {
        let t = Timestamp::new(-1, 500_000).unwrap();
        let t_data = Data::record([("s", (-1).into()), ("us", 500_000.into())]);
        assert_eq!(timestamp_to_sbs(&t), t_data);
        assert_eq!(status_to_sbs(&Status::Stopping), Data::choice("stopping", Data::None));

        let payload = EventPayload::binary("raw", Bytes::from_static(b"\0"));
        let payload_data =
            Data::choice("binary", Data::record([("type", "raw".into()), ("data", Bytes::from_static(b"\0").into())]));
        assert_eq!(event_payload_to_sbs(&payload), payload_data);

        let event_type = EventType::from(["a", "b"]);
        let event = RegisterEvent { event_type, source_timestamp: Some(t), payload: Some(payload) };
        let fields = [
            ("type", vec!["a".into(), "b".into()].into()),
            ("sourceTimestamp", Data::optional(Some(t_data.clone()))),
            ("payload", Data::optional(Some(payload_data))),
        ];
        assert_eq!(register_event_to_sbs(&event), Data::record(fields.clone()));

        let event = event.register(EventId::new(1, 2, 3).unwrap(), t);
        let id = Data::record([("server", 1.into()), ("session", 2.into()), ("instance", 3.into())]);
        let [event_type, source_timestamp, payload] = fields;
        let data = Data::record([("id", id), event_type, ("timestamp", t_data), source_timestamp, payload]);
        assert_eq!(event_to_sbs(&event), data);
        assert_eq!(event_from_sbs(&data), Ok(event));
    }

    #[test]
    fn data_that_is_no_value_is_refused() {
        let s_only = Data::record([("s", 1.into())]);
        assert_eq!(timestamp_from_sbs(&s_only).unwrap_err().to_string(), "field \"us\" is missing");
        let us_too_large = Data::record([("s", 1.into()), ("us", 1_000_000.into())]);
        let error = timestamp_from_sbs(&us_too_large).unwrap_err();
        assert_eq!(error.to_string(), "us: 1000000 microseconds are not in 0 … 999999");
        let text = Data::choice("json", "{".into());
        assert!(matches!(event_payload_from_sbs(&text), Err(SbsError::NoValue { .. })));
    }
}
