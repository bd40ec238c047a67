"""A headless Chromium, driven by chromedriver over W3C WebDriver.

    with Browser() as browser:
        browser.open('report.html')
        title = browser.run('return document.title')

Only what the tests of pages need. The browser has a new, empty profile, and
no network of its own: what a page asks for is in Browser.requests().
"""

import base64
import json
import pathlib
import shutil
import subprocess
import tempfile
import time
import urllib.error
import urllib.request

FLAGS = [
    '--headless', '--no-sandbox', '--disable-gpu', '--disable-quic',
    '--no-first-run', '--disable-background-networking',
    '--disable-component-update', '--disable-sync', '--disable-extensions',
    '--disable-dev-shm-usage', '--hide-scrollbars', '--lang=en-US',
    '--force-color-profile=srgb',
]
START_SECONDS = 60


def find_chromium():
    return shutil.which('chromium') or shutil.which('chromium-browser')


def find_driver():
    return shutil.which('chromedriver')


class BrowserError(Exception):
    pass


class Browser:
    def __init__(self, flags=()):
        self._flags = FLAGS + list(flags)
        self._profile = tempfile.TemporaryDirectory(prefix='cckpi-browser-')
        self._log = tempfile.TemporaryFile()
        self._driver = None
        self._session = None

    def __enter__(self):
        try:
            self._start()
        except Exception:
            self._stop()
            raise
        return self

    def __exit__(self, *exception):
        self._stop()

    def _start(self):
        # Port 0 is any free one; the driver prints which.
        self._driver = subprocess.Popen(
            [find_driver(), '--port=0'], stdout=subprocess.PIPE,
            stderr=self._log, text=True)
        port = None
        for line in self._driver.stdout:
            if 'started successfully on port' in line:
                port = int(line.rsplit(' ', 1)[1].rstrip('.\n'))
                break
        if port is None:
            raise BrowserError('chromedriver did not start')
        self._base = f'http://127.0.0.1:{port}'
        session = self._call('POST', '/session', {'capabilities': {
            'alwaysMatch': {
                'browserName': 'chrome',
                'goog:loggingPrefs': {'browser': 'ALL', 'performance': 'ALL'},
                'goog:chromeOptions': {
                    'binary': find_chromium(),
                    'args': self._flags +
                    [f'--user-data-dir={self._profile.name}'],
                },
            }}})
        self._session = f'/session/{session["sessionId"]}'

    def _stop(self):
        if self._session is not None:
            try:
                self._call('DELETE', self._session)
            except (BrowserError, OSError):
                pass
            self._session = None
        if self._driver is not None:
            self._driver.terminate()
            self._driver.wait(20)
            self._driver.stdout.close()
            self._driver = None
        self._log.close()
        # The browser may write a last file while its folder goes.
        for _ in range(20):
            try:
                self._profile.cleanup()
                return
            except OSError:
                time.sleep(0.1)

    def _call(self, method, path, body=None):
        request = urllib.request.Request(
            self._base + path, method=method,
            data=None if body is None and method != 'POST'
            else json.dumps(body or {}).encode(),
            headers={'Content-Type': 'application/json'})
        try:
            with urllib.request.urlopen(request, timeout=START_SECONDS) as reply:
                return json.load(reply)['value']
        except urllib.error.HTTPError as error:
            value = json.load(error)['value']
            raise BrowserError(f'{value["error"]}: {value["message"]}') from None

    def _session_call(self, method, path, body=None):
        return self._call(method, self._session + path, body)

    def devtools(self, command, **parameters):
        return self._session_call('POST', '/goog/cdp/execute', {
            'cmd': command, 'params': parameters})

    def open(self, path):
        """Opens a file; what was logged before is forgotten."""
        self.console()
        self.requests()
        self._session_call('POST', '/url', {
            'url': pathlib.Path(path).resolve().as_uri()})

    def run(self, script, *arguments):
        """The value that the body of a function returns in the page."""
        return self._session_call('POST', '/execute/sync', {
            'script': script, 'args': list(arguments)})

    def console(self):
        """What the page logged since the last look, errors included."""
        return self._session_call('POST', '/se/log', {'type': 'browser'})

    def requests(self):
        """The addresses asked for since the last look."""
        urls = []
        for entry in self._session_call('POST', '/se/log',
                                        {'type': 'performance'}):
            message = json.loads(entry['message'])['message']
            if message['method'] == 'Network.requestWillBeSent':
                urls.append(message['params']['request']['url'])
        return urls

    def resize(self, width, height):
        """The size of the page itself, smaller than any window can be."""
        self.devtools('Emulation.setDeviceMetricsOverride', width=width,
                      height=height, deviceScaleFactor=1, mobile=False)

    def prefer(self, scheme):
        """The colours that the system asks for: light or dark."""
        self.devtools('Emulation.setEmulatedMedia', features=[
            {'name': 'prefers-color-scheme', 'value': scheme}])

    def press(self, key):
        """One key, such as Tab or Enter."""
        codes = {'Tab': 9, 'Enter': 13, ' ': 32}
        text = {'Enter': '\r', ' ': ' '}.get(key)
        event = {'key': key, 'code': 'Space' if key == ' ' else key,
                 'windowsVirtualKeyCode': codes[key]}
        if text:
            event['text'] = text
        self.devtools('Input.dispatchKeyEvent', type='keyDown', **event)
        self.devtools('Input.dispatchKeyEvent', type='keyUp', **event)

    def screenshot(self, path, full=False):
        parameters = {'format': 'png'}
        if full:
            size = self.devtools('Page.getLayoutMetrics')['cssContentSize']
            parameters.update(captureBeyondViewport=True, clip={
                'x': 0, 'y': 0, 'width': size['width'],
                'height': size['height'], 'scale': 1})
        data = self.devtools('Page.captureScreenshot', **parameters)['data']
        pathlib.Path(path).write_bytes(base64.b64decode(data))

    def print_pdf(self, path):
        data = self.devtools('Page.printToPDF', preferCSSPageSize=True,
                             printBackground=True)['data']
        pathlib.Path(path).write_bytes(base64.b64decode(data))
