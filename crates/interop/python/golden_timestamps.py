"""Golden vectors of timestamps, and of the order of events."""

import datetime
import itertools
import math

from hat.event import common

from notation import datetime_parts as parts
import strict

Timestamp = common.Timestamp
MIN, MAX = common.min_timestamp, common.max_timestamp


def timestamp(t):
    return {'s': t.s, 'us': t.us}


def timestamps():
    times = [Timestamp(0, 0), Timestamp(0, 1), Timestamp(1, 0), Timestamp(1, 999_999), Timestamp(-1, 0),
             Timestamp(-1, 500_000), Timestamp(-1, 999_999), Timestamp(1_795_420_410, 147_728), MIN, MAX,
             Timestamp(1 << 53, 1), Timestamp(-(1 << 53), 1), Timestamp((1 << 53) + 1, 999_999), Timestamp(1 << 62, 0)]
    vectors = [*_bytes(times), *_floats(times), *_datetimes(times), *_additions(times)]
    for i, vector in enumerate(vectors):
        yield {'name': f'{vector["function"]} {i}', **vector}


def _bytes(times):
    for t in times:
        yield call('timestamp_to_bytes', timestamp(t), lambda: common.timestamp_to_bytes(t).hex())
        yield call('timestamp_from_bytes', common.timestamp_to_bytes(t).hex(),
                   lambda: timestamp(common.timestamp_from_bytes(common.timestamp_to_bytes(t))))
    for data in (bytes(12), b'\xff' * 12, bytes(8) + (1_000_000).to_bytes(4, 'big')):
        ours = {} if int.from_bytes(data[8:], 'big') < 1_000_000 else refused('timestamp-range')
        yield call('timestamp_from_bytes', data.hex(),
                   lambda: timestamp(common.timestamp_from_bytes(data)), **ours)


def _floats(times):
    for t in times:
        yield call('timestamp_to_float', timestamp(t), lambda: repr(common.timestamp_to_float(t)))

    two53, two63 = 2.0 ** 53, 2.0 ** 63
    for s in (0.0, -0.0, 1.0, -1.0, 0.5, -0.5, 1e-6, -1e-6, 5e-7, -5e-7, 1.5e-6, -1.5e-6, 2.5e-6, 0.9999995, 0.9999999,
              -0.0000001, -1e-20, 5e-324, 1795420410.147728, -1795420410.147728, 0.1, 1 / 3, -1 / 3, 2.0 ** 52 + 0.5,
              -2.0 ** 52 - 0.5, two53, two53 - 1, 1 - two53, -two53, -two53 - 2, -2.0 ** 60, 2.0 ** 60, -two63,
              math.nextafter(two63, 0), two63, math.nextafter(-two63, -math.inf), 1e300, math.nan, math.inf, -math.inf):
        ours = {}
        if math.isfinite(s):
            exact = strict.from_float(s)
            if not -two63 <= s < two63:
                ours = refused('timestamp-range')
            elif exact != common.timestamp_from_float(s):
                ours = {'difference': 'float-whole', 'result': timestamp(exact)}
        yield call('timestamp_from_float', repr(s), lambda: timestamp(common.timestamp_from_float(s)), **ours)


