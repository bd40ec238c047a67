"""How a page behaves: drawn, silent, closed to the network, text as text, and
of use by keyboard, on a phone, in the dark and on paper.
"""

import json
import re
import unittest

from page_case import (BASICS, CONFIGURED_DAY, DAY, SHAPES, TWITTER, PageCase,
                       cckpi)

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


class PageTest(PageCase):
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


if __name__ == '__main__':
    unittest.main(verbosity=2)
