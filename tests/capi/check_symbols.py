"""Fails unless header, version script and library name the same functions.

    check_symbols.py HEADER MAP LIBRARY [LAYOUT] [--bundled]

With LAYOUT, a C program, also on a constant or struct of the header that it
does not assert. With --bundled also on a library that needs Abseil from the system. Always on
a symbol that is unique in the whole process (STB_GNU_UNIQUE), and on anything
of C++ that can be seen.
"""

import pathlib
import re
import subprocess
import sys


def header_functions(text: str) -> set[str]:
    text = re.sub(r'/\*.*?\*/', '', text, flags=re.DOTALL)
    return set(re.findall(r'CCKPI_API[^;]*?\b(cckpi_\w+)\s*\(', text))


def map_functions(text: str) -> set[str]:
    text = re.sub(r'#[^\n]*', '', text)
    symbols = set()
    for node in re.findall(r'\{(.*?)\}', text, flags=re.DOTALL):
        shown = re.sub(r'local:.*', '', node, flags=re.DOTALL)
        symbols |= set(re.findall(r'(\S+)\s*;', shown))
    return symbols


def library_symbols(library: str) -> set[str]:
    out = subprocess.run(['nm', '--dynamic', '--defined-only', library],
                         text=True, stdout=subprocess.PIPE, check=True).stdout
    # Version nodes are absolute symbols of their own.
    entries = [line.split() for line in out.splitlines()]
    return {entry[-1].split('@')[0] for entry in entries if entry[1] != 'A'}


def unasserted(header: str, layout: str) -> list[str]:
    header = re.sub(r'/\*.*?\*/', '', header, flags=re.DOTALL)
    names = re.findall(r'\b(CCKPI_\w+) = -?\d', header)
    names += re.findall(r'^} (cckpi_\w+);', header, flags=re.MULTILINE)
    words = set(re.findall(r'\w+', layout))
    return [f'{name}: not asserted by the layout test'
            for name in names if name not in words]


def difference(a_name, a, b_name, b):
    return [f'{name}: in {a_name}, not in {b_name}' for name in sorted(a - b)
            ] + [f'{name}: in {b_name}, not in {a_name}'
                 for name in sorted(b - a)]


def main() -> int:
    header, version_map, library = sys.argv[1:4]
    declared = header_functions(pathlib.Path(header).read_text('utf-8'))
    listed = map_functions(pathlib.Path(version_map).read_text('utf-8'))
    shown = library_symbols(library)
    problems = difference('header', declared, 'map', listed)
    problems += difference('header', declared, 'library', shown)
    if len(declared) < 60:
        problems.append(f'only {len(declared)} functions found in {header}')
    if len(declared) > 120:
        problems.append(f'{len(declared)} functions: more than 120')
    for path in sys.argv[4:]:
        if path.endswith('.c'):
            problems += unasserted(pathlib.Path(header).read_text('utf-8'),
                                   pathlib.Path(path).read_text('utf-8'))
    dynamic = subprocess.run(['readelf', '--dynamic', '--dyn-syms', '--wide',
                              library], text=True, stdout=subprocess.PIPE,
                             check=True).stdout
    problems += [f'unique in the process: {line.strip()}'
                 for line in dynamic.splitlines() if ' UNIQUE ' in line]
    if not re.search(r'SONAME.*\[libcckpi\.so\.\d+\]', dynamic):
        problems.append('the SONAME is not libcckpi.so.N')
    if 'NODELETE' not in dynamic:
        problems.append('not linked with -z nodelete')
    if '--bundled' in sys.argv:
        problems += [f'needs {line.strip()}' for line in dynamic.splitlines()
                     if 'NEEDED' in line and
                     re.search('absl|simdjson|libz', line)]
    print('\n'.join(problems) or f'{len(declared)} functions, the same in '
          'header, map and library')
    return 1 if problems else 0


if __name__ == '__main__':
    sys.exit(main())
