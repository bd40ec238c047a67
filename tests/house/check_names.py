"""Fails on two types of one name in one namespace: linked together, one of
them silently takes the other's place (the one definition rule).

    check_names.py ROOT

What stands in an unnamed namespace is a file's own and free.
"""

import pathlib
import re
import sys

from cpp_text import sources, without_comments_and_text

FOLDERS = ['include', 'src', 'cli', 'capi']

TYPE = re.compile(r'^(?:struct|class|enum class|union)\s+'
                  r'(?:\[\[\w+\]\]\s*)?(\w+)(?!\s*(?:<.*>)?::)\b(?!.*;\s*$)')
NAMESPACE = re.compile(r'^(?:inline )?namespace\s*([\w:]*)\s*\{')


def types(text):
    """(namespace, name, line) of the types that a file defines, those inside
    other types aside; code stands at the left margin in namespaces, whose
    ends carry a comment."""
    inside = []
    code = without_comments_and_text(text).split('\n')
    for number, (line, raw) in enumerate(zip(code, text.split('\n')), 1):
        opened = NAMESPACE.match(line)
        if opened:
            # Closed on the same line: a declaration in passing.
            if line.count('{') > line.count('}'):
                inside.append(opened[1])
            continue
        if raw.startswith('}  // namespace') and inside:
            inside.pop()
            continue
        found = TYPE.match(line)
        if found and '' not in inside:
            yield '::'.join(inside), found[1], number


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
