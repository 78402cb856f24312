"""Keep programs running under one circus arbiter: named log lines, restarts with back-off, an ordered stop.

The arbiter's control sockets stay inside the process, so nobody else can steer it.
"""

import asyncio
import logging
import os
import shlex
import signal
import sys
import time
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

from circus import get_arbiter
from circus.exc import ConflictError
from circus.watcher import Watcher
from tornado.ioloop import IOLoop

from annotation.processes.programs import Program

NAME_WIDTH = 14
CHECK_SECONDS = 0.5
# A program that ran this long was healthy: its next end is a first one again.
HEALTHY_SECONDS = 60
LONGEST_DELAY_SECONDS = 30


class StartFailed(Exception):
    """Names the program that could not do its part, so that the start was given up."""


class NamedLines:
    """Write what a program prints, each line behind its name."""

    def __init__(self, name: str) -> None:
        self.prefix = f"{name:<{NAME_WIDTH}}| ".encode()
        self.unfinished = {"stdout": b"", "stderr": b""}

    def __call__(self, data: dict[str, Any]) -> None:
        *lines, rest = (self.unfinished[data["name"]] + data["data"]).split(b"\n")
        self.unfinished[data["name"]] = rest
        write(b"".join(self.prefix + line + b"\n" for line in lines))

    def close(self) -> None:
        write(b"".join(self.prefix + rest + b"\n" for rest in self.unfinished.values() if rest))
        self.unfinished = {"stdout": b"", "stderr": b""}


def write(text: bytes) -> None:
    """A terminal that went away must not take the site with it."""
    try:
        sys.stdout.buffer.write(text)
        sys.stdout.buffer.flush()
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def say(text: str) -> None:
    write(f"{'bennet':<{NAME_WIDTH}}| {text}\n".encode())


class BackOff:
    """Called by circus before each start: delays the next one the more often the program just ended."""

    def __init__(self) -> None:
        self.started_at = float("-inf")
        self.quick_ends = -1

    def __call__(self, watcher: Watcher, **_: object) -> bool:
        now = time.monotonic()
        ran_seconds, self.started_at = now - self.started_at, now
        self.quick_ends = self.quick_ends + 1 if ran_seconds < HEALTHY_SECONDS else 0
        delay = min(2 ** (self.quick_ends - 1), LONGEST_DELAY_SECONDS) if self.quick_ends else 0
        watcher.env["START_DELAY_SECONDS"] = str(delay)
        if ran_seconds != float("inf"):
            say(f"{watcher.name} ended after {ran_seconds:.0f} s; starting it again in {delay} s")
        return True


class Supervisor:
    def __init__(self) -> None:
        logging.getLogger("circus").setLevel(logging.ERROR)
        self.stop_asked = asyncio.Event()
        self.arbiter = get_arbiter(
            [],
            controller="inproc://control",
            pubsub_endpoint="inproc://events",
            loop=IOLoop.current(),
            check_delay=-1,  # its own periodic check would collide with every start and stop, and complain
        )
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT):
            loop.add_signal_handler(number, self.stop_asked.set)

    async def run(self, story: Callable[["Supervisor"], Coroutine[Any, Any, None]]) -> None:
        """Tell the story of the start, then keep all running until asked to stop; stop all in any case."""
        await self.arbiter.start()
        checking = asyncio.create_task(self._check())
        telling = asyncio.create_task(story(self))
        asked = asyncio.create_task(self.stop_asked.wait())
        try:
            await asyncio.wait({telling, asked}, return_when=asyncio.FIRST_COMPLETED)
            if telling.done():
                telling.result()
            await asked
        finally:
            for task in (telling, asked, checking):
                task.cancel()
            await self._stop_all()

    async def start(self, program: Program) -> Watcher:
        """Start a program that is to run for as long as the site does."""
        first, *rest = program.guarded
        lines = {"stream": NamedLines(program.name)}
        watcher = self.arbiter.add_watcher(
            program.name,
            shlex.quote(first),
            args=rest,
            # Each thread with a heap of its own would keep what it has freed.
            env={"MALLOC_ARENA_MAX": "2", **os.environ, "PYTHONUNBUFFERED": "1", **program.variables},
            stdout_stream=lines,
            stderr_stream=lines,
            priority=program.stops,
            stop_signal=signal.Signals[program.stop_signal],
            graceful_timeout=program.stop_seconds,
            respawn=not program.runs_once,
            hooks={"before_spawn": (BackOff(), False)},
        )
        await _in_turn(watcher.start)
        return watcher

    async def run_once(self, program: Program) -> None:
        """Wait for a program to do its part. Raise StartFailed when it does not succeed."""
        codes: list[int] = []
        watcher = await self.start(program)
        watcher.hooks["after_reap"] = lambda exit_code=None, **_: codes.append(exit_code or 0)
        while not codes:
            # An end that falls between two of the arbiter's checks leaves no exit status: then once more.
            await _in_turn(watcher.start)
            while not watcher.is_stopped():
                await asyncio.sleep(0.05)
        if codes[-1]:
            raise StartFailed(program.name)

    async def _check(self) -> None:
        """Notice what ended and start it again."""
        while True:
            await _in_turn(self.arbiter.manage_watchers)
            await asyncio.sleep(CHECK_SECONDS)

    async def _stop_all(self) -> None:
        for turn in sorted({watcher.priority for watcher in self.arbiter.watchers}):
            group = [watcher for watcher in self.arbiter.watchers if watcher.priority == turn]
            if names := [watcher.name for watcher in group if not watcher.is_stopped()]:
                say(f"stopping {', '.join(names)}")
            await _in_turn(self.arbiter.stop_watchers, watcher_iter_func=lambda reverse, group=group: group)
        await _in_turn(self.arbiter.stop)


async def _in_turn(verb: Callable[..., Awaitable[Any]], **arguments: Any) -> None:
    """The arbiter does one thing at a time and refuses a second one instead of queueing it."""
    while True:
        try:
            await verb(**arguments)
            return
        except ConflictError:
            await asyncio.sleep(0.02)
