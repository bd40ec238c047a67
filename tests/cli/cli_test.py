"""Runs the cckpi tool as a shell does.

CCKPI_TOOL is the path of the tool.
"""

import csv
import datetime
import gzip
import io
import json
import os
import pathlib
import random
import signal
import subprocess
import unittest

from tool import TOOL, FolderTest

def event(at, kind, interaction, **fields):
    return {'at': f'2026-03-{at}Z', 'kind': kind, 'interaction': interaction,
            **fields}


# Two days. First responses: T-1 after 8m 32s, T-2 after 30m, T-3 never, T-4
# after 1m on the next day.
EVENTS = [
    event('02T09:00:00', 'customer_message', 'T-1', id='1', customer='c1',
          channel='facebook'),
    event('02T09:08:32', 'agent_message', 'T-1', id='2', agent='ana'),
    event('02T09:30:00', 'resolved', 'T-1', id='3', agent='ana'),
    event('02T10:00:00', 'customer_message', 'T-2', id='4', customer='c2',
          channel='whatsapp'),
    event('02T10:30:00', 'agent_message', 'T-2', id='5', agent='bo'),
    event('02T11:00:00', 'resolved', 'T-2', id='6', agent='bo'),
    event('03T08:00:00', 'customer_message', 'T-3', id='7', customer='c3',
          channel='facebook'),
    event('03T09:00:00', 'customer_message', 'T-4', id='8', customer='c4',
          channel='facebook'),
    event('03T09:01:00', 'agent_message', 'T-4', id='9', agent='ana'),
]


def lines(events):
    return ''.join(json.dumps(e) + '\n' for e in events)


class Result:
    def __init__(self, done):
        self.status = done.returncode
        self.bytes = done.stdout
        self.out = done.stdout.decode('utf-8')
        self.err = done.stderr.decode('utf-8')

    def json(self):
        return json.loads(self.out)

    def rows(self):
        """The rows of a JSON report, by KPI and group values."""
        return {(row['kpi'], *row['group'].values()): row
                for row in self.json()['rows']}


class CliTest(FolderTest):

    def setUp(self):
        super().setUp()
        self.log = self.write('log.jsonl', lines(EVENTS))

    def run_tool(self, *arguments, stdin=b'', **environment):
        return Result(subprocess.run(
            [TOOL, *arguments], input=stdin, capture_output=True, timeout=60,
            env={**os.environ, **environment}, check=False))

    def report(self, *arguments, stdin=b''):
        """A JSON report that has to succeed."""
        result = self.run_tool('report', '--format', 'json', *arguments,
                               stdin=stdin)
        self.assertEqual((result.status, result.err), (0, ''))
        return result

    def assert_bad(self, result, *parts):
        """Status 2, one line that says all of `parts`, and no output."""
        self.assertEqual(result.status, 2, result.err)
        self.assertEqual(result.out, '')
        self.assertEqual(result.err.count('\n'), 1, result.err)
        self.assertTrue(result.err.startswith('cckpi: '), result.err)
        for part in parts:
            self.assertIn(part, result.err)


