//! The JSON form of [`Data`], described there.

use std::fmt;

use bytestring::ByteString;
use serde::de::{self, Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde::ser::{Serialize, SerializeMap, Serializer};

use super::Data;

const HEX: &str = "$hex";
const CHOICE: &str = "$choice";
const FLOAT: &str = "$float";

impl Serialize for Data {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::None => serializer.serialize_unit(),
            Self::Boolean(value) => serializer.serialize_bool(*value),
            Self::Integer(value) => serializer.serialize_i64(*value),
            Self::Float(value) if value.is_finite() => serializer.serialize_f64(*value),
            Self::Float(value) if value.is_nan() => form(serializer, FLOAT, "nan"),
            Self::Float(value) => form(serializer, FLOAT, if *value > 0.0 { "inf" } else { "-inf" }),
            Self::String(value) => serializer.serialize_str(value),
            Self::Bytes(value) => form(serializer, HEX, &to_hex(value)),
            Self::Array(items) => serializer.collect_seq(items),
            Self::Record(fields) => serializer.collect_map(fields.iter().map(|(name, value)| (&**name, value))),
            Self::Choice(name, value) => form(serializer, CHOICE, &(&**name, value)),
        }
    }
}

/// A map of one key tells what JSON has no form for.
fn form<S: Serializer, T: Serialize + ?Sized>(serializer: S, key: &str, value: &T) -> Result<S::Ok, S::Error> {
    let mut map = serializer.serialize_map(Some(1))?;
    map.serialize_entry(key, value)?;
    map.end()
}

impl<'de> Deserialize<'de> for Data {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(DataVisitor)
    }
}

struct DataVisitor;

impl<'de> Visitor<'de> for DataVisitor {
    type Value = Data;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SBS data")
    }

    fn visit_unit<E>(self) -> Result<Data, E> {
        Ok(Data::None)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Data, E> {
        Ok(value.into())
    }

    fn visit_i64<E>(self, value: i64) -> Result<Data, E> {
        Ok(value.into())
    }

    fn visit_u64<E: de::Error>(self, value: u64) -> Result<Data, E> {
        i64::try_from(value).map(Data::from).map_err(|_| E::custom(format!("{value} does not fit into 64 bits")))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Data, E> {
        Ok(value.into())
    }

    fn visit_str<E>(self, value: &str) -> Result<Data, E> {
        Ok(value.to_owned().into())
    }

    fn visit_string<E>(self, value: String) -> Result<Data, E> {
        Ok(value.into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Data, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = seq.next_element()? {
            items.push(item);
        }
        Ok(Data::Array(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Data, A::Error> {
        let mut fields = Vec::new();
        while let Some(key) = map.next_key::<String>()? {
            // Names in a schema begin with a letter.
            if !key.starts_with('$') {
                fields.push((ByteString::from(key), map.next_value()?));
                continue;
            }
            let data = match &*key {
                HEX => from_hex(&map.next_value::<String>()?).map(|bytes| Data::Bytes(bytes.into())),
                FLOAT => from_float_name(&map.next_value::<String>()?).map(Data::Float),
                CHOICE => {
                    let (name, value): (String, Data) = map.next_value()?;
                    Some(Data::Choice(name.into(), Box::new(value)))
                }
                _ => None,
            };
            let data = data.ok_or_else(|| de::Error::custom(format!("invalid form {key}")))?;
            if !fields.is_empty() || map.next_key::<String>()?.is_some() {
                return Err(de::Error::custom(format!("{key} does not stand alone")));
            }
            return Ok(data);
        }
        Ok(Data::Record(fields))
    }
}

fn from_float_name(name: &str) -> Option<f64> {
    match name {
        "nan" => Some(f64::NAN),
        "inf" => Some(f64::INFINITY),
        "-inf" => Some(f64::NEG_INFINITY),
        _ => None,
    }
}

fn to_hex(bytes: &[u8]) -> String {
    let digit = |value: u8| char::from_digit(value.into(), 16).unwrap_or_default();
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 0xF)]).collect()
}

fn from_hex(text: &str) -> Option<Vec<u8>> {
    let digit = |digit: &u8| char::from(*digit).to_digit(16);
    let (pairs, []) = text.as_bytes().as_chunks::<2>() else { return None };
    pairs.iter().map(|[high, low]| u8::try_from(digit(high)? << 4 | digit(low)?).ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_of_data_has_a_form() {
        let pairs = [
            (Data::None, "null"),
            (true.into(), "true"),
            (i64::MIN.into(), "-9223372036854775808"),
            (i64::MAX.into(), "9223372036854775807"),
            (1.0.into(), "1.0"),
            ((-0.0).into(), "-0.0"),
            (f64::INFINITY.into(), r#"{"$float":"inf"}"#),
            (f64::NEG_INFINITY.into(), r#"{"$float":"-inf"}"#),
            ("a\"ü".into(), r#""a\"ü""#),
            (Data::Bytes(vec![0, 0xA5, 0xFF].into()), r#"{"$hex":"00a5ff"}"#),
            (Vec::<Data>::new().into(), "[]"),
            (vec![Data::None, 1.into()].into(), "[null,1]"),
            (Data::record([]), "{}"),
            (Data::record([("b", 1.into()), ("a", 2.into())]), r#"{"b":1,"a":2}"#),
            (Data::optional(None), r#"{"$choice":["none",null]}"#),
            (Data::optional(Some(Data::optional(None))), r#"{"$choice":["value",{"$choice":["none",null]}]}"#),
        ];
        for (data, text) in pairs {
            assert_eq!(serde_json::to_string(&data).unwrap(), text);
            assert_eq!(serde_json::from_str::<Data>(text).unwrap(), data);
        }
        assert_eq!(serde_json::to_string(&Data::Float(f64::NAN)).unwrap(), r#"{"$float":"nan"}"#);
        let Data::Float(nan) = serde_json::from_str(r#"{"$float":"nan"}"#).unwrap() else { panic!("no float") };
        assert!(nan.is_nan());
    }

    #[test]
    fn errors_say_where_in_the_text() {
        for (text, error) in [
            (r#"{"$hex": "0"}"#, "invalid form $hex at line 1 column 13"),
            (r#"{"$hex": "0g"}"#, "invalid form $hex at line 1 column 14"),
            (r#"{"$float": "1"}"#, "invalid form $float at line 1 column 15"),
            (r#"{"$bigint": "1"}"#, "invalid form $bigint at line 1 column 10"),
            (r#"{"$hex": "", "a": 1}"#, "$hex does not stand alone at line 1 column 16"),
            (r#"{"a": 1, "$hex": ""}"#, "$hex does not stand alone at line 1 column 20"),
            (r#"{"$choice": ["a"]}"#, "invalid length 1, expected a tuple of size 2 at line 1 column 17"),
            ("[1,\n 9223372036854775808]", "9223372036854775808 does not fit into 64 bits at line 2 column 20"),
        ] {
            assert_eq!(serde_json::from_str::<Data>(text).unwrap_err().to_string(), error, "{text}");
        }
    }

    #[test]
    fn deep_text_is_an_error() {
        let deep = |depth| "[".repeat(depth) + &"]".repeat(depth);
        assert!(serde_json::from_str::<Data>(&deep(100)).is_ok());
        assert!(serde_json::from_str::<Data>(&deep(100_000)).is_err());
    }
}
