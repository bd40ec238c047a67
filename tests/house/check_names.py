"""Fails on two types of one name in one namespace: linked together, one of
them silently takes the other's place (the one definition rule).

    check_names.py ROOT

What stands in an unnamed namespace is a file's own and free.
"""

import pathlib
import sys

from cpp_names import Source
from cpp_text import sources

FOLDERS = ['include', 'src', 'cli', 'capi']


def types(text):
    """(namespace, name, line) of the types that a file defines, those inside
    other types aside."""
    source = Source(text)
    for namespace, name, place in source.types:
        if '' not in namespace:
            yield '::'.join(namespace), name, source.line(place)


def check(root):
    places = {}
    for path in sources(root, FOLDERS):
        for namespace, name, number in types(path.read_text('utf-8')):
            places.setdefault((namespace, name), []).append(
                f'{path.relative_to(root)}:{number}')
    return [f'{where[0]}: {namespace}::{name} is also in {", ".join(where[1:])}'
            for (namespace, name), where in sorted(places.items())
            if len(where) > 1]


if __name__ == '__main__':
    problems = check(pathlib.Path(sys.argv[1]).resolve())
    print('\n'.join(problems))
    sys.exit(bool(problems))
