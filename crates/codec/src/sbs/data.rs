use bytes::Bytes;
use bytestring::ByteString;

/// A value of any SBS type: what a [`crate::Repository`] encodes and decodes.
///
/// Its JSON form, for people and tools, is that of its `Serialize` and `Deserialize`:
///
/// | value | JSON |
/// |---|---|
/// | `None`, `Boolean`, `Integer`, `Float`, `String`, `Array`, `Record` | null, true or false, number, number, text, list, object |
/// | `Bytes` | `{"$hex": "00ff"}` |
/// | `Choice`, `Optional` | `{"$choice": ["name", value]}` |
/// | `Float` that is not finite | `{"$float": "nan"}`, `"inf"`, `"-inf"` |
///
/// Fields keep their order. Text deeper than 127 levels, of which a choice takes two, is not read by `serde_json`.
///
/// ```
/// use hat_event_codec::Data;
///
/// let data = Data::record([
///     ("id", Data::optional(Some(7.into()))),
///     ("names", vec!["a".into(), "b".into()].into()),
///     ("status", Data::choice("stopping", Data::None)),
/// ]);
/// assert_eq!(data.get("id"), Some(&Data::choice("value", 7.into())));
/// assert_eq!(
///     serde_json::to_string(&data)?,
///     r#"{"id":{"$choice":["value",7]},"names":["a","b"],"status":{"$choice":["stopping",null]}}"#,
/// );
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub enum Data {
    /// `None`.
    None,
    /// `Boolean`.
    Boolean(bool),
    /// `Integer`.
    Integer(i64),
    /// `Float`; where one is wanted, [`Self::Integer`] does too.
    Float(f64),
    /// `String`.
    String(ByteString),
    /// `Bytes`.
    Bytes(Bytes),
    /// `Array`: its items.
    Array(Vec<Self>),
    /// `Record`: its fields. Decoded, they are in the order of the schema; to be encoded, they may be in any.
    Record(Vec<(ByteString, Self)>),
    /// `Choice`: name and value of the chosen option. `Optional` is the choice of `none` and `value`.
    Choice(ByteString, Box<Self>),
}

impl Data {
    /// A record of fields whose names stand in the program.
    pub fn record(fields: impl IntoIterator<Item = (&'static str, Self)>) -> Self {
        Self::Record(fields.into_iter().map(|(name, value)| (ByteString::from_static(name), value)).collect())
    }

    /// A choice of an option whose name stands in the program.
    pub fn choice(name: &'static str, value: Self) -> Self {
        Self::Choice(ByteString::from_static(name), Box::new(value))
    }

    /// An `Optional`.
    pub fn optional(value: Option<Self>) -> Self {
        value.map_or_else(|| Self::choice("none", Self::None), |value| Self::choice("value", value))
    }

    /// The value of a record's field.
    pub fn get(&self, field: &str) -> Option<&Self> {
        match self {
            Self::Record(fields) => fields.iter().find(|(name, _)| name == field).map(|(_, value)| value),
            _ => None,
        }
    }

    /// The name of the variant.
    pub(super) fn type_name(&self) -> &'static str {
        match self {
            Self::None => "None",
            Self::Boolean(_) => "Boolean",
            Self::Integer(_) => "Integer",
            Self::Float(_) => "Float",
            Self::String(_) => "String",
            Self::Bytes(_) => "Bytes",
            Self::Array(_) => "Array",
            Self::Record(_) => "Record",
            Self::Choice(..) => "Choice",
        }
    }
}

macro_rules! from {
    ($($type:ty => $variant:ident),* $(,)?) => {
        $(impl From<$type> for Data {
            fn from(value: $type) -> Self {
                Self::$variant(value.into())
            }
        })*
    };
}

from! {
    bool => Boolean,
    i32 => Integer,
    i64 => Integer,
    u32 => Integer,
    f64 => Float,
    ByteString => String,
    String => String,
    Bytes => Bytes,
    Vec<Self> => Array,
}

/// Text that stands in the program.
impl From<&'static str> for Data {
    fn from(value: &'static str) -> Self {
        Self::String(ByteString::from_static(value))
    }
}
