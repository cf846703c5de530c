//! TOML as JSON, which has neither dates nor infinite numbers, and where its values stand.

use std::collections::BTreeMap;
use std::fmt::Display;
use std::ops::Range;

use serde_json::{Map, Number, Value};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::DocumentError;
use super::place::Places;
use super::spot::{Field, Parts, Spot};

pub(super) fn parse(text: &str) -> Result<(Value, Spot), DocumentError> {
    let places = Places::new(text);
    let document = DeTable::parse(text).map_err(|error| {
        let at = error.span().map_or(0, |span| span.start);
        DocumentError::at(error.message(), places.of(at))
    })?;
    let span = document.span();
    convert(DeValue::Table(document.into_inner()), span, &places).map_err(|error| error.into())
}

/// What is wrong with a value, and the way to it.
struct Wrong {
    path: String,
    error: DocumentError,
}

impl From<Wrong> for DocumentError {
    fn from(Wrong { path, error }: Wrong) -> Self {
        Self { message: format!("{path}: {}", error.message), place: error.place }
    }
}

/// The parser limits how deep values are in each other, and so how often this is called in itself.
fn convert(value: DeValue<'_>, span: Range<usize>, places: &Places<'_>) -> Result<(Value, Spot), Wrong> {
    let place = places.of(span.start);
    let wrong = |message: String| Wrong { path: String::new(), error: DocumentError::at(&message, place) };
    let within = |name: &dyn Display, value: Spanned<DeValue<'_>>| {
        let span = value.span();
        convert(value.into_inner(), span, places)
            .map_err(|Wrong { path, error }| Wrong { path: format!("/{name}{path}"), error })
    };
    let value = match value {
        DeValue::String(text) => text.into_owned().into(),
        DeValue::Integer(number) => i64::from_str_radix(number.as_str(), number.radix())
            .map_err(|_| wrong(format!("{number} is too large a number")))?
            .into(),
        DeValue::Float(number) => {
            let value = number.as_str().parse().ok().and_then(Number::from_f64);
            let none = || wrong(format!("{number} is a number that JSON does not have"));
            value.ok_or_else(none)?.into()
        }
        DeValue::Boolean(truth) => truth.into(),
        DeValue::Datetime(date) => return Err(wrong(format!("{date} is a date in TOML; quote it"))),
        DeValue::Array(items) => {
            let (mut values, mut spots) = (Vec::new(), Vec::new());
            for (i, item) in items.into_iter().enumerate() {
                let (value, spot) = within(&i, item)?;
                values.push(value);
                spots.push(spot);
            }
            return Ok((values.into(), Spot { place, parts: Parts::Items(spots) }));
        }
        DeValue::Table(fields) => {
            let (mut values, mut spots) = (Map::new(), BTreeMap::new());
            for (key, value) in fields {
                let at = places.of(key.span().start);
                let key = key.into_inner().into_owned();
                let (value, spot) = within(&key, value)?;
                values.insert(key.clone(), value);
                spots.insert(key, Field { key: at, value: spot });
            }
            return Ok((values.into(), Spot { place, parts: Parts::Fields(spots) }));
        }
    };
    Ok((value, Spot::leaf(place)))
}
