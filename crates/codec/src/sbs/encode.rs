use bytes::Bytes;
use bytestring::ByteString;

use super::error::{EncodeError, EncodeErrorKind};
use super::types::{Arena, Entry, Kind, Type, TypeId};
use super::{Data, MAX_DEPTH, MAX_EMPTY_ITEMS, Writer};

/// The bytes of data, by its type.
pub(super) fn encode(types: &Arena<Type>, id: TypeId, data: &Data) -> Result<Bytes, EncodeError> {
    let mut encoder = Encoder { types, writer: Writer::with_capacity(256), depth: 0, empty_left: MAX_EMPTY_ITEMS };
    encoder.value(id, data)?;
    Ok(encoder.writer.finish())
}

struct Encoder<'a> {
    types: &'a Arena<Type>,
    writer: Writer,
    depth: usize,
    /// How many more values the items without content of arrays may consist of.
    empty_left: usize,
}

impl Encoder<'_> {
    fn value(&mut self, id: TypeId, data: &Data) -> Result<(), EncodeError> {
        let types = self.types;
        match (&types[id].kind, data) {
            (Kind::None, Data::None) => {}
            (Kind::Boolean, Data::Boolean(value)) => self.writer.boolean(*value),
            (Kind::Integer, Data::Integer(value)) => self.writer.integer(*value),
            (Kind::Float, Data::Float(value)) => self.writer.float(*value),
            (Kind::Float, Data::Integer(value)) => self.writer.float(*value as f64),
            (Kind::String, Data::String(value)) => self.writer.string(value),
            (Kind::Bytes, Data::Bytes(value)) => self.writer.bytes(value),
            (Kind::Array(item), Data::Array(items)) => self.nested(|encoder| encoder.array(*item, items))?,
            (Kind::Optional(item), Data::Choice(name, value)) => {
                self.nested(|encoder| encoder.optional(*item, name, value))?;
            }
            (Kind::Record(entries), Data::Record(fields)) => self.nested(|encoder| encoder.record(entries, fields))?,
            (Kind::Choice(options), Data::Choice(name, value)) => {
                self.nested(|encoder| encoder.choice(options, name, value))?;
            }
            (kind, data) => {
                return Err(EncodeErrorKind::Mismatch { expected: kind.name(), found: data.type_name() }.into());
            }
        }
        Ok(())
    }

    fn nested(&mut self, put: impl FnOnce(&mut Self) -> Result<(), EncodeError>) -> Result<(), EncodeError> {
        if self.depth == MAX_DEPTH {
            return Err(EncodeErrorKind::TooDeep.into());
        }
        self.depth += 1;
        put(self)?;
        self.depth -= 1;
        Ok(())
    }

    fn array(&mut self, item: TypeId, items: &[Data]) -> Result<(), EncodeError> {
        let Type { min_len, values, .. } = self.types[item];
        if min_len == 0 {
            let empty = items.len().saturating_mul(values);
            self.empty_left = self.empty_left.checked_sub(empty).ok_or(EncodeErrorKind::TooManyEmptyItems)?;
        }
        self.writer.length(items.len());
        for (index, data) in items.iter().enumerate() {
            self.value(item, data).map_err(|error| error.in_item(index))?;
        }
        Ok(())
    }

    fn optional(&mut self, item: TypeId, name: &ByteString, value: &Data) -> Result<(), EncodeError> {
        let (index, id) = match &**name {
            "none" => (0, TypeId::NONE),
            "value" => (1, item),
            _ => return Err(unknown_option(name, ["none", "value"].into_iter())),
        };
        self.writer.length(index);
        self.value(id, value)
    }

    fn record(&mut self, entries: &[Entry], fields: &[(ByteString, Data)]) -> Result<(), EncodeError> {
        for (index, entry) in entries.iter().enumerate() {
            // Nearly always in the order of the schema.
            let named = |field: &&(ByteString, Data)| field.0 == entry.name;
            let (name, data) = fields
                .get(index)
                .filter(named)
                .or_else(|| fields.iter().find(named))
                .ok_or_else(|| EncodeErrorKind::MissingField(entry.name.to_string()))?;
            self.value(entry.id, data).map_err(|error| error.in_field(name))?;
        }
        if fields.len() == entries.len() {
            // All fields of the schema are there, so there are no others.
            return Ok(());
        }
        let known = |name: &ByteString| entries.iter().any(|entry| entry.name == *name);
        if let Some((name, _)) = fields.iter().find(|(name, _)| !known(name)) {
            return Err(EncodeErrorKind::UnknownField(name.to_string()).into());
        }
        let mut names: Vec<_> = fields.iter().map(|(name, _)| name).collect();
        names.sort_unstable();
        let mut neighbours = names.iter().zip(names.iter().skip(1));
        let repeated = neighbours.find(|(name, next)| name == next).map(|(name, _)| name.to_string());
        Err(EncodeErrorKind::RepeatedField(repeated.unwrap_or_default()).into())
    }

    fn choice(&mut self, options: &[Entry], name: &ByteString, value: &Data) -> Result<(), EncodeError> {
        let (index, option) = options
            .iter()
            .enumerate()
            .find(|(_, option)| option.name == *name)
            .ok_or_else(|| unknown_option(name, options.iter().map(|option| &*option.name)))?;
        self.writer.length(index);
        self.value(option.id, value).map_err(|error| error.in_field(name))
    }
}

