"""Arrow, in and out, with every producer and consumer that there is."""

from __future__ import annotations

import datetime
import gc
import os
import pathlib
import subprocess
import sys
import textwrap
from collections.abc import Callable, Iterator
from typing import Any

import duckdb
import numpy
import pandas
import polars
import pyarrow
import pytest

import cckpi
from helpers import EVENTS, at, columns

CONFIG = {'kpis': [{'kpi': 'first_response_time'}, {'kpi': 'arrivals'}],
          'groups': [['channel'], ['agent']]}


def arrow_table() -> Any:
    data = columns(EVENTS)
    return pyarrow.table({
        'at': pyarrow.array(data['at'], pyarrow.timestamp('us', 'UTC')),
        **{name: pyarrow.array(values, pyarrow.string())
           for name, values in data.items() if name != 'at'}})


def batches() -> Any:
    table = arrow_table()
    return pyarrow.RecordBatchReader.from_batches(
        table.schema, iter(table.to_batches(max_chunksize=2)))


def dictionaries() -> Any:
    table = arrow_table()
    for name in ('kind', 'channel', 'agent', 'interaction'):
        place = table.schema.get_field_index(name)
        table = table.set_column(place, name,
                                 table[name].dictionary_encode())
    return table


def polars_frame() -> polars.DataFrame:
    return polars.DataFrame(columns(EVENTS)).with_columns(
        polars.col('channel').cast(polars.Categorical))


def pandas_frame() -> pandas.DataFrame:
    frame: pandas.DataFrame = pandas.DataFrame(columns(EVENTS))
    frame['channel'] = frame['channel'].astype('category')
    return frame


def duckdb_result() -> Any:
    frame = arrow_table()  # noqa: F841, read by name
    connection = duckdb.connect()
    connection.register('log', frame)
    return connection.sql("""
        select "at", kind, interaction, channel, customer, agent from log
        order by 1""")


class OneBatch:
    """What has __arrow_c_array__ only."""

    def __init__(self) -> None:
        (self._batch,) = arrow_table().combine_chunks().to_batches()

    def __arrow_c_array__(self, requested_schema: object | None = None
                          ) -> Any:
        return self._batch.__arrow_c_array__(requested_schema)


PRODUCERS: dict[str, Callable[[], Any]] = {
    'pyarrow_table': arrow_table,
    'pyarrow_batch': lambda: arrow_table().to_batches()[0],
    'pyarrow_reader': batches,
    'pyarrow_dictionaries': dictionaries,
    'pyarrow_large_strings': lambda: arrow_table().cast(pyarrow.schema(
        [(field.name, field.type if field.name == 'at'
          else pyarrow.large_string()) for field in arrow_table().schema])),
    'pyarrow_nanoseconds': lambda: arrow_table().set_column(
        0, 'at', arrow_table()['at'].cast(pyarrow.timestamp('ns', 'UTC'))),
    'pyarrow_integers': lambda: arrow_table().set_column(
        0, 'at', arrow_table()['at'].cast('int64')),
    'polars': polars_frame,
    'polars_series_struct': lambda: polars_frame().to_struct(),
    'pandas': pandas_frame,
    'duckdb': duckdb_result,
    'one_batch': OneBatch,
}


@pytest.mark.parametrize('producer', PRODUCERS)
def test_every_producer_gives_the_same_numbers(producer: str) -> None:
    engine = cckpi.Engine(CONFIG)
    result = engine.ingest(PRODUCERS[producer]())
    assert result == cckpi.IngestResult(6, 0, 0)
    table = engine.query(by=())
    assert table['count'] == [3, 2]
    assert table['sum_us'] == [None, 1_800_000_000]
    rows = engine.query('arrivals', by='channel').rows()
    assert [(row['group']['channel'], row['count']) for row in rows] == [
        ('chat', 2), ('mail', 1)]


