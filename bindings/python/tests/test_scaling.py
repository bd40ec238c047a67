"""Scorecards and alerts through Python; docs/conformance.md has the numbers."""

from __future__ import annotations

import datetime
import decimal
import fractions
from typing import Any

import pyarrow
import pytest

import cckpi
from helpers import EVENTS, at, event

MATRIX = [{'id': 'waiting', 'kpi': 'backlog', 'target': '<=0', 'by': ['channel'],
           'bands': [{'level': 'warning', 'over': 0, 'notify': ['lead', 'eva'],
                      'actions': ['call one more']}]}]
CONFIG: dict[str, Any] = {'groups': [['channel'], ['tag.the plan']],
                          'scaling_matrix': MATRIX}


def firing() -> tuple[cckpi.Engine, cckpi.Monitor, cckpi.Tick]:
    engine, monitor = cckpi.Engine(CONFIG), cckpi.Monitor(CONFIG)
    engine.ingest(EVENTS[:2])
    engine.advance(at('09:06'))
    return engine, monitor, monitor.tick(engine, at('09:06'))


def test_a_notification_is_native() -> None:
    _, _, tick = firing()
    chat, mail = tick.notifications.rows()
    assert (chat['group'], mail['group']) == ({'channel': 'chat'},
                                              {'channel': 'mail'})
    assert 'by' not in chat and 'channel' not in chat
    assert chat['at'] == at('09:06')
    assert sorted(chat['recipients']) == ['eva', 'lead']
    assert chat['actions'] == ['call one more']
    assert tick.transitions['to'] == ['firing', 'firing']
    arrow = pyarrow.table(tick.notifications)
    assert arrow['actions'].to_pylist() == [['call one more']] * 2
    assert tick.notifications.to_polars()['actions'].to_list() == [
        ['call one more']] * 2


def test_ticks_come_after_the_engine() -> None:
    engine, monitor, _ = firing()
    with pytest.raises(cckpi.FailedPreconditionError):
        monitor.tick(engine, at('09:07'))
    assert monitor.last_tick == at('09:06')
    assert cckpi.Monitor(CONFIG).last_tick is None
    assert monitor.next_change(engine) is None or (
        monitor.next_change(engine) > at('09:06'))  # type: ignore[operator]
    monitor.skip(at('09:08'))
    assert monitor.last_tick == at('09:08')


def test_acknowledged_and_saved() -> None:
    engine, monitor, tick = firing()
    incident = tick.notifications['incident'][0]
    assert isinstance(incident, str)
    monitor.acknowledge(incident, 'eva', at('09:07'))
    with pytest.raises(cckpi.NotFoundError):
        monitor.acknowledge('none', 'eva', at('09:07'))
    snapshot = engine.save(sections={'alerts': monitor.save()})
    again = cckpi.Engine.restore(snapshot, CONFIG)
    other = cckpi.Monitor(CONFIG)
    other.restore(again.sections['alerts'])
    assert other.alerts().rows() == monitor.alerts().rows()
    assert other.alerts()['acknowledged_by'] == ['eva', None]
    with pytest.raises(cckpi.Error):
        other.restore(b'no state')
    assert other.alerts().rows() == monitor.alerts().rows()


RULE = {'scaling_matrix': [{
    'id': 'asa', 'kpi': 'speed_of_answer', 'target': '<=120s', 'repeat': '1m',
    'bands': [{'level': 'warning', 'over': '120s'}]}]}


@pytest.mark.parametrize('value, state', [
    (120, 'ok'), (120.0, 'ok'), (120.000001, 'firing'),
    (decimal.Decimal('120.000001'), 'firing'),
    (fractions.Fraction(361, 3), 'firing'), (fractions.Fraction(360, 3), 'ok'),
    (datetime.timedelta(seconds=120, microseconds=1), 'firing'),
    (None, None)])
def test_a_rule_takes_any_number_exactly(value: cckpi.Number | None,
                                         state: str | None) -> None:
    rule = cckpi.Rule(RULE, 'asa')
    tick = rule.tick(at('09:00'), value, 3)
    assert tick.transitions['to'] == ([] if state is None else [state])


