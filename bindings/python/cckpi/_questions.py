"""Arguments of Python as structs of the C interface."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from cckpi import _instants, _library
from cckpi._instants import Instant

_MOST_ROWS = 2**31 - 1


def options(explain: str, shard: bool,
            keep_for_html: bool) -> _library.EngineOptions:
    """What a new engine is to do beside its configuration."""
    named = _library.OneText(explain)
    flags = ((_library.ENGINE_SHARD if shard else 0)
             | (_library.ENGINE_KEEP_FOR_HTML if keep_for_html else 0))
    return _library.EngineOptions(explain=named.text, flags=flags).keep(named)


def _every(every: str) -> int:
    if every not in _library.FREQUENCIES:
        raise ValueError(f'every: {every!r} is none of '
                         f'{", ".join(_library.FREQUENCIES)}')
    return _library.FREQUENCIES[every]


def _bound(instant: Instant | None) -> int:
    return (_library.NO_TIME if instant is None
            else _instants.microseconds(instant))


def snapshot(positions: Mapping[str, str | bytes],
             sections: Mapping[str, bytes]) -> _library.SnapshotOptions:
    """What a snapshot carries for the host."""
    position_names = _library.Texts(positions.keys())
    position_values = _library.Texts(positions.values())
    section_names = _library.Texts(sections.keys())
    section_values = _library.Texts(sections.values())
    return _library.SnapshotOptions(
        position_names=position_names.pointer,
        positions=position_values.pointer,
        position_count=position_names.count,
        section_names=section_names.pointer, sections=section_values.pointer,
        section_count=section_names.count).keep(
            position_names, position_values, section_names, section_values)


def scorecard_query(ids: str | Iterable[str], every: str | None,
                    begin: Instant | None, end: Instant | None,
                    current: bool) -> _library.ScorecardQuery:
    """Which scorecards, on which windows."""
    names = _library.Texts(_list(ids))
    return _library.ScorecardQuery(
        flags=_library.SCORECARD_CURRENT if current else 0,
        scorecards=names.pointer, scorecard_count=names.count,
        every=0 if every is None else _every(every),
        begin_us=_bound(begin), end_us=_bound(end)).keep(names)


def query(kpis: str | Iterable[str], by: str | Iterable[str] | None,
          every: str, begin: Instant | None, end: Instant | None,
          where: Mapping[str, str | None] | None = None,
          max_rows: int = 0) -> _library.Query:
    """Which KPIs, of which groups and windows."""
    if not 0 <= max_rows <= _MOST_ROWS:
        raise ValueError(f'max_rows: {max_rows} is not within 0 and '
                         f'{_MOST_ROWS:,}')
    where = where or {}
    kpi_texts = _library.Texts(_list(kpis))
    by_texts = _library.Texts([] if by is None else _list(by))
    where_names = _library.Texts(where.keys())
    where_values = _library.Texts([value or '' for value in where.values()])
    return _library.Query(
        flags=0 if by is None else _library.QUERY_BY,
        kpis=kpi_texts.pointer, kpi_count=kpi_texts.count,
        by=by_texts.pointer, by_count=by_texts.count,
        every=_every(every), max_rows=max_rows,
        begin_us=_bound(begin), end_us=_bound(end),
        where_names=where_names.pointer, where_values=where_values.pointer,
        where_count=where_names.count).keep(
            kpi_texts, by_texts, where_names, where_values)


def _list(names: str | Iterable[str]) -> list[str]:
    return [names] if isinstance(names, str) else list(names)
