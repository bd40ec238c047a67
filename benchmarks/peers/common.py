"""What the peers share: the data, the answers' columns, the comparison."""

from __future__ import annotations

import csv
import json
import pathlib
import time
from typing import Dict, List, Sequence, Tuple

BEGIN_US = 1_767_571_200_000_000  # 2026-01-05, a Monday
HOUR_US = 3_600_000_000
DAY_US = 24 * HOUR_US
DAYS = 30
LATE_US = 900_000_000  # 15 minutes
CHANNELS = ['chat', 'email', 'whatsapp', 'phone', 'instagram']  # 1 …
TEAMS = 20
AGENTS = 500

# Kinds of events, and states, by their numbers in events.bin and states.bin.
CUSTOMER, BOT, QUEUED, ASSIGNED, AGENT, RESOLVED, REOPENED = (
    0, 1, 3, 4, 6, 11, 13)
STATES = ['offline', 'available', 'busy', 'training', 'break']  # 0 …

SHARED = ['frt_count', 'frt_sum', 'frt_p50', 'frt_p90', 'frt_max',
          'frt_within', 'resolution_count', 'resolution_sum',
          'resolution_p90', 'response_count', 'response_sum', 'response_p90',
          'handle_count', 'handle_sum', 'reopened']
GROUPS = SHARED + ['arrivals', 'late_answered', 'overdue', 'backlog']
AGENTS_COLUMNS = SHARED + STATES[1:]

# A row of both files (peer_job.cc).
ROW = [('ts', 'int64'), ('iid', 'int64'), ('agent', 'uint16'),
       ('kind', 'uint8'), ('channel', 'uint8'), ('team', 'uint8'),
       ('state', 'uint8'), ('unused', 'uint16')]
ROW_FORMAT = '<qqHBBBBH'

# (channel, team, hour) or (agent, day) → a value for each column.
Table = Dict[Tuple[int, ...], Tuple[int, ...]]


class Clock:
    """Processor seconds of this process, all threads."""

    def __init__(self) -> None:
        self.begin = time.process_time()

    def seconds(self) -> float:
        return time.process_time() - self.begin


def table(rows: Sequence[Sequence[object]], keys: int) -> Table:
    """From the rows of a peer; what is only zeros is left out."""
    result: Table = {}
    for row in rows:
        values = tuple(0 if value is None else int(value)  # type: ignore
                       for value in row[keys:])
        if any(values):
            key = tuple(int(value) for value in row[:keys])  # type: ignore
            result[key] = values
    return result


def cckpi_tables(directory: pathlib.Path) -> Tuple[Table, Table]:
    groups: List[List[int]] = []
    with open(directory / 'cckpi_groups.csv', encoding='utf-8') as file:
        for line in list(csv.reader(file))[1:]:
            channel = CHANNELS.index(line[0]) + 1 if line[0] else 0
            team = int(line[1].removeprefix('team ')) if line[1] else 0
            groups.append([channel, team, *map(int, line[2:])])
    agents: List[List[int]] = []
    with open(directory / 'cckpi_agents.csv', encoding='utf-8') as file:
        for line in list(csv.reader(file))[1:]:
            agent = int(line[0].removeprefix('agent ')) if line[0] else 0
            agents.append([agent, *map(int, line[1:])])
    return table(groups, 3), table(agents, 2)


def differences(ours: Table, theirs: Table, columns: List[str]) -> List[str]:
    """Counts and sums must be equal, percentiles to 1 %."""
    found = []
    zeros = (0,) * len(columns)
    for key in sorted(set(ours) | set(theirs)):
        for name, mine, other in zip(columns, ours.get(key, zeros),
                                     theirs.get(key, zeros)):
            allowed = abs(other) / 100 + 1 if '_p' in name else 0
            if abs(mine - other) > allowed:
                found.append(f'{key} {name}: cckpi {mine}, peer {other}')
    return found


def write(path: pathlib.Path, result: Dict[str, object]) -> None:
    path.write_text(json.dumps(result), encoding='utf-8')
