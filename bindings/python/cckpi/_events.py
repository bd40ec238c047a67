"""Events as dicts, turned into JSON Lines."""

from __future__ import annotations

import datetime
import decimal
import enum
import json
import math
import uuid
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from cckpi import _instants

# Events per call of the library when they come from an iterable.
CHUNK = 65536


def _plain(value: object) -> object:
    """What json does not know by itself."""
    if isinstance(value, datetime.datetime):
        if value != value:  # pandas.NaT
            return None
        return _instants.microseconds(value)
    if isinstance(value, enum.Enum):
        return value.value
    if isinstance(value, uuid.UUID):
        return str(value)
    if isinstance(value, decimal.Decimal):
        return float(value)
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, (set, frozenset)):
        return sorted(value)
    item = getattr(value, 'item', None)  # a scalar of numpy
    if callable(item):
        return item()
    raise TypeError(f'{type(value).__name__} is nothing that an event holds')


_ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(',', ':'),
                            allow_nan=False, default=_plain)


def _without_nan(event: Mapping[str, Any]) -> dict[str, Any]:
    """pandas writes what is missing as NaN."""
    return {name: value for name, value in event.items()
            if not (isinstance(value, float) and math.isnan(value))}


def _line(event: object, row: int) -> str:
    if not isinstance(event, Mapping):
        raise TypeError(f'event {row}: a dict is expected, not '
                        f'{type(event).__name__}')
    try:
        return _ENCODER.encode(event if isinstance(event, dict)
                               else dict(event))
    except ValueError:
        pass
    except TypeError as error:
        raise TypeError(f'event {row}: {error}') from None
    try:
        return _ENCODER.encode(_without_nan(event))
    except (TypeError, ValueError) as error:
        raise type(error)(f'event {row}: {error}') from None


def _encoded(lines: list[str]) -> bytes:
    # What is no text of Unicode, the library refuses row by row.
    return '\n'.join(lines).encode('utf-8', 'surrogatepass')


def json_lines(events: Iterable[Mapping[str, Any]], chunk: int = CHUNK
               ) -> Iterator[tuple[int, bytes]]:
    """Chunks of JSON Lines, each with the number of events before it."""
    before = 0
    lines: list[str] = []
    for event in events:
        lines.append(_line(event, before + len(lines) + 1))
        if len(lines) == chunk:
            yield before, _encoded(lines)
            before += len(lines)
            lines = []
    if lines:
        yield before, _encoded(lines)
