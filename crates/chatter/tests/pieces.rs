//! Recorded traffic, cut, cut off and damaged.

mod sample;

use hat_event_chatter::{DEFAULT_MAX_LEN, StreamError};
use proptest::prelude::*;
use sample::{split, streams};

#[test]
fn recorded_pieces_and_single_bytes_are_the_same_messages_as_one_piece() {
    let mut messages = 0;
    for stream in streams() {
        let (whole, end) = split([&stream.data[..]]);
        assert_eq!(end, Ok(()));
        assert_eq!(split(stream.recorded_pieces()), (whole.clone(), Ok(())));
        assert_eq!(split(stream.data.chunks(1)), (whole.clone(), Ok(())));
        messages += whole.len();
    }
    assert_eq!(messages, 161);
}

proptest! {
    #[test]
    fn any_pieces_are_the_same_messages_as_one_piece(
        conn in 0usize..14, cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..50),
    ) {
        let data = &streams()[conn].data;
        let mut cuts: Vec<usize> = cuts.iter().map(|cut| cut.index(data.len())).chain([0, data.len()]).collect();
        cuts.sort_unstable();
        let pieces = cuts.windows(2).map(|cut| &data[cut[0]..cut[1]]);
        prop_assert_eq!(split(pieces), split([&data[..]]));
    }
}

#[test]
fn what_is_whole_comes_out_wherever_the_stream_ends() {
    for stream in streams() {
        let boundaries = stream.boundaries();
        for end in 0..=stream.data.len() {
            let (frames, result) = split([&stream.data[..end]]);
            let whole = boundaries.iter().filter(|begin| **begin <= end).count() - 1;
            assert_eq!(frames.len(), whole);
            let message = boundaries[whole] as u64;
            let end = end as u64;
            let expected = if message == end { Ok(()) } else { Err(StreamError::Truncated { message, end }) };
            assert_eq!(result, expected);
        }
    }
}

/// ```text
/// 01 1e  81 81 00 01 01 95 …      first message, whole
/// NN 22  82 82 01 01 01 9b …      NN was 01: how many bytes the length takes
/// ```
#[test]
fn a_damaged_prefix_is_an_error_at_its_message() {
    let stream = &streams()[1];
    assert_eq!((stream.conn, stream.dir, stream.boundaries()[1]), (1, "s2c", 32));
    for count in (0..=255).filter(|count| *count != 1) {
        let mut data = stream.data.to_vec();
        data[32] = count;
        let (frames, result) = split([&data[..]]);
        assert_eq!(frames[0], split([&stream.data[..]]).0[0]);
        match count {
            // An empty message, and then what was the length.
            0 => {
                let error = frames[1].decode().unwrap_err();
                assert_eq!(error.to_string(), "message at byte 32: id: data ends inside an integer at byte 33");
            }
            // 0x2282 and 0x228282 bytes would be fine, were they there.
            2 | 3 => {
                assert_eq!(result, Err(StreamError::Truncated { message: 32, end: data.len() as u64 }));
            }
            _ => {
                assert_eq!(result, Err(StreamError::TooLong { message: 32, max_len: DEFAULT_MAX_LEN }));
            }
        }
    }
}

/// The length prefix of the second message, one too small or too large, shifts what follows: it does not decode.
#[test]
fn a_wrong_length_does_not_go_unnoticed() {
    let stream = &streams()[1];
    for length in (0..=255).filter(|length| *length != 0x22) {
        let mut data = stream.data.to_vec();
        assert_eq!(data[33], 0x22);
        data[33] = length;
        let (frames, _) = split([&data[..]]);
        let message = frames[1].decode().unwrap_err();
        assert!(matches!(message, StreamError::Decode { message: 32, .. }), "{message}");
    }
}
