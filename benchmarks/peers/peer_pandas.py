"""The job in pandas: events sorted by case, then arrays and group-bys."""

from __future__ import annotations

import pathlib
from typing import List, Tuple

import numpy
import pandas

import common
import frames

NEVER = numpy.iinfo(numpy.int64).max


class Peer:
    def __init__(self, directory: pathlib.Path, now_us: int) -> None:
        self.version = pandas.__version__
        self.now_us = now_us
        events = pandas.DataFrame(frames.records(directory / 'events.bin'))
        self.events = events[['ts', 'iid', 'kind', 'agent', 'channel', 'team']]
        states = pandas.DataFrame(frames.records(directory / 'states.bin'))
        self.states = states[['ts', 'agent', 'state']]
        self.groups = self.agents = pandas.DataFrame()

    def job(self) -> None:
        ev = self.events.sort_values(['iid', 'ts'], ignore_index=True)
        iid, ts, kind = (ev[name].to_numpy() for name in ('iid', 'ts', 'kind'))
        first = numpy.empty(len(ev), bool)
        first[:1] = True
        first[1:] = iid[1:] != iid[:-1]
        # An episode begins with a case, and after each resolve.
        begins = first.copy()
        begins[1:] |= kind[:-1] == common.RESOLVED
        episode = numpy.cumsum(begins) - 1
        ev['episode'] = episode
        starts = numpy.flatnonzero(begins)

        def earliest(of: numpy.ndarray) -> numpy.ndarray:
            return numpy.minimum.reduceat(numpy.where(of, ts, NEVER), starts)

        def row_of(mask: numpy.ndarray) -> numpy.ndarray:
            """The first such row of each episode; -1: none."""
            rows = numpy.flatnonzero(mask)
            found = numpy.full(len(starts), -1)
            found[episode[rows[::-1]]] = rows[::-1]
            return found

        at = numpy.array
        agent, team = ev['agent'].to_numpy(), ev['team'].to_numpy()
        channel = ev['channel'].to_numpy()[starts]
        opened = earliest(numpy.isin(kind, at([common.CUSTOMER, common.AGENT,
                                               common.REOPENED])))
        contact = earliest(kind == common.CUSTOMER)
        entry_row = row_of((kind == common.CUSTOMER) |
                           (kind == common.REOPENED))
        close_row = row_of(kind == common.RESOLVED)
        reply_row = row_of((kind == common.AGENT) & (ts > contact[episode]))
        real = opened < NEVER
        entered = (entry_row >= 0) & real
        closed = (close_row >= 0) & real
        answered = (reply_row >= 0) & (contact < NEVER)

        def rows(mask: numpy.ndarray, row: numpy.ndarray, when: numpy.ndarray,
                 value: numpy.ndarray) -> pandas.DataFrame:
            """Values of episodes, with who and where from a row of each."""
            return pandas.DataFrame({
                'channel': channel[mask], 'team': team[row[mask]],
                'agent': agent[row[mask]], 'ts': when[mask],
                'v': value[mask]})

        frt = rows(answered, reply_row, contact, ts[reply_row] - contact)
        resolution = rows(closed, close_row, ts[close_row],
                          ts[close_row] - opened)
        # Waits: runs of customer messages, up to what ends them.
        talk = numpy.flatnonzero(numpy.isin(kind, at([
            common.CUSTOMER, common.BOT, common.AGENT, common.RESOLVED])))
        asks = kind[talk] == common.CUSTOMER
        before = numpy.empty(len(talk), bool)
        before[:1] = False
        before[1:] = asks[:-1] & (iid[talk[1:]] == iid[talk[:-1]])
        begin, end = talk[asks & ~before], talk[~asks & before]
        # Every end has a beginning; the last run of a case may have no end.
        place = numpy.searchsorted(begin, end) - 1
        begin = begin[place]
        human = kind[end] == common.AGENT
        waits = ev.iloc[end[human]].assign(v=ts[end[human]] - ts[begin[human]])
        # Handlings: from `assigned` to what takes the case away.
        steps = numpy.flatnonzero(numpy.isin(kind, at([
            common.QUEUED, common.ASSIGNED, common.RESOLVED])))
        taken = numpy.flatnonzero(kind[steps[:-1]] == common.ASSIGNED)
        of, until = steps[taken], steps[taken + 1]
        whole = (iid[of] == iid[until]) & closed[episode[of]]
        of, until = of[whole], until[whole]
        close = close_row[episode[of]]
        handled = pandas.DataFrame({
            'channel': channel[episode[of]], 'team': team[close],
            'agent': agent[of], 'ts': ts[close],
            'v': ts[until] - numpy.maximum(ts[of], opened[episode[of]])})
        again = numpy.flatnonzero(kind == common.REOPENED)
        reopened = ev.iloc[again].assign(
            agent=agent[close_row[episode[again] - 1]], v=0)
        # Deadlines of first responses.
        deadline = contact + common.LATE_US
        close_us = numpy.where(closed, ts[close_row], NEVER)
        late = answered & (ts[reply_row] > deadline)
        overdue = ~answered & (close_us > deadline)
        due = (contact < NEVER) & real & (deadline < self.now_us)
        where = numpy.where(entry_row >= 0, entry_row, 0)
        tries = rows(due & (late | overdue), where, deadline, late.astype(int))
        arrivals = rows(entered, entry_row, ts[entry_row],
                        numpy.ones(len(starts), int))
        left = rows(entered & closed, close_row, ts[close_row],
                    numpy.full(len(starts), -1))
        queued = numpy.flatnonzero(kind == common.QUEUED)
        again = numpy.flatnonzero(iid[queued[1:]] == iid[queued[:-1]])
        came = ev.iloc[queued[again + 1]].assign(v=1)
        went = came.assign(team=team[queued[again]], v=-1)

        hours = ['channel', 'team', 'window']
        index = pandas.MultiIndex.from_product(
            [range(1, 6), range(1, common.TEAMS + 1),
             range(common.DAYS * 24)], names=hours)
        self.groups = self.table(hours, common.HOUR_US, frt, resolution,
                                 waits, handled, reopened).reindex(index)
        window = self.windowed(common.HOUR_US)
        self.groups['arrivals'] = window(arrivals).groupby(hours).size()
        made = window(tries).groupby(hours)['v']
        self.groups['late_answered'] = made.sum()
        self.groups['overdue'] = made.size() - made.sum()
        levels = pandas.concat([arrivals, left, came, went])
        change = window(levels).groupby(hours)['v'].sum()
        level = change.reindex(index, fill_value=0).groupby(
            ['channel', 'team']).cumsum()
        last = (self.now_us - common.BEGIN_US) // common.HOUR_US
        level[level.index.get_level_values('window') > last] = 0
        self.groups['backlog'] = level

        days = ['agent', 'window']
        self.agents = self.table(days, common.DAY_US, frt, resolution, waits,
                                 handled, reopened)
        presence = self.presence()
        self.agents = self.agents.reindex(
            self.agents.index.union(presence.index))
        for state, name in enumerate(common.STATES):
            if state > 0:
                self.agents[name] = (presence[state]
                                     if state in presence else 0)

    @staticmethod
    def windowed(span_us: int):
        def add(frame: pandas.DataFrame) -> pandas.DataFrame:
            return frame.assign(
                window=(frame['ts'] - common.BEGIN_US) // span_us)
        return add

    def table(self, keys: List[str], span_us: int, frt, resolution, waits,
              handled, reopened) -> pandas.DataFrame:
        window = self.windowed(span_us)

        def counted(frame):
            return window(frame).groupby(keys)['v'].agg(['count', 'sum'])

        def percentile(frame, share_percent: int):
            """The smallest value with at least that share up to it."""
            frame = window(frame).sort_values(keys + ['v'])
            grouped = frame.groupby(keys, sort=False)
            rank = grouped.cumcount() + 1
            size = grouped['v'].transform('size')
            pick = frame[rank == (size * share_percent + 99) // 100]
            return pick.set_index(keys)['v']

        columns = {}
        shared = window(frt).groupby(keys)['v'].agg(['count', 'sum', 'max'])
        columns['frt_count'], columns['frt_sum'] = shared['count'], shared['sum']
        columns['frt_p50'] = percentile(frt, 50)
        columns['frt_p90'] = percentile(frt, 90)
        columns['frt_max'] = shared['max']
        columns['frt_within'] = window(
            frt[frt['v'] <= common.LATE_US]).groupby(keys).size()
        for name, frame in (('resolution', resolution), ('response', waits),
                            ('handle', handled)):
            both = counted(frame)
            columns[f'{name}_count'] = both['count']
            columns[f'{name}_sum'] = both['sum']
            if name != 'handle':
                columns[f'{name}_p90'] = percentile(frame, 90)
        columns['reopened'] = window(reopened).groupby(keys).size()
        return pandas.DataFrame(columns)

    def presence(self) -> pandas.DataFrame:
        """Microseconds by agent, day and state."""
        st = self.states.sort_values(['agent', 'ts'], ignore_index=True)
        begin = st['ts'].to_numpy()
        end = numpy.empty_like(begin)
        end[:-1] = numpy.where(st['agent'].to_numpy()[1:] ==
                               st['agent'].to_numpy()[:-1], begin[1:],
                               self.now_us)
        end[-1:] = self.now_us
        st['b'], st['e'] = begin - common.BEGIN_US, end - common.BEGIN_US
        st = st[st['state'] > 0]
        first = st['b'] // common.DAY_US
        days = ((st['e'] - 1) // common.DAY_US - first + 1).to_numpy()
        cut = st.loc[st.index.repeat(days)]
        nth = numpy.arange(len(cut)) - numpy.repeat(
            numpy.cumsum(days) - days, days)
        window = cut['b'] // common.DAY_US + nth
        spent = (numpy.minimum(cut['e'], (window + 1) * common.DAY_US) -
                 numpy.maximum(cut['b'], window * common.DAY_US))
        return (cut.assign(window=window, v=spent)
                .groupby(['agent', 'window', 'state'])['v'].sum()
                .unstack('state'))

    def answers(self) -> Tuple[common.Table, common.Table]:
        def rows(frame: pandas.DataFrame, span_us: int, columns: List[str]):
            frame = frame.fillna(0).reset_index()
            frame['window'] = frame['window'] * span_us + common.BEGIN_US
            keys = [name for name in ('channel', 'team', 'agent', 'window')
                    if name in frame and name not in columns]
            return common.table(
                frame[keys + columns].astype('int64').values.tolist(),
                len(keys))
        return (rows(self.groups, common.HOUR_US, common.GROUPS),
                rows(self.agents, common.DAY_US, common.AGENTS_COLUMNS))
