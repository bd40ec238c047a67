"""cckpi scorecard and cckpi report --due, as a shell runs them.

CCKPI_TOOL is the path of the tool.
"""

import csv
import fractions
import io
import json
import pathlib
import unittest

from cli_test import CliTest, event, lines

ROOT = pathlib.Path(__file__).resolve().parents[2]
TWITTER = ROOT / 'examples/data/twitter_customer_care.csv.gz'
Fraction = fractions.Fraction


def case(at, minutes, name, team, without_error):
    """A question at day and hour, its answer, and the review of that."""
    day, hour = at
    answered = hour * 60 + minutes
    at_answer = f'{day:02}T{answered // 60:02}:{answered % 60:02}:00'
    start = f'{day:02}T{hour:02}:00:00'
    review = f'{day:02}T23:00:00'
    return [
        event(start, 'customer_message', name, channel='web'),
        event(start, 'queued', name, team=team),
        event(at_answer, 'agent_message', name, agent='ann', message=name),
        event(review, 'reviewed', name, message=name,
              errors={'major': 0 if without_error else 1})]


def week():
    """20 minutes on average, 9 of 10 without an error; and another team."""
    log = []
    for day in range(2, 7):
        log += case((day, 9), 10, f'a{day}', 'first-response', True)
        log += case((day, 12), 30, f'b{day}', 'first-response', day != 4)
        log += case((day, 13), 300, f'c{day}', 'investigation', False)
    return log


def weekly_card(attainment='linear', **more):
    return {
        'id': 'first-level', 'scope': {'team': 'first-response'},
        'every': 'week', 'attainment': attainment,
        'cards': [
            {'kpi': 'first_response_time', 'benchmark': '<15m', 'weight': 50},
            {'kpi': 'accuracy', 'benchmark': '>=85%', 'weight': 50}], **more}


