use serde_json::Value;

use super::options::{Notes, Options, object};
use crate::log::error::LogError;
use crate::log::level;

/// What passes a logger, and who writes it.
#[derive(Clone, Debug)]
pub(in crate::log) struct LoggerConf {
    /// Not set, or 0: that of the logger above.
    pub(in crate::log) level: Option<u32>,
    pub(in crate::log) handlers: Vec<String>,
    /// Handlers of the logger above write its lines too.
    pub(in crate::log) propagate: bool,
}

impl Default for LoggerConf {
    fn default() -> Self {
        Self { level: None, handlers: Vec::new(), propagate: true }
    }
}

impl LoggerConf {
    /// Reads one; handlers that were refused are left out, as that was told before.
    pub(super) fn read(
        value: &Value,
        place: &str,
        known: &dyn Fn(&str) -> bool,
        refused: &[String],
        notes: &mut Notes,
    ) -> Result<Self, LogError> {
        let mut options = Options::new(object(value, place)?, place);
        let level = match options.take("level").filter(|level| !level.is_null()) {
            Some(level) => Some(level::parse(level).map_err(|why| options.error("level", why))?),
            None => None,
        };
        let propagate = options.flag("propagate")?.unwrap_or(true);
        let mut handlers = Vec::new();
        for name in options.texts("handlers")? {
            if known(&name) {
                if !handlers.contains(&name) {
                    handlers.push(name);
                }
            } else if !refused.contains(&name) {
                return Err(options.error("handlers", format!("there is no handler {name:?}")));
            }
        }
        if !options.texts("filters")?.is_empty() {
            notes.add(format!("{place}.filters"), "there are no filters here: all lines pass");
        }
        options.rest(notes);
        Ok(Self { level, handlers, propagate })
    }
}
