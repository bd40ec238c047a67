"""cckpi generate: the same log for the same seed, whole and in order."""

import json
import os
import subprocess
import unittest

TOOL = os.environ['CCKPI_TOOL']


def run(*arguments: str, stdin: bytes = b'') -> bytes:
    return subprocess.run([TOOL, *arguments], input=stdin, check=True,
                          stdout=subprocess.PIPE).stdout


def generate(*arguments: str) -> list:
    return [json.loads(line) for line in run('generate', *arguments).splitlines()]


class GenerateTest(unittest.TestCase):

    def test_the_seed_decides(self):
        log = run('generate', '--interactions', '200')
        self.assertEqual(log, run('generate', '--interactions', '200'))
        self.assertNotEqual(
            log, run('generate', '--interactions', '200', '--seed', '2'))

    def test_every_event_is_applied(self):
        log = run('generate', '--interactions', '400', '--days', '3')
        report = json.loads(run('report', '-', '--format', 'json', '--kpi',
                                'arrivals', '--by', 'total', stdin=log))
        self.assertEqual(
            {key: report['events'][key]
             for key in ('applied', 'duplicate', 'late', 'refused')},
            {'applied': log.count(b'\n'), 'duplicate': 0, 'late': 0,
             'refused': 0})

    def test_every_kind_of_event_occurs(self):
        kinds = {event['kind'] for event in generate('--interactions', '2000')}
        self.assertEqual(kinds, {
            'customer_message', 'bot_message', 'bot_handoff', 'queued',
            'assigned', 'accepted', 'agent_message', 'hold', 'resumed',
            'no_reply_needed', 'resolved', 'auto_closed', 'reopened',
            'discarded', 'priority_changed', 'focus', 'reviewed', 'surveyed',
            'agent_state', 'forecast'})

    def test_as_many_interactions_as_asked_for(self):
        events = generate('--interactions', '123')
        self.assertEqual(
            len({event['interaction'] for event in events
                 if 'interaction' in event}), 123)

    def test_events_are_in_order(self):
        times = [event['at'][:19] for event in generate('--interactions', '50')]
        self.assertEqual(times, sorted(times))

    def test_disorder_is_bounded_and_changes_no_number(self):
        calm = run('generate', '--interactions', '100')
        wild = run('generate', '--interactions', '100', '--disorder', '10m')
        self.assertNotEqual(calm, wild)
        arguments = ('report', '-', '--format', 'json')
        sorted_rows = json.loads(run(*arguments, stdin=calm))['rows']
        self.assertEqual(
            json.loads(run(*arguments, stdin=wild))['rows'], sorted_rows)
        # As they arrive, none is later than the disorder.
        live = json.loads(run(*arguments, '--allowed-lateness', '10m',
                              stdin=wild))
        self.assertEqual(live['events']['late'], 0)

    def test_csv_has_the_same_events(self):
        arguments = ('--interactions', '60')
        lines = run('generate', *arguments)
        table = run('generate', *arguments, '--format', 'csv')
        report = ('report', '-', '--format', 'json')
        self.assertEqual(json.loads(run(*report, stdin=lines)),
                         json.loads(run(*report, stdin=table)))


if __name__ == '__main__':
    unittest.main()
