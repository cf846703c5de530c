"""An engine of the reference, with modules that answer events as those of `benches/answering.rs` do."""

import asyncio
import itertools
import time

from hat import aio

from hat.event import common
from hat.event.backends.dummy import DummyBackend
from hat.event.server.engine import create_engine

loop = asyncio.new_event_loop()


def load(confs, events):
    """The types of all events of a session, and what measures a session in seconds."""
    registered = []
    engine = loop.run_until_complete(create(confs, registered))
    register_events = [common.RegisterEvent(type=tuple(i), source_timestamp=None, payload=None) for i in events]
    source = common.Source(type=common.SourceType.EVENTER, id=1)

    def session():
        registered.clear()
        loop.run_until_complete(engine.register(source, register_events))

    def measure(seconds):
        begin = time.perf_counter()
        for runs in itertools.count(1):
            session()
            taken = time.perf_counter() - begin
            if taken >= seconds:
                return taken / runs

    session()
    return [list(event.type) for events in registered for event in events], measure


async def create(confs, registered):
    backend = DummyBackend(None, registered.append, None)
    return await create_engine(backend, None, confs, 1, None, None)


class Module(common.Module):

    def __init__(self, conf):
        self._async_group = aio.Group()
        self._subscription = common.create_subscription([tuple(conf['on'])])
        self._answer = tuple(conf['answer'])
        self._first = conf['first']
        self._last = conf['last']
        self._got = 0

    @property
    def async_group(self):
        return self._async_group

    @property
    def subscription(self):
        return self._subscription

    async def on_session_start(self, session_id):
        self._got = 0

    async def process(self, source, event):
        self._got += 1
        if self._first <= self._got <= self._last:
            return [common.RegisterEvent(type=self._answer, source_timestamp=None, payload=None)]


async def create_module(conf, engine, source):
    return Module(conf)


info = common.ModuleInfo(create=create_module)
