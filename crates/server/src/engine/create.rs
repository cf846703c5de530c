use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};

use hat_event_common::{
    BackendError, BoxError, Engine, EngineError, Lifecycle, ModuleInfo, Registry, Resource, Source, SourceType, Turns,
    catch_panic, import_module_info,
};
use serde_json::Value;
use tokio::sync::Mutex;

use super::end::end;
use super::modules::Running;
use super::register::Begun;
use super::{EngineParams, ServerEngine, Shared};

impl ServerEngine {
    /// Makes an engine and its modules, and registers that it started, which is the first session.
    ///
    /// # Errors
    ///
    /// If a module cannot be made, or the first session fails; what was made is closed. That the backend refuses the first
    /// session is none. So it is if this is dropped.
    pub async fn create(
        params: EngineParams,
        module_infos: &Registry<ModuleInfo>,
        module_confs: &[Value],
    ) -> Result<Self, BoxError> {
        let shared = Shared {
            lifecycle: Lifecycle::new(),
            params,
            turns: Turns::new(),
            modules: Mutex::default(),
            failure: OnceLock::new(),
            started: AtomicBool::new(false),
        };
        let engine = Self { shared: Arc::new(shared) };
        let hold = || engine.lifecycle().hold().ok_or(EngineError::Closed);
        let (making, ending) = (hold()?, hold()?);
        tokio::spawn(end(Arc::clone(&engine.shared), ending));
        let mut abandoned = CloseOnDrop(Some(engine.lifecycle().clone()));
        let (infos, confs, this) = (module_infos.clone(), module_confs.to_vec(), engine.clone());
        // Modules may register from tasks of theirs; they wait until all are made.
        let started = engine.shared.turns.run(async move {
            let _making = making;
            for (conf, id) in confs.iter().zip(0..) {
                tokio::select! {
                    biased;
                    () = this.shared.lifecycle.wait_closing() => return Err(EngineError::Closed.into()),
                    added = this.add_module(&infos, conf, id) => added?,
                }
            }
            let started = vec![this.shared.status_event("STARTED")];
            let registered = match this.shared.session(Source::new(SourceType::Engine, 0), started).await {
                Ok(Begun::Ended(result)) => result,
                Ok(Begun::Running(rest)) => rest.await,
                Err(error) => Err(error),
            };
            match registered {
                Ok(_) => {}
                // Such as on a full disk: what comes later may be taken again.
                Err(EngineError::Backend(BackendError::Refused(reason))) => {
                    tracing::warn!("it is not registered that the engine started: {reason}");
                }
                Err(error) => return Err(error.into()),
            }
            this.shared.started.store(true, Ordering::Relaxed);
            Ok::<_, BoxError>(())
        });
        let started = started.await;
        let backend = engine.shared.params.backend.lifecycle();
        engine.close_with(backend.clone(), "the backend is closed".to_owned());
        if let Err(error) = started {
            engine.async_close().await;
            return Err(error);
        }
        abandoned.0 = None;
        Ok(engine)
    }

    async fn add_module(&self, infos: &Registry<ModuleInfo>, conf: &Value, id: u64) -> Result<(), BoxError> {
        let name = conf.get("module").and_then(Value::as_str).unwrap_or_default().to_owned();
        let source = Source::new(SourceType::Module, id);
        let engine = Arc::new(self.clone()) as Arc<dyn Engine>;
        let module = catch_panic(import_module_info(infos, &name)?.create(conf.clone(), engine, source)).await;
        let module = match module {
            Ok(module) => module.map_err(|error| format!("module {name} (/modules/{id}): {error}"))?,
            Err(panic) => return Err(format!("module {name} (/modules/{id}) {panic}").into()),
        };
        self.close_with(module.lifecycle().clone(), format!("module {name} is closed"));
        self.shared.modules.lock().await.add(Running { source, name, module });
        Ok(())
    }

    /// Closes this engine when something else closes that it depends on.
    fn close_with(&self, other: Lifecycle, reason: String) {
        let shared = Arc::downgrade(&self.shared);
        let own = self.lifecycle().clone();
        tokio::spawn(async move {
            tokio::select! {
                () = other.wait_closing() => {
                    if let Some(shared) = shared.upgrade().filter(|shared| shared.lifecycle.is_open()) {
                        shared.fail(&reason);
                    }
                }
                () = own.wait_closing() => {}
            }
        });
    }
}

/// Closes an engine that nobody waits for any more while it is made.
struct CloseOnDrop(Option<Lifecycle>);

impl Drop for CloseOnDrop {
    fn drop(&mut self) {
        self.0.iter().for_each(Lifecycle::close);
    }
}
