use bytes::Bytes;

use super::types::{Arena, Entry, Kind, Type, TypeId};
use super::{Data, MAX_DEPTH, MAX_EMPTY_ITEMS, Reader};
use crate::{DecodeError, DecodeErrorKind};

/// For so many items there is room before the first is decoded: their number is a claim.
const MAX_RESERVED: usize = 32;

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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Repository, SbsError};

    fn decode(text: &str, data: &[u8]) -> Result<Data, String> {
        let repository = Repository::parse(&format!("module M {text}")).unwrap();
        repository.decode("M.T", Bytes::copy_from_slice(data)).map_err(|error| match error {
            SbsError::Decode(error) => error.to_string(),
            error => panic!("{error}"),
        })
    }

    #[test]
    fn padded_integers_and_any_true_byte_are_accepted() {
        let data = Data::record([("a", vec![true.into()].into()), ("b", Data::optional(Some(5.into())))]);
        let padded = [0, 0x81, 0xFF, 0, 0x81, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x85];
        assert_eq!(decode("T = Record{a: Array(Boolean) b: Optional(Integer)}", &padded), Ok(data));
    }

    #[test]
    fn errors_say_what_and_where() {
        let schema = "T = Record{a: Array(U) b: Boolean} U = Choice{c: String d: Optional(Record{e: Bytes})}";
        for (data, text) in [
            (&b""[..], "a: data ends inside an integer at byte 0"),
            (b"\xFF", "a: invalid length at byte 0"),
            (b"\x81\x82\x80", "a[0]: choice 2 of 2 options at byte 1"),
            (b"\x81\xFF\x80", "a[0]: choice -1 of 2 options at byte 1"),
            (b"\x82\x80\x80\x80\x81\xFF\x00", "a[1].c: string is not UTF-8 at byte 5"),
            (b"\x81\x81\x82\x00", "a[0].d: choice 2 of 2 options at byte 2"),
            (b"\x81\x81\x81\x82\x00", "a[0].d.e: data ends inside bytes at byte 3"),
            (b"\x81\x80\x80", "b: data ends inside a Boolean at byte 3"),
            (b"\x80\x00\x00\x00", "2 bytes follow the value at byte 2"),
        ] {
            assert_eq!(decode(schema, data), Err(text.to_owned()), "{data:02x?}");
        }
    }

    #[test]
    fn more_items_than_fit_are_refused_before_the_first() {
        let schema = "T = Array(Record{a: Float b: U}) U = Choice{a: Float b: Array(T)}";
        // Each item takes 8 + 2 bytes or more.
        let data = |len: u8| [[0x80 | len].as_slice(), &[0; 29]].concat();
        assert_eq!(decode(schema, &data(3)), Err("data ends inside an array at byte 0".to_owned()));
        assert_ne!(decode(schema, &data(2)), Err("data ends inside an array at byte 0".to_owned()));
    }

    #[test]
    fn items_without_content_are_limited_in_all_arrays_together() {
        let error = "more than 65536 array items without content";
        // 65536 and 65537.
        let (most, more) = ([0x04, 0x00, 0x80], [0x04, 0x00, 0x81]);
        assert!(decode("T = Array(None)", &most).is_ok());
        assert_eq!(decode("T = Array(None)", &more), Err(format!("{error} at byte 0")));
        let nested = [[0x82].as_slice(), &most, &[0x81]].concat();
        assert_eq!(decode("T = Array(Array(None))", &nested), Err(format!("[1]: {error} at byte 4")));
        let huge = [0, 0x7F, 0x7F, 0x7F, 0x7F, 0x7F, 0x7F, 0x7F, 0x7F, 0xFF];
        assert_eq!(decode("T = Array(Record{a: None b: None})", &huge), Err(format!("{error} at byte 0")));
        assert!(decode("T = Array(Record{a: None b: None})", &[0x02, 0x00, 0x80]).is_err());
    }

    #[test]
    fn nesting_is_limited() {
        let tree = |levels| [vec![0x81; levels - 1], vec![0x80]].concat();
        let decode = |data: &[u8]| decode("T = Record{children: Array(T)}", data);
        // Each level is a record and an array.
        assert!(decode(&tree(MAX_DEPTH / 2)).is_ok());
        for levels in [MAX_DEPTH / 2 + 1, 1_000_000] {
            assert!(decode(&tree(levels)).unwrap_err().ends_with("nested deeper than 128 levels at byte 64"));
        }
    }
}
