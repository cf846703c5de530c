"""Golden vectors of JSON text."""

from hat import json as hat_json

from notation import to_notation


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
