//! A stream of messages is the same in whatever pieces it arrives: the same frames, the same error at its end.

#![cfg_attr(fuzzing, no_main)]

use hat_event_chatter::{Frame, FrameSplitter, StreamError};

// The first byte counts the pieces, the following ones are their lengths, and the others are the stream.
hat_event_fuzz::claim!(|data| {
    let Some((&count, data)) = data.split_first() else { return };
    let Some((lengths, stream)) = data.split_at_checked(count.into()) else { return };
    let mut rest = stream;
    let mut pieces: Vec<&[u8]> = Vec::new();
    for &length in lengths {
        let (piece, more) = rest.split_at(rest.len().min(length.into()));
        pieces.push(piece);
        rest = more;
    }
    pieces.push(rest);
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
