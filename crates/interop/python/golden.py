"""Writes the golden vectors: what the reference answers to chosen input.

Usage: golden.py FOLDER

Files are JSON lines, under FOLDER as they lie under `crates/`. A line has a name, input, and the reference's answer.
Where this project differs, the answer is ours, and `differences` has the reference's under the name that the difference
has in `docs/src/python-parity.md`.
"""

import json
import pathlib
import sys

import golden_codec
import golden_subscription


def main():
    folder = pathlib.Path(sys.argv[1])
    for crate, files in (('codec', golden_codec.FILES),
                         ('subscription', golden_subscription.FILES)):
        path = folder / crate / 'tests/golden'
        path.mkdir(parents=True, exist_ok=True)
        for name, vectors in files.items():
            lines = [json.dumps(vector) for vector in vectors()]
            names = [json.loads(line).get('name') for line in lines]
            assert len(set(names)) == len(names), f'{name}: a name twice'
            text = ''.join(f'{line}\n' for line in lines)
            (path / f'{name}.jsonl').write_text(text, 'utf-8')


if __name__ == '__main__':
    main()
