"""Questions about SBS: encoding, decoding and the schema language."""

import re
import traceback

from hat import sbs
from hat.event import common
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
    try:
        answer['strict'] = {'value': to_notation(strict.decode(repo._refs, sbs.Ref(*type.split('.')), data))}
    except strict.Refused as e:
        answer['strict'] = {'rule': e.rule}
        if e.rule == 'sbs-limits':
            # It would take minutes, or all memory.
            return {**answer, **{language: {'value': 'not asked for'} for language in SERIALIZERS}}
    for language, serializer in SERIALIZERS.items():
        answer[language] = _answer(lambda: to_notation(repo.decode(type, data, serializer=serializer)))
    return answer


def _answer(fn):
    try:
        return {'value': fn()}
    except Exception as e:
        # Without this a `MemoryError` would leave no memory for the answer.
        traceback.clear_frames(e.__traceback__)
        error = e.__class__.__name__
    return {'error': error}


def schemas(schemas, respelled, type, value, hexes):
    """Whether schemas are accepted, and by what rule not; then the bytes of a value, and the values of bytes.

    `respelled` are the same schemas without names that the reference cannot read. No value is an empty list.
    """
    spellings = {None: schemas}
    if any('#' in re.split('[\r\n]', schema)[-1] for schema in schemas):
        spellings['sbs-comment-end'] = [f'{schema}\n' for schema in schemas]
    if respelled != schemas:
        spellings['sbs-type-names'] = respelled
    for difference, texts in spellings.items():
        try:
            definitions.clear()
            repo = sbs.Repository(*texts)
            break
        except Exception as e:
            error = repr(e)
    else:
        return {'error': error}
    rule = _broken_rule(repo)
    if rule:
        return {'rule': rule}
    encoded = [{language: bytes(repo.encode(type, from_notation(i), serializer=serializer)).hex()
                for language, serializer in SERIALIZERS.items()} for i in value]
    return {'difference': difference, 'encoded': encoded,
            'decoded': [_decode(repo, type, bytes.fromhex(hex)) for hex in hexes]}


def _broken_rule(repo):
    """What is wrong with definitions that the reference accepts, as it does not use them or not yet."""
    modules = {module.name: module for module in repo._modules}
    if len(modules) < len(repo._modules) or any(len(set(names)) < len(names) for names in definitions):
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
    if _finite(repo._refs) < set(repo._refs):
        return 'no finite value'
    known = {}
    if any(strict.values(repo._refs, ref, known) > strict.MAX_VALUES for ref in repo._refs):
        return 'too many fields'
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


def _note_definitions(name, children):
    definitions.append([children[i].name for i in range(1, len(children), 2)])
    return make_definitions(name, children)


def _types(t):
    yield t
    for inner in (*t.args, *(entry.type for entry in t.entries)):
        yield from _types(inner)


def _finite(refs):
    """The types that have a value which ends: not one that always has another of the same type in it."""
    finite = set()

    def is_finite(t):
        if isinstance(t, sbs.Ref):
            return t in finite
        inner = [is_finite(entry) for _, entry in getattr(t, 'entries', ())]
        return any(inner) if isinstance(t, strict.sbs.ChoiceType) else all(inner)

    while True:
        more = {ref for ref, t in refs.items() if ref not in finite and is_finite(t)}
        if not more:
            return finite
        finite |= more


# What is defined twice does not show in a repository, so the names are noted while it is made: a list for each module.
definitions = []
make_definitions = hat.sbs.parser._actions['TypeDefinitions']
hat.sbs.parser._actions['TypeDefinitions'] = _note_definitions

ABOUT = {'encodings': encodings, 'bytes': bytes_, 'schemas': schemas}
