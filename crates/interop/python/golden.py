"""Writes the golden vectors: what the reference answers to chosen input.

Usage: golden.py FOLDER

Files are JSON lines, under FOLDER as they lie under `crates/`. A line has a name, input, and the reference's answer.
Where this project differs, the answer is ours, and `differences` has the reference's under the name that the difference
has in `docs/src/python-parity.md`. Those of `backends` are databases, of which `golden_lmdb.py` tells more.
"""

import json
import pathlib
import sys

import golden_json
import golden_lmdb
import golden_messages
import golden_sbs
import golden_subscription
import golden_timestamps

FILES = {
    'codec': [golden_messages.messages, golden_messages.values, golden_timestamps.timestamps, golden_timestamps.orders,
              golden_json.json_texts, golden_json.json_checks, golden_sbs.schemas, golden_sbs.decodings],
    'subscription': [golden_subscription.matches, golden_subscription.subscriptions, golden_subscription.operations,
                     golden_subscription.empty_intersections, golden_subscription.collections]}


def main():
    folder = pathlib.Path(sys.argv[1])
    for crate, files in FILES.items():
        path = folder / crate / 'tests/golden'
        path.mkdir(parents=True, exist_ok=True)
        for vectors in files:
            lines = [json.dumps(vector) for vector in vectors()]
            names = {json.loads(line)['name'] for line in lines}
            assert len(names) == len(lines), f'{vectors.__name__}: a name twice'
            (path / f'{vectors.__name__}.jsonl').write_text(''.join(f'{line}\n' for line in lines), 'utf-8')
    golden_lmdb.write(folder / 'backends/tests/golden')


if __name__ == '__main__':
    main()
