//! Twelve bytes are refused, or they are a timestamp that encodes to them; their order is that of the timestamps.

#![cfg_attr(fuzzing, no_main)]

use hat_event_codec::{timestamp_from_bytes, timestamp_from_datetime, timestamp_to_bytes, timestamp_to_datetime};

hat_event_fuzz::claim!(|data| {
    let Some((&first, data)) = data.split_first_chunk() else { return };
    let Some(&second) = data.first_chunk() else { return };
    let (Ok(a), Ok(b)) = (timestamp_from_bytes(first), timestamp_from_bytes(second)) else { return };
    assert_eq!(timestamp_to_bytes(a), first);
    assert_eq!(a.cmp(&b), first.cmp(&second));
    if let Ok(datetime) = timestamp_to_datetime(a) {
        assert_eq!(timestamp_from_datetime(datetime), a);
    }
});
