"""examples/data/agent_week.jsonl gives the numbers of docs/worked-week.md.

CCKPI_TOOL is the path of the tool. WEEK is what the page works out by hand. The
figures of every single day are counted here once more from the events, minute
by minute, without the tool: everything in that week happens on whole minutes.
"""

import collections
import datetime
import json
import os
import pathlib
import random
import subprocess
import tempfile
import unittest
import zoneinfo

TOOL = os.environ['CCKPI_TOOL']
EXAMPLES = pathlib.Path(__file__).resolve().parents[2] / 'examples'
LOG = EXAMPLES / 'data' / 'agent_week.jsonl'
CONFIG = EXAMPLES / 'agent_week.config.json'
ZONE = zoneinfo.ZoneInfo('Europe/Madrid')
MINUTE = datetime.timedelta(minutes=1)
MAX_STATE = datetime.timedelta(hours=9)  # as configured
CAPACITY = 3

AGENTS = ('ana', 'ben', 'carla', 'nia')

# Seconds, unless it says otherwise; by agent in the order of AGENTS, and the
# total.
WEEK = {
    ('staffed_time', 'sum_us'): (144000, 163800, 86400, 140160, 534360),
    ('available_time', 'sum_us'): (127800, 151200, 81000, 131160, 491160),
    ('busy_time', 'sum_us'): (4200, 3900, 900, 3120, 12120),
    ('idle_time', 'sum_us'): (123600, 147300, 80100, 128040, 479040),
    ('occupancy', 'numerator'): (4200, 3900, 900, 3120, 12120),
    ('occupancy', 'denominator'): (127800, 151200, 81000, 131160, 491160),
    ('occupancy', 'busy_us'): (4200, 3900, 900, 3120, 12120),
    ('occupancy', 'idle_us'): (123600, 147300, 80100, 128040, 479040),
    ('occupancy', 'off_level_us'): (600, 1200, 0, 180, 1980),
    ('occupancy_assigned', 'busy_us'): (4800, 3900, 1200, 3120, 13020),
    ('capacity_occupancy', 'numerator'): (5700, 5100, 900, 3120, 14820),
    ('capacity_occupancy', 'denominator'):
        (383400, 453600, 243000, 393480, 1473480),
    ('utilization', 'productive_us'): (127800, 151200, 81000, 131160, 491160),
    ('utilization', 'paid_us'): (144000, 163800, 86400, 140160, 534360),
    ('busy_of_paid', 'numerator'): (4200, 3900, 900, 3120, 12120),
    ('busy_of_paid', 'denominator'): (144000, 163800, 86400, 140160, 534360),
    ('concurrency', 'level_us'): (5700, 5100, 900, 3120, 14820),
    ('elapsed', 'sum_us'): (5700, 5100, 900, 3120, 14820),
    ('share', 'sum_us'): (4200, 3900, 900, 3120, 12120),
    ('focus', 'sum_us'): (2100, 0, 0, 0, 2100),
    ('response', 'sum_us'): (5700, 5100, 900, 3120, 14820),
    ('sliced', 'sliced_us'): (5700, 5100, 900, 3120, 14820),
    ('sliced_share', 'sliced_us'): (4200, 3900, 900, 3120, 12120),
    ('assign_to_reply', 'sum_us'): (4500, 6000, 900, 3300, 14700),
    ('own_first_response', 'sum_us'): (4500, 6000, 900, 3120, 14520),
    ('first_response_time', 'sum_us'): (4500, 6600, 900, 3120, 15120),
    ('speed_of_answer', 'sum_us'): (4500, 6600, 900, 3120, 15120),
    ('resolution', 'sum_us'): (5100, 6600, 3600, 3360, 18660),
    ('resolved_per_available', 'hours_us'):
        (127800, 151200, 81000, 131160, 491160),
    ('answered_per_staffed', 'hours_us'):
        (144000, 163800, 86400, 140160, 534360),
    ('handled_per_busy', 'hours_us'): (4200, 3900, 900, 3120, 12120),
}
# Numbers.
COUNTS = {
    ('concurrency', 'max'): (3, 2, 1, 1, 3),
    ('elapsed', 'count'): (5, 4, 1, 3, 13),
    ('share', 'count'): (5, 4, 1, 3, 13),
    ('focus', 'count'): (4, 4, 1, 3, 12),
    ('assign_to_reply', 'count'): (4, 4, 1, 4, 13),
    ('assign_to_reply', 'void'): (3, 1, 0, 0, 4),
    ('assign_to_reply', 'untouched'): (2, 1, 0, 0, 3),
    ('own_first_response', 'count'): (4, 4, 1, 3, 12),
    ('own_first_response', 'void'): (2, 1, 0, 0, 3),
    ('first_response_time', 'count'): (4, 4, 1, 3, 12),
    ('speed_of_answer', 'count'): (4, 4, 1, 3, 12),
    ('resolution', 'count'): (4, 4, 1, 3, 12),
    ('answered_cases', 'count'): (4, 4, 1, 3, 12),
    ('handled_cases', 'count'): (4, 4, 2, 3, 13),
    ('resolved_cases', 'count'): (4, 4, 1, 3, 12),
    ('resolved_per_available', 'numerator'): (4, 4, 1, 3, 12),
    ('answered_per_staffed', 'numerator'): (4, 4, 1, 3, 12),
    ('handled_per_busy', 'numerator'): (4, 4, 2, 3, 13),
}
# state → seconds and visits, by agent.
STATES = {
    'available': ((127800, 10), (151200, 11), (81000, 6), (131160, 10)),
    'break': ((9000, 5), (9000, 5), (5400, 3), (9000, 5)),
    'training': ((7200, 1), None, None, None),
    'meeting': (None, (3600, 1), None, None),
}
# Seconds at each level, and assignments that made it that level.
LEVELS = {
    'ana': ('0:123600 1:3000 2:900 3:300', '1:4 2:1 3:1'),
    'ben': ('0:147300 1:2700 2:1200', '1:4 2:1'),
    'carla': ('0:80100 1:900', '1:1'),
    'nia': ('0:128040 1:3120', '1:3'),
}
CHECKS = {
    ('ana', 'assigned_while_offline'): 1,
    ('ana', 'state_replaced'): 1,
    ('ben', 'assigned_while_unavailable'): 1,
    ('ben', 'state_expired'): 1,
    ('carla', 'replied_unassigned'): 1,
    ('carla', 'team_changed'): 2,
    ('nia', 'assigned_while_offline'): 1,
    ('nia', 'replied_while_offline'): 1,
}
TEAMS = {
    'staffed_time': {'first-response': 336600, 'investigation': 57600,
                     'night': 140160},
    'busy_time': {'first-response': 8100, 'investigation': 900,
                  'night': 3120},
    # A handling is booked where its case is closed …
    'elapsed': {'first-response': 9600, 'investigation': 2100, 'night': 3120},
    # … and sliced, where the case is at each moment.
    'sliced': {'first-response': 10800, 'investigation': 900, 'night': 3120},
}


