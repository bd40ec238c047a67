"""Kills a consumer at random moments, until it has read its log.

The last run's report is that of a run that nobody killed, to the byte.
CCKPI_KILLS is the number of kills (20); a long run is

    CCKPI_KILLS=200 ctest --preset dev -R examples.kill
"""

import os
import pathlib
import random
import signal
import subprocess
import tempfile
import time
import unittest

DURABLE = os.environ['CCKPI_DURABLE']
TOOL = os.environ['CCKPI_TOOL']
KILLS = int(os.environ.get('CCKPI_KILLS', '20'))


class KillTest(unittest.TestCase):
    def test_killed_at_any_moment_it_counts_every_event_once(self):
        with tempfile.TemporaryDirectory() as name:
            folder = pathlib.Path(name)
            log = folder / 'log.jsonl'
            subprocess.run([TOOL, 'generate', '--interactions', '600',
                            '--disorder', '30m', '--output', log], check=True)
            started = time.monotonic()
            undisturbed = subprocess.run(
                [DURABLE, log, folder / 'undisturbed.state'],
                check=True, capture_output=True).stdout
            span = time.monotonic() - started
            randomness = random.Random(7)
            state = folder / 'killed.state'
            kills = 0
            while kills < KILLS:
                run = subprocess.Popen([DURABLE, log, state],
                                       stdout=subprocess.PIPE)
                try:
                    report = run.communicate(
                        timeout=randomness.uniform(0, span * 0.3))[0]
                except subprocess.TimeoutExpired:
                    run.send_signal(signal.SIGKILL)
                    run.communicate()
                    kills += 1
                    continue
                # It came through: what it says is right, and it starts anew.
                self.assertEqual(run.returncode, 0)
                self.assertEqual(report, undisturbed)
                state.unlink()
            final = subprocess.run([DURABLE, log, state], check=True,
                                   capture_output=True).stdout
            self.assertEqual(final, undisturbed)


if __name__ == '__main__':
    unittest.main(verbosity=2)
