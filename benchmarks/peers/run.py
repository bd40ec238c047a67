#!/usr/bin/env python3
"""The same job on cckpi and on other engines, and whether they agree.

    python3 -m venv build/peers
    build/peers/bin/pip install -r benchmarks/peers/requirements.txt
    build/peers/bin/python benchmarks/peers/run.py 100000 1000000

Runs benchmarks/peers/peer_job (--job PATH; else build/release/peer_job), which
writes a log of about so many events and cckpi's answers, then each peer in a
process of its own on one thread, from tables that are in memory already. Times
are processor seconds of the job without loading. Counts and sums must agree
exactly, percentiles to 1 %. Prints a table, and with --csv FILE adds the
measurements to a file. A peer that is not installed is left out, and the table
says so. Exit status 1 when an answer differs.
"""

from __future__ import annotations

import argparse
import csv
import importlib
import json
import os
import pathlib
import resource
import subprocess
import sys
import tempfile
from typing import Dict, List, Optional

import common

ROOT = pathlib.Path(__file__).resolve().parents[2]
PEERS = {'duckdb': 'DuckDB', 'clickhouse': 'ClickHouse (chdb)',
         'polars': 'Polars', 'pandas': 'pandas', 'sqlite': 'SQLite',
         'python': 'cckpi, Python package'}
# Slower than this at 10^6 events is not run on more.
SLOW = {'sqlite': 2_000_000}


def measure(name: str, directory: pathlib.Path) -> int:
    """In a process of its own: the job on one peer."""
    facts = json.loads((directory / 'cckpi.json').read_text('utf-8'))
    try:
        module = importlib.import_module('peer_' + name)
    except (ImportError, OSError) as error:
        common.write(directory / f'{name}.json', {'missing': str(error)})
        return 0
    peer = module.Peer(directory, facts['now_us'])
    clock = common.Clock()
    peer.job()
    seconds = clock.seconds()
    megabytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    groups, agents = peer.answers()
    our_groups, our_agents = common.cckpi_tables(directory)
    wrong = (common.differences(our_groups, groups, common.GROUPS) +
             common.differences(our_agents, agents, common.AGENTS_COLUMNS))
    common.write(directory / f'{name}.json', {
        'seconds': seconds, 'version': peer.version,
        'values': len(groups) * len(common.GROUPS) +
                  len(agents) * len(common.AGENTS_COLUMNS),
        'mb': megabytes,
        'wrong': len(wrong), 'examples': wrong[:5]})
    return 0


def run(events: int, names: List[str], job: pathlib.Path,
        out: Optional[pathlib.Path]) -> bool:
    with tempfile.TemporaryDirectory() as path:
        directory = pathlib.Path(path)
        subprocess.run([job, str(events), path], check=True)
        facts = json.loads((directory / 'cckpi.json').read_text('utf-8'))
        ours = facts['ingest_s'] + facts['answer_s']
        count = facts['events']
        print(f'\n{count:,} events; {facts["rows"]:,} rows of cckpi\n'
              f'{"":24}{"seconds":>10}{"M events/s":>12}{"cckpi is":>10}'
              f'  answers')
        measured: List[Dict[str, object]] = []

        def line(name: str, seconds: float, answers: str) -> None:
            measured.append({'events': count, 'engine': name,
                             'seconds': f'{seconds:.3f}'})
            print(f'{name:24}{seconds:10.3f}{count / seconds / 1e6:12.2f}'
                  f'{seconds / ours:9.1f}×  {answers}', flush=True)

        line('cckpi', ours,
             f'ingest {facts["ingest_s"]:.3f} s, answers '
             f'{facts["answer_s"]:.3f} s')
        measured.append({'events': count, 'engine': 'cckpi, ingest only',
                         'seconds': f'{facts["ingest_s"]:.3f}'})
        good = True
        for name in names:
            if count > SLOW.get(name, count):
                print(f'{PEERS[name]:24}{"":10}  left out: would take too long')
                continue
            # One thread each.
            environment = dict(os.environ, POLARS_MAX_THREADS='1',
                               OMP_NUM_THREADS='1')
            result = directory / f'{name}.json'
            ended = subprocess.run(
                [sys.executable, __file__, '--measure', name, path],
                env=environment, check=False)
            if ended.returncode != 0 or not result.exists():
                print(f'{PEERS[name]:24}{"":10}  failed')
                good = False
                continue
            found = json.loads(result.read_text('utf-8'))
            if 'missing' in found:
                print(f'{PEERS[name]:24}{"":10}  left out: not installed '
                      f'({found["missing"]})')
                continue
            agree = (f'agree ({found["values"]:,} values)'
                     if found['wrong'] == 0
                     else f'{found["wrong"]} differ')
            line(PEERS[name], found['seconds'],
                 f'{agree}, {found["version"]}, {found["mb"]} MB')
            for example in found['examples']:
                print('   ', example)
            good &= found['wrong'] == 0
        if out is not None:
            fresh = not out.exists()
            with open(out, 'a', newline='', encoding='utf-8') as file:
                writer = csv.DictWriter(file, ['events', 'engine', 'seconds'])
                if fresh:
                    writer.writeheader()
                writer.writerows(measured)
        return good


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('events', nargs='*', type=int, default=[100_000])
    parser.add_argument('--peers', default=','.join(PEERS),
                        help='names, separated by commas; all')
    parser.add_argument('--job', type=pathlib.Path,
                        default=ROOT / 'build/release/peer_job')
    parser.add_argument('--csv', type=pathlib.Path)
    options = parser.parse_args()
    names = options.peers.split(',')
    for name in names:
        if name not in PEERS:
            parser.error(f'{name}: no such peer; there are {", ".join(PEERS)}')
    if not options.job.exists():
        parser.error(f'{options.job} is not built: docs/performance.md')
    results = [run(events, names, options.job, options.csv)
               for events in options.events]
    return 0 if all(results) else 1


if __name__ == '__main__':
    if sys.argv[1:2] == ['--measure']:
        sys.exit(measure(sys.argv[2], pathlib.Path(sys.argv[3])))
    sys.exit(main())
