//! All recorded messages are what the transcript says, and encode to the same bytes again.

mod sample;

use hat_event_codec::{Message, Repository, Writer, sbs_repo};
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

#[test]
fn values_by_schema_are_those_of_the_transcript_and_encode_to_the_same_bytes() {
    let chatter = Repository::builder().schema("HatChatter.sbs", hat_event_chatter::SCHEMA);
    let repository = chatter.repository(sbs_repo()).build().unwrap();
    for stream in streams() {
        for (frame, expected) in split([&stream.data[..]]).0.iter().zip(transcript(stream.conn, stream.dir)) {
            let msg = repository.decode("HatChatter.Msg", frame.body.clone()).unwrap();
            assert_eq!(repository.encode("HatChatter.Msg", &msg).unwrap(), frame.body);

            let data = frame.decode().unwrap().data;
            let mut as_json = serde_json::to_value(&msg).unwrap();
            let carried = as_json.as_object_mut().unwrap().remove("data").unwrap();
            assert_eq!(as_json, expected["chatter"]);
            assert_eq!(carried["type"], *data.data_type);
            assert_eq!(carried["data"]["$hex"], hex(&data.data));

            let value = repository.decode(&data.data_type, data.data.clone()).unwrap();
            assert_eq!(serde_json::to_value(&value).unwrap(), expected["data"]);
            assert_eq!(repository.encode(&data.data_type, &value).unwrap(), data.data);
        }
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
