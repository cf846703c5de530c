"""How SBS values are written as JSON: the notation of recorded traffic.

None, Boolean, String, Array and Record are what they are in JSON. Bytes are `{"$hex": TEXT}`, a Choice is
`{"$choice": [NAME, VALUE]}`, an Integer outside of 64 bits is `{"$bigint": TEXT}`, and a Float that is not finite is
`{"$float": TEXT}`.
"""

import datetime
import math


def to_notation(value):
    if value is None or isinstance(value, (bool, str)):
        return value
    if isinstance(value, int):
        return value if -(1 << 63) <= value < 1 << 63 else {'$bigint': str(value)}
    if isinstance(value, float):
        return value if math.isfinite(value) else {'$float': repr(value)}
    if isinstance(value, tuple):
        name, inner = value
        return {'$choice': [name, to_notation(inner)]}
    if isinstance(value, list):
        return [to_notation(i) for i in value]
    if isinstance(value, dict):
        return {k: to_notation(v) for k, v in value.items()}
    return {'$hex': bytes(value).hex()}


def from_notation(value):
    if isinstance(value, list):
        return [from_notation(i) for i in value]
    if not isinstance(value, dict):
        return value
    if len(value) == 1:
        (key, inner), = value.items()
        if key == '$hex':
            return bytes.fromhex(inner)
        if key == '$bigint':
            return int(inner)
        if key == '$float':
            return float(inner)
        if key == '$choice':
            return inner[0], from_notation(inner[1])
    return {k: from_notation(v) for k, v in value.items()}


def datetime_parts(dt):
    """Year to microsecond, and the offset from UTC in seconds."""
    offset = dt.utcoffset() or datetime.timedelta()
    return [dt.year, dt.month, dt.day, dt.hour, dt.minute, dt.second, dt.microsecond,
            offset // datetime.timedelta(seconds=1)]
