use bytes::Bytes;
use hat_event_types::EventType;

/// Puts SBS values one after the other, in canonical form.
#[derive(Clone, Debug, Default)]
pub struct Writer {
    data: Vec<u8>,
}

impl Writer {
    /// Starts with room for `capacity` bytes.
    pub fn with_capacity(capacity: usize) -> Self {
        Self { data: Vec::with_capacity(capacity) }
    }

    /// What was written.
    pub fn finish(self) -> Bytes {
        self.data.into()
    }

    /// Puts a Boolean, one byte.
    #[inline]
    pub fn boolean(&mut self, value: bool) {
        self.data.push(value.into());
    }

    /// Puts an integer in groups of seven bits, as few as hold it and its sign.
    #[inline]
    pub fn integer(&mut self, value: i64) {
        if (-64..64).contains(&value) {
            self.data.push(value as u8 | 0x80);
        } else {
            self.long_integer(value);
        }
    }

    fn long_integer(&mut self, value: i64) {
        // Ten groups hold 70 bits; those before the first needed one only repeat the sign.
        let mut groups = [0; 10];
        let mut rest = value;
        for group in groups.iter_mut().rev() {
            *group = (rest & 0x7F) as u8;
            rest >>= 7;
        }
        groups[9] |= 0x80;
        let sign_bits = if value < 0 { value.leading_ones() } else { value.leading_zeros() } as usize;
        let needed = (64 - sign_bits + 1).div_ceil(7);
        self.data.extend(groups.iter().skip(groups.len() - needed));
    }

    /// Puts a float, 8 bytes.
    pub fn float(&mut self, value: f64) {
        self.data.extend_from_slice(&value.to_be_bytes());
    }

    /// Puts bytes behind their length.
    #[inline]
    pub fn bytes(&mut self, value: &[u8]) {
        self.length(value.len());
        self.data.extend_from_slice(value);
    }

    /// Puts a string behind its length in bytes.
    #[inline]
    pub fn string(&mut self, value: &str) {
        self.bytes(value.as_bytes());
    }

    /// Puts an event type, an `Array(String)`.
    #[inline]
    pub fn event_type(&mut self, value: &EventType) {
        self.data.extend_from_slice(value.as_packed());
    }

    /// Puts the index of a choice, or the number of items of an array.
    #[inline]
    pub fn length(&mut self, length: usize) {
        // Nothing in memory is larger than that.
        self.integer(length as i64);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Reader;

    fn integer(value: i64) -> Bytes {
        let mut writer = Writer::default();
        writer.integer(value);
        writer.finish()
    }

    #[test]
    fn integers_take_as_few_bytes_as_hold_them() {
        for (value, data) in [
            (0, &[0x80][..]),
            (63, &[0xBF]),
            (64, &[0x00, 0xC0]),
            (-1, &[0xFF]),
            (-64, &[0xC0]),
            (-65, &[0x7F, 0xBF]),
            (8191, &[0x3F, 0xFF]),
            (8192, &[0x00, 0x40, 0x80]),
            (i64::MAX, &[0x00, 0x7F, 0x7F, 0x7F, 0x7F, 0x7F, 0x7F, 0x7F, 0x7F, 0xFF]),
            (i64::MIN, &[0x7F, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x80]),
        ] {
            assert_eq!(integer(value), data, "{value}");
        }
    }

    #[test]
    fn integers_at_every_power_of_two_come_back() {
        for shift in 0..64 {
            for value in [1i64 << shift, (1i64 << shift).wrapping_sub(1), (-1i64) << shift, !(1i64 << shift)] {
                assert_eq!(Reader::new(integer(value)).integer(), Ok(value));
            }
        }
    }
}
