"""How fast a large Arrow table gets in, and how fast beside C++.

    python benchmarks/ingest_benchmark.py [ROWS] [--cpp BENCHMARK] [--runs N]

Makes a table of that many events, 10,000,000 by default (four per interaction:
the customer writes, an agent is assigned, answers, resolves), ingests it, and
prints the seconds and events per second of each run. With the program
table_ingest_benchmark of the C++ build, both take turns over the same rows, and
the ratio of the fastest runs is printed; seconds are those of the processor, so
that other programs disturb less. Without, it prints what Python adds to a call,
measured on a table of one row, as that does not depend on the number of rows.
"""

from __future__ import annotations

import argparse
import ctypes
import json
import subprocess
import time
from typing import Any

import numpy
import pyarrow

import cckpi
from cckpi import _arrow, _library

BEGIN_US = 1_772_409_600_000_000  # 2026-03-02T00:00:00Z
KINDS = ['customer_message', 'assigned', 'agent_message', 'resolved']
CHANNELS = ['facebook', 'instagram', 'whatsapp', 'mail']
# Interactions that are open at the same time.
OPEN = 1000
CONFIG = {
    'groups': [['channel']], 'allowed_lateness': '0',
    'kpis': [{'kpi': 'first_response_time'}, {'kpi': 'service_level'},
             {'kpi': 'resolution_time'}, {'kpi': 'arrivals'}]}


def table(rows: int) -> Any:
    """Row r is step (r / OPEN) % 4 of an interaction, 1 ms after row r - 1."""
    row = numpy.arange(rows, dtype='int64')
    step = (row // OPEN) % 4
    interaction = row // (4 * OPEN) * OPEN + row % OPEN
    channel = (interaction % 4).astype('int32')
    agent = (interaction % 50).astype('int32')
    return pyarrow.table({
        'at': pyarrow.array(BEGIN_US + row * 1000),
        'kind': pyarrow.DictionaryArray.from_arrays(
            step.astype('int32'), pyarrow.array(KINDS)),
        'interaction': pyarrow.array(interaction),
        'channel': pyarrow.DictionaryArray.from_arrays(
            channel, pyarrow.array(CHANNELS)),
        'agent': pyarrow.DictionaryArray.from_arrays(
            pyarrow.array(agent, mask=step == 0),
            pyarrow.array([f'agent-{number}' for number in range(50)])),
    })


def python_seconds(events: Any) -> float:
    engine = cckpi.Engine(CONFIG)
    begin = time.process_time()
    result = engine.ingest(events)
    seconds = time.process_time() - begin
    assert result.accepted == events.num_rows, result
    engine.close()
    return seconds


def cpp_seconds(program: str, rows: int) -> float:
    """One run of BM_TableIngest, which has 10^4, 10^6 and 10^7 rows."""
    output = subprocess.run(
        [program, f'--benchmark_filter=BM_TableIngest/{rows}$',
         '--benchmark_min_time=0.001', '--benchmark_format=json'],
        check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL).stdout
    runs = json.loads(output)['benchmarks']
    milliseconds: float = min(run['cpu_time'] for run in runs)
    return milliseconds / 1e3


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument('rows', nargs='?', type=int, default=10_000_000)
    parser.add_argument('--cpp', metavar='BENCHMARK')
    parser.add_argument('--runs', type=int, default=3)
    arguments = parser.parse_args()
    rows = arguments.rows
    events = table(rows)
    python, cpp = [], []

    def say(name: str, run: int, seconds: float) -> None:
        print(f'{name:6} run {run + 1}: {seconds:.3f} s, '
              f'{rows / seconds / 1e6:.2f} million events per second',
              flush=True)

    for run in range(arguments.runs):
        python.append(python_seconds(events))
        say('Python', run, python[-1])
        if arguments.cpp:
            cpp.append(cpp_seconds(arguments.cpp, rows))
            say('C++', run, cpp[-1])
    if cpp:
        print(f'Python {min(python):.3f} s, C++ {min(cpp):.3f} s: '
              f'ratio {min(python) / min(cpp):.3f}')
    else:
        call, library = boundary(3000)
        print(f'a call takes {call * 1e6:.1f} us, of which the library '
              f'{library * 1e6:.1f} us')


def boundary(runs: int) -> tuple[float, float]:
    """Seconds of the fastest ingest of one row: through the package, and the
    call of the library in it."""
    engine = cckpi.Engine({'groups': [], 'kpis': [{'kpi': 'arrivals'}]})
    one = table(1)
    ingest = _library.function('engine_ingest_arrow_stream')
    call = library = float('inf')
    for _ in range(runs):
        begin = time.perf_counter()
        engine.ingest(one)
        call = min(call, time.perf_counter() - begin)
        stream = one.__arrow_c_stream__()
        address = _arrow.stream_address(stream)
        result = _library.IngestResult()
        begin = time.perf_counter()
        ingest(engine._handle, address, None, ctypes.byref(result), None, None)
        library = min(library, time.perf_counter() - begin)
    return call, library


if __name__ == '__main__':
    main()
