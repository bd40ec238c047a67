"""The job in DuckDB: ASOF joins, windows only where cases reopen."""

from __future__ import annotations

import pathlib
from typing import Tuple

import duckdb

import common
import frames


class Peer:
    def __init__(self, directory: pathlib.Path, now_us: int) -> None:
        self.connection = duckdb.connect(':memory:', config={'threads': 1})
        self.version = duckdb.__version__
        events = frames.arrow(directory / 'events.bin')
        states = frames.arrow(directory / 'states.bin')
        run = self.connection.execute
        self.connection.register('events', events)
        self.connection.register('states', states)
        run('CREATE TABLE ev AS SELECT ts, iid, kind, agent, channel, team '
            'FROM events')
        run('CREATE TABLE st AS SELECT ts, agent, state FROM states')
        for name, value in (('b0', common.BEGIN_US), ('hour_us', common.HOUR_US),
                            ('day_us', common.DAY_US), ('late', common.LATE_US),
                            ('now_us', now_us)):
            run(f'CREATE MACRO {name}() AS {value}::BIGINT')
        run('CREATE MACRO gk(c, t, a) AS '
            '((c::INTEGER * 32 + t) * 1024 + (a - b0()) // hour_us())::INTEGER')
        run('CREATE MACRO ak(g, a) AS '
            '(g::INTEGER * 32 + (a - b0()) // day_us())::INTEGER')

    def job(self) -> None:
        script = pathlib.Path(__file__).parent / 'duckdb.sql'
        self.connection.execute(script.read_text(encoding='utf-8'))

    def answers(self) -> Tuple[common.Table, common.Table]:
        fetch = self.connection.execute
        return (common.table(fetch('SELECT * FROM out_groups').fetchall(), 3),
                common.table(fetch('SELECT * FROM out_agents').fetchall(), 2))
