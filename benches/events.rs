//! The codec's workload: arrays of events as a control system has them, from a fixed seed.

use hat_event_types::{Event, EventId, EventPayload, EventPayloadJson, EventType, RegisterEvent, Timestamp};

use crate::random::Random;

/// So many events: types of 4 to 6 segments, half with a source timestamp, 80 % with about 60 bytes of JSON, the others
/// with 100 bytes; about 130 bytes an event in SBS.
pub(crate) fn events(count: usize) -> Vec<Event> {
    let mut random = Random(1);
    (0..count as u64).map(|i| event(&mut random, i)).collect()
}

fn event(random: &mut Random, i: u64) -> Event {
    let segments = 4 + random.below(3);
    let event_type: EventType = (0..segments).map(|_| random.name()).collect();
    let time = |random: &mut Random| Timestamp::new(1_700_000_000 + i as i64, random.below(1_000_000) as u32).ok();
    let payload = if random.below(5) == 0 {
        EventPayload::binary("raw", (0..100).map(|_| random.below(256) as u8).collect::<Vec<_>>())
    } else {
        let (whole, part, count) = (random.below(1000), random.below(1000), random.below(100_000));
        let text =
            format!("{{\"value\": {whole}.{part:03}, \"quality\": \"good\", \"unit\": \"kW\", \"count\": {count}}}");
        EventPayloadJson::from_text(text).expect("this is JSON").into()
    };
    let source_timestamp = if random.below(2) == 0 { time(random) } else { None };
    let id = EventId::new(1, 1000 + i / 7, i % 7).expect("small ids");
    RegisterEvent { event_type, source_timestamp, payload: Some(payload) }
        .register(id, time(random).expect("less than a million microseconds"))
}
