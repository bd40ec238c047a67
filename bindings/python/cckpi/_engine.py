"""The engine: events in, numbers out."""

from __future__ import annotations

import base64
import contextlib
import ctypes
import datetime
import hashlib
import os
import pathlib
import weakref
from collections.abc import Iterable, Mapping as MappingABC
from ctypes import byref, c_size_t, c_void_p
from types import TracebackType
from typing import Any, Union

from cckpi import (_arrow, _errors, _events, _instants, _library, _lock,
                   _questions)
from cckpi._config import Config, Json, Mapping
from cckpi._instants import Instant
from cckpi._results import (EventCounts, IngestResult, Refusal,
                            ScheduledReport, Scorecards, Sizes)
from cckpi._table import GroupedTable, Report, Table

#: What :meth:`Engine.ingest` takes.
Events = Union[
    _arrow.ArrowStreamExportable, _arrow.ArrowArrayExportable, bytes, bytearray,
    memoryview, 'os.PathLike[str]', MappingABC[str, Any],
    Iterable[MappingABC[str, Any]]]


class Engine:
    """Takes events in any order within the allowed lateness, and answers
    queries at any moment. It does no I/O, has no clock and starts no thread.

    Args:
        config: a dict, JSON text, the path of a file, or a :class:`Config`;
            without it every KPI is computed with its defaults.
        explain: a KPI, by id or catalogue name, whose observations are kept
            for :meth:`explain`; costs memory for each of them.
        shard: the engine is one of several over parts of the events (by
            customer; agents by agent), to be merged.
        keep_for_html: also what only :meth:`html` shows is kept: arrivals, the
            backlog, first responses and waits. Reports stay as they are.

    Raises:
        ConfigError: the configuration is wrong, with every problem.
        NotFoundError: there is no KPI `explain`.

    >>> engine = Engine({"groups": []})
    >>> engine.ingest([
    ...     {"at": "2026-03-02T09:00:00Z", "kind": "customer_message",
    ...      "interaction": "T-1"},
    ...     {"at": "2026-03-02T09:08:32Z", "kind": "agent_message",
    ...      "interaction": "T-1", "agent": "ana"}])
    IngestResult(accepted=2, late=0, refused=0, refusals=(), exhausted=0)
    >>> engine.query("first_response_time")["value"]
    [512.0]

    Threads: any number of threads may use one engine. Calls that only ask run
    at the same time; one that changes the engine waits for them and has it to
    itself. The GIL is released meanwhile.
    """

    def __init__(self, config: Json | Config | None = None, *,
                 explain: str = '', shard: bool = False,
                 keep_for_html: bool = False) -> None:
        if not isinstance(config, Config):
            config = Config(config)
        options = _questions.options(explain, shard, keep_for_html)
        handle = c_void_p()
        _library.call('engine_create', config._handle, byref(options),
                      byref(handle))
        self._own(handle)

    @classmethod
    def restore(cls, snapshot: bytes, config: Json | Config | None = None, *,
                explain: str = '', shard: bool = False,
                keep_for_html: bool = False) -> Engine:
        """An engine that goes on where the one that made `snapshot` was.

        Args:
            snapshot: what :meth:`save` gave.
            config: the configuration, as for a new engine.
            explain, shard, keep_for_html: as for a new engine.

        Raises:
            DataLossError, InvalidArgumentError: the bytes are no whole,
                undamaged snapshot.
            FailedPreconditionError: it was made under other definitions; the
                message says which.
        """
        if not isinstance(config, Config):
            config = Config(config)
        options = _questions.options(explain, shard, keep_for_html)
        handle = c_void_p()
        _library.call('engine_restore', config._handle, byref(options),
                      snapshot, len(snapshot), byref(handle))
        engine = cls.__new__(cls)
        engine._own(handle)
        return engine

    def _own(self, handle: c_void_p) -> None:
        self._handle = handle
        self._lock = _lock.ReadWriteLock()
        self._finalizer = weakref.finalize(
            self, _library.function('engine_destroy'), handle)

    def close(self) -> None:
        """Frees the engine now and not when the last reference goes."""
        with self._lock.writing():
            self._finalizer()
            self._handle = c_void_p()

    def __enter__(self) -> Engine:
        return self

    def __exit__(self, kind: type[BaseException] | None,
                 value: BaseException | None,
                 traceback: TracebackType | None) -> None:
        self.close()

    def _open(self) -> c_void_p:
        if not self._handle:
            raise _errors.FailedPreconditionError(
                'the engine is closed', _errors.Code.FAILED_PRECONDITION)
        return self._handle

    # Events in.

    def ingest(self, events: Events, *, source: str = '',
               mapping: Mapping | Json | None = None,
               format: str = 'auto') -> IngestResult:
        """Takes events. A bad event is refused by itself, with its row and the
        reason; the others are applied.

        Args:
            events: one of

                * anything with the Arrow PyCapsule interface (a pyarrow table
                  or reader, a polars or pandas data frame, a DuckDB result):
                  read in place, without a copy; its columns are the fields of
                  docs/events.md;
                * a log as bytes: JSON Lines or CSV, plain or gzip;
                * the path of such a log, as a :class:`pathlib.Path`;
                * an iterable of dicts with the fields of docs/events.md, or
                  one such dict; instants are datetimes with a time zone, RFC
                  3339 text or integer microseconds. They are taken 65,536 at
                  a time.
            source: the batch's name in refusals.
            mapping: for logs of other systems: which column is which field.
            format: of a log: ``"jsonl"``, ``"csv"``, or ``"auto"``.

        Raises:
            InvalidArgumentError: the batch has another shape or a column of
                another type, or the log cannot be read.
            DataLossError, UnavailableError: the log is damaged, or the stream
                failed on the way; `row` is the first that is not in.
        """
        if isinstance(events, (bytes, bytearray, memoryview)):
            return self._log(events, source, mapping, format)
        if isinstance(events, os.PathLike):
            path = pathlib.Path(events)
            return self._log(path.read_bytes(), source or path.name, mapping,
                             format)
        if isinstance(events, str):
            raise TypeError('give a log as bytes, or its path as a '
                            'pathlib.Path')
        if mapping is not None:
            raise TypeError('a mapping is for logs: bytes or a path')
        if hasattr(events, '__arrow_c_stream__'):
            return self._arrow_stream(events.__arrow_c_stream__(), source)
        if hasattr(events, '__arrow_c_array__'):
            schema, array = events.__arrow_c_array__()
            return self._arrow_array(schema, array, source)
        if isinstance(events, MappingABC):
            events = [events]
        if not isinstance(events, Iterable):
            raise TypeError(f'{type(events).__name__} holds no events')
        total = IngestResult(0, 0, 0)
        for before, lines in _events.json_lines(events):
            total += self._log(lines, source, None, 'jsonl', before)
        return total

    def _log(self, log: bytes | bytearray | memoryview, source: str,
             mapping: Mapping | Json | None, format_: str,
             rows_before: int = 0) -> IngestResult:
        if format_ not in _library.LOG_FORMATS:
            raise ValueError(f'format: {format_!r} is none of '
                             f'{", ".join(_library.LOG_FORMATS)}')
        if mapping is not None and not isinstance(mapping, Mapping):
            mapping = Mapping(mapping)
        named = _library.OneText(source)
        options = _library.LogOptions(
            source=named.text, format=_library.LOG_FORMATS[format_],
            mapping=None if mapping is None else mapping._handle)
        data = log if isinstance(log, bytes) else bytes(log)
        address = ctypes.cast(ctypes.c_char_p(data), c_void_p)
        with self._lock.writing():
            return _ingest('engine_ingest_log', self._open(), address,
                           len(data), byref(options), rows_before=rows_before)

    def _arrow_stream(self, capsule: object, source: str) -> IngestResult:
        named = _library.OneText(source)
        options = _library.IngestOptions(source=named.text)
        with self._lock.writing():
            return _ingest('engine_ingest_arrow_stream', self._open(),
                           _arrow.stream_address(capsule), byref(options))

    def _arrow_array(self, schema: object, array: object,
                     source: str) -> IngestResult:
        named = _library.OneText(source)
        options = _library.IngestOptions(source=named.text)
        with self._lock.writing():
            return _ingest('engine_ingest_arrow', self._open(),
                           *_arrow.array_addresses(schema, array),
                           byref(options), None)

    # Time.

    def advance(self, now: Instant) -> None:
        """Says what time it is: deadlines, automatic closes and FCR windows
        fire. Time never goes back: an earlier now is ignored."""
        now_us = _instants.microseconds(now)
        with self._lock.writing():
            _library.call('engine_advance', self._open(), now_us)

    def finish(self) -> None:
        """Says that nothing more comes: everything up to now is final."""
        with self._lock.writing():
            _library.call('engine_finish', self._open())

    @property
    def now(self) -> datetime.datetime | None:
        """The latest of what :meth:`advance` said and the instants of events;
        None while there is neither."""
        return self._instant('engine_now')

    @property
    def first(self) -> datetime.datetime | None:
        """The earliest instant of an event, forecasts left out."""
        return self._instant('engine_first')

    @property
    def watermark(self) -> datetime.datetime | None:
        """Before this instant everything is final, and events are late."""
        return self._instant('engine_watermark')

    def _instant(self, name: str) -> datetime.datetime | None:
        with self._lock.reading():
            at_us = _library.function(name)(self._open())
        return None if at_us == _library.NO_TIME else (
            _instants.to_datetime(at_us))

    # Numbers out.

    def query(self, kpis: str | Iterable[str] = (), *,
              by: str | Iterable[str] | None = None, every: str = 'all',
              begin: Instant | None = None, end: Instant | None = None,
              where: MappingABC[str, str | None] | None = None,
              max_rows: int = 0) -> Report:
        """Asks.

        Args:
            kpis: ids or catalogue names; none: all that are configured.
            by: the dimensions to group by (``"channel"``, ``["channel",
                "tag.plan"]``), ``()`` for the total only; None: the total and
                every configured group.
            every: the windows: ``"all"`` (one), ``"15m"``, ``"hour"``,
                ``"day"``, ``"week"``, ``"month"``, in the configured time
                zone.
            begin, end: only windows that overlap [begin, end).
            where: only what has these values, ``{"channel": "chat"}``; None
                is what has none. Without `by` only the total is given.
            max_rows: of more it is an error; 0: 4,000,000.

        Raises:
            NotFoundError: a KPI that is not configured, or dimensions that no
                configured group keeps together.
            ResourceExhaustedError: more than `max_rows`: ask for fewer
                windows, or for longer ones.
        """
        return Report(self._table('engine_query', byref(_questions.query(
            kpis, by, every, begin, end, where, max_rows))))

    def distributions(self, kpis: str | Iterable[str] = (), *,
                      by: str | Iterable[str] | None = None,
                      every: str = 'all', begin: Instant | None = None,
                      end: Instant | None = None,
                      where: MappingABC[str, str | None] | None = None,
                      max_rows: int = 0) -> Table:
        """How the durations behind each row of :meth:`query` spread: a row per
        bin that holds any, with bin_begin_us, bin_end_us and count. A bin is
        at most 1.6 % wide. The arguments are those of :meth:`query`."""
        return Table(self._table('engine_distributions', byref(_questions.query(
            kpis, by, every, begin, end, where, max_rows))))

    def scorecards(self, ids: str | Iterable[str] = (), *,
                   every: str | None = None, begin: Instant | None = None,
                   end: Instant | None = None,
                   current: bool = False) -> Scorecards:
        """Evaluates the scorecards of the configuration on their closed
        windows.

        Args:
            ids: which; none: all.
            every: ``"hour"``, ``"day"``, ``"week"`` or ``"month"``, instead of
                the frequency of each.
            begin, end: only windows that overlap [begin, end).
            current: the window that holds now too, as provisional.

        Raises:
            NotFoundError: a scorecard that there is not.
        """
        query = _questions.scorecard_query(ids, every, begin, end, current)
        scores, lines = c_void_p(), c_void_p()
        with self._lock.reading():
            _library.call('engine_scorecards', self._open(), byref(query),
                          byref(scores), byref(lines))
        return Scorecards(GroupedTable(scores), GroupedTable(lines))

    def scorecards_text(self, ids: str | Iterable[str] = (), *,
                        format: str = 'text', every: str | None = None,
                        begin: Instant | None = None,
                        end: Instant | None = None,
                        current: bool = False) -> str:
        """The same as ``cckpi scorecard`` writes it: ``"text"`` for people,
        ``"json"`` or ``"csv"``."""
        formats = {'json': _library.RENDER_JSON, 'csv': _library.RENDER_CSV,
                   'text': _library.RENDER_TEXT}
        if format not in formats:
            raise ValueError(f'format: {format!r} is none of '
                             f'{", ".join(formats)}')
        query = _questions.scorecard_query(ids, every, begin, end, current)
        return _library.bytes_of(self._table(
            'engine_scorecards_render', byref(query),
            formats[format])).decode()

    def scheduled_report(self, report: str, begin: Instant,
                         end: Instant) -> ScheduledReport:
        """Answers a row of :meth:`Config.due_reports`.

        Args:
            report: the id of the report.
            begin, end: of the closed window that it is about.

        Raises:
            NotFoundError: the configuration has no such report.
        """
        name = report.encode()
        rows, scores, lines = c_void_p(), c_void_p(), c_void_p()
        with self._lock.reading():
            _library.call('engine_scheduled_report', self._open(), name,
                          len(name), _instants.microseconds(begin),
                          _instants.microseconds(end), byref(rows),
                          byref(scores), byref(lines))
        return ScheduledReport(
            Report(rows) if rows else None,
            Scorecards(GroupedTable(scores), GroupedTable(lines))
            if scores else None)

    def longest_waits(self, most: int = 10, *,
                      where: MappingABC[str, str | None] | None = None
                      ) -> Table:
        """Who has been waiting longest, at most `most` of them: interaction
        and since, longest first.

        Args:
            most: how many at most.
            where: only what has these values, as of :meth:`query`.
        """
        where = where or {}
        names = _library.Texts(where.keys())
        values = _library.Texts([value or '' for value in where.values()])
        return Table(self._table('engine_longest_waits', names.pointer,
                                 values.pointer, names.count, most))

    def html(self, kpis: str | Iterable[str] = (), *,
             by: str | Iterable[str] | None = None, every: str = 'all',
             begin: Instant | None = None, end: Instant | None = None,
             title: str = '', max_groups: int = 0, chart_library: str = '',
             chart_notice: str = '', max_rows: int = 0) -> str:
        """A page for people: figures, tables, definitions; with the text of
        Apache ECharts (``echarts.min.js``) as `chart_library` also charts. One
        file that asks the network for nothing. Make the engine with
        ``keep_for_html`` for all of it.

        Args:
            kpis, by, every, begin, end, max_rows: as of :meth:`query`.
            title: of the page.
            max_groups: of more groups, a table has the largest; 0: 50.
            chart_library, chart_notice: the library's text and its licences.
        """
        digest = '' if not chart_library else base64.b64encode(
            hashlib.sha256(chart_library.encode()).digest()).decode()
        title_text = _library.OneText(title)
        library_text = _library.OneText(chart_library)
        digest_text = _library.OneText(digest)
        notice_text = _library.OneText(chart_notice)
        options = _library.HtmlOptions(
            title=title_text.text, chart_library=library_text.text,
            chart_library_sha256=digest_text.text,
            chart_notice=notice_text.text, max_groups=max_groups).keep(
                title_text, library_text, digest_text, notice_text)
        page = self._table('engine_html', byref(_questions.query(
            kpis, by, every, begin, end, max_rows=max_rows)), byref(options))
        return _library.bytes_of(page).decode()

    def _table(self, name: str, *arguments: Any) -> c_void_p:
        handle = c_void_p()
        with self._lock.reading():
            _library.call(name, self._open(), *arguments, byref(handle))
        return handle

    def explain(self, *, by: str | Iterable[str] | None = None,
                begin: Instant | None = None, end: Instant | None = None
                ) -> Table:
        """The observations behind the KPI that the engine was made to explain,
        in the order in which they are booked: interaction, episode, start,
        end, booked, value (microseconds, or a count), outcome, and a column
        per dimension of `by`.

        Raises:
            FailedPreconditionError: the engine was made without `explain`.
        """
        return Table(self._table('engine_explain', byref(_questions.query(
            (), () if by is None else by, 'all', begin, end))))

    def counts(self) -> EventCounts:
        """Counts events: what all batches brought, and those before a
        restart. Lines of logs that could not be read are refused ones."""
        counts = _library.EventCounts()
        with self._lock.reading():
            _library.call('engine_counts', self._open(), byref(counts))
        return EventCounts(counts.applied, counts.duplicate, counts.late,
                           counts.refused)

    def refusals(self) -> list[Refusal]:
        """The first hundred refusals of all batches."""
        return _refusals(Table(self._table('engine_refusals')), 0)

    def sizes(self) -> Sizes:
        """Measures the engine."""
        sizes = _library.EngineSizes()
        with self._lock.reading():
            _library.call('engine_measure', self._open(), byref(sizes))
        return Sizes(sizes.interactions, sizes.pending_events, sizes.cells,
                     sizes.timers, sizes.bytes_per_interaction)

    @property
    def memory_bytes(self) -> int:
        """The memory of the engine's state; what ``max_memory_bytes`` of the
        configuration limits. Costs a walk over the state."""
        with self._lock.reading():
            result: int = _library.function('engine_memory_bytes')(
                self._open())
        return result

    # State.

    def save(self, *, positions: MappingABC[str, str | bytes] | None = None,
             sections: MappingABC[str, bytes] | None = None) -> bytes:
        """The whole state as bytes, for :meth:`restore`. They depend on the
        state alone, not on how it came about.

        Args:
            positions: how far the sources have been read, by name. Kept in
                the same bytes as the state, they give exactly-once effect:
                restore, and read on from there.
            sections: the host's own state, by name.
        """
        options = _questions.snapshot(positions or {}, sections or {})
        return _library.bytes_of(self._table('engine_save',
                                             byref(options)))

    @property
    def positions(self) -> dict[str, bytes]:
        """The positions that were in the snapshot the engine was restored
        from."""
        return self._saved('position')

    @property
    def sections(self) -> dict[str, bytes]:
        """The same of the sections."""
        return self._saved('section')

    def _saved(self, kind: str) -> dict[str, bytes]:
        names = [str(row['name']) for row in
                 Table(self._table('engine_saved')).rows()
                 if row['kind'] == kind]
        get = _library.function('engine_' + kind)
        saved = {}
        size = c_size_t()
        with self._lock.reading():
            for name in names:
                encoded = name.encode()
                address = get(self._open(), encoded, len(encoded),
                              byref(size))
                saved[name] = _library.bytes_at(address, size.value)
        return saved

    def merge(self, other: Engine) -> None:
        """Adds what `other` has seen; `other` does not change.

        Raises:
            InvalidArgumentError: an interaction, customer, agent, forecast or
                position is in both; nothing has changed.
            FailedPreconditionError: the definitions differ.
        """
        if other is self:
            raise _errors.InvalidArgumentError(
                'an engine is not merged with itself',
                _errors.Code.INVALID_ARGUMENT, 'other')
        # In one order everywhere, so that a.merge(b) and b.merge(a) at the
        # same time do not wait for each other.
        first, second = sorted((self, other), key=id)
        with contextlib.ExitStack() as held:
            for engine in (first, second):
                held.enter_context(engine._lock.writing() if engine is self
                                   else engine._lock.reading())
            _library.call('engine_merge', self._open(), other._open())

    def join(self) -> None:
        """All shards are merged: the agent time that they kept is booked, and
        the engine is no shard from here on."""
        with self._lock.writing():
            _library.call('engine_join', self._open())


def _refusals(table: Table, rows_before: int) -> list[Refusal]:
    return [Refusal(row['source'] or '', row['row'] + rows_before,
                    row['reason'], row['event'] or '')
            for row in table.rows()]


def _ingest(name: str, *arguments: Any, rows_before: int = 0) -> IngestResult:
    counts = _library.IngestResult()
    handle = c_void_p()
    try:
        _library.call(name, *arguments, byref(counts), byref(handle))
    except _errors.ResourceExhaustedError as error:
        # Of a limit that is configured: some rows may have found room.
        if error.path == 'max_memory_bytes':
            error.result = _result(counts, handle, rows_before)
        raise
    except _errors.Error as error:
        if error.row is not None:
            error.row += rows_before
        raise
    return _result(counts, handle, rows_before)


def _result(counts: _library.IngestResult, handle: c_void_p,
            rows_before: int) -> IngestResult:
    refusals = tuple(_refusals(Table(handle), rows_before)) if handle else ()
    return IngestResult(counts.accepted, counts.late, counts.refused, refusals,
                        counts.exhausted)
