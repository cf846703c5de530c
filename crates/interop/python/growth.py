"""Does what the benchmark `growth` measures, with the reference, and tells how long it takes.

Questions are as those of `oracle.py`. A workload comes in files: event types as lines of segments joined by `/`, events
as SBS. Answers are numbers by name, as the benchmark has them.
"""

import gc
import itertools
import json
import random
import resource
import statistics
import sys
import time

from hat.event import common

NOTIFY = 'HatEventer.MsgEventsNotify'

PIECE = 1000

TELLING = 8 << 20


def collection(query_types, event_types, checked, seconds):
    held = _held(lambda: _create_collection(_types(query_types)), query_types)
    query_types, event_types = list(_types(query_types)), list(_types(event_types))
    build, built = _build(lambda: _create_collection(query_types), seconds)
    remove, add = _change(built, query_types, seconds)
    return {**_look_ups(built.get, event_types, checked, seconds), **held,
            'build': build / len(query_types), 'remove': remove, 'add': add, 'peak': _peak()}


def collection_look_ups(query_types, event_types, checked, seconds):
    built = _create_collection(_types(query_types))
    return {**_look_ups(built.get, list(_types(event_types)), checked, seconds), 'peak': _peak()}


def subscription(query_types, event_types, checked, seconds):
    held = _held(lambda: common.create_subscription(_types(query_types)), query_types)
    query_types, event_types = list(_types(query_types)), list(_types(event_types))
    build, built = _build(lambda: common.create_subscription(query_types), seconds)
    return {**_matches(built, event_types, checked, seconds), **held,
            'build': build / len(query_types), 'peak': _peak()}


def subscription_look_ups(query_types, event_types, checked, seconds):
    built = common.create_subscription(_types(query_types))
    return {**_matches(built, list(_types(event_types)), checked, seconds), 'peak': _peak()}


def batches(events, seconds):
    with open(events, 'rb') as file:
        data = file.read()

    def decode():
        return [common.event_from_sbs(i) for i in common.sbs_repo.decode(NOTIFY, data)]

    events = decode()

    def encode():
        return common.sbs_repo.encode(NOTIFY, [common.event_to_sbs(i) for i in events])

    if bytes(encode()) != data:
        raise Exception('the reference encodes other bytes')
    encode_time, decode_time = _a_run(encode, seconds), _a_run(decode, seconds)
    return {'encode': encode_time / len(events), 'decode': decode_time / len(events), 'peak': _peak()}


def _types(path):
    with open(path) as file:
        for line in file:
            yield tuple(line.rstrip('\n').split('/'))


def _create_collection(query_types):
    """Each query type has its position as its value."""
    return common.create_event_type_collection(
        (common.create_subscription([query_type]), i) for i, query_type in enumerate(query_types))


def _held(build, path):
    """Bytes of resident memory for a query type that come with what `build` makes, unless these are so few that the
    process may have had them at hand."""
    gc.collect()
    before = _resident()
    built = build()
    gc.collect()
    held = _resident() - before
    del built
    if held < TELLING:
        return {}
    with open(path) as file:
        return {'bytes': held / sum(1 for _ in file)}


def _resident():
    with open('/proc/self/statm') as file:
        return int(file.read().split()[1]) * resource.getpagesize()


def _peak():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def _build(build, seconds):
    built = None

    def sample():
        nonlocal built
        built = None
        start = time.perf_counter()
        built = build()
        return time.perf_counter() - start

    return _median(sample, seconds), built


def _look_ups(get, event_types, checked, seconds):
    def look_up(piece):
        found = 0
        for event_type in piece:
            for value in get(event_type):
                found += value
        return found

    found = sum(1 for event_type in event_types[:checked] for _ in get(event_type))
    return _looked_up(look_up, event_types, checked, seconds, found)


def _matches(subscription, event_types, checked, seconds):
    matches = subscription.matches

    def look_up(piece):
        found = 0
        for event_type in piece:
            if matches(event_type):
                found += 1
        return found

    return _looked_up(look_up, event_types, checked, seconds, look_up(event_types[:checked]))


def _looked_up(look_up, event_types, checked, seconds, found):
    pieces = itertools.cycle([event_types[i:i + PIECE] for i in range(0, len(event_types), PIECE)])

    def sample():
        piece = next(pieces)
        start = time.perf_counter()
        look_up(piece)
        return (time.perf_counter() - start) / len(piece)

    _median(sample, seconds / 5)
    checked = event_types[:checked]
    return {'look-up': _median(sample, seconds), 'found': found / len(checked), 'check': look_up(checked)}


def _change(built, query_types, seconds):
    """Seconds to remove and to add a value, of a thousand in turn."""
    numbers = random.Random(11)
    adding = []

    def sample():
        values = numbers.sample(range(len(query_types)), min(PIECE, len(query_types)))
        start = time.perf_counter()
        for value in values:
            built.remove(value)
        removed = time.perf_counter()
        for value in values:
            built.add(common.create_subscription([query_types[value]]), value)
        adding.append((time.perf_counter() - removed) / len(values))
        return (removed - start) / len(values)

    return _median(sample, seconds), statistics.median(adding)


def _a_run(run, seconds):
    runs = 1

    def sample():
        start = time.perf_counter()
        for _ in range(runs):
            run()
        return (time.perf_counter() - start) / runs

    while sample() * runs < 1e-3:
        runs *= 2
    return _median(sample, seconds)


def _median(sample, seconds):
    """Of samples that are taken until so many seconds have passed, of at least one; without collecting garbage."""
    samples = []
    gc.collect()
    gc.disable()
    begin = time.perf_counter()
    while not samples or time.perf_counter() - begin < seconds:
        samples.append(sample())
    gc.enable()
    return statistics.median(samples)


ABOUT = {work.__name__: work
         for work in (collection, collection_look_ups, subscription, subscription_look_ups, batches)}


def main():
    for line in sys.stdin:
        question = json.loads(line)
        print(json.dumps([ABOUT[question['about']](**case) for case in question['cases']]), flush=True)


if __name__ == '__main__':
    main()
