"""The job in Polars: events sorted by case, then expressions and group-bys."""

from __future__ import annotations

import pathlib
from typing import List, Tuple

import polars as pl

import common
import frames

C = pl.col
HOURS = ['channel', 'team', 'window']
DAYS = ['agent', 'window']


def window(span_us: int) -> pl.Expr:
    return ((C('ts') - common.BEGIN_US) // span_us).alias('window')


def percentile(share_percent: int) -> pl.Expr:
    """The smallest value with at least that share up to it."""
    return C('v').sort().get((pl.len() * share_percent + 99) // 100 - 1)


class Peer:
    def __init__(self, directory: pathlib.Path, now_us: int) -> None:
        self.version = pl.__version__
        self.now_us = now_us
        events = pl.from_arrow(frames.arrow(directory / 'events.bin'))
        states = pl.from_arrow(frames.arrow(directory / 'states.bin'))
        self.events = events.select('ts', 'iid', 'kind', 'agent', 'channel',
                                    'team')
        self.states = states.select('ts', 'agent', 'state')
        self.groups = self.agents = pl.DataFrame()

    def job(self) -> None:
        kind, same = C('kind'), C('iid') == C('iid').shift(1)
        # An episode begins with a case, and after each resolve.
        ev = self.events.sort('iid', 'ts').with_columns(
            (~same.fill_null(False) |
             (kind.shift(1) == common.RESOLVED).fill_null(False))
            .cum_sum().alias('episode'))
        asked = kind == common.CUSTOMER
        entering = kind.is_in([common.CUSTOMER, common.REOPENED])
        ending = kind == common.RESOLVED
        epi = ev.group_by('episode', maintain_order=True).agg(
            C('channel').first(),
            C('ts').filter(kind.is_in([common.CUSTOMER, common.AGENT,
                                       common.REOPENED])).first().alias('open'),
            C('ts').filter(asked).first().alias('contact'),
            C('ts').filter(entering).first().alias('entry'),
            C('team').filter(entering).first().alias('entry_team'),
            C('ts').filter(ending).first().alias('close'),
            C('team').filter(ending).first().alias('close_team'),
            C('agent').filter(ending).first().alias('resolver'),
        ).filter(C('open').is_not_null())
        replies = (ev.filter(kind == common.AGENT)
                   .join(epi.select('episode', 'contact'), on='episode')
                   .filter(C('ts') > C('contact'))
                   .group_by('episode', maintain_order=True)
                   .agg(C('ts').first().alias('reply'), C('agent').first(),
                        C('team').first()))
        epi = epi.join(replies, on='episode', how='left')
        frt = epi.filter(C('reply').is_not_null()).select(
            'channel', 'team', 'agent', C('contact').alias('ts'),
            (C('reply') - C('contact')).alias('v'))
        closed = epi.filter(C('close').is_not_null())
        resolution = closed.select(
            'channel', C('close_team').alias('team'),
            C('resolver').alias('agent'), C('close').alias('ts'),
            (C('close') - C('open')).alias('v'))
        # Waits: runs of customer messages, up to what ends them.
        before = (asked.shift(1) & same).fill_null(False)
        waits = (ev.filter(kind.is_in([common.CUSTOMER, common.BOT,
                                       common.AGENT, common.RESOLVED]))
                 .with_columns(before.alias('before'))
                 .filter(asked != C('before'))
                 .with_columns((C('ts') - C('ts').shift(1)).alias('v'))
                 .filter(kind == common.AGENT))
        # Handlings: from `assigned` to what takes the case away.
        handled = (ev.filter(kind.is_in([common.QUEUED, common.ASSIGNED,
                                         common.RESOLVED]))
                   .with_columns(pl.when(same.shift(-1)).then(
                       C('ts').shift(-1)).alias('until'))
                   .filter(kind == common.ASSIGNED)
                   .join(closed.select('episode', 'open', 'close',
                                       'close_team'), on='episode')
                   .select('channel', C('close_team').alias('team'), 'agent',
                           C('close').alias('ts'),
                           (C('until') - pl.max_horizontal('ts', 'open'))
                           .alias('v')))
        reopened = (ev.filter(kind == common.REOPENED)
                    .with_columns((C('episode') - 1).alias('previous'))
                    .join(closed.select('episode', 'resolver'),
                          left_on='previous', right_on='episode')
                    .select('channel', 'team', C('resolver').alias('agent'),
                            'ts'))
        deadline = C('contact') + common.LATE_US
        late = C('reply') > deadline
        tries = epi.filter(
            C('contact').is_not_null() & (deadline < self.now_us) &
            (late | (C('reply').is_null() &
                     (C('close').is_null() | (C('close') > deadline)))))
        tries = tries.select('channel', C('entry_team').alias('team'),
                             deadline.alias('ts'),
                             C('reply').is_not_null().alias('late'))
        entries = epi.filter(C('entry').is_not_null())
        place = ['channel', 'team', 'ts', 'v']
        one = pl.lit(1, dtype=pl.Int64)
        arrivals = entries.select('channel', C('entry_team').alias('team'),
                                  C('entry').alias('ts'), one.alias('v'))
        left = entries.filter(C('close').is_not_null()).select(
            'channel', C('close_team').alias('team'), C('close').alias('ts'),
            (-one).alias('v'))
        moved = (ev.filter(kind == common.QUEUED)
                 .with_columns(pl.when(same).then(C('team').shift(1))
                               .alias('from'), one.alias('v'))
                 .filter(C('from').is_not_null()))
        came = moved.select(place)
        went = moved.select('channel', C('from').alias('team'), 'ts',
                            (-C('v')).alias('v'))
        levels = pl.concat([arrivals, left, came, went])

        groups = self.table(HOURS, common.HOUR_US, frt, resolution, waits,
                            handled, reopened)
        hour = window(common.HOUR_US)
        groups += [
            arrivals.with_columns(hour).group_by(HOURS).agg(
                pl.len().alias('arrivals')),
            tries.with_columns(hour).group_by(HOURS).agg(
                C('late').sum().alias('late_answered'),
                (~C('late')).sum().alias('overdue'))]
        grid = (pl.DataFrame({'channel': range(1, 6)})
                .join(pl.DataFrame({'team': range(1, common.TEAMS + 1)}),
                      how='cross')
                .join(pl.DataFrame({'window': range(common.DAYS * 24)}),
                      how='cross')
                .with_columns(C('channel').cast(pl.UInt8),
                              C('team').cast(pl.UInt8)))
        change = levels.with_columns(hour).group_by(HOURS).agg(C('v').sum())
        last = (self.now_us - common.BEGIN_US) // common.HOUR_US
        level = (grid.join(change, on=HOURS, how='left',
                           maintain_order='left')
                 .select(*HOURS, pl.when(C('window') <= last).then(
                     C('v').fill_null(0).cum_sum().over('channel', 'team'))
                     .otherwise(0).alias('backlog')))
        self.groups = self.beside(level, HOURS, groups)

        agents = self.table(DAYS, common.DAY_US, frt, resolution, waits,
                            handled, reopened)
        agents.append(self.presence())
        keys = pl.concat([frame.select(DAYS) for frame in agents]).unique()
        self.agents = self.beside(keys, DAYS, agents)

    @staticmethod
    def beside(frame: pl.DataFrame, keys: List[str],
               others: List[pl.DataFrame]) -> pl.DataFrame:
        for other in others:
            frame = frame.join(other, on=keys, how='left')
        return frame

    @staticmethod
    def table(keys: List[str], span_us: int, frt, resolution, waits, handled,
              reopened) -> List[pl.DataFrame]:
        def by(frame: pl.DataFrame):
            return frame.with_columns(window(span_us)).group_by(keys)

        def named(name: str) -> List[pl.Expr]:
            return [pl.len().alias(f'{name}_count'),
                    C('v').sum().alias(f'{name}_sum')]

        return [
            by(frt).agg(*named('frt'), percentile(50).alias('frt_p50'),
                        percentile(90).alias('frt_p90'),
                        C('v').max().alias('frt_max'),
                        (C('v') <= common.LATE_US).sum().alias('frt_within')),
            by(resolution).agg(*named('resolution'),
                               percentile(90).alias('resolution_p90')),
            by(waits).agg(*named('response'),
                          percentile(90).alias('response_p90')),
            by(handled).agg(*named('handle')),
            by(reopened).agg(pl.len().alias('reopened'))]

    def presence(self) -> pl.DataFrame:
        """Microseconds by agent, day and state."""
        spans = (self.states.sort('agent', 'ts').with_columns(
            C('ts').shift(-1).over('agent').fill_null(self.now_us)
            .alias('until')).filter(
                (C('state') > 0) & (C('until') > C('ts')))
            .with_columns((C('ts') - common.BEGIN_US).alias('b'),
                          (C('until') - common.BEGIN_US).alias('e')))
        cut = (spans.with_columns(pl.int_ranges(
            C('b') // common.DAY_US, (C('e') - 1) // common.DAY_US + 1)
            .alias('window')).explode('window')
            .with_columns((pl.min_horizontal(
                'e', (C('window') + 1) * common.DAY_US) - pl.max_horizontal(
                    'b', C('window') * common.DAY_US)).alias('v')))
        return cut.group_by(DAYS).agg(
            *[C('v').filter(C('state') == state).sum().alias(name)
              for state, name in enumerate(common.STATES) if state > 0])

    def answers(self) -> Tuple[common.Table, common.Table]:
        def rows(frame: pl.DataFrame, keys: List[str], span_us: int,
                 columns: List[str]):
            frame = frame.with_columns(
                C('window') * span_us + common.BEGIN_US)
            return common.table(frame.select(keys + columns).rows(), len(keys))
        return (rows(self.groups, HOURS, common.HOUR_US, common.GROUPS),
                rows(self.agents, DAYS, common.DAY_US, common.AGENTS_COLUMNS))
