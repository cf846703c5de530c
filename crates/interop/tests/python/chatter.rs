use hat_event_chatter::{FrameSplitter, Msg, MsgData};
use serde_json::{Value, json};

use crate::encodings::hex;
use crate::trial::{NEWEST, PORTED, Trial, same};
use crate::values::text;

#[test]
fn messages_are_framed_as_by_the_reference() {
    chatter(NEWEST).run();
}

#[test]
fn messages_are_framed_as_by_0_9_30() {
    chatter(PORTED).run();
}

fn chatter(python: &'static str) -> Trial<Msg> {
    Trial {
        python,
        about: "chatter",
        make: |random| Msg {
            id: random.integer(),
            first: random.integer(),
            owner: random.once_in(2),
            token: random.once_in(2),
            last: random.once_in(2),
            data: MsgData { data_type: text(random), data: random.data().repeat(1 + random.below(20)).into() },
        },
        question: |msg| {
            json!({
                "id": msg.id, "first": msg.first, "owner": msg.owner, "token": msg.token, "last": msg.last,
                "type": &*msg.data.data_type, "data": hex(&msg.data.data), "frame": hex(&msg.to_frame()),
            })
        },
        judge: |msg, answer, _| {
            let frame = msg.to_frame();
            same("frame", &Value::from(hex(&frame)), &answer["frame"])?;
            same("frame, read by the reference", &Value::from(true), &answer["read"])?;
            let mut splitter = FrameSplitter::new();
            splitter.feed(&frame);
            let frame = splitter.next_frame().map_err(|error| error.to_string())?;
            same("read again", frame.map(|frame| frame.decode()), Some(Ok(msg.clone())))
        },
    }
}
