use std::fmt;

/// The largest id: what every peer and the database can carry.
const MAX: u64 = i64::MAX as u64;

/// A number that is no id, because it is above 2^63 − 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("id {0} is above 2^63 - 1")]
pub struct IdError(pub u64);

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        ///
        /// A number from 0 to 2^63 − 1.
        #[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(u64);

        impl $name {
            /// The smallest id, 0.
            pub const MIN: Self = Self(0);
            /// The largest id, 2^63 − 1.
            pub const MAX: Self = Self(MAX);

            /// Makes an id of a number.
            ///
            /// # Errors
            ///
            /// [`IdError`] if the number is above 2^63 − 1.
            pub const fn new(id: u64) -> Result<Self, IdError> {
                if id > MAX { Err(IdError(id)) } else { Ok(Self(id)) }
            }

            /// The id as a number.
            pub const fn get(self) -> u64 {
                self.0
            }

            /// The id that follows, unless this is the largest.
            pub const fn next(self) -> Option<Self> {
                if self.0 == MAX { None } else { Some(Self(self.0 + 1)) }
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Debug::fmt(&self.0, f)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(&self.0, f)
            }
        }

        impl From<u32> for $name {
            fn from(id: u32) -> Self {
                Self(id.into())
            }
        }

        impl TryFrom<u64> for $name {
            type Error = IdError;

            fn try_from(id: u64) -> Result<Self, IdError> {
                Self::new(id)
            }
        }

        impl From<$name> for u64 {
            fn from(id: $name) -> Self {
                id.0
            }
        }
    };
}

id! {
    /// Identifies an event server.
    ServerId
}
id! {
    /// Identifies a session of one server: the events that are registered together.
    SessionId
}
id! {
    /// Identifies an event within its session.
    InstanceId
}

/// Identifies an event.
///
/// Ids are ordered by server, then session, then instance. Of one server, a greater id was registered later.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(deny_unknown_fields))]
pub struct EventId {
    /// The server that registered the event.
    pub server: ServerId,
    /// The session in which it was registered.
    pub session: SessionId,
    /// Its number within the session.
    pub instance: InstanceId,
}

impl EventId {
    /// Makes an id of three numbers.
    ///
    /// # Errors
    ///
    /// [`IdError`] if one of them is above 2^63 − 1.
    pub const fn new(server: u64, session: u64, instance: u64) -> Result<Self, IdError> {
        match (ServerId::new(server), SessionId::new(session), InstanceId::new(instance)) {
            (Ok(server), Ok(session), Ok(instance)) => Ok(Self { server, session, instance }),
            (Err(error), _, _) | (_, Err(error), _) | (_, _, Err(error)) => Err(error),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_end_at_what_peers_can_carry() {
        assert_eq!(ServerId::new(MAX).unwrap(), ServerId::MAX);
        assert_eq!(ServerId::new(MAX + 1), Err(IdError(MAX + 1)));
        assert_eq!(SessionId::MAX.next(), None);
        assert_eq!(InstanceId::MIN.next(), Some(InstanceId::from(1)));
        assert_eq!(EventId::new(1, u64::MAX, 2), Err(IdError(u64::MAX)));
        assert_eq!(IdError(1 << 63).to_string(), "id 9223372036854775808 is above 2^63 - 1");
    }

    #[test]
    fn event_ids_are_ordered_by_server_then_session_then_instance() {
        let id = |server, session, instance| EventId::new(server, session, instance).unwrap();
        let ordered = [id(1, 1, 1), id(1, 1, 2), id(1, 2, 0), id(2, 0, 0)];
        assert!(ordered.is_sorted());
    }
}
