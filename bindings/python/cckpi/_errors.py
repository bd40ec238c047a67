"""Codes and exceptions: every failure of the library, by its code."""

from __future__ import annotations

import enum
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from cckpi._results import IngestResult


class Code(enum.IntEnum):
    """Why a call failed; the numbers of google.rpc.Code."""

    OK = 0
    CANCELLED = 1
    UNKNOWN = 2
    INVALID_ARGUMENT = 3
    DEADLINE_EXCEEDED = 4
    NOT_FOUND = 5
    ALREADY_EXISTS = 6
    PERMISSION_DENIED = 7
    RESOURCE_EXHAUSTED = 8
    FAILED_PRECONDITION = 9
    ABORTED = 10
    OUT_OF_RANGE = 11
    UNIMPLEMENTED = 12
    INTERNAL = 13
    UNAVAILABLE = 14
    DATA_LOSS = 15
    UNAUTHENTICATED = 16


class Problem(NamedTuple):
    """A thing that is wrong with a configuration: where, and what."""

    path: str
    problem: str


class Error(Exception):
    """The base of all exceptions of the library.

    Attributes:
        code: why, as a :class:`Code`.
        message: what is wrong, in words, with place and thing.
        path: where: the path in a configuration (``kpis[0].within``), the
            argument or the column; empty where there is none.
        row: the row of a batch or line of a log, from 1; None where there is
            none.
    """

    code: Code
    message: str
    path: str
    row: int | None

    def __init__(self, message: str, code: Code = Code.UNKNOWN,
                 path: str = '', row: int | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.code = code
        self.path = path
        self.row = row

    def __str__(self) -> str:
        return self.message

    def __reduce__(self) -> tuple[object, ...]:
        return type(self), (self.message, self.code, self.path, self.row)


class InvalidArgumentError(Error, ValueError):
    """An argument, a configuration or data that cannot be used."""


class ConfigError(InvalidArgumentError):
    """A configuration that is wrong; `problems` has every one of its
    problems."""

    @property
    def problems(self) -> tuple[Problem, ...]:
        """Each problem with its path, in the order of the configuration."""
        problems = []
        for line in self.message.split('\n'):
            path, separator, problem = line.partition(': ')
            problems.append(Problem(path, problem) if separator
                            else Problem('', line))
        return tuple(problems)


class NotFoundError(Error, LookupError):
    """What was asked for is not there: a KPI that is not configured, say."""


class ResourceExhaustedError(Error, MemoryError):
    """Out of memory, or beyond a configured limit; nothing changed.

    Where ``max_memory_bytes`` is the `path`, some events of the batch may have
    found room: `result` (an :class:`IngestResult`) tells, and its refusals
    name the rows to send again.
    """

    result: IngestResult | None = None


class FailedPreconditionError(Error, RuntimeError):
    """The engine is not in a state for that."""


class OutOfRangeError(Error, ValueError):
    """A value beyond what is accepted."""


class UnimplementedError(Error, NotImplementedError):
    """Not in this version of the library."""


class InternalError(Error, RuntimeError):
    """A defect of the library; please report it."""


class UnavailableError(Error, OSError):
    """A source of data failed on the way."""


class DataLossError(Error, RuntimeError):
    """Data that is damaged, or an engine that cannot be trusted any more."""


CLASSES: dict[int, type[Error]] = {
    Code.INVALID_ARGUMENT: InvalidArgumentError,
    Code.NOT_FOUND: NotFoundError,
    Code.RESOURCE_EXHAUSTED: ResourceExhaustedError,
    Code.FAILED_PRECONDITION: FailedPreconditionError,
    Code.OUT_OF_RANGE: OutOfRangeError,
    Code.UNIMPLEMENTED: UnimplementedError,
    Code.INTERNAL: InternalError,
    Code.UNAVAILABLE: UnavailableError,
    Code.DATA_LOSS: DataLossError,
}
