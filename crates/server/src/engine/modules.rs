use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;

use hat_event_common::{
    BoxError, Event, EventId, EventTypeCollection, Module, QueryType, RegisterEvent, SessionId, Source, Timestamp,
    TreeEventTypeCollection,
};

/// Up to so many modules, each is asked about each event; of more, those are found that an event is for.
const FEW: usize = 8;
/// So many subscriptions an event may be for on average, beyond what a small round has; where it is more, finding them saves
/// little and what is found takes memory.
const MANY: usize = 16;

/// The modules of an engine, in the order of the configuration.
#[derive(Debug, Default)]
pub(super) struct Modules {
    list: Vec<Running>,
    /// Which subscription each has: many modules may have the same, and what it matches is found once for all of them.
    subscriptions: Vec<u32>,
    /// The numbers of subscriptions.
    numbers: HashMap<Box<[QueryType]>, u32>,
    by_type: TreeEventTypeCollection<u32>,
}

/// Which events of a round each subscription matches. A session has one for all its rounds, which keeps its memory.
#[derive(Default)]
struct Concerned {
    /// Whether that was found for all subscriptions at once.
    is_found: bool,
    /// Numbers of subscriptions and places in the round, in order.
    pairs: Vec<(u32, u32)>,
    /// The places of all subscriptions, or of one.
    places: Vec<u32>,
    /// Where those of each subscription are.
    ranges: Vec<Range<u32>>,
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

impl Concerned {
    /// Finds them for all subscriptions, unless asking each is as good.
    fn find(&mut self, modules: &Modules, round: &[Event]) {
        self.pairs.clear();
        self.places.clear();
        self.ranges.clear();
        self.is_found = modules.list.len() > FEW && self.find_pairs(modules, round);
        if !self.is_found {
            return;
        }
        self.pairs.sort_unstable();
        self.places.extend(self.pairs.iter().map(|(_, at)| *at));
        self.ranges.resize(modules.numbers.len(), 0..0);
        let mut end = 0;
        for same in self.pairs.chunk_by(|(one, _), (other, _)| one == other) {
            let begin = end;
            end += same.len() as u32;
            let range = same.first().and_then(|(number, _)| self.ranges.get_mut(*number as usize));
            range.into_iter().for_each(|range| *range = begin..end);
        }
    }

    /// `false` if there are too many.
    fn find_pairs(&mut self, modules: &Modules, round: &[Event]) -> bool {
        let most = modules.list.len() + MANY * round.len();
        round.iter().zip(0..).all(|(event, at)| {
            self.pairs.extend(modules.by_type.get(&event.event_type).into_iter().map(|number| (*number, at)));
            self.pairs.len() <= most
        })
    }

    /// The places in the round of what a module processes.
    fn of(&mut self, number: u32, module: &dyn Module, round: &[Event]) -> &[u32] {
        if !self.is_found {
            let subscription = module.subscription();
            let matching = round.iter().zip(0..).filter(|(event, _)| subscription.matches(&event.event_type));
            self.places.clear();
            self.places.extend(matching.map(|(_, at)| at));
            return &self.places;
        }
        let range = self.ranges.get(number as usize);
        range.and_then(|range| self.places.get(range.start as usize..range.end as usize)).unwrap_or_default()
    }
}

impl Modules {
    pub(super) fn add(&mut self, running: Running) {
        let subscription = running.module.subscription();
        let next = self.numbers.len() as u32;
        let number = *self.numbers.entry(subscription.query_types().into()).or_insert(next);
        if number == next {
            self.by_type.add(subscription, number);
        }
        self.subscriptions.push(number);
        self.list.push(running);
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
        // In memory of its own, so that sessions without modules do not carry what only this needs.
        let all = Box::pin(self.rounds(source, events, stamp, max_events)).await;
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
        let mut concerned = Concerned::default();
        let mut begin = 0;
        while begin < all.len() {
            let round = all.get(begin..).unwrap_or_default();
            let round_sources = sources.get(begin..).unwrap_or_default();
            concerned.find(self, round);
            for (subscription, Running { source, name, module }) in self.subscriptions.iter().zip(&mut self.list) {
                for at in concerned.of(*subscription, &**module, round) {
                    let at = *at as usize;
                    let Some((event, event_source)) = round.get(at).zip(round_sources.get(at)) else { continue };
                    let answers = module.process(*event_source, event).await.map_err(|error| failed(name, error))?;
                    if answers.is_empty() {
                        continue;
                    }
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