def test_a_rule_is_muted_acknowledged_and_saved() -> None:
    rule = cckpi.Rule(RULE, 'asa')
    tick = rule.tick(at('09:00'), 300, 3, muted=True)
    assert tick.transitions['silence'] == ['muted']
    assert len(tick.notifications) == 0
    assert rule.tick(at('09:01'), 300, 3).notifications['kind'] == ['opened']
    other = cckpi.Rule(RULE, 'asa')
    other.restore(rule.save())
    assert other.alert().rows() == rule.alert().rows()
    assert other.tick(at('09:02'), 300, 3).notifications['kind'] == ['repeated']
    other.acknowledge('eva', at('09:02'))
    assert len(other.tick(at('09:04'), 300, 3).notifications) == 0
    with pytest.raises(cckpi.FailedPreconditionError):
        cckpi.Rule(RULE, 'asa').acknowledge('eva', at('09:00'))
    with pytest.raises(cckpi.NotFoundError):
        cckpi.Rule(RULE, 'none')
    with pytest.raises(cckpi.OutOfRangeError):
        rule.tick(at('09:05'), fractions.Fraction(1, 3**60), 1)


def test_a_burn_rate_rule() -> None:
    config = {'scaling_matrix': [{
        'id': 'sl', 'kpi': 'service_level', 'target': '>=90%', 'bands': [
            {'level': 'page', 'burn_rate': {'long': '1h', 'short': '15m',
                                            'factor': 5}}]}]}
    rule = cckpi.Rule(config, 'sl')
    rule.tick_burn_rate(at('09:00'), [0.5], [0.5], [10])
    assert rule.alert()['state'] == ['ok']
    rule.tick_burn_rate(at('09:01'), [0.4], [0.4], [10])
    assert rule.alert()['state'] == ['firing']
    with pytest.raises(ValueError, match='one item for each band'):
        rule.tick_burn_rate(at('09:02'), [0.4], [], [10])


def test_names_of_tags_may_hold_blanks() -> None:
    config = {**CONFIG, 'scaling_matrix': [
        {**MATRIX[0], 'by': ['tag.the plan']}]}
    engine, monitor = cckpi.Engine(config), cckpi.Monitor(config)
    engine.ingest(event('09:00', 'customer_message', 'A',
                        tags={'the plan': 'gold'}))
    engine.advance(at('09:01'))
    tick = monitor.tick(engine, at('09:01'))
    assert tick.transitions.rows()[0]['group'] == {'tag.the plan': 'gold'}


def test_scorecards() -> None:
    config = {'groups': [['channel']], 'scorecards': [{
        'id': 'front', 'every': 'day', 'attainment': 'linear',
        'scope': {'channel': 'chat'}, 'cards': [
            {'kpi': 'first_response_time', 'benchmark': '<5m', 'weight': 1},
            {'kpi': 'accuracy', 'benchmark': '>=85%', 'weight': 3}]}]}
    engine = cckpi.Engine(config)
    engine.ingest(EVENTS)
    engine.advance(at('12:00'))
    assert engine.scorecards().rows() == []
    (score,) = engine.scorecards('front', current=True).rows()
    assert (score['score_micro'], score['group'], score['begin']) == (
        500_000, {}, at('00:00'))
    first, accuracy = score['lines']
    assert (first['value'], first['scope'], first['attainment']) == (
        600.0, {'channel': 'chat'}, 0.5)
    assert (accuracy['state'], accuracy['attainment']) == ('no_data', None)
    assert len(engine.scorecards(every='hour').scores) > 1
    with pytest.raises(cckpi.NotFoundError):
        engine.scorecards('none')


def test_due_reports() -> None:
    config = cckpi.Config({'time_zone': 'Europe/Madrid', 'reports': [
        {'id': 'daily', 'every': 'day', 'at': '08:00', 'by': ['team'],
         'kpis': ['service_level'], 'to': ['lead', 'manager'],
         'format': 'html'}]})
    # 08:00 in Madrid is 07:00 UTC in winter: due on the 3rd and on the 4th.
    due = config.due_reports('2026-03-04T07:00:00Z', '2026-03-03T06:59:59Z')
    assert due['due'] == [
        datetime.datetime(2026, 3, day, 7, tzinfo=datetime.timezone.utc)
        for day in (3, 4)]
    assert due.rows()[0]['kpis'] == ['service_level']
    assert due.rows()[0]['to'] == ['lead', 'manager']
    assert due['format'] == ['html', 'html']
    # None twice: since is the tick before.
    assert config.due_reports('2026-03-04T12:00:00Z',
                              '2026-03-04T07:00:00Z').rows() == []
    (latest,) = config.due_reports('2026-03-04T06:00:00Z').rows()
    assert latest['end'] == datetime.datetime(2026, 3, 2, 23,
                                              tzinfo=datetime.timezone.utc)


def test_html() -> None:
    engine = cckpi.Engine({'groups': [['channel']]}, keep_for_html=True)
    engine.ingest(EVENTS)
    page = engine.html(every='hour', title='A <day> of care')
    assert page.startswith('<!')
    assert 'A &lt;day&gt; of care' in page
    assert 'First response time' in page
