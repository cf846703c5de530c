"""Questions about matching."""

import itertools

from hat.event import common
from hat.event.common.subscription.csubscription import CSubscription
from hat.event.common.subscription.pysubscription import PySubscription

import strict

# What query types over `a`, `b` and `c` can tell apart, up to three segments.
EVENT_TYPES = [t for n in range(4) for t in itertools.product('abx', repeat=n)]

SUBSCRIPTIONS = {'C': CSubscription, 'Python': PySubscription}

if hasattr(common, 'ListEventTypeCollection'):
    LIST, TREES = common.ListEventTypeCollection, {'Python tree': common.TreeEventTypeCollection}
else:
    from hat.event.common.collection.ctree import CTreeEventTypeCollection
    from hat.event.common.collection.pylist import PyListEventTypeCollection as LIST
    from hat.event.common.collection.pytree import PyTreeEventTypeCollection
    TREES = {'C tree': CTreeEventTypeCollection, 'Python tree': PyTreeEventTypeCollection}


def tuples(lists):
    return [tuple(i) for i in lists]


def matches_query_type(event_type, query_type):
    return common.matches_query_type(tuple(event_type), tuple(query_type))


def subscriptions(first, second, third):
    """All operations on subscriptions; `exact` is what the definition by sets says."""
    sets = [tuples(i) for i in (first, second, third)]
    if not all(strict.valid_query_type(q) for query_types in sets for q in query_types):
        return {'exact': 'refused', **{language: _refuses(Subscription, sets)
                                       for language, Subscription in SUBSCRIPTIONS.items()}}
    answers = {language: _operations(Subscription, sets)
               for language, Subscription in SUBSCRIPTIONS.items()}
    common_types = strict.intersection(*(_sanitized(PySubscription(i)) for i in sets[:2]))
    all_common = strict.intersection(_sanitized(PySubscription(common_types)), _sanitized(PySubscription(sets[2])))
    exact = {'intersection': _sanitized(PySubscription(common_types)),
             'intersection of three': _sanitized(PySubscription(all_common)),
             'is disjoint': not common_types,
             'intersection is disjoint': not all_common}
    return {'exact': exact, **answers}


def _refuses(Subscription, sets):
    for query_types in sets:
        try:
            Subscription(query_types)
        except ValueError:
            return 'refused'
    return 'accepted'


def _operations(Subscription, sets):
    first, second, third = (Subscription(query_types) for query_types in sets)
    other, = (i for i in SUBSCRIPTIONS.values() if i is not Subscription)
    other = other(sets[1])
    assert _sanitized(first.union(other)) == _sanitized(first.union(second))
    assert first.isdisjoint(other) == first.isdisjoint(second)
    return {'query types': _sanitized(first),
            'matches': [first.matches(event_type) for event_type in EVENT_TYPES],
            'union': _sanitized(first.union(second)),
            'union of three': _sanitized(first.union(second, third)),
            'intersection': _sanitized(first.intersection(second)),
            'intersection of three': _sanitized(first.intersection(second, third)),
            'is disjoint': first.isdisjoint(second),
            'intersection is disjoint': first.intersection(second).isdisjoint(third)}


def _sanitized(subscription):
    return sorted(subscription.get_query_types())


def collections(steps):
    """What each kind of collection gets."""
    collections = {'list': LIST(), **{name: Tree() for name, Tree in TREES.items()}}
    answers = {name: [] for name in collections}
    for kind, *args in steps:
        for name, collection in collections.items():
            if kind == 'add':
                collection.add(common.create_subscription(tuples(args[0])), args[1])
            elif kind == 'remove':
                collection.remove(args[0])
            else:
                values = list(collection.get(tuple(args[0])))
                assert len(set(values)) == len(values)
                answers[name].append(sorted(values))
    return answers


ABOUT = {'matches_query_type': matches_query_type, 'subscriptions': subscriptions, 'collections': collections}