class ReportTest(CliTest):

    def test_json_has_the_exact_numbers(self):
        report = self.report(self.log, '--by', 'total')
        self.assertEqual(report.json()['now'], '2026-03-03T09:01:00Z')
        rows = report.rows()
        first = rows['first_response_time',]
        # 8m 32s + 30m + 1m = 512 + 1800 + 60 s
        self.assertEqual(first['sum_us'], 2_372_000_000)
        self.assertEqual(first['count'], 3)
        self.assertEqual(first['open'], 1)
        self.assertEqual(first['unit'], 's')
        self.assertAlmostEqual(first['value'], 2372 / 3)
        level = rows['service_level',]
        # T-1 and T-4 within 15 min; T-2 and T-3 not.
        self.assertEqual((level['met'], level['missed']), (2, 2))
        self.assertEqual(level['value'], 0.5)
        self.assertEqual(level['within_us'], 900_000_000)
        self.assertEqual(rows['arrivals',]['count'], 4)
        self.assertEqual(report.json()['events'],
                         {'applied': 9, 'duplicate': 0, 'late': 0,
                          'refused': 0, 'refusals': []})

    def test_csv_has_the_same_rows(self):
        rows = self.report(self.log).json()['rows']
        result = self.run_tool('report', self.log, '--format', 'csv')
        self.assertEqual(result.status, 0)
        table = list(csv.DictReader(io.StringIO(result.out, newline='')))
        self.assertEqual([row['kpi'] for row in rows],
                         [row['kpi'] for row in table])
        for row, record in zip(rows, table):
            self.assertEqual(record['by'].split(), list(row['group']))
            if row['value'] is None:
                self.assertEqual(record['value'], '')
            else:
                self.assertEqual(float(record['value']), row['value'])

    def test_table_is_for_people(self):
        result = self.run_tool('report', self.log, '--by', 'channel', '--kpi',
                               'first_response_time')
        self.assertEqual((result.status, result.err), (0, ''))
        self.assertIn('By channel: First response time, mean', result.out)
        self.assertRegex(result.out, r'facebook +~?4m 46s +2')
        self.assertRegex(result.out, r'whatsapp +~?30m +1')
        self.assertNotIn('\x1b', result.out)

    def test_by_chooses_the_groups(self):
        rows = self.report(self.log, '--by', 'channel,agent').json()['rows']
        self.assertEqual({tuple(row['group']) for row in rows},
                         {('channel', 'agent')})
        row = self.report(self.log, '--by', 'channel').rows()
        self.assertEqual(row['arrivals', 'facebook']['count'], 3)
        self.assertEqual(row['arrivals', 'whatsapp']['count'], 1)

    def test_without_by_there_is_the_total_and_every_configured_group(self):
        rows = self.report(self.log).json()['rows']
        groups = {tuple(row['group']) for row in rows}
        self.assertEqual(groups, {(), ('channel',), ('team',), ('agent',)})

    def test_every_gives_windows_in_the_zone(self):
        report = self.report(self.log, '--every', 'day', '--by', 'total',
                             '--kpi', 'arrivals', '--zone', 'Europe/Madrid')
        self.assertEqual(
            [(row['begin'], row['end'], row['count'])
             for row in report.json()['rows']],
            [('2026-03-01T23:00:00Z', '2026-03-02T23:00:00Z', 2),
             ('2026-03-02T23:00:00Z', '2026-03-03T23:00:00Z', 2)])

    def test_from_and_to_choose_windows(self):
        report = self.report(self.log, '--every', 'day', '--by', 'total',
                             '--kpi', 'arrivals', '--from', '2026-03-03')
        self.assertEqual([row['begin'] for row in report.json()['rows']],
                         ['2026-03-03T00:00:00Z'])
        report = self.report(self.log, '--every', 'day', '--by', 'total',
                             '--kpi', 'arrivals', '--to', '2026-03-03')
        self.assertEqual([row['begin'] for row in report.json()['rows']],
                         ['2026-03-02T00:00:00Z'])

    def test_more_rows_than_one_wants_are_an_error(self):
        # A case that is open for years, in windows of 15 minutes.
        log = self.write('open.jsonl', ''.join(
            f'{{"kind": "customer_message", "at": "{year}-01-01T00:00:00Z", '
            f'"interaction": "i{year}"}}\n' for year in (1990, 2026)))
        wanted = ('--every', '15m', '--by', 'total', '--kpi', 'resolution_time')
        wanted += ('--max-rows', '1000')
        self.assert_bad(self.run_tool('report', log, *wanted),
                        'report: more than 1000 rows')
        self.report(log, *wanted, '--from', '2025-12-28')

    def test_kpi_chooses(self):
        report = self.report(self.log, '--by', 'total', '--kpi',
                             'arrivals,resolved', '--kpi', 'answered')
        self.assertEqual([row['kpi'] for row in report.json()['rows']],
                         ['answered', 'arrivals', 'resolved'])

    def test_now_leaves_later_events_out(self):
        report = self.report(self.log, '--now', '2026-03-02T10:10:00Z',
                             '--by', 'total')
        self.assertEqual(report.json()['now'], '2026-03-02T10:10:00Z')
        self.assertEqual(report.json()['events']['applied'], 4)
        self.assertEqual(report.json()['events']['after_now'], 5)
        self.assertEqual(report.rows()['first_response_time',]['open'], 1)

    def test_a_later_now_lets_deadlines_pass(self):
        log = self.write('open.jsonl', lines(EVENTS[6:7]))
        level = self.report(log, '--by', 'total').rows()['service_level',]
        self.assertEqual((level['missed'], level['pending']), (0, 1))
        level = self.report(log, '--by', 'total', '--now',
                            '2026-03-03T09:00:00Z').rows()['service_level',]
        self.assertEqual((level['missed'], level['pending']), (1, 0))

    def test_a_forecast_is_not_the_present(self):
        forecast = {'at': '2026-03-09T00:00:00Z', 'kind': 'forecast',
                    'channel': 'facebook', 'interval_s': 900, 'volume': 3}
        log = self.write('plan.jsonl', lines(EVENTS + [forecast]))
        self.assertEqual(self.report(log).json()['now'],
                         '2026-03-03T09:01:00Z')

    def test_configuration_applies(self):
        config = self.write('config.json', json.dumps({
            'time_zone': 'Europe/Madrid', 'groups': [['channel']],
            'kpis': [{'id': 'sl40', 'kpi': 'service_level', 'within': '40m'},
                     {'id': 'share', 'formula': 'late_answered / arrivals'}]}))
        report = self.report(self.log, '--config', config, '--by', 'total')
        rows = {row['id']: row for row in report.json()['rows']}
        # All three answers came within 40 min; T-3 waits for 61 min.
        self.assertEqual((rows['sl40']['met'], rows['sl40']['missed']), (3, 1))
        # One late answer of four arrivals.
        self.assertEqual(rows['share']['value'], 0.25)

    def test_an_empty_log_has_no_rows(self):
        for format_name in ['json', 'csv', 'table']:
            result = self.run_tool('report', self.write('empty.jsonl', ''),
                                   '--format', format_name)
            self.assertEqual((result.status, result.err), (0, ''))
        report = self.report(self.write('empty.csv', 'at,kind,interaction\n'))
        self.assertEqual(report.json()['rows'], [])
        self.assertIsNone(report.json()['now'])


