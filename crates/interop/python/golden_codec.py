"""Golden vectors of the crate `codec`, and of the values that it carries."""

import datetime
import itertools
import json
import math

from hat import json as hat_json
from hat import sbs
from hat.drivers import chatter
from hat.event import common

from golden_messages import messages, values
from notation import datetime_parts as parts, to_notation
import strict

SERIALIZERS = {'C': sbs.CSerializer, 'Python': sbs.PySerializer}

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


def json_texts():
    """The text that is written for a value. Objects are `{"$object": [[NAME, VALUE], ...]}`: their order counts."""
    floats = [0.0, -0.0, 1.0, 1.5, -2.25, 0.1, 1 / 3, 1e-4, 1e-5, 9.999e-5, 123456789.123, 1e15, 1e16, 123456789012345680.0,
              1e17, 1e21, 1e22, 1e23, 1e100, -1e-100, 5e-324, 2.2250738585072014e-308, 1.7976931348623157e308,
              4503599627370497.5, 9007199254740993.0, 2.0 ** 63, 0.30000000000000004,
              # Halfway between two shortest forms.
              0.009393692016601562, 663.9199829101562, 544.3706665039062, 1.4668350219726562, 2.0 ** -24]
    integers = [0, -1, 1, 127, 1 << 31, (1 << 53) + 1, (1 << 63) - 1, -(1 << 63), 1 << 63, (1 << 64) - 1, 1 << 64,
                -(1 << 100), (1 << 127) - 1]
    texts = ['', 'plain', 'a "quoted" \\ and / text', '\0\x01\x08\t\n\x0b\x0c\r\x1f \x7f\x80\x9f\xa0', 'ÄÖÜß é', '€',
             '\u2028\u2029\ufeff\ufffd\uffff', '😀\U0010ffff', 'mixed é😀 end', '\ud7ff\ue000']
    others = [None, True, False, [], {}, [[]], {'a': {}}, [1, 'a', None, True, 2.5], {'b': 1, 'a': [{'é': 'ü'}], '': {}},
              {'x': [[1, [2, [3]]], {'y': {'z': []}}]}]
    for i, value in enumerate(floats + integers + texts + others):
        yield {'name': f'text {i}', 'value': json_notation(value), 'text': hat_json.encode(value)}


def json_notation(value):
    if isinstance(value, dict):
        return {'$object': [[k, json_notation(v)] for k, v in value.items()]}
    if isinstance(value, list):
        return [json_notation(i) for i in value]
    return to_notation(value)


def json_checks():
    """Which text is accepted: what the reference decodes and can encode again."""
    accepted = ['null', ' true ', '\t\n\r 1', '-0', '-0.0', '0', '1E5', '1e+5', '1.5E-007', '123456789012345678901234567890',
                '9' * 400, '1e308', '1e-400', '1.7976931348623158e308', '"\\ud800"', '"\\udc00\\ud800"', '"\\uD83D\\ude00"',
                '"\\u0000"', '"\\/\\b\\f"', '"\x7f\x80\u2028"', '{"a":1,"a":2}', '[ ]', '{ }', '[1 , 2]', '{"a" : 1}',
                '"é😀"', '[' * 900 + ']' * 900, '{"a":' * 900 + '1' + '}' * 900, '1' * 4300, '-' + '1' * 4300]
    refused_ = ['', ' ', 'nul', 'nulll', 'True', '01', '-', '+1', '.5', '1.', '1e', '1e+', '0x10', '--1', '1 2', '[1,]',
                '[,1]', '[1 2]', '{"a":}', '{"a"}', '{a:1}', '{"a":1,}', '{,}', '[', '{', '"', '"\\', '"\\u12"',
                '"\\u12g4"', '"\\x"', '"\n"', '"\t"', '"\0"', "'a'", ']', '}', '[}', '{]', '[1]]', '\ufeff1', '\u00a01',
                '/*c*/1', '1/', 'infinity', 'nan', '+Infinity', '\x0b1', '[\x0c]', '{"a":1 "b":2}', '{1:2}', '"\\u+123"',
                '"\\u 123"', '1_000', '\u0661']
    for i, text in enumerate(accepted + refused_):
        assert json_accepted(text) == (i < len(accepted)), text
        yield {'name': f'check {i}', 'text': text, 'accepted': i < len(accepted)}

    different = [('json-not-finite', text, False) for text in (
        'NaN', 'Infinity', '-Infinity', '[NaN]', '1e400', '-1e309', '1.7976931348623159e308', '1' * 310 + '.0')]
    different += [('json-digits', text, True) for text in ('1' * 4301, '-' + '1' * 4301, '[' + '7' * 5000 + ']')]
    different += [('json-depth', text, False) for text in ('[' * 901 + ']' * 901, '{"":' * 901 + '0' + '}' * 901)]
    for i, (difference, text, ours) in enumerate(different):
        reference = 'decodes only' if difference == 'json-not-finite' else not ours
        if difference == 'json-not-finite':
            hat_json.decode(text)
            assert not json_accepted(text)
        else:
            assert json_accepted(text) is reference
        yield {'name': f'different {i}', 'text': text, 'accepted': ours, 'differences': {difference: reference}}


