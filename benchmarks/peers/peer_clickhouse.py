"""The job in ClickHouse (chdb): one array of events for each interaction."""

from __future__ import annotations

import csv
import io
import pathlib
from typing import Tuple

import chdb
from chdb import session

import common

ROW = ('ts Int64, iid Int64, agent UInt16, kind UInt8, channel UInt8, '
       'team UInt8, state UInt8, unused UInt16')


class Peer:
    def __init__(self, directory: pathlib.Path, now_us: int) -> None:
        self.version = chdb.__version__
        self.session = session.Session()
        self.values = {'b0': common.BEGIN_US, 'hour': common.HOUR_US,
                       'day': common.DAY_US, 'late': common.LATE_US,
                       'now': now_us - common.BEGIN_US}
        for statement in ('CREATE DATABASE job ENGINE = Atomic', 'USE job',
                          'SET max_threads = 1', 'SET max_insert_threads = 1'):
            self.session.query(statement)
        for table, name, columns in (
                ('ev', 'events', 'ts, iid, kind, agent, channel, team'),
                ('st', 'states', 'ts, agent, state')):
            source = f"file('{directory / name}.bin', RowBinary, '{ROW}')"
            self.session.query(f'CREATE TABLE {table} ENGINE = Memory AS '
                               f'SELECT {columns} FROM {source}')

    def job(self) -> None:
        script = (pathlib.Path(__file__).parent / 'clickhouse.sql').read_text(
            encoding='utf-8')
        lines = [line for line in script.splitlines()
                 if not line.startswith('--')]
        for statement in '\n'.join(lines).split(';'):
            for name, value in self.values.items():
                statement = statement.replace('{%s}' % name, str(value))
            if statement.strip():
                self.session.query(statement)

    def answers(self) -> Tuple[common.Table, common.Table]:
        def fetch(table: str):
            text = str(self.session.query(f'SELECT * FROM {table}', 'CSV'))
            return list(csv.reader(io.StringIO(text)))
        return (common.table(fetch('out_groups'), 3),
                common.table(fetch('out_agents'), 2))