def _datetimes(times):
    far = [Timestamp(-62_135_596_800, 0), Timestamp(-62_135_596_801, 0), Timestamp(253_402_300_799, 999_999),
           Timestamp(253_402_300_800, 0), Timestamp(-2_208_988_800, 7), Timestamp(951_782_400, 0)]
    for t in times + far:
        ours = {}
        if t == Timestamp(-62_135_596_801, 0):
            ours = {'difference': 'datetime-years', 'result': [0, 12, 31, 23, 59, 59, 0, 0]}
        yield call('timestamp_to_datetime', timestamp(t), lambda: parts(common.timestamp_to_datetime(t)), **ours)

    def zone(**offset):
        return datetime.timezone(datetime.timedelta(**offset))

    utc = datetime.timezone.utc
    for dt in (datetime.datetime(1970, 1, 1, tzinfo=utc), datetime.datetime(1970, 1, 1, 0, 0, 0, 1, utc),
               datetime.datetime(1970, 1, 1), datetime.datetime(2026, 3, 1, 12, 30, 15, 123_456),
               datetime.datetime(2026, 3, 1, 12, 30, 15, 123_456, zone(hours=2, minutes=30)),
               datetime.datetime(2026, 3, 1, 12, 30, 15, 123_456, zone(hours=-11, seconds=-1)),
               datetime.datetime(1969, 12, 31, 23, 59, 59, 0, utc), datetime.datetime(1969, 12, 31, 23, 59, 59, 1, utc),
               datetime.datetime(1969, 12, 31, 23, 59, 59, 999_999, utc), datetime.datetime(1960, 2, 29, tzinfo=utc),
               datetime.datetime(1, 1, 1, 0, 0, 0, 1, utc), datetime.datetime(1, 1, 1, 0, 0, 0, 0, utc),
               datetime.datetime(9999, 12, 31, 23, 59, 59, 999_999, utc),
               datetime.datetime(9999, 12, 31, 23, 59, 59, 0, utc), datetime.datetime(5000, 6, 1, 1, 1, 1, 999_999, utc)):
        exact, reference = strict.from_datetime(dt), common.timestamp_from_datetime(dt)
        ours = {}
        if exact != reference:
            whole = dt.microsecond == 0 and reference.s == exact.s - 1
            ours = {'difference': 'datetime-before-1970' if whole else 'datetime-precision', 'result': timestamp(exact)}
        yield call('timestamp_from_datetime', parts(dt), lambda: timestamp(reference), **ours)


def _additions(times):
    steps = (0.0, 1.0, -1.0, 0.5, -0.5, 1e-6, -1e-6, 5e-7, -5e-7, 1.5e-6, 2.5e-6, -2.5e-6, 0.9999995, 1.9999999,
             -1.9999999, 86400.25, 2.0 ** 53, -2.0 ** 53, 1e15 + 0.5, math.nan, math.inf, -math.inf)
    for t, s in itertools.product(times, steps):
        ours = {}
        if math.isfinite(s) and not MIN <= t.add(s) <= MAX:
            ours = refused('timestamp-range')
        yield call('add', [timestamp(t), repr(s)], lambda: timestamp(t.add(s)), **ours)


def orders():
    """Which of two events precedes and follows the other, for all pairs."""
    keys = [((1, 1, 1), (5, 0)), ((1, 1, 2), (5, 0)), ((1, 2, 1), (4, 999_999)), ((2, 1, 1), (5, 0)),
            ((2, 1, 1), (6, 0)), ((2, 1, 2), (5, 1)), ((3, 0, 0), (-1, 0)), ((3, 7, 0), (-1, 999_999))]
    events = [common.Event(common.EventId(*id_), (), Timestamp(*t), None, None) for id_, t in keys]
    for (i, first), (j, second) in itertools.product(enumerate(events), repeat=2):
        yield {'name': f'{i} and {j}',
               'first': {'id': list(first.id), 'timestamp': list(first.timestamp)},
               'second': {'id': list(second.id), 'timestamp': list(second.timestamp)},
               'precedes': first < second,
               'follows': first > second}


def call(function, argument, fn, difference=None, **ours):
    """A vector of one call: the reference's result, or ours where it differs."""
    try:
        reference = {'result': fn()}
    except (ArithmeticError, OSError, ValueError):
        reference = {'error': 'refused'}
    if difference:
        assert reference != ours, (function, argument)
        return {'function': function, 'argument': argument, **ours, 'differences': {difference: reference}}
    return {'function': function, 'argument': argument, **reference}


def refused(difference):
    return {'difference': difference, 'error': 'refused'}