def test_the_batch_is_read_in_place() -> None:
    table = arrow_table()
    held = pyarrow.total_allocated_bytes()
    engine = cckpi.Engine(CONFIG)
    engine.ingest(table)
    gc.collect()
    assert pyarrow.total_allocated_bytes() == held
    assert table.num_rows == 6  # still whole


def test_refusals_of_a_stream_count_rows_over_batches() -> None:
    table = arrow_table()
    kinds = table['kind'].to_pylist()
    kinds[4] = 'agent_mesage'
    table = table.set_column(1, 'kind', pyarrow.array(kinds))
    reader = pyarrow.RecordBatchReader.from_batches(
        table.schema, iter(table.to_batches(max_chunksize=2)))
    result = cckpi.Engine(CONFIG).ingest(reader, source='kafka')
    assert (result.accepted, result.refused) == (5, 1)
    assert (result.refusals[0].row, result.refusals[0].source) == (5, 'kafka')


def test_a_column_of_another_type_is_an_error_with_its_name() -> None:
    table = arrow_table().set_column(0, 'at', pyarrow.array([1.5] * 6))
    engine = cckpi.Engine(CONFIG)
    with pytest.raises(cckpi.InvalidArgumentError) as caught:
        engine.ingest(table)
    assert 'at' in caught.value.path
    assert engine.counts().applied == 0


def test_a_stream_that_fails_says_how_far_it_got() -> None:
    table = arrow_table()

    def pieces() -> Iterator[Any]:
        yield table.to_batches()[0]
        raise OSError('the disk is gone')

    reader = pyarrow.RecordBatchReader.from_batches(table.schema, pieces())
    engine = cckpi.Engine(CONFIG)
    with pytest.raises(cckpi.UnavailableError,
                       match='the disk is gone') as caught:
        engine.ingest(reader)
    assert caught.value.row == 7
    assert engine.counts().applied == 6


def test_a_stream_that_uses_its_engine_is_refused() -> None:
    table = arrow_table()
    engine = cckpi.Engine(CONFIG)

    def pieces() -> Iterator[Any]:
        yield table.to_batches()[0]
        engine.query()

    reader = pyarrow.RecordBatchReader.from_batches(table.schema, pieces())
    with pytest.raises(cckpi.UnavailableError, match='is used while'):
        engine.ingest(reader)
    assert engine.counts().applied == 6


def answered() -> cckpi.Engine:
    engine = cckpi.Engine(CONFIG)
    engine.ingest(EVENTS)
    return engine


def test_pyarrow_takes_a_table_without_a_copy() -> None:
    report = answered().query(by='channel', every='15m')
    held = pyarrow.total_allocated_bytes()
    table = pyarrow.table(report)
    assert pyarrow.total_allocated_bytes() == held
    assert table.column_names == list(report.columns)
    assert table['count'].to_pylist() == report['count']
    assert table.schema.field('begin').type == pyarrow.timestamp('us', 'UTC')
    del report
    gc.collect()
    table.validate(full=True)
    assert table['begin'].to_pylist()[0] == at('09:00')


def test_record_batch_and_schema() -> None:
    report = answered().query(by=())
    batch = pyarrow.record_batch(report)
    assert batch.num_rows == 2
    assert pyarrow.schema(report) == batch.schema


def test_polars_and_duckdb_take_a_table() -> None:
    report = answered().query(by='channel')
    frame = report.to_polars()
    assert frame['count'].to_list() == report['count']
    assert frame.schema['begin'] == polars.Datetime('us', 'UTC')
    arrow = pyarrow.table(report)  # noqa: F841, read by name
    connection = duckdb.connect()
    connection.register('report', arrow)
    assert connection.sql('select sum(count)::bigint from report').fetchall(
        ) == [(sum(value for value in report['count']
                   if isinstance(value, int)),)]


