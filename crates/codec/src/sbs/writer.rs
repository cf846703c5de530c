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

    /// Makes room for so many bytes more.
    pub(crate) fn reserve(&mut self, additional: usize) {
        self.data.reserve(additional);
    }

    /// How many bytes were written.
    pub fn len(&self) -> usize {
        self.data.len()
    }

    /// Whether nothing was written.
    pub fn is_empty(&self) -> bool {
        self.data.is_empty()
    }

    /// What was written so far.
    pub fn as_bytes(&self) -> &[u8] {
        &self.data
    }

    /// Starts anew, in the same memory.
    pub fn clear(&mut self) {
        self.data.clear();
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
    #[inline(always)]
    pub fn integer(&mut self, value: i64) {
        if (-64..64).contains(&value) {
            return self.data.push(value as u8 | 0x80);
        }
        if (-8192..8192).contains(&value) {
            return self.data.extend_from_slice(&[(value >> 7) as u8 & 0x7F, value as u8 | 0x80]);
        }
        // Without the bits that repeat the sign, which takes one.
        let bits = 65 - (value ^ value >> 63).leading_zeros();
        let groups = bits.div_ceil(7) as usize;
        let Some(unused) = 8usize.checked_sub(groups) else {
            return self.longest_integer(value, groups);
        };
        // All eight bytes are put at once, the used ones first, and the others taken back.
        let bytes = (spread(value as u64) | 0x80) << (8 * unused);
        self.data.extend_from_slice(&bytes.to_be_bytes());
        self.data.truncate(self.data.len() - unused);
    }

    /// Nine or ten groups.
    #[cold]
    fn longest_integer(&mut self, value: i64, groups: usize) {
        self.data.extend((1..groups).rev().map(|group| (value >> (7 * group) & 0x7F) as u8));
        self.data.push(value as u8 | 0x80);
    }

    /// Puts a float, 8 bytes.
    pub fn float(&mut self, value: f64) {
        self.data.extend_from_slice(&value.to_be_bytes());
    }

    /// Puts bytes behind their length.
    #[inline(always)]
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

/// Makes eight bytes of the lowest 56 bits, seven in each, by moving ever smaller halves apart.
#[inline]
fn spread(bits: u64) -> u64 {
    let bits = bits & 0x0FFF_FFFF | (bits & 0x00FF_FFFF_F000_0000) << 4;
    let bits = bits & 0x0000_3FFF_0000_3FFF | (bits & 0x0FFF_C000_0FFF_C000) << 2;
    bits & 0x007F_007F_007F_007F | (bits & 0x3F80_3F80_3F80_3F80) << 1
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
