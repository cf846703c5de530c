"""Answers questions about the reference, for the tests of the crate `interop`.

A question is a line of JSON, `{"about": NAME, "cases": [...]}`, and the answer a line with a list of as many answers: what
the function of that name in `ABOUT` returns. Cases run in a child process, as the reference may die of them: then the answer
is `{"crash": SIGNAL}`.
"""

import json
import os
import resource
import signal
import sys

import oracle_chatter
import oracle_documents
import oracle_logging
import oracle_matching
import oracle_sbs
import oracle_syslog
import oracle_values

ABOUT = {**oracle_chatter.ABOUT, **oracle_documents.ABOUT, **oracle_logging.ABOUT, **oracle_matching.ABOUT,
         **oracle_sbs.ABOUT, **oracle_syslog.ABOUT, **oracle_values.ABOUT}

SECONDS_PER_CASE = 60
MEMORY = 768 << 20


def main():
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    for line in sys.stdin.buffer:
        question = json.loads(line)
        fn, cases = ABOUT[question['about']], question['cases']
        answers = []
        while len(answers) < len(cases):
            answers += survive(fn, cases[len(answers):])
        print(json.dumps(answers), flush=True)


def survive(fn, cases):
    """Answers to cases up to the first that ends the process, and that with its signal."""
    read, write = os.pipe()
    child = os.fork()
    if not child:
        os.close(read)
        os._exit(work(fn, cases, write))
    os.close(write)
    with open(read, 'rb') as stream:
        lines = stream.read().split(b'\n')
    _, status = os.waitpid(child, 0)
    answers = [json.loads(line) for line in lines[:-1]]
    if len(answers) < len(cases):
        if not os.WIFSIGNALED(status):
            sys.exit(1)
        answers.append({'crash': os.WTERMSIG(status)})
    return answers


def work(fn, cases, write):
    try:
        with open(write, 'wb', buffering=0) as stream:
            for case in cases:
                signal.alarm(SECONDS_PER_CASE)
                stream.write(json.dumps(fn(**case)).encode() + b'\n')
        return 0
    except Exception as e:
        print(f'{fn.__name__}: {e!r} at {case}', file=sys.stderr)
        return 1


if __name__ == '__main__':
    main()
