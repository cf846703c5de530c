//! Event types of the benchmark of subscriptions.

use hat_event_types::EventType;

/// `segment {digit}` so many times in a type, counting up in a base for which the digits are about enough.
pub(crate) fn w1(segments: u32, count: usize) -> Vec<EventType> {
    let base = match segments {
        1 => count,
        _ => (count as f64).log(segments.into()).ceil().max(1.0) as usize,
    };
    let event_type = |i: usize| {
        (0..segments)
            .rev()
            .map(|j| {
                let rest = if j + 1 == segments { i } else { i % base.pow(j + 1) };
                format!("segment {}", rest / base.pow(j))
            })
            .collect()
    };
    (0..count).map(event_type).collect()
}
