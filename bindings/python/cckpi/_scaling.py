"""The scaling matrix: ticks in, alerts out."""

from __future__ import annotations

import datetime
import decimal
import fractions
import weakref
from collections.abc import Sequence
from ctypes import byref, c_int64, c_void_p
from typing import NamedTuple, Union

from cckpi import _errors, _instants, _library, _lock
from cckpi._config import Config, Json
from cckpi._engine import Engine
from cckpi._instants import Instant
from cckpi._table import GroupedTable

#: A value in the unit of its KPI; a span is in seconds, or a timedelta.
Number = Union[int, float, decimal.Decimal, fractions.Fraction,
               datetime.timedelta]


class Tick(NamedTuple):
    """What a tick brought; both in the order of rules and groups."""

    #: Changes of state: at, rule, group, from, from_level, to, to_level, value,
    #: n, incident, silence.
    transitions: GroupedTable
    #: What is to be sent, by the host: at, rule, group, kind, incident,
    #: sequence, kpi, level, value, n, target, since, peak, ladder_step,
    #: actions, recipients, contributors and more.
    notifications: GroupedTable


class Monitor:
    """The scaling matrix of a configuration, over an engine.

    The host ticks, say once a minute, and delivers what comes out. A monitor
    keeps no reference to an engine.

    Args:
        config: the configuration, as for the engine.

    >>> config = {"groups": [], "scaling_matrix": [
    ...     {"id": "waiting", "kpi": "backlog", "target": "<=0", "bands": [
    ...         {"level": "warning", "over": 0, "notify": ["lead"]}]}]}
    >>> engine, monitor = Engine(config), Monitor(config)
    >>> _ = engine.ingest({"at": "2026-03-02T09:00:00Z", "interaction": "T-1",
    ...                    "kind": "customer_message"})
    >>> engine.advance("2026-03-02T09:01:00Z")
    >>> tick = monitor.tick(engine, "2026-03-02T09:01:00Z")
    >>> [(note["kind"], note["level"], note["value"], note["recipients"])
    ...  for note in tick.notifications]
    [('opened', 'warning', 1.0, ['lead'])]

    Threads: as of an engine.
    """

    def __init__(self, config: Json | Config) -> None:
        if not isinstance(config, Config):
            config = Config(config)
        self._handle = c_void_p()
        self._lock = _lock.ReadWriteLock()
        _library.call('monitor_create', config._handle, byref(self._handle))
        weakref.finalize(self, _library.function('monitor_destroy'),
                         self._handle)

    def tick(self, engine: Engine, now: Instant) -> Tick:
        """One tick of every rule, after the engine was advanced to `now`. A
        tick that is not after the last one changes nothing.

        Raises:
            FailedPreconditionError: the engine's now is before `now`.
        """
        now_us = _instants.microseconds(now)
        transitions, notifications = c_void_p(), c_void_p()
        with self._lock.writing(), engine._lock.reading():
            _library.call('monitor_tick', self._handle, engine._open(), now_us,
                          byref(transitions), byref(notifications))
        return Tick(GroupedTable(transitions), GroupedTable(notifications))

    def acknowledge(self, incident: str, by: str, when: Instant) -> None:
        """Somebody takes care of an incident: no more repeats and ladder
        steps. The first acknowledgement counts.

        Raises:
            NotFoundError: no such incident is open.
        """
        name, person = incident.encode(), by.encode()
        when_us = _instants.microseconds(when)
        with self._lock.writing():
            _library.call('monitor_acknowledge', self._handle, name, len(name),
                          person, len(person), when_us)

    def alerts(self) -> GroupedTable:
        """Where every rule stands for every known group: rule, group, state,
        level, value, n, incident, since, acknowledged_by and more."""
        handle = c_void_p()
        with self._lock.reading():
            _library.call('monitor_alerts', self._handle, byref(handle))
        return GroupedTable(handle)

    @property
    def last_tick(self) -> datetime.datetime | None:
        """The last tick; None before the first."""
        with self._lock.reading():
            at_us = _library.function('monitor_last_tick')(self._handle)
        return None if at_us == _library.NO_TIME else (
            _instants.to_datetime(at_us))

    def next_change(self, engine: Engine) -> datetime.datetime | None:
        """For replays: the earliest instant after the last tick at which a
        tick could change or send anything while no event comes; None: never.
        Ticks before it may be left out if :meth:`skip` is told the last."""
        with self._lock.reading(), engine._lock.reading():
            at_us = _library.function('monitor_next_change')(
                self._handle, engine._open())
        return None if at_us == _library.NEVER else (
            _instants.to_datetime(at_us))

    def skip(self, last: Instant) -> None:
        """Ticks up to `last` were left out, as nothing could change."""
        last_us = _instants.microseconds(last)
        with self._lock.writing():
            _library.call('monitor_skip', self._handle, last_us)

    def save(self) -> bytes:
        """The states as bytes, the same for the same states: a section of
        :meth:`Engine.save`, say."""
        buffer = c_void_p()
        with self._lock.reading():
            _library.call('monitor_save', self._handle, byref(buffer))
        return _library.bytes_of(buffer)

    def restore(self, saved: bytes) -> None:
        """Replaces all states by saved ones. Rules that the configuration no
        longer has are left out.

        Raises:
            InvalidArgumentError, DataLossError: these are no saved states;
                nothing has changed.
        """
        with self._lock.writing():
            _library.call('monitor_restore', self._handle, saved, len(saved))


