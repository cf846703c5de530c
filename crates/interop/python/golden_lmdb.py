"""Databases of the LMDB backend, with what stands in them and what the reference answers.

`NAME.mdb` is the database. The lines of `NAME.jsonl` have the configuration, the tables, and queries with their results, as
SBS bytes in hexadecimal digits; the latest events, which the reference has in any order, are sorted by id.
"""

import asyncio
import itertools
import json
import logging
import random
import pathlib
import tempfile

from hat import aio
from hat.event import common
from hat.event.backends.lmdb import backend as lmdb_backend

from lmdb_dump import dump
from lmdb_peer import Peer, encode, never

HOUR = 3600
NOW = 1_700_000_000


def conf(**changes):
    return {'module': 'hat.event.backends.lmdb', 'identifier': None, 'flush_period': 1e6, 'cleanup_period': 1e6,
            'conditions': [], 'latest': {'subscriptions': [['*']]},
            'timeseries': [partition('TIMESTAMP', ['*']), partition('SOURCE_TIMESTAMP', ['*'])], **changes}


def partition(order_by, *query_types, **limit):
    return {'order_by': order_by, 'subscriptions': list(query_types), **({'limit': limit} if limit else {})}


def json_condition(**condition):
    return {'type': 'json', **condition}


CONDITIONS = [{'subscriptions': [['a', '*']],
               'condition': {'type': 'any', 'conditions': [json_condition(data_type='number'),
                                                           json_condition(data_path=['x', 0], data_value=True)]}},
              {'subscriptions': [['?']], 'condition': {'type': 'all', 'conditions': [json_condition(data_type='object')]}}]
PARTITIONS = [partition('SOURCE_TIMESTAMP', ['a', '*']), partition('TIMESTAMP', ['b', '*'], ['a']),
              partition('TIMESTAMP', ['*']), partition('SOURCE_TIMESTAMP', ['*'])]
LIMITS = [partition('TIMESTAMP', ['*'], max_entries=40, min_entries=20), partition('SOURCE_TIMESTAMP', ['*'], duration=20 * HOUR)]

# A database is written with one configuration after the other, and opened with the last.
DATABASES = {'whole': [conf()],
             'conditions': [conf(conditions=CONDITIONS)],
             'partitions': [conf(identifier='golden', timeseries=PARTITIONS, latest={'subscriptions': [['a', '*']]})],
             'limits': [conf(timeseries=LIMITS, timeseries_max_results=30)],
             'reopened': [conf(timeseries=[partition('TIMESTAMP', ['a', '*'])]), conf(timeseries=PARTITIONS),
                          conf(latest={'subscriptions': [['b', '*']]})]}


def write(folder):
    logging.disable()
    lmdb_backend.LmdbBackend._cleanup_loop = never
    aio.init_asyncio()
    folder.mkdir(parents=True, exist_ok=True)
    for name, confs in DATABASES.items():
        lines = asyncio.run(_write(folder / f'{name}.mdb', name, confs))
        (folder / f'{name}.jsonl').write_text(''.join(f'{json.dumps(line)}\n' for line in lines), 'utf-8')


async def _write(path, name, confs):
    with tempfile.TemporaryDirectory() as folder:
        used = str(pathlib.Path(folder) / 'event.db')
        peer, source, events = Peer(), random.Random(name), []
        sessions = {server: itertools.count(1) for server in (1, 2, 7)}
        for number, one in enumerate(confs):
            await peer.open({**one, 'db_path': used})
            for batch in range(20 // len(confs)):
                s = NOW + (batch + 20 * number) * HOUR
                events += await peer.backend.register(list(_session(source, sessions, s)))
                if batch % 7 == 6:
                    await peer.flush()
            await peer.flush()
            await peer.clean_up([NOW + 30 * HOUR, 0])
            lines = [{'name': 'conf', 'conf': one}]
            lines += [{'name': f'query {i}', **await _query(peer, params)}
                      for i, params in enumerate(_queries(source, events))]
            await peer.close()
        await peer.copy(used, path)
    lines += [{'name': name, 'entries': entries} for name, entries in dump(path)]
    path.with_name(f'{path.name}-lock').unlink()
    return lines


def _session(source, sessions, s):
    """Events that are registered at once."""
    server = source.choice(list(sessions))
    session = next(sessions[server])
    for instance in range(1, source.randint(2, 8)):
        event_type = tuple(source.choice('abč') for _ in range(source.randint(0, 3)))
        source_timestamp = common.Timestamp(s + source.randint(-9, 9), source.choice((0, 1, 999_999)))
        yield common.Event(id=common.EventId(server, session, instance), type=event_type, timestamp=common.Timestamp(s, 0),
                           source_timestamp=source.choice((None, source_timestamp)), payload=_payload(source))


def _payload(source):
    return source.choice((None, common.EventPayloadBinary('t', bytes(source.randrange(256) for _ in range(5))),
                          common.EventPayloadJson(source.choice((1, -0.5, 'č', None, [], {'x': [1.0]}, {'x': [True, 2]})))))


def _queries(source, events):
    """Queries about which there is no difference: see the page on the differences for those."""
    query_types = (None, [('*',)], [('a', '*')], [('?',)], [('b',), ('b', '?')], [('č', 'č', 'č')], [])
    for event_types in query_types:
        yield common.QueryLatestParams(event_types)
    for order, order_by in itertools.product(common.Order, common.OrderBy):
        for event_types in query_types[:5]:
            some, other = source.sample(events, 2)
            bounds = dict(t_from=some.timestamp) if source.random() < 0.5 else dict(source_t_to=other.timestamp)
            yield common.QueryTimeseriesParams(event_types=event_types, order=order, order_by=order_by, max_results=10)
            yield common.QueryTimeseriesParams(event_types=event_types, order=order, order_by=order_by, **bounds)
            yield common.QueryTimeseriesParams(event_types=event_types, order=order, order_by=order_by, max_results=5,
                                               last_event_id=other.id)
    for server in (1, 2, 3, 7):
        yield common.QueryServerParams(server)
        yield common.QueryServerParams(server, persisted=True, max_results=7,
                                       last_event_id=common.EventId(server, 3, 2))


async def _query(peer, params):
    digits = encode('QueryParams', common.query_params_to_sbs(params))
    result = await peer.backend.query(params)
    if isinstance(params, common.QueryLatestParams):
        result = result._replace(events=sorted(result.events, key=lambda event: event.id))
    return {'params': digits, 'result': encode('MsgQueryRes', common.query_result_to_sbs(result))}
