"""Does what the benchmark `compare` measures, with the reference, and tells how long it takes.

Questions are as those of `oracle.py`. `load` takes a workload and returns the results of the reference; `measure` names a
work on that workload and returns the seconds that it takes for one item: an event, a query type, or the whole of a batch.

Of the parts in C there are three measurements. `get` is what a user has: the method of the class in Python, and adding
up what it returns. `get core` is a loop that only calls the method that is written in C. `get calls` is the same loop
where that method has nothing to do, so that the difference of the two is the time in C without the calls from Python.
What there is that does nothing, called in the same way with the same arguments:

| of | calls |
|---|---|
| `matches` | a subscription of `*`, which says True and looks at nothing |
| `get` | a collection without values, which makes the empty set that others put their values in |
| `add` | the formatting of an empty text, as that also takes a tuple of two arguments |
| `remove` | a subscription without query types |
"""

import gc
import itertools
import json
import sys
import time

from hat.event import common

import compare_engine
from notation import to_notation

NOTIFY = 'HatEventer.MsgEventsNotify'

PIECE = 1000

works = {}


def codec(hex):
    data = bytes.fromhex(hex)

    def decode():
        return [common.event_from_sbs(i) for i in common.sbs_repo.decode(NOTIFY, data)]

    events = decode()

    def encode():
        return common.sbs_repo.encode(NOTIFY, [common.event_to_sbs(i) for i in events])

    works['encode'] = repeat(lambda _: encode(), [[None]])
    works['decode'] = repeat(lambda _: decode(), [[None]])
    return [to_notation(common.sbs_repo.decode(NOTIFY, encode())),
            to_notation([common.event_to_sbs(i) for i in decode()])]


def subscription(types):
    """How many of the types match a subscription of all of them."""
    types = parse(types)
    subscription = common.create_subscription(types)
    pieces = cut(types if len(types) >= 100 else types * 100)
    for name, matches in [('matches', subscription.matches),
                          ('matches core', subscription._subscription.matches),
                          ('matches calls', common.create_subscription([('*', )])._subscription.matches)]:
        works[name] = repeat(counter(matches), pieces)
    works['build'] = builder(lambda: common.create_subscription(types), len(types))
    return counter(subscription.matches)(types)


def counter(matches):

    def run(event_types):
        count = 0
        for event_type in event_types:
            if matches(event_type):
                count += 1
        return count

    return run


def collection(query_types, event_types):
    """The values, in order, that each event type finds; a value is the position of its query type."""
    query_types = parse(query_types)
    event_types = parse(event_types)
    items = [(common.create_subscription([i]), value) for value, i in enumerate(query_types)]
    collection = common.create_event_type_collection(items)

    def add_up(event_types):
        found = 0
        for event_type in event_types:
            for value in collection.get(event_type):
                found += value
        return found

    works['get'] = repeat(add_up, cut(event_types))
    works['get core'] = repeat(caller(collection._collection.get), cut(event_types))
    works['get calls'] = repeat(caller(common.create_event_type_collection()._collection.get), cut(event_types))
    build(query_types, items)
    change(collection, query_types, items)
    return [sorted(collection.get(i)) for i in event_types]


def caller(get):

    def run(event_types):
        for event_type in event_types:
            get(event_type)

    return run


def build(query_types, items):
    numbered = [(query_type, value) for value, query_type in enumerate(query_types)]

    def add_all(add):
        for query_type, value in numbered:
            add(query_type, value)

    def core():
        new = common.create_event_type_collection()
        add_all(new._collection.add)
        return new

    works['build'] = builder(lambda: common.create_event_type_collection(items), len(items))
    works['build core'] = builder(core, len(items))
    works['build calls'] = builder(lambda: add_all(''.format), len(items))


def change(collection, query_types, items):
    """Values are removed and added again, a piece of them after the other. In `core` they have other references."""
    core = common.create_event_type_collection()._collection
    refs = [core.add(query_type, value) for value, query_type in enumerate(query_types)]
    nothing = common.create_subscription([])._subscription.matches
    starts = itertools.cycle(range(0, len(items), PIECE))

    def remove(start):
        for _, value in items[start:start + PIECE]:
            collection.remove(value)

    def add(start):
        for subscription, value in items[start:start + PIECE]:
            collection.add(subscription, value)

    def remove_core(start):
        for ref in refs[start:start + PIECE]:
            core.remove(ref)

    def add_core(start):
        refs[start:start + PIECE] = [core.add(query_types[i], i) for i in positions(start)]

    def remove_calls(start):
        for ref in refs[start:start + PIECE]:
            nothing(())

    def add_calls(start):
        [''.format(query_types[i], i) for i in positions(start)]

    def positions(start):
        return range(start, min(start + PIECE, len(items)))

    for name, remove, add in [('', remove, add), (' core', remove_core, add_core), (' calls', remove_calls, add_calls)]:
        works[f'remove{name}'], works[f'add{name}'] = in_turn(remove, add, starts, len(positions(0)))


def parse(lines):
    """Types from lines; each type and each segment is an object of its own, as they are when they were received."""
    return [tuple(i.split('/')) for i in lines.split('\n')]


def cut(types):
    return [types[i:i + PIECE] for i in range(0, len(types), PIECE)]


def repeat(run, pieces):
    """Measures as many runs as take about the given time, each with the next piece."""
    pieces = itertools.cycle(pieces)

    def measure(seconds):
        runs = 1
        while True:
            now = [next(pieces) for _ in range(runs)]
            start = time.perf_counter()
            for piece in now:
                run(piece)
            taken = time.perf_counter() - start
            if taken >= seconds / 2:
                return taken / sum(len(i) for i in now)
            runs = max(runs * 2, int(runs * seconds / max(taken, 1e-9)))

    return measure


def builder(make, count):
    """Measures making something of so many items. All is kept until the end, so that each time the memory is new."""

    def measure(_):
        kept = []
        times = []
        while len(times) < 3 or sum(times) < 0.25:
            start = time.perf_counter()
            kept.append(make())
            times.append(time.perf_counter() - start)
        return sorted(times)[len(times) // 2] / count

    return measure


def in_turn(remove, add, starts, count):
    """Measures removing alone and adding alone, of so many values at each start."""

    def measure(which, seconds):
        taken = [0, 0]
        runs = 0
        while taken[which] < seconds / 2:
            start = next(starts)
            for i, run in enumerate([remove, add]):
                begin = time.perf_counter()
                run(start)
                taken[i] += time.perf_counter() - begin
            runs += 1
        return taken[which] / runs / count

    return (lambda seconds: measure(0, seconds)), (lambda seconds: measure(1, seconds))


def engine(confs, events):
    types, works['session'] = compare_engine.load(confs, events)
    return types


WORKLOADS = {'engine': engine, 'codec': codec, 'subscription': subscription, 'collection': collection}


def load(name, workload):
    works.clear()
    gc.unfreeze()
    gc.collect()
    result = WORKLOADS[name](**workload)
    # Nothing of this has to be looked at again by each collection of garbage.
    gc.collect()
    gc.freeze()
    return result


def measure(work, seconds):
    gc.collect()
    gc.disable()
    try:
        return works[work](seconds)
    finally:
        gc.enable()


def main():
    answer = {'load': load, 'measure': measure}
    for line in sys.stdin:
        question = json.loads(line)
        print(json.dumps([answer[question['about']](**case) for case in question['cases']]), flush=True)


if __name__ == '__main__':
    main()