#[cold]
fn unknown_option<'a>(name: &ByteString, known: impl Iterator<Item = &'a str>) -> EncodeError {
    EncodeErrorKind::UnknownOption { name: name.to_string(), known: known.map(str::to_owned).collect() }.into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Repository, SbsError};

    fn error(text: &str, data: &Data) -> String {
        let error = Repository::parse(&format!("module M {text}")).unwrap().encode("M.T", data).unwrap_err();
        assert!(matches!(error, SbsError::Encode(_)));
        error.to_string()
    }

    #[test]
    fn integers_are_floats_too() {
        let float = |data| Repository::parse("module M").unwrap().encode("Float", &data).unwrap();
        assert_eq!(float(Data::Integer(3)), float(Data::Float(3.0)));
    }

    #[test]
    fn fields_may_be_in_any_order() {
        let repository = Repository::parse("module M T = Record{a: Integer b: Integer c: Integer}").unwrap();
        let data = Data::record([("c", 3.into()), ("b", 2.into()), ("a", 1.into())]);
        assert_eq!(repository.encode("M.T", &data).unwrap(), &b"\x81\x82\x83"[..]);
    }

    #[test]
    fn errors_say_what_and_where() {
        let events = "T = Record{events: Array(E)} E = Record{id: Optional(Integer) s: Choice{on: None off: None}}";
        let event = |id, s| Data::record([("events", vec![Data::record([("id", id), ("s", s)])].into())]);
        let on = || Data::choice("on", Data::None);
        for (data, text) in [
            (Data::None, "expected Record, found None"),
            (event(Data::None, on()), "events[0].id: expected Optional, found None"),
            (event(Data::optional(Some("a".into())), on()), "events[0].id: expected Integer, found String"),
            (
                event(Data::choice("some", 1.into()), on()),
                "events[0].id: there is no option \"some\"; options are none, value",
            ),
            (event(Data::optional(None), "on".into()), "events[0].s: expected Choice, found String"),
            (
                event(Data::optional(None), Data::choice("dim", 1.into())),
                "events[0].s: there is no option \"dim\"; options are on, off",
            ),
            (
                event(Data::optional(None), Data::choice("off", 1.into())),
                "events[0].s.off: expected None, found Integer",
            ),
        ] {
            assert_eq!(error(events, &data), text);
        }
        let fields = |names: &[&'static str]| Data::record(names.iter().map(|name| (*name, Data::None)));
        for (names, text) in [
            (&[][..], "field \"a\" is missing"),
            (&["b", "b"], "field \"a\" is missing"),
            (&["a", "c"], "field \"b\" is missing"),
            (&["a", "b", "c"], "there is no field \"c\""),
            (&["b", "a", "b"], "field \"b\" is given twice"),
        ] {
            assert_eq!(error("T = Record{a: None b: None}", &fields(names)), text);
        }
    }

    #[test]
    fn what_would_not_decode_is_not_encoded() {
        let tree = (0..MAX_DEPTH).fold(Data::None, |tree, _| Data::optional(Some(tree)));
        let schema = "T = Optional(T)";
        assert_eq!(error(schema, &Data::optional(Some(tree))), "nested deeper than 128 levels");
        let empty = |len| vec![Data::record([("a", Data::None)]); len].into();
        let schema = "T = Array(U) U = Record{a: None}";
        assert_eq!(error(schema, &empty(MAX_EMPTY_ITEMS / 2 + 1)), "more than 65536 array items without content");
        let repository = Repository::parse(&format!("module M {schema}")).unwrap();
        let bytes = repository.encode("M.T", &empty(MAX_EMPTY_ITEMS / 2)).unwrap();
        assert_eq!(repository.decode("M.T", bytes).unwrap(), empty(MAX_EMPTY_ITEMS / 2));
    }
}
