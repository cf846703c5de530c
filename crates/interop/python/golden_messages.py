"""Golden vectors of messages and of the values in them."""

from hat import sbs
from hat.event import common

from notation import to_notation

Timestamp, EventId, Event = common.Timestamp, common.EventId, common.Event
Binary, Json = common.EventPayloadBinary, common.EventPayloadJson
MIN, MAX = common.min_timestamp, common.max_timestamp
BIGGEST = (1 << 63) - 1

TIMESTAMPS = [Timestamp(0, 0), Timestamp(1_795_420_410, 147_728), Timestamp(-1, 999_999), Timestamp(63, 64), MIN, MAX]
EVENT_IDS = [EventId(0, 0, 0), EventId(12, 1, 1), EventId(63, 64, 8191), EventId(BIGGEST, BIGGEST, BIGGEST)]
EVENT_TYPES = [(), ('',), ('a',), ('house', 'kitchen', 'temperature'), ('?', '*', '/', 'a/b', '\0'), ('é', '€', '😀'),
               ('x' * 64, 'y' * 100), ('s',) * 70]
PAYLOADS = [Binary('', b''), Binary('raw', bytes(range(256))), Binary('é', b'\x80\xff'), Json(None), Json('STARTED'),
            Json({'value': 21.5, 'unit': '°C', 'ok': [True, None]}), Json([1e16, -0.0, 1e-7, BIGGEST, -(1 << 63)]),
            Json('\ud800 "quoted" \x7f\u2028😀'), Json({}), Json(10 ** 30)]
EVENTS = [Event(EVENT_IDS[i % 4], EVENT_TYPES[i % 8], TIMESTAMPS[i % 6], [None, *TIMESTAMPS][i % 7], [None, *PAYLOADS][i])
          for i in range(11)]
REGISTER_EVENTS = [common.RegisterEvent(e.type, e.source_timestamp, e.payload) for e in EVENTS]
QUERIES = [
    common.QueryLatestParams(),
    common.QueryLatestParams([]),
    common.QueryLatestParams([(), ('*',), ('a', '?', '*')]),
    common.QueryTimeseriesParams(),
    common.QueryTimeseriesParams(event_types=[('house', '*')], t_from=MIN, t_to=MAX, source_t_from=Timestamp(-1, 1),
                                 source_t_to=Timestamp(1, 0), order=common.Order.ASCENDING,
                                 order_by=common.OrderBy.SOURCE_TIMESTAMP, max_results=BIGGEST, last_event_id=EVENT_IDS[2]),
    common.QueryTimeseriesParams(max_results=0, order_by=common.OrderBy.SOURCE_TIMESTAMP),
    common.QueryServerParams(0),
    common.QueryServerParams(BIGGEST, True, 1000, EVENT_IDS[1])]
RESULTS = [common.QueryResult([], False), common.QueryResult(EVENTS, True)]


def values():
    """Values as the JSON that people read (`object`), as SBS data (`sbs`) and as bytes (`hex`)."""
    yield from _values('Timestamp', TIMESTAMPS, common.timestamp_to_sbs, common.timestamp_from_sbs)
    yield from _values('Status', common.Status, common.status_to_sbs, common.status_from_sbs)
    yield from _values('EventPayload', PAYLOADS, common.event_payload_to_sbs, common.event_payload_from_sbs)
    yield from _values('Event', EVENTS, common.event_to_sbs, common.event_from_sbs)
    yield from _values('RegisterEvent', REGISTER_EVENTS, common.register_event_to_sbs, common.register_event_from_sbs)
    yield from _values('QueryParams', QUERIES, common.query_params_to_sbs, common.query_params_from_sbs)
    yield from _values('QueryResult', RESULTS, common.query_result_to_sbs, common.query_result_from_sbs)


def _values(type_, items, to_sbs, from_sbs):
    for i, value in enumerate(items):
        data = to_sbs(value)
        encoded = encode(f'HatEventer.{type_}', data)
        assert from_sbs(common.sbs_repo.decode(f'HatEventer.{type_}', encoded)) == value
        yield {'name': f'{type_} {i}', 'type': f'HatEventer.{type_}', 'object': to_object(value),
               'sbs': to_notation(data), 'hex': encoded.hex()}


