use std::error::Error;

use hat_event_common::{Data, Event, EventPayload, MsgEventsNotify, Sbs, event_to_sbs};
use serde_json::{Value, json};

use crate::contest::Contests;
use crate::events;

/// Encoding and decoding of arrays of events.
pub(crate) fn hold(contests: &mut Contests) -> Result<(), Box<dyn Error>> {
    for count in [1, 100, 1000] {
        let notify = MsgEventsNotify(events::events(count).into_iter().map(rewritten).collect());
        let bytes = notify.to_sbs_bytes();
        let workload = json!({"hex": bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>()});
        let result = json!(notify.0.iter().map(event_to_sbs).collect::<Vec<Data>>());

        let name = format!("encode, {count} events");
        if contests.wants(&name) {
            contests.hold(name, "encode", workload.clone(), &result, || notify.to_sbs_bytes())?;
        }
        let name = format!("decode, {count} events");
        if contests.wants(&name) {
            contests.hold(name, "decode", workload, &result, || MsgEventsNotify::from_sbs_bytes(bytes.clone()))?;
        }
    }
    Ok(())
}

/// The event with its JSON as the reference writes it, which parses what it gets and writes it anew.
fn rewritten(mut event: Event) -> Event {
    if let Some(value) = event.payload.as_ref().and_then(|payload| payload.parse::<Value>().ok()) {
        event.payload = EventPayload::json(&value).ok();
    }
    event
}
