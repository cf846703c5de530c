//! A message is refused, or it is the same after encoding, for which it needs no more bytes than were received.

#![cfg_attr(fuzzing, no_main)]

use bytes::Bytes;
use hat_event_codec::{Message, Writer};

hat_event_fuzz::claim!(|data| {
    let Some((name, data)) = hat_event_fuzz::choose(Message::TYPE_NAMES, data) else { return };
    let Ok(message) = Message::decode(name, Bytes::copy_from_slice(data)) else { return };
    let mut writer = Writer::default();
    message.encode(&mut writer);
    let encoded = writer.finish();
    assert!(encoded.len() <= data.len());
    assert_eq!(Message::decode(name, encoded).as_ref(), Ok(&message));
});
