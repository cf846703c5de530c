"""An adminer server or client of the reference, for the tests of the crate `interop`.

As `server`, or as `bare` without callbacks, it says the port on which it listens, and ends with its standard input. As
`client PORT` it answers each line of JSON with one. A line is a list of what is done at once, each `{"do": "get"}` or
`{"do": "set", "conf": CONF}`; the answer is a list of as many `{"result": RESULT}` or `{"error": NAME, "text": TEXT}`.
"""

import asyncio
import json
import logging
import sys

from hat import aio
from hat.drivers import net
from hat.event import adminer


# So short that the other side is asked during a test whether it is there.
PING_DELAY = 0.05


def say(line):
    print(json.dumps(line), flush=True)


async def lines():
    loop = asyncio.get_running_loop()
    while line := await loop.run_in_executor(None, sys.stdin.readline):
        yield json.loads(line)


class Conf:
    """What a server has."""

    def __init__(self):
        self.conf = None

    async def get(self):
        if self.conf is None:
            raise Exception('ništa postavljeno')
        return self.conf

    def set(self, conf):
        if conf['version'] != 1:
            raise ValueError(f'Unsupported version: {conf["version"]}')
        self.conf = conf


async def serve(callbacks):
    address = net.TcpAddress('127.0.0.1', 0)
    server = await adminer.listen(address, ping_delay=PING_DELAY, **callbacks)
    say(server._srv.info.addresses[0].port)
    async for _ in lines():
        pass
    await server.async_close()


async def do(client, request):
    try:
        if request['do'] == 'get':
            return {'result': await client.get_log_conf()}
        return {'result': await client.set_log_conf(request['conf'])}
    except Exception as e:
        return {'error': type(e).__name__, 'text': str(e)}


async def ask(port):
    address = net.TcpAddress('127.0.0.1', port)
    client = await adminer.connect(address, ping_delay=PING_DELAY)
    async for requests in lines():
        say(await asyncio.gather(*(do(client, request) for request in requests)))
    await client.async_close()


if __name__ == '__main__':
    # Tests cause errors on purpose, and see those that they do not.
    logging.disable()
    aio.init_asyncio()
    if sys.argv[1] == 'client':
        asyncio.run(ask(int(sys.argv[2])))
    else:
        conf = Conf()
        callbacks = {'get_log_conf_cb': conf.get, 'set_log_conf_cb': conf.set}
        asyncio.run(serve(callbacks if sys.argv[1] == 'server' else {}))
