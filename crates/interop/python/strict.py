"""The rules of this project where the reference is careless, written a second time.

Expected answers for the tests. `Refused` names the difference in `docs/src/python-parity.md` that a refusal is due to, or
None where the reference refuses as well.
"""

import datetime
import math
import struct

from hat.event.common import Timestamp
from hat.sbs import common as sbs

# The limits of this project: docs/src/python-parity.md, `sbs-limits`.
MAX_DEPTH = 128
MAX_EMPTY_ITEMS = 65_536
MAX_VALUES = 65_536


class Refused(Exception):

    def __init__(self, rule=None):
        super().__init__(rule)
        self.rule = rule


def decode(refs, ref, data):
    """Decodes a value that takes all of the data."""
    decoder = _Decoder(refs, data)
    value = decoder.value(ref)
    if decoder.data:
        raise Refused('sbs-trailing')
    return value


class _Decoder:

    def __init__(self, refs, data):
        self.refs = refs
        self.data = data
        self.depth = 0
        self.empty_left = MAX_EMPTY_ITEMS
        self.empty = {}
        self.counts = {}

    def value(self, t):
        while isinstance(t, sbs.Ref):
            t = self.refs[t]
        if isinstance(t, sbs.NoneType):
            return None
        if isinstance(t, sbs.BooleanType):
            return self.take(1) != b'\0'
        if isinstance(t, sbs.IntegerType):
            return self.integer()
        if isinstance(t, sbs.FloatType):
            return struct.unpack('>d', self.take(8))[0]
        if isinstance(t, sbs.StringType):
            try:
                return self.counted().decode('utf-8')
            except UnicodeDecodeError:
                raise Refused()
        if isinstance(t, sbs.BytesType):
            return self.counted()
        if self.depth == MAX_DEPTH:
            raise Refused('sbs-limits')
        self.depth += 1
        if isinstance(t, sbs.ArrayType):
            value = self.array(t.t)
        elif isinstance(t, sbs.RecordType):
            value = {name: self.value(entry) for name, entry in t.entries}
        else:
            index = self.length()
            if index >= len(t.entries):
                raise Refused()
            name, entry = t.entries[index]
            value = name, self.value(entry)
        self.depth -= 1
        return value

    def array(self, t):
        empty = is_empty(self.refs, t, self.empty)
        try:
            count = self.length()
        except Refused as e:
            # The reference goes on for as many items as it makes of this.
            raise Refused('sbs-limits' if empty and e.rule == 'sbs-integer-range' else e.rule)
        if empty:
            self.empty_left -= count * values(self.refs, t, self.counts)
            if self.empty_left < 0:
                raise Refused('sbs-limits')
        return [self.value(t) for _ in range(count)]

    def integer(self):
        size = next((i for i, byte in enumerate(self.data, 1) if byte & 0x80), 0)
        if not size:
            raise Refused()
        groups = self.take(size)
        number = -1 if groups[0] & 0x40 else 0
        for group in groups:
            number = number << 7 | group & 0x7f
        if not -(1 << 63) <= number < 1 << 63:
            raise Refused('sbs-integer-range')
        return number

    def length(self):
        length = self.integer()
        if length < 0:
            raise Refused('sbs-negative')
        return length

    def counted(self):
        length = self.length()
        if length > len(self.data):
            raise Refused('sbs-truncated')
        return self.take(length)

    def take(self, size):
        if size > len(self.data):
            raise Refused()
        taken, self.data = self.data[:size], self.data[size:]
        return taken


def is_empty(refs, t, known):
    """Whether values take no bytes; `known` keeps what was found."""
    if isinstance(t, sbs.Ref):
        if t not in known:
            known[t] = is_empty(refs, refs[t], known)
        return known[t]
    if isinstance(t, sbs.RecordType):
        return all(is_empty(refs, entry, known) for _, entry in t.entries)
    return isinstance(t, sbs.NoneType)


def values(refs, t, known):
    """How many values a record is: itself, and all that are in it but not in arrays and choices."""
    if isinstance(t, sbs.Ref):
        if t not in known:
            known[t] = values(refs, refs[t], known)
        return known[t]
    if isinstance(t, sbs.RecordType):
        return 1 + sum(values(refs, entry, known) for _, entry in t.entries)
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


def from_float(s):
    """As the reference, but exact in whole seconds."""
    whole = math.floor(s)
    us = round((s - whole) * 1e6)
    return Timestamp(whole + us // 1_000_000, us % 1_000_000)


def from_datetime(dt):
    """As the reference, but exact."""
    dt = dt if dt.tzinfo else dt.replace(tzinfo=datetime.timezone.utc)
    since = dt - datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)
    return Timestamp(since // datetime.timedelta(seconds=1), since.microseconds)
