use std::sync::Arc;

use async_trait::async_trait;
use hat_event_subscription::Subscription;
use hat_event_types::{Event, RegisterEvent, SessionId};
use serde_json::Value;

use crate::callback::BoxFuture;
use crate::{BoxError, Engine, PluginError, PluginInfo, Registry, Resource, Source, UnknownPluginError};

/// Answers events with further events: the logic that an engine runs.
///
/// # Contract
///
/// **Concurrency.** An engine calls the methods that take `&mut self` one at a time, so a module needs no locks of its own
/// for what only they use. Tasks of the module run beside them.
///
/// **Session.** For each session there is one call of [`Self::on_session_start`], then [`Self::process`] for each event
/// that [`Self::subscription`] matches, those included that modules added to the session, and at last one call of
/// [`Self::on_session_stop`]. None of the three may wait for [`Engine::register`].
///
/// **Closing.** Once closing is requested, the session that is under way ends and no other begins. A module that closes by
/// itself closes its engine.
///
/// **Errors.** An error means that the module cannot go on: nothing of the session is registered, and the engine closes.
/// What a module can handle it handles itself.
///
/// ```
/// use async_trait::async_trait;
/// use hat_event_plugin::{BoxError, Lifecycle, Module, Resource, Source};
/// use hat_event_subscription::Subscription;
/// use hat_event_types::{Event, RegisterEvent};
///
/// /// Says that an event was seen.
/// #[derive(Debug)]
/// struct Echo {
///     lifecycle: Lifecycle,
///     subscription: Subscription,
/// }
///
/// impl Resource for Echo {
///     fn lifecycle(&self) -> &Lifecycle {
///         &self.lifecycle
///     }
/// }
///
/// #[async_trait]
/// impl Module for Echo {
///     fn subscription(&self) -> &Subscription {
///         &self.subscription
///     }
///
///     async fn process(&mut self, _source: Source, event: &Event) -> Result<Vec<RegisterEvent>, BoxError> {
///         let event_type = ["seen"].into_iter().chain(&event.event_type).collect();
///         Ok(vec![RegisterEvent { event_type, source_timestamp: event.source_timestamp, payload: None }])
///     }
/// }
/// ```
#[async_trait]
pub trait Module: Resource {
    /// Which events the module processes. It stays the same as long as the module lives.
    fn subscription(&self) -> &Subscription;

    /// Called at the start of a session, before its first event.
    async fn on_session_start(&mut self, _session_id: SessionId) -> Result<(), BoxError> {
        Ok(())
    }

    /// Called at the end of a session, after its last event and before its events are registered.
    async fn on_session_stop(&mut self, _session_id: SessionId) -> Result<(), BoxError> {
        Ok(())
    }

    /// Processes one event of a session, and returns what to add to it.
    ///
    /// What is added belongs to the same session, and is processed in turn, also by the module that returned it.
    async fn process(&mut self, source: Source, event: &Event) -> Result<Vec<RegisterEvent>, BoxError>;
}

/// Configuration of a module: JSON, with the module's name under the key `module`.
pub type ModuleConf = Value;

/// Makes a module of its configuration, the engine that will run it, and the source that it registers events as.
pub type CreateModule =
    Arc<dyn Fn(ModuleConf, Arc<dyn Engine>, Source) -> BoxFuture<Result<Box<dyn Module>, BoxError>> + Send + Sync>;

/// What is known about a module before there is one: how it is made, and of which configuration.
pub type ModuleInfo = PluginInfo<CreateModule>;

impl ModuleInfo {
    /// Makes it of a function that makes the module.
    pub fn new<M, F, Fut>(create: F) -> Self
    where
        M: Module,
        F: Fn(ModuleConf, Arc<dyn Engine>, Source) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<M, BoxError>> + Send + 'static,
    {
        Self::of(Arc::new(move |conf, engine, source| {
            let module = create(conf, engine, source);
            Box::pin(async move { Ok(Box::new(module.await?) as Box<dyn Module>) })
        }))
    }

    /// Checks a configuration, and makes a module of it.
    ///
    /// # Errors
    ///
    /// [`PluginError::Conf`] if the configuration is not as the schema says, [`PluginError::Create`] if the module cannot
    /// be made.
    pub async fn create(
        &self,
        conf: ModuleConf,
        engine: Arc<dyn Engine>,
        source: Source,
    ) -> Result<Box<dyn Module>, PluginError> {
        self.validate(&conf).map_err(PluginError::Conf)?;
        (self.create)(conf, engine, source).await.map_err(PluginError::Create)
    }
}

/// Finds a module by the name that its configuration has under `module`.
///
/// # Errors
///
/// [`UnknownPluginError`], which lists the known names.
pub fn import_module_info<'a>(
    registry: &'a Registry<ModuleInfo>,
    name: &str,
) -> Result<&'a ModuleInfo, UnknownPluginError> {
    registry.get(name)
}
