"""cckpi report --threads N says what one thread says, byte for byte.

CCKPI_TOOL is the path of the tool. ThreadSanitizer runs this test.
"""

import gzip
import json
import os
import pathlib
import random
import subprocess
import unittest

from tool import TOOL, FolderTest

EXAMPLES = pathlib.Path(__file__).parents[2] / 'examples'
DATA = EXAMPLES / 'data'
# Sanitizers get a part: of these numbers, and of random logs.
PERCENT = int(os.environ.get('CCKPI_PROPERTY_PERCENT', 100))
THREADS = (2, 3, 4, 8) if PERCENT == 100 else (2, 5)


def random_events(seed, cases=40):
    """Events that look for trouble: customers of several cases who are named
    late, ids that come twice in one case and in two, states nobody knows."""
    rng = random.Random(seed)
    events = []

    def add(second, kind, **fields):
        at = f'2026-03-{2 + second // 86400:02d}T' \
             f'{second // 3600 % 24:02d}:{second // 60 % 60:02d}:' \
             f'{second % 60:02d}Z'
        if rng.random() < 0.8:
            fields['id'] = f'e{len(events)}'
        events.append({'at': at, 'kind': kind, **fields})

    for case in range(cases):
        name = f'T-{case}'
        second = rng.randrange(3 * 86400)
        for step in range(rng.randrange(2, 9)):
            fields = {'interaction': name}
            if step > rng.randrange(6):
                fields['customer'] = f'c{rng.randrange(cases // 2)}'
            if step == 0:
                fields['channel'] = rng.choice(['chat', 'email'])
            kind = rng.choice(['customer_message', 'agent_message', 'queued',
                               'assigned', 'resolved', 'priority_changed'])
            if kind in ('agent_message', 'assigned'):
                fields['agent'] = f'a{rng.randrange(4)}'
            if kind == 'queued':
                fields['team'] = rng.choice(['one', 'two'])
            if kind == 'priority_changed':
                fields['priority'] = rng.choice(['high', 'low'])
            add(second, kind, **fields)
            second += rng.randrange(4000)
    for agent in range(4):
        second = rng.randrange(9000)
        while second < 3 * 86400:
            state = rng.choice(['available', 'offline', 'break', 'dreaming'])
            add(second, 'agent_state', agent=f'a{agent}', state=state)
            second += rng.randrange(20000)
    for hour in range(0, 72, 8):
        add(hour * 3600, 'forecast', channel='chat', interval_s=3600, volume=2)
    events += [dict(rng.choice(events)) for _ in range(cases // 4)]
    for _ in range(cases // 8):  # an id of two cases: the first one counts
        a, b = rng.choice(events), rng.choice(events)
        if 'id' in a:
            b['id'] = a['id']
    rng.shuffle(events)
    return events


def lines(events, seed=None):
    """As JSON Lines; with a seed, among lines that are no events."""
    rng = random.Random(seed)
    text = ''
    for event in events:
        text += json.dumps(event) + '\n'
        if seed is not None and rng.random() < 0.2:
            text += rng.choice(['\n', '{"at": 1}\n', '[]\n', '\ufeffx\n',
                                '{"kind": "resolved"}\r\n'])
    return text.encode('utf-8')


class ThreadsTest(FolderTest):

    def run_tool(self, *arguments, stdin=b''):
        done = subprocess.run([TOOL, *arguments], input=stdin, timeout=120,
                              capture_output=True, check=False)
        return done.returncode, done.stdout, done.stderr

    def same(self, *arguments, stdin=b'', threads=THREADS):
        """The result, which is the same on any number of threads."""
        expected = self.run_tool(*arguments, '--threads', '1', stdin=stdin)
        self.assertEqual(self.run_tool(*arguments, stdin=stdin), expected)
        for count in threads:
            result = self.run_tool(*arguments, '--threads', str(count),
                                   stdin=stdin)
            self.assertEqual(result, expected, f'--threads {count}')
        return expected

    def test_example_logs(self):
        for name in ('support_day', 'agent_week'):
            log = str(DATA / f'{name}.jsonl')
            config = str(EXAMPLES / f'{name}.config.json')
            for every in ('all', 'day'):
                status, out, _ = self.same(
                    'report', log, '--config', config, '--every', every,
                    '--format', 'json')
                self.assertEqual(status, 0)
                self.assertGreater(len(json.loads(out)['rows']), 10)

    def test_a_foreign_log_through_a_mapping(self):
        status, out, _ = self.same(
            'report', str(DATA / 'twitter_customer_care.csv.gz'),
            '--map', str(DATA / 'twitter_customer_care.mapping.json'),
            '--config', str(EXAMPLES / 'twitter_care.config.json'),
            '--format', 'csv', threads=(2, 3))
        self.assertEqual(status, 0)
        self.assertGreater(out.count(b'\n'), 10)

    def test_random_logs(self):
        runs = int(os.environ.get('CCKPI_PROPERTY_RUNS', 6 * PERCENT // 100))
        first = int(os.environ.get('CCKPI_PROPERTY_SEED', 0))
        for seed in range(first, first + max(1, runs)):
            with self.subTest(seed=seed):
                log = lines(random_events(seed), seed)
                path = self.write('log.jsonl', log)
                status, out, _ = self.same('report', path, '--format', 'json')
                self.assertEqual(status, 0)
                report = json.loads(out)
                self.assertGreater(report['events']['duplicate'], 0)
                self.assertGreater(report['events']['refused'], 0)
                self.assertGreater(report['events']['applied'], 100)
                self.assertGreater(len(report['events']['refusals']), 0)

    def test_every_format_and_source(self):
        events = random_events(77)
        log = lines(events, 1)
        plain = self.write('log.jsonl', log)
        # Two members, the second of which begins inside a line.
        packed = self.write('log.jsonl.gz', gzip.compress(log[:5000]) +
                            gzip.compress(log[5000:]))
        for output in ('table', 'csv', 'json'):
            self.same('report', plain, '--format', output, '--by', 'channel',
                      '--every', 'day', threads=(2, 3))
        first = self.same('report', packed, '--format', 'csv', threads=(2,))
        self.assertEqual(self.same('report', '-', '--format', 'csv', stdin=log,
                                   threads=(2,)), first)
        status, out, err = self.run_tool('report', plain, '--format', 'html',
                                         '--threads', '2')
        if status == 0:  # a build with the chart library
            self.assertEqual((0, out, err), self.run_tool(
                'report', plain, '--format', 'html'))

    def test_several_logs_that_are_larger_than_the_memory_for_sorting(self):
        paths = [self.write(f'{n}.jsonl', lines(random_events(n, 200), n))
                 for n in range(2)]
        status, _, _ = self.same('report', *paths, '--memory', '4KB',
                                 '--format', 'json', threads=(2, 3))
        self.assertEqual(status, 0)

    def test_a_log_of_many_pieces(self):
        # 6 MB of 300 cases: a piece is 1 MB.
        events = random_events(5, 300)
        for event in events:
            event['padding'] = 'x' * 2500
        path = self.write('log.jsonl', lines(events, 5))
        self.assertGreater(os.path.getsize(path), 3_000_000)
        self.same('report', path, '--format', 'json')

    def test_the_present_and_strictness(self):
        path = self.write('log.jsonl', lines(random_events(3), 3))
        status, out, _ = self.same(
            'report', path, '--now', '2026-03-03T12:00:00Z', '--strict',
            '--format', 'json', threads=(2, 3))
        self.assertEqual(status, 1)
        self.assertGreater(json.loads(out)['events']['after_now'], 0)

    def test_an_allowed_lateness(self):
        path = self.write('log.jsonl', lines(random_events(4), 4))
        status, out, _ = self.same(
            'report', path, '--allowed-lateness', '1h', '--format', 'json',
            threads=(2,))
        self.assertEqual(status, 0)
        self.assertGreater(json.loads(out)['events']['late'], 0)

    def test_errors(self):
        log = lines(random_events(9, 300))
        packed = gzip.compress(log)
        cut = self.write('cut.jsonl.gz', packed[:len(packed) * 2 // 3])
        good = self.write('good.jsonl', log)
        empty = self.write('empty.jsonl', b'')
        late = self.write('late.csv', b'x,y\n')
        missing = str(self.folder / 'missing.jsonl')
        for paths in ([cut], [good, cut], [good, missing, cut], [late],
                      [cut, missing]):
            status, out, err = self.same('report', *paths, threads=(2, 3))
            self.assertEqual((status, out, err.count(b'\n')), (2, b'', 1))
        # The line at which a damaged log breaks off is named.
        self.assertIn(b'cut.jsonl.gz: line ',
                      self.run_tool('report', cut, '--threads', '2')[2])
        self.assertEqual(self.same('report', empty, threads=(2,))[0], 0)

    def test_a_line_that_is_too_long(self):
        event = json.dumps(random_events(2)[0]).encode()
        long = b'{"at": "' + b'x' * (17 << 20) + b'"}\n'
        path = self.write('log.jsonl', event + b'\n' + long + event + b'\n' +
                          long[:-1])
        status, out, _ = self.same('report', path, '--format', 'json',
                                   threads=(2,))
        self.assertEqual(status, 0)
        refusals = json.loads(out)['events']['refusals']
        self.assertEqual([(r['row'], r['reason']) for r in refusals],
                         [(2, 'the line is too long'),
                          (4, 'the line is too long')])

    def test_scorecards(self):
        status, out, _ = self.same(
            'scorecard', str(DATA / 'support_day.jsonl'), '--config',
            str(EXAMPLES / 'support_day.config.json'), '--current',
            '--format', 'json', threads=(2, 3))
        self.assertEqual(status, 0)
        self.assertGreater(len(out), 100)

    def test_reports_that_are_due(self):
        log = self.write('log.jsonl', lines(random_events(6), 6))
        config = self.write('config.json', json.dumps({
            'kpis': [{'kpi': 'first_response_time'}, {'kpi': 'arrivals'},
                     {'kpi': 'occupancy'}],
            'groups': [['channel'], ['agent']],
            'reports': [
                {'id': 'day', 'every': 'day', 'at': '07:00',
                 'by': ['channel'], 'format': 'json'},
                {'id': 'agents', 'every': 'day', 'at': '07:00',
                 'by': ['agent'], 'format': 'csv'}]}))

        def files(count):
            folder = self.folder / f'due-{count}'
            result = self.run_tool(
                'report', log, '--config', config, '--due', '--since',
                '2026-03-03', '--now', '2026-03-05T08:00:00Z', '--output',
                str(folder), '--threads', str(count))
            self.assertEqual(result, (0, b'', b''))
            return {path.name: path.read_bytes() for path in folder.iterdir()}

        expected = files(1)
        self.assertEqual(sorted(expected), [
            'agents-2026-03-02.csv', 'agents-2026-03-03.csv',
            'agents-2026-03-04.csv', 'day-2026-03-02.json',
            'day-2026-03-03.json', 'day-2026-03-04.json', 'due.json'])
        self.assertGreater(len(json.loads(expected['day-2026-03-02.json'])
                               ['rows']), 2)
        for count in THREADS:
            self.assertEqual(files(count), expected, f'--threads {count}')

    def test_how_many(self):
        for count in ('0', '-1', '65', 'x'):
            status, out, err = self.run_tool(
                'report', str(DATA / 'support_day.jsonl'), '--threads', count)
            self.assertEqual((status, out), (2, b''))
            self.assertIn(b'--threads', err)


if __name__ == '__main__':
    unittest.main()
