//! JSON text is accepted exactly if `serde_json` takes it, but for numbers that overflow and for depth.

#![cfg_attr(fuzzing, no_main)]

use hat_event_types::{JsonError, JsonErrorKind, check_json};
use serde::de::IgnoredAny;

hat_event_fuzz::claim!(|data| {
    let Ok(text) = std::str::from_utf8(data) else { return };
    // Skipping a value, serde_json looks at its grammar alone, without a limit of depth.
    let peer = serde_json::from_str::<IgnoredAny>(text).is_ok();
    match check_json(text) {
        Err(JsonError::Text { kind: JsonErrorKind::TooDeep, .. }) => assert!(text.len() > 900),
        Err(JsonError::Text { kind: JsonErrorKind::NumberOverflow, .. }) => {
            assert!(serde_json::from_str::<serde_json::Value>(text).is_err());
        }
        result => assert_eq!(result.is_ok(), peer, "{result:?}"),
    }
});
