#!/usr/bin/env python3
"""Compares the working tree with another revision by counted instructions.

    benchmarks/compare.py [--base REV] [--only NAME...] [--limit PERCENT]

Builds both (build/compare; the other one's source is unpacked into
build/compare-base), runs the same small jobs under callgrind and prints
instructions and their ratio. Counts do not depend on what else the machine
does, so a change of one percent is a change; they leave out what memory costs,
so measure time as well. Exit status 1 when a job got more than --limit percent
dearer (default 5).
"""

import argparse
import os
import pathlib
import re
import shutil
import subprocess
import sys
from typing import Optional

ROOT = pathlib.Path(__file__).resolve().parent.parent
BASE = ROOT / 'build' / 'compare-base'
# The same place in both trees, so that a compiler cache can share.
BUILD = pathlib.Path('build') / 'compare'

# Name, target, arguments. {log} is a log that the head's tool generates.
JOBS = [
    ('columns into the yardstick job', 'yardstick', ['10000']),
    ('events one at a time', 'yardstick', ['--one', '10000']),
    ('report over JSON Lines', 'cckpi_tool',
     ['report', '{log}.jsonl', '--format', 'csv']),
    ('report over CSV', 'cckpi_tool',
     ['report', '{log}.csv', '--format', 'csv']),
]
PROGRAMS = {'cckpi_tool': 'cckpi'}


def run(*command, **options):
    return subprocess.run([str(part) for part in command], check=True,
                          **options)


def unpack(revision: str) -> str:
    """The source of a revision, beside; the commit that it is."""
    commit = run('git', '-C', ROOT, 'rev-parse', '--verify',
                 revision + '^{commit}', stdout=subprocess.PIPE,
                 text=True).stdout.strip()
    stamp = BASE / 'compared-commit'
    if not stamp.exists() or stamp.read_text() != commit:
        for path in BASE.glob('*') if BASE.exists() else []:
            if path.name != 'build':
                shutil.rmtree(path) if path.is_dir() else path.unlink()
        BASE.mkdir(parents=True, exist_ok=True)
        archive = run('git', '-C', ROOT, 'archive', commit,
                      stdout=subprocess.PIPE).stdout
        run('tar', '-x', '-C', BASE, input=archive)
        stamp.write_text(commit)
    return commit


def build(source: pathlib.Path) -> None:
    environment = dict(os.environ, CCACHE_BASEDIR=str(source),
                       CCACHE_NOHASHDIR='1')
    launcher = ([f'-DCMAKE_CXX_COMPILER_LAUNCHER={shutil.which("ccache")}']
                if shutil.which('ccache') else [])
    run('cmake', '-S', source, '-B', source / BUILD, '-G', 'Ninja',
        '-DCMAKE_BUILD_TYPE=Release', '-DCCKPI_DEVELOPER_MODE=OFF',
        '-DCCKPI_BUILD_BENCHMARKS=ON', *launcher, stdout=subprocess.DEVNULL)
    # `--target help` has only those that no other one needs.
    targets = run('ninja', '-C', source / BUILD, '-t', 'targets', 'all',
                  stdout=subprocess.PIPE, text=True).stdout
    for target in sorted({target for _, target, _ in JOBS}):
        if not re.search(rf'^{target}:', targets, re.MULTILINE):
            if source == ROOT:
                sys.exit(f'there is no target {target}')
            continue  # one that the other revision has not yet is left out
        built = subprocess.run(
            ['cmake', '--build', str(source / BUILD), '--target', target],
            check=False, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            text=True, env=environment)
        if built.returncode != 0:
            sys.exit(f'{source}: {target} does not build\n'
                     f'{built.stdout[-3000:]}')


def count(source: pathlib.Path, target: str, arguments) -> Optional[int]:
    """Instructions of a run; None when there is no such program."""
    program = source / BUILD / PROGRAMS.get(target, target)
    if not program.exists():
        return None
    result = subprocess.run(
        ['valgrind', '--tool=callgrind', '--callgrind-out-file=/dev/null',
         str(program), *arguments],
        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
        check=False)
    collected = re.search(r'Collected : (\d+)', result.stderr)
    if result.returncode != 0 or collected is None:
        sys.exit(f'{program}: failed under callgrind\n{result.stderr[-2000:]}')
    return int(collected.group(1))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('--base', default='main', help='revision; main')
    parser.add_argument('--only', nargs='*', default=[],
                        help='jobs whose name holds one of these')
    parser.add_argument('--limit', type=float, default=5.0,
                        help='percent dearer that fails; 5')
    options = parser.parse_args()
    if shutil.which('valgrind') is None:
        sys.exit('valgrind is not installed (Debian: apt-get install valgrind)')

    commit = unpack(options.base)
    build(BASE)
    build(ROOT)
    log = ROOT / BUILD / 'log'
    for kind in ('jsonl', 'csv'):
        run(ROOT / BUILD / 'cckpi', 'generate', '--interactions', '500',
            '--format', kind, '--output', f'{log}.{kind}')

    print(f'{"job":34} {commit[:12]:>14} {"here":>14} {"ratio":>7}')
    failed = False
    for name, target, arguments in JOBS:
        if options.only and not any(word in name for word in options.only):
            continue
        arguments = [part.format(log=log) for part in arguments]
        before = count(BASE, target, arguments)
        after = count(ROOT, target, arguments)
        if before is None or after is None:
            print(f'{name:34} {before or "-":>14} {after or "-":>14}       -')
            continue
        ratio = after / before
        dearer = ratio > 1 + options.limit / 100
        failed |= dearer
        print(f'{name:34} {before:14,} {after:14,} {ratio:7.3f}'
              f'{"  dearer" if dearer else ""}')
    return 1 if failed else 0


if __name__ == '__main__':
    sys.exit(main())
