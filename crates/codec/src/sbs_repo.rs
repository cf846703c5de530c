//! The schemas of the protocols, and the pairs of functions between values and [`Data`] that the reference has.

use std::sync::LazyLock;

use bytestring::ByteString;
use hat_event_types::{Event, EventPayload, QueryParams, QueryResult, RegisterEvent, Status, Timestamp};

use crate::{Data, Repository, Sbs, SbsError};

static REPOSITORY: LazyLock<Repository> = LazyLock::new(|| {
    let schema = |text| ByteString::from_static(text);
    let repository = Repository::builder()
        .schema("HatEventer.sbs", schema(include_str!("../schemas/HatEventer.sbs")))
        .schema("HatEventAdminer.sbs", schema(include_str!("../schemas/HatEventAdminer.sbs")))
        .build();
    #[expect(clippy::expect_used, reason = "the texts are part of the program, and tests build them")]
    repository.expect("the schemas of the protocols are valid")
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
    Ok(T::from_sbs_bytes(sbs_repo().encode(type_name, data)?)?)
}

macro_rules! pairs {
    ($($type:ident = $name:literal: $to:ident, $from:ident;)*) => {
        $(
            #[doc = concat!("The data of a value of type `", $name, "`.")]
            pub fn $to(value: &$type) -> Data {
                to_sbs($name, value)
            }

            #[doc = concat!("The value that data of type `", $name, "` is.")]
            ///
            /// # Errors
            ///
            /// [`SbsError::Encode`] if the data is not of that type, [`SbsError::Decode`] if it is, but no such value.
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
