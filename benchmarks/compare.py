#!/usr/bin/env python3
"""Compares the working tree with another revision by counted instructions.

    benchmarks/compare.py [--base REV] [--only NAME...] [--limit PERCENT]

Builds both (build/compare/base, build/compare/head), runs the same small jobs
under callgrind and prints instructions and their ratio. Counts do not depend
on what else the machine does, so a change of one percent is a change. Exit
status 1 when a job got more than --limit percent dearer (default 5).
"""

import argparse
import pathlib
import re
import shutil
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
BUILD = ROOT / 'build' / 'compare'

# Name, target, arguments. {log} is a log that the head's tool generates.
JOBS = [
    ('columns into the yardstick job', 'yardstick', ['100000']),
    ('events one at a time', 'yardstick', ['--one', '20000']),
    ('report over JSON Lines', 'cckpi_tool',
     ['report', '{log}.jsonl', '--format', 'csv', '--no-progress']),
    ('report over CSV', 'cckpi_tool',
     ['report', '{log}.csv', '--format', 'csv', '--no-progress']),
]
PROGRAMS = {'cckpi_tool': 'cckpi'}


def run(*command, **options):
    return subprocess.run([str(part) for part in command], check=True,
                          **options)


def build(source: pathlib.Path, build_dir: pathlib.Path) -> None:
    targets = sorted({target for _, target, _ in JOBS})
    run('cmake', '-S', source, '-B', build_dir, '-G', 'Ninja',
        '-DCMAKE_BUILD_TYPE=RelWithDebInfo', '-DCCKPI_BUILD_BENCHMARKS=ON',
        '-DCMAKE_CXX_FLAGS_RELWITHDEBINFO=-O2 -g1 -DNDEBUG',
        stdout=subprocess.DEVNULL)
    for target in targets:  # one that is not there yet is left out
        subprocess.run(['cmake', '--build', str(build_dir), '--target', target,
                        '--', '--quiet'], check=False,
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def count(build_dir: pathlib.Path, target: str, arguments) -> int | None:
    """Instructions of a run; None when there is no such program."""
    program = build_dir / PROGRAMS.get(target, target)
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

    base_source = BUILD / 'source'
    if not base_source.exists():
        run('git', '-C', ROOT, 'worktree', 'add', '--detach', base_source,
            options.base, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    run('git', '-C', base_source, 'checkout', '--quiet', '--detach',
        options.base)
    build(base_source, BUILD / 'base')
    build(ROOT, BUILD / 'head')
    log = BUILD / 'log'
    for kind in ('jsonl', 'csv'):
        run(BUILD / 'head' / 'cckpi', 'generate', '--interactions', '2000',
            '--format', kind, '--output', f'{log}.{kind}')

    print(f'{"job":34} {options.base[:12]:>14} {"here":>14} {"ratio":>7}')
    failed = False
    for name, target, arguments in JOBS:
        if options.only and not any(word in name for word in options.only):
            continue
        arguments = [part.format(log=log) for part in arguments]
        before = count(BUILD / 'base', target, arguments)
        after = count(BUILD / 'head', target, arguments)
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
