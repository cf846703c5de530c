//! Matching of Hat event types: query types, subscriptions and collections.
