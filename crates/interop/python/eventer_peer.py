"""Clients and servers of the reference that a test tells what to do, for the tests of the crate `interop`.

A line of JSON on the standard input is `{"id": N, "do": NAME, ...}`: what the method of that name of `Peer` does with the
rest. Its answer is `{"id": N, "result": RESULT}` or `{"id": N, "error": NAME, "text": TEXT}`. What happens without
being asked for is reported by `{"report": NAME, ...}`. Requests run at the same time. Events, requests to register and
parameters of queries travel as SBS bytes in hexadecimal digits.
"""

import asyncio
import itertools
import json
import logging
import pathlib
import sys
import threading

from hat import aio
from hat.drivers import net
from hat.event import common
from hat.event import eventer
from hat.event.eventer.common import send_msg


def encode(name, value):
    return bytes(common.sbs_repo.encode(f'HatEventer.{name}', value)).hex()


def decode(name, digits):
    return common.sbs_repo.decode(f'HatEventer.{name}', bytes.fromhex(digits))


def events_to_hex(events):
    return encode('MsgEventsNotify', [common.event_to_sbs(i) for i in events])


def events_from_hex(digits):
    return [common.event_from_sbs(i) for i in decode('MsgEventsNotify', digits)]


def register_to_hex(events):
    return encode('MsgRegisterReq', [common.register_event_to_sbs(i) for i in events])


def register_from_hex(digits):
    return [common.register_event_from_sbs(i) for i in decode('MsgRegisterReq', digits)]


def result_to_hex(result):
    return encode('MsgQueryRes', common.query_result_to_sbs(result))


def address(text):
    if text.startswith('unix:'):
        return pathlib.Path(text.removeprefix('unix:'))
    host, port = text.rsplit(':', 1)
    return net.TcpAddress(host, int(port))


def say(line):
    sys.stdout.write(json.dumps(line) + '\n')
    sys.stdout.flush()


