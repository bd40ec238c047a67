"""Fails unless a wheel is self-contained.

    check_wheel.py WHEEL

The library in it may need the C library and nothing else, and shows its own
functions only; the package is there with its types and its licence.
"""

from __future__ import annotations

import pathlib
import subprocess
import sys
import tempfile
import zipfile

# What every Linux has: the C library and the loader.
ALLOWED = {'libc.so.6', 'libm.so.6', 'ld-linux-x86-64.so.2',
           'ld-linux-aarch64.so.1', 'libpthread.so.0', 'libdl.so.2'}


def output_of(*command: str) -> list[str]:
    return subprocess.run(command, check=True, text=True,
                          stdout=subprocess.PIPE).stdout.splitlines()


def problems_of(wheel: pathlib.Path) -> list[str]:
    problems = []
    with zipfile.ZipFile(wheel) as archive, \
            tempfile.TemporaryDirectory() as folder:
        names = archive.namelist()
        for wanted in ('cckpi/__init__.py', 'cckpi/py.typed',
                       'cckpi/libcckpi.so'):
            if wanted not in names:
                problems.append(f'{wanted} is not in it')
        if not any(name.endswith('/LICENSE') for name in names):
            problems.append('the licence is not in it')
        extra = [name for name in names
                 if not name.startswith(('cckpi/', 'cckpi-'))]
        problems += [f'{name} does not belong there' for name in extra]
        library = archive.extract('cckpi/libcckpi.so', folder)
        for line in output_of('readelf', '--dynamic', '--wide', library):
            if '(NEEDED)' in line:
                needed = line.rpartition('[')[2].rstrip(']')
                if needed not in ALLOWED:
                    problems.append(f'the library needs {needed}')
            if 'RPATH' in line or 'RUNPATH' in line:
                problems.append(f'the library has a {line.split()[1]}')
        shown = 0
        for line in output_of('nm', '--dynamic', '--defined-only', library):
            name = line.split()[-1].partition('@')[0]
            if name.startswith('cckpi_'):
                shown += 1
            elif not name.startswith('CCKPI_'):  # a version node
                problems.append(f'the library shows {name}')
        if shown < 50:
            problems.append(f'the library shows {shown} functions only')
        for line in output_of('readelf', '--dyn-syms', '--wide', library):
            if ' UNIQUE ' in line and ' UND ' not in line:
                problems.append(f'unique in the process: {line.split()[-1]}')
    return problems


def main() -> int:
    wheel = pathlib.Path(sys.argv[1])
    problems = problems_of(wheel)
    for problem in problems:
        print(f'{wheel.name}: {problem}')
    if problems:
        return 1
    print(f'{wheel.name}: self-contained, {wheel.stat().st_size // 1024} KiB')
    return 0


if __name__ == '__main__':
    sys.exit(main())
