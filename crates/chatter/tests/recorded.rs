//! All recorded messages are what the transcript says, and encode to the same bytes again.

mod sample;

use hat_event_codec::{Message, Writer};
use sample::{split, streams, transcript};
use serde_json::json;

#[test]
fn frames_and_conversations_are_those_of_the_transcript() {
    for stream in streams() {
        let (frames, end) = split([&stream.data[..]]);
        assert_eq!(end, Ok(()));
        let transcript = transcript(stream.conn, stream.dir);
        assert_eq!(frames.len(), transcript.len());
        for (frame, expected) in frames.iter().zip(&transcript) {
            let msg = frame.decode().unwrap();
            assert_eq!(json!(frame.offset), expected["offset"]);
            assert_eq!(json!(frame.total_len()), expected["length"]);
            assert_eq!(json!(&*msg.data.data_type), expected["type"]);
            let (id, first, owner, token, last) = (msg.id, msg.first, msg.owner, msg.token, msg.last);
            let chatter = json!({"id": id, "first": first, "owner": owner, "token": token, "last": last});
            assert_eq!(chatter, expected["chatter"]);

            let start = frame.offset as usize;
            assert_eq!(msg.to_frame(), stream.data[start..start + frame.total_len()]);
        }
    }
}

#[test]
fn typed_messages_encode_to_the_same_bytes() {
    let mut typed = 0;
    for stream in streams() {
        for frame in split([&stream.data[..]]).0 {
            let data = frame.decode().unwrap().data;
            if data.data_type.starts_with("HatChatter.") {
                assert!(data.data.is_empty());
                continue;
            }
            let message = Message::decode(&data.data_type, data.data.clone()).unwrap();
            assert_eq!(message.type_name(), &*data.data_type);
            let mut writer = Writer::default();
            message.encode(&mut writer);
            assert_eq!(writer.finish(), data.data);
            typed += 1;
        }
    }
    assert_eq!(typed, 155);
}
