//! What Python calls the loggers of whatever tells something here.

use std::borrow::Cow;

/// A path of modules and the name of its logger; the first that fits counts.
const TABLE: &[(&str, &str)] = &[
    ("hat_event_eventer::adminer", "hat.event.adminer"),
    ("hat_event_eventer", "hat.event.eventer"),
    ("hat_event_server", "hat.event.server"),
    ("hat_event_backends", "hat.event.backends"),
    ("hat_event_chatter", "hat.drivers.chatter"),
    ("hat_event_common", "hat.event.common"),
    ("hat_event_plugin", "hat.event.common"),
    ("hat_event_subscription", "hat.event.common"),
    ("hat_event_codec", "hat.event.common"),
    ("hat_event_types", "hat.event.common"),
    ("hat_event::serve", "hat.event.server"),
    ("hat_event", "hat.event"),
];

/// The name of the logger for a target of `tracing`.
pub(super) fn logger(target: &str) -> Cow<'_, str> {
    let known = TABLE.iter().find_map(|(path, name)| {
        let rest = target.strip_prefix(path)?;
        (rest.is_empty() || rest.starts_with("::")).then(|| format!("{name}{}", rest.replace("::", ".")))
    });
    match known {
        Some(name) => name.into(),
        None if target.contains("::") => target.replace("::", ".").into(),
        None => target.into(),
    }
}

/// The logger of this module itself.
pub(super) const OWN: &str = "hat.event.server.log";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn targets_have_the_names_of_python() {
        for (target, name) in [
            ("hat_event_server::engine", "hat.event.server.engine"),
            ("hat_event_server", "hat.event.server"),
            ("hat_event_servers::x", "hat_event_servers.x"),
            ("hat_event_backends::lmdb::cache", "hat.event.backends.lmdb.cache"),
            ("hat_event_eventer::server::connection", "hat.event.eventer.server.connection"),
            ("hat_event_eventer::adminer::server", "hat.event.adminer.server"),
            ("hat_event_chatter::driver", "hat.drivers.chatter.driver"),
            ("hat_event::serve::memory", "hat.event.server.memory"),
            ("hat_event::failure", "hat.event.failure"),
            ("my::module", "my.module"),
            ("", ""),
        ] {
            assert_eq!(logger(target), name);
        }
        assert_eq!(logger(module_path!()), format!("{OWN}.names.tests"));
    }
}