def report(log, *arguments, form='json'):
    """The bytes of a report."""
    done = subprocess.run([TOOL, 'report', str(log), '--format', form,
                           *map(str, arguments)],
                          capture_output=True, check=False)
    if done.returncode != 0:
        raise AssertionError(done.stderr.decode('utf-8'))
    return done.stdout


def rows_of(log, *arguments):
    return json.loads(report(log, '--config', CONFIG, *arguments))['rows']


def name(row):
    return row.get('id', row['kpi'])


def micro(levels):
    """'0:12 1:3' in seconds as microseconds."""
    return ' '.join(f'{pair}000000' for pair in levels.split())


class Count:
    """The week, minute by minute: sums by (day, agent, figure), in minutes."""

    CLASSES = {'available': 'pra', 'busy': 'pra', 'break': 'p',
               'training': 'p', 'meeting': 'p', 'offline': ''}

    def __init__(self, lines):
        events = [json.loads(line) for line in lines]
        for event in events:
            event['at'] = datetime.datetime.fromisoformat(
                event['at']).astimezone(datetime.timezone.utc)
        kinds = ['customer_message', 'queued', 'assigned', 'agent_message',
                 'resolved', 'focus', 'agent_state']
        events.sort(key=lambda event: (event['at'],
                                       kinds.index(event['kind']),
                                       event['id']))
        self.sums = collections.Counter()
        self.teams = collections.Counter()
        self.state = {}     # agent → state, since
        self.team = {}      # agent → team
        self.cases = {}     # open case → owner, waits
        self.entered = None
        now = events[0]['at']
        end = events[-1]['at']
        position = 0
        while now < end:
            before = dict(self.state)
            while position < len(events) and events[position]['at'] == now:
                self.apply(events[position])
                position += 1
            self.expire(now)
            self.minute(now, before)
            now += MINUTE

    def apply(self, event):
        if event['kind'] == 'agent_state':
            agent = event['agent']
            self.state[agent] = (event['state'], event['at'])
            self.team[agent] = event.get('team', self.team.get(agent))
            return
        case = self.cases.setdefault(event['interaction'],
                                     {'owner': None, 'waits': False})
        if event['kind'] == 'customer_message':
            case['waits'] = True
        elif event['kind'] == 'queued':
            case['owner'] = None
        elif event['kind'] == 'assigned':
            case['owner'] = event['agent']
        elif event['kind'] == 'agent_message':
            case['waits'] = False
        elif event['kind'] == 'resolved':
            del self.cases[event['interaction']]

    def expire(self, now):
        for agent, (state, since) in self.state.items():
            if state not in ('offline', None) and now >= since + MAX_STATE:
                self.state[agent] = (None, since)

    def minute(self, now, before):
        day = now.astimezone(ZONE).date().isoformat()
        for agent, (state, _) in self.state.items():
            def add(figure, amount=1):
                self.sums[day, agent, figure] += amount
                self.teams[day, self.team[agent], figure] += amount
            load = sum(case['owner'] == agent and case['waits']
                       for case in self.cases.values())
            classes = self.CLASSES.get(state, '')
            if state in (None, 'offline'):
                add('off', load)
                continue
            add('staffed')
            add('state ' + state)
            if before.get(agent, (None,))[0] != state:
                add('visits ' + state)
            for letter in classes:
                add({'p': 'paid', 'r': 'productive', 'a': 'available'}[letter])
            if 'a' not in classes:
                add('off', load)
                continue
            add('level', load)
            add('capped', min(load, CAPACITY))
            if load:
                add('busy')


