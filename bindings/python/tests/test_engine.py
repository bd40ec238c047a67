"""The engine through Python: events in, numbers out."""

from __future__ import annotations

import datetime
import decimal
import enum
import gc
import pathlib
import uuid
import weakref
from typing import Any

import pytest

import cckpi
from helpers import EVENTS, UTC, at, event, jsonl

FRT = {'kpis': [{'id': 'frt', 'kpi': 'first_response_time'}],
       'groups': [['channel'], ['agent']]}


def filled(config: cckpi.Json | None = None) -> cckpi.Engine:
    engine = cckpi.Engine(FRT if config is None else config)
    assert engine.ingest(EVENTS) == cckpi.IngestResult(6, 0, 0)
    return engine


def test_rows_are_native_and_exact() -> None:
    engine = filled()
    engine.advance(at('12:00'))
    (row,) = engine.query('frt', by=()).rows()
    assert row == {
        'kpi': 'first_response_time', 'id': 'frt', 'statistic': 'mean',
        'clock': 'calendar', 'attribution': 'arrival', 'response': 'human',
        'begin': at('09:00'), 'end': at('12:00'), 'group': {},
        'value': 900.0, 'unit': 's', 'count': 2,
        'sum_us': 1_800_000_000, 'sum': datetime.timedelta(minutes=30),
        'open': 1, 'void': 0,
        'min_us': 600_000_000, 'min': datetime.timedelta(minutes=10),
        'max_us': 1_200_000_000, 'max': datetime.timedelta(minutes=20),
        'p50_us': row['p50_us'], 'p50': row['p50'],
        'p90_us': row['p90_us'], 'p90': row['p90'], 'provisional': True}
    assert isinstance(row['sum_us'], int)
    assert row['begin'].tzinfo is UTC


def test_groups_are_dicts_and_none_is_none() -> None:
    rows = filled().query('frt', by='agent').rows()
    assert [(row['group'], row['count'], row['open']) for row in rows] == [
        ({'agent': None}, 0, 1), ({'agent': 'ana'}, 1, 0),
        ({'agent': 'ben'}, 1, 0)]


def test_windows_and_bounds() -> None:
    engine = filled()
    rows = engine.query(every='15m', by=()).rows()
    assert [(row['begin'], row['count'], row['open']) for row in rows] == [
        (at('09:00'), 2, 0), (at('09:30'), 0, 1)]
    rows = engine.query(every='15m', by=(), begin=at('09:30')).rows()
    assert [row['begin'] for row in rows] == [at('09:30')]
    rows = engine.query(every='15m', by=(), end='2026-03-02T09:30:00Z').rows()
    assert [row['begin'] for row in rows] == [at('09:00')]
    with pytest.raises(ValueError, match='every'):
        engine.query(every='hourly')


def test_config_comes_as_dict_text_path_or_config(
        tmp_path: pathlib.Path) -> None:
    path = tmp_path / 'care.json'
    path.write_text('{"groups": []}', 'utf-8')
    forms: list[cckpi.Json | cckpi.Config] = [
        {'groups': []}, ' {"groups": []}', path, str(path),
        cckpi.Config({'groups': []})]
    for config in forms:
        engine = cckpi.Engine(config)
        engine.ingest(EVENTS)
        assert engine.query('arrivals')['count'] == [3]
    with pytest.raises(FileNotFoundError):
        cckpi.Engine(tmp_path / 'none.json')
    with pytest.raises(TypeError, match='not int'):
        cckpi.Engine(3)  # type: ignore[arg-type]


