use std::sync::Arc;

use async_trait::async_trait;
use hat_event_common::{
    Backend, BoxError, Engine, EngineError, Event, EventId, Hold, InstanceId, Lifecycle, Module, ModuleInfo,
    QueryParams, QueryResult, RegisterEvent, Registry, Resource, ServerId, Source, SourceType, Timestamp,
    import_module_info,
};
use serde_json::Value;
use tokio::sync::Mutex;

/// Runs one session at a time.
#[derive(Debug)]
pub(crate) struct SmallEngine {
    lifecycle: Lifecycle,
    server_id: ServerId,
    backend: Arc<dyn Backend>,
    sessions: Mutex<Sessions>,
}

#[derive(Debug)]
struct Sessions {
    last_event_id: EventId,
    modules: Vec<(Source, Box<dyn Module>)>,
}

impl SmallEngine {
    /// Makes an engine and its modules.
    pub(crate) async fn new(
        server_id: ServerId,
        backend: Arc<dyn Backend>,
        module_infos: &Registry<ModuleInfo>,
        module_confs: &[Value],
    ) -> Result<Arc<Self>, BoxError> {
        let last_event_id = backend.get_last_event_id(server_id).await?;
        let sessions = Mutex::new(Sessions { last_event_id, modules: Vec::new() });
        let engine = Arc::new(Self { lifecycle: Lifecycle::new(), server_id, backend, sessions });
        engine.close_with(engine.backend.lifecycle());
        let hold = engine.lifecycle.hold().ok_or(EngineError::Closed)?;
        tokio::spawn(Arc::clone(&engine).close_modules(hold));

        for (conf, id) in module_confs.iter().zip(0..) {
            if let Err(error) = Arc::clone(&engine).add_module(module_infos, conf, id).await {
                engine.async_close().await;
                return Err(error);
            }
        }
        Ok(engine)
    }

    async fn add_module(
        self: Arc<Self>,
        module_infos: &Registry<ModuleInfo>,
        conf: &Value,
        id: u64,
    ) -> Result<(), BoxError> {
        let info = import_module_info(module_infos, conf["module"].as_str().unwrap_or_default())?;
        let source = Source::new(SourceType::Module, id);
        let module = info.create(conf.clone(), Arc::clone(&self) as Arc<dyn Engine>, source).await?;
        self.close_with(module.lifecycle());
        self.sessions.lock().await.modules.push((source, module));
        Ok(())
    }

    /// Closes the engine when something closes that it cannot do without.
    fn close_with(&self, other: &Lifecycle) {
        let (engine, other) = (self.lifecycle.clone(), other.clone());
        tokio::spawn(async move {
            other.wait_closing().await;
            engine.close();
        });
    }

    /// Closes the modules when all else is done, and lets go of them: they may hold the engine.
    async fn close_modules(self: Arc<Self>, hold: Hold) {
        hold.wait_last().await;
        for (_, module) in self.sessions.lock().await.modules.drain(..) {
            module.async_close().await;
        }
    }
}

impl Sessions {
    /// The events of a session: those given, and what modules add.
    async fn run(&mut self, source: Source, events: Vec<RegisterEvent>) -> Result<Vec<Event>, BoxError> {
        let timestamp = Timestamp::now();
        let session = self.last_event_id.session.next().ok_or("no session ids are left")?;
        self.last_event_id = EventId { session, instance: InstanceId::MIN, ..self.last_event_id };
        let mut register = |event: RegisterEvent| -> Result<Event, BoxError> {
            self.last_event_id.instance = self.last_event_id.instance.next().ok_or("no instance ids are left")?;
            Ok(event.register(self.last_event_id, timestamp))
        };

        for (_, module) in &mut self.modules {
            module.on_session_start(session).await?;
        }
        let mut all = Vec::new();
        let mut new = Vec::new();
        for event in events {
            new.push((source, register(event)?));
        }
        while !new.is_empty() {
            let mut added = Vec::new();
            for (own_source, module) in &mut self.modules {
                for (source, event) in &new {
                    if module.subscription().matches(&event.event_type) {
                        for event in module.process(*source, event).await? {
                            added.push((*own_source, register(event)?));
                        }
                    }
                }
            }
            all.extend(new.into_iter().map(|(_, event)| event));
            new = added;
        }
        for (_, module) in &mut self.modules {
            module.on_session_stop(session).await?;
        }
        Ok(all)
    }
}

impl Resource for SmallEngine {
    fn lifecycle(&self) -> &Lifecycle {
        &self.lifecycle
    }
}

#[async_trait]
impl Engine for SmallEngine {
    fn server_id(&self) -> ServerId {
        self.server_id
    }

    async fn register(&self, source: Source, events: Vec<RegisterEvent>) -> Result<Option<Vec<Event>>, EngineError> {
        let _hold = self.lifecycle.hold().ok_or(EngineError::Closed)?;
        let count = events.len();
        // Kept until the backend has the events, so that they arrive there in the order of their ids.
        let mut sessions = self.sessions.lock().await;
        let events = sessions.run(source, events).await.inspect_err(|_| self.close())?;
        let registered = self.backend.register(events.into()).await?;
        Ok(registered.map(|events| events.iter().take(count).cloned().collect()))
    }

    async fn query(&self, params: QueryParams) -> Result<QueryResult, EngineError> {
        let _hold = self.lifecycle.hold().ok_or(EngineError::Closed)?;
        Ok(self.backend.query(params).await?)
    }

    fn get_client_names(&self) -> Vec<(Source, String)> {
        Vec::new()
    }

    fn restart(&self) {
        self.close();
    }

    fn reset_monitor_ready(&self) {}
}
