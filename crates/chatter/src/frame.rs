use bytes::{Bytes, BytesMut};

use crate::StreamError;

/// The most bytes that a message may have behind its length prefix, unless one says otherwise: 64 MiB.
pub const DEFAULT_MAX_LEN: usize = 64 << 20;

/// A whole message as it stands in a stream: a length prefix and as many bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Frame {
    /// Where its length prefix begins, in bytes from the beginning of the stream.
    pub offset: u64,
    /// How many bytes the length prefix takes, 1 … 256.
    pub prefix_len: usize,
    /// What follows the prefix: an SBS value of type `HatChatter.Msg`, in the memory of the received bytes.
    pub body: Bytes,
}

impl Frame {
    /// Where the body begins, in bytes from the beginning of the stream.
    pub fn body_offset(&self) -> u64 {
        self.offset + self.prefix_len as u64
    }

    /// How many bytes the message takes, its length prefix included.
    pub fn total_len(&self) -> usize {
        self.prefix_len + self.body.len()
    }
}

/// Cuts received bytes into messages.
///
/// Feed it pieces of any size as they arrive, and take messages after each, until there is none. A message is held back
/// until it is whole; the memory of the pieces that are waiting is all that is allocated, whatever length is declared.
///
/// A length prefix is one byte that tells how many bytes follow it, and the length in these, most significant byte
/// first. As `hat.drivers.chatter` does, this accepts leading zeros, and no bytes at all as length 0.
#[derive(Clone, Debug)]
pub struct FrameSplitter {
    /// What was fed and not yet taken.
    buffer: BytesMut,
    /// Where in the stream `buffer` begins.
    offset: u64,
    max_len: usize,
}

impl FrameSplitter {
    /// At the beginning of a stream, with messages of [`DEFAULT_MAX_LEN`] at most.
    pub fn new() -> Self {
        Self::with_max_len(DEFAULT_MAX_LEN)
    }

    /// At the beginning of a stream, with messages of `max_len` bytes at most, not counting their length prefixes.
    pub fn with_max_len(max_len: usize) -> Self {
        Self { buffer: BytesMut::new(), offset: 0, max_len }
    }

    /// Adds the next bytes of the stream.
    pub fn feed(&mut self, piece: &[u8]) {
        self.buffer.extend_from_slice(piece);
    }

    /// How many bytes were fed and not yet taken.
    pub fn waiting(&self) -> usize {
        self.buffer.len()
    }

    /// Changes the most bytes that the messages not yet taken may have.
    pub fn set_max_len(&mut self, max_len: usize) {
        self.max_len = max_len;
    }

    /// Takes the buffer of what waits, so that one reads behind it without copying; [`Self::set_buffer`] gives it back.
    pub(crate) fn take_buffer(&mut self) -> BytesMut {
        std::mem::take(&mut self.buffer)
    }

    /// Gives back the buffer, to which bytes may have been added at its end.
    pub(crate) fn set_buffer(&mut self, buffer: BytesMut) {
        self.buffer = buffer;
    }

    /// Takes the next message, if all of it was fed.
    ///
    /// # Errors
    ///
    /// [`StreamError::TooLong`], as soon as the length prefix is there. No message can be told from the bytes that
    /// follow, so each later call has the same error.
    pub fn next_frame(&mut self) -> Result<Option<Frame>, StreamError> {
        let Some((prefix_len, len)) = self.prefix()? else { return Ok(None) };
        // No more than 256 + `max_len` if that is not absurd; saturated, it is never reached.
        let total_len = prefix_len.saturating_add(len);
        if self.buffer.len() < total_len {
            return Ok(None);
        }
        let offset = self.offset;
        self.offset += total_len as u64;
        let body = self.buffer.split_to(total_len).freeze().slice(prefix_len..);
        Ok(Some(Frame { offset, prefix_len, body }))
    }

    /// Checks, at the end of the stream and after the last message was taken, that nothing is left.
    ///
    /// # Errors
    ///
    /// [`StreamError::Truncated`] if something is.
    pub fn finish(&self) -> Result<(), StreamError> {
        match self.buffer.len() {
            0 => Ok(()),
            left => Err(StreamError::Truncated { message: self.offset, end: self.offset + left as u64 }),
        }
    }

    /// How many bytes the next length prefix takes and the length that it declares, if all of it was fed.
    fn prefix(&self) -> Result<Option<(usize, usize)>, StreamError> {
        let Some((count, rest)) = self.buffer.split_first() else { return Ok(None) };
        let count = usize::from(*count);
        let Some(digits) = rest.get(..count) else { return Ok(None) };
        digits
            .iter()
            .try_fold(0usize, |len, digit| len.checked_mul(256)?.checked_add(usize::from(*digit)))
            .filter(|len| *len <= self.max_len)
            .map(|len| Some((1 + count, len)))
            .ok_or(StreamError::TooLong { message: self.offset, max_len: self.max_len })
    }
}

impl Default for FrameSplitter {
    fn default() -> Self {
        Self::new()
    }
}