class InputTest(CliTest):

    def setUp(self):
        super().setUp()
        self.expected = self.report(self.log).bytes

    def test_any_order_gives_the_same_bytes(self):
        for seed in range(5):
            events = EVENTS[:]
            random.Random(seed).shuffle(events)
            log = self.write('shuffled.jsonl', lines(events))
            self.assertEqual(self.report(log).bytes, self.expected)

    def test_several_logs_give_the_same_bytes(self):
        even = self.write('even.jsonl', lines(EVENTS[::2]))
        odd = self.write('odd.jsonl', lines(EVENTS[1::2]))
        self.assertEqual(self.report(odd, even).bytes, self.expected)

    def test_little_memory_gives_the_same_bytes(self):
        self.assertEqual(self.report(self.log, '--memory', '64KB').bytes,
                         self.expected)

    def test_standard_input(self):
        stdin = lines(EVENTS).encode('utf-8')
        self.assertEqual(self.report('-', stdin=stdin).bytes, self.expected)

    def test_gzip(self):
        packed = gzip.compress(lines(EVENTS).encode('utf-8'))
        log = self.write('log.jsonl.gz', packed)
        self.assertEqual(self.report(log).bytes, self.expected)
        self.assertEqual(self.report('-', stdin=packed).bytes, self.expected)

    def test_csv(self):
        names = ['at', 'kind', 'interaction', 'id', 'customer', 'channel',
                 'agent']
        text = io.StringIO()
        writer = csv.DictWriter(text, names)
        writer.writeheader()
        writer.writerows(EVENTS)
        log = self.write('log.csv', text.getvalue())
        self.assertEqual(self.report(log).bytes, self.expected)

    def test_mapping(self):
        mapping = self.write('log.mapping.json', json.dumps({
            'input': {'format': 'csv'},
            'fields': {'at': 'time', 'interaction': 'ticket',
                       'channel': {'constant': 'e-mail'}},
            'rules': [{'when': {'role': 'customer'},
                       'kind': 'customer_message'},
                      {'when': {'role': 'agent'}, 'kind': 'agent_message',
                       'fields': {'agent': 'who'}}],
            'else': 'skip'}))
        log = self.write('foreign.csv', 'time,ticket,role,who\n'
                         '2026-03-02T09:00:00Z,7,customer,\n'
                         '2026-03-02T09:10:00Z,7,agent,ana\n')
        row = self.report(log, '--map', mapping, '--by', 'channel').rows()[
            'first_response_time', 'e-mail']
        self.assertEqual(row['sum_us'], 600_000_000)

    def test_duplicates_are_counted(self):
        log = self.write('twice.jsonl', lines(EVENTS + EVENTS))
        report = self.report(log).json()
        self.assertEqual(report['rows'], json.loads(self.expected)['rows'])
        self.assertEqual(report['events']['duplicate'], 9)

    def test_allowed_lateness_refuses_what_is_late(self):
        events = EVENTS[1:] + EVENTS[:1]
        log = self.write('late.jsonl', lines(events))
        events = self.report(log, '--allowed-lateness', '5m').json()['events']
        self.assertEqual((events['applied'], events['late']), (8, 1))
        self.assertEqual(events['refusals'][0]['row'], 9)
        strict = self.run_tool('report', log, '--allowed-lateness', '5m',
                               '--strict')
        self.assertEqual(strict.status, 1)

    def test_lateness_reads_logs_side_by_side(self):
        even = self.write('even.jsonl', lines(EVENTS[::2]))
        odd = self.write('odd.jsonl', lines(EVENTS[1::2]))
        events = self.report(odd, even, '--allowed-lateness',
                             '0s').json()['events']
        self.assertEqual((events['applied'], events['late']), (9, 0))

    def test_bad_records_are_refused_one_by_one(self):
        text = lines(EVENTS).splitlines(keepends=True)
        text.insert(2, '{"at": "2026-03-02T09:00:00Z", "kind": "custmer"}\n')
        text.insert(5, 'not JSON\n')
        text.append(json.dumps(event('03T09:02:00', 'agent_state', 'x')) +
                    '\n')
        log = self.write('bad.jsonl', ''.join(text))
        report = self.report(log).json()
        self.assertEqual(report['rows'], json.loads(self.expected)['rows'])
        self.assertEqual(report['events']['refused'], 3)
        self.assertEqual([(r['source'], r['row'])
                          for r in report['events']['refusals']],
                         [(log, 3), (log, 6), (log, 12)])

    def test_strict_says_whether_events_were_refused(self):
        bad = self.write('bad.jsonl', lines(EVENTS) + 'not JSON\n')
        result = self.run_tool('report', bad, '--strict')
        self.assertEqual(result.status, 1)
        self.assertIn('1 refused', result.out)
        self.assertIn('bad.jsonl: line 10', result.out)
        self.assertEqual(self.run_tool('report', bad).status, 0)
        self.assertEqual(self.run_tool('report', self.log,
                                       '--strict').status, 0)


