"""Reports as pages in a browser: what tests of pages share.

CCKPI_TOOL is the path of the tool.
"""

import json
import os
import pathlib
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


class PageCase(unittest.TestCase):
    """A browser and pages for the tests of a class."""

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
