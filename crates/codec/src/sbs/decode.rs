use bytes::Bytes;

use super::types::{Arena, Entry, Kind, Type, TypeId};
use super::{Data, MAX_DEPTH, MAX_EMPTY_ITEMS, Reader};
use crate::{DecodeError, DecodeErrorKind};

/// For so many items there is room before the first is decoded: their number is a claim.
const MAX_RESERVED: usize = 64;

/// The data that all of the bytes are, by its type.
pub(super) fn decode(types: &Arena<Type>, id: TypeId, data: Bytes) -> Result<Data, DecodeError> {
    let mut decoder = Decoder { types, reader: Reader::new(data), depth: 0, empty_left: MAX_EMPTY_ITEMS };
    let data = decoder.value(id)?;
    decoder.reader.finish()?;
    Ok(data)
}

struct Decoder<'a> {
    types: &'a Arena<Type>,
    reader: Reader,
    depth: usize,
    /// How many more values the items without content of arrays may consist of.
    empty_left: usize,
}

impl Decoder<'_> {
    fn value(&mut self, id: TypeId) -> Result<Data, DecodeError> {
        let types = self.types;
        Ok(match &types[id].kind {
            Kind::None => Data::None,
            Kind::Boolean => Data::Boolean(self.reader.boolean()?),
            Kind::Integer => Data::Integer(self.reader.integer()?),
            Kind::Float => Data::Float(self.reader.float()?),
            Kind::String => Data::String(self.reader.string()?),
            Kind::Bytes => Data::Bytes(self.reader.bytes()?),
            Kind::Array(item) => self.nested(|decoder| decoder.array(*item))?,
            Kind::Optional(item) => self.nested(|decoder| decoder.optional(*item))?,
            Kind::Record(entries) => self.nested(|decoder| decoder.record(entries))?,
            Kind::Choice(options) => self.nested(|decoder| decoder.choice(options))?,
        })
    }

    fn nested(&mut self, take: impl FnOnce(&mut Self) -> Result<Data, DecodeError>) -> Result<Data, DecodeError> {
        if self.depth == MAX_DEPTH {
            return Err(self.reader.error(DecodeErrorKind::TooDeep(MAX_DEPTH)));
        }
        self.depth += 1;
        let data = take(self)?;
        self.depth -= 1;
        Ok(data)
    }

    fn array(&mut self, item: TypeId) -> Result<Data, DecodeError> {
        let Type { min_len, values, .. } = self.types[item];
        let before = self.reader.position();
        let len = self.reader.array_length(min_len)?;
        if min_len == 0 {
            let left = self.empty_left.checked_sub(len.saturating_mul(values));
            let too_many = DecodeErrorKind::TooManyEmptyItems(MAX_EMPTY_ITEMS);
            self.empty_left = left.ok_or_else(|| DecodeError::new(too_many, before))?;
        }
        let mut items = Vec::with_capacity(len.min(MAX_RESERVED));
        for index in 0..len {
            items.push(self.value(item).map_err(|error| error.in_item(index))?);
        }
        Ok(Data::Array(items))
    }

    fn optional(&mut self, item: TypeId) -> Result<Data, DecodeError> {
        let value = match self.reader.choice(2)? {
            0 => None,
            _ => Some(self.value(item)?),
        };
        Ok(Data::optional(value))
    }

    fn record(&mut self, entries: &[Entry]) -> Result<Data, DecodeError> {
        let mut fields = Vec::with_capacity(entries.len());
        for Entry { name, id } in entries {
            let value = self.value(*id).map_err(|error| error.in_field(name))?;
            fields.push((name.clone(), value));
        }
        Ok(Data::Record(fields))
    }

    fn choice(&mut self, options: &[Entry]) -> Result<Data, DecodeError> {
        let Entry { name, id } = self.reader.choice_of(options)?;
        let value = self.value(*id).map_err(|error| error.in_field(name))?;
        Ok(Data::Choice(name.clone(), Box::new(value)))
    }
}
