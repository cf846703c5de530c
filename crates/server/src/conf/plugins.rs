use hat_event_common::{BackendInfo, ModuleInfo, Registry};

/// The plugins that configurations can name under `module`.
#[derive(Clone, Debug)]
pub struct Plugins {
    /// Backends.
    pub backends: Registry<BackendInfo>,
    /// Modules.
    pub modules: Registry<ModuleInfo>,
}

/// What comes with this project: the backends of `hat-event-backends`, and no modules.
impl Default for Plugins {
    fn default() -> Self {
        Self { backends: hat_event_backends::backends(), modules: Registry::new() }
    }
}
