//! A trie of MQTT topic filters, that of `mqtt-topic-engine`, with `?` as `+` and a last `*` as `#`.
//!
//! As here, `a/#` matches `a` too. A topic that begins with `$` would be matched otherwise, so there is none.

use hat_event_common::EventType;
use mqtt_topic_engine::topic_matcher::{Len, TopicMatcherNode};
use mqtt_topic_engine::{CacheStrategy, TopicPath, TopicPatternPath};

use super::{Contestant, Values, joined};

#[derive(Default)]
pub(crate) struct Mqtt(TopicMatcherNode<Values>);

impl Len for Values {
    fn len(&self) -> usize {
        self.as_slice().len()
    }
}

impl Contestant for Mqtt {
    type Query = TopicPatternPath;
    /// Kept only for the shared text in it.
    type Key = TopicPath;

    fn query(query_type: &EventType) -> TopicPatternPath {
        let filter = joined(query_type, "+", "#");
        TopicPatternPath::new_from_string(filter, CacheStrategy::NoCache).expect("all query types are filters")
    }

    fn key(event_type: &EventType) -> TopicPath {
        let topic = joined(event_type, "+", "#");
        assert!(!topic.starts_with('$') && !topic.contains(['+', '#']), "{topic} is a topic");
        TopicPath::new(topic).expect("all event types are topics")
    }

    fn add(&mut self, query: &TopicPatternPath, value: u32) {
        self.0.get_or_create_subscription_table(query).push(value);
    }

    fn remove(&mut self, query: &TopicPatternPath, value: u32) {
        self.0.update_node(query.slice(), |values| values.remove(value)).expect("it was added");
    }

    /// Splits the topic too: who receives its text has to.
    fn visit(&self, key: &TopicPath, visit: &mut impl FnMut(u32)) {
        let topic = TopicPath::new(key.path()).expect("it was one before");
        for values in self.0.find_by_path(&topic) {
            values.as_slice().iter().for_each(|value| visit(*value));
        }
    }
}
