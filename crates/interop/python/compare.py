"""Does what the benchmark `compare` measures, with the reference, and tells how long it takes.

Questions are as those of `oracle.py`. `load` takes a workload, names the work and returns its result; `measure` returns the
seconds that one run of the work takes.
"""

import gc
import json
import sys
import time

from hat.event import common

from notation import to_notation

NOTIFY = 'HatEventer.MsgEventsNotify'

work = None


def encode(hex):
    events = [common.event_from_sbs(i) for i in common.sbs_repo.decode(NOTIFY, bytes.fromhex(hex))]
    run = lambda: common.sbs_repo.encode(NOTIFY, [common.event_to_sbs(i) for i in events])  # NOQA
    return run, to_notation(common.sbs_repo.decode(NOTIFY, run()))


def decode(hex):
    data = bytes.fromhex(hex)
    run = lambda: [common.event_from_sbs(i) for i in common.sbs_repo.decode(NOTIFY, data)]  # NOQA
    return run, to_notation([common.event_to_sbs(i) for i in run()])


def matches(query_types, event_types):
    subscription = common.create_subscription([tuple(i) for i in query_types])
    event_types = [tuple(i) for i in event_types]

    def run():
        count = 0
        for event_type in event_types:
            if subscription.matches(event_type):
                count += 1
        return count

    return run, run()


def get(query_types, event_types):
    """The collection has the position of each query type as its value."""
    collection = common.create_event_type_collection(
        (common.create_subscription([tuple(query_type)]), i) for i, query_type in enumerate(query_types))
    event_types = [tuple(i) for i in event_types]

    def run():
        found = 0
        for event_type in event_types:
            for value in collection.get(event_type):
                found += value
        return found

    return run, run()


WORKS = {'encode': encode, 'decode': decode, 'matches': matches, 'get': get}


def load(name, workload):
    global work
    work, result = WORKS[name](**workload)
    return result


def measure(seconds):
    """Seconds a run, of as many runs as take about the given time."""
    runs = 1
    while True:
        gc.collect()
        gc.disable()
        start = time.perf_counter()
        for _ in range(runs):
            work()
        taken = time.perf_counter() - start
        gc.enable()
        if taken >= seconds / 2:
            return taken / runs
        runs = max(runs * 2, int(runs * seconds / max(taken, 1e-9)))


def main():
    answer = {'load': load, 'measure': measure}
    for line in sys.stdin:
        question = json.loads(line)
        print(json.dumps([answer[question['about']](**case) for case in question['cases']]), flush=True)


if __name__ == '__main__':
    main()
