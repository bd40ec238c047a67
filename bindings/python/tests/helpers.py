"""What tests share: a small log, in each form."""

from __future__ import annotations

import datetime
import json
from typing import Any

UTC = datetime.timezone.utc


def at(time: str) -> datetime.datetime:
    """An instant of Monday 2026-03-02, UTC: "09:05"."""
    hour, minute = time.split(':')
    return datetime.datetime(2026, 3, 2, int(hour), int(minute), tzinfo=UTC)


def event(time: str, kind: str, interaction: str, **fields: Any
          ) -> dict[str, Any]:
    return {'at': at(time), 'kind': kind, 'interaction': interaction, **fields}


# A: answered by ana after 10 min, resolved. B: answered by ben after 20 min.
# C: open. Mean first response 15 min; two of three answered.
EVENTS = [
    event('09:00', 'customer_message', 'A', channel='chat', customer='c1'),
    event('09:05', 'customer_message', 'B', channel='mail', customer='c2'),
    event('09:10', 'agent_message', 'A', agent='ana'),
    event('09:20', 'resolved', 'A', agent='ana'),
    event('09:25', 'agent_message', 'B', agent='ben'),
    event('09:30', 'customer_message', 'C', channel='chat', customer='c3'),
]


def jsonl(events: list[dict[str, Any]]) -> bytes:
    return b'\n'.join(
        json.dumps({**one, 'at': one['at'].isoformat()}).encode()
        for one in events)


def columns(events: list[dict[str, Any]]) -> dict[str, list[Any]]:
    names = ['at', 'kind', 'interaction', 'channel', 'customer', 'agent']
    return {name: [one.get(name) for one in events] for name in names}