class OutputTest(CliTest):

    def test_a_file_is_replaced(self):
        path = self.write('out.json', 'before')
        os.chmod(path, 0o640)
        result = self.run_tool('report', self.log, '--format', 'json',
                               '--output', path)
        self.assertEqual((result.status, result.out, result.err), (0, '', ''))
        written = pathlib.Path(path).read_bytes()
        self.assertEqual(written, self.report(self.log).bytes)
        self.assertEqual(os.stat(path).st_mode & 0o777, 0o640)
        self.assertEqual(sorted(os.listdir(self.folder)),
                         ['log.jsonl', 'out.json'])

    def test_a_link_stays_a_link(self):
        target = self.write('target.json', 'before')
        link = self.folder / 'link.json'
        link.symlink_to(target)
        self.run_tool('report', self.log, '--output', str(link))
        self.assertTrue(link.is_symlink())
        self.assertIn('Total', pathlib.Path(target).read_text('utf-8'))

    def test_an_error_leaves_the_file_alone(self):
        path = self.write('out.json', 'before')
        cut = self.write('cut.jsonl.gz', gzip.compress(
            lines(EVENTS).encode('utf-8'))[:-20])
        result = self.run_tool('report', cut, '--output', path)
        self.assert_bad(result, cut)
        self.assertEqual(pathlib.Path(path).read_text('utf-8'), 'before')
        self.assertEqual(len(os.listdir(self.folder)), 3)

    def test_a_file_that_cannot_be_written(self):
        path = str(self.folder / 'missing' / 'out.json')
        self.assert_bad(self.run_tool('report', self.log, '--output', path),
                        path, 'No such file')
        self.assert_bad(self.run_tool('report', self.log, '--output',
                                      str(self.folder)), 'directory')

    def test_what_is_no_file_is_written_to(self):
        result = self.run_tool('kpis', 'arrivals', '--output', '/dev/stdout')
        self.assertEqual(result.status, 0)
        self.assertIn('arrivals', result.out)

    def test_a_reader_that_goes_away_is_no_error(self):
        with subprocess.Popen([TOOL, 'kpis', '--format', 'json'],
                              stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE) as tool:
            tool.stdout.close()
            self.assertEqual(tool.stderr.read(), b'')
            self.assertEqual(tool.wait(60), 0)

    def test_a_full_disk_is_an_error(self):
        if not os.path.exists('/dev/full'):
            self.skipTest('needs /dev/full')
        with open('/dev/full', 'wb') as full:
            done = subprocess.run([TOOL, 'kpis'], stdout=full,
                                  stderr=subprocess.PIPE, check=False)
        self.assertEqual(done.returncode, 2)
        self.assertIn(b'No space left', done.stderr)


