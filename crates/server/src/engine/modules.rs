use std::sync::Arc;

use hat_event_common::{BoxError, Event, EventId, Module, RegisterEvent, SessionId, Source, Timestamp};

/// The modules of an engine, in the order of the configuration.
#[derive(Debug, Default)]
pub(super) struct Modules {
    pub(super) list: Vec<Running>,
}

/// A module, and what it registers as.
#[derive(Debug)]
pub(super) struct Running {
    pub(super) source: Source,
    pub(super) name: String,
    pub(super) module: Box<dyn Module>,
}

/// Why a session ends without being registered.
#[derive(Debug)]
pub(super) enum SessionError {
    /// A module added more than a session may have.
    TooLarge(BoxError),
    /// A module cannot go on.
    Module(BoxError),
}

/// Makes events of one session.
#[derive(Clone, Copy, Debug)]
pub(super) struct Stamp {
    pub(super) last: EventId,
    pub(super) timestamp: Timestamp,
}

impl Stamp {
    pub(super) fn event(&mut self, event: RegisterEvent) -> Event {
        // A session never gets that large.
        self.last.instance = self.last.instance.next().unwrap_or(self.last.instance);
        event.register(self.last, self.timestamp)
    }
}

impl Modules {
    /// The events of a session: those given, what modules answer, and what they answer to that.
    ///
    /// In each round, one module after the other gets the events that were added in the round before.
    pub(super) async fn session(
        &mut self,
        source: Source,
        events: Vec<RegisterEvent>,
        stamp: &mut Stamp,
        max_events: usize,
    ) -> Result<Arc<[Event]>, SessionError> {
        if self.list.is_empty() {
            return Ok(events.into_iter().map(|event| stamp.event(event)).collect());
        }
        let session_id = stamp.last.session;
        for Running { name, module, .. } in &mut self.list {
            module.on_session_start(session_id).await.map_err(|error| failed(name, error))?;
        }
        let events = events.into_iter().map(|event| stamp.event(event)).collect();
        let all = self.rounds(source, events, stamp, max_events).await;
        if !matches!(all, Err(SessionError::Module(_))) {
            self.stop(session_id).await?;
        }
        Ok(all?.into())
    }

    async fn stop(&mut self, session_id: SessionId) -> Result<(), SessionError> {
        for Running { name, module, .. } in &mut self.list {
            module.on_session_stop(session_id).await.map_err(|error| failed(name, error))?;
        }
        Ok(())
    }

    async fn rounds(
        &mut self,
        source: Source,
        mut all: Vec<Event>,
        stamp: &mut Stamp,
        max_events: usize,
    ) -> Result<Vec<Event>, SessionError> {
        let mut sources = vec![source; all.len()];
        let (mut added, mut added_sources) = (Vec::new(), Vec::new());
        let mut begin = 0;
        while begin < all.len() {
            let round = all.get(begin..).unwrap_or_default();
            for Running { source, name, module } in &mut self.list {
                for (event, event_source) in round.iter().zip(sources.iter().skip(begin)) {
                    if !module.subscription().matches(&event.event_type) {
                        continue;
                    }
                    let answers = module.process(*event_source, event).await.map_err(|error| failed(name, error))?;
                    if all.len() + added.len() + answers.len() > max_events {
                        let text = format!("with what module {name} adds it has more than {max_events} events");
                        return Err(SessionError::TooLarge(text.into()));
                    }
                    added_sources.resize(added_sources.len() + answers.len(), *source);
                    added.extend(answers.into_iter().map(|answer| stamp.event(answer)));
                }
            }
            begin = all.len();
            all.append(&mut added);
            sources.append(&mut added_sources);
        }
        Ok(all)
    }

    /// Requests that all are closed, and waits for it.
    pub(super) async fn close(&mut self) {
        for running in &self.list {
            running.module.close();
        }
        for running in self.list.drain(..) {
            running.module.wait_closed().await;
        }
    }
}

fn failed(name: &str, error: BoxError) -> SessionError {
    SessionError::Module(format!("module {name} cannot go on: {error}").into())
}
