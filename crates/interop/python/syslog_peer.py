"""A syslog server of hat-syslog for each way to reach it, for the tests of the crate `interop`.

It is asked as `oracle.py`: `listen`, with the PEM file of a certificate and its key, tells the ports for UDP, TCP and TLS, and
`received` what the next messages are, as soon as there are so many.
"""

import asyncio
import json
import sys
import threading

from hat.syslog import encoder
from hat.syslog.server import syslog


class Peer:

    def __init__(self):
        self.messages = asyncio.Queue()
        self.servers = []

    async def listen(self, pem):
        for scheme in ['udp', 'tcp', 'tls']:
            self.servers.append(await syslog.create_syslog_server(f'{scheme}://127.0.0.1:0', self.messages.put, pem))
        udp, tcp, tls = self.servers
        return [udp._transport.get_extra_info('sockname')[1], *(i._srv.sockets[0].getsockname()[1] for i in [tcp, tls])]

    async def received(self, count):
        return [encoder.msg_to_json(await asyncio.wait_for(self.messages.get(), 30)) for _ in range(count)]


def main():
    loop = asyncio.new_event_loop()
    threading.Thread(target=loop.run_forever, daemon=True).start()
    peer = Peer()
    for line in sys.stdin.buffer:
        question = json.loads(line)
        fn = getattr(peer, question['about'])
        answers = [asyncio.run_coroutine_threadsafe(fn(**case), loop).result() for case in question['cases']]
        print(json.dumps(answers), flush=True)


if __name__ == '__main__':
    main()
