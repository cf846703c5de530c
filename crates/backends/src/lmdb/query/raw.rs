use std::collections::HashMap;

use bytes::Bytes;
use foldhash::fast::RandomState;
use hat_event_common::{BoxError, EventType, QueryTimeseriesParams, Subscription};

use super::read_event;
use crate::lmdb::conditions::Conditions;
use crate::lmdb::layout::LayoutError;

/// So many different types of events are remembered.
const MAX_TYPES: usize = 1 << 16;

/// The bytes of the type of a stored event; `None` if it cannot be read.
pub(in crate::lmdb) fn stored_type(value: &[u8]) -> Option<&[u8]> {
    let mut numbers = Cursor { bytes: value, at: 0 };
    numbers.skip_id()?;
    numbers.event_type()
}

/// Tells which stored events a query is about, from their bytes: nearly all of them are looked at in vain.
pub(super) struct Filter<'a> {
    params: &'a QueryTimeseriesParams,
    subscription: Option<&'a Subscription>,
    conditions: &'a Conditions,
    /// The bytes of the type, if it is only one.
    only: Option<Bytes>,
    verdicts: HashMap<Box<[u8]>, Verdict, RandomState>,
}

/// What the type of an event tells.
#[derive(Clone, Copy, PartialEq)]
enum Verdict {
    No,
    Yes,
    /// If it meets the conditions.
    Conditional,
}

impl<'a> Filter<'a> {
    pub(super) fn new(
        params: &'a QueryTimeseriesParams,
        subscription: Option<&'a Subscription>,
        conditions: &'a Conditions,
    ) -> Self {
        let only = match subscription.map(Subscription::query_types) {
            Some([query_type]) if query_type.is_exact() && conditions.is_empty() => {
                Some(query_type.as_event_type().as_packed().clone())
            }
            _ => None,
        };
        Self { params, subscription, conditions, only, verdicts: HashMap::default() }
    }

    /// Whether a query is about an event, as it stands in the file.
    pub(super) fn matches(&mut self, value: &[u8]) -> Result<bool, BoxError> {
        let error = || LayoutError::new("an event", value);
        let mut numbers = Cursor { bytes: value, at: 0 };
        numbers.skip_id().ok_or_else(error)?;
        if let Some(only) = &self.only {
            let is_it = numbers.rest().starts_with(only);
            return Ok(is_it && self.matches_times(numbers, only.len()).ok_or_else(error)?);
        }
        let event_type = numbers.event_type().ok_or_else(error)?;
        if self.subscription.is_none() && self.conditions.is_empty() {
            return Ok(self.matches_times(numbers, event_type.len()).ok_or_else(error)?);
        }
        let verdict = match self.verdicts.get(event_type) {
            Some(verdict) => *verdict,
            None => self.judge(event_type)?,
        };
        Ok(verdict != Verdict::No
            && self.matches_times(numbers, event_type.len()).ok_or_else(error)?
            && (verdict == Verdict::Yes || self.conditions.match_event(&read_event(Bytes::copy_from_slice(value))?)))
    }

    #[cold]
    fn judge(&mut self, packed: &[u8]) -> Result<Verdict, BoxError> {
        let (event_type, _) = EventType::take_packed(&Bytes::copy_from_slice(packed), 0)?;
        let verdict = if self.subscription.is_some_and(|subscription| !subscription.matches(&event_type)) {
            Verdict::No
        } else if self.conditions.of(&event_type).is_empty() {
            Verdict::Yes
        } else {
            Verdict::Conditional
        };
        if self.verdicts.len() >= MAX_TYPES {
            self.verdicts.clear();
        }
        self.verdicts.insert(packed.into(), verdict);
        Ok(verdict)
    }

