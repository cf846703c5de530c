use std::fmt;
use std::str::FromStr;

use crate::{EventId, InstanceId, ServerId, SessionId};

/// Text is no id.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{text:?} is no {expected}")]
pub struct ParseIdError {
    text: String,
    expected: &'static str,
}

macro_rules! parsed {
    ($($name:ident),*) => {
        $(impl FromStr for $name {
            type Err = ParseIdError;

            fn from_str(text: &str) -> Result<Self, ParseIdError> {
                // `u64` takes a sign too.
                let id = if text.starts_with('+') { None } else { text.parse().ok() };
                let error = || ParseIdError { text: text.to_owned(), expected: "number from 0 to 2^63 - 1" };
                id.and_then(|id| Self::new(id).ok()).ok_or_else(error)
            }
        })*
    };
}

parsed!(ServerId, SessionId, InstanceId);

/// Three numbers with commas between them: server, session and instance, as `hat-event-manager` takes them.
impl FromStr for EventId {
    type Err = ParseIdError;

    fn from_str(text: &str) -> Result<Self, ParseIdError> {
        let mut parts = text.split(',');
        let (Some(server), Some(session), Some(instance), None) =
            (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err(ParseIdError { text: text.to_owned(), expected: "event id: SERVER,SESSION,INSTANCE" });
        };
        Ok(Self { server: server.parse()?, session: session.parse()?, instance: instance.parse()? })
    }
}

/// As it is parsed.
impl fmt::Display for EventId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{},{},{}", self.server, self.session, self.instance)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_come_back_from_text() {
        assert_eq!("9223372036854775807".parse(), Ok(ServerId::MAX));
        let id = EventId::new(1, 22, 333).unwrap();
        assert_eq!(id.to_string(), "1,22,333");
        assert_eq!("1,22,333".parse(), Ok(id));
    }

    #[test]
    fn other_text_is_refused() {
        let error = |text: &str| text.parse::<EventId>().unwrap_err().to_string();
        assert_eq!(error("1,2"), "\"1,2\" is no event id: SERVER,SESSION,INSTANCE");
        assert_eq!(error("1,2,3,4"), "\"1,2,3,4\" is no event id: SERVER,SESSION,INSTANCE");
        assert_eq!(error("1,x,3"), "\"x\" is no number from 0 to 2^63 - 1");
        assert_eq!(error("1,,3"), "\"\" is no number from 0 to 2^63 - 1");
        for text in ["-1", "+1", "9223372036854775808", " 1"] {
            assert!(text.parse::<ServerId>().is_err(), "{text}");
        }
    }
}
