"""Start `python -m training …` as a child process, hear what it says, and see it gone.

Torch lives in that process alone. It leads a session of its own, so a signal to its group reaches all that it
started and Ctrl-C in a terminal does not. It cannot outlive this process: its standard input stays open for as
long as this one lives, and on Linux the kernel kills it besides.
"""

from __future__ import annotations

import contextlib
import json
import os
import queue
import signal
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, cast

from django.conf import settings

from annotation.processes.programs import Program

Event = dict[str, Any]

# What the child neither needs nor may know: it reads files of strangers.
_SECRETS = ("SECRET_KEY", "DATABASE_URL", "CELERY_BROKER_URL", "EMAIL_URL", "MEDIA_ROOT")
_SECRET_PREFIXES = ("AWS_", "PG")
# People wait for pages; training has time.
_NICENESS = 10
_PATIENCE_SECONDS = 20.0


def training_command(stage: str, config: Path) -> list[str]:
    return [sys.executable, "-m", "training", stage, "--config", str(config), "--events"]


class Child:
    """A running child process."""

    def __init__(self, command: Sequence[str], *, folder: Path) -> None:
        pipe = subprocess.PIPE
        self._process = subprocess.Popen(
            Program("child", list(command)).guarded,
            stdin=pipe,
            stdout=pipe,
            stderr=pipe,
            cwd=folder,
            env=_environment(),
            start_new_session=True,
        )
        self._lines: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
        self._stderr: deque[str] = deque(maxlen=40)
        self._readers = [threading.Thread(target=read, daemon=True) for read in (self._read_events, self._read_stderr)]
        for reader in self._readers:
            reader.start()
        with contextlib.suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, self._process.pid, _NICENESS)

    @property
    def pid(self) -> int:
        return self._process.pid

    def events(self, *, wait_seconds: float) -> list[Event] | None:
        """Return what was said since the last call, waiting for it up to `wait_seconds`; None once all is said."""
        time_is_up = time.monotonic() + wait_seconds
        lines: list[bytes] = []
        while (left := time_is_up - time.monotonic()) > 0 or not self._lines.empty():
            try:
                line = self._lines.get(timeout=max(left, 0.001))
            except queue.Empty:
                break
            if line is None:
                self._lines.put(None)
                return [event_of(said) for said in lines] if lines else None
            lines.append(line)
        return [event_of(said) for said in lines]

    def ask_to_stop(self) -> None:
        """Send SIGTERM: the child saves a checkpoint, says so and ends. Its events are still to be read."""
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGTERM)

    def exit_code(self) -> int:
        """Wait for the end. Negative for a signal."""
        return self._process.wait()

    def last_words(self) -> str:
        self._readers[1].join(timeout=5)
        return "\n".join(self._stderr)

    def end(self, *, patience_seconds: float = _PATIENCE_SECONDS) -> None:
        """See the child gone: asked first, then killed with everything that it started."""
        self.ask_to_stop()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(timeout=patience_seconds)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        for reader in self._readers:
            reader.join()
        for stream in (self._process.stdin, self._process.stdout, self._process.stderr):
            if stream is not None:
                stream.close()

    def _read_events(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self._lines.put(line)
        self._lines.put(None)

    def _read_stderr(self) -> None:
        assert self._process.stderr is not None
        for line in self._process.stderr:
            self._stderr.append(line.decode(errors="replace").rstrip().replace("\x00", ""))


@contextlib.contextmanager
def running(command: Sequence[str], *, folder: Path, patience_seconds: float = _PATIENCE_SECONDS) -> Iterator[Child]:
    """Start the command in a folder; whatever happens in the block, the child is gone after it."""
    child = Child(command, folder=folder)
    try:
        yield child
    finally:
        child.end(patience_seconds=patience_seconds)


def event_of(line: bytes) -> Event:
    """Read one line of the child; one that is no event becomes a warning in the run's log."""
    try:
        event = json.loads(line, parse_constant=lambda _: None)
    except ValueError:
        event = None
    if isinstance(event, dict) and isinstance(event.get("event"), str):
        return cast(Event, _storable(event))
    said = line.decode(errors="replace").strip().replace("\x00", "")
    return {"event": "log", "level": "warning", "message": said}


def _storable(value: Any) -> Any:
    """Drop NUL from every text: PostgreSQL stores none."""
    if isinstance(value, dict):
        return {key: _storable(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_storable(inner) for inner in value]
    return value.replace("\x00", "") if isinstance(value, str) else value


def _environment() -> dict[str, str]:
    """This process's environment without its secrets, and closed to the model hub: models come as directories."""
    kept = {name: value for name, value in os.environ.items() if name not in _SECRETS}
    kept = {name: value for name, value in kept.items() if not name.startswith(_SECRET_PREFIXES)}
    ours = {"PYTHONPATH": str(settings.ROOT), "PYTHONUNBUFFERED": "1", "PYTHONSAFEPATH": "1"}
    return kept | ours | {"HF_HUB_OFFLINE": "1", "TOKENIZERS_PARALLELISM": "false"}