class ArgumentTest(CliTest):

    def test_help_and_version(self):
        for arguments in (['--help'], ['report', '--help']):
            result = self.run_tool(*arguments)
            self.assertEqual((result.status, result.err), (0, ''))
            self.assertIn('report', result.out)
        result = self.run_tool('--version')
        self.assertEqual((result.status, result.out), (0, 'cckpi 0.1.0\n'))

    def test_bad_arguments(self):
        bad = self.assert_bad
        bad(self.run_tool())
        bad(self.run_tool('repot'), 'repot')
        bad(self.run_tool('report'), 'EVENTS')
        bad(self.run_tool('report', self.log, '--colour'), '--colour')
        bad(self.run_tool('report', self.log, '--format', 'xml'),
            '--format: "xml" is none of table, csv, json')
        bad(self.run_tool('report', self.log, '--by', 'chanel'),
            '--by: "chanel"', 'did you mean "channel"?')
        bad(self.run_tool('report', self.log, '--by', 'team,team'),
            'there twice')
        bad(self.run_tool('report', self.log, '--every', 'year'), '--every:')
        bad(self.run_tool('report', self.log, '--kpi', 'arivals'),
            '--kpi: "arivals"', 'did you mean "arrivals"?')
        bad(self.run_tool('report', self.log, '--now', 'yesterday'), '--now:')
        bad(self.run_tool('report', self.log, '--now', '1970-01-01'),
            '--now:', '1990')
        bad(self.run_tool('report', self.log, '--zone', 'Mars/Olympus'),
            '--zone:', 'Mars/Olympus')
        bad(self.run_tool('report', self.log, '--allowed-lateness', 'soon'),
            '--allowed-lateness:')
        bad(self.run_tool('report', self.log, '--from', '2026-03-03', '--to',
                          '2026-03-03'), '--to:')
        bad(self.run_tool('report', self.log, '--memory', 'lots'), 'memory')
        bad(self.run_tool('report', '-', '-'), 'twice')

    def test_unreadable_files(self):
        missing = str(self.folder / 'missing.jsonl')
        self.assert_bad(self.run_tool('report', missing), missing,
                        'No such file')
        self.assert_bad(self.run_tool('report', str(self.folder)),
                        str(self.folder))
        self.assert_bad(self.run_tool('report', self.log, '--config',
                                      missing), missing, 'No such file')
        self.assert_bad(self.run_tool('report', self.log, '--map', missing),
                        missing)
        header = self.write('header.csv', 'when,what\n1,2\n')
        self.assert_bad(self.run_tool('report', header), header)

    def test_what_a_log_says_cannot_draw_on_the_terminal(self):
        log = self.write('evil.jsonl', lines([
            event('02T09:00:00', 'customer_message', 'T', channel='\x1b[2J'),
            event('02T09:00:00', '\x1b[31m', 'T')]))
        result = self.run_tool('report', log, '--by', 'channel')
        self.assertEqual(result.status, 0)
        self.assertNotIn('\x1b', result.out)


