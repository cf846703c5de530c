use bytes::Bytes;
use bytestring::ByteString;
use hat_event_types::EventType;

use super::{Reader, Writer};
use crate::DecodeError;

/// A value that goes straight between Rust and SBS bytes.
pub trait Sbs: Sized {
    /// The fewest bytes that a value takes: what was received bounds the number of items of an array.
    const MIN_LEN: usize;

    /// How many bytes the value is expected to take, rather too many than too few.
    ///
    /// Arrays make room for their items by it.
    #[inline]
    fn expected_len(&self) -> usize {
        Self::MIN_LEN
    }

    /// Puts the value.
    fn encode(&self, writer: &mut Writer);

    /// Takes a value.
    ///
    /// # Errors
    ///
    /// [`DecodeError`] if the bytes are not such a value.
    fn decode(reader: &mut Reader) -> Result<Self, DecodeError>;

    /// The bytes of the value.
    fn to_sbs_bytes(&self) -> Bytes {
        let mut writer = Writer::with_capacity(256);
        self.encode(&mut writer);
        writer.finish()
    }

    /// The value that all of the bytes are. What is long in it shares their memory.
    ///
    /// # Errors
    ///
    /// [`DecodeError`] if the bytes are not such a value, or something follows it.
    fn from_sbs_bytes(data: Bytes) -> Result<Self, DecodeError> {
        let mut reader = Reader::new(data);
        let value = Self::decode(&mut reader)?;
        reader.finish()?;
        Ok(value)
    }
}

/// Three bytes are the length of nearly everything: up to a million.
const LENGTH_LEN: usize = 3;

impl Sbs for bool {
    const MIN_LEN: usize = 1;

    fn encode(&self, writer: &mut Writer) {
        writer.boolean(*self);
    }

    fn decode(reader: &mut Reader) -> Result<Self, DecodeError> {
        reader.boolean()
    }
}

impl Sbs for ByteString {
    const MIN_LEN: usize = 1;

    #[inline]
    fn expected_len(&self) -> usize {
        LENGTH_LEN + self.len()
    }

    fn encode(&self, writer: &mut Writer) {
        writer.string(self);
    }

    fn decode(reader: &mut Reader) -> Result<Self, DecodeError> {
        reader.string()
    }
}

impl Sbs for Bytes {
    const MIN_LEN: usize = 1;

    #[inline]
    fn expected_len(&self) -> usize {
        LENGTH_LEN + self.len()
    }

    fn encode(&self, writer: &mut Writer) {
        writer.bytes(self);
    }

    fn decode(reader: &mut Reader) -> Result<Self, DecodeError> {
        reader.bytes()
    }
}

impl Sbs for EventType {
    const MIN_LEN: usize = 1;

    #[inline]
    fn expected_len(&self) -> usize {
        self.as_packed().len()
    }

    fn encode(&self, writer: &mut Writer) {
        writer.event_type(self);
    }

    #[inline]
    fn decode(reader: &mut Reader) -> Result<Self, DecodeError> {
        reader.event_type()
    }
}

/// `Optional(T)`.
impl<T: Sbs> Sbs for Option<T> {
    const MIN_LEN: usize = 1;

    #[inline]
    fn expected_len(&self) -> usize {
        1 + self.as_ref().map_or(0, T::expected_len)
    }

    #[inline]
    fn encode(&self, writer: &mut Writer) {
        writer.length(self.is_some().into());
        if let Some(value) = self {
            value.encode(writer);
        }
    }

    #[inline]
    fn decode(reader: &mut Reader) -> Result<Self, DecodeError> {
        match reader.choice(2)? {
            0 => Ok(None),
            _ => T::decode(reader).map(Some),
        }
    }
}

/// `Array(T)`.
impl<T: Sbs> Sbs for Vec<T> {
    const MIN_LEN: usize = 1;

    fn expected_len(&self) -> usize {
        LENGTH_LEN + self.iter().map(T::expected_len).sum::<usize>()
    }

    fn encode(&self, writer: &mut Writer) {
        writer.reserve(self.expected_len());
        writer.length(self.len());
        for item in self {
            item.encode(writer);
        }
    }

    fn decode(reader: &mut Reader) -> Result<Self, DecodeError> {
        let len = reader.array_length(T::MIN_LEN)?;
        // The count is a claim: no more room is made for it than twice what was received, until the items are there.
        let received = 2 * reader.remaining() / size_of::<T>().max(1);
        let mut items = Self::with_capacity(len.min(received));
        for index in 0..len {
            items.push(T::decode(reader).map_err(|error| error.in_item(index))?);
        }
        Ok(items)
    }
}

/// Implements [`Sbs`] for a struct as a record: its fields in order, each with its name in the schema.
macro_rules! record {
    ($type:ty { $($field:ident: $field_type:ty = $name:literal),* $(,)? }) => {
        impl $crate::Sbs for $type {
            const MIN_LEN: usize = 0 $(+ <$field_type as $crate::Sbs>::MIN_LEN)*;

            #[inline]
            fn expected_len(&self) -> usize {
                0 $(+ $crate::Sbs::expected_len(&self.$field))*
            }

            #[inline]
            fn encode(&self, writer: &mut $crate::Writer) {
                $($crate::Sbs::encode(&self.$field, writer);)*
            }

            #[inline]
            fn decode(reader: &mut $crate::Reader) -> Result<Self, $crate::DecodeError> {
                Ok(Self {
                    $($field: <$field_type as $crate::Sbs>::decode(reader).map_err(|error| error.in_field($name))?,)*
                })
            }
        }
    };
}

/// Implements [`Sbs`] for a struct without content, a `None`.
macro_rules! none {
    ($type:ident) => {
        impl $crate::Sbs for $type {
            const MIN_LEN: usize = 0;

            fn encode(&self, _: &mut $crate::Writer) {}

            fn decode(_: &mut $crate::Reader) -> Result<Self, $crate::DecodeError> {
                Ok(Self)
            }
        }
    };
}

/// Implements [`Sbs`] for an enum without content as a choice: its options are `ALL` of them, in order.
macro_rules! plain_choice {
    ($type:ty) => {
        impl $crate::Sbs for $type {
            const MIN_LEN: usize = 1;

            fn encode(&self, writer: &mut $crate::Writer) {
                writer.length(*self as usize);
            }

            fn decode(reader: &mut $crate::Reader) -> Result<Self, $crate::DecodeError> {
                reader.choice_of(&Self::ALL).copied()
            }
        }
    };
}

pub(crate) use {none, plain_choice, record};
