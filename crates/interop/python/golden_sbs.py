"""Golden vectors of the schema language, and of bytes that are no plain encoding of a value."""

import json
import math

from hat import sbs
from hat.drivers import chatter

from notation import to_notation
import strict

SERIALIZERS = {'C': sbs.CSerializer, 'Python': sbs.PySerializer}

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
