"""Input that is broken, absurd or hostile: a clear error or a counted refusal,
and nothing else is lost.

CCKPI_TOOL is the path of the tool.
"""

import datetime
import gzip
import json
import pathlib
import resource
import subprocess
import tempfile
import unittest

from tool import TOOL, FolderTest

# Two answered cases: first responses of 300 s and 600 s.
GOOD = [
    {'at': '2026-03-02T09:00:00Z', 'kind': 'customer_message',
     'interaction': 'A', 'customer': 'c1', 'id': 'g1'},
    {'at': '2026-03-02T09:05:00Z', 'kind': 'agent_message',
     'interaction': 'A', 'agent': 'ana', 'id': 'g2'},
    {'at': '2026-03-02T10:00:00Z', 'kind': 'customer_message',
     'interaction': 'B', 'customer': 'c2', 'id': 'g3'},
    {'at': '2026-03-02T10:10:00Z', 'kind': 'agent_message',
     'interaction': 'B', 'agent': 'ana', 'id': 'g4'},
]
ARGUMENTS = ('--format', 'json', '--by', 'total',
             '--kpi', 'first_response_time,messages')


class BadInputTest(FolderTest):

    def run_tool(self, *arguments):
        return subprocess.run([TOOL, *arguments], capture_output=True,
                              timeout=120, check=False)

    def lines_around(self, bad):
        """The good events, with the bad line after each of them."""
        return b''.join(json.dumps(event).encode() + b'\n' + bad + b'\n'
                        for event in GOOD)

    def assert_refused(self, name, content, reasons):
        """`reasons` of what is refused, in order; the good rows all count."""
        log = self.write(name, content)
        done = self.run_tool('report', log, *ARGUMENTS)
        self.assertEqual((0, b''), (done.returncode, done.stderr))
        report = json.loads(done.stdout)
        rows = {row['kpi']: row for row in report['rows']}
        self.assertEqual((2, 900 * 10**6),
                         (rows['first_response_time']['count'],
                          rows['first_response_time']['sum_us']))
        self.assertEqual(4, rows['messages']['count'])
        events = report['events']
        self.assertEqual((4, len(reasons)),
                         (events['applied'], events['refused']))
        self.assertEqual(reasons,
                         [refusal['reason'] for refusal in events['refusals']])
        strict = self.run_tool('report', log, *ARGUMENTS, '--strict')
        self.assertEqual(1, strict.returncode)

    def assert_line_refused(self, bad, reason):
        self.assert_refused('log.jsonl', self.lines_around(bad), [reason] * 4)

    def assert_error(self, *parts, arguments):
        """One line that says all parts, no report, status 2."""
        done = self.run_tool(*arguments)
        self.assertEqual((2, b''), (done.returncode, done.stdout))
        message = done.stderr.decode('utf-8')
        self.assertEqual(1, message.count('\n'), message)
        for part in parts:
            self.assertIn(part, message)

    def test_a_line_that_ends_in_the_middle(self):
        self.assert_line_refused(b'{"at": "2026-03-02T09:0',
                                 'is not JSON: a text is not closed')

    def test_a_line_that_is_no_object(self):
        log = self.write('log.jsonl', self.lines_around(b'[1, 2]'))
        events = json.loads(self.run_tool('report', log, *ARGUMENTS)
                            .stdout)['events']
        self.assertEqual((4, 4), (events['applied'], events['refused']))

    def test_bytes_that_are_no_text(self):
        log = self.write('log.jsonl', self.lines_around(
            b'{"at": "2026-03-02T09:00:00Z", "kind": "customer_message", '
            b'"interaction": "\xff\xfe"}'))
        events = json.loads(self.run_tool('report', log, *ARGUMENTS)
                            .stdout)['events']
        self.assertEqual((4, 4), (events['applied'], events['refused']))

    def test_a_csv_row_with_too_few_columns(self):
        rows = ['at,kind,interaction,agent']
        for event in GOOD:
            rows += [','.join((event['at'], event['kind'],
                               event['interaction'], event.get('agent', ''))),
                     '2026-03-02T09:00:00Z,customer_message']
        log = self.write('log.csv', '\n'.join(rows).encode() + b'\n')
        report = json.loads(self.run_tool('report', log, *ARGUMENTS).stdout)
        self.assertEqual((4, 4), (report['events']['applied'],
                                  report['events']['refused']))
        self.assertEqual(900 * 10**6, report['rows'][0]['sum_us'])

    def test_before_1990(self):
        for at in ('"1970-01-01T00:00:00Z"', '0'):
            with self.subTest(at=at):
                self.assert_line_refused(
                    b'{"at": %s, "kind": "customer_message", '
                    b'"interaction": "X"}' % at.encode(),
                    'at: 1970-01-01T00:00:00Z is before 1990')

    def test_after_2099(self):
        for at in ('"2100-01-01T00:00:00Z"', '4102444800000000'):
            with self.subTest(at=at):
                self.assert_line_refused(
                    b'{"at": %s, "kind": "customer_message", '
                    b'"interaction": "X"}' % at.encode(),
                    'at: 2100-01-01T00:00:00Z is after 2099')

    def test_seconds_taken_for_microseconds(self):
        # 1772442000 s are half an hour after the epoch as microseconds.
        self.assert_line_refused(
            b'{"at": 1772442000, "kind": "customer_message", '
            b'"interaction": "X"}',
            'at: 1970-01-01T00:29:32.442Z is before 1990')

    def test_nul_in_a_name(self):
        for field in ('interaction', 'customer', 'agent', 'channel', 'team'):
            event = {'at': '2026-03-02T09:00:00Z', 'kind': 'customer_message',
                     'interaction': 'X', field: 'a\0b'}
            with self.subTest(field=field):
                self.assert_line_refused(json.dumps(event).encode(),
                                         field + ': holds a NUL character')

    def test_nul_as_a_byte(self):
        log = self.write('log.jsonl', self.lines_around(
            b'{"at": "2026-03-02T09:00:00Z", "kind": "customer_message", '
            b'"interaction": "a\0b"}'))
        events = json.loads(self.run_tool('report', log, *ARGUMENTS)
                            .stdout)['events']
        self.assertEqual((4, 4), (events['applied'], events['refused']))

    def test_a_truncated_gzip_file(self):
        whole = gzip.compress(b''.join(
            json.dumps(event).encode() + b'\n' for event in GOOD * 200))
        for size in (1, 9, len(whole) // 2, len(whole) - 1):
            log = self.write('log.jsonl.gz', whole[:size])
            with self.subTest(size=size):
                self.assert_error('log.jsonl.gz', f'truncated at byte {size}',
                                  arguments=('report', log, *ARGUMENTS))

    def test_a_gzip_file_with_damage_inside(self):
        whole = bytearray(gzip.compress(b''.join(
            json.dumps({**event, 'id': f'{n}'}).encode() + b'\n'
            for n, event in enumerate(GOOD * 200))))
        whole[len(whole) // 2] ^= 0x55
        self.assert_error('log.jsonl.gz',
                          arguments=('report', self.write('log.jsonl.gz',
                                                          bytes(whole)),
                                     *ARGUMENTS))

    def test_an_unknown_zone(self):
        log = self.write('log.jsonl', self.lines_around(b''))
        for place, config in (
                ('time_zone', {'time_zone': 'Europe/Madird'}),
                ('calendars.office.time_zone',
                 {'calendars': {'office': {'time_zone': 'Europe/Madird'}}})):
            path = self.write('config.json', json.dumps(config).encode())
            with self.subTest(place=place):
                self.assert_error(
                    place + ': unknown time zone "Europe/Madird"',
                    arguments=('report', log, '--config', path, *ARGUMENTS))


class MillionTest(unittest.TestCase):

    EVENTS = 1_000_000

    def events(self):
        begin = 1772442000 * 10**6
        minute = 60 * 10**6
        for n in range(self.EVENTS // 2):
            yield (b'{"at":%d,"kind":"customer_message","interaction":"A"}\n'
                   b'{"at":%d,"kind":"agent_message","interaction":"A",'
                   b'"agent":"ana"}\n' % (begin + n * minute,
                                          begin + n * minute + minute // 2))

    def test_a_million_events_for_one_interaction(self):
        with tempfile.TemporaryDirectory() as folder:
            log = pathlib.Path(folder) / 'log.jsonl'
            with log.open('wb') as file:
                file.writelines(self.events())
            begin = datetime.datetime.now()
            done = subprocess.run(
                [TOOL, 'report', str(log), '--format', 'json', '--by', 'total',
                 '--kpi', 'response_time,arrivals,messages'],
                capture_output=True, timeout=300, check=False)
            seconds = (datetime.datetime.now() - begin).total_seconds()
        self.assertEqual((0, b''), (done.returncode, done.stderr))
        report = json.loads(done.stdout)
        rows = {row['kpi']: row for row in report['rows']}
        self.assertEqual(self.EVENTS, report['events']['applied'])
        self.assertEqual(self.EVENTS, rows['messages']['count'])
        self.assertEqual(1, rows['arrivals']['count'])
        self.assertEqual((500_000, 500_000 * 30 * 10**6),
                         (rows['response_time']['count'],
                          rows['response_time']['sum_us']))
        # Quadratic behaviour would take hours.
        self.assertLess(seconds, 240)

    def test_too_little_memory_is_said(self):
        with tempfile.TemporaryDirectory() as folder:
            log = pathlib.Path(folder) / 'log.jsonl'
            subprocess.run([TOOL, 'generate', '--interactions', '20000',
                            '--output', str(log)], check=True)
            for threads in ('1', '2'):
                with self.subTest(threads=threads):
                    done = subprocess.run(
                        [TOOL, 'report', str(log), '--threads', threads],
                        capture_output=True, timeout=300, check=False,
                        preexec_fn=lambda: resource.setrlimit(
                            resource.RLIMIT_AS, (110 << 20, 110 << 20)))
                    self.assertEqual(
                        (2, b'', b'cckpi: out of memory\n'),
                        (done.returncode, done.stdout, done.stderr))


if __name__ == '__main__':
    unittest.main()
