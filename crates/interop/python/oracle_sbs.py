"""Questions about SBS: encoding, decoding and the schema language."""

from hat import sbs
from hat.event import common
import hat.peg
import hat.sbs.evaluator
import hat.sbs.parser

import strict
from notation import from_notation, to_notation

SERIALIZERS = {'C': sbs.CSerializer, 'Python': sbs.PySerializer}

BUILTINS = hat.sbs.evaluator._builtin_refs

SURFACE = {
    'HatEventer.Timestamp': (common.timestamp_from_sbs, common.timestamp_to_sbs),
    'HatEventer.Status': (common.status_from_sbs, common.status_to_sbs),
    'HatEventer.Event': (common.event_from_sbs, common.event_to_sbs),
    'HatEventer.RegisterEvent': (common.register_event_from_sbs, common.register_event_to_sbs),
    'HatEventer.EventPayload': (common.event_payload_from_sbs, common.event_payload_to_sbs),
    'HatEventer.QueryParams': (common.query_params_from_sbs, common.query_params_to_sbs),
    'HatEventer.QueryResult': (common.query_result_from_sbs, common.query_result_to_sbs)}


def encodings(type, value, hex):
    """The bytes of a value, and the value of bytes, by each serializer and through the functions of the surface."""
    data, value = bytes.fromhex(hex), from_notation(value)
    return {'encoded': {language: bytes(common.sbs_repo.encode(type, value, serializer=serializer)).hex()
                        for language, serializer in SERIALIZERS.items()},
            'decoded': {language: to_notation(common.sbs_repo.decode(type, data, serializer=serializer))
                        for language, serializer in SERIALIZERS.items()},
            'surface': _through_surface(type, data)}


def _through_surface(type, data):
    if type not in SURFACE:
        return data.hex()
    from_sbs, to_sbs = SURFACE[type]
    return bytes(common.sbs_repo.encode(type, to_sbs(from_sbs(common.sbs_repo.decode(type, data))))).hex()


def bytes_(type, hex):
    """Whether bytes are accepted, as what value and by what rule not; `surface` is the error of the conversion."""
    data = bytes.fromhex(hex)
    answer = _decode(common.sbs_repo, type, data)
    if 'value' in answer['strict'] and type in SURFACE:
        try:
            _through_surface(type, data)
        except Exception as e:
            answer['surface'] = repr(e)
    return answer


def _decode(repo, type, data):
    answer = {}
    for language, serializer in SERIALIZERS.items():
        try:
            answer[language] = {'value': to_notation(repo.decode(type, data, serializer=serializer))}
        except Exception as e:
            answer[language] = {'error': repr(e)}
    try:
        answer['strict'] = {'value': to_notation(strict.decode(repo._refs, sbs.Ref(*type.split('.')), data))}
    except strict.Refused as e:
        answer['strict'] = {'rule': e.rule}
    return answer


def schemas(schemas, type, value, hexes):
    """Whether schemas are accepted, and by what rule not; then the bytes of a value, and the values of bytes."""
    try:
        repo = sbs.Repository(*schemas)
    except Exception as e:
        return {'error': repr(e)}
    rule = _broken_rule(repo, schemas)
    if rule:
        return {'rule': rule}
    value = from_notation(value)
    return {'encoded': {language: bytes(repo.encode(type, value, serializer=serializer)).hex()
                        for language, serializer in SERIALIZERS.items()},
            'decoded': [_decode(repo, type, bytes.fromhex(hex)) for hex in hexes]}


def _broken_rule(repo, schemas):
    """What is wrong with definitions that the reference accepts, as it does not use them or not yet."""
    modules = {module.name: module for module in repo._modules}
    definitions = [name for schema in schemas for name in _definitions(schema)]
    if len(modules) < len(repo._modules) or len(set(definitions)) < len(definitions):
        return 'twice'
    for module in modules.values():
        for definition in module.type_defs.values():
            if len(set(definition.args)) < len(definition.args):
                return 'twice'
            for t in _types(definition.type):
                if len({entry.name for entry in t.entries}) < len(t.entries):
                    return 'twice'
                if not _has_meaning(modules, module, definition, t):
                    return 'no meaning'
    if any(_contains_itself(repo._refs, ref, ()) for ref in repo._refs):
        return 'contains itself'
    return None


def _has_meaning(modules, module, definition, t):
    if t.module is None:
        if t.name in definition.args or sbs.Ref(None, t.name) in BUILTINS:
            return not t.args
        if t.name in ('Array', 'Optional'):
            return len(t.args) == 1
        if t.name in ('Record', 'Choice'):
            return bool(t.entries)
    target = modules.get(t.module or module.name)
    used = target and target.type_defs.get(t.name)
    return used is not None and len(used.args) == len(t.args)


def _definitions(schema):
    actions = {**hat.sbs.parser._actions,
               'TypeDefinitions': lambda n, c: [c[i].name for i in range(1, len(c), 2)],
               'Module': lambda n, c: [(c[3], name) for name in c[4]]}
    return hat.peg.walk_ast(hat.sbs.parser._grammar.parse(schema), actions)


def _types(t):
    yield t
    for inner in (*t.args, *(entry.type for entry in t.entries)):
        yield from _types(inner)


def _contains_itself(refs, t, seen):
    """Whether each value of a type has a value of the same type in it."""
    if isinstance(t, sbs.Ref):
        return t in seen or _contains_itself(refs, refs[t], (*seen, t))
    if isinstance(t, strict.sbs.RecordType):
        return any(_contains_itself(refs, inner, seen) for _, inner in t.entries)
    if isinstance(t, strict.sbs.ChoiceType):
        return all(_contains_itself(refs, inner, seen) for _, inner in t.entries)
    return False


ABOUT = {'encodings': encodings, 'bytes': bytes_, 'schemas': schemas}
