//! Encoding and decoding of arrays of events.

use bytes::Bytes;
use hat_event_common::{Data, Event, EventPayload, MsgEventsNotify, Sbs, event_to_sbs};
use prost::Message;
use serde_json::{Value, json};

use crate::codec_peers::{owned, shared};
use crate::contest::{Entry, HERE, hold};
use crate::reference::Reference;
use crate::table::Row;
use crate::{Result, Step, events};

pub(crate) fn steps() -> Vec<Step> {
    [1, 100, 1000]
        .map(|count| {
            let name = format!("codec, {count} event{}", if count == 1 { "" } else { "s" });
            Step::new(name, move |name, reference| step(name, count, reference))
        })
        .into()
}

fn step(name: &str, count: usize, reference: &Reference) -> Result<Vec<Row>> {
    let notify = MsgEventsNotify(events::events(count).into_iter().map(rewritten).collect());
    let bytes = notify.to_sbs_bytes();
    let result = json!(notify.0.iter().map(event_to_sbs).collect::<Vec<Data>>());
    let workload = json!({"hex": bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>()});
    if reference.load("codec", workload)? != json!([result, result]) {
        return Err("the results differ".into());
    }

    let config = bincode::config::standard();
    let (owned, shared) = (owned::Events::from(&notify.0[..]), shared::Events::from(&notify.0[..]));
    let prost = Bytes::from(owned.encode_to_vec());
    let bincode = bincode::serde::encode_to_vec(&owned, config)?;
    let is_same = owned::Events::decode(&prost[..])? == owned
        && shared::Events::decode(prost.clone())? == shared
        && bincode::serde::decode_from_slice::<owned::Events, _>(&bincode, config)?.0 == owned;
    if !is_same {
        return Err("a peer decodes something else than it has encoded".into());
    }

    let encode = hold(vec![
        Entry::runs(HERE, || notify.to_sbs_bytes()),
        reference.whole("encode"),
        Entry::runs("prost", || owned.encode_to_vec()),
        Entry::runs("prost-shared", || shared.encode_to_vec()),
        Entry::runs("bincode", || bincode::serde::encode_to_vec(&owned, config)),
    ])?;
    let decode = hold(vec![
        Entry::runs(HERE, || MsgEventsNotify::from_sbs_bytes(bytes.clone())),
        reference.whole("decode"),
        Entry::runs("prost", || owned::Events::decode(&prost[..])),
        Entry::runs("prost-shared", || shared::Events::decode(prost.clone())),
        Entry::runs("bincode", || bincode::serde::decode_from_slice::<owned::Events, _>(&bincode, config)),
    ])?;
    Ok(vec![Row::times(format!("{name}: encode"), encode), Row::times(format!("{name}: decode"), decode)])
}

/// The event with its JSON as the reference writes it, which parses what it gets and writes it anew.
fn rewritten(mut event: Event) -> Event {
    if let Some(value) = event.payload.as_ref().and_then(|payload| payload.parse::<Value>().ok()) {
        event.payload = EventPayload::json(&value).ok();
    }
    event
}
