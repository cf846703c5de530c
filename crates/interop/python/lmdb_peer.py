"""The LMDB backend of the reference, for the tests of the crate `interop`.

A question is a line of JSON, `{"about": NAME, "cases": [...]}`: what the method of that name of `Peer` does with each case,
one after the other. The answer is a line with a list of as many results; one that failed is `{"error": NAME, "text": TEXT}`.
Events, parameters and results of queries travel as SBS bytes in hexadecimal digits. Nothing happens unasked: the backend
neither flushes nor cleans up by itself, whatever its configuration says.
"""

import asyncio
import json
import logging
import pathlib
import sys

import lmdb

from hat import aio
from hat.event import common
from hat.event.backends.lmdb import backend as lmdb_backend
from hat.event.backends.lmdb import common as lmdb_common

from lmdb_dump import dump


def encode(name, value):
    return bytes(common.sbs_repo.encode(f'HatEventer.{name}', value)).hex()


def decode(name, digits):
    return common.sbs_repo.decode(f'HatEventer.{name}', bytes.fromhex(digits))


async def never(self, period):
    await asyncio.get_running_loop().create_future()


OWN = 'the one that the reference takes'


class Peer:

    def __init__(self):
        self.backend = None

    async def open(self, conf):
        self.backend = await lmdb_backend.create({**conf, 'flush_period': 1e6}, None, None)

    async def close(self):
        """Flushes too."""
        await self.backend.async_close()
        self.backend = None

    async def register(self, events):
        await self.backend.register([common.event_from_sbs(i) for i in decode('MsgEventsNotify', events)])

    async def register_source_us(self, us):
        """Registers an event whose source timestamp has so many microseconds."""
        timestamp = common.Timestamp(1, 0)
        await self.backend.register([common.Event(common.EventId(1, 1, 1), ('a', ), timestamp, timestamp._replace(us=us), None)])

    async def flush(self):
        await self.backend.flush()

    async def last_event_id(self, server):
        return list(await self.backend.get_last_event_id(server))

    async def query(self, params, partition=OWN):
        """The result, and the place of the partition that the reference took.

        If another place is given, the result is that of the partition there: two servers can be compared although one of
        them looks into another partition.
        """
        params = common.query_params_from_sbs(decode('QueryParams', params))
        taken = None
        if isinstance(params, common.QueryTimeseriesParams):
            taken = self._answering(params)
        if partition in (OWN, taken):
            result = await self.backend.query(params)
        else:
            result = await self._query_partition(params, partition)
        return {'result': encode('MsgQueryRes', common.query_result_to_sbs(result)), 'partition': taken}

    def _answering(self, params):
        asked = None if params.event_types is None else common.create_subscription(params.event_types)
        for place, partition in enumerate(self.backend._dbs.timeseries._partitions.values()):
            if partition.order_by == params.order_by and not (asked and asked.isdisjoint(partition.subscription)):
                return place

    async def _query_partition(self, params, place):
        if place is None:
            return common.QueryResult([], False)
        db = self.backend._dbs.timeseries
        asked = None if params.event_types is None else common.create_subscription(params.event_types)
        max_results = db._max_results if params.max_results is None else min(params.max_results, db._max_results)
        return await db._query_partition(list(db._partitions)[place], params, asked, max_results)

    async def clean_up(self, now):
        """Removes all that limits do not allow at that time; returns how many transactions that took."""
        env, count = self.backend._env, 1
        while await env.execute(lmdb_backend._ext_cleanup, env, self.backend._dbs, common.Timestamp(*now)):
            count += 1
        return count

    async def dump(self, path):
        return dump(pathlib.Path(path))

    async def write_unlocked(self, path):
        """Changes something as a process does that keeps to no locks."""
        with lmdb.Environment(path, subdir=False, max_dbs=9, map_size=lmdb_common.default_max_size, lock=False) as env:
            db = lmdb_common.ext_open_db(env, lmdb_common.DbType.SYSTEM_LAST_EVENT_ID, False)
            with env.begin(write=True) as txn:
                txn.put((666).to_bytes(8, 'big'), bytes(24), db=db)

    async def copy(self, source, destination):
        """Copies a closed database, without its unused pages."""
        with lmdb_common.ext_create_env(pathlib.Path(source), readonly=True) as env:
            env.copy(str(destination), compact=True)


async def answer(peer, about, case):
    try:
        return await getattr(peer, about)(**case)
    except Exception as e:
        return {'error': type(e).__name__, 'text': str(e)}


async def main():
    peer, loop = Peer(), asyncio.get_running_loop()
    while line := await loop.run_in_executor(None, sys.stdin.buffer.readline):
        question = json.loads(line)
        answers = [await answer(peer, question['about'], case) for case in question['cases']]
        print(json.dumps(answers), flush=True)
    if peer.backend:
        await peer.backend.async_close()


if __name__ == '__main__':
    # Events that are refused on purpose are warned of.
    logging.disable()
    lmdb_backend.LmdbBackend._cleanup_loop = never
    aio.init_asyncio()
    asyncio.run(main())
