"""How SBS values are written as JSON: the notation of recorded traffic.

None, Boolean, String, Array and Record are what they are in JSON. Bytes are `{"$hex": TEXT}`, a Choice is
`{"$choice": [NAME, VALUE]}`, an Integer outside of 64 bits is `{"$bigint": TEXT}`, and a Float is `{"$float": TEXT}`
with the text of Python's `repr`, which every parser of doubles reads back exactly.
"""


def to_notation(value):
    if value is None or isinstance(value, (bool, str)):
        return value
    if isinstance(value, int):
        return value if -(1 << 63) <= value < 1 << 63 else {'$bigint': str(value)}
    if isinstance(value, float):
        return {'$float': repr(value)}
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
