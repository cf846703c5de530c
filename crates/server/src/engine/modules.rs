use std::sync::Arc;

use hat_event_common::{
    BoxError, Event, EventId, EventTypeCollection, Module, RegisterEvent, SessionId, Source, Timestamp,
    TreeEventTypeCollection,
};

/// Up to so many modules, each is asked about each event; of more, those are found that an event is for.
const FEW: usize = 8;
/// So many modules an event may be for on average, beyond what a small round has; where it is more, finding them saves little and
/// what is found takes memory.
const MANY: usize = 16;

/// The modules of an engine, in the order of the configuration.
#[derive(Debug, Default)]
pub(super) struct Modules {
    list: Vec<Running>,
    /// Places in the list.
    by_type: TreeEventTypeCollection<u32>,
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
    pub(super) fn add(&mut self, running: Running) {
        self.by_type.add(running.module.subscription(), self.list.len() as u32);
        self.list.push(running);
    }

    /// Which module gets which events of a round, in the order in which they do; `None` if each has to be asked.
    fn concerned(&self, round: &[Event]) -> Option<Vec<(u32, u32)>> {
        if self.list.len() <= FEW {
            return None;
        }
        let most = self.list.len() + MANY * round.len();
        let mut pairs = Vec::new();
        for (at, event) in round.iter().enumerate() {
            pairs.extend(self.by_type.get(&event.event_type).into_iter().map(|module| (*module, at as u32)));
            if pairs.len() > most {
                return None;
            }
        }
        pairs.sort_unstable();
        Some(pairs)
    }

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
            let round_sources = sources.get(begin..).unwrap_or_default();
            let concerned = self.concerned(round);
            // Each in its turn: what it gets in order, or all that there is to ask it about.
            let mut pairs = concerned.as_deref().unwrap_or_default();
            for (number, Running { source, name, module }) in (0..).zip(&mut self.list) {
                let of_module = pairs.iter().take_while(|(module, _)| *module == number).count();
                let (own, rest) = pairs.split_at_checked(of_module).unwrap_or_default();
                pairs = rest;
                let asked = if concerned.is_none() { 0..round.len() } else { 0..0 };
                for at in asked.chain(own.iter().map(|(_, at)| *at as usize)) {
                    let Some((event, event_source)) = round.get(at).zip(round_sources.get(at)) else { continue };
                    if concerned.is_none() && !module.subscription().matches(&event.event_type) {
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