class CheckTest(CliTest):

    def check(self, text):
        return self.run_tool('check', self.write('config.json', text))

    def test_a_sound_configuration_is_summed_up(self):
        result = self.check(json.dumps({
            'time_zone': 'Europe/Madrid',
            'kpis': [{'id': 'frt', 'kpi': 'first_response_time'}]}))
        self.assertEqual((result.status, result.err), (0, ''))
        self.assertIn('config.json: OK\n', result.out)
        self.assertIn('Europe/Madrid', result.out)
        self.assertIn('1 KPI: frt', result.out)
        self.assertEqual(self.check('{}').status, 0)

    def test_every_error_is_named_with_its_path(self):
        result = self.check(json.dumps({
            'time_zone': 'Mars/Olympus',
            'kpis': [{'kpi': 'first_response_time', 'statistik': 'mean'}]}))
        self.assertEqual((result.status, result.out), (2, ''))
        errors = result.err.splitlines()
        self.assertEqual(len(errors), 2, result.err)
        for error in errors:
            self.assertRegex(error, '^cckpi: .*config.json: ')
        self.assertIn('time_zone', result.err)
        self.assertIn('did you mean "statistic"?', result.err)

    def test_text_that_is_no_json(self):
        self.assert_bad(self.check('{"kpis": ['), 'config.json')

    def test_standard_input(self):
        result = self.run_tool('check', '-', stdin=b'{}')
        self.assertEqual(result.status, 0)


class KpisTest(CliTest):

    def test_the_catalogue_in_every_format(self):
        table = self.run_tool('kpis')
        self.assertEqual((table.status, table.err), (0, ''))
        catalogue = self.run_tool('kpis', '--format', 'json').json()
        names = [kpi['kpi'] for kpi in catalogue]
        self.assertIn('first_response_time', names)
        self.assertIn('idle_time', names)
        for name in names:
            self.assertIn(f'\n{name}  ', '\n' + table.out)
        records = csv.DictReader(io.StringIO(
            self.run_tool('kpis', '--format', 'csv').out, newline=''))
        self.assertEqual([record['kpi'] for record in records], names)

    def test_one_kpi_with_its_options(self):
        result = self.run_tool('kpis', 'service_level')
        self.assertEqual(result.status, 0)
        self.assertIn('stage  first | every | resolution; default first',
                      result.out)
        self.assert_bad(self.run_tool('kpis', 'servce_level'),
                        'did you mean "service_level"?')


