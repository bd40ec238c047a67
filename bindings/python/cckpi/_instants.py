"""Instants between Python and the library: microseconds UTC."""

from __future__ import annotations

import datetime
from typing import Union

from cckpi import _library
from ctypes import byref, c_int64

#: A datetime with a time zone, RFC 3339 text with an offset, or integer
#: microseconds since 1970 UTC.
Instant = Union[datetime.datetime, str, int]

_EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)
_MICROSECOND = datetime.timedelta(microseconds=1)


def microseconds(instant: Instant) -> int:
    """The instant in microseconds UTC, exactly."""
    if isinstance(instant, datetime.datetime):
        if instant.utcoffset() is None:
            raise ValueError(
                f'{instant!r} has no time zone; say which instant it is, for '
                'example with .replace(tzinfo=datetime.timezone.utc)')
        return (instant - _EPOCH) // _MICROSECOND
    if isinstance(instant, str):
        encoded = instant.encode()
        result = c_int64()
        _library.call('time_parse', encoded, len(encoded), byref(result))
        return result.value
    if isinstance(instant, bool) or not isinstance(instant, int):
        raise TypeError('an instant is a datetime, RFC 3339 text or integer '
                        f'microseconds, not {type(instant).__name__}')
    return instant


def to_datetime(at_us: int) -> datetime.datetime:
    """A datetime in UTC."""
    return _EPOCH + datetime.timedelta(microseconds=at_us)
