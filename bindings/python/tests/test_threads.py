"""Many threads, one engine; the GIL is free meanwhile."""

from __future__ import annotations

import threading
import time

import cckpi
from helpers import event


def test_readers_and_a_writer_share_an_engine() -> None:
    engine = cckpi.Engine({'kpis': [{'kpi': 'arrivals'}], 'groups': []})
    failures: list[BaseException] = []
    done = threading.Event()

    def write() -> None:
        try:
            for number in range(200):
                engine.ingest([event('09:00', 'customer_message',
                                     str(number))])
        except BaseException as error:  # pylint: disable=broad-except
            failures.append(error)
        finally:
            done.set()

    def read() -> None:
        try:
            last = 0
            while not done.is_set():
                counts = engine.query(by=())['count']
                now = counts[0] if counts else 0
                assert isinstance(now, int) and now >= last
                last = now
        except BaseException as error:  # pylint: disable=broad-except
            failures.append(error)

    threads = [threading.Thread(target=read) for _ in range(3)]
    threads.append(threading.Thread(target=write))
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures
    assert engine.query(by=())['count'] == [200]


def test_the_gil_is_released_in_long_calls() -> None:
    log = b'\n'.join(
        b'{"at":%d,"kind":"customer_message","interaction":"%d"}'
        % (1772442000000000 + number, number) for number in range(100_000))
    engine = cckpi.Engine({'kpis': [{'kpi': 'arrivals'}], 'groups': []})
    ticks = 0
    working = threading.Event()
    finished = threading.Event()

    def work() -> None:
        working.set()
        engine.ingest(log)
        finished.set()

    thread = threading.Thread(target=work)
    thread.start()
    working.wait()
    while not finished.is_set():
        time.sleep(0.001)
        ticks += 1
    thread.join()
    # With the GIL held there would be a tick before and one after the call.
    assert ticks > 5
