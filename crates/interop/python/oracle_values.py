"""Questions about timestamps, the order of events and JSON text."""

import datetime
import json
import math

from hat import json as hat_json
from hat.event import common

from notation import datetime_parts, from_notation
import strict

Timestamp = common.Timestamp


def timestamps(t, add, s, date):
    """All functions of timestamps; `exact` has the answers without the reference's mistakes."""
    t = Timestamp(*t)
    add, s = float(add), float(s)
    *parts, us, offset = date
    zone = datetime.timezone(datetime.timedelta(seconds=offset))
    dt = datetime.datetime(*parts, us, zone)
    return {'bytes': common.timestamp_to_bytes(t).hex(),
            'from bytes': list(common.timestamp_from_bytes(common.timestamp_to_bytes(t))),
            'float': repr(common.timestamp_to_float(t)),
            'datetime': answer(lambda: datetime_parts(common.timestamp_to_datetime(t))),
            'add': answer(lambda: list(t.add(add))),
            'from float': answer(lambda: list(common.timestamp_from_float(s))),
            'from datetime': answer(lambda: list(common.timestamp_from_datetime(dt))),
            'exact': {'from float': answer(lambda: list(strict.from_float(s))),
                      'from datetime': answer(lambda: list(strict.from_datetime(dt)))}}


def orders(first, second):
    first, second = (common.Event(common.EventId(*id), (), Timestamp(*t), None, None) for id, t in (first, second))
    return {'precedes': first < second, 'follows': first > second,
            'timestamps': first.timestamp < second.timestamp, 'ids': first.id < second.id}


def answer(fn):
    """The answer, or None where there is none."""
    try:
        return fn()
    except (ArithmeticError, OSError, ValueError):
        return None


def json_check(text):
    """What becomes of text that is received and sent on, and whether there is a number in it that JSON has no form for."""
    try:
        value = hat_json.decode(text)
    except (ValueError, RecursionError) as e:
        return {'error': repr(e)}
    answer = {'not finite': _has_not_finite(text)}
    try:
        return {**answer, 'text': hat_json.encode(value)}
    except (ValueError, RecursionError) as e:
        return {**answer, 'encode error': repr(e)}


def _has_not_finite(text):
    found = []

    def parse(number):
        if not math.isfinite(float(number)):
            found.append(number)

    json.loads(text, parse_float=parse, parse_constant=found.append)
    return bool(found)


def json_text(value):
    return hat_json.encode(_json_value(value))


def _json_value(value):
    if isinstance(value, list):
        return [_json_value(i) for i in value]
    if isinstance(value, dict) and '$object' in value:
        return {k: _json_value(v) for k, v in value['$object']}
    return from_notation(value)


def exported_names():
    return common.__all__


ABOUT = {'exported_names': exported_names, 'timestamps': timestamps, 'orders': orders, 'json_check': json_check,
         'json_text': json_text}
