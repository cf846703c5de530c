use bytes::Bytes;
use bytestring::ByteString;
use hat_event_types::{EventType, PackedError};

use crate::{DecodeError, DecodeErrorKind};

/// Takes SBS values off the front of received bytes.
///
/// Strings and bytes that it returns share the memory of what was received. Every take that fails says at which byte,
/// and leaves the reader where it was.
// What events are made of is always inlined. The compiler would not do it by itself, and then every take waits for the position
// that the one before it left in memory: a quarter of the time.
#[derive(Clone, Debug)]
pub struct Reader {
    data: Bytes,
    position: usize,
}

impl Reader {
    /// Reads from the beginning of `data`.
    pub fn new(data: Bytes) -> Self {
        Self { data, position: 0 }
    }

    /// How many bytes were taken.
    pub fn position(&self) -> usize {
        self.position
    }

    /// How many bytes are left.
    pub fn remaining(&self) -> usize {
        self.data.len() - self.position
    }

    /// Checks that nothing is left.
    ///
    /// # Errors
    ///
    /// [`DecodeErrorKind::TrailingBytes`] if something is.
    pub fn finish(&self) -> Result<(), DecodeError> {
        match self.remaining() {
            0 => Ok(()),
            left => Err(self.error(DecodeErrorKind::TrailingBytes(left))),
        }
    }

    /// Takes a Boolean; any byte but zero is true.
    ///
    /// # Errors
    ///
    /// [`DecodeErrorKind::UnexpectedEnd`].
    #[inline]
    pub fn boolean(&mut self) -> Result<bool, DecodeError> {
        let byte = *self.rest().first().ok_or_else(|| self.end("a Boolean"))?;
        self.position += 1;
        Ok(byte != 0)
    }

    /// Takes an integer, also one that is padded with needless bytes.
    ///
    /// # Errors
    ///
    /// [`DecodeErrorKind::UnexpectedEnd`], or [`DecodeErrorKind::IntegerOverflow`] beyond 64 bits.
    #[inline(always)]
    pub fn integer(&mut self) -> Result<i64, DecodeError> {
        // The last group is marked by its top bit, bit 6 of the first is the sign.
        let Some(first) = self.data.get(self.position) else {
            return Err(self.end("an integer"));
        };
        let mut value = i64::from((first << 1) as i8 >> 1);
        if first & 0x80 != 0 {
            self.position += 1;
            return Ok(value);
        }
        // Nine groups cannot overflow. A branch for each is faster than to take all at once: it is predicted, so that what
        // follows need not wait for their number.
        if let Some(more) = self.data.get(self.position + 1..self.position + 9) {
            for (i, byte) in more.iter().enumerate() {
                if byte & 0x80 != 0 {
                    self.position += i + 2;
                    return Ok(value << 7 | i64::from(byte & 0x7F));
                }
                value = value << 7 | i64::from(*byte);
            }
        }
        self.any_integer()
    }

    /// An integer of any length, also near the end of the data.
    #[cold]
    fn any_integer(&mut self) -> Result<i64, DecodeError> {
        let rest = self.rest();
        let mut value = match rest.first() {
            Some(first) if first & 0x40 != 0 => -1i64,
            _ => 0,
        };
        for (i, byte) in rest.iter().enumerate() {
            let shifted = value << 7;
            if shifted >> 7 != value {
                return Err(self.error(DecodeErrorKind::IntegerOverflow));
            }
            value = shifted | i64::from(byte & 0x7F);
            if byte & 0x80 != 0 {
                self.position += i + 1;
                return Ok(value);
            }
        }
        Err(self.end("an integer"))
    }

    /// Takes a float, 8 bytes.
    ///
    /// # Errors
    ///
    /// [`DecodeErrorKind::UnexpectedEnd`].
    pub fn float(&mut self) -> Result<f64, DecodeError> {
        let bytes = *self.rest().first_chunk().ok_or_else(|| self.end("a float"))?;
        self.position += 8;
        Ok(f64::from_be_bytes(bytes))
    }

    /// Takes bytes, sharing what was received.
    ///
    /// # Errors
    ///
    /// [`DecodeErrorKind::UnexpectedEnd`], or what [`Self::integer`] says of the length, which must not be negative.
    #[inline(always)]
    pub fn bytes(&mut self) -> Result<Bytes, DecodeError> {
        self.share("bytes")
    }

