"""Answers beyond the query: scheduled reports, scorecards and alerts as text,
the longest waits, opening hours, tests of rules."""

from __future__ import annotations

import datetime
import json
from typing import Any

import pytest

import cckpi

CONFIG: dict[str, Any] = {
    'allowed_lateness': '0', 'groups': [['channel']],
    'kpis': [{'kpi': 'backlog'},
             {'id': 'frt', 'kpi': 'first_response_time'}],
    'calendars': {'office': {'weekly': {
        'mon': [['09:00', '17:00']], 'tue': [['09:00', '17:00']]}}},
    'scorecards': [{'id': 'card', 'every': 'hour', 'cards': [
        {'kpi': 'frt', 'benchmark': '<15m', 'weight': 1}]}],
    'reports': [
        {'id': 'both', 'every': 'hour', 'kpis': ['frt'],
         'scorecards': ['card'], 'to': ['manager']},
        {'id': 'cards', 'every': 'hour', 'scorecards': ['card'],
         'to': ['eva']}],
    'scaling_matrix': [{
        'id': 'rule', 'kpi': 'backlog', 'target': '<=0',
        'bands': [{'level': 'high', 'over': 0, 'notify': ['lead']}]}]}


def engine() -> cckpi.Engine:
    """T-1 was answered within a minute; T-2 and T-3 wait."""
    made = cckpi.Engine(CONFIG)
    made.ingest([
        {'at': '2026-03-02T09:00:00Z', 'kind': 'customer_message',
         'interaction': 'T-1', 'channel': 'chat'},
        {'at': '2026-03-02T09:01:00Z', 'kind': 'agent_message',
         'interaction': 'T-1', 'agent': 'ana'},
        {'at': '2026-03-02T09:02:00Z', 'kind': 'customer_message',
         'interaction': 'T-2', 'channel': 'chat'},
        {'at': '2026-03-02T09:03:00Z', 'kind': 'customer_message',
         'interaction': 'T-3', 'channel': 'mail'}])
    made.advance('2026-03-02T11:00:00Z')
    return made


def test_more_rows_than_asked_for_are_an_error() -> None:
    asked = engine()
    rows = len(asked.query())
    assert rows > 1
    assert len(asked.query(max_rows=rows)) == rows
    with pytest.raises(cckpi.ResourceExhaustedError, match='more than'):
        asked.query(max_rows=rows - 1)
    bins = len(asked.distributions(by=()))
    assert len(asked.distributions(by=(), max_rows=bins)) == bins > 0
    with pytest.raises(cckpi.ResourceExhaustedError, match='more than'):
        asked.distributions(every='hour', max_rows=1)
    with pytest.raises(cckpi.ResourceExhaustedError, match='more than'):
        asked.html(max_rows=1)
    for ask in (asked.query, asked.distributions, asked.html):
        for wrong in (-1, 2**31):
            with pytest.raises(ValueError, match='max_rows'):
                ask(max_rows=wrong)


def test_due_reports_are_answered() -> None:
    host = engine()
    due = cckpi.Config(CONFIG).due_reports(
        '2026-03-02T10:00:00Z', '2026-03-02T09:30:00Z').rows()
    assert [row['report'] for row in due] == ['both', 'cards']
    both = host.scheduled_report('both', due[0]['begin'], due[0]['end'])
    assert both.rows is not None and both.scorecards is not None
    assert both.rows['sum_us'] == [60_000_000]
    assert both.scorecards.scores['scorecard'] == ['card']
    cards = host.scheduled_report('cards', due[1]['begin'], due[1]['end'])
    assert cards.rows is None and cards.scorecards is not None
    with pytest.raises(cckpi.NotFoundError):
        host.scheduled_report('weekly', due[0]['begin'], due[0]['end'])


def test_scorecards_are_written_as_the_tool_does() -> None:
    host = engine()
    (card, *_) = json.loads(host.scorecards_text(format='json'))
    assert card['scorecard'] == 'card'
    assert host.scorecards_text('card', format='csv').startswith('scorecard,')
    assert 'card' in host.scorecards_text()
    with pytest.raises(ValueError):
        host.scorecards_text(format='html')


def test_the_longest_waits_of_a_scope() -> None:
    host = engine()
    assert host.longest_waits()['interaction'] == ['T-2', 'T-3']
    assert host.longest_waits(1)['interaction'] == ['T-2']
    (row,) = host.longest_waits(where={'channel': 'mail'}).rows()
    assert row['since'] == datetime.datetime(
        2026, 3, 2, 9, 3, tzinfo=datetime.timezone.utc)
    assert host.first == datetime.datetime(
        2026, 3, 2, 9, tzinfo=datetime.timezone.utc)


def test_alerts_are_json_lines() -> None:
    tick = cckpi.Monitor(CONFIG).tick(engine(), '2026-03-02T11:00:00Z')
    lines = tick.notifications.to_json_lines().splitlines()
    assert [json.loads(line)['type'] for line in lines] == ['notification']
    (line,) = tick.transitions.to_json_lines().splitlines()
    assert json.loads(line)['rule'] == 'rule'


def test_opening_hours_count() -> None:
    config = cckpi.Config(CONFIG)
    assert config.business_time(
        'office', '2026-03-02T16:30:00Z', '2026-03-03T10:00:00Z'
    ) == datetime.timedelta(minutes=90)
    assert config.deadline(
        'office', '2026-03-02T16:30:00Z', datetime.timedelta(hours=1)
    ) == datetime.datetime(2026, 3, 3, 9, 30, tzinfo=datetime.timezone.utc)
    with pytest.raises(cckpi.NotFoundError):
        config.deadline('night', '2026-03-02T16:30:00Z',
                        datetime.timedelta(hours=1))


def test_scripts_test_rules() -> None:
    failures = cckpi.Config(CONFIG).test_alerts({
        'config': 'live.json', 'tick': '1m', 'cases': [
            {'name': 'opens', 'values': '0 3', 'states': 'ok firing(high)'},
            {'name': 'stays calm', 'values': '0 3', 'states': 'ok ok'}]})
    assert len(failures) == 1
    assert 'stays calm' in failures[0]


def test_lines_that_cannot_be_read_count() -> None:
    host = engine()
    assert host.ingest(b'{"at": 1, "kind"}').refused == 1
    assert host.counts().refused == 1
    (refusal,) = host.refusals()
    assert refusal.row == 1
