"""Work that goes on in another thread beside one's own: writing what was made while the next is made."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future
from contextlib import contextmanager

SWITCH_SECONDS = 0.0005


class Beside:
    """Does one thing at a time in a thread of the pool; what goes wrong there is raised by whoever waits next."""

    def __init__(self, pool: Executor) -> None:
        self._pool = pool
        self._running: Future[object] | None = None

    def start(self, work: Callable[..., object], *arguments: object) -> None:
        """Begin with something when what was begun before has ended."""
        self.wait()
        self._running = self._pool.submit(work, *arguments)

    def wait(self) -> None:
        if self._running is not None:
            running, self._running = self._running, None
            running.result()


class _Interval:
    """The interpreter has one interval for all threads: it is short while any block wants it so, and then as before."""

    def __init__(self) -> None:
        self.lock, self.blocks, self.usual = threading.Lock(), 0, 0.0

    def shorten(self) -> None:
        with self.lock:
            if self.blocks == 0:
                self.usual = sys.getswitchinterval()
                sys.setswitchinterval(min(self.usual, SWITCH_SECONDS))
            self.blocks += 1

    def give_back(self) -> None:
        with self.lock:
            self.blocks -= 1
            if self.blocks == 0:
                sys.setswitchinterval(self.usual)


_interval = _Interval()


@contextmanager
def switching_often() -> Iterator[None]:
    """Let a thread that talks to the server have the interpreter soon, for the block.

    It wants it for an instant, often: with the usual 5 ms the server would idle.
    """
    _interval.shorten()
    try:
        yield
    finally:
        _interval.give_back()