    /// Takes a string, sharing what was received.
    ///
    /// # Errors
    ///
    /// As [`Self::bytes`], or [`DecodeErrorKind::InvalidUtf8`].
    #[inline(always)]
    pub fn string(&mut self) -> Result<ByteString, DecodeError> {
        let before = self.position;
        let bytes = self.share("a string")?;
        let text = self.position - bytes.len();
        ByteString::try_from(bytes).map_err(|_| {
            self.position = before;
            DecodeError::new(DecodeErrorKind::InvalidUtf8, text)
        })
    }

    /// Takes an event type, an `Array(String)`, sharing what was received if that is in canonical form.
    ///
    /// # Errors
    ///
    /// As [`Self::string`].
    #[inline]
    pub fn event_type(&mut self) -> Result<EventType, DecodeError> {
        let (event_type, end) = EventType::take_packed(&self.data, self.position).map_err(|error| match error {
            PackedError::InvalidLength(at) => DecodeError::new(DecodeErrorKind::InvalidLength, at),
            PackedError::InvalidUtf8(at) => DecodeError::new(DecodeErrorKind::InvalidUtf8, at),
            _ => self.end("an event type"),
        })?;
        self.position = end;
        Ok(event_type)
    }

    /// Takes the index of a choice that has so many options.
    ///
    /// # Errors
    ///
    /// As [`Self::integer`], or [`DecodeErrorKind::InvalidChoice`] unless it is 0 … `options` − 1.
    #[inline(always)]
    pub fn choice(&mut self, options: usize) -> Result<usize, DecodeError> {
        let before = self.position;
        let index = self.integer()?;
        usize::try_from(index).ok().filter(|index| *index < options).ok_or_else(|| {
            self.position = before;
            self.error(DecodeErrorKind::InvalidChoice { index, options })
        })
    }

