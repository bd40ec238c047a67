"""What a page says: the numbers of its tables, charts and texts.

They are compared with the JSON report of the same arguments, which other tests
hold against the engine.
"""

import json
import re
import unittest

from page_case import (BASICS, CONFIGURED_DAY, DAY, SHAPES, TWITTER, PageCase,
                       cckpi)

# Every value of a table with its place in the JSON block, and the texts of
# its row's headers.
TABLE_VALUES = '''
return Array.from(document.querySelectorAll('table[data-report]'), (table) =>
  Array.from(table.querySelectorAll('[data-row]'), (cell) => {
    const value = cell.querySelector('data');
    const row = cell.closest('tr');
    return {
      report: table.dataset.report, row: Number(cell.dataset.row),
      value: value === null ? null : Number(value.getAttribute('value')),
      text: cell.textContent,
      provisional: cell.querySelector('.provisional') !== null,
      headers: Array.from(row.querySelectorAll('th'), (h) => h.textContent),
      column: table.tHead.rows[0].cells[cell.cellIndex].textContent,
    };
  })).flat();
'''


class NumbersTest(PageCase):
    def check_values(self, arguments):
        """Each row of the JSON report stands in the page, and nothing else."""
        report = json.loads(cckpi(*arguments, '--format', 'json'))
        self.open(*arguments)
        block = self.block()
        self.assertEqual(block['report'], report)
        seen = set()
        for cell in self.browser.run(TABLE_VALUES):
            row = block[cell['report']]['rows'][cell['row']]
            seen.add((cell['report'], cell['row']))
            self.assertEqual(cell['value'], row['value'], row)
            self.assertEqual(cell['provisional'],
                             row['provisional'] and row['value'] is not None)
            name = row.get('id')
            if name is not None:
                self.assertIn(name, ' '.join([cell['column'],
                                              *cell['headers']]))
            for value in row['group'].values():
                self.assertIn('(none)' if value is None else value,
                              cell['headers'])
        # A grouping without any value repeats the total and is left out.
        for number, row in enumerate(report['rows']):
            if not row['group'] or any(row['group'].values()):
                self.assertIn(('report', number), seen, row)
        return block

    def test_values_of_a_real_log_equal_the_json_report(self):
        block = self.check_values(TWITTER)
        self.assertGreater(len(block['report']['rows']), 200)

    def test_values_of_every_kpi_equal_the_json_report(self):
        self.check_values(DAY)
        self.check_values(CONFIGURED_DAY)

    def test_values_by_window_equal_the_json_report(self):
        block = self.check_values(TWITTER + ['--every', 'month'])
        whole = json.loads(cckpi(*TWITTER, '--format', 'json'))
        self.assertEqual(block['summary']['rows'], whole['rows'])

    def test_values_by_chosen_groups_and_kpis_equal_the_json_report(self):
        self.check_values(DAY + ['--by', 'team,channel', '--kpi',
                                 'first_response_time,service_level'])

    def test_charts_hold_the_series_of_the_json_report(self):
        self.open(*TWITTER)
        trends = self.block()['charts']['trends']
        self.assertEqual(trends['every'], 'week')
        rows = json.loads(cckpi(*TWITTER, '--every', 'week', '--by', 'total',
                                '--format', 'json'))['rows']
        expected = {(r.get('id') or r['kpi'], r['begin']): r['value']
                    for r in rows}
        compared = 0
        for series in trends['series']:
            if series['scope']:
                continue
            name = series['id'] or series['kpi']
            for begin, value in zip(trends['begins'], series['values']):
                if value is not None:
                    self.assertEqual(value, expected[(name, begin)], name)
                    compared += 1
        self.assertGreater(compared, 400)

    def test_scorecards_equal_those_of_the_scorecard_command(self):
        expected = {(s['scorecard'], s['begin']): s for s in json.loads(cckpi(
            *TWITTER, '--format', 'json', command='scorecard'))['scorecards']}
        self.open(*TWITTER)
        block = self.block()
        compared = 0
        for result in block['scorecards']:
            # The page has the window that holds now as well.
            same = expected.get((result['scorecard'], result['begin']))
            if same is not None:
                self.assertEqual(result, same)
                compared += 1
        self.assertGreater(compared, 90)
        wanted = []
        for chart in block['charts']['scores']:
            results = [s for s in block['scorecards']
                       if s['scorecard'] == chart['id']]
            self.assertEqual(chart['groups'][0]['values'],
                             [s['score'] for s in results])
            newest = [s for s in results if s['score'] is not None][-1]
            for line in newest['lines']:
                wanted += [line['value'], line['attainment'],
                           line['contribution']]
            wanted.append(newest['score'])
        shown = self.browser.run('''
            return Array.from(document.querySelectorAll(
              "#scorecards table.score td data"), (d) => Number(d.value));''')
        self.assertEqual(shown, [w for w in wanted if w is not None])

    def test_charts_have_targets_and_bands(self):
        self.open(*TWITTER)
        series = {s['id'] or s['kpi']: s for s in
                  self.block()['charts']['trends']['series']
                  if not s['scope']}
        self.assertEqual(series['frt_p50']['target']['text'], '< 1h')
        self.assertEqual(set(series['frt_p50']['target']['values']), {3600})
        self.assertEqual([(b['level'], b['over']) for b in
                          series['wait']['bands']],
                         [('warning', 7200), ('critical', 21600)])
        self.assertNotIn('target', series['frt'])
        drawn = next(s for s in self.browser.run(SHAPES)
                     if s['label'].startswith('wait'))
        self.assertIn('critical > 6h', drawn['texts'])
        self.assertIn('target ≤ 2h', drawn['texts'])

    def test_distributions_hold_every_duration_and_mark_t(self):
        self.open(*TWITTER)
        block = self.block()
        first = next(d for d in block['charts']['distributions']
                     if d['kpi'] == 'first_response_time')
        row = next(r for r in block['report']['rows']
                   if r.get('id') == 'frt' and not r['group'])
        self.assertEqual(sum(first['counts']), row['count'])
        self.assertEqual([m['text'] for m in first['marks']],
                         ['T 15m', 'T 1h', 'T 1d'])
        # Within T is what share_within says, of the same bins.
        config = self.config('within.json', {'kpis': [
            {'id': 'w', 'kpi': 'first_response_time', 'within': '15m',
             'statistic': 'share_within'}], 'auto_close_after': '7d'})
        share = json.loads(cckpi(*TWITTER[:3], '--config', config, '--by',
                                 'total', '--format', 'json'))['rows'][0]
        mark = first['marks'][0]['after']
        self.assertAlmostEqual(first['shares'][mark], share['value'], 2)

    def test_arrivals_by_hour_add_up_in_the_zone(self):
        config = self.config('zone.json', {
            'time_zone': 'America/New_York', 'kpis': [{'kpi': 'arrivals'}]})
        self.open(*DAY, '--config', config)
        block = self.block()
        counts = block['charts']['arrivals']['counts']
        total = next(r for r in block['report']['rows'] if not r['group'])
        self.assertEqual(sum(map(sum, counts)), total['value'])
        # 2026-03-02 is a Monday; the first message at 07:30 UTC is at 2:30.
        self.assertEqual(block['charts']['arrivals']['days'][0], 'Mon')
        self.assertEqual(sum(counts[0]), total['value'])
        self.assertEqual(sum(counts[0][:2]), 0)
        self.assertGreater(counts[0][2], 0)

    def test_a_page_shows_more_than_the_kpis_that_are_reported(self):
        config = self.config('few.json', {'kpis': [{'kpi': 'answered'}]})
        arguments = DAY + ['--config', config]
        self.check_values(arguments)
        kinds = {s['kind'] for s in self.browser.run(SHAPES)}
        self.assertEqual(kinds, {'trends', 'distributions', 'backlog',
                                 'arrivals'})

    def test_scopes_of_rules_have_their_own_chart(self):
        config = self.config('scope.json', {
            'kpis': [{'kpi': 'arrivals'}],
            'scaling_matrix': [{
                'id': 'asa', 'kpi': 'speed_of_answer',
                'scope': {'channel': 'whatsapp'}, 'window': '15m',
                'target': '<=120s', 'bands': [
                    {'level': 'warning', 'over': '120s'}]}]})
        self.open(*DAY, '--config', config)
        series = [s for s in self.block()['charts']['trends']['series']
                  if s['kpi'] == 'speed_of_answer']
        self.assertEqual(len(series), 1)
        self.assertEqual(series[0]['scope'], {'channel': 'whatsapp'})
        self.assertIn('channel whatsapp', series[0]['variant'])
        self.assertEqual(series[0]['target']['text'], '≤ 2m')

    def test_alerts_equal_those_of_the_alerts_command(self):
        config = self.config('alerts.json', {'scaling_matrix': [{
            'id': 'waiting', 'kpi': 'backlog', 'by': ['channel'],
            'window': '15m', 'target': '<=0', 'bands': [
                {'level': 'warning', 'over': '0', 'notify': ['lead']},
                {'level': 'critical', 'over': '2', 'notify': ['boss']}]}]})
        arguments = DAY + ['--config', config]
        lines = [json.loads(line) for line in cckpi(
            *arguments, '--tick', '1m', command='alerts').splitlines()]
        opened = {n['incident'] for n in lines if n['type'] == 'notification'}
        told = sum(n['type'] == 'notification' for n in lines)
        self.assertGreater(len(opened), 2)
        self.open(*arguments, '--tick', '1m')
        rows = self.browser.run('''
            return Array.from(document.querySelectorAll(
              "#alerts table.incidents tbody tr"), (row) =>
                Array.from(row.cells, (cell) => cell.textContent));''')
        self.assertEqual(len(rows), len(opened))
        self.assertEqual(sum(int(row[6]) for row in rows), told)
        self.assertEqual({row[1] for row in rows}, {'waiting'})
        alerts = self.block()['charts']['alerts']
        self.assertTrue(any('whatsapp' in name for name in alerts['names']))
        # The replay leaves the numbers as they are.
        self.assertEqual(self.block()['report'], json.loads(
            cckpi(*arguments, '--format', 'json')))
        drawn = next(s for s in self.browser.run(SHAPES)
                     if s['kind'] == 'alerts')
        self.assertGreaterEqual(drawn['shapes'], len(alerts['segments']))

    def test_all_numbers_are_there_without_scripts(self):
        self.browser.devtools('Emulation.setScriptExecutionDisabled',
                              value=True)
        try:
            self.open(*TWITTER)
            document = self.browser.devtools('DOM.getDocument')['root']
            html = self.browser.devtools(
                'DOM.getOuterHTML', nodeId=document['nodeId'])['outerHTML']
        finally:
            self.browser.devtools('Emulation.setScriptExecutionDisabled',
                                  value=False)
        self.assertIn('class="no-charts"', html)
        report = json.loads(cckpi(*TWITTER, '--format', 'json'))
        values = set(re.findall(r'<data value="([^"]*)"', html))
        for row in report['rows']:
            if row['value'] is not None:
                self.assertIn(row['value'], [float(v) for v in values])

    def test_an_empty_log_gives_a_page_that_says_so(self):
        self.open(self.write('empty.jsonl', []))
        self.assertIn('nothing to report', self.browser.run(
            'return document.querySelector("main").textContent'))
        self.assertEqual(self.browser.console(), [])
        self.assertEqual(self.browser.run(BASICS), [])

    def test_definitions_explain_every_number(self):
        for arguments in (DAY, CONFIGURED_DAY, TWITTER):
            self.open(*arguments)
            block = self.block()
            text = self.browser.run(
                'return document.querySelector("#definitions").textContent')
            for row in block['report']['rows']:
                self.assertIn(row['kpi'], text)
                self.assertIn(row.get('id', ''), text)
            known = set(self.browser.run('''
                return Array.from(document.querySelectorAll(".glossary dt"),
                                  (d) => d.textContent);'''))
            shown = set(self.browser.run('''
                return Array.from(document.querySelectorAll(".detail"), (d) =>
                  d.firstChild.textContent.trim());'''))
            shown -= {'95 % interval', 'between', ''}
            self.assertLessEqual(shown, known)

    def test_groups_beyond_the_limit_are_left_out_and_counted(self):
        self.open(*TWITTER, '--top', '5')
        block = self.block()
        groups = {r['group'].get('source') for r in block['report']['rows']
                  if r['group']}
        self.assertEqual(len(groups), 5)
        self.assertIn('20 groups with fewer observations are left out',
                      self.browser.run('return document.querySelector("main")'
                                       '.textContent'))


if __name__ == '__main__':
    unittest.main(verbosity=2)