class ExplainTest(CliTest):

    def explain(self, *arguments):
        result = self.run_tool('explain', self.log, *arguments)
        self.assertEqual((result.status, result.err), (0, ''))
        return result

    def test_the_interactions_behind_a_number(self):
        observations = self.explain(
            '--kpi', 'first_response_time', '--by', 'total', '--format',
            'json').json()['observations']
        done = [(o['interaction'], o['episode'], o['start'], o['end'],
                 o['value']) for o in observations if o['outcome'] == 'done']
        self.assertEqual(done, [
            ('T-1', 1, '2026-03-02T09:00:00Z', '2026-03-02T09:08:32Z',
             512_000_000),
            ('T-2', 1, '2026-03-02T10:00:00Z', '2026-03-02T10:30:00Z',
             1_800_000_000),
            ('T-4', 1, '2026-03-03T09:00:00Z', '2026-03-03T09:01:00Z',
             60_000_000)])
        self.assertEqual([o['interaction'] for o in observations
                          if o['outcome'] == 'open'], ['T-3'])

    def test_table_and_csv(self):
        table = self.explain('--kpi', 'first_response_time', '--by',
                             'channel').out
        self.assertRegex(table, r'T-1 +1 +2026-03-02 09:00 +'
                         r'2026-03-02 09:08:32 +8m 32s +done +facebook')
        text = self.explain('--kpi', 'first_response_time', '--by', 'channel',
                            '--format', 'csv').out
        records = list(csv.DictReader(io.StringIO(text, newline='')))
        self.assertEqual(records[0]['interaction'], 'T-1')
        self.assertEqual(records[0]['channel'], 'facebook')

    def test_one_kpi_is_needed(self):
        self.assert_bad(self.run_tool('explain', self.log), '--kpi')
        self.assert_bad(self.run_tool('explain', self.log, '--kpi',
                                      'arrivals,answered'), '--kpi')


WAITING = {'scaling_matrix': [
    {'id': 'waiting', 'kpi': 'backlog', 'target': '<=1', 'by': ['channel'],
     'bands': [{'level': 'warning', 'over': 1, 'dwell': '10m',
                'notify': ['lead']}]}]}


