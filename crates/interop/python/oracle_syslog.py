"""Questions about what the handler of hat-syslog sends."""

import logging
import socket
import sys


def syslog_frames(program, records, queue_size):
    """What a server receives by TCP; with a size of the queue, one that listens only after all was told."""
    # Only the environment of the newest version has it.
    from hat.syslog import handler

    sys.argv[0] = program
    late = queue_size is not None
    with socket.socket() as listener:
        listener.bind(('127.0.0.1', 0))
        if not late:
            listener.listen()
        size = queue_size if late else len(records)
        port = listener.getsockname()[1]
        sender = handler.SyslogHandler('127.0.0.1', port, 'TCP', queue_size=size, reconnect_delay=0.01)
        for record in records:
            sender.handle(_made(record))
        if late:
            listener.listen()
        kept = min(size, len(records))
        listener.settimeout(30)
        connection, _ = listener.accept()
        connection.settimeout(30)
        with connection, connection.makefile('rb') as stream:
            frames = [_frame(stream) for _ in range(kept + (kept < len(records)))]
        sender.close()
    return frames


def _frame(stream):
    digits = b''
    while not digits.endswith(b' '):
        digits += stream.read(1) or b'nothing '
    return (digits + stream.read(int(digits))).decode()


def _made(record):
    made = logging.LogRecord(record['name'], record['levelno'], '-', record['lineno'], record['message'], (), None, func='-')
    made.created = float(record['created'])
    made.thread, made.process = record['thread'], record['process']
    return made


ABOUT = {'syslog_frames': syslog_frames}
