"""Questions about the framing of messages."""

import types

from hat.drivers import chatter


def frame(frame, type, data, **fields):
    """What a connection writes, and whether it reads the same from a frame."""
    msg = {**fields, 'data': {'type': type, 'data': bytes.fromhex(data)}}
    written, left = [], bytearray(bytes.fromhex(frame))

    async def write(data):
        written.append(bytes(data))

    async def readexactly(size):
        taken, left[:size] = bytes(left[:size]), b''
        return taken

    connection = types.SimpleNamespace(_conn=types.SimpleNamespace(write=write, readexactly=readexactly))
    _run(chatter.Connection._write(connection, msg))
    read = _run(chatter.Connection._read(connection))
    read['data']['data'] = bytes(read['data']['data'])
    return {'frame': b''.join(written).hex(), 'read': read == msg and not left}


def _run(coroutine):
    """Runs what never waits."""
    try:
        coroutine.send(None)
    except StopIteration as e:
        return e.value


ABOUT = {'chatter': frame}