class AlertsTest(CliTest):

    def alerts(self, *arguments, config=WAITING, **more):
        path = self.write('alerts.json', json.dumps(config))
        return self.run_tool('alerts', *arguments, '--config', path, **more)

    def lines(self, result):
        self.assertEqual(result.status, 0, result.err)
        return [json.loads(line) for line in result.out.splitlines()]

    def test_log_is_replayed_with_ticks(self):
        said = self.lines(self.alerts(self.log))
        # T-3 and T-4 wait on facebook from 09:00 of the second day on, T-4 is
        # answered, not closed.
        self.assertEqual(
            [(line['at'], line['to']) for line in said
             if line['type'] == 'transition' and
             line['group'] == {'channel': 'facebook'}],
            [('2026-03-02T09:00:00Z', 'ok'),
             ('2026-03-03T09:00:00Z', 'pending')])
        later = self.lines(self.alerts(self.log, '--now',
                                       '2026-03-03T10:00:00Z'))
        note = later[-1]
        self.assertEqual(note['type'], 'notification')
        self.assertEqual(note['kind'], 'opened')
        self.assertEqual(note['at'], '2026-03-03T09:10:00Z')
        self.assertEqual(note['incident'],
                         'waiting@2026-03-03T09:10:00Z/channel=facebook')
        self.assertEqual(note['since'], '2026-03-03T09:00:00Z')
        self.assertEqual((note['value'], note['target'], note['over']),
                         (2, '<=1', '1'))
        self.assertEqual(note['recipients'], ['lead'])

    def test_ticks_that_are_left_out_change_nothing(self):
        more = ('--now', '2026-03-05T00:00:00Z', '--tick', '10s')
        self.assertEqual(self.alerts(self.log, *more).out,
                         self.alerts(self.log, *more, '--every-tick').out)

    def test_summary_is_a_table(self):
        result = self.alerts(self.log, '--summary', '--now',
                             '2026-03-03T10:00:00Z')
        self.assertIn('Alerts: 1 incident,', result.out)
        self.assertIn('open 50m', result.out)

    def test_wrong_arguments_are_named(self):
        for arguments, reason in [
                ((), 'EVENTS is required, or --test'),
                ((self.log, '--tick', '2d'), '--tick: must be more than 0'),
                ((self.log, '--tick', 'x'), '--tick: '),
                ((str(self.folder / 'none.jsonl'),), 'none.jsonl')]:
            result = self.alerts(*arguments)
            self.assertEqual(result.status, 2, arguments)
            self.assertIn(reason, result.err)
        result = self.alerts(self.log, config={})
        self.assertEqual(result.status, 2)
        self.assertIn('there is no scaling_matrix in it', result.err)

    def test_scripts_say_what_fails(self):
        case = {'name': 'c', 'values': '2*11', 'group': {'channel': 'x'},
                'at': {'10m': 'ok'}}
        script = self.write('script.json', json.dumps(
            {'config': 'alerts.json', 'cases': [case]}))
        self.write('alerts.json', json.dumps(WAITING))
        result = self.run_tool('alerts', '--test', script)
        self.assertEqual(result.status, 1)
        self.assertIn('script.json: c: waiting/x at 10m: is firing(warning), '
                      'must be ok\n1 case, 1 failed\n', result.out)
        case['at'] = {'10m': 'firing(warning)'}
        script = self.write('script.json', json.dumps(
            {'config': 'alerts.json', 'cases': [case]}))
        result = self.run_tool('alerts', '--test', script)
        self.assertEqual((result.status, result.out),
                         (0, '1 case, 0 failed\n'))

    def test_watch_reads_standard_input_to_its_end(self):
        path = self.write('alerts.json', json.dumps(
            {'scaling_matrix': [
                {'id': 'waiting', 'kpi': 'backlog', 'target': '<=1',
                 'bands': [{'level': 'warning', 'over': 1}]}]}))
        log = pathlib.Path(self.log).read_bytes()
        result = self.run_tool('watch', '-', '--config', path, stdin=log)
        self.assertEqual(result.status, 0, result.err)
        self.assertEqual([json.loads(line).get('kind')
                          for line in result.out.splitlines()],
                         [None, 'opened'])

    def test_watch_follows_rotation_and_stops_on_a_signal(self):
        path = self.write('alerts.json', json.dumps(
            {'scaling_matrix': [
                {'id': 'waiting', 'kpi': 'backlog', 'target': '<=1',
                 'bands': [{'level': 'warning', 'over': 1}]}]}))
        now = datetime.datetime.now(datetime.timezone.utc).isoformat()
        line = lambda i: json.dumps({'at': now, 'kind': 'customer_message',
                                     'interaction': i}) + '\n'
        log = self.folder / 'live.jsonl'
        log.write_text(line('A'))
        tool = subprocess.Popen([TOOL, 'watch', str(log), '--config', path,
                                 '--tick', '1s'], stdout=subprocess.PIPE)
        self.addCleanup(tool.stdout.close)
        first = json.loads(tool.stdout.readline())
        self.assertEqual((first['to'], first['value']), ('ok', 1))
        log.rename(self.folder / 'live.jsonl.1')
        log.write_text(line('B'))
        self.assertEqual(json.loads(tool.stdout.readline())['value'], 2)
        tool.send_signal(signal.SIGTERM)
        self.assertEqual(tool.wait(20), 0)


if __name__ == '__main__':
    unittest.main()