class ScorecardCliTest(CliTest):

    def setUp(self):
        super().setUp()
        self.log = self.write('week.jsonl', lines(week()))

    def config(self, **content):
        return self.write('config.json', json.dumps(content))

    def scorecard(self, config, *arguments):
        result = self.run_tool('scorecard', self.log, '--config', config,
                               *arguments)
        self.assertEqual((result.status, result.err), (0, ''))
        return result

    def test_the_weekly_card_in_json(self):
        for attainment, tat, score in (('binary', 0, 500_000),
                                       ('linear', 750_000, 875_000)):
            config = self.config(scorecards=[weekly_card(attainment)])
            [result] = self.scorecard(
                config, '--now', '2026-03-09',
                '--format', 'json').json()['scorecards']
            self.assertEqual(result['scorecard'], 'first-level')
            self.assertEqual(result['begin'], '2026-03-02T00:00:00Z')
            self.assertEqual(result['score_micro'], score)
            self.assertEqual(result['score'], score / 1e6)
            self.assertEqual(result['weight_permille'], 100_000)
            self.assertIs(result['provisional'], False)
            first, second = result['lines']
            self.assertEqual(
                [first[key] for key in ('kpi', 'target', 'target_micro',
                                        'value', 'n', 'attainment_micro',
                                        'contribution_micro', 'state')],
                ['first_response_time', '<15m', 900_000_000, 1200, 10, tat,
                 tat // 2, 'scored'])
            self.assertEqual(first['scope'], {'team': 'first-response'})
            self.assertEqual(
                [second[key] for key in ('kpi', 'value', 'n',
                                         'attainment_micro', 'weight')],
                ['accuracy', 0.9, 10, 1_000_000, 50])

    def test_the_weekly_card_as_a_table(self):
        config = self.config(scorecards=[weekly_card()])
        self.assertEqual(
            self.scorecard(config, '--now', '2026-03-09').out,
            'As of 2026-03-09 00:00 UTC\n\n'
            'first-level: linear, every week, team first-response\n'
            '  window           card                       target  actual   n'
            '  attained  weight  points\n'
            '  week 2026-03-02  First response time, mean  <15m       20m  10'
            '    75.0 %      50  37.5 %\n'
            '                   Accuracy                   >=85%   90.0 %  10'
            '   100.0 %      50  50.0 %\n'
            '                   score                                      '
            '                 100  87.5 %  final\n')

    def test_the_weekly_card_in_csv(self):
        config = self.config(scorecards=[weekly_card()])
        text = self.scorecard(config, '--now', '2026-03-09', '--format',
                              'csv').out
        records = list(csv.DictReader(io.StringIO(text, newline='')))
        self.assertEqual([r['kpi'] for r in records],
                         ['first_response_time', 'accuracy'])
        self.assertEqual([r['attainment_micro'] for r in records],
                         ['750000', '1000000'])
        self.assertEqual({r['score_micro'] for r in records}, {'875000'})
        self.assertEqual(records[0]['scope'], 'team=first-response')
        self.assertEqual(records[0]['score_provisional'], 'false')

    def test_windows_that_are_open_are_left_out_unless_asked_for(self):
        config = self.config(scorecards=[weekly_card()])
        self.assertIn('No window has closed yet; --current shows',
                      self.scorecard(config, '--now', '2026-03-07').out)
        text = self.scorecard(config, '--now', '2026-03-07', '--current').out
        self.assertRegex(text, r'score +100 +~87.5 % +provisional\n')
        self.assertIn('~ provisional: more events may still change it.', text)

    def test_every_replaces_the_windows(self):
        config = self.config(scorecards=[weekly_card()])
        results = self.scorecard(config, '--every', 'day', '--now',
                                 '2026-03-06', '--format',
                                 'json').json()['scorecards']
        self.assertEqual([r['every'] for r in results], ['day'] * 4)
        self.assertEqual([r['score_micro'] for r in results],
                         [875_000, 875_000, 669_118, 875_000])

    def test_windows_without_data_are_one_line(self):
        config = self.config(scorecards=[weekly_card()])
        text = self.scorecard(config, '--now', '2026-04-13').out
        self.assertRegex(text, r'\n  week 2026-03-09  no data in 5 weeks +- +'
                         r'final\n')

    def test_teams_and_their_manager(self):
        team = weekly_card()
        team.update(id='team', by=['team'])
        del team['scope']
        config = self.config(scorecards=[
            team, {'id': 'manager', 'of': [{'scorecard': 'team',
                                            'weight': 1}]}])
        text = self.scorecard(config, '--now', '2026-03-09').out
        # 15 of 300 minutes is 5 %, nothing without an error: 2.5 %.
        self.assertRegex(text, r'team first-response +87.5 %')
        self.assertRegex(text, r'team investigation +2.5 % +2.5 %')
        self.assertRegex(text, r'score +2 +45.0 % +final')
        only = self.scorecard(config, '--now', '2026-03-09', '--id',
                              'manager').out
        self.assertNotIn('window           team', only)

    def test_the_order_of_the_log_does_not_matter(self):
        config = self.config(scorecards=[weekly_card()])
        sorted_out = self.scorecard(config, '--format', 'json', '--now',
                                    '2026-03-09').bytes
        self.log = self.write('back.jsonl', lines(reversed(week())))
        self.assertEqual(self.scorecard(config, '--format', 'json', '--now',
                                        '2026-03-09').bytes, sorted_out)

    def test_bad_arguments(self):
        config = self.config(scorecards=[weekly_card()])

        def bad(*arguments):
            return self.run_tool('scorecard', self.log, *arguments)

        self.assert_bad(bad(), '--config')
        self.assert_bad(bad('--config', config, '--id', 'frst-level'),
                        '--id: no scorecard "frst-level"; did you mean '
                        '"first-level"?')
        self.assert_bad(bad('--config', config, '--every', '15m'), '--every')
        self.assert_bad(bad('--config', config, '--format', 'html'),
                        '--format')
        self.assert_bad(bad('--config', self.config(time_zone='UTC')),
                        'has no "scorecards"')

    def test_the_worked_day_has_a_weekly_card(self):
        """docs/worked-day.md: 230 minutes in 10 cases; 3 of 5 reviewed."""
        result = self.run_tool(
            'scorecard', str(ROOT / 'examples/data/support_day.jsonl'),
            '--config', str(ROOT / 'examples/support_day.config.json'),
            '--now', '2026-03-09', '--id', 'weekly-card', '--format', 'json')
        self.assertEqual((result.status, result.err), (0, ''))
        [card] = result.json()['scorecards']
        self.assertEqual(
            [(line['n'], line['value'], line['attainment_micro'])
             for line in card['lines']],
            [(10, 1380, 652_174), (5, 0.6, 705_882)])
        self.assertEqual(card['score_micro'], 679_028)

    def test_every_line_is_what_fractions_give(self):
        """The examples' own scorecards, computed once more from their rows."""
        result = self.run_tool(
            'scorecard', str(TWITTER), '--map',
            str(TWITTER).replace('.csv.gz', '.mapping.json'), '--config',
            str(ROOT / 'examples/twitter_care.config.json'), '--format',
            'json', '--current')
        self.assertEqual((result.status, result.err), (0, ''))

        def rounded(share):
            return (share * 1_000_000 + Fraction(1, 2)).__floor__()

        scored = 0
        results = result.json()['scorecards']
        scores = {(r['scorecard'], r['begin']): r['score_micro']
                  for r in results}
        for card in results:
            weights = points = 0
            for line in card['lines']:
                attained = line['attainment_micro']
                if 'scorecard' in line:
                    self.assertEqual(
                        attained, scores[line['scorecard'], card['begin']])
                elif line['state'] != 'scored':
                    self.assertIsNone(attained)
                elif card['attainment'] == 'zones':
                    self.assertIn(attained // 1000, [0] + [
                        zone['points_permille'] for zone in line['zones']])
                else:
                    value = Fraction(line['value_numerator_micro'],
                                     line['value_denominator'])
                    target = line['target_micro']
                    low = line['comparator'] in ('<', '<=')
                    if value <= target if low else value >= target:
                        share = Fraction(1)
                    else:
                        share = target / value if low else value / target
                    self.assertEqual(attained, rounded(share))
                    scored += 1
                if attained is not None:
                    weights += line['weight_permille']
                    points += line['weight_permille'] * attained
            expected = None
            if weights:
                expected = rounded(Fraction(points, weights * 1_000_000))
            self.assertEqual(card['score_micro'], expected)
            self.assertEqual(card['weight_permille'], weights)
        self.assertGreater(scored, 50)


class DueReportsTest(CliTest):

    def setUp(self):
        super().setUp()
        self.log = self.write('week.jsonl', lines(week()))
        self.out = self.folder / 'out'
        self.config = self.write('config.json', json.dumps({
            'time_zone': 'Europe/Madrid', 'scorecards': [weekly_card()],
            'reports': [
                {'id': 'weekly', 'at': 'Mon 08:00', 'by': ['team'],
                 'kpis': ['first_response_time'], 'to': ['manager', 'é<b>']},
                {'id': 'card', 'at': 'Mon 08:00', 'format': 'csv',
                 'scorecards': ['first-level'], 'to': ['team-lead']},
                {'id': 'daily', 'every': 'day', 'at': '06:00',
                 'format': 'json', 'kpis': ['arrivals'],
                 'scorecards': ['first-level']},
                {'id': 'a/b', 'every': 'hour', 'at': ':15', 'format': 'csv',
                 'kpis': ['arrivals']},
                {'id': 'a_b', 'every': 'hour', 'at': ':15', 'format': 'csv',
                 'kpis': ['arrivals']}]}))

    def due(self, *arguments):
        result = self.run_tool('report', self.log, '--config', self.config,
                               '--due', '--output', str(self.out), *arguments)
        self.assertEqual((result.status, result.out, result.err), (0, '', ''))
        return json.loads((self.out / 'due.json').read_text('utf-8'))

    def test_the_index_lists_files_and_recipients(self):
        index = self.due('--now', '2026-03-09T07:00:00Z', '--since',
                         '2026-03-09T04:30:00Z')
        self.assertEqual(
            [(r['id'], r['due'][11:16], r['begin'], r['files'], r['to'])
             for r in index['reports']],
            [('daily', '05:00', '2026-03-07T23:00:00Z',
              ['daily-2026-03-08.json'], []),
             ('a/b', '05:15', '2026-03-09T04:00:00Z',
              ['a_b-20260309T0400Z.csv'], []),
             ('a_b', '05:15', '2026-03-09T04:00:00Z',
              ['a_b_2-20260309T0400Z.csv'], []),
             ('a/b', '06:15', '2026-03-09T05:00:00Z',
              ['a_b-20260309T0500Z.csv'], []),
             ('a_b', '06:15', '2026-03-09T05:00:00Z',
              ['a_b_2-20260309T0500Z.csv'], []),
             ('weekly', '07:00', '2026-03-01T23:00:00Z',
              ['weekly-2026-03-02.txt'], ['manager', 'é<b>']),
             ('card', '07:00', '2026-03-01T23:00:00Z',
              ['card-2026-03-02.scorecards.csv'], ['team-lead'])])
        named = {name for r in index['reports'] for name in r['files']}
        self.assertEqual({path.name for path in self.out.iterdir()},
                         named | {'due.json'})
        self.assertEqual(index['since'], '2026-03-09T04:30:00Z')

    def test_without_since_the_last_of_each(self):
        index = self.due('--now', '2026-03-12')
        self.assertEqual(
            [(r['id'], r['begin'][:10]) for r in index['reports']],
            [('weekly', '2026-03-01'), ('card', '2026-03-01'),
             ('daily', '2026-03-09'), ('a/b', '2026-03-11'),
             ('a_b', '2026-03-11')])

    def test_what_is_in_the_files(self):
        self.due('--now', '2026-03-09T07:00:00Z')
        table = (self.out / 'weekly-2026-03-02.txt').read_text('utf-8')
        self.assertRegex(table, r'first-response +20m +10 ')
        self.assertRegex(table, r'investigation +5h +5 ')
        text = (self.out / 'card-2026-03-02.scorecards.csv').read_text('utf-8')
        records = list(csv.DictReader(io.StringIO(text, newline='')))
        self.assertEqual({r['score_micro'] for r in records}, {'875000'})

    def test_json_holds_the_scorecards_that_closed(self):
        self.due('--now', '2026-03-09T07:00:00Z')
        report = json.loads((self.out / 'daily-2026-03-08.json').read_text())
        [card] = report['scorecards']
        self.assertEqual(card['score_micro'], 875_000)
        self.assertEqual(report['rows'], [])
        # On Saturday no week closes.
        self.due('--now', '2026-03-07T07:00:00Z')
        report = json.loads((self.out / 'daily-2026-03-06.json').read_text())
        self.assertNotIn('scorecards', report)
        self.assertEqual(report['rows'][0]['count'], 3)

    def test_nothing_due(self):
        index = self.due('--now', '2026-03-09T07:00:00Z', '--since',
                         '2026-03-09T07:00:00Z')
        self.assertEqual(index['reports'], [])

    def test_bad_arguments(self):
        def bad(*arguments):
            return self.run_tool('report', self.log, *arguments)

        known = ('--config', self.config, '--due')
        self.assert_bad(bad('--due', '--now', '2026-03-09', '--output',
                            str(self.out)), 'has no "reports"')
        self.assert_bad(bad(*known, '--output', str(self.out)), '--now')
        self.assert_bad(bad(*known, '--now', '2026-03-09'), '--output')
        self.assert_bad(bad(*known, '--now', '2026-03-09', '--output',
                            self.log), 'is no directory')
        self.assert_bad(bad(*known, '--now', '2026-03-09', '--output',
                            str(self.out), '--since', '2026-03-10'),
                        '--since: must not be after --now')
        self.assert_bad(bad('--since', '2026-03-01'), '--since')
        self.assertFalse(self.out.exists())


if __name__ == '__main__':
    unittest.main()