def test_events_come_as_dicts_of_native_values() -> None:
    class Channel(enum.Enum):
        CHAT = 'chat'

    madrid = datetime.timezone(datetime.timedelta(hours=1))
    key = uuid.UUID(int=7)
    engine = cckpi.Engine({'groups': [['channel'], ['tag.plan']]})
    events: list[dict[str, Any]] = [
        {'at': datetime.datetime(2026, 3, 2, 10, 0, 0, 1, madrid),
         'kind': 'customer_message', 'interaction': key,
         'channel': Channel.CHAT, 'tags': {'plan': 'gold'},
         'customer': float('nan'), 'flags': []},
        {'at': 1772442000000002, 'kind': 'agent_message', 'interaction': key,
         'flags': {'echo'}, 'agent': None},
        {'at': '2026-03-02T09:00:01Z', 'kind': 'surveyed', 'interaction': key,
         'score': decimal.Decimal('4.5'), 'scale': 5}]
    result = engine.ingest(iter(events))
    assert result.accepted == 3, result
    (row,) = engine.query('first_response_time', by='channel').rows()
    assert (row['group'], row['sum_us']) == ({'channel': 'chat'}, 1)
    assert engine.query('satisfaction', by=())['sum_micro'] == [4_500_000]
    assert engine.query('arrivals', by='tag.plan')['tag.plan'] == ['gold']


def test_one_dict_is_one_event() -> None:
    engine = cckpi.Engine()
    assert engine.ingest(EVENTS[0]).accepted == 1


@pytest.mark.parametrize('events, message', [
    ([EVENTS[0], 'text'], 'event 2: a dict is expected, not str'),
    ([{'at': object()}], 'event 1: object is nothing that an event holds'),
    ([{'at': datetime.datetime(2026, 3, 2, 9)}], 'has no time zone'),
    ('{"at": 1}', 'give a log as bytes'),
    (3, 'int holds no events'),
])
def test_what_is_no_event_is_an_error_of_python(events: object,
                                                message: str) -> None:
    engine = cckpi.Engine()
    with pytest.raises((TypeError, ValueError), match=message):
        engine.ingest(events)  # type: ignore[arg-type]
    assert engine.counts() == (0, 0, 0, 0)


def test_logs_come_as_bytes_or_paths(tmp_path: pathlib.Path) -> None:
    log = jsonl(EVENTS)
    path = tmp_path / 'log.jsonl'
    path.write_bytes(log)
    forms: list[cckpi.Events] = [log, bytearray(log), memoryview(log), path]
    for form in forms:
        engine = cckpi.Engine()
        assert engine.ingest(form) == cckpi.IngestResult(6, 0, 0)
    engine = cckpi.Engine()
    csv = (b'at,kind,interaction\n2026-03-02T09:00:00Z,customer_message,A\n')
    assert engine.ingest(csv).accepted == 1
    with pytest.raises(ValueError, match="'xml' is none of"):
        engine.ingest(log, format='xml')


def test_a_mapping_reads_the_log_of_another_system() -> None:
    mapping: dict[str, Any] = {'fields': {'at': 'sent', 'interaction': 'chat'},
               'rules': [{'when': {'from': 'visitor'},
                          'kind': 'customer_message'},
                         {'kind': 'agent_message',
                          'fields': {'agent': 'from'}}]}
    log = (b'sent,chat,from\n2026-03-02T09:00:00Z,7,visitor\n'
           b'2026-03-02T09:02:00Z,7,ana\n')
    for form in (mapping, cckpi.Mapping(mapping)):
        engine = cckpi.Engine(FRT)
        assert engine.ingest(log, mapping=form).accepted == 2
        assert engine.query('frt', by='agent')['agent'] == ['ana']
    with pytest.raises(cckpi.ConfigError) as caught:
        cckpi.Mapping({'rules': [{'knd': 'hold'}]})
    assert caught.value.path == 'rules[0].knd'
    with pytest.raises(TypeError, match='a mapping is for logs'):
        cckpi.Engine().ingest(EVENTS, mapping=mapping)


