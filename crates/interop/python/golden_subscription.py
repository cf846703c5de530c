"""Golden vectors of the crate `subscription`."""

import itertools

from hat.event import common
from hat.event.common.collection.ctree import CTreeEventTypeCollection
from hat.event.common.collection.pylist import PyListEventTypeCollection
from hat.event.common.collection.pytree import PyTreeEventTypeCollection
from hat.event.common.subscription.csubscription import CSubscription
from hat.event.common.subscription.pysubscription import PySubscription

import strict

IMPLEMENTATIONS = {'C': CSubscription, 'Python': PySubscription}

# Event types that query types over `a`, `b` and `c` can tell apart.
TYPES = [t for n in range(4) for t in itertools.product('abx', repeat=n)]

ODD_TYPES = [('',), ('', ''), ('a', ''), ('a/b',), ('?',), ('*',), ('a', '*'), ('*', 'a'), ('A',), ('\u00e4',),
             ('a\u0308',), ('\U0001f600', '\0'), ('a',) * 40, ('segment',) * 3]


def parse(joined):
    return tuple(joined.split('/')) if joined else ()


def matches():
    query_types = [parse(i) for i in (
        '', 'a', '?', '*', 'a/b', 'a/?', '?/a', '?/?', 'a/*', '?/*', 'a/b/*', 'a/?/*', '?/b/*', '?/?/*', 'a/b/a',
        'a/?/a', '?/?/?', '?/?/?/?', 'a/b/a/*', '*/a', '*/*', 'a/*/b', '*/?', '?/*/*', 'b/*/*')]
    names = ['/'.join(i) for i in query_types] + [f'odd {i}' for i in range(len(ODD_TYPES))]
    for name_, query_type in zip(names, query_types + ODD_TYPES):
        answers = {t: common.matches_query_type(t, query_type) for t in TYPES + ODD_TYPES}
        yield {'name': name_,
               'query_type': query_type,
               'matches': [t for t, answer in answers.items() if answer],
               'misses': [t for t, answer in answers.items() if not answer]}


QUERY_TYPE_SETS = [[parse(i) for i in joined] for joined in (
    [], [''], ['*'], ['?'], ['a'], ['a', 'b'], ['a', 'a'], ['a', '?'], ['a', '*'], ['*', 'a'], ['', '*'], ['a/*', 'a'],
    ['a', 'a/*'], ['a/*', 'a/b', 'a/b/*'], ['a/b', 'a/?', '?/b'], ['?/*', 'a/*'], ['a/*', '?/*', 'b'], ['', 'a', 'a/b'],
    ['a/b/*', 'a/*', '?/b'], ['?/?', '?/a', 'a/?', 'a/a'], ['a/b/a', 'a/?/b', '?/b/*'], ['?/?/*'], ['a/b', '?/?/a'])]


def subscriptions():
    for query_types in QUERY_TYPE_SETS:
        sanitized = set(CSubscription(query_types).get_query_types())
        assert sanitized == set(PySubscription(query_types).get_query_types())
        answers = {t: CSubscription(query_types).matches(t) for t in TYPES}
        assert answers == {t: PySubscription(query_types).matches(t) for t in TYPES}
        yield {'name': name(query_types),
               'query_types': query_types,
               'sanitized': sorted(sanitized),
               'matches': [t for t, answer in answers.items() if answer],
               'misses': [t for t, answer in answers.items() if not answer]}

    for joined in (['*/a'], ['a/*/b'], ['*/*'], ['a', 'b/*/?'], ['a/*/*', 'a/*'], ['*', '*/a'], ['a/*', 'a/*/b'],
                   ['*', 'a/*/b']):
        query_types = [parse(i) for i in joined]
        vector = {'name': name(query_types), 'query_types': query_types, 'error': 'invalid query type'}
        answers = {answer(lambda: sorted(Subscription(query_types).get_query_types()))
                   for Subscription in IMPLEMENTATIONS.values()}
        reference, = answers
        if reference != 'ValueError':
            vector['differences'] = {'query-type-check': reference}
        yield vector


