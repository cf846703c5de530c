"""Questions about the files that `logging` writes by a configuration."""

import logging
import logging.config
import os
import sys
import tempfile

logging.addLevelName(5, 'TRACE')
logging.raiseExceptions = True


def log_files(conf, records, loggers):
    """Files by their names, after the records were told. In the configuration, `@` stands for the folder of the files."""
    logging.root.manager.loggerDict.clear()
    logging.root.handlers.clear()
    logging.root.setLevel(logging.WARNING)
    for name in loggers:
        logging.getLogger(name)
    stderr, sys.stderr = sys.stderr, None
    try:
        with tempfile.TemporaryDirectory() as folder:
            logging.config.dictConfig(_placed(conf, folder))
            for record in records:
                logger = logging.getLogger(record['name'])
                if logger.isEnabledFor(record['levelno']):
                    logger.handle(_made(record))
            logging.shutdown()
            return {'files': {name: _text(os.path.join(folder, name)) for name in os.listdir(folder)}}
    except ValueError as e:
        return {'error': f'{e}: {e.__cause__}'}
    finally:
        sys.stderr = stderr


def _made(record):
    made = logging.LogRecord(record['name'], record['levelno'], record['pathname'], record['lineno'], record['message'], (), None)
    made.created = float(record['created'])
    made.msecs = int((made.created - int(made.created)) * 1000) + 0.0
    made.thread, made.threadName = record['thread'], record['threadName']
    made.process = record['process']
    return made


def _text(path):
    with open(path, encoding='utf-8', newline='') as file:
        return file.read()


def _placed(conf, folder):
    if isinstance(conf, dict):
        return {key: _placed(value, folder) for key, value in conf.items()}
    if isinstance(conf, list):
        return [_placed(value, folder) for value in conf]
    return conf.replace('@', folder) if isinstance(conf, str) and conf.startswith('@/') else conf


ABOUT = {'log_files': log_files}
