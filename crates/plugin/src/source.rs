/// What kind of party registers events.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SourceType {
    /// A client of the event server.
    Eventer,
    /// A module of the engine.
    Module,
    /// The engine itself.
    Engine,
    /// The event server around the engine.
    Server,
}

/// Who registers events.
///
/// Ids are given out apart for each type, from 0: a module's is its place in the configuration.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Source {
    /// What kind of party it is.
    pub source_type: SourceType,
    /// Which one of its kind.
    pub id: u64,
}

impl Source {
    /// Names a source.
    pub const fn new(source_type: SourceType, id: u64) -> Self {
        Self { source_type, id }
    }
}