def json_accepted(text):
    try:
        hat_json.encode(hat_json.decode(text))
        return True
    except (ValueError, RecursionError):
        return False


PRIMITIVES = '''module M
Pair(A B) = Record { first: A, second: B }
Numbers = Array(Integer)
Floats = Array(Float)
Texts = Array(String)
Data = Bytes
Nothing = None
Truth = Boolean
Nested = Array(Optional(Pair(String, Pair(Boolean, Numbers))))
Pick = Choice { nothing: None number: Integer text: String }
Tree = Record { name: String children: Array(Tree) }
'''


def schemas():
    """Values of types of schemas, and schemas that are no schemas."""
    yield from _encodings(PRIMITIVES, [
        ('M.Numbers', [0, 1, -1, 63, 64, -64, -65, 8191, 8192, -8192, -8193, 1 << 31, -(1 << 31), 1 << 55, (1 << 62) - 1,
                        1 << 62, -(1 << 62) - 1, (1 << 63) - 1, -(1 << 63)]),
        ('M.Floats', [0.0, -0.0, 1.5, -1e300, 5e-324, math.inf, -math.inf, math.nan, 0.1]),
        ('M.Texts', ['', 'a', 'é€😀', '\0', 'x' * 63, 'x' * 64, 'x' * 8191, 'x' * 8192]),
        ('M.Data', b''), ('M.Data', bytes(range(256))), ('M.Nothing', None), ('M.Truth', True), ('M.Truth', False),
        ('M.Nested', []), ('M.Nested', [('none', None), ('value', {'first': 'a', 'second': {'first': True, 'second': [1]}})]),
        ('M.Pick', ('nothing', None)), ('M.Pick', ('number', -5)), ('M.Pick', ('text', 'x')),
        ('M.Tree', {'name': 'a', 'children': [{'name': 'b', 'children': []}, {'name': '', 'children': []}]})])
    yield from _encodings([
        '# two modules\nmodule A,Of(T)=Record{x:T,y:Local},Local=String',
        'module B # the other\r\nLocal = Integer\rUse = A.Of ( Local ) , List=Array(Use)#end\n'], [
        ('B.Use', {'x': 7, 'y': 'local of A'}), ('B.List', [{'x': -1, 'y': ''}]), ('A.Local', 's')])
    yield from _encodings('''module HatChatter
Msg = Record { id: Integer first: Integer owner: Boolean token: Boolean last: Boolean data: Data }
Data = Record { type: String data: Bytes }
''', [('HatChatter.Msg', {'id': id_, 'first': first, 'owner': owner, 'token': token, 'last': last,
                          'data': {'type': type_, 'data': data}})
      for id_, first, owner, token, last, type_, data in (
          (1, 1, True, True, False, 'HatEventer.MsgInitReq', bytes.fromhex('80808080')),
          (64, 63, False, True, True, 'HatChatter.Ping', b''), ((1 << 63) - 1, 0, False, False, False, '', bytes(100)))],
        chatter_repo())

    for difference, text in (
            (None, 'module M\nT = Unknown('), (None, ''), (None, 'module'), (None, 'module 1'), (None, 'module M T'),
            (None, 'module M T = Record {}'), (None, 'module M T = Choice { }'), (None, 'module M T = Integer(String)'),
            (None, 'module M T = Array(Integer String)'), (None, 'module M T = Array'), (None, 'module M T = Optional'),
            (None, 'module M T = Record { a Integer }'), (None, 'module M T = Record { a:Integerb:None }'),
            (None, 'module M T = Record { _a: Integer }'), (None, 'module M T = A . B'), (None, 'moduleM T = Integer'),
            (None, 'module M P(a)=a T = P(Integer String)'), (None, 'module M P(a)=a(Integer) T = P(Integer)'),
            (None, 'module M\x0bT = Integer'), (None, 'module M\xa0T = Integer'), (None, 'module M T = Unknown(Integer)'),
            (None, 'module M T = Record{a:Integer}U = String'), (None, 'module M P(a) = P(a) T = P(Integer)'),
            ('sbs-schema-errors', 'module M T = Unknown'), ('sbs-schema-errors', 'module M T = N.T'),
            ('sbs-schema-errors', 'module M T = Integer T = String'), ('sbs-schema-errors', 'module M T = T'),
            ('sbs-schema-errors', 'module M T = Record { a: T }'), ('sbs-schema-errors', 'module M A = B B = A'),
            ('sbs-schema-errors', 'module M T = Record { a: Integer a: String }')):
        vector = {'name': f'no schema {text}', 'schemas': [text], 'error': 'no schema'}
        accepted = 'error' not in answer(lambda: sbs.Repository(text))
        assert accepted == bool(difference), text
        if accepted:
            vector['differences'] = {difference: 'accepted'}
        yield vector

    # Schemas that only we read: the bytes are those of the same schema, spelled for the reference.
    for difference, text, spelled, value in (
            ('sbs-type-names', 'T = IntegerList IntegerList = Array(Integer)', 'T = X X = Array(Integer)', [1, 2]),
            ('sbs-type-names', 'T = Strings.T', None, 'a'),
            ('sbs-type-names', 'T = Record { a: BytesX } BytesX = Bytes', 'T = Record { a: X } X = Bytes', {'a': b'\1'}),
            ('sbs-type-names', 'T = NoneOf(Float) NoneOf(a) = Array(a)', 'T = X(Float) X(a) = Array(a)', [0.5]),
            ('sbs-parametric-recursion', 'T = List(Integer) List(a) = Record { head: a rest: Optional(List(a)) }',
             'T = Record { head: Integer rest: Optional(T) }',
             {'head': 1, 'rest': ('value', {'head': 2, 'rest': ('none', None)})}),
            ('sbs-comment-end', 'T = Integer # end', 'T = Integer', 5)):
        if spelled:
            texts, reference = [f'module M {text}'], sbs.Repository(f'module M {spelled}')
        else:
            texts, reference = ['module Strings T = String', f'module M {text}'], sbs.Repository('module M T = String')
        assert answer(lambda: sbs.Repository(*texts)) == {'error': 'refused'}, texts
        yield {'name': f'schema {text}', 'schemas': texts, 'type': 'M.T', 'value': to_notation(value),
               'hex': encode(reference, 'M.T', value).hex(), 'differences': {difference: 'refused'}}


