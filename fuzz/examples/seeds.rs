//! Cuts seeds for the fuzz targets out of the recorded traffic: `cargo run --example seeds`, in this folder.

use std::collections::BTreeMap;
use std::error::Error;
use std::path::Path;

use hat_event_chatter::{FrameSplitter, Msg};
use hat_event_codec::{Message, MsgRegisterReq, sbs_repo};

const TRAFFIC: &str = "../crates/chatter/tests/sample";

/// Values by their size, one of each: those of one size are mostly alike.
type BySize<T> = BTreeMap<usize, T>;

fn main() -> Result<(), Box<dyn Error>> {
    let mut messages: BTreeMap<String, BySize<Msg>> = BTreeMap::new();
    let mut texts: BySize<String> = BySize::new();
    for entry in std::fs::read_dir(TRAFFIC)? {
        let folder = entry?.path();
        for direction in ["c2s", "s2c"] {
            let Ok(stream) = std::fs::read(folder.join(direction).with_extension("bin")) else { continue };
            let name = format!("{}-{direction}", folder.file_name().unwrap_or_default().display());
            // Three pieces, of 1, 30 and 2 bytes, then what is left.
            write("connection", &name, &[&[3, 1, 30, 2], &stream[..stream.len().min(1000)]].concat())?;
            if direction == "c2s" {
                write("server", &name, &[&[0], &stream[..stream.len().min(2000)]].concat())?;
            }
            write("frames", &name, &[&[3, 1, 30, 2], &stream[..stream.len().min(1000)]].concat())?;
            for msg in split(&stream)? {
                if let Ok(Message::RegisterReq(MsgRegisterReq(events))) = decode(&msg) {
                    let payloads = events.iter().filter_map(|event| event.payload.as_ref()?.as_json());
                    texts.extend(payloads.map(|json| (json.text().len(), json.text().to_string())));
                }
                messages.entry(msg.data.data_type.to_string()).or_default().insert(msg.data.data.len(), msg);
            }
        }
    }
    for (data_type, by_size) in messages {
        let Some(choice) = Message::TYPE_NAMES.iter().position(|name| *name == data_type) else { continue };
        for (size, msg) in few(by_size) {
            let name = format!("{data_type}-{size}");
            if data_type == "HatEventer.MsgInitReq" {
                write("init", &name, &msg.data.data)?;
            } else if data_type.ends_with("Req") {
                // Behind an introduction.
                write("server", &name, &[&[1], &msg.to_frame()[..]].concat())?;
            }
            for target in ["messages", "typed_dynamic"] {
                write(target, &name, &[&[choice as u8], &msg.data.data[..]].concat())?;
            }
            let choice = sbs_repo().type_names().position(|name| name == data_type).ok_or("type of no schema")?;
            write("dynamic", &name, &[&[choice as u8], &msg.data.data[..]].concat())?;
        }
    }
    for (size, text) in few(texts) {
        write("json_check", &format!("payload-{size}"), text.as_bytes())?;
        write("json_text", &format!("payload-{size}"), text.as_bytes())?;
    }
    Ok(())
}

/// The messages in a stream.
fn split(stream: &[u8]) -> Result<Vec<Msg>, Box<dyn Error>> {
    let mut splitter = FrameSplitter::new();
    splitter.feed(stream);
    let mut messages = Vec::new();
    while let Some(frame) = splitter.next_frame()? {
        messages.push(frame.decode()?);
    }
    Ok(messages)
}

fn decode(msg: &Msg) -> Result<Message, Box<dyn Error>> {
    Ok(Message::decode(&msg.data.data_type, msg.data.data.clone())?)
}

/// About six of the values, from the smallest to the largest.
fn few<T>(by_size: BySize<T>) -> impl Iterator<Item = (usize, T)> {
    let step = by_size.len().div_ceil(6).max(1);
    by_size.into_iter().step_by(step)
}

fn write(target: &str, name: &str, data: &[u8]) -> Result<(), Box<dyn Error>> {
    let folder = Path::new("corpus").join(target);
    std::fs::create_dir_all(&folder)?;
    Ok(std::fs::write(folder.join(name), data)?)
}