def to_object(value):
    """The JSON form of a value, as the tools of Hat print it."""
    if isinstance(value, Binary):
        return {'data_type': 'binary', 'binary_type': value.type, 'data': value.data.hex()}
    if isinstance(value, Json):
        return {'data_type': 'json', 'data': value.data}
    if isinstance(value, (common.Status, common.Order, common.OrderBy)):
        return value.value
    for kind in ('Latest', 'Timeseries', 'Server'):
        if isinstance(value, getattr(common, f'Query{kind}Params')):
            return {'query_type': kind.lower(), **_fields(value)}
    if hasattr(value, '_asdict'):
        return _fields(value)
    if isinstance(value, (tuple, list)):
        return [to_object(i) for i in value]
    return value


def _fields(value):
    return {name: to_object(field) for name, field in value._asdict().items()}


def messages():
    """Every message type of the two modules, and the other types that they define."""
    none, text = ('none', None), ('value', 'secret')
    events = [common.event_to_sbs(e) for e in EVENTS]
    register_events = [common.register_event_to_sbs(e) for e in REGISTER_EVENTS]
    statuses = [common.status_to_sbs(i) for i in common.Status]
    queries = [common.query_params_to_sbs(i) for i in QUERIES]
    results = [common.query_result_to_sbs(i) for i in RESULTS]
    conf = '{"version": 1}'
    cases = {
        'HatEventer.MsgInitReq': [
            {'clientName': name, 'clientToken': token, 'subscriptions': subscriptions, 'serverId': server_id,
             'persisted': persisted}
            for name, token, subscriptions, server_id, persisted in (
                ('', none, [], none, False), ('screen', text, [['house', '*'], ['?', 'light']], ('value', 12), True),
                ('é€😀', ('value', ''), [[]], ('value', BIGGEST), False), ('x' * 64, none, [['*']], ('value', 0), True))],
        'HatEventer.MsgInitRes': [*(('success', i) for i in statuses), ('error', ''), ('error', 'invalid client token')],
        'HatEventer.MsgStatusNotify': statuses,
        'HatEventer.MsgEventsNotify': [[], events, *([i] for i in events)],
        'HatEventer.MsgEventsAck': [None],
        'HatEventer.MsgRegisterReq': [[], register_events, *([i] for i in register_events)],
        'HatEventer.MsgRegisterRes': [('failure', None), ('events', []), ('events', events)],
        'HatEventer.MsgQueryReq': queries,
        'HatEventer.MsgQueryRes': results,
        'HatEventAdminer.MsgGetLogConfReq': [None],
        'HatEventAdminer.MsgGetLogConfRes': [('success', conf), ('success', ''), ('error', 'no'), ('error', '')],
        'HatEventAdminer.MsgSetLogConfReq': ['', conf],
        'HatEventAdminer.MsgSetLogConfRes': [('success', None), ('error', ''), ('error', 'invalid "conf"')],
        'HatEventer.EventId': [i._asdict() for i in EVENT_IDS],
        'HatEventer.EventType': [list(i) for i in EVENT_TYPES],
        'HatEventer.Order': [(i.value, None) for i in common.Order],
        'HatEventer.OrderBy': [(i.value, None) for i in common.OrderBy],
        'HatEventer.EventPayloadBinary': [common.event_payload_to_sbs(i)[1] for i in PAYLOADS if isinstance(i, Binary)],
        'HatEventer.EventPayloadJson': [common.event_payload_to_sbs(i)[1] for i in PAYLOADS if isinstance(i, Json)],
        'HatEventer.QueryLatestParams': [i[1] for i in queries if i[0] == 'latest'],
        'HatEventer.QueryTimeseriesParams': [i[1] for i in queries if i[0] == 'timeseries'],
        'HatEventer.QueryServerParams': [i[1] for i in queries if i[0] == 'server'],
    }
    names = {f'{ref.module}.{ref.name}' for ref in common.sbs_repo._refs if ref.module}
    covered = {*cases, *(f'HatEventer.{i}' for i in ('Timestamp', 'Status', 'EventPayload', 'Event', 'RegisterEvent',
                                                     'QueryParams', 'QueryResult'))}
    assert covered == names, covered ^ names

    for type_, items in cases.items():
        for i, value in enumerate(items):
            yield {'name': f'{type_} {i}', 'type': type_, 'value': to_notation(value), 'hex': encode(type_, value).hex()}


def encode(type_, value):
    """The bytes, on which both serializers agree, also when they decode."""
    serializers = (sbs.CSerializer, sbs.PySerializer)
    data, = {bytes(common.sbs_repo.encode(type_, value, serializer=i)) for i in serializers}
    for serializer in serializers:
        decoded = common.sbs_repo.decode(type_, data, serializer=serializer)
        assert to_notation(decoded) == to_notation(value)
    return data
