//! A stream of messages is the same in whatever pieces it arrives: the same frames, the same error at its end.

#![cfg_attr(fuzzing, no_main)]

use hat_event_chatter::{Frame, FrameSplitter, StreamError};

hat_event_fuzz::claim!(|data| {
    let Some((stream, pieces)) = hat_event_fuzz::pieces(data) else { return };
    assert_eq!(split(&pieces), split(&[stream]));
});

fn split(pieces: &[&[u8]]) -> (Vec<Frame>, Result<(), StreamError>) {
    let (mut splitter, mut frames) = (FrameSplitter::new(), Vec::new());
    for piece in pieces {
        splitter.feed(piece);
        loop {
            match splitter.next_frame() {
                Ok(Some(frame)) => frames.push(frame),
                Ok(None) => break,
                Err(error) => return (frames, Err(error)),
            }
        }
    }
    let end = splitter.finish();
    (frames, end)
}
