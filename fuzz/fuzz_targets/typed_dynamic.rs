//! Typed and by the schema, the same bytes are accepted and written; only what a schema cannot say is refused by one.

#![cfg_attr(fuzzing, no_main)]

use bytes::Bytes;
use hat_event_codec::{DecodeErrorKind, Message, MessageError, SbsError, Writer, sbs_repo};

hat_event_fuzz::claim!(|data| {
    let Some((name, data)) = hat_event_fuzz::choose(Message::TYPE_NAMES, data) else { return };
    let data = Bytes::copy_from_slice(data);
    let dynamic = sbs_repo().decode(name, data.clone());
    match Message::decode(name, data) {
        Ok(message) => {
            let mut writer = Writer::default();
            message.encode(&mut writer);
            let dynamic = dynamic.expect("what is accepted typed is of the schema");
            assert_eq!(sbs_repo().encode(name, &dynamic), Ok(writer.finish()));
        }
        Err(MessageError::Decode { error, .. }) => match error.kind() {
            DecodeErrorKind::Negative(_) | DecodeErrorKind::Timestamp(_) | DecodeErrorKind::Json(_) => {}
            _ => assert!(matches!(dynamic, Err(SbsError::Decode(_))), "{error}"),
        },
        Err(error) => panic!("{error}"),
    }
});
