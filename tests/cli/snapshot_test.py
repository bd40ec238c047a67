"""cckpi snapshot, merge, resume: the numbers of a run that was never cut."""

import json
import subprocess
import unittest

from tool import TOOL, FolderTest

class SnapshotTest(FolderTest):

    def setUp(self):
        super().setUp()
        self.log = self.run_tool('generate', '--interactions', '300', '--days',
                                 '3')

    def run_tool(self, *arguments, status=0):
        result = subprocess.run([TOOL, *map(str, arguments)],
                                capture_output=True, timeout=120, check=False)
        self.assertEqual(result.returncode, status, result.stderr.decode())
        self.err = result.stderr.decode()
        return result.stdout

    def report(self, *arguments):
        return self.run_tool(*arguments, '--format', 'csv')

    def test_resumed_is_as_if_never_cut(self):
        lines = self.log.splitlines(keepends=True)
        whole = self.write('whole.jsonl', b''.join(lines))
        half = len(lines) // 2
        first = self.write('first.jsonl', b''.join(lines[:half]))
        second = self.write('second.jsonl', b''.join(lines[half:]))
        state = self.folder / 'state'
        self.run_tool('snapshot', first, '--output', state)
        self.assertEqual(self.report('resume', state, second),
                         self.report('report', whole))

    def test_equal_states_are_equal_bytes(self):
        lines = self.log.splitlines(keepends=True)
        # One name, as a state knows how far each log was read.
        for name, order in (('a', lines), ('b', lines[::-1])):
            log = self.write('log.jsonl', b''.join(order))
            self.run_tool('snapshot', log, '--output', self.folder / name)
        self.assertEqual((self.folder / 'a').read_bytes(),
                         (self.folder / 'b').read_bytes())

    def test_merged_shards_are_the_whole(self):
        shards = [[], [], []]  # customers dealt to two, agent states to one
        customer_of = {}
        for line in self.log.splitlines(keepends=True):
            event = json.loads(line)
            if event['kind'] in ('agent_state', 'forecast'):
                shards[2].append(line)
                continue
            name = event['interaction']
            customer = customer_of.setdefault(
                name, event.get('customer', name))
            shards[hash(customer) % 2].append(line)
        now = json.loads(self.log.splitlines()[-1])['at']
        states = []
        for number, lines in enumerate(shards):
            log = self.write(f'{number}.jsonl', b''.join(lines))
            states.append(self.folder / f'state-{number}')
            self.run_tool('snapshot', log, '--shard', '--now', now,
                          '--output', states[-1])
        merged = self.folder / 'merged'
        self.run_tool('merge', *states, '--output', merged)
        whole = self.write('whole.jsonl', self.log)
        self.assertEqual(self.report('resume', merged),
                         self.report('report', whole, '--now', now))

    def test_a_state_is_of_any_size(self):
        # A name has at most 1,024 bytes; 17,000 of them are more than any other
        # file that the tool reads as a whole may have.
        log = self.write('log.jsonl', ''.join(
            json.dumps({'at': '2026-03-02T08:00:00Z', 'channel': 'chat',
                        'kind': 'customer_message',
                        'interaction': f'{n:01000}'}) + '\n'
            for n in range(17_000)))
        state = self.folder / 'state'
        self.run_tool('snapshot', log, '--output', state)
        self.assertGreater(state.stat().st_size, 16 << 20)
        self.assertEqual(self.report('resume', state),
                         self.report('report', log))

    def test_a_damaged_state_is_an_error(self):
        log = self.write('log.jsonl', self.log)
        state = self.folder / 'state'
        self.run_tool('snapshot', log, '--output', state)
        damaged = bytearray(state.read_bytes())
        damaged[len(damaged) // 2] ^= 1
        state.write_bytes(damaged)
        self.assertEqual(self.run_tool('resume', state, log, status=2), b'')
        self.assertIn('damaged', self.err)


if __name__ == '__main__':
    unittest.main()