    /// Whether the times that stand behind the type are within bounds.
    #[inline]
    fn matches_times(&self, mut numbers: Cursor<'_>, type_len: usize) -> Option<bool> {
        let QueryTimeseriesParams { t_from, t_to, source_t_from, source_t_to, .. } = self.params;
        if t_from.is_none() && t_to.is_none() && source_t_from.is_none() && source_t_to.is_none() {
            return Some(true);
        }
        numbers.at += type_len;
        let time = numbers.time()?;
        let parts = |time: &hat_event_common::Timestamp| (time.s(), i64::from(time.us()));
        let is_within = |time: (i64, i64), from: Option<_>, to: Option<_>| {
            from.is_none_or(|from| from <= time) && to.is_none_or(|to| time <= to)
        };
        if !is_within(time, t_from.as_ref().map(parts), t_to.as_ref().map(parts)) {
            return Some(false);
        }
        if source_t_from.is_none() && source_t_to.is_none() {
            return Some(true);
        }
        let has_source_time = numbers.integer()? != 0;
        Some(
            has_source_time
                && is_within(numbers.time()?, source_t_from.as_ref().map(parts), source_t_to.as_ref().map(parts)),
        )
    }
}

/// Reads SBS numbers of bytes that nobody has copied.
#[derive(Clone, Copy)]
struct Cursor<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Cursor<'a> {
    #[inline]
    fn rest(&self) -> &'a [u8] {
        self.bytes.get(self.at..).unwrap_or_default()
    }

    /// Skips three integers, eight bytes at a time: nearly all ids have no more.
    #[inline]
    fn skip_id(&mut self) -> Option<()> {
        if let Some(bytes) = self.rest().first_chunk() {
            // The bits that end integers, without the first two of them.
            let ends = u64::from_le_bytes(*bytes) & 0x8080_8080_8080_8080;
            let second = ends & ends.wrapping_sub(1);
            let third = second & second.wrapping_sub(1);
            if third != 0 {
                self.at += third.trailing_zeros() as usize / 8 + 1;
                return Some(());
            }
        }
        (0..3).try_for_each(|_| self.skip_integer())
    }

    /// The last byte of an integer has its highest bit set.
    fn skip_integer(&mut self) -> Option<()> {
        self.at += 1 + self.rest().iter().position(|byte| byte & 0x80 != 0)?;
        Some(())
    }

    /// Seven bits a byte, the highest first; the first of them is the sign.
    #[inline]
    fn integer(&mut self) -> Option<i64> {
        let rest = self.rest();
        let len = 1 + rest.iter().position(|byte| byte & 0x80 != 0)?;
        self.at += len;
        let bytes = rest.get(..len)?;
        let sign = if bytes.first()? & 0x40 != 0 { -1 } else { 0 };
        Some(bytes.iter().fold(sign, |number, byte| number << 7 | i64::from(byte & 0x7F)))
    }

    fn time(&mut self) -> Option<(i64, i64)> {
        Some((self.integer()?, self.integer()?))
    }

    /// The bytes of an event type, which stay where they are.
    #[inline]
    fn event_type(&self) -> Option<&'a [u8]> {
        let mut numbers = *self;
        for _ in 0..numbers.integer()? {
            let len = usize::try_from(numbers.integer()?).ok()?;
            numbers.at = numbers.at.checked_add(len).filter(|at| *at <= numbers.bytes.len())?;
        }
        self.bytes.get(self.at..numbers.at)
    }
}

#[cfg(test)]
mod tests {
    use hat_event_common::{EventId, Sbs};

    use super::*;

    #[test]
    fn ids_of_all_lengths_are_skipped() {
        let numbers = [0, 63, 64, 8191, 8192, 1 << 20, 1 << 40, i64::MAX as u64];
        for server in numbers {
            for session in numbers {
                for instance in numbers {
                    let id = EventId::new(server, session, instance).unwrap().to_sbs_bytes();
                    for behind in [&b""[..], &[0x80; 9]] {
                        let bytes = [&id[..], behind].concat();
                        let mut cursor = Cursor { bytes: &bytes, at: 0 };
                        assert_eq!(
                            (cursor.skip_id(), cursor.at),
                            (Some(()), id.len()),
                            "{server} {session} {instance}"
                        );
                    }
                    let mut cut = Cursor { bytes: &id[..id.len() - 1], at: 0 };
                    assert_eq!(cut.skip_id(), None);
                }
            }
        }
    }
}
