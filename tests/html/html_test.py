"""HTML reports, as a browser shows them.

CCKPI_TOOL is the path of the tool. What a page shows is compared with the
JSON report of the same arguments, which other tests hold against the engine.
"""

import json
import os
import pathlib
import re
import subprocess
import tempfile
import unittest

from browser import Browser

TOOL = os.environ['CCKPI_TOOL']
ROOT = pathlib.Path(__file__).resolve().parents[2]
TWITTER = [
    str(ROOT / 'examples/data/twitter_customer_care.csv.gz'),
    '--map', str(ROOT / 'examples/data/twitter_customer_care.mapping.json'),
    '--config', str(ROOT / 'examples/twitter_care.config.json')]
DAY = [str(ROOT / 'examples/data/support_day.jsonl')]
CONFIGURED_DAY = DAY + [
    '--config', str(ROOT / 'examples/support_day.config.json')]

# Names that would do harm if a page took them for markup.
HOSTILE = [
    '<script>window.harmed = 1</script>',
    '"><img src=x onerror="window.harmed = 1">',
    "'; window.harmed = 1; //",
    '</script><script>window.harmed = 1</script>',
    '<!--<script>',
    ']]>&lt;b&gt;&amp;amp;',
    'line\u2028separator\u2029',
    '\u202egnp.exe',
    '{{constructor.constructor("window.harmed = 1")()}}',
    '\x07\x1b[31mred',
]

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

# What every page must have to be usable without sight or mouse.
BASICS = '''
const wrong = [];
const say = (what, element) =>
  wrong.push(what + ': ' + element.outerHTML.slice(0, 120));
const named = (element) => (element.getAttribute('aria-label') ||
  element.textContent || '').trim() !== '';
if (!document.documentElement.lang) wrong.push('no language');
if (!document.title) wrong.push('no title');
for (const one of ['main', 'header', 'nav', 'footer', 'h1']) {
  if (document.querySelectorAll(one).length !== 1) wrong.push('not one ' + one);
}
let level = 0;
for (const heading of document.querySelectorAll('h1, h2, h3, h4, h5, h6')) {
  const its = Number(heading.tagName[1]);
  if (its > level + 1) say('heading skips a level', heading);
  level = its;
}
for (const table of document.querySelectorAll('table')) {
  if (!table.caption || !named(table.caption)) say('no caption', table);
  for (const header of table.querySelectorAll('th')) {
    if (!header.scope) say('no scope', header);
  }
}
for (const image of document.querySelectorAll('img, [role=img]')) {
  if (!image.getAttribute('aria-label') && !image.alt) say('no name', image);
}
for (const svg of document.querySelectorAll('svg')) {
  if (svg.getAttribute('aria-hidden') !== 'true' ||
      !svg.closest('[role=img]')) say('svg without a name', svg);
}
for (const one of document.querySelectorAll('button, a[href], summary')) {
  if (!named(one)) say('no name', one);
}
for (const one of document.querySelectorAll('.scroll')) {
  if (one.tabIndex !== 0 || !named(one)) say('no keyboard', one);
}
for (const link of document.querySelectorAll('a[href^="#"]')) {
  if (!document.getElementById(link.getAttribute('href').slice(1))) {
    say('leads nowhere', link);
  }
}
const ids = new Set();
for (const one of document.querySelectorAll('[id]')) {
  if (ids.has(one.id)) say('the same id twice', one);
  ids.add(one.id);
}
for (const section of document.querySelectorAll('section')) {
  if (!document.getElementById(section.getAttribute('aria-labelledby'))) {
    say('no name', section);
  }
}
return wrong;
'''

# Luminance contrast of the text of elements against what is behind it.
CONTRAST = '''
const channel = (c) => {
  c /= 255;
  return c <= 0.03928 ? c / 12.92 : Math.pow((c + 0.055) / 1.055, 2.4);
};
const parse = (text) => {
  const [r, g, b, a] = text.match(/[\\d.]+/g).map(Number);
  return [r, g, b, a === undefined ? 1 : a];
};
const behind = (element) => {
  const layers = [];
  for (let one = element; one; one = one.parentElement) {
    const color = parse(getComputedStyle(one).backgroundColor);
    if (color[3] > 0) layers.push(color);
    if (color[3] === 1) break;
  }
  let [r, g, b] = layers.pop() || [255, 255, 255];
  for (const [lr, lg, lb, a] of layers.reverse()) {
    r = lr * a + r * (1 - a); g = lg * a + g * (1 - a);
    b = lb * a + b * (1 - a);
  }
  return [r, g, b];
};
const light = ([r, g, b]) =>
  0.2126 * channel(r) + 0.7152 * channel(g) + 0.0722 * channel(b);
const low = [];
for (const element of document.querySelectorAll(
    'h1, h2, p, a, th, td, dt, dd, li, span, small, summary, button, abbr')) {
  if (!element.textContent.trim() || !element.offsetParent) continue;
  const a = light(parse(getComputedStyle(element).color));
  const b = light(behind(element));
  const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
  if (ratio < 4.5) low.push(ratio.toFixed(2) + ' ' + element.outerHTML);
}
return low.slice(0, 5);
'''