def test_refusals_say_row_and_reason() -> None:
    engine = cckpi.Engine({'allowed_lateness': '0'})
    result = engine.ingest([
        EVENTS[0], {**EVENTS[1], 'kind': 'custmer_message'},
        event('09:10', 'agent_message', 'A'),
        event('08:00', 'customer_message', 'Z', id='e4')], source='feed')
    assert (result.accepted, result.late, result.refused) == (2, 1, 1)
    wrong, late = result.refusals
    assert (wrong.source, wrong.row) == ('feed', 2)
    assert 'did you mean "customer_message"?' in wrong.reason
    assert (late.row, late.event) == (4, 'e4')
    assert late.reason.startswith('late: ')
    # What could not even be read is refused too.
    assert engine.counts() == (2, 0, 1, 1)
    assert [refusal.row for refusal in engine.refusals()] == [2, 4]


def test_rows_of_an_iterable_are_counted_over_its_chunks(
        monkeypatch: pytest.MonkeyPatch) -> None:
    engine = cckpi.Engine()
    # 65,536 events are one chunk; the wrong one is in the second.
    good = event('09:00', 'customer_message', 'A')
    events = [good] * 65_540 + [{'kind': 'hold'}]
    result = engine.ingest(events)
    assert (result.accepted, result.refused) == (65_540, 1)
    assert [refusal.row for refusal in result.refusals] == [65_541]


def test_time_moves_forward_only() -> None:
    engine = cckpi.Engine({'allowed_lateness': '5m'})
    assert engine.now is None
    assert engine.watermark is None
    engine.advance(at('12:00'))
    engine.advance('2026-03-02T11:00:00Z')
    assert engine.now == at('12:00')
    assert engine.watermark == at('11:55')
    engine.advance(1772452800000001)
    assert engine.now == at('12:00') + datetime.timedelta(microseconds=1)
    with pytest.raises(cckpi.InvalidArgumentError):
        engine.advance(0)
    with pytest.raises(ValueError, match='has no time zone'):
        engine.advance(datetime.datetime(2026, 3, 2))
    with pytest.raises(TypeError, match='not float'):
        engine.advance(1.5)  # type: ignore[arg-type]


def test_finish_makes_rows_final() -> None:
    engine = filled()
    assert engine.query('frt', by=())['provisional'] == [True]
    engine.ingest(event('09:31', 'agent_message', 'C', agent='ana'))
    engine.finish()
    assert engine.query('frt', by=())['provisional'] == [False]


def test_explain_gives_the_observations() -> None:
    engine = cckpi.Engine(FRT, explain='frt')
    engine.ingest(EVENTS)
    rows = engine.explain(by='agent').rows()
    assert [(row['interaction'], row['episode'], row['start'], row['end'],
             row['value'], row['outcome'], row['agent'])
            for row in rows] == [
        ('A', 1, at('09:00'), at('09:10'), 600_000_000, 'done', 'ana'),
        ('B', 1, at('09:05'), at('09:25'), 1_200_000_000, 'done', 'ben'),
        ('C', 1, at('09:30'), None, rows[2]['value'], 'open', None)]
    with pytest.raises(cckpi.FailedPreconditionError):
        filled().explain()
    with pytest.raises(cckpi.NotFoundError):
        cckpi.Engine(FRT, explain='none')


def test_where_chooses_a_scope() -> None:
    engine = filled()
    (row,) = engine.query('frt', where={'channel': 'chat'}).rows()
    assert (row['group'], row['count'], row['open']) == ({}, 1, 1)
    (row,) = engine.query('frt', where={'agent': None}).rows()
    assert (row['count'], row['open']) == (0, 1)


def test_distributions_add_up() -> None:
    table = filled().distributions('frt', by=())
    assert table['count'] == [1, 1]
    for begin, end, value in zip(table['bin_begin_us'], table['bin_end_us'],
                                 (600_000_000, 1_200_000_000)):
        assert isinstance(begin, int) and isinstance(end, int)
        assert begin <= value < end <= begin * 1.016 + 1


