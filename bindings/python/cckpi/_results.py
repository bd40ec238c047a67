"""What an engine answers, beside tables."""

from __future__ import annotations

import dataclasses
from typing import NamedTuple

from cckpi._table import GroupedTable, Report, Row


class Refusal(NamedTuple):
    """An event that was not taken."""

    source: str  #: the batch's name, as it was given
    row: int  #: its row in the batch or its line in the log, from 1
    reason: str  #: what is wrong with it; "late: …" where it came too late
    event: str  #: its id, or its interaction


@dataclasses.dataclass(frozen=True)
class IngestResult:
    """What became of a batch.

    Attributes:
        accepted: events that were taken; duplicates too, as which of them
            counts is decided later.
        late: events behind the watermark, which are handed back.
        refused: what is no event that can be.
        refusals: all that were not taken, by row.
        exhausted: events that found no room within ``max_memory_bytes``; see
            :class:`ResourceExhaustedError`.
    """

    accepted: int
    late: int
    refused: int
    refusals: tuple[Refusal, ...] = ()
    exhausted: int = 0

    def __add__(self, other: IngestResult) -> IngestResult:
        return IngestResult(self.accepted + other.accepted,
                            self.late + other.late,
                            self.refused + other.refused,
                            self.refusals + other.refusals,
                            self.exhausted + other.exhausted)


class EventCounts(NamedTuple):
    """Events counted since the engine was made, pending ones included."""

    applied: int
    duplicate: int
    late: int
    refused: int


class Sizes(NamedTuple):
    """Sizes of an engine, for capacity planning."""

    interactions: int  #: known, open or closed
    pending_events: int  #: ahead of the watermark
    cells: int
    timers: int
    bytes_per_interaction: int  #: without what few interactions have


class Scorecards(NamedTuple):
    """The results of scorecards, and the cards behind them."""

    #: A row per scorecard, window and group: scorecard, begin, end, group,
    #: every, method, score (0 to 1), score_micro, weight_permille, provisional.
    scores: GroupedTable
    #: A row per card of each: kpi, target, value, n, state, attainment,
    #: contribution and more.
    lines: GroupedTable

    def rows(self) -> list[Row]:
        """The scores as dicts, each with its ``lines``."""
        lines: dict[tuple[object, ...], list[Row]] = {}
        for line in self.lines.rows():
            for name in ('scope', 'member_group'):
                line[name] = dict(item.split('=', 1)
                                  for item in line.get(name) or ())
            lines.setdefault(_key(line), []).append(line)
        return [{**row, 'lines': lines.get(_key(row), [])}
                for row in self.scores.rows()]


class ScheduledReport(NamedTuple):
    """What a report of the schedule says about a closed window."""

    rows: Report | None  #: None: it has scorecards only
    scorecards: Scorecards | None  #: None: it has none


def _key(row: Row) -> tuple[object, ...]:
    return (row['scorecard'], row['begin'], row['end'],
            tuple(row['group'].items()))