def test_pandas_keeps_integers_and_instants() -> None:
    frame = answered().query(by='channel').to_pandas()
    assert frame['count'].dtype == 'int64'
    assert frame['sum_us'].dtype == 'Int64'
    assert frame['sum_us'].isna().tolist() == [True, True, False, False]
    assert frame['sum_us'].dropna().tolist() == [600_000_000, 1_200_000_000]
    assert frame['begin'].iloc[0] == pandas.Timestamp(at('09:00'))
    assert frame['provisional'].dtype == 'bool'
    assert frame['value'].dtype == 'float64'
    assert frame['channel'].tolist() == ['chat', 'mail'] * 2


def test_numbers_of_numpy_are_events_too() -> None:
    frame = pandas.DataFrame({
        'at': numpy.array([1772442000000000], dtype='int64'),
        'kind': ['customer_message'],
        'interaction': numpy.array([7], dtype='int32')})
    engine = cckpi.Engine(CONFIG)
    assert engine.ingest(frame.to_dict('records')).accepted == 1
    assert engine.ingest(
        [{'at': numpy.int64(1772442000000001), 'kind': 'customer_message',
          'interaction': numpy.int32(8), 'received_at': pandas.NaT,
          'channel': numpy.nan}]).accepted == 1


def test_an_empty_table_is_exported() -> None:
    table = cckpi.Engine(CONFIG).query()
    assert pyarrow.table(table).num_rows == 0
    assert table.rows() == []
    assert len(table.to_pandas()) == 0


def test_sums_beyond_64_bits_stay_exact() -> None:
    # Two waits of 100 years do not fit either, so: 3,000 cases that wait from
    # 1990 to 2099 sum to 3,000 * 3.4e15 us = 1.03e19, beyond 2**63.
    begin = datetime.datetime(1990, 1, 2, tzinfo=datetime.timezone.utc)
    end = datetime.datetime(2099, 1, 1, tzinfo=datetime.timezone.utc)
    engine = cckpi.Engine({'kpis': [{'kpi': 'first_response_time'}],
                           'groups': [], 'fcr_window': '1d'})
    names = [str(number) for number in range(3000)]
    engine.ingest([{'at': begin, 'kind': 'customer_message',
                    'interaction': name} for name in names])
    engine.ingest([{'at': end, 'kind': 'agent_message', 'interaction': name}
                   for name in names])
    span = (end - begin) // datetime.timedelta(microseconds=1)
    table = engine.query(by=())
    assert table['sum_us'] == [3000 * span]
    assert table.rows()[0]['sum_us'] == 3000 * span
    assert int(pyarrow.table(table)['sum_us'][0].as_py()) == 3000 * span


def test_capsules_that_nobody_takes_are_released(
        tmp_path: pathlib.Path) -> None:
    code = textwrap.dedent("""
        import resource, sys
        import cckpi
        engine = cckpi.Engine()
        engine.ingest([{'at': 1772442000000000 + n, 'interaction': str(n),
                        'kind': 'customer_message', 'channel': 'x' * 900}
                       for n in range(2000)])
        table = engine.query(every='15m')
        def peak():
            return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        for _ in range(200):
            table.__arrow_c_stream__(); table.__arrow_c_array__()
        before = peak()
        for _ in range(20000):
            table.__arrow_c_stream__(); table.__arrow_c_array__()
        assert peak() - before < 4000, peak() - before
        from cckpi import _arrow
        assert not _arrow._structs
        # One that lives to the very end, and one in a cycle.
        class Holder: pass
        holder = Holder(); holder.self = holder
        holder.capsule = table.__arrow_c_stream__()
        sys.last = table.__arrow_c_array__()
        print('done')
    """)
    package = str(pathlib.Path(cckpi.__file__).parents[1])
    result = subprocess.run([sys.executable, '-c', code], text=True,
                            capture_output=True, check=False, cwd=tmp_path,
                            env={**os.environ, 'PYTHONPATH': package})
    assert (result.returncode, result.stdout, result.stderr) == (
        0, 'done\n', '')
