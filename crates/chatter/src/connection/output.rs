use std::collections::VecDeque;

use bytes::{Bytes, BytesMut};
use hat_event_codec::Writer;

use crate::Outgoing;
use crate::frame::{MAX_PREFIX_LEN, put_prefix};

/// Parts below this are copied together, as that costs less than a place in a list of parts; others are shared.
const COPIED_BELOW: usize = 1024;

/// Messages that wait to be sent, as bytes in order.
#[derive(Debug, Default)]
pub(super) struct Output {
    /// What comes before `tail`.
    chunks: VecDeque<Bytes>,
    /// Short parts, gathered.
    tail: BytesMut,
    /// Bytes that were put and are not yet written, those already taken included.
    queued: usize,
}

impl Output {
    /// How many bytes are not yet written.
    pub(super) fn queued(&self) -> usize {
        self.queued
    }

    /// Puts a message: what `hat.drivers.chatter` would send.
    pub(super) fn put(&mut self, id: i64, first: i64, owner: bool, message: &Outgoing) {
        let data_len = message.data.iter().map(Bytes::len).sum();
        let mut head = Writer::with_capacity(40 + message.data_type.len());
        head.integer(id);
        head.integer(first);
        head.boolean(owner);
        head.boolean(message.token);
        head.boolean(message.last);
        head.string(message.data_type);
        head.length(data_len);
        let head = head.finish();

        let len = head.len() + data_len;
        let before = self.tail.len();
        self.tail.reserve(MAX_PREFIX_LEN + head.len() + data_len.min(COPIED_BELOW));
        put_prefix(&mut self.tail, len);
        self.queued += self.tail.len() - before + len;
        self.tail.extend_from_slice(&head);
        for part in message.data {
            if part.len() < COPIED_BELOW {
                self.tail.extend_from_slice(part);
            } else {
                self.chunks.push_back(self.tail.split().freeze());
                self.chunks.push_back(part.clone());
            }
        }
    }

    /// Takes the bytes that are next.
    pub(super) fn take(&mut self) -> Option<Bytes> {
        if let Some(chunk) = self.chunks.pop_front() {
            // Nobody keeps room for what a burst needed.
            if self.chunks.is_empty() {
                self.chunks = VecDeque::new();
            }
            return Some(chunk);
        }
        (!self.tail.is_empty()).then(|| std::mem::take(&mut self.tail).freeze())
    }

    /// Counts bytes as written that were taken.
    pub(super) fn written(&mut self, len: usize) {
        self.queued = self.queued.saturating_sub(len);
    }

    /// Forgets what was not taken.
    pub(super) fn clear(&mut self) {
        *self = Self::default();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Msg, MsgData};

    fn taken(output: &mut Output) -> Vec<Bytes> {
        std::iter::from_fn(|| output.take()).collect()
    }

    #[test]
    fn parts_of_any_length_become_the_frame_of_the_whole() {
        for lens in [&[][..], &[0], &[5, 7], &[1023, 1024, 3, 70_000], &[200_000, 200_000]] {
            let parts: Vec<Bytes> = lens.iter().map(|len| vec![7; *len].into()).collect();
            let msg = Msg {
                id: 300,
                first: 5,
                owner: false,
                token: true,
                last: true,
                data: MsgData { data_type: "A.B".into(), data: parts.concat().into() },
            };
            let mut output = Output::default();
            let answer = crate::Conversation { owner: false, first: 5 };
            output.put(300, 5, false, &Outgoing::answer(answer, "A.B", &parts));
            assert_eq!(output.queued(), msg.to_frame().len());
            assert_eq!(taken(&mut output).concat(), msg.to_frame());
        }
    }

    #[test]
    fn long_parts_are_shared_and_short_ones_gathered() {
        let long = Bytes::from(vec![1; COPIED_BELOW]);
        let mut output = Output::default();
        for _ in 0..3 {
            output.put(1, 1, true, &Outgoing::first("A.B", &[Bytes::from_static(b"ab")], false));
        }
        output.put(2, 2, true, &Outgoing::first("A.B", std::slice::from_ref(&long), false));
        output.put(3, 3, true, &Outgoing::first("A.B", &[], false));
        let chunks = taken(&mut output);
        assert_eq!(chunks.len(), 3);
        assert_eq!(chunks[1].as_ptr(), long.as_ptr());
    }

    #[test]
    fn taken_bytes_wait_until_they_are_written() {
        let mut output = Output::default();
        output.put(1, 1, true, &Outgoing::first("A.B", &[], false));
        let len = output.queued();
        assert_eq!(output.take().map(|chunk| chunk.len()), Some(len));
        assert_eq!((output.take(), output.queued()), (None, len));
        output.written(len);
        assert_eq!(output.queued(), 0);
    }
}