class Rule:
    """One rule of the scaling matrix, which the host feeds with values itself.

    Args:
        config: a configuration with a ``scaling_matrix``.
        id: the rule's id in it.

    >>> rule = Rule({"scaling_matrix": [
    ...     {"id": "load", "kpi": "occupancy", "target": "<=85%", "bands": [
    ...         {"level": "high", "over": "95%"}]}]}, "load")
    >>> rule.tick("2026-03-02T09:00:00Z", 0.97, 20).transitions["to"]
    ['firing']
    """

    def __init__(self, config: Json | Config, id: str) -> None:
        if not isinstance(config, Config):
            config = Config(config)
        self._handle = c_void_p()
        self._lock = _lock.ReadWriteLock()
        name = id.encode()
        _library.call('rule_create', config._handle, name, len(name),
                      byref(self._handle))
        weakref.finalize(self, _library.function('rule_destroy'), self._handle)

    def tick(self, now: Instant, value: Number | None, observations: int, *,
             muted: bool = False, inhibited: bool = False) -> Tick:
        """One tick.

        Args:
            now: the instant.
            value: in the unit of the KPI, exactly as its decimal digits say;
                None: there is none.
            observations: n, behind the value.
            muted, inhibited: nothing is sent.
        """
        micro, denominator = _fraction(value)
        return self._tick(_library.RuleReading(
            flags=_flags(muted, inhibited),
            now_us=_instants.microseconds(now), value_micro=micro,
            value_denominator=denominator, observations=observations))

    def tick_burn_rate(self, now: Instant, long: Sequence[Number | None],
                       short: Sequence[Number | None],
                       observations: Sequence[int], *, muted: bool = False,
                       inhibited: bool = False) -> Tick:
        """One tick of a burn-rate rule: for each band the service level over
        its long and its short window, and the observations of the long one."""
        if not len(long) == len(short) == len(observations):
            raise ValueError('long, short and observations must have one item '
                             'for each band')
        count = len(long)
        values = c_int64 * count
        reading = _library.RuleReading(
            flags=_flags(muted, inhibited),
            now_us=_instants.microseconds(now),
            burn_long_micro=values(*map(_micro, long)),
            burn_short_micro=values(*map(_micro, short)),
            burn_observations=values(*observations), burn_count=count)
        return self._tick(reading)

    def _tick(self, reading: _library.RuleReading) -> Tick:
        transitions, notifications = c_void_p(), c_void_p()
        with self._lock.writing():
            _library.call('rule_tick', self._handle, byref(reading),
                          byref(transitions), byref(notifications))
        return Tick(GroupedTable(transitions), GroupedTable(notifications))

    def acknowledge(self, by: str, when: Instant) -> None:
        """Somebody takes care of the incident.

        Raises:
            FailedPreconditionError: no incident is open.
        """
        person = by.encode()
        when_us = _instants.microseconds(when)
        with self._lock.writing():
            _library.call('rule_acknowledge', self._handle, person,
                          len(person), when_us)

    def alert(self) -> GroupedTable:
        """Where the rule stands, one row."""
        handle = c_void_p()
        with self._lock.reading():
            _library.call('rule_alert', self._handle, byref(handle))
        return GroupedTable(handle)

    def save(self) -> bytes:
        """The state as bytes."""
        buffer = c_void_p()
        with self._lock.reading():
            _library.call('rule_save', self._handle, byref(buffer))
        return _library.bytes_of(buffer)

    def restore(self, saved: bytes) -> None:
        """Replaces the state by a saved one."""
        with self._lock.writing():
            _library.call('rule_restore', self._handle, saved, len(saved))


def _flags(muted: bool, inhibited: bool) -> int:
    return ((_library.RULE_MUTED if muted else 0)
            | (_library.RULE_INHIBITED if inhibited else 0))


def _fraction(value: Number | None) -> tuple[int, int]:
    """The value in millionths, as numerator and denominator."""
    if value is None:
        return _library.NO_VALUE, 0
    if isinstance(value, datetime.timedelta):
        return value // datetime.timedelta(microseconds=1), 1
    if isinstance(value, float):
        # What was written, 0.1, and not the binary number nearest to it.
        exact = fractions.Fraction(repr(value))
    else:
        exact = fractions.Fraction(value)
    micro = exact * 1_000_000
    if max(abs(micro.numerator), micro.denominator) >= 1 << 63:
        raise _errors.OutOfRangeError(
            f'value: {value} has too many digits', _errors.Code.OUT_OF_RANGE,
            'value')
    return micro.numerator, micro.denominator


def _micro(value: Number | None) -> int:
    numerator, denominator = _fraction(value)
    return (numerator if numerator == _library.NO_VALUE
            else numerator // denominator)
