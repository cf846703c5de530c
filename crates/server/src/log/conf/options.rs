use std::collections::BTreeSet;
use std::time::Duration;

use serde_json::{Map, Value};

use super::Warning;
use crate::log::error::LogError;

/// Warnings, as they come.
#[derive(Default)]
pub(super) struct Notes {
    pub(super) warnings: Vec<Warning>,
}

impl Notes {
    pub(super) fn add(&mut self, place: String, text: impl Into<String>) {
        self.warnings.push(Warning { place, text: text.into() });
    }
}

/// The members of an object, each of which is taken once.
pub(super) struct Options<'a> {
    members: &'a Map<String, Value>,
    place: &'a str,
    taken: BTreeSet<&'static str>,
}

impl<'a> Options<'a> {
    pub(super) fn new(members: &'a Map<String, Value>, place: &'a str) -> Self {
        Self { members, place, taken: BTreeSet::new() }
    }

    pub(super) fn error(&self, key: &str, reason: impl Into<String>) -> LogError {
        LogError::Conf { place: format!("{}.{key}", self.place), reason: reason.into() }
    }

    pub(super) fn take(&mut self, key: &'static str) -> Option<&'a Value> {
        self.taken.insert(key);
        self.members.get(key)
    }

    /// Text; null is none.
    pub(super) fn text(&mut self, key: &'static str) -> Result<Option<String>, LogError> {
        match self.take(key) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(text)) => Ok(Some(text.clone())),
            Some(_) => Err(self.error(key, "it is no text")),
        }
    }

    pub(super) fn texts(&mut self, key: &'static str) -> Result<Vec<String>, LogError> {
        match self.take(key) {
            None | Some(Value::Null) => Ok(Vec::new()),
            Some(Value::Array(items)) => {
                let texts: Option<_> = items.iter().map(|item| item.as_str().map(str::to_owned)).collect();
                texts.ok_or_else(|| self.error(key, "not all of it are names"))
            }
            Some(_) => Err(self.error(key, "it is no list")),
        }
    }

    pub(super) fn flag(&mut self, key: &'static str) -> Result<Option<bool>, LogError> {
        match self.take(key) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::Bool(flag)) => Ok(Some(*flag)),
            Some(_) => Err(self.error(key, "it is neither true nor false")),
        }
    }

    /// A whole number from 0.
    pub(super) fn number(&mut self, key: &'static str) -> Result<Option<u64>, LogError> {
        match self.take(key) {
            None | Some(Value::Null) => Ok(None),
            Some(value) => value.as_u64().map(Some).ok_or_else(|| self.error(key, "it is no whole number from 0")),
        }
    }

    /// A number of seconds from 0.
    pub(super) fn seconds(&mut self, key: &'static str) -> Result<Option<Duration>, LogError> {
        match self.take(key) {
            None | Some(Value::Null) => Ok(None),
            Some(value) => {
                let seconds = value.as_f64().and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
                seconds.map(Some).ok_or_else(|| self.error(key, "it is no number of seconds from 0"))
            }
        }
    }

    /// Whether no class but those that are known, and no factory, is named.
    pub(super) fn plain_class(&mut self, notes: &mut Notes, known: &[&str]) -> Result<bool, LogError> {
        if self.members.contains_key("()") {
            notes.add(format!("{}.()", self.place), "factories are not called: it is left out");
            return Ok(false);
        }
        match self.text("class")? {
            Some(class) if !known.contains(&class.as_str()) => {
                notes.add(
                    format!("{}.class", self.place),
                    format!("{class:?} is not known and is left out; known are {}", known.join(", ")),
                );
                Ok(false)
            }
            _ => Ok(true),
        }
    }

    /// Warns of what was not taken.
    pub(super) fn rest(&self, notes: &mut Notes) {
        for key in self.members.keys().filter(|key| !self.taken.contains(key.as_str())) {
            notes.add(format!("{}.{key}", self.place), "it is not known and has no effect");
        }
    }
}

pub(super) fn object<'a>(value: &'a Value, place: &str) -> Result<&'a Map<String, Value>, LogError> {
    value.as_object().ok_or_else(|| LogError::Conf { place: place.to_owned(), reason: "it is no object".to_owned() })
}
