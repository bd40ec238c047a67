"""The escalation matrix of examples/ over the made-up day of support.

CCKPI_TOOL is the path of the tool. On that Monday FB-1 is queued at 08:00 UTC
and answered at 08:06; FB-2 enters at 08:05 and stays with the bot. The mean
speed of answer, those still waiting included:

    08:03  one waits 180 s            past 120 s: pending
    08:05  two wait 300 s and 0 s     150 s, for two minutes: opened
    08:06  one was answered in 360 s  past 300 s: escalated
"""

import json
import os
import pathlib
import subprocess
import unittest

TOOL = os.environ['CCKPI_TOOL']
EXAMPLES = pathlib.Path(__file__).resolve().parents[2] / 'examples'


class FacebookEscalationTest(unittest.TestCase):

    def test_the_morning(self):
        done = subprocess.run(
            [TOOL, 'alerts', str(EXAMPLES / 'data/support_day.jsonl'),
             '--config', str(EXAMPLES / 'facebook_escalation.config.json'),
             '--to', '2026-03-02T08:20:00Z'],
            capture_output=True, check=True)
        said = [json.loads(line) for line in done.stdout.splitlines()]
        self.assertEqual(
            [(line['at'][11:16], line.get('kind') or line['to'],
              line.get('level') or line.get('to_level'), line['value'],
              line['n']) for line in said],
            [('08:00', 'ok', None, 0, 1),
             ('08:03', 'pending', 'warning', 180, 1),
             ('08:05', 'firing', 'warning', 150, 2),
             ('08:05', 'opened', 'warning', 150, 2),
             ('08:06', 'firing', 'critical', 360, 1),
             ('08:06', 'escalated', 'critical', 360, 1),
             ('08:15', 'ladder', 'critical', 360, 1)])
        self.assertEqual([line.get('recipients') for line in said],
                         [None, None, None, ['team-lead'], None,
                          ['manager', 'team-lead'], ['manager']])
        self.assertEqual(said[3]['contributors'][0],
                         {'interaction': 'FB-1', 'value': 300000000,
                          'outcome': 'waiting'})


if __name__ == '__main__':
    unittest.main()
