"""The logs in examples/data give the numbers that are known beforehand.

CCKPI_TOOL is the path of the tool. The numbers of support_day were worked out
by hand (docs/worked-day.md); those of the two real logs are counted here from
the raw rows, without the tool.
"""

import csv
import datetime
import gzip
import json
import os
import pathlib
import random
import subprocess
import tempfile
import unittest

TOOL = os.environ['CCKPI_TOOL']
EXAMPLES = pathlib.Path(__file__).resolve().parents[2] / 'examples'
DATA = EXAMPLES / 'data'
MICROSECOND = datetime.timedelta(microseconds=1)
TARGET = datetime.timedelta(minutes=15)


def report(log, *arguments):
    """The bytes of a JSON report."""
    done = subprocess.run([TOOL, 'report', str(log), '--format', 'json',
                           *map(str, arguments)],
                          capture_output=True, check=False)
    if done.returncode != 0:
        raise AssertionError(done.stderr.decode('utf-8'))
    return done.stdout


def name(row):
    """What a row is about: id or KPI, and group."""
    return row.get('id', row['kpi']), json.dumps(row['group'], sort_keys=True)


class SupportDayTest(unittest.TestCase):

    @classmethod
    def setUpClass(cls):
        cls.log = DATA / 'support_day.jsonl'
        cls.config = EXAMPLES / 'support_day.config.json'
        cls.expected = json.loads(
            (DATA / 'support_day.expected.json').read_text('utf-8'))
        cls.bytes = report(cls.log, '--config', cls.config)
        cls.report = json.loads(cls.bytes)

    def compare(self, expected, row):
        self.assertIsNotNone(row, 'there is no such row')
        self.assertEqual(expected['kpi'], row['kpi'])
        for figure, value in expected['figures'].items():
            self.assertIn(figure, row)
            if isinstance(value, float):  # ratios, of exact integers
                self.assertAlmostEqual(value, row[figure], 11, figure)
            else:
                self.assertEqual(value, row[figure], figure)

    def test_every_figure_is_the_one_worked_out_by_hand(self):
        rows = {name(row): row for row in self.report['rows']}
        for expected in self.expected['day']:
            with self.subTest(row=name(expected)):
                self.compare(expected, rows.get(name(expected)))

    def test_there_are_no_other_groups(self):
        # Of these the expected rows are the total and all configured groups.
        by_channel_only = {'messages', 'backlog', 'occupancy', 'utilization'}
        expected = {name(row) for row in self.expected['day']}
        for row in self.report['rows']:
            if row['kpi'] in by_channel_only or row.get('counts') == 'events':
                continue
            with self.subTest(row=name(row)):
                self.assertIn(name(row), expected)

    def test_the_backlog_at_every_hour(self):
        rows = {row['begin']: row for row in json.loads(report(
            self.log, '--config', self.config, '--every', 'hour',
            '--kpi', 'backlog_now', '--by', 'total'))['rows']}
        for expected in self.expected['hours']:
            with self.subTest(begin=expected['begin']):
                self.compare(expected, rows.get(expected['begin']))

    def test_every_event_counts_once(self):
        self.assertEqual(self.expected['now'], self.report['now'])
        self.assertEqual(self.expected['events'] | {'refusals': []},
                         self.report['events'])

    def test_the_order_of_the_lines_changes_no_byte(self):
        lines = self.log.read_text('utf-8').splitlines()
        with tempfile.TemporaryDirectory() as folder:
            shuffled = pathlib.Path(folder) / 'shuffled.jsonl'
            for seed in range(1, 6):
                random.Random(seed).shuffle(lines)
                shuffled.write_text('\n'.join(lines) + '\n', 'utf-8')
                with self.subTest(seed=seed):
                    self.assertEqual(self.bytes,
                                     report(shuffled, '--config', self.config))


def messages_of(path, interaction, instant, is_customer):
    """(instant, interaction, 0 for a customer or 1 for an agent), in order."""
    with gzip.open(path, 'rt', encoding='utf-8', newline='') as file:
        rows = [(datetime.datetime.fromisoformat(row[instant].rstrip('Z')),
                 row[interaction], 0 if is_customer(row) else 1)
                for row in csv.DictReader(file)]
    return sorted(rows, key=lambda row: (row[0], row[2]))


def count(messages):
    """First responses and waits of logs in which no case is ever closed."""
    now = messages[-1][0]
    opened, answered, waiting = {}, {}, {}
    first, waits = [], []
    for at, interaction, side in messages:
        if side == 0:
            opened.setdefault(interaction, at)
            waiting.setdefault(interaction, at)
            continue
        if interaction in opened and interaction not in answered:
            answered[interaction] = at
            first.append(at - opened[interaction])
        if interaction in waiting:
            waits.append(at - waiting.pop(interaction))
    unanswered = [now - at for interaction, at in opened.items()
                  if interaction not in answered]
    total = datetime.timedelta()
    return {
        'first_response_time': {
            'count': len(first), 'sum_us': sum(first, total) // MICROSECOND,
            'open': len(unanswered), 'void': 0,
            'min_us': min(first) // MICROSECOND,
            'max_us': max(first) // MICROSECOND},
        'response_time': {
            'count': len(waits), 'sum_us': sum(waits, total) // MICROSECOND,
            'open': len(waiting), 'void': 0},
        'service_level': {
            'met': sum(span <= TARGET for span in first),
            'missed': sum(span > TARGET for span in first + unanswered),
            'pending': sum(span <= TARGET for span in unanswered)},
        'messages': {'count': len(messages)},
        'arrivals': {'count': len(opened)},
    }


class RealLogTest(unittest.TestCase):

    def compare(self, log, mapping, counted, known):
        for kpi, figure, value in known:  # the counting itself is right
            self.assertEqual(value, counted[kpi][figure], (kpi, figure))
        result = json.loads(report(DATA / log, '--map', DATA / mapping,
                                   '--by', 'total',
                                   '--kpi', ','.join(counted)))
        self.assertEqual(
            {'applied': counted['messages']['count'], 'duplicate': 0,
             'late': 0, 'refused': 0, 'refusals': []}, result['events'])
        rows = {row['kpi']: row for row in result['rows']}
        for kpi, figures in counted.items():
            for figure, value in figures.items():
                self.assertEqual(value, rows[kpi][figure], (kpi, figure))

    def test_customer_care_on_twitter(self):
        counted = count(messages_of(DATA / 'twitter_customer_care.csv.gz',
                                    'conversation', 't',
                                    lambda row: row['role'] == 'customer'))
        self.compare('twitter_customer_care.csv.gz',
                     'twitter_customer_care.mapping.json', counted, [
                         ('messages', 'count', 2350),
                         ('first_response_time', 'count', 1025),
                         ('first_response_time', 'sum_us', 129061190000000),
                         ('service_level', 'met', 282),
                         ('service_level', 'missed', 743)])

    def test_ubuntu_support_on_irc(self):
        customers = {}

        def is_customer(row):  # who writes first in the file
            return row['actor'] == customers.setdefault(row['conversation'],
                                                        row['actor'])

        counted = count(messages_of(DATA / 'ubuntu_irc_support.csv.gz',
                                    'conversation', 't_minute', is_customer))
        self.compare('ubuntu_irc_support.csv.gz', 'ubuntu_irc.mapping.json',
                     counted, [
                         ('messages', 'count', 66828),
                         ('first_response_time', 'count', 5112),
                         ('first_response_time', 'sum_us', 913920000000),
                         ('service_level', 'met', 4947),
                         ('service_level', 'missed', 5125)])


if __name__ == '__main__':
    unittest.main()