class Peer:

    def __init__(self):
        self.clients = {}
        self.permits = asyncio.Semaphore(0)
        self.server = None
        self.tasks = set()
        self.events = []
        self.sessions = itertools.count(1)

    # clients

    async def connect(self, client, server, name, token=None, subscriptions=(), hold=False, ask=False, **kwargs):
        async def on_events(conn, events):
            say({'report': 'events', 'client': client, 'events': events_to_hex(events)})
            if hold:
                await self.permits.acquire()
            if ask:
                query = conn.query(common.QueryLatestParams(event_types=[]))
                try:
                    await asyncio.wait_for(query, ask)
                    say({'report': 'asked', 'client': client, 'answered': True})
                except asyncio.TimeoutError:
                    say({'report': 'asked', 'client': client, 'answered': False})

        def on_status(conn, status):
            say({'report': 'status', 'client': client, 'status': status.name, 'same': conn.status == status})

        conn = await eventer.connect(address(server), name, client_token=token,
                                     subscriptions=[tuple(i) for i in subscriptions],
                                     status_cb=on_status, events_cb=on_events, **kwargs)
        self.clients[client] = conn

        async def closed():
            await conn.wait_closed()
            say({'report': 'closed', 'client': client})

        self.tasks.add(asyncio.create_task(closed()))
        return conn.status.name

    async def release(self):
        """Lets a callback that holds events go on."""
        self.permits.release()

    async def register(self, client, events, with_response=True):
        result = await self.clients[client].register(register_from_hex(events), with_response)
        return None if result is None else events_to_hex(result)

    async def register_text(self, client, text):
        """Sends text as JSON that the reference might refuse to encode."""
        event = common.register_event_to_sbs(common.RegisterEvent(('a',), None, common.EventPayloadJson(None)))
        event['payload'] = 'value', ('json', text)
        await send_msg(self.clients[client]._conn, 'HatEventer.MsgRegisterReq', [event])

    async def register_and_close(self, client, events, times):
        """Registers the same events so often, without a response, and then closes."""
        events = register_from_hex(events)
        for _ in range(times):
            await self.clients[client].register(events)
        await self.clients[client].async_close()

    async def query(self, client, params):
        params = common.query_params_from_sbs(decode('QueryParams', params))
        return result_to_hex(await self.clients[client].query(params))

    async def status(self, client):
        return self.clients[client].status.name

    async def close(self, client):
        await self.clients[client].async_close()

    # a server

    async def listen(self, server, status='STANDBY', **kwargs):
        """Returns where it listens, with the port that was chosen for 0."""
        self.server = await eventer.listen(address(server), status=common.Status[status],
                                           connected_cb=self.on_connected, disconnected_cb=self.on_disconnected,
                                           register_cb=self.on_register, query_cb=self.on_query, **kwargs)
        listening, = self.server._srv.info.addresses
        return f'unix:{listening}' if isinstance(listening, pathlib.Path) else f'{listening.host}:{listening.port}'

    def on_connected(self, info):
        if info.client_token == 'wrong':
            raise Exception('krivi žeton')
        say({'report': 'connected', 'name': info.client_name, 'token': info.client_token,
             'subscriptions': sorted(info.subscription.get_query_types()), 'server_id': info.server_id,
             'persisted': info.persisted})

    def on_disconnected(self, info):
        say({'report': 'disconnected', 'name': info.client_name})

    async def on_register(self, info, events):
        kind = events[0].type[:1] if events else ()
        if kind == ('slow', ):
            await self.permits.acquire()
        if kind == ('failure', ):
            return None
        if kind == ('error', ):
            raise Exception('not registered')
        session = next(self.sessions)
        timestamp = common.Timestamp(session, 123)
        events = [common.Event(id=common.EventId(7, session, instance), type=event.type, timestamp=timestamp,
                               source_timestamp=event.source_timestamp, payload=event.payload)
                  for instance, event in enumerate(events, 1)]
        self.events.extend(events)
        return events

    def on_query(self, info, params):
        """A page of all registered events, whatever is asked for."""
        say({'report': 'query', 'params': encode('QueryParams', common.query_params_to_sbs(params))})
        if isinstance(params, common.QueryLatestParams):
            return common.QueryResult(self.events[-1:], False)
        if isinstance(params, common.QueryServerParams) and params.server_id == 666:
            raise Exception('no such server')
        last = params.last_event_id
        events = [i for i in self.events if last is None or i.id > last]
        count = len(events) if params.max_results is None else params.max_results
        return common.QueryResult(events[:count], len(events) > count)

    async def set_status(self, status):
        await self.server.set_status(common.Status[status])

    async def notify(self, events, persisted=False, with_ack=False, times=1):
        events = events_from_hex(events)
        for _ in range(times):
            await self.server.notify_events(events, persisted, with_ack)

    async def infos(self):
        return [info.client_name for info in self.server.get_conn_infos()]

    async def registered(self):
        """How many events were registered."""
        return len(self.events)

    async def close_server(self):
        await self.server.async_close()


async def answer(peer, number, do, **kwargs):
    try:
        say({'id': number, 'result': await getattr(peer, do)(**kwargs)})
    except Exception as e:
        say({'id': number, 'error': type(e).__name__, 'text': str(e)})


async def main():
    peer, loop, tasks = Peer(), asyncio.get_running_loop(), set()
    ended = asyncio.Event()

    def start(line):
        request = json.loads(line)
        task = loop.create_task(answer(peer, request.pop('id'), request.pop('do'), **request))
        tasks.add(task)
        task.add_done_callback(tasks.discard)

    def read():
        for line in sys.stdin.buffer:
            loop.call_soon_threadsafe(start, line)
        loop.call_soon_threadsafe(ended.set)

    threading.Thread(target=read, daemon=True).start()
    await ended.wait()


if __name__ == '__main__':
    # Tests cause errors on purpose, and see those that they do not.
    logging.disable()
    aio.init_asyncio()
    asyncio.run(main())
