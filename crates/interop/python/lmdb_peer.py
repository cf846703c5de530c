"""Runs the reference's LMDB backend as the tests of the crate `interop` say.

A question is a line of JSON, `{"about": NAME, "cases": [...]}`, and the answer a line with a list of as many answers: what
the coroutine of that name in `ABOUT` returns. Events, parameters and results of queries are SBS values in hexadecimal.
"""

import asyncio
import json
import logging
import sys
from pathlib import Path

from hat.event import common
from hat.event.backends.lmdb import backend as lmdb_backend
from hat.event.backends.lmdb import common as lmdb_common

backend = None


async def open_(conf):
    global backend
    backend = await lmdb_backend.create(conf, None, None)
    await clean_up()


async def clean_up():
    """What its limits do not allow is gone after this."""
    while await backend._env.execute(lmdb_backend._ext_cleanup, backend._env, backend._dbs, common.now()):
        pass


async def register(events):
    data = common.sbs_repo.decode('HatEventer.MsgEventsNotify', bytes.fromhex(events))
    await backend.register([common.event_from_sbs(i) for i in data])


async def flush():
    await backend.flush()


async def query(params):
    params = common.query_params_from_sbs(common.sbs_repo.decode('HatEventer.MsgQueryReq', bytes.fromhex(params)))
    result = await backend.query(params)
    data = common.sbs_repo.encode('HatEventer.MsgQueryRes', common.query_result_to_sbs(result))
    return {'result': data.hex(), 'disjoint': disjoint(params)}


def disjoint(params):
    """Which partitions have nothing of what is asked for, as it says."""
    types = getattr(params, 'event_types', None)
    if not isinstance(params, common.QueryTimeseriesParams) or types is None:
        return []
    subscription = common.create_subscription(types)
    partitions = backend._dbs.timeseries._partitions.values()
    return [subscription.isdisjoint(i.subscription) for i in partitions]


async def last_event_id(server_id):
    return list(await backend.get_last_event_id(server_id))


async def close():
    await backend.async_close()


async def dump(path):
    """All databases of a file: of each the keys and values, references in alphabetical order, as Python's sets have none."""
    env = lmdb_common.ext_create_env(Path(path), readonly=True)
    try:
        result = {}
        for db_type in lmdb_common.DbType:
            db = lmdb_common.ext_open_db(env, db_type, create=False)
            with env.begin() as txn, txn.cursor(db) as cursor:
                result[db_type.name] = {bytes(key).hex(): value_text(db_type, bytes(value)) for key, value in cursor}
        return result
    finally:
        env.close()


def value_text(db_type, value):
    if db_type != lmdb_common.DbType.REF:
        return value.hex()
    return ' '.join(sorted(lmdb_common._encode_event_ref(i).hex() for i in lmdb_common._decode_event_refs(value)))


ABOUT = {'open': open_, 'clean_up': clean_up, 'register': register, 'flush': flush, 'query': query,
         'last_event_id': last_event_id, 'close': close, 'dump': dump}


async def main():
    # It warns of every event that it does not keep.
    logging.disable()
    loop = asyncio.get_running_loop()
    while line := await loop.run_in_executor(None, sys.stdin.readline):
        question = json.loads(line)
        answers = [await ABOUT[question['about']](**case) for case in question['cases']]
        print(json.dumps(answers), flush=True)


if __name__ == '__main__':
    asyncio.run(main())
