"""The job in the Python package: an Arrow table in, columns out."""

from __future__ import annotations

import pathlib
from typing import Dict, List, Tuple

import numpy
import pyarrow

import cckpi
import common
import frames

KINDS = {common.CUSTOMER: 'customer_message', common.BOT: 'bot_message',
         common.QUEUED: 'queued', common.ASSIGNED: 'assigned',
         common.AGENT: 'agent_message', common.RESOLVED: 'resolved',
         common.REOPENED: 'reopened', 20: 'agent_state'}

# As JobConfig (benchmarks/engine/job.cc), and peer_job.cc.
CONFIG = {
    'groups': [['channel', 'team'], ['agent']],
    'fcr_window': '3d', 'forget_closed_after': '3d',
    'agent_presence': {'handle_time': 'any'},
    'kpis': [
        {'id': 'arrivals', 'kpi': 'arrivals'},
        {'id': 'frt_mean', 'kpi': 'first_response_time'},
        {'id': 'frt_p50', 'kpi': 'first_response_time', 'statistic': 'p50'},
        {'id': 'frt_p90', 'kpi': 'first_response_time', 'statistic': 'p90'},
        {'id': 'frt_max', 'kpi': 'first_response_time', 'statistic': 'max'},
        {'id': 'frt_15m', 'kpi': 'first_response_time',
         'statistic': 'share_within', 'within': '15m'},
        {'id': 'resolution', 'kpi': 'resolution_time'},
        {'id': 'resolution_p90', 'kpi': 'resolution_time', 'statistic': 'p90'},
        {'id': 'response', 'kpi': 'response_time'},
        {'id': 'response_p90', 'kpi': 'response_time', 'statistic': 'p90'},
        {'id': 'handle', 'kpi': 'handle_time', 'allocation': 'elapsed',
         'load': 'assigned'},
        {'id': 'reopened', 'kpi': 'reopened'},
        {'id': 'beyond', 'kpi': 'beyond_turnaround', 'within': '15m'},
        {'id': 'backlog', 'kpi': 'backlog'},
        {'id': 'states', 'kpi': 'state_time'}]}

# Column of the answers → id and figure; a percentile is the value itself.
FIGURES = {
    'frt_count': ('frt_mean', 'count'), 'frt_sum': ('frt_mean', 'sum_us'),
    'frt_p50': ('frt_p50', 'value'), 'frt_p90': ('frt_p90', 'value'),
    'frt_max': ('frt_max', 'value'), 'frt_within': ('frt_15m', 'within'),
    'resolution_count': ('resolution', 'count'),
    'resolution_sum': ('resolution', 'sum_us'),
    'resolution_p90': ('resolution_p90', 'value'),
    'response_count': ('response', 'count'),
    'response_sum': ('response', 'sum_us'),
    'response_p90': ('response_p90', 'value'),
    'handle_count': ('handle', 'count'), 'handle_sum': ('handle', 'sum_us'),
    'reopened': ('reopened', 'count'), 'arrivals': ('arrivals', 'count'),
    'late_answered': ('beyond', 'late_answered'),
    'overdue': ('beyond', 'overdue_unanswered'),
    'backlog': ('backlog', 'count')}


def dictionary(codes: numpy.ndarray, texts: List[str],
               null: numpy.ndarray) -> pyarrow.Array:
    return pyarrow.DictionaryArray.from_arrays(
        pyarrow.array(codes.astype('int32'), mask=null),
        pyarrow.array(texts))


class Peer:
    def __init__(self, directory: pathlib.Path, now_us: int) -> None:
        del now_us
        self.version = cckpi.__version__
        rows = numpy.concatenate([frames.records(directory / 'events.bin'),
                                  frames.records(directory / 'states.bin')])
        rows = rows[numpy.lexsort((rows['kind'], rows['ts']))]
        kinds = sorted(KINDS)
        of_agent = rows['iid'] < 0
        nobody = numpy.zeros(len(rows), bool)
        self.events = pyarrow.table({
            'at': pyarrow.array(numpy.ascontiguousarray(rows['ts'])),
            'kind': dictionary(numpy.searchsorted(kinds, rows['kind']),
                               [KINDS[kind] for kind in kinds], nobody),
            'interaction': pyarrow.array(
                numpy.ascontiguousarray(rows['iid']), mask=of_agent),
            'channel': dictionary(rows['channel'], ['', *common.CHANNELS],
                                  rows['channel'] == 0),
            'team': dictionary(
                rows['team'],
                ['', *(f'team {n + 1}' for n in range(common.TEAMS))],
                rows['kind'] != common.QUEUED),
            'agent': dictionary(
                rows['agent'],
                ['', *(f'agent {n + 1}' for n in range(common.AGENTS))],
                rows['agent'] == 0),
            'state': dictionary(rows['state'], common.STATES, ~of_agent)})
        self.engine = cckpi.Engine(CONFIG)

    def job(self) -> None:
        result = self.engine.ingest(self.events)
        if result.accepted != len(self.events):
            raise RuntimeError(str(result))
        self.groups = self.engine.query(by=['channel', 'team'], every='hour')
        self.agents = self.engine.query(by='agent', every='day')

    def answers(self) -> Tuple[common.Table, common.Table]:
        def rows(report, dimensions: Dict[str, List[str]],
                 columns: List[str]) -> common.Table:
            places = {(id_, figure): column for column, name in
                      enumerate(columns)
                      for id_, figure in [FIGURES.get(name, ('states', name))]}
            wanted: Dict[str, list] = {}
            for (id_, figure), column in places.items():
                wanted.setdefault(id_, []).append((figure, column))
            found: Dict[tuple, list] = {}
            for row in report:
                key = tuple(texts.index(row['group'][name] or '')
                            for name, texts in dimensions.items())
                begin = row['begin'].timestamp()
                line = found.setdefault((*key, round(begin * 1_000_000)),
                                        [0] * len(columns))
                for figure, column in wanted.get(row['id'], ()):
                    if row['id'] == 'states':
                        value = (row['sum_us'] if row['state'] == figure
                                 else 0)
                    elif figure == 'value':
                        value = round((row['value'] or 0) * 1_000_000)
                    elif figure == 'within':
                        value = round((row['value'] or 0) * row['count'])
                    else:
                        value = row[figure]
                    line[column] += value
            return common.table([(*key, *line)
                                 for key, line in found.items()],
                                len(dimensions) + 1)

        channels = ['', *common.CHANNELS]
        teams = ['', *(f'team {n + 1}' for n in range(common.TEAMS))]
        agents = ['', *(f'agent {n + 1}' for n in range(common.AGENTS))]
        return (rows(self.groups, {'channel': channels, 'team': teams},
                     common.GROUPS),
                rows(self.agents, {'agent': agents}, common.AGENTS_COLUMNS))
