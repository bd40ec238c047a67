"""The cases of tests/conformance (docs/conformance.md) through Python."""

from __future__ import annotations

import copy
import datetime
import json
import pathlib
from typing import Any

import pytest

import cckpi

FOLDER = pathlib.Path(__file__).parents[3] / 'tests' / 'conformance'


def cases() -> list[Any]:
    found = []
    for path in sorted(FOLDER.glob('*.json')):
        for case in json.loads(path.read_text('utf-8'))['cases']:
            found.append(pytest.param(case, id=f'{path.stem}-{case["name"]}'))
    return found


def differences(expected: Any, actual: Any, place: str) -> list[str]:
    """Where `actual` is not as `expected` says (docs/conformance.md)."""
    wrong = [f'{place}: expected {expected!r}, is {actual!r}']
    if isinstance(expected, dict) and set(expected) == {'about', 'within'}:
        near = (isinstance(actual, (int, float))
                and abs(actual - expected['about']) <= expected['within'])
        return [] if near else wrong
    if isinstance(expected, dict) and set(expected) == {'contains'}:
        inside = isinstance(actual, str) and expected['contains'] in actual
        return [] if inside else wrong
    if isinstance(expected, dict) and isinstance(actual, dict):
        found = []
        for key, value in expected.items():
            if key not in actual:
                found.append(f'{place}.{key}: is missing')
            elif key == 'group' and value != actual[key]:
                found.append(f'{place}.group: expected {value}, is '
                             f'{actual[key]}')
            else:
                found += differences(value, actual[key], f'{place}.{key}')
        return found
    if isinstance(expected, list) and isinstance(actual, list):
        if len(expected) != len(actual):
            return [f'{place}: expected {len(expected)} items, has '
                    f'{len(actual)}: {actual}']
        return [text for number, pair in enumerate(zip(expected, actual))
                for text in differences(*pair, f'{place}[{number}]')]
    if isinstance(expected, bool) or isinstance(actual, bool):
        return [] if expected is actual else wrong
    if isinstance(expected, (int, float)) and isinstance(actual, (int, float)):
        if isinstance(expected, int) and isinstance(actual, int):
            return [] if expected == actual else wrong
        near = abs(expected - actual) <= 1e-9 * max(1.0, abs(expected))
        return [] if near else wrong
    return [] if expected == actual else wrong


def plain(value: Any) -> Any:
    """Instants of Python as RFC 3339."""
    if isinstance(value, datetime.datetime):
        text = value.astimezone(datetime.timezone.utc).isoformat()
        return text.replace('+00:00', 'Z')
    if isinstance(value, list):
        return [plain(item) for item in value]
    if isinstance(value, dict):
        return {name: plain(item) for name, item in value.items()}
    return value


class Session:
    """The steps of a case, with one engine."""

    def __init__(self, config: Any, explain: str) -> None:
        self.config, self.watched = cckpi.Config(config), explain
        self.engine = cckpi.Engine(self.config, explain=explain)
        self.monitor = cckpi.Monitor(self.config)

    def ingest(self, events: Any) -> Any:
        lines = [event if isinstance(event, str) else json.dumps(event)
                 for event in events]
        result = self.engine.ingest('\n'.join(lines).encode(), format='jsonl')
        return {'accepted': result.accepted, 'late': result.late,
                'refused': result.refused,
                'handed_back': [refusal._asdict()
                                for refusal in result.refusals]}

    def advance(self, now: Any) -> Any:
        self.engine.advance(now)
        return {}

    def finish(self, _: Any) -> Any:
        self.engine.finish()
        return {}

    def query(self, query: Any) -> Any:
        rows = self.engine.query(**query).rows()
        return {'rows': plain(rows), 'now': plain(self.engine.now),
                'events': self.engine.counts()._asdict()}

    def explain(self, query: Any) -> Any:
        query = {key: value for key, value in query.items() if key != 'kpis'}
        by = query.get('by', [])
        rows = plain(self.engine.explain(**query).rows())
        for row in rows:
            row['group'] = {name: row.pop(name) for name in by}
        return {'observations': rows}


    def scorecards(self, options: Any) -> Any:
        ids = options.pop('scorecards', ())
        return {'results': plain(self.engine.scorecards(ids, **options).rows())}

    def tick(self, now: Any) -> Any:
        self.engine.advance(now)
        tick = self.monitor.tick(self.engine, now)
        return {'transitions': plain(tick.transitions.rows()),
                'notifications': plain(tick.notifications.rows())}

    def acknowledge(self, said: Any) -> Any:
        self.monitor.acknowledge(said['incident'], said['by'], said['at'])
        return {}

    def alerts(self, _: Any) -> Any:
        return {'alerts': plain(self.monitor.alerts().rows())}

    def save_and_restore(self, _: Any) -> Any:
        snapshot = self.engine.save(sections={'m': self.monitor.save()})
        self.engine = cckpi.Engine.restore(snapshot, self.config,
                                           explain=self.watched)
        self.monitor = cckpi.Monitor(self.config)
        self.monitor.restore(self.engine.sections['m'])
        return {}


ACTIONS = ('ingest', 'advance', 'finish', 'query', 'explain', 'scorecards',
           'tick', 'acknowledge', 'alerts', 'save_and_restore')
# What a step does; the rest of it is expected. `alerts` is both.
READ = {'why', *ACTIONS, 'error'} - {'alerts'}


@pytest.mark.parametrize('case', cases())
def test_case(case: Any) -> None:
    assert case['why']
    wrong = []
    try:
        session = Session(case.get('config', {}), case.get('explain', ''))
    except cckpi.Error as error:
        refusal = {'code': error.code.name, 'message': error.message}
        assert 'error' in case, refusal
        assert not differences(case['error'], refusal, 'error')
        return
    assert 'error' not in case
    for number, step in enumerate(case['steps']):
        (action,) = [name for name in ACTIONS if name in step]
        place = f'steps[{number}]'
        actual: Any
        try:
            actual = getattr(session, action)(copy.deepcopy(step[action]))
        except cckpi.Error as error:
            actual = {'error': {'code': error.code.name,
                                'message': error.message}}
        expected = {key: value for key, value in step.items()
                    if key not in READ or key == 'error'}
        if 'error' in actual and 'error' not in step:
            wrong.append(f'{place}: {actual["error"]}')
        wrong += differences(expected, actual, place)
    assert not wrong, '\n'.join(wrong)


def test_a_difference_is_seen() -> None:
    assert differences({'a': 1}, {'a': 1, 'b': 2}, 'x') == []
    assert differences({'a': 1}, {}, 'x') == ['x.a: is missing']
    assert differences(2**53 + 1, 2**53, 'x')
    assert differences(0.5, 0.500000002, 'x')
    assert not differences(0.5, 0.5000000001, 'x')
    assert differences(None, 0, 'x') and differences(False, 0, 'x')
    assert differences([1], [1, 2], 'x')
    assert differences({'group': {}}, {'group': {'team': 'a'}}, 'x')
