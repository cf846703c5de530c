/// What an event server is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(rename_all = "lowercase"))]
pub enum Status {
    /// Another server is active.
    Standby,
    /// The server is becoming operational.
    Starting,
    /// Events can be registered.
    Operational,
    /// The server is leaving operation.
    Stopping,
}

impl Status {
    /// All of them, in the order of the schema.
    pub const ALL: [Self; 4] = [Self::Standby, Self::Starting, Self::Operational, Self::Stopping];

    /// The name that the wire and the reference use.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Standby => "standby",
            Self::Starting => "starting",
            Self::Operational => "operational",
            Self::Stopping => "stopping",
        }
    }
}
