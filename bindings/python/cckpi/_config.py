"""Configurations and mappings: JSON, however it comes."""

from __future__ import annotations

import datetime
import json
import os
import pathlib
import weakref
from collections.abc import Mapping as MappingABC
from ctypes import byref, c_int64, c_void_p
from typing import Any, Union

from cckpi import _errors, _instants, _library, _table

#: JSON as a dict, as text (that begins with a brace), or as the path of a
#: file.
Json = Union[MappingABC[str, Any], str, 'os.PathLike[str]']


def _json_bytes(source: Json) -> bytes:
    if isinstance(source, str):
        if source.lstrip().startswith('{'):
            return source.encode()
        return pathlib.Path(source).read_bytes()
    if isinstance(source, os.PathLike):
        return pathlib.Path(source).read_bytes()
    if isinstance(source, MappingABC):
        return json.dumps(dict(source), ensure_ascii=False).encode()
    raise TypeError('a configuration is a dict, JSON text or a path, not '
                    f'{type(source).__name__}')


class Config:
    """What to compute (docs/config.md), checked once and usable for any
    number of engines. Immutable.

    Args:
        source: a dict, JSON text, or the path of a file; without it every KPI
            is computed with its defaults.

    Raises:
        ConfigError: with every problem and its path.

    >>> Config({"kpis": [{"kpi": "first_response_time"}]})
    <cckpi.Config>
    >>> Config({"time_zone": "Europe/Madird"})
    Traceback (most recent call last):
        ...
    cckpi.ConfigError: time_zone: unknown time zone "Europe/Madird"
    """

    def __init__(self, source: Json | None = None) -> None:
        text = b'' if source is None else _json_bytes(source)
        self._handle = c_void_p()
        _library.call('config_create', text, len(text), byref(self._handle),
                      raises=_errors.ConfigError)
        weakref.finalize(self, _library.function('config_destroy'),
                         self._handle)

    def due_reports(self, now: _instants.Instant,
                    since: _instants.Instant | None = None) -> _table.Table:
        """The reports of the schedule (``reports``) that are due in
        (`since`, `now`], in the order of due time.

        One row each: report (its id), due, begin and end of the closed window
        that it is about, every, kpis, by, to (lists), format.
        :meth:`Engine.scheduled_report` answers it; delivery is the host's.

        Args:
            now: this tick.
            since: the tick before; None: of each report the last one that is
                due by now.

        >>> config = Config({"reports": [
        ...     {"id": "weekly", "every": "week", "at": "Mon 08:00",
        ...      "kpis": ["service_level"], "to": ["manager"]}]})
        >>> (due,) = config.due_reports("2026-03-09T08:00:00Z").rows()
        >>> due["report"], due["begin"].isoformat(), due["to"]
        ('weekly', '2026-03-02T00:00:00+00:00', ['manager'])
        """
        return _table.read(
            'config_due_reports', self._handle,
            _library.NO_TIME if since is None else _instants.microseconds(
                since), _instants.microseconds(now))

    def business_time(self, calendar: str, begin: _instants.Instant,
                      end: _instants.Instant) -> datetime.timedelta:
        """The open time of [`begin`, `end`) by a calendar of the
        configuration.

        >>> office = Config({"calendars": {"office": {"weekly": {
        ...     "mon": [["09:00", "17:00"]], "tue": [["09:00", "17:00"]]}}}})
        >>> str(office.business_time("office", "2026-03-02T16:30:00Z",
        ...                          "2026-03-03T10:00:00Z"))
        '1:30:00'
        """
        return datetime.timedelta(microseconds=self._business(
            'config_business_time', calendar, _instants.microseconds(begin),
            _instants.microseconds(end)))

    def deadline(self, calendar: str, start: _instants.Instant,
                 span: datetime.timedelta) -> datetime.datetime | None:
        """When `span` of open time has passed since `start`; used up at
        closing, it is due at the next opening. None: never."""
        span_us = span // datetime.timedelta(microseconds=1)
        due_us = self._business('config_deadline', calendar,
                                _instants.microseconds(start), span_us)
        return (None if due_us == _library.NEVER
                else _instants.to_datetime(due_us))

    def _business(self, name: str, calendar: str, start_us: int,
                  other_us: int) -> int:
        text = calendar.encode()
        result = c_int64()
        _library.call(name, self._handle, text, len(text), start_us, other_us,
                      byref(result))
        return result.value

    def test_alerts(self, script: Json) -> list[str]:
        """Runs a script of cases for scaling rules (docs/scaling.md), without
        an engine: what was expected and did not happen. This configuration
        stands for the one that the script names by a path."""
        text = _json_bytes(script)
        handle = c_void_p()
        _library.call('config_test_alerts', self._handle, text, len(text),
                      byref(handle), None, None)
        return [str(failure) for failure in _table.Table(handle)['failure']]

    def __repr__(self) -> str:
        return '<cckpi.Config>'


class Mapping:
    """How the log of another system becomes events (docs/events.md).
    Immutable.

    Args:
        source: a dict, JSON text, or the path of a file.

    Raises:
        ConfigError: with every problem and its path.
    """

    def __init__(self, source: Json) -> None:
        text = _json_bytes(source)
        self._handle = c_void_p()
        _library.call('mapping_create', text, len(text), byref(self._handle),
                      raises=_errors.ConfigError)
        weakref.finalize(self, _library.function('mapping_destroy'),
                         self._handle)

    def __repr__(self) -> str:
        return '<cckpi.Mapping>'
