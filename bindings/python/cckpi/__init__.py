"""Key figures of digital customer service, computed exactly.

Events in (customers wrote, agents answered, cases were resolved), numbers out
(first response times, service levels, backlogs, occupancy), as data frames or
plain rows:

>>> import cckpi
>>> engine = cckpi.Engine({"kpis": [{"kpi": "service_level", "within": "15m"}],
...                        "groups": [["channel"]]})
>>> result = engine.ingest([
...     {"at": "2026-03-02T09:00:00Z", "kind": "customer_message",
...      "interaction": "T-1", "channel": "whatsapp"},
...     {"at": "2026-03-02T09:12:00Z", "kind": "agent_message",
...      "interaction": "T-1"}])
>>> engine.query(by="channel").rows()[0]["value"]
1.0

An :class:`Engine` takes Arrow data without a copy, logs and dicts; a
:class:`Table` goes to pandas, polars, pyarrow and DuckDB. What the numbers mean
and how to configure them is in the documentation of the project: docs/kpis.md,
docs/config.md, docs/events.md, and docs/python.md for this package.
"""

from cckpi import _library, _table
from cckpi._config import Config, Json, Mapping
from cckpi._engine import Engine, Events
from cckpi._errors import (Code, ConfigError, DataLossError, Error,
                           FailedPreconditionError, InternalError,
                           InvalidArgumentError, NotFoundError,
                           OutOfRangeError, Problem, ResourceExhaustedError,
                           UnavailableError, UnimplementedError)
from cckpi._instants import Instant
from cckpi._results import (EventCounts, IngestResult, Refusal,
                            ScheduledReport, Scorecards, Sizes)
from cckpi._scaling import Monitor, Number, Rule, Tick
from cckpi._table import GroupedTable, Report, Row, Table, Value

__version__: str = _library.function('library_version')().decode()


def catalogue() -> Table:
    """Every KPI with its definition: name, title, unit, summary, what starts
    and ends its clock, whom it counts, whom it is credited to, when it is
    booked, and its statistics."""
    return _table.read('catalogue_kpis')


def catalogue_options() -> Table:
    """Every option of every KPI: kpi, option, values, default, summary."""
    return _table.read('catalogue_options')


def check(config: Json) -> 'tuple[Problem, ...]':
    """The problems of a configuration; none when it is sound.

    >>> check({"kpis": [{"kpi": "service_level", "witin": "15m"}]})
    (Problem(path='kpis[0].witin', problem='unknown key; did you mean "within"?'),)
    """
    try:
        Config(config)
    except ConfigError as error:
        return error.problems
    return ()


__all__ = [
    'Code', 'Config', 'ConfigError', 'DataLossError', 'Engine', 'Error',
    'EventCounts', 'Events', 'FailedPreconditionError', 'GroupedTable',
    'IngestResult', 'Instant', 'InternalError', 'InvalidArgumentError', 'Json',
    'Mapping', 'Monitor', 'NotFoundError', 'Number', 'OutOfRangeError',
    'Problem', 'Refusal', 'Report', 'ResourceExhaustedError', 'Row', 'Rule',
    'ScheduledReport', 'Scorecards', 'Sizes', 'Table', 'Tick',
    'UnavailableError', 'UnimplementedError', 'Value',
    'catalogue', 'catalogue_options', 'check',
]

# Shown under the names by which they are used.
for _name in __all__:
    _item = globals()[_name]
    if isinstance(_item, type):
        _item.__module__ = 'cckpi'
del _name, _item
