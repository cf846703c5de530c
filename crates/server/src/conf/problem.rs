use std::fmt;

use hat_event_common::Violation;

use super::{Document, Place};

/// What is wrong, or looks wrong, in a configuration.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Problem {
    /// The value in question, as JSON pointer (RFC 6901): `/eventer_server/port`, or empty for the whole.
    pub pointer: String,
    /// What is wrong.
    pub message: String,
    /// Where the value, or its key, stands, if it stands in a text.
    pub place: Option<Place>,
    /// The rule of a JSON schema that it contradicts, as absolute keyword location.
    pub rule: Option<String>,
}

impl Problem {
    /// Of the value that a JSON pointer leads to.
    pub(super) fn of_value(document: &Document, pointer: impl Into<String>, message: impl Into<String>) -> Self {
        let pointer = pointer.into();
        Self { place: document.place(&pointer), pointer, message: message.into(), rule: None }
    }

    /// Of a field of a mapping that has no business there, whatever its value.
    pub(super) fn of_key(document: &Document, pointer: impl Into<String>, message: impl Into<String>) -> Self {
        let pointer = pointer.into();
        Self { place: document.key_place(&pointer), pointer, message: message.into(), rule: None }
    }

    /// Of a section that contradicts a JSON schema.
    pub(super) fn of_violation(document: &Document, section: &str, violation: Violation) -> Self {
        let problem = Self::of_value(document, section.to_owned() + &violation.pointer, violation.message);
        Self { rule: Some(violation.rule), ..problem }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let pointer = if self.pointer.is_empty() { "(the whole)" } else { &self.pointer };
        write!(f, "{pointer}: {}", self.message)?;
        if let Some(place) = self.place {
            write!(f, " at {place}")?;
        }
        self.rule.iter().try_for_each(|rule| write!(f, " ({rule})"))
    }
}

/// All that keeps a server from running with a configuration.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}", join(errors))]
pub struct ConfErrors {
    /// What is wrong; at least one.
    pub errors: Vec<Problem>,
    /// What looks wrong, and may be the reason.
    pub warnings: Vec<Problem>,
}

fn join(errors: &[Problem]) -> String {
    errors.iter().map(Problem::to_string).collect::<Vec<_>>().join("; ")
}