def _encodings(texts, pairs, repo=None):
    texts = [texts] if isinstance(texts, str) else texts
    repo = repo or sbs.Repository(*texts)
    for i, (type_, value) in enumerate(pairs):
        yield {'name': f'{type_} {i}', 'schemas': texts, 'type': type_, 'value': to_notation(value),
               'hex': encode(repo, type_, value).hex()}


def chatter_repo():
    """The repository of the package itself, which keeps it to itself."""
    return chatter._sbs_repo


def decodings():
    """Bytes that are no plain encoding of a value."""
    schema = PRIMITIVES + 'I = Integer F = Float S = String L = Array(None) R = Pair(Integer, Boolean)\n'
    repo = sbs.Repository(schema)
    trees = [('\x80\x81' * n + '\x80\x80').encode('latin-1').hex() for n in (62, 63, 64, 100)]
    for type_, hexes in (
            ('I', ('', '80', '0080', '000080', '7fff', 'ff', '00', '7f', '007f', '017f7f7f7f7f7f7f7fff',
                   '007f7f7f7f7f7f7f7fff', '3f7f7f7f7f7f7f7f7fff', '01000000000000000080', '7f000000000000000080',
                   '7e7f7f7f7f7f7f7f7fff', '0000000000000000000081', '7f7f7f7f7f7f7f7f7f7f7f7fff',
                   '40000000000000000080', '8081', '00c0', '7fbf')),
            ('Truth', ('', '02', 'ff', '80', '0000')),
            ('F', ('', '3ff00000000000', '7ff8000000000001', 'fff0000000000000', '3ff000000000000000')),
            ('S', ('', '80', '8161', '008161', '8361', 'ff', 'ff6162', 'fe6162', '81ff', '83eda080', '84f4908080', '82c080',
                   '816162', '8100', '40000000000000000080', '017f7f7f7f7f7f7f7fff')),
            ('Data', ('8361', 'ff6162', '816162', '007f7f7f7f7f7f7f7fff')),
            ('Numbers', ('ff', '80', '83818283', '838182', 'fe8182', '8080', '007f7f7f7f7f7f7f7fff')),
            ('L', ('80', '83', 'ff', '040080', '040081')),
            ('Pick', ('80', '8185', '82', '8281', '83', 'ff', 'ff8161', 'fd', 'fc', '0080', '017f7f7f7f7f7f7f7fff')),
            ('R', ('8101', '81', '810100', '0081ff')), ('Nothing', ('', '00')), ('Tree', trees)):
        for data in map(bytes.fromhex, hexes):
            yield _decoding(repo, schema, f'M.{type_}', data)


