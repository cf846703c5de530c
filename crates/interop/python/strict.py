"""The rules of this project where the reference is careless, written a second time.

Expected answers for the tests. `Refused` names the difference in `docs/src/python-parity.md` that a refusal is due to, or
None where the reference refuses as well.
"""

import struct

from hat.sbs import common as sbs

# The limits of this project: docs/src/python-parity.md, `sbs-limits`.
EMPTY_ITEMS = 65_536
DEPTH = 256


class Refused(Exception):

    def __init__(self, rule=None):
        super().__init__(rule)
        self.rule = rule


def decode(refs, ref, data):
    """Decodes a value that takes all of the data."""
    value, rest = _decode(refs, ref, data, 0)
    if rest:
        raise Refused('sbs-trailing')
    return value


def _decode(refs, t, data, depth):
    while isinstance(t, sbs.Ref):
        t = refs[t]

    if isinstance(t, sbs.NoneType):
        return None, data

    if isinstance(t, sbs.BooleanType):
        if not data:
            raise Refused()
        return data[0] != 0, data[1:]

    if isinstance(t, sbs.IntegerType):
        return _integer(data)

    if isinstance(t, sbs.FloatType):
        if len(data) < 8:
            raise Refused()
        return struct.unpack('>d', data[:8])[0], data[8:]

    if isinstance(t, sbs.StringType):
        text, data = _counted(data)
        try:
            return text.decode('utf-8'), data
        except UnicodeDecodeError:
            raise Refused()

    if isinstance(t, sbs.BytesType):
        return _counted(data)

    if depth >= DEPTH:
        raise Refused('sbs-limits')

    if isinstance(t, sbs.ArrayType):
        count, data = _length(data)
        if count > EMPTY_ITEMS and min_len(refs, t.t) == 0:
            raise Refused('sbs-limits')
        items = []
        for _ in range(count):
            item, data = _decode(refs, t.t, data, depth + 1)
            items.append(item)
        return items, data

    if isinstance(t, sbs.RecordType):
        record = {}
        for name, entry in t.entries:
            record[name], data = _decode(refs, entry, data, depth + 1)
        return record, data

    index, data = _length(data)
    if index >= len(t.entries):
        raise Refused()
    name, entry = t.entries[index]
    value, data = _decode(refs, entry, data, depth + 1)
    return (name, value), data


def _integer(data):
    for size, byte in enumerate(data, 1):
        if byte & 0x80:
            break
    else:
        raise Refused()
    value = -1 if data[0] & 0x40 else 0
    for byte in data[:size]:
        value = value << 7 | byte & 0x7f
    if not -(1 << 63) <= value < 1 << 63:
        raise Refused('sbs-integer-range')
    return value, data[size:]


def _length(data):
    try:
        length, data = _integer(data)
    except Refused as e:
        # The C serializer wraps such a number, and may come to a sensible one.
        raise Refused(e.rule and 'sbs-integer-range')
    if length < 0:
        raise Refused('sbs-negative')
    return length, data


def _counted(data):
    length, data = _length(data)
    if length > len(data):
        raise Refused('sbs-truncated')
    return data[:length], data[length:]


def min_len(refs, t, seen=()):
    """The fewest bytes that a value of a type takes; types that contain themselves count as one."""
    while isinstance(t, sbs.Ref):
        if t in seen:
            return 1
        seen += (t,)
        t = refs[t]
    if isinstance(t, sbs.NoneType):
        return 0
    if isinstance(t, sbs.RecordType):
        return sum(min_len(refs, entry, seen) for _, entry in t.entries)
    return 1


def intersection(first, second):
    """Query types that together match what both sets of query types match."""
    pairs = (_intersect(a, b) for a in first for b in second)
    return [pair for pair in pairs if pair is not None]


def _intersect(a, b):
    if a[:1] == ('*',):
        return b
    if b[:1] == ('*',):
        return a
    if not a or not b:
        return None if a or b else ()
    if a[0] != b[0] and '?' not in (a[0], b[0]):
        return None
    rest = _intersect(a[1:], b[1:])
    return None if rest is None else (b[0] if a[0] == '?' else a[0], *rest)


def valid_query_type(query_type):
    return '*' not in query_type[:-1]
