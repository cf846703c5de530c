"""Questions about configurations."""

import math

import yaml

from hat import json as hat_json

LOADER = yaml.CSafeLoader
TAG = 'tag:yaml.org,2002:'


def yaml_document(text):
    """What a text is, or that it is none, or what in it this project does not take; and where its scalars stand."""
    try:
        value = hat_json.decode(text, hat_json.Format.YAML)
        node = yaml.compose(text, Loader=LOADER)
    except (yaml.YAMLError, ValueError) as e:
        return {'error': repr(e)}
    found = _difference(value) or ('yaml-repeated-key' if node and _has_repeated_key(node) else None)
    if found:
        return {'difference': found}
    return {'value': _json(value), 'places': _places(node, text) if node and '<<' not in text else []}


def _difference(value):
    if value is None or isinstance(value, (bool, str)):
        return None
    if isinstance(value, int):
        return 'yaml-large-integers' if abs(value) >= 1 << 127 else None
    if isinstance(value, float):
        return None if math.isfinite(value) else 'yaml-not-json'
    if isinstance(value, list):
        return next(filter(None, map(_difference, value)), None)
    if isinstance(value, dict) and all(isinstance(key, str) for key in value):
        return next(filter(None, map(_difference, value.values())), None)
    return 'yaml-not-json'


def _has_repeated_key(node):
    if isinstance(node, yaml.SequenceNode):
        return any(map(_has_repeated_key, node.value))
    if not isinstance(node, yaml.MappingNode):
        return False
    keys = [key.value for key, _ in node.value if key.tag != TAG + 'merge']
    return len(set(keys)) < len(keys) or any(_has_repeated_key(value) for _, value in node.value)


def _json(value):
    if isinstance(value, list):
        return [_json(i) for i in value]
    if isinstance(value, dict):
        return {key: _json(i) for key, i in value.items()}
    if isinstance(value, int) and not -(1 << 63) <= value < 1 << 64:
        return float(value)
    return value


def _places(node, text):
    """Pointers of scalars, and line and column from 1.

    Not within what aliases repeat, and not where a scalar begins for PyYAML with its tag, its anchor or the sign of a block,
    and for this project with its text.
    """
    places, seen = [], set()

    def walk(node, pointer):
        if id(node) in seen:
            return
        seen.add(id(node))
        if isinstance(node, yaml.ScalarNode):
            mark = node.start_mark
            if text[mark.index:mark.index + 1] not in ('!', '&', '|', '>'):
                places.append([pointer, mark.line + 1, mark.column + 1])
        elif isinstance(node, yaml.SequenceNode):
            for i, item in enumerate(node.value):
                walk(item, f'{pointer}/{i}')
        else:
            for key, value in node.value:
                walk(value, f'{pointer}/{key.value.replace("~", "~0").replace("/", "~1")}')

    walk(node, '')
    return places


ABOUT = {'yaml_document': yaml_document}
