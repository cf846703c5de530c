//! The schema language: text of a module to its definitions.
//!
//! Nothing is resolved here; see [`super::types`].

mod error;
mod lexer;
mod parser;

use bytestring::ByteString;

pub use error::{SchemaError, SchemaErrorKind};
pub(super) use parser::parse;

/// A module: the content of one schema text.
#[derive(Debug)]
pub(super) struct Module {
    /// What the text is called in errors, such as its file.
    pub(super) label: String,
    pub(super) name: Name,
    pub(super) definitions: Vec<Definition>,
}

/// `Name(a b) = …`
#[derive(Debug, PartialEq)]
pub(super) struct Definition {
    pub(super) name: Name,
    pub(super) parameters: Vec<Name>,
    pub(super) body: Expression,
}

/// What stands where a type is wanted.
#[derive(Debug, PartialEq)]
pub(super) enum Expression {
    /// `Module.Name(A B)`, `Name` or the name of a builtin type.
    Reference { module: Option<Name>, name: Name, arguments: Vec<Self> },
    /// `Record { a: A … }`
    Record(Vec<Entry>),
    /// `Choice { a: A … }`
    Choice(Vec<Entry>),
}

/// A field of a record or an option of a choice.
#[derive(Debug, PartialEq)]
pub(super) struct Entry {
    pub(super) name: Name,
    pub(super) body: Expression,
}

/// A name and where it stands. It shares the memory of the text.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Name {
    pub(super) text: ByteString,
    pub(super) at: Position,
}

/// A place in a text; line and column begin at 1, columns count characters.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Position {
    pub(super) line: usize,
    pub(super) column: usize,
}

impl Module {
    /// Whether both are the same module: of two equal ones it does not matter which is taken.
    pub(super) fn same(&self, other: &Self) -> bool {
        self.name == other.name && self.definitions == other.definitions
    }

    /// An error at a place in this module.
    #[cold]
    pub(super) fn error(&self, at: Position, kind: SchemaErrorKind) -> SchemaError {
        SchemaError::new(&self.label, at, kind)
    }
}
