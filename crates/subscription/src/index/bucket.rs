/// Numbers with their tags, in one cache line.
#[derive(Clone, Debug, Default)]
#[repr(align(64))]
pub(super) struct Bucket {
    /// Four tags a word, the first lowest; zero where no number is.
    pub(super) tags: [u64; 2],
    pub(super) numbers: [u32; PLACES],
    /// How many numbers that are held further on came past this bucket.
    pub(super) passed: u32,
}

/// Places for numbers in a bucket.
pub(super) const PLACES: usize = 8;

impl Bucket {
    /// A bit for each place that has this tag; see [`place_of`]. All tags of a word are compared at once, and behind a
    /// place that has the tag another may show that has not.
    #[inline]
    pub(super) fn find(&self, tag: u16) -> u64 {
        const LOW: u64 = 0x0001_0001_0001_0001;
        let all = LOW * u64::from(tag);
        // Of a lane of zeros, taking one away sets the top bit.
        let [first, second] = self.tags.map(|tags| (tags ^ all).wrapping_sub(LOW) & !(tags ^ all) & LOW << 15);
        first >> 8 | second
    }

    pub(super) fn tag(&self, at: usize) -> u16 {
        self.tags.get(at / 4).map_or(0, |tags| (tags >> (at % 4 * 16)) as u16)
    }

    pub(super) fn set_tag(&mut self, at: usize, tag: u16) {
        if let Some(tags) = self.tags.get_mut(at / 4) {
            *tags = *tags & !(0xFFFF << (at % 4 * 16)) | u64::from(tag) << (at % 4 * 16);
        }
    }
}

/// The place that the lowest bit stands for: bits 7, 23, 39 and 55 for the first four, 15, 31, 47 and 63 for the others.
#[inline]
pub(super) fn place_of(found: u64) -> usize {
    let bit = found.trailing_zeros() as usize;
    bit / 16 + (bit & 8) / 2
}

/// The part of a hash that is kept: other bits than those that tell the bucket, and never zero.
#[inline]
pub(super) fn tag(hash: u64) -> u16 {
    hash as u16 | 1 << 15
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_with_a_tag_is_found() {
        for at in 0..PLACES {
            let mut bucket = Bucket::default();
            (0..PLACES).for_each(|at| bucket.set_tag(at, 0x0101));
            bucket.set_tag(at, 0xFFFF);
            let found = bucket.find(0xFFFF);
            assert_eq!(place_of(found), at);
            bucket.set_tag(at, 0);
            assert_eq!((bucket.tag(at), bucket.find(0xFFFF)), (0, 0));
        }
    }

    #[test]
    fn a_bucket_is_a_cache_line() {
        assert_eq!(size_of::<Bucket>(), 64);
    }
}