# What charts are made of: drawn shapes in each.
SHAPES = '''
return Array.from(document.querySelectorAll('.plot'), (plot) => ({
  kind: plot.dataset.chart, label: plot.getAttribute('aria-label'),
  shapes: plot.querySelectorAll('svg path').length,
  texts: Array.from(plot.querySelectorAll('svg text'), (t) => t.textContent),
  height: plot.getBoundingClientRect().height,
}));
'''


def cckpi(*arguments, command='report'):
    done = subprocess.run([TOOL, command, *arguments], capture_output=True,
                          check=False)
    if done.returncode != 0:
        raise AssertionError(done.stderr.decode())
    return done.stdout.decode()


class HtmlTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory(prefix='cckpi-html-')
        cls.path = pathlib.Path(cls.folder.name)
        cls.browser = Browser().__enter__()
        cls.pages = {}

    @classmethod
    def tearDownClass(cls):
        cls.browser.__exit__()
        cls.folder.cleanup()

    def setUp(self):
        self.browser.resize(1280, 900)
        self.browser.prefer('light')

    def page(self, *arguments):
        """The file of a report; each is made once."""
        if arguments not in self.pages:
            path = self.path / f'page{len(self.pages)}.html'
            # Rules that look less often are slow enough in a debug build.
            tick = () if '--tick' in arguments else ('--tick', '12h')
            cckpi(*arguments, *tick, '--format', 'html', '--output', str(path))
            self.pages[arguments] = path
        return self.pages[arguments]

    def open(self, *arguments):
        self.browser.open(self.page(*arguments))

    def block(self):
        return json.loads(self.browser.run(
            'return document.getElementById("cckpi-data").textContent'))

    def write(self, name, events):
        path = self.path / name
        path.write_text(''.join(json.dumps(e) + '\n' for e in events))
        return str(path)

    def config(self, name, config):
        path = self.path / name
        path.write_text(json.dumps(config))
        return str(path)

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

    def test_every_chart_is_drawn_and_nothing_is_said_or_asked_for(self):
        for arguments in (TWITTER, DAY, CONFIGURED_DAY,
                          TWITTER + ['--every', 'month']):
            path = self.page(*arguments)
            self.open(*arguments)
            charts = self.browser.run(SHAPES)
            self.assertGreater(len(charts), 5)
            for chart in charts:
                self.assertGreater(chart['shapes'], 3, chart)
                self.assertGreater(len(chart['texts']), 2, chart)
                self.assertGreater(chart['height'], 100, chart)
                self.assertIn('figures follow', chart['label'])
            self.browser.run('for (const d of document.querySelectorAll('
                             '"details")) d.open = true;')
            self.assertEqual(self.browser.console(), [])
            self.assertEqual(self.browser.requests(), [path.as_uri()])

    def test_the_page_may_not_reach_the_network(self):
        self.open(*DAY)
        policy = self.browser.run(
            'return document.querySelector("meta[http-equiv]").content')
        self.assertIn("default-src 'none'", policy)
        self.assertNotIn('unsafe-eval', policy)
        self.assertNotIn("script-src 'unsafe-inline'", policy)
        blocked = self.browser.run('''
            return fetch("data:,x").then(() => "fetched", () => "blocked");''')
        self.assertEqual(blocked, 'blocked')
        injected = self.browser.run('''
            const script = document.createElement("script");
            script.textContent = "window.injected = 1";
            document.body.append(script);
            return window.injected === undefined;''')
        self.assertTrue(injected)

    def test_the_whole_page_is_one_small_file(self):
        text = self.page(*TWITTER).read_text()
        self.assertLess(len(text), 3_000_000)
        shell = re.sub(r'<script>.*?</script>|<pre>.*?</pre>', '', text,
                       flags=re.S)
        self.assertNotRegex(shell, r'(src|href)="(?!#)')
        self.assertNotIn('url(', shell)
        self.assertNotIn('@import', shell)
        self.assertIn('Licensed to the Apache Software Foundation', text)
        self.assertIn('BSD 3-Clause', text)

    def hostile_page(self):
        """Hostile text wherever text can come from."""
        events = []
        for number, name in enumerate(HOSTILE):
            at = f'2026-03-02T{8 + number:02}'
            common = {'interaction': f't{number} {name}', 'channel': name,
                      'team': name, 'customer': name, 'source': name,
                      'tags': {'plan': name}}
            events += [
                {'at': at + ':00:00Z', 'kind': 'customer_message', **common},
                {'at': at + ':05:00Z', 'kind': 'agent_message',
                 'agent': name, **common},
                {'at': at + ':06:00Z', 'kind': 'agent_state', 'agent': name,
                 'state': name, 'id': name}]
        log = self.write('hostile.jsonl', events)
        config = self.config('hostile.json', {
            'agent_states': {'<b>state</b>': ['paid'], 'available': [
                'paid', 'productive', 'available']},
            'groups': [['channel'], ['agent'], ['tag.plan']],
            'kpis': [
                {'id': 'frt', 'kpi': 'first_response_time'},
                {'kpi': 'response_time'}, {'kpi': 'arrivals'},
                {'kpi': 'backlog'}],
            'scorecards': [{
                'id': 'groups', 'every': 'day', 'by': ['channel'], 'cards': [
                    {'kpi': 'frt', 'benchmark': '<15m', 'weight': 1}]}, {
                'id': 'card', 'every': 'day',
                'scope': {'channel': HOSTILE[3]}, 'cards': [
                    {'kpi': 'frt', 'benchmark': '<15m', 'weight': 1}]}],
            'scaling_matrix': [{
                'id': 'rule', 'kpi': 'frt',
                'scope': {'channel': HOSTILE[1]}, 'window': '15m',
                'target': '<=1m', 'bands': [
                    {'level': '<u onclick="window.harmed=1">bad</u>',
                     'over': '1m', 'actions': [HOSTILE[0]],
                     'notify': [HOSTILE[1]]}]}]})
        return [log, '--config', config]

    def test_hostile_text_stays_text(self):
        arguments = self.hostile_page()
        self.open(*arguments)
        self.browser.run('''
            for (const plot of document.querySelectorAll(".plot")) {
              const box = plot.getBoundingClientRect();
              for (let x = 20; x < box.width; x += 40) {
                const at = {clientX: box.left + x, clientY: box.top + 90,
                            bubbles: true};
                const svg = plot.querySelector("svg");
                svg.dispatchEvent(new MouseEvent("mousemove", at));
              }
            }''')
        self.assertEqual(self.browser.console(), [])
        self.assertIsNone(self.browser.run('return window.harmed || null'))
        for selector in ('#harm', 'main img', 'main i, main u', '[onerror]',
                         '[onclick]', 'main script'):
            found = self.browser.run(
                'return Array.from(document.querySelectorAll(arguments[0]), '
                '(e) => e.outerHTML)', selector)
            # The page's own <i> around options.
            found = [f for f in found if not f.startswith('<i>')]
            self.assertEqual(found, [], selector)
        agents = self.browser.run('''
            return Array.from(document.querySelectorAll("#agents tbody th"),
                              (h) => h.textContent);''')
        for name in HOSTILE[:6]:
            self.assertIn(name, agents)
        cards = self.browser.run('''
            return Array.from(document.querySelectorAll("#scorecards bdi"),
                              (h) => h.textContent);''')
        for name in HOSTILE[:6]:
            self.assertIn(name, cards)
        # Control characters and reversed text are shown, not obeyed.
        self.assertIn('\\u202egnp.exe', agents)
        self.assertTrue(any('\\x1b[31mred' in name for name in agents))

    def test_hostile_text_in_the_json_block_is_kept_exactly(self):
        arguments = self.hostile_page()
        report = json.loads(cckpi(*arguments, '--format', 'json'))
        self.open(*arguments)
        self.assertEqual(self.block()['report'], report)
        text = self.page(*arguments).read_text()
        block = re.search(r'id="cckpi-data">(.*?)</script>', text, re.S)[1]
        self.assertEqual(json.loads(block)['report'], report)
        self.assertNotRegex(block, '[<>&\u2028\u2029]')

    def test_refused_events_are_listed_as_text(self):
        self.open(*self.hostile_page())
        reasons = self.browser.run('''
            return Array.from(document.querySelectorAll("#refused tbody tr"),
                              (row) => row.textContent);''')
        self.assertEqual(len(reasons), len(HOSTILE))
        self.assertIn('is not among the agent_states', reasons[0])

    def test_basics_of_accessibility(self):
        for arguments in (TWITTER, DAY, TWITTER + ['--every', 'month'],
                          self.hostile_page()):
            self.open(*arguments)
            self.assertEqual(self.browser.run(BASICS), [], arguments)

    def test_text_has_contrast_in_light_and_dark(self):
        for scheme in ('light', 'dark'):
            self.browser.prefer(scheme)
            self.open(*TWITTER)
            self.assertEqual(self.browser.run(CONTRAST), [], scheme)

    def test_the_keyboard_reaches_everything_and_focus_shows(self):
        self.open(*TWITTER)
        self.browser.press('Tab')
        self.assertEqual(self.browser.run(
            'return document.activeElement.className'), 'skip')
        top = self.browser.run(
            'return document.activeElement.getBoundingClientRect().top')
        self.assertGreaterEqual(top, 0)
        self.browser.press('Enter')
        self.assertEqual(self.browser.run('return location.hash'), '#main')
        self.browser.press('Tab')
        outline = self.browser.run('''
            return getComputedStyle(document.activeElement).outlineWidth;''')
        self.assertEqual(outline, '3px')

    def test_tables_sort_by_keyboard(self):
        self.open(*TWITTER)
        names = '''
            return Array.from(document.querySelectorAll(
              "table.sortable[data-report]")[0].tBodies[0].rows, (row) => [
                row.cells[0].textContent,
                row.cells[1].querySelector("data").value]);'''
        before = self.browser.run(names)
        self.browser.run('document.querySelectorAll("table.sortable[data-report]")[0]'
                         '.tHead.rows[0].cells[1].querySelector("button")'
                         '.focus()')
        self.browser.press('Enter')
        after = self.browser.run(names)
        self.assertNotEqual(before, after)
        self.assertCountEqual(map(tuple, before), map(tuple, after))
        values = [float(value) for _, value in after]
        self.assertEqual(values, sorted(values, reverse=True))
        self.assertEqual(self.browser.run(
            'return document.querySelectorAll("[aria-sort=descending]")'
            '.length'), 1)

    def test_no_page_is_wider_than_a_phone(self):
        for width in (360, 768):
            self.browser.resize(width, 800)
            for arguments in (TWITTER, DAY, CONFIGURED_DAY,
                              self.hostile_page()):
                self.open(*arguments)
                self.assertLessEqual(self.browser.run(
                    'return document.documentElement.scrollWidth'), width)
                outside = self.browser.run('''
                    return Array.from(document.querySelectorAll(
                      "main *, header *")).filter((e) =>
                        e.getBoundingClientRect().right > innerWidth + 1 &&
                        !e.closest(".scroll, .hidden, nav, svg, .plot"))
                      .map((e) => e.outerHTML.slice(0, 100));''')
                self.assertEqual(outside, [], (width, arguments))

    def test_charts_follow_the_width(self):
        self.open(*TWITTER)
        width = '''return document.querySelector(".plot svg")
                     .getBoundingClientRect().width;'''
        wide = self.browser.run(width)
        self.browser.resize(360, 800)
        self.browser.run('window.dispatchEvent(new Event("resize"))')
        self.assertLess(self.browser.run(width), 340)
        self.assertGreater(wide, 500)

    def test_dark_and_light_by_system_and_by_button(self):
        ground = 'return getComputedStyle(document.body).backgroundColor'
        axis = '''return document.querySelector(".plot svg text")
                    .getAttribute("fill");'''
        press = 'document.getElementById("theme").click()'
        self.open(*TWITTER)
        light, light_axis = self.browser.run(ground), self.browser.run(axis)
        self.browser.prefer('dark')
        dark, dark_axis = self.browser.run(ground), self.browser.run(axis)
        self.assertNotEqual(light, dark)
        self.assertNotEqual(light_axis, dark_axis)
        self.browser.run(press)
        self.assertEqual(self.browser.run(ground), light)
        self.assertEqual(self.browser.run(axis), light_axis)
        self.browser.run(press)
        self.browser.prefer('light')
        self.assertEqual(self.browser.run(ground), dark)
        self.browser.run(press)
        self.assertEqual(self.browser.run(ground), light)
        self.assertEqual(self.browser.console(), [])

    def test_it_prints_on_white_with_its_charts(self):
        self.browser.prefer('dark')
        self.open(*TWITTER)
        pdf = self.path / 'page.pdf'
        self.browser.print_pdf(pdf)
        self.assertGreater(pdf.stat().st_size, 50_000)
        # While it prints: light colours, no navigation, charts in place.
        self.browser.run('window.dispatchEvent(new Event("beforeprint"))')
        self.browser.devtools('Emulation.setEmulatedMedia', media='print')
        try:
            self.assertEqual(self.browser.run(
                'return getComputedStyle(document.body).backgroundColor'),
                'rgb(255, 255, 255)')
            self.assertEqual(self.browser.run(
                'return getComputedStyle(document.querySelector("nav"))'
                '.display'), 'none')
            heights = self.browser.run('''
                return Array.from(document.querySelectorAll(".plot svg"),
                                  (s) => s.getBoundingClientRect().height);''')
            self.assertGreater(min(heights), 80)
        finally:
            self.browser.devtools('Emulation.setEmulatedMedia', media='')
        self.browser.run('window.dispatchEvent(new Event("afterprint"))')
        self.assertNotEqual(self.browser.run(
            'return getComputedStyle(document.body).backgroundColor'),
            'rgb(255, 255, 255)')

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
