"""A lock for readers and writers.

The library lets calls that only read an engine run at the same time, and wants
any other to have the engine to itself. As the GIL is released in calls, this
is what keeps Python threads from breaking that rule.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator


class ReadWriteLock:
    """Many readers or one writer; a waiting writer goes before new readers.

    A thread that asks for the lock while it writes would wait for itself: a
    stream of events that queries the engine it is read into, say. That is a
    RuntimeError.
    """

    def __init__(self) -> None:
        self._condition = threading.Condition()
        self._readers = 0
        self._writing = False
        self._writer = 0  # the thread
        self._writers_waiting = 0

    def _refuse_itself(self) -> None:
        if self._writing and self._writer == threading.get_ident():
            raise RuntimeError('the engine is used while it takes events from '
                               'what uses it')

    @contextlib.contextmanager
    def reading(self) -> Iterator[None]:
        with self._condition:
            self._refuse_itself()
            while self._writing or self._writers_waiting:
                self._condition.wait()
            self._readers += 1
        try:
            yield
        finally:
            with self._condition:
                self._readers -= 1
                if self._readers == 0:
                    self._condition.notify_all()

    @contextlib.contextmanager
    def writing(self) -> Iterator[None]:
        with self._condition:
            self._refuse_itself()
            self._writers_waiting += 1
            try:
                while self._writing or self._readers:
                    self._condition.wait()
            finally:
                self._writers_waiting -= 1
            self._writing = True
            self._writer = threading.get_ident()
        try:
            yield
        finally:
            with self._condition:
                self._writing = False
                self._condition.notify_all()