/// The bytes of a message: its body behind the shortest length prefix that `hat.drivers.chatter` reads and writes.
pub fn encode_frame(body: &[u8]) -> Bytes {
    let mut frame = BytesMut::with_capacity(MAX_PREFIX_LEN + body.len());
    put_prefix(&mut frame, body.len());
    frame.extend_from_slice(body);
    frame.freeze()
}

/// The longest prefix that [`put_prefix`] puts.
pub(crate) const MAX_PREFIX_LEN: usize = 1 + size_of::<usize>();

/// Puts the length prefix of a body of `len` bytes.
pub(crate) fn put_prefix(buffer: &mut BytesMut, len: usize) {
    let len = len.to_be_bytes();
    // Length 0 takes one byte too.
    let zeros = len.iter().take_while(|digit| **digit == 0).count().min(len.len() - 1);
    buffer.extend_from_slice(&[(len.len() - zeros) as u8]);
    buffer.extend_from_slice(len.get(zeros..).unwrap_or_default());
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The bodies of all whole messages, and what is wrong behind them.
    fn split(max_len: usize, data: &[u8]) -> (Vec<Bytes>, Result<(), StreamError>) {
        let mut splitter = FrameSplitter::with_max_len(max_len);
        splitter.feed(data);
        let mut bodies = Vec::new();
        loop {
            match splitter.next_frame() {
                Ok(Some(frame)) => bodies.push(frame.body),
                Ok(None) => return (bodies, splitter.finish()),
                Err(error) => return (bodies, Err(error)),
            }
        }
    }

    #[test]
    fn a_length_takes_as_few_bytes_as_hold_it() {
        for (len, prefix) in [
            (0, &[1, 0][..]),
            (1, &[1, 1]),
            (0xFF, &[1, 0xFF]),
            (0x100, &[2, 1, 0]),
            (0xFFFF, &[2, 0xFF, 0xFF]),
            (0x01_0000, &[3, 1, 0, 0]),
        ] {
            let body = vec![7; len];
            let frame = encode_frame(&body);
            assert_eq!(frame, [prefix, &body].concat());
            assert_eq!(split(len, &frame), (vec![body.into()], Ok(())));
        }
    }

    #[test]
    fn leading_zeros_and_no_bytes_of_length_are_accepted() {
        let mut padded = vec![255];
        padded.extend([0; 254]);
        padded.extend([1, b'a']);
        assert_eq!(split(1, &padded), (vec![Bytes::from_static(b"a")], Ok(())));
        assert_eq!(split(0, &[0, 0]), (vec![Bytes::new(), Bytes::new()], Ok(())));
    }

    #[test]
    fn frames_tell_where_they_are() {
        let mut splitter = FrameSplitter::new();
        splitter.feed(&[1, 2, b'a', b'b', 2, 0, 1, b'c']);
        let frame = splitter.next_frame().unwrap().unwrap();
        assert_eq!((frame.offset, frame.body_offset(), frame.total_len()), (0, 2, 4));
        let frame = splitter.next_frame().unwrap().unwrap();
        assert_eq!((frame.offset, frame.body_offset(), frame.total_len()), (4, 7, 4));
    }

    #[test]
    fn too_long_is_known_from_the_prefix_and_stays() {
        let (whole, error) = split(1, &[1, 1, b'a', 1, 2]);
        assert_eq!((whole.len(), error), (1, Err(StreamError::TooLong { message: 3, max_len: 1 })));
        // Beyond the limit, beyond 64 bits, beyond all bounds.
        let mut prefixes = vec![vec![4, 0x04, 0, 0, 1], vec![9, 1, 0, 0, 0, 0, 0, 0, 0, 0], vec![0xFF; 256]];
        for prefix in &mut prefixes {
            let mut splitter = FrameSplitter::new();
            let last = prefix.pop().unwrap();
            splitter.feed(prefix);
            assert_eq!(splitter.next_frame(), Ok(None));
            splitter.feed(&[last]);
            let error = splitter.next_frame().unwrap_err();
            assert_eq!(error, StreamError::TooLong { message: 0, max_len: DEFAULT_MAX_LEN });
            splitter.feed(&[0; 100]);
            assert_eq!(splitter.next_frame(), Err(error));
        }
    }

    #[test]
    fn without_a_limit_no_length_overflows() {
        let mut longest = vec![8];
        longest.extend([0xFF; 10]);
        let (whole, error) = split(usize::MAX, &longest);
        assert_eq!((whole.len(), error), (0, Err(StreamError::Truncated { message: 0, end: 11 })));
    }

    #[test]
    fn a_declared_length_allocates_nothing() {
        let mut splitter = FrameSplitter::new();
        splitter.feed(&[4, 0x03, 0xFF, 0xFF, 0xFF]);
        assert_eq!(splitter.next_frame(), Ok(None));
        assert!(splitter.buffer.capacity() < 1000);
    }

    #[test]
    fn frames_of_one_piece_share_their_memory() {
        let mut splitter = FrameSplitter::new();
        splitter.feed(&[1, 1, b'a', 1, 1, b'b']);
        let first = splitter.next_frame().unwrap().unwrap();
        let second = splitter.next_frame().unwrap().unwrap();
        assert_eq!(first.body.as_ptr() as usize + 3, second.body.as_ptr() as usize);
    }
}
