use std::fmt;
use std::ops::ControlFlow;
use std::sync::OnceLock;

use hat_event_types::EventType;

use crate::finder::Finder;
use crate::trie::Trie;
use crate::{QueryType, QueryTypeError};

/// Up to so many query types, comparing each is faster than looking one up.
const FEW: usize = 3;

/// A set of event types: those that match at least one of its query types.
///
/// The operations are those of sets, and two subscriptions are equal if they match the same event types, however their
/// query types are written. Comparing takes a match for each query type on both sides.
///
/// A subscription shares the memory of the event types that it was made of; use [`EventType::detach`] before, where those
/// were cut out of a buffer that should not stay alive.
///
/// ```
/// use hat_event_subscription::Subscription;
///
/// let house = Subscription::new(["house/*".parse()?, "house/hall/light".parse()?])?;
/// assert_eq!(house.query_types(), ["house/*".parse()?]);
///
/// let lights = Subscription::new(["?/light".parse()?, "?/?/light".parse()?])?;
/// assert!(!house.is_disjoint(&lights));
/// let both = house.intersection(&lights);
/// assert!(both.matches(&"house/attic/light".parse()?) && !both.matches(&"garden/light".parse()?));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Default)]
pub struct Subscription {
    /// In the order in which they were given. If they are found by the finder, each is there once.
    given: Vec<QueryType>,
    /// Without those that are not needed, once somebody asks; `None` if nothing had to be changed.
    needed: OnceLock<Option<Vec<QueryType>>>,
    /// Finds those that match, unless they are few.
    finder: Option<Box<Finder>>,
}

/// Makes a subscription: [`Subscription::new`] under the reference's name.
///
/// # Errors
///
/// [`QueryTypeError`] if a `*` is not the last segment of its query type.
pub fn create_subscription(query_types: impl IntoIterator<Item = EventType>) -> Result<Subscription, QueryTypeError> {
    Subscription::new(query_types)
}

impl Subscription {
    /// Makes a subscription of query types. Where they are checked already, collect them instead.
    ///
    /// # Errors
    ///
    /// [`QueryTypeError`] if a `*` is not the last segment of its query type.
    pub fn new(query_types: impl IntoIterator<Item = EventType>) -> Result<Self, QueryTypeError> {
        query_types.into_iter().map(QueryType::new).collect()
    }

    /// The query types without those that are not needed, because they are there twice or a `*` beside one of their
    /// segments stands for all of them.
    ///
    /// Those that begin alike are next to each other, the shortest first; apart from this they are in the order in which
    /// they came. What only `?` makes superfluous stays: `a/b` beside `a/?`. All this is as
    /// `hat.event.common.Subscription.get_query_types` has it.
    ///
    /// They are put into this form when first asked for.
    pub fn query_types(&self) -> &[QueryType] {
        let needed = self.needed.get_or_init(|| {
            let needed = if self.given.len() > 1 { Trie::new(&self.given).query_types() } else { return None };
            let all_in_order = needed.len() == self.given.len() && needed.is_sorted();
            (!all_in_order).then(|| needed.iter().filter_map(|&i| self.given.get(i as usize).cloned()).collect())
        });
        needed.as_ref().unwrap_or(&self.given)
    }

    /// Whether an event type is in this set.
    ///
    /// With query types that are all exact this takes one look at a hash table. Otherwise it takes one for each shape
    /// of query types with wildcards, but no more than a tree of their segments would take steps.
    pub fn matches(&self, event_type: &EventType) -> bool {
        self.any_match(event_type, |_| true)
    }

    /// The event types that are in this set, in the other, or in both.
    pub fn union(&self, other: &Self) -> Self {
        self.given.iter().chain(&other.given).cloned().collect()
    }

    /// The event types that are both in this set and in the other.
    ///
    /// There may be as many query types in it as the product of both, where many of both have `?`.
    pub fn intersection(&self, other: &Self) -> Self {
        let mut common = Vec::new();
        let flow = self.each_meeting(other, |query_type, other| {
            common.push(query_type.meet(other));
            ControlFlow::Continue(())
        });
        debug_assert!(flow.is_continue());
        common.into_iter().collect()
    }

    /// Whether no event type is both in this set and in the other.
    pub fn is_disjoint(&self, other: &Self) -> bool {
        self.each_meeting(other, |_, _| ControlFlow::Break(())).is_continue()
    }

    /// Whether an event type matches a query type that `accept` takes.
    #[inline]
    fn any_match(&self, event_type: &EventType, accept: impl Fn(&QueryType) -> bool) -> bool {
        if let Some(finder) = &self.finder {
            return finder.any_match(&self.given, event_type, accept);
        }
        // Most query types are exact, and those are compared at once.
        let matches =
            |query_type: &QueryType| query_type.as_event_type() == event_type || query_type.matches(event_type);
        self.given.iter().any(|query_type| matches(query_type) && accept(query_type))
    }

    fn each_meeting(
        &self,
        other: &Self,
        mut meet: impl FnMut(&QueryType, &QueryType) -> ControlFlow<()>,
    ) -> ControlFlow<()> {
        Trie::new(&self.given).each_meeting(&Trie::new(&other.given), |mine, others| {
            match (self.given.get(mine as usize), other.given.get(others as usize)) {
                (Some(mine), Some(other)) => meet(mine, other),
                _ => ControlFlow::Continue(()),
            }
        })
    }

    /// Whether all event types that match a query type are in this set.
    ///
    /// There are more texts than any set can name. So what matches `?` in general is in the set only by a wildcard of the
    /// set, and the text `?` is as good as any to find out: as a segment of an event type only wildcards match it.
    fn covers(&self, query_type: &QueryType) -> bool {
        if !query_type.is_open() {
            return self.matches(query_type.as_event_type());
        }
        // One segment longer each time, until a query type matches with its `*`, which then matches all longer ones.
        let mut segments: Vec<&str> = query_type.as_event_type().segments().collect();
        segments.pop();
        loop {
            let event_type = EventType::from(&segments[..]);
            if self.any_match(&event_type, QueryType::is_open) {
                return true;
            }
            if !self.matches(&event_type) {
                return false;
            }
            segments.push("?");
        }
    }
}

impl FromIterator<QueryType> for Subscription {
    fn from_iter<I: IntoIterator<Item = QueryType>>(query_types: I) -> Self {
        let mut given: Vec<QueryType> = query_types.into_iter().collect();
        let finder = (given.len() > FEW).then(|| Finder::new(&mut given).into());
        Self { given, needed: OnceLock::new(), finder }
    }
}

impl From<QueryType> for Subscription {
    fn from(query_type: QueryType) -> Self {
        Self::from_iter([query_type])
    }
}

impl PartialEq for Subscription {
    fn eq(&self, other: &Self) -> bool {
        self.given == other.given
            || self.given.iter().all(|query_type| other.covers(query_type))
                && other.given.iter().all(|query_type| self.covers(query_type))
    }
}

impl Eq for Subscription {}

/// Shows the query types.
impl fmt::Debug for Subscription {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Subscription").field(&self.query_types()).finish()
    }
}
