use super::Position;

/// Why schema texts are no repository: what is wrong, and where.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{label}:{line}:{column}: {kind}")]
pub struct SchemaError {
    label: String,
    line: usize,
    column: usize,
    kind: SchemaErrorKind,
}

/// What is wrong with a schema text.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SchemaErrorKind {
    /// The text does not follow the grammar.
    #[error("expected {expected}, found {found}")]
    Syntax {
        /// What may stand there.
        expected: &'static str,
        /// What does.
        found: String,
    },
    /// Types stand within types deeper than the limit.
    #[error("types stand within types more than {0} levels deep")]
    TooDeep(usize),
    /// A module, type, parameter, field or option is defined again.
    #[error("{what} {name} is defined twice")]
    Duplicate {
        /// Which of those it is.
        what: &'static str,
        /// Its name.
        name: String,
    },
    /// No module of this name is in the repository.
    #[error("there is no module {0}")]
    UnknownModule(String),
    /// The module defines no type of this name, and there is no such parameter.
    #[error("there is no type {name} in module {module}")]
    UnknownType {
        /// Where it was looked for.
        module: String,
        /// The name.
        name: String,
    },
    /// A type, builtin or parameter is given another number of arguments than it takes.
    #[error("{found} arguments given to {name}, which takes {expected}")]
    ArgumentCount {
        /// What the arguments are given to.
        name: String,
        /// How many it takes.
        expected: usize,
        /// How many there are.
        found: usize,
    },
    /// Every value of the type would contain another one of it.
    #[error("{0} has no finite value, because it contains itself")]
    NoFiniteValue(String),
    /// Arguments grow from one use of a type to the next within it, or types multiply beyond all measure.
    #[error("{0} expands to too many types")]
    EndlessExpansion(String),
    /// Records within records multiply to more values than the limit.
    #[error("{name} holds more than {limit} fields in all")]
    TooManyFields {
        /// The type.
        name: String,
        /// The limit.
        limit: usize,
    },
}

impl SchemaError {
    #[cold]
    pub(super) fn new(label: &str, at: Position, kind: SchemaErrorKind) -> Self {
        Self { label: label.to_owned(), line: at.line, column: at.column, kind }
    }

    /// What the text is called, as it was given to [`crate::RepositoryBuilder::schema`].
    pub fn label(&self) -> &str {
        &self.label
    }

    /// Line of the text, from 1.
    pub fn line(&self) -> usize {
        self.line
    }

    /// Character of the line, from 1.
    pub fn column(&self) -> usize {
        self.column
    }

    /// What is wrong.
    pub fn kind(&self) -> &SchemaErrorKind {
        &self.kind
    }
}