def operations():
    for first, second in itertools.product(QUERY_TYPE_SETS, repeat=2):
        union, = {tuple(sorted(Subscription(first).union(Subscription(second)).get_query_types()))
                  for Subscription in IMPLEMENTATIONS.values()}
        intersections = {
            language: sorted(Subscription(first).intersection(Subscription(second)).get_query_types())
            for language, Subscription in IMPLEMENTATIONS.items()}
        disjoint = {language: Subscription(first).isdisjoint(Subscription(second))
                    for language, Subscription in IMPLEMENTATIONS.items()}
        exact = sanitized(strict.intersection(sanitized(first), sanitized(second)))
        vector = {'name': f'{name(first)} and {name(second)}',
                  'first': first,
                  'second': second,
                  'union': union,
                  'intersection': exact,
                  'is_disjoint': not exact}
        for difference, ours, reference in (('intersection-end-and-star', exact, intersections),
                                            ('disjoint-longer', not exact, disjoint)):
            if any(answer != ours for answer in reference.values()):
                vector.setdefault('differences', {})[difference] = reference
        yield vector


def empty_intersections():
    """Whether the intersection of two, which is empty, is disjoint with all."""
    for first, second in ((['a'], ['b']), (['a/b'], ['a/x']), (['a', '?/b'], ['b/x/*']), ([], ['*'])):
        first, second = ([parse(i) for i in joined] for joined in (first, second))
        assert not strict.intersection(first, second)
        disjoint = {language: Subscription(first).intersection(Subscription(second)).isdisjoint(Subscription([('*',)]))
                    for language, Subscription in IMPLEMENTATIONS.items()}
        vector = {'name': f'{name(first)} and {name(second)}', 'first': first, 'second': second, 'is_disjoint': True}
        if not all(disjoint.values()):
            vector['differences'] = {'disjoint-empty': disjoint}
        yield vector


def collections():
    """Steps are `["add", QUERY_TYPES, VALUE]`, `["remove", VALUE]` and `["get", EVENT_TYPE, VALUES]`."""
    stories = {
        'one value a type': [('add', ['a', 'b'], 1), ('add', ['a'], 2), ('remove', 1)],
        'wildcards': [('add', ['*'], 1), ('add', ['?'], 2), ('add', ['a/*'], 3), ('add', ['?/b'], 4), ('add', [''], 5)],
        'a value in many places': [('add', ['a', '?', '*'], 1), ('add', ['a/b', 'a/?'], 2), ('remove', 1)],
        'add widens': [('add', ['a'], 1), ('add', ['b'], 1), ('remove', 1), ('add', ['?/?'], 1)],
        'nothing to remove': [('remove', 1), ('add', ['a'], 2), ('remove', 1), ('remove', 2), ('remove', 2)],
        'add what is there and more': [('add', ['a'], 1), ('add', ['a', 'a/b', 'b'], 1)],
        'empty subscription': [('add', [], 1), ('add', ['a'], 1), ('add', [], 1)],
    }
    probes = [t for t in TYPES if len(t) < 3]
    for name_, story in stories.items():
        trees = {'0.9.44 C tree': CTreeEventTypeCollection(), '0.9.44 Python tree': PyTreeEventTypeCollection()}
        exact = PyListEventTypeCollection()
        steps, differing = [], set()
        for kind, *args in story:
            if kind == 'add':
                query_types = [parse(i) for i in args[0]]
                steps.append(('add', query_types, args[1]))
                for collection in (*trees.values(), exact):
                    collection.add(PySubscription(query_types), args[1])
            else:
                steps.append(('remove', args[0]))
                for collection in (*trees.values(), exact):
                    collection.remove(args[0])
            for t in probes:
                values = sorted(exact.get(t))
                steps.append(('get', t, values))
                differing |= {name for name, tree in trees.items() if sorted(tree.get(t)) != values}
        vector = {'name': name_, 'steps': steps}
        if differing:
            vector['differences'] = {'collection-add': sorted(differing)}
        yield vector


def sanitized(query_types):
    return sorted(PySubscription(query_types).get_query_types())


def answer(fn):
    """The answer as JSON text, or the name of the exception."""
    try:
        return repr(fn())
    except Exception as e:
        return type(e).__name__


def name(query_types):
    return '{' + ', '.join('/'.join(i) or '()' for i in query_types) + '}'
