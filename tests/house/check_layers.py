"""Fails on an #include of a module that does not stand below.

    check_layers.py ROOT

A file's module is its folder: include/cckpi/<module>/, src/<module>/, and the
top folders capi/ and cli/. Also checked: a public header includes no private
one, and each third-party library stays in the modules that may use it.
"""

import pathlib
import re
import sys

from cpp_text import includes, sources

# A module includes itself and the modules of the rows above its own.
LAYERS = [
    ['base'],
    ['event', 'calendar', 'stats'],
    ['timeline'],
    ['kpi'],
    ['scorecard', 'scaling'],
    ['engine'],
    ['io'],
    ['capi', 'cli'],
]
LEVEL = {module: level for level, row in enumerate(LAYERS) for module in row}

# Include path → the modules that may use it, never in a public header.
THIRD_PARTY = {
    r'nlohmann/': {'io', 'cli', 'capi'},
    r'simdjson': {'io'},
    r'zlib\.h': {'io'},
    r'CLI/': {'cli'},
}


def module_of(path: pathlib.PurePath):
    """The module of a file, given relative to the root; None outside."""
    parts = path.parts
    if parts[0] in ('capi', 'cli'):
        return parts[0]
    if parts[:2] == ('include', 'cckpi') and len(parts) > 3:
        return parts[2]
    if parts[0] == 'src' and len(parts) > 2:
        return parts[1]
    return None


def module_included(include: str):
    """(module, is public) of an include of ours; (None, False) of others."""
    parts = include.split('/')
    if parts[0] == 'cckpi' and len(parts) == 3:
        return parts[1], True
    if parts[0] == 'src' and len(parts) > 2:
        return parts[1], False
    if parts[0] in ('capi', 'cli') and len(parts) > 1:
        return parts[0], False
    return None, False


def check(root: pathlib.Path) -> list[str]:
    problems = []
    for path in sources(root, ['include', 'src', 'capi', 'cli']):
        name = path.relative_to(root)
        module = module_of(name)
        if module not in LEVEL:
            if name.as_posix() == 'include/cckpi/version.h':
                continue
            problems.append(f'{name}: is in no module of the layer table')
            continue
        public = name.parts[0] == 'include'
        for line, include in includes(path.read_text('utf-8')):
            included, included_public = module_included(include)
            at = f'{name}:{line}: #include "{include}"'
            if included and included not in LEVEL:
                problems.append(f'{at}: no such module')
            elif included and included != module and (
                    LEVEL[included] >= LEVEL[module]):
                problems.append(f'{at}: {included} does not stand below '
                                f'{module}')
            if included and public and not included_public:
                problems.append(f'{at}: a private header in a public one')
            for pattern, users in THIRD_PARTY.items():
                if re.match(pattern, include) and (public or
                                                   module not in users):
                    problems.append(f'{at}: only for {sorted(users)}, and '
                                    'not in public headers')
    return problems


def main() -> int:
    problems = check(pathlib.Path(sys.argv[1]))
    print('\n'.join(problems) or 'every include points down')
    return 1 if problems else 0


if __name__ == '__main__':
    sys.exit(main())
