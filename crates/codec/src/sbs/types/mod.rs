//! Types resolved: an arena in which types refer to each other by index, so that nothing is looked up by name while
//! encoding and decoding.

mod definitions;
mod expand;
mod measure;

use std::ops::{Index, IndexMut};
use std::sync::Arc;

use bytestring::ByteString;

pub(super) use expand::expand;
pub(super) use measure::measure;

/// A type that is ready for use.
#[derive(Clone, Debug)]
pub(super) struct Type {
    pub(super) kind: Kind,
    /// The fewest bytes that a value takes.
    pub(super) min_len: usize,
    /// How many values a record consists of, with those of records in it and itself; 1 for all other types.
    pub(super) values: usize,
}

/// What a type is.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Kind {
    None,
    Boolean,
    Integer,
    Float,
    String,
    Bytes,
    Array(TypeId),
    /// A choice of `none` and `value`, which errors need not name.
    Optional(TypeId),
    Record(Arc<[Entry]>),
    Choice(Arc<[Entry]>),
}

/// A field or an option.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Entry {
    pub(super) name: ByteString,
    pub(super) id: TypeId,
}

impl Kind {
    /// The builtin types without parameters; in every arena their ids are their places here.
    pub(super) const SIMPLE: [Self; 6] =
        [Self::None, Self::Boolean, Self::Integer, Self::Float, Self::String, Self::Bytes];

    /// The name in the schema language.
    pub(super) fn name(&self) -> &'static str {
        match self {
            Self::None => "None",
            Self::Boolean => "Boolean",
            Self::Integer => "Integer",
            Self::Float => "Float",
            Self::String => "String",
            Self::Bytes => "Bytes",
            Self::Array(_) => "Array",
            Self::Optional(_) => "Optional",
            Self::Record(_) => "Record",
            Self::Choice(_) => "Choice",
        }
    }

    /// The builtin type without parameters of this name.
    pub(super) fn simple(name: &str) -> Option<TypeId> {
        Self::SIMPLE.iter().position(|kind| kind.name() == name).map(TypeId)
    }
}

/// Index of a type in its arena.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct TypeId(usize);

impl TypeId {
    /// `None`, in every arena.
    pub(super) const NONE: Self = Self(0);
}

/// A list that only grows; ids are made by it alone, so there is something at each.
#[derive(Clone, Debug)]
pub(super) struct Arena<T>(Vec<T>);

impl<T> Arena<T> {
    pub(super) fn push(&mut self, item: T) -> TypeId {
        self.0.push(item);
        TypeId(self.0.len() - 1)
    }

    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (TypeId, &T)> {
        self.0.iter().enumerate().map(|(id, item)| (TypeId(id), item))
    }
}

impl<T> FromIterator<T> for Arena<T> {
    fn from_iter<I: IntoIterator<Item = T>>(items: I) -> Self {
        Self(items.into_iter().collect())
    }
}

impl<T> Index<TypeId> for Arena<T> {
    type Output = T;

    #[expect(clippy::indexing_slicing, reason = "an id comes from `push` of this arena or of one of the same length")]
    fn index(&self, id: TypeId) -> &T {
        &self.0[id.0]
    }
}

impl<T> IndexMut<TypeId> for Arena<T> {
    #[expect(clippy::indexing_slicing, reason = "an id comes from `push` of this arena or of one of the same length")]
    fn index_mut(&mut self, id: TypeId) -> &mut T {
        &mut self.0[id.0]
    }
}
