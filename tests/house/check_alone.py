"""Fails where a file does not compile by itself.

    check_alone.py ROOT FOLDER HEADER COMPILER

COMPILER, a clang, parses each *.cc of FOLDER after HEADER, which is compiled
once: what a file includes of the project has to be enough for it. That it
includes what it needs of HEADER is not seen.
"""

import os
import pathlib
import subprocess
import sys
import tempfile
from concurrent import futures


def check(root, folder, header, compiler):
    """The files that do not compile: path → what the compiler said."""
    options = ['-std=c++20', '-w', '-DCCKPI_ABI=1', '-DCCKPI_BUILDING']
    for include in ('include', 'capi/include', '.'):
        options += ['-I', root / include]
    with tempfile.TemporaryDirectory() as scratch:
        compiled = pathlib.Path(scratch, 'header.pch')
        subprocess.run([compiler, *options, '-fpch-instantiate-templates',
                        '-x', 'c++-header', header, '-o', compiled],
                       check=True)

        def fault(source):
            done = subprocess.run(
                [compiler, *options, '-fsyntax-only', '-include-pch', compiled,
                 source], capture_output=True, text=True)
            return (done.stderr or 'no reason given') if done.returncode else ''

        sources = sorted((root / folder).rglob('*.cc'))
        with futures.ThreadPoolExecutor(os.cpu_count()) as pool:
            faults = list(pool.map(fault, sources))
    return {str(source.relative_to(root)): said
            for source, said in zip(sources, faults) if said}


def main() -> int:
    root, folder, header, compiler = sys.argv[1:]
    faults = check(pathlib.Path(root), folder, header, compiler)
    for said in faults.values():
        print(said)
    return 1 if faults else 0


if __name__ == '__main__':
    sys.exit(main())
