//! A connection gives the same messages and the same end in whatever pieces its bytes arrive, and time never breaks it.

#![cfg_attr(fuzzing, no_main)]

use std::time::{Duration, Instant};

use hat_event_chatter::{CloseReason, Config, Connection, Outgoing, Received};

hat_event_fuzz::claim!(|data| {
    let Some((stream, pieces)) = hat_event_fuzz::pieces(data) else { return };
    assert_eq!(received(&pieces, false), received(&[stream], false));
    received(&pieces, true);
});

/// What is received, how many bytes are answered, and how it ends; with pieces far apart in time, if `slow`.
fn received(pieces: &[&[u8]], slow: bool) -> (Vec<Received>, usize, Option<CloseReason>) {
    let mut now = Instant::now();
    let mut connection = Connection::new(Config::default(), now);
    let (mut messages, mut answered) = (Vec::new(), 0);
    for piece in pieces {
        connection.handle_bytes(now, piece);
        while let Some(message) = connection.poll_message(now) {
            connection.accept();
            if slow {
                // It is gone by then, or takes it.
                let _ = connection.send(now, &Outgoing::answer(message.conversation, "A.B", &[]));
            }
            messages.push(message);
        }
        while let Some(bytes) = connection.poll_output() {
            answered += bytes.len();
            connection.handle_written(now, bytes.len());
        }
        if slow {
            now += Duration::from_secs(7);
            connection.handle_timeout(now);
        }
    }
    connection.handle_end();
    assert!(connection.poll_message(now).is_none());
    connection.handle_timeout(now + Duration::from_secs(1000));
    connection.handle_timeout(now + Duration::from_secs(2000));
    assert!(connection.close_reason().is_some() && connection.poll_timeout().is_none());
    (messages, answered, connection.close_reason().cloned())
}
