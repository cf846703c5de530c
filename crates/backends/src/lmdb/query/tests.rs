use hat_event_common::{EventPayload, EventType, RegisterEvent, Timestamp};

use super::*;

fn event(number: u64, len: usize) -> Event {
    let payload = Some(EventPayload::binary("", vec![7; len]));
    let id = hat_event_common::EventId::new(1, number, 1).unwrap();
    RegisterEvent { event_type: EventType::from(["a"]), source_timestamp: None, payload }
        .register(id, Timestamp::new(1, 0).unwrap())
}

/// The sessions of what is found.
fn numbers(found: Found) -> (Vec<u64>, bool) {
    let QueryResult { events, more_follows } = found.result().unwrap();
    (events.iter().map(|event| event.id.session.get()).collect(), more_follows)
}

#[test]
fn events_of_all_lengths_are_found_in_order_wherever_they_are() {
    // Some fill a buffer alone, and some do not fit into one.
    let lens = [0, 1, 100, BUFFER - 40, BUFFER, 3 * BUFFER, 10, BUFFER / 2, BUFFER / 2, 5];
    let mut found = Found::new(usize::MAX);
    for (number, len) in (1..).zip(lens.iter().cycle().take(200)) {
        let event = event(number, *len);
        if number % 3 == 0 { found.keep(event) } else { found.store(&event.to_sbs_bytes()) }
    }
    assert_eq!(numbers(found), ((1..=200).collect(), false));
}

#[test]
fn what_is_kept_between_does_not_take_a_buffer_each_time() {
    let mut found = Found::new(usize::MAX);
    for number in 0..1000 {
        found.store(&event(2 * number, 10).to_sbs_bytes());
        found.keep(event(2 * number + 1, 10));
    }
    let buffers = {
        found.read();
        let place = |event: &Event| match &event.payload {
            Some(EventPayload::Binary(binary)) => binary.data.as_ptr() as usize / BUFFER,
            _ => unreachable!("all are binary"),
        };
        let places: std::collections::BTreeSet<usize> = found.events.iter().step_by(2).map(place).collect();
        places.len()
    };
    assert!(buffers <= 3, "a thousand small events lie in {buffers} buffers");
}

#[test]
fn a_page_has_no_more_than_is_asked_for() {
    for (stored, len, more_follows) in [(3, 3, false), (4, 3, true), (1, 0, true), (0, 0, false)] {
        let mut found = Found::new(page_len(Some(len), u64::MAX));
        (1..=stored).for_each(|number| found.store(&event(number, 1).to_sbs_bytes()));
        assert_eq!(numbers(found), ((1..=stored.min(len)).collect(), more_follows));
    }
}

#[test]
fn what_cannot_be_read_is_left_out_and_costs_no_other() {
    let good = |number| event(number, 10).to_sbs_bytes().to_vec();
    let cut = good(2)[..20].to_vec();
    let longer = [good(2), vec![0]].concat();
    // It claims the bytes of the event behind it.
    let claiming = {
        let mut bytes = good(2);
        let at = bytes.len() - 11;
        bytes[at] = 0x80 | 30;
        bytes
    };
    for bad in [cut, longer, claiming, Vec::new(), vec![0xFF; 3]] {
        assert!(read_event(Bytes::from(bad.clone())).is_err(), "{bad:?}");
        for place in 0..3 {
            let mut found = Found::new(page_len(Some(10), u64::MAX));
            for number in 0..3 {
                if number == place { found.store(&bad) } else { found.store(&good(number)) }
            }
            let expected: Vec<u64> = (0..3).filter(|number| *number != place).collect();
            assert_eq!(numbers(found), (expected, false), "{bad:?}");
        }
        // An empty page would be the end for who pages, so it is an error if more follows.
        for (stored, fails) in [(2, false), (3, true)] {
            let mut found = Found::new(3);
            (0..stored).for_each(|_| found.store(&bad));
            assert_eq!(found.result().is_err(), fails);
        }
    }
}
