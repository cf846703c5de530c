use std::collections::BTreeMap;

use tracing::level_filters::LevelFilter;

use super::conf::{LogConf, LoggerConf};
use super::level;

/// Which handlers write a line: what loggers do in Python.
#[derive(Debug)]
pub(super) struct Router {
    /// The one without a name is the root.
    loggers: BTreeMap<String, LoggerConf>,
    /// Names and levels of handlers.
    handlers: BTreeMap<String, u32>,
    disable_others: bool,
}

/// Who writes a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Route<'a> {
    Nobody,
    /// A handler of several loggers on the way writes it as often.
    Handlers(Vec<&'a str>),
    /// As no logger has a handler: standard error, and only from `WARNING`.
    LastResort,
}

impl Router {
    pub(super) fn new(conf: &LogConf) -> Self {
        Self {
            loggers: conf.loggers.clone(),
            handlers: conf.handlers.iter().map(|(name, handler)| (name.clone(), handler.level)).collect(),
            disable_others: conf.disable_others,
        }
    }

    /// Who writes a line of the logger with this name.
    pub(super) fn route(&self, name: &str, levelno: u32) -> Route<'_> {
        let named = || ancestors(name).filter_map(|name| self.loggers.get_key_value(name));
        if self.disable_others && !name.is_empty() && !named().any(|(name, _)| !name.is_empty()) {
            return Route::Nobody;
        }
        let root = self.loggers.get("").and_then(|root| root.level).unwrap_or(level::WARNING);
        let limit = named().find_map(|(_, logger)| logger.level.filter(|level| *level > 0)).unwrap_or(root);
        if levelno < limit {
            return Route::Nobody;
        }
        let (mut handlers, mut any) = (Vec::new(), false);
        for (_, logger) in named() {
            for handler in &logger.handlers {
                any = true;
                if let Some((name, limit)) = self.handlers.get_key_value(handler)
                    && levelno >= *limit
                {
                    handlers.push(name.as_str());
                }
            }
            if !logger.propagate {
                break;
            }
        }
        match (any, handlers.is_empty()) {
            (false, _) if levelno >= level::WARNING => Route::LastResort,
            (_, true) => Route::Nobody,
            (_, false) => Route::Handlers(handlers),
        }
    }

    /// What passes some logger.
    pub(super) fn max_level(&self) -> LevelFilter {
        let lowest = self.loggers.values().filter_map(|logger| logger.level.filter(|level| *level > 0)).min();
        let root = self.loggers.get("").and_then(|root| root.level).unwrap_or(level::WARNING);
        level::filter(lowest.map_or(root, |lowest| lowest.min(root)))
    }
}

/// A name, what it is below, and at last the root's.
fn ancestors(name: &str) -> impl Iterator<Item = &str> {
    let mut next = Some(name);
    std::iter::from_fn(move || {
        let name = next?;
        next = match name.rsplit_once('.') {
            Some((above, _)) => Some(above),
            None => (!name.is_empty()).then_some(""),
        };
        Some(name)
    })
}