    /// Takes the index of a choice, and returns which of its options that is.
    ///
    /// # Errors
    ///
    /// As [`Self::choice`].
    pub fn choice_of<'a, T>(&mut self, options: &'a [T]) -> Result<&'a T, DecodeError> {
        let before = self.position;
        let index = self.integer()?;
        usize::try_from(index).ok().and_then(|index| options.get(index)).ok_or_else(|| {
            self.position = before;
            self.error(DecodeErrorKind::InvalidChoice { index, options: options.len() })
        })
    }

    /// Takes the number of items of an array, of which each takes at least `min_item_len` bytes.
    ///
    /// What was received bounds the result, unless `min_item_len` is 0.
    ///
    /// # Errors
    ///
    /// As [`Self::integer`], [`DecodeErrorKind::InvalidLength`] if it is negative, or [`DecodeErrorKind::UnexpectedEnd`] if
    /// more items are declared than fit into what is left.
    pub fn array_length(&mut self, min_item_len: usize) -> Result<usize, DecodeError> {
        let before = self.position;
        let len = self.length()?;
        if len.checked_mul(min_item_len).is_none_or(|len| len > self.remaining()) {
            self.position = before;
            return Err(self.end("an array"));
        }
        Ok(len)
    }

    #[inline(always)]
    fn length(&mut self) -> Result<usize, DecodeError> {
        let before = self.position;
        usize::try_from(self.integer()?).map_err(|_| {
            self.position = before;
            self.error(DecodeErrorKind::InvalidLength)
        })
    }

    #[inline(always)]
    fn share(&mut self, what: &'static str) -> Result<Bytes, DecodeError> {
        let before = self.position;
        let len = self.length()?;
        if len > self.remaining() {
            self.position = before;
            return Err(self.end(what));
        }
        let start = self.position;
        self.position += len;
        Ok(self.data.slice(start..self.position))
    }

    #[inline]
    fn rest(&self) -> &[u8] {
        self.data.get(self.position..).unwrap_or_default()
    }

    #[cold]
    fn end(&self, what: &'static str) -> DecodeError {
        self.error(DecodeErrorKind::UnexpectedEnd(what))
    }

    /// An error at the position of the reader.
    #[cold]
    pub fn error(&self, kind: DecodeErrorKind) -> DecodeError {
        DecodeError::new(kind, self.position)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Writer;

    fn reader(data: &'static [u8]) -> Reader {
        Reader::new(Bytes::from_static(data))
    }

    #[test]
    fn integers_of_every_length_are_read() {
        for (data, value) in [
            (&[0x80][..], 0),
            (&[0xBF], 63),
            (&[0xC0], -64),
            (&[0xFF], -1),
            (&[0x00, 0xC0], 64),
            (&[0x7F, 0xBF], -65),
            (&[0x00, 0x7F, 0x7F, 0x7F, 0x7F, 0x7F, 0x7F, 0x7F, 0x7F, 0xFF], i64::MAX),
            (&[0x7F, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x80], i64::MIN),
            // Padded.
            (&[0x00, 0x00, 0x00, 0x85], 5),
            (&[0x7F, 0x7F, 0xFF], -1),
        ] {
            let mut reader = reader(data);
            assert_eq!(reader.integer(), Ok(value), "{data:02x?}");
            assert_eq!(reader.finish(), Ok(()));
        }
    }

    #[test]
    fn what_follows_an_integer_does_not_change_it() {
        for shift in 0..64 {
            for value in [1i64 << shift, (1i64 << shift).wrapping_sub(1), (-1i64) << shift, !(1i64 << shift)] {
                let mut writer = Writer::default();
                writer.integer(value);
                writer.integer(value);
                writer.float(f64::from_bits(u64::MAX));
                let mut reader = Reader::new(writer.finish());
                assert_eq!((reader.integer(), reader.integer()), (Ok(value), Ok(value)));
                assert_eq!(reader.remaining(), 8);
            }
        }
    }

    #[test]
    fn integers_beyond_64_bits_are_refused() {
        for data in [
            &[0x01, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x80][..],
            &[0x7E, 0x7F, 0x7F, 0x7F, 0x7F, 0x7F, 0x7F, 0x7F, 0x7F, 0xFF],
        ] {
            assert_eq!(reader(data).integer(), Err(DecodeError::new(DecodeErrorKind::IntegerOverflow, 0)));
        }
    }

    #[test]
    fn any_byte_but_zero_is_true() {
        assert_eq!(
            [0, 1, 2, 0xFF].map(|byte| Reader::new(vec![byte].into()).boolean().unwrap()),
            [false, true, true, true]
        );
    }

    #[test]
    fn bytes_and_strings_share_what_was_received() {
        let data = Bytes::from_static(&[0x82, b'a', b'b', 0x81, b'c']);
        let mut reader = Reader::new(data.clone());
        assert_eq!(reader.bytes().unwrap().as_ptr(), data[1..].as_ptr());
        assert_eq!(reader.string().unwrap().as_ptr(), data[4..].as_ptr());
        let data = Bytes::from_static(&[0x81, 0x81, b'a']);
        let event_type = Reader::new(data.clone()).event_type().unwrap();
        assert_eq!(event_type.as_packed().as_ptr(), data.as_ptr());
    }

    #[test]
    fn what_is_declared_is_no_more_than_a_claim() {
        use DecodeErrorKind::*;
        let huge: &[u8] = &[0x00, 0x7F, 0x7F, 0x7F, 0x7F, 0x7F, 0x7F, 0x7F, 0x7F, 0xFF];
        for data in [huge, &[0x82, b'a']] {
            assert_eq!(reader(data).bytes().unwrap_err().kind(), &UnexpectedEnd("bytes"));
            assert_eq!(reader(data).string().unwrap_err().kind(), &UnexpectedEnd("a string"));
            assert_eq!(reader(data).array_length(1).unwrap_err().kind(), &UnexpectedEnd("an array"));
        }
        type Take = fn(&mut Reader) -> Result<(), DecodeError>;
        let take_bytes: Take = |reader| reader.bytes().map(drop);
        let take_string: Take = |reader| reader.string().map(drop);
        let take_array: Take = |reader| reader.array_length(1).map(drop);
        for take in [take_bytes, take_string, take_array] {
            assert_eq!(take(&mut reader(&[0xFF])).unwrap_err().kind(), &InvalidLength);
            assert_eq!(take(&mut reader(&[])).unwrap_err().kind(), &UnexpectedEnd("an integer"));
        }
    }

    #[test]
    fn a_failed_take_leaves_the_reader_where_it_was() {
        let mut reader = reader(&[0x81, 0xFF, 0x85]);
        assert_eq!(reader.string().unwrap_err(), DecodeError::new(DecodeErrorKind::InvalidUtf8, 1));
        assert_eq!(reader.bytes().unwrap(), &[0xFF][..]);
        let kind = DecodeErrorKind::InvalidChoice { index: 5, options: 2 };
        assert_eq!(reader.choice(2).unwrap_err(), DecodeError::new(kind, 2));
        assert_eq!(reader.finish().unwrap_err(), DecodeError::new(DecodeErrorKind::TrailingBytes(1), 2));
    }

    #[test]
    fn floats_are_eight_bytes() {
        assert_eq!(reader(&[0x3F, 0xF8, 0, 0, 0, 0, 0, 0]).float(), Ok(1.5));
        assert_eq!(reader(&[0; 7]).float().unwrap_err().kind(), &DecodeErrorKind::UnexpectedEnd("a float"));
    }
}