def test_a_snapshot_goes_on_where_it_was() -> None:
    engine = cckpi.Engine(FRT)
    engine.ingest(EVENTS[:4])
    snapshot = engine.save(positions={'kafka-0': '42', 'file': b'\x00\xff'},
                           sections={'mine': b'{"a": 1}', 'empty': b''})
    again = cckpi.Engine.restore(snapshot, FRT)
    assert again.positions == {'kafka-0': b'42', 'file': b'\x00\xff'}
    assert again.sections == {'mine': b'{"a": 1}', 'empty': b''}
    for one in (engine, again):
        one.ingest(EVENTS[4:])
    assert again.query().to_json() == engine.query().to_json()
    assert again.save() == engine.save()
    assert engine.positions == {}
    with pytest.raises(cckpi.Error) as caught:
        cckpi.Engine.restore(snapshot[:-7], FRT)
    assert caught.value.code in (cckpi.Code.DATA_LOSS,
                                 cckpi.Code.INVALID_ARGUMENT)
    with pytest.raises(cckpi.FailedPreconditionError):
        cckpi.Engine.restore(snapshot, {'fcr_window': '1d'})


def test_shards_merge_into_the_whole() -> None:
    whole = filled()
    shards = [cckpi.Engine(FRT, shard=True) for _ in range(2)]
    for one in EVENTS:
        shards[one['interaction'] == 'B'].ingest(one)
    shards[0].merge(shards[1])
    shards[0].join()
    assert shards[0].query().rows() == whole.query().rows()
    with pytest.raises(cckpi.InvalidArgumentError):
        whole.merge(filled())
    with pytest.raises(cckpi.InvalidArgumentError, match='with itself'):
        whole.merge(whole)
    with pytest.raises(cckpi.FailedPreconditionError):
        whole.merge(cckpi.Engine({'fcr_window': '1d'}))


def test_sizes() -> None:
    sizes = filled().sizes()
    assert sizes.interactions + sizes.pending_events > 0
    assert sizes._fields[:2] == ('interactions', 'pending_events')


def test_a_closed_engine_says_so() -> None:
    with filled() as engine:
        assert len(engine.query('frt', by=())) == 1
    for use in (engine.query, engine.counts, engine.finish,
                lambda: engine.now, lambda: engine.ingest(EVENTS)):
        with pytest.raises(cckpi.FailedPreconditionError, match='is closed'):
            use()
    engine.close()


def test_an_engine_goes_with_its_last_reference() -> None:
    engine = filled()
    gone = weakref.ref(engine)
    table = engine.query('frt', by=())
    del engine
    gc.collect()
    assert gone() is None
    assert table['count'] == [2]  # a table stands for itself


def test_a_report_shows_itself() -> None:
    report = filled().query('frt', by=())
    assert repr(report) == '<cckpi.Report: 1 rows, 20 columns>'
    assert 'Total: frt, mean' in str(report)
    assert report._repr_html_().startswith('<pre>As of 2026-03-02')
    assert report.to_csv().startswith('kpi,id,statistic,')
    assert report.document()['rows'][0]['sum_us'] == 1_800_000_000
    assert report.columns[0] == 'kpi' and len(report) == 1
    with pytest.raises(KeyError):
        report['valeu']


@pytest.mark.parametrize('ask', [
    lambda engine: engine.query(5), lambda engine: engine.query(by=[1]),
    lambda engine: engine.query('frt', where={'channel': 3})])
def test_what_is_no_name_is_a_type_error(ask: Any) -> None:
    with pytest.raises(TypeError):
        ask(filled())


def test_catalogue() -> None:
    kpis = {row['name']: row for row in cckpi.catalogue()}
    assert kpis['service_level']['unit'] == 'ratio'
    assert 'first qualifying response' in kpis['first_response_time']['ends']
    options = {(row['kpi'], row['option']): row['default']
               for row in cckpi.catalogue_options()}
    assert options['service_level', 'within'] == '15m'


def test_check_gives_every_problem() -> None:
    assert cckpi.check({'groups': [['channel']]}) == ()
    problems = cckpi.check({'time_zone': 'Europe/Madird',
                            'kpis': [{'kpi': 'acuracy'}]})
    assert [problem.path for problem in problems] == ['time_zone',
                                                      'kpis[0].kpi']