def _decoding(repo, schema, type_, data):
    vector = {'name': f'{type_} {data.hex()}', 'schemas': [schema], 'type': type_, 'hex': data.hex()}
    reference = {language: answer(lambda: repo.decode(type_, data, serializer=serializer))
                 for language, serializer in SERIALIZERS.items()}
    try:
        value = strict.decode(repo._refs, sbs.Ref(*type_.split('.')), data)
    except strict.Refused as e:
        if all('error' in i for i in reference.values()):
            return {**vector, 'error': 'refused'}
        for i in reference.values():
            if 'value' in i:
                text = json.dumps(to_notation(i['value']))
                i['value'] = to_notation(i['value']) if len(text) < 100 else f'{text[:60]} ...'
        return {**vector, 'error': 'refused', 'differences': {e.rule: reference}}
    assert all(to_notation(i['value']) == to_notation(value) for i in reference.values()), vector
    canonical = encode(repo, type_, value).hex()
    if type_ == 'M.Tree' or len(data) > 2 and type_ == 'M.L':
        return {**vector, 'canonical': canonical}
    return {**vector, 'value': to_notation(value), 'canonical': canonical}


def encode(repo, type_, value):
    """The bytes, on which both serializers agree."""
    data, = {bytes(repo.encode(type_, value, serializer=serializer)) for serializer in SERIALIZERS.values()}
    return data


def answer(fn):
    try:
        return {'value': fn()}
    except Exception:
        return {'error': 'refused'}


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


FILES = {'messages': messages,
         'values': values,
         'timestamps': timestamps,
         'orders': orders,
         'json_texts': json_texts,
         'json_checks': json_checks,
         'schemas': schemas,
         'decodings': decodings}
