"""The job in SQLite: window functions over a table."""

from __future__ import annotations

import pathlib
import sqlite3
import struct
from typing import Iterator, Tuple

import common


def rows(path: pathlib.Path, fields: Tuple[int, ...]) -> Iterator[tuple]:
    with open(path, 'rb') as file:
        while chunk := file.read(24 * 65536):
            for row in struct.iter_unpack(common.ROW_FORMAT, chunk):
                yield tuple(row[field] for field in fields)


class Peer:
    def __init__(self, directory: pathlib.Path, now_us: int) -> None:
        self.parameters = {'begin': common.BEGIN_US, 'hour': common.HOUR_US,
                           'day': common.DAY_US, 'late': common.LATE_US,
                           'now': now_us}
        self.connection = sqlite3.connect(':memory:')
        run = self.connection.execute
        run('PRAGMA temp_store = MEMORY')
        run('PRAGMA journal_mode = OFF')
        run('CREATE TABLE ev(ts INTEGER, iid INTEGER, kind INTEGER, '
            'agent INTEGER, channel INTEGER, team INTEGER)')
        run('CREATE TABLE st(ts INTEGER, agent INTEGER, state INTEGER)')
        self.connection.executemany(
            'INSERT INTO ev VALUES (?, ?, ?, ?, ?, ?)',
            rows(directory / 'events.bin', (0, 1, 3, 2, 4, 5)))
        self.connection.executemany(
            'INSERT INTO st VALUES (?, ?, ?)',
            rows(directory / 'states.bin', (0, 2, 6)))
        self.connection.commit()
        self.version = sqlite3.sqlite_version

    def job(self) -> None:
        script = (pathlib.Path(__file__).parent / 'sqlite.sql').read_text(
            encoding='utf-8')
        lines = [line for line in script.splitlines()
                 if not line.startswith('--')]
        for statement in '\n'.join(lines).split(';'):
            if statement.strip():
                self.connection.execute(statement, self.parameters)

    def answers(self) -> Tuple[common.Table, common.Table]:
        fetch = self.connection.execute
        return (common.table(fetch('SELECT * FROM out_groups').fetchall(), 3),
                common.table(fetch('SELECT * FROM out_agents').fetchall(), 2))
