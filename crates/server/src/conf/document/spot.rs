use std::collections::BTreeMap;

use super::Place;

/// Where a value stands, and where what is in it.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Spot {
    pub(super) place: Place,
    pub(super) parts: Parts,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Parts {
    None,
    Items(Vec<Spot>),
    Fields(BTreeMap<String, Field>),
}

/// Where a field of a mapping stands: its key and its value.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Field {
    pub(super) key: Place,
    pub(super) value: Spot,
}

impl Spot {
    /// Of a value that has no parts.
    pub(super) fn leaf(place: Place) -> Self {
        Self { place, parts: Parts::None }
    }

    /// What a JSON pointer leads to.
    pub(super) fn find(&self, pointer: &str) -> Option<&Self> {
        pointer.split('/').skip(1).try_fold(self, |spot, token| match &spot.parts {
            Parts::None => None,
            Parts::Items(items) => items.get(token.parse::<usize>().ok()?),
            Parts::Fields(fields) => fields.get(&key(token)).map(|field| &field.value),
        })
    }

    /// The key of the field that a JSON pointer leads to.
    pub(super) fn find_key(&self, pointer: &str) -> Option<Place> {
        let (parent, token) = pointer.rsplit_once('/')?;
        match &self.find(parent)?.parts {
            Parts::Fields(fields) => fields.get(&key(token)).map(|field| field.key),
            _ => None,
        }
    }
}

/// What a part of a JSON pointer stands for (RFC 6901).
fn key(token: &str) -> String {
    token.replace("~1", "/").replace("~0", "~")
}