# KPI and figure → what Count calls it.
DAILY = {
    ('staffed_time', 'sum_us'): 'staffed',
    ('available_time', 'sum_us'): 'available',
    ('busy_time', 'sum_us'): 'busy',
    ('occupancy', 'numerator'): 'busy',
    ('occupancy', 'denominator'): 'available',
    ('occupancy', 'off_level_us'): 'off',
    ('capacity_occupancy', 'numerator'): 'capped',
    ('utilization', 'numerator'): 'productive',
    ('utilization', 'denominator'): 'paid',
    ('concurrency', 'level_us'): 'level',
}


class AgentWeekTest(unittest.TestCase):

    def test_the_week_by_agent_is_the_one_worked_out_by_hand(self):
        rows = {(name(row), row['group'].get('agent')): row
                for row in rows_of(LOG, '--by', 'agent')}
        rows.update({(name(row), None): row
                     for row in rows_of(LOG, '--by', 'total')})
        for table, unit in ((WEEK, 1_000_000), (COUNTS, 1)):
            for (kpi, figure), values in table.items():
                for agent, value in zip((*AGENTS, None), values):
                    with self.subTest(kpi=kpi, figure=figure, agent=agent):
                        self.assertEqual(value * unit,
                                         rows[kpi, agent][figure])
        for agent, (levels, assigned) in LEVELS.items():
            with self.subTest(agent=agent):
                row = rows['concurrency', agent]
                self.assertEqual(micro(levels), row['time_at_level_us'])
                self.assertEqual(assigned, row['assigned_at_level'])
        # 66.67 % and so on are only these sums, divided.
        self.assertAlmostEqual(
            4200 / 127800, rows['occupancy', 'ana']['value'], 12)
        self.assertAlmostEqual(
            4 / (127800 / 3600), rows['resolved_per_available', 'ana']['value'],
            12)
        self.assertAlmostEqual(
            5700 / 4200, rows['concurrency', 'ana']['mean_busy'], 12)
        self.assertAlmostEqual(
            9 / 6, rows['concurrency', 'ana']['mean_level_at_assignment'], 12)

    def test_states_with_their_visits(self):
        rows = {(row['state'], row['group']['agent']):
                (row['sum_us'] // 1_000_000, row['visits'])
                for row in rows_of(LOG, '--by', 'agent', '--kpi', 'state_time')}
        expected = {(state, agent): value
                    for state, values in STATES.items()
                    for agent, value in zip(AGENTS, values) if value}
        self.assertEqual(expected, rows)

    def test_what_looks_wrong_is_counted_and_nothing_else(self):
        rows = {(row['group']['agent'], row['check']): row['count']
                for row in rows_of(LOG, '--by', 'agent', '--kpi',
                                   'data_quality')}
        self.assertEqual(CHECKS, rows)
        table = report(LOG, '--config', CONFIG, '--by', 'agent', '--kpi',
                       'data_quality', form='table').decode('utf-8')
        self.assertIn('state expired', table)
        lines = report(LOG, '--config', CONFIG, '--by', 'agent', '--kpi',
                       'data_quality', form='csv').decode('utf-8')
        self.assertEqual(1 + len(CHECKS), len(lines.splitlines()))
        self.assertIn('state_expired', lines)

    def test_the_week_by_team(self):
        rows = {(name(row), row['group']['team']):
                row.get('sliced_us', row['sum_us']) // 1_000_000
                for row in rows_of(LOG, '--by', 'team', '--kpi',
                                   ','.join(TEAMS))}
        for kpi, teams in TEAMS.items():
            for team, value in teams.items():
                with self.subTest(kpi=kpi, team=team):
                    self.assertEqual(value, rows[kpi, team])

    def compare_days(self, dimension, sums):
        rows = {}
        for row in rows_of(LOG, '--by', dimension, '--every', 'day'):
            day = datetime.datetime.fromisoformat(
                row['begin'].replace('Z', '+00:00')).astimezone(ZONE)
            rows[day.date().isoformat(), row['group'][dimension],
                 name(row)] = row
        days = {key[:2] for key in sums}
        self.assertGreater(len(days), 12)
        for day, who in days:
            for (kpi, figure), counted in DAILY.items():
                value = sums[day, who, counted] * 60_000_000
                row = rows.get((day, who, kpi))
                with self.subTest(day=day, who=who, kpi=kpi, figure=figure):
                    self.assertEqual(value, row[figure] if row else 0)

    def test_every_day_by_agent(self):
        self.compare_days('agent', Count(LOG.read_text('utf-8')
                                         .splitlines()).sums)

    def test_every_day_by_team(self):
        self.compare_days('team', Count(LOG.read_text('utf-8')
                                        .splitlines()).teams)

    def test_the_night_of_the_clock_change(self):
        # 22:00 to 06:00 on the wall, with one hour that does not exist.
        rows = {(name(row), row['begin']): row for row in rows_of(
            LOG, '--by', 'agent', '--every', 'day')
            if row['group']['agent'] == 'nia'}
        saturday, sunday = '2026-03-27T23:00:00Z', '2026-03-28T23:00:00Z'
        self.assertEqual('2026-03-29T22:00:00Z',
                         rows['staffed_time', sunday]['end'])  # 23 hours
        self.assertEqual(2 * 3600 * 10**6,
                         rows['staffed_time', saturday]['sum_us'])
        self.assertEqual(5 * 3600 * 10**6,
                         rows['staffed_time', sunday]['sum_us'])
        self.assertEqual(1200 * 10**6, rows['busy_time', sunday]['sum_us'])

    def test_the_order_of_the_lines_changes_no_byte(self):
        expected = report(LOG, '--config', CONFIG)
        lines = LOG.read_text('utf-8').splitlines()
        with tempfile.TemporaryDirectory() as folder:
            shuffled = pathlib.Path(folder) / 'shuffled.jsonl'
            for seed in range(1, 6):
                random.Random(seed).shuffle(lines)
                shuffled.write_text('\n'.join(lines) + '\n', 'utf-8')
                with self.subTest(seed=seed):
                    self.assertEqual(expected,
                                     report(shuffled, '--config', CONFIG))

    def test_the_example_of_agent_time(self):
        """Three chats in one available hour: docs/agent-time.md."""
        def at(seconds):
            return (datetime.datetime(2026, 3, 2, 9, tzinfo=ZONE) +
                    datetime.timedelta(seconds=seconds)).isoformat()
        events = [{'at': at(0), 'kind': 'agent_state', 'agent': 'ana',
                   'state': 'available'},
                  {'at': at(3600), 'kind': 'agent_state', 'agent': 'ana',
                   'state': 'offline'}]
        for case, begin, end in (('A', 0, 1200), ('B', 600, 1800),
                                 ('C', 900, 2400)):
            events += [
                {'at': at(begin), 'kind': 'customer_message',
                 'interaction': case},
                {'at': at(begin), 'kind': 'assigned', 'interaction': case,
                 'agent': 'ana'},
                {'at': at(end), 'kind': 'agent_message', 'interaction': case,
                 'agent': 'ana'},
                {'at': at(end), 'kind': 'resolved', 'interaction': case,
                 'agent': 'ana'}]
        with tempfile.TemporaryDirectory() as folder:
            log = pathlib.Path(folder) / 'hour.jsonl'
            log.write_text('\n'.join(map(json.dumps, events)) + '\n', 'utf-8')
            rows = {name(row): row
                    for row in rows_of(log, '--by', 'total')}
        occupancy = rows['occupancy']
        self.assertAlmostEqual(2 / 3, occupancy['value'], 12)  # 66.67 %
        self.assertEqual((2400 * 10**6, 1200 * 10**6),
                         (occupancy['busy_us'], occupancy['idle_us']))
        self.assertEqual(2, occupancy['busy_to_free'])
        self.assertEqual((3900 * 10**6, 1300),
                         (rows['elapsed']['sum_us'], rows['elapsed']['value']))
        share = rows['share']
        self.assertEqual((2400 * 10**6, 800), (share['sum_us'], share['value']))
        self.assertEqual((550 * 10**6, 1000 * 10**6),
                         (share['min_us'], share['max_us']))  # and 850
        self.assertEqual(1.625, rows['concurrency']['mean_busy'])
        self.assertEqual(3, rows['concurrency']['max'])
        self.assertEqual(micro('0:1200 1:1200 2:900 3:300'),
                         rows['concurrency']['time_at_level_us'])
        capacity = rows['capacity_occupancy']
        self.assertEqual((3900 * 10**6, 10800 * 10**6),
                         (capacity['numerator'], capacity['denominator']))
        self.assertEqual(3, rows['resolved_per_available']['value'])


if __name__ == '__main__':
    unittest.main()
