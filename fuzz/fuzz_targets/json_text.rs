//! The text written for a value is accepted, and is that value.

#![cfg_attr(fuzzing, no_main)]

use hat_event_types::EventPayloadJson;
use serde_json::Value;

hat_event_fuzz::claim!(|data| {
    let Ok(value) = serde_json::from_slice::<Value>(data) else { return };
    let payload = EventPayloadJson::from_value(&value).expect("a finite value");
    assert_eq!(payload.parse::<Value>().expect("JSON"), value, "{}", payload.text());
    assert!(payload.text().is_ascii());
});
