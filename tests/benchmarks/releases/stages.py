"""What the stages share: the site they run on, what each of them gives back, and how its worker's memory is read.

A stage is one module with a `STAGE`; `__main__.STAGES` lists them in the order in which they run for each size.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from annotation.processes.postgres import Server
from tests.benchmarks.releases.annotators import Crowd
from tests.journeys.site import Site

MEGABYTE = 10**6


@dataclass
class Bench:
    """A running site with one empty project a size, and what earlier stages have left for later ones."""

    site: Site
    server: Server
    # A database as the site's was before the first stage: the template of those that a limit is measured in.
    empty: str
    folder: Path
    owner: Any
    projects: dict[int, Any]
    crowd: Crowd
    worker_pid: int
    made: dict[tuple[str, int], Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Measured:
    """One job of the worker, and how long COPY takes for the same rows."""

    what: str
    rows: int
    size_bytes: int
    seconds: float
    limit_seconds: float
    peak_rss_mb: float
    # The 95th percentile of claim and submit meanwhile, in milliseconds; 0 where nobody worked.
    p95_ms: float = 0.0
    remark: str = ""

    @property
    def vs_limit(self) -> float:
        return self.limit_seconds / self.seconds

    def line(self) -> str:
        rate, size = self.rows / self.seconds, self.size_bytes / MEGABYTE
        limit = f"{size / self.limit_seconds:6.1f} MB/s by COPY, {self.vs_limit:4.2f} of it"
        return (
            f"{self.what:<20} {self.rows:>9,} rows {self.seconds:>7.1f} s {rate:>7,.0f} rows/s"
            f" {size / self.seconds:>6.1f} MB/s {limit} {self.peak_rss_mb:>4.0f} MB p95 {self.p95_ms:5.1f} ms"
            f" {self.remark}"
        )


@dataclass(frozen=True)
class Stage:
    """`name` gives the summary's `<name>_vs_limit`. `measure(bench, size)` does the work through the site's worker."""

    name: str
    measure: Callable[[Bench, int], list[Measured]]


@contextmanager
def peak_memory(pid: int) -> Iterator[Callable[[], float]]:
    """Watch the process and what it has started; the function yielded says in megabytes how large they became."""
    peak, done = [0], threading.Event()

    def watch() -> None:
        while not done.wait(0.05):
            peak[0] = max(peak[0], sum(map(_resident_bytes, [pid, *descendants(pid)])))

    thread = threading.Thread(target=watch, daemon=True)
    thread.start()
    try:
        yield lambda: peak[0] / MEGABYTE
    finally:
        done.set()
        thread.join()


def default_worker() -> int:
    """Return the process of the worker for imports and releases, which this one has started."""
    for pid in descendants(os.getpid()):
        words = _read(pid, "cmdline").split("\0")
        if "celery" in words and "default" in words and not any(word.endswith("guard.py") for word in words):
            return pid
    raise LookupError("No worker for the queue “default” runs.")


def descendants(pid: int) -> list[int]:
    parents = {int(f.name): _parent(int(f.name)) for f in Path("/proc").iterdir() if f.name.isdigit()}
    found = [pid]
    for ancestor in found:
        found += [child for child, parent in parents.items() if parent == ancestor]
    return found[1:]


def wait_for(job: Any, *, seconds: float) -> None:
    """Wait until a job's row has ended well."""
    deadline = time.monotonic() + seconds
    while not job.is_final:
        assert time.monotonic() < deadline, f"{job} has not ended in {seconds} s"
        time.sleep(0.1)
        job.refresh_from_db()
    assert job.state == "done", job.error


def _parent(pid: int) -> int:
    fields = _read(pid, "stat").rpartition(")")[2].split()
    return int(fields[1]) if fields else 0


def _resident_bytes(pid: int) -> int:
    fields = _read(pid, "statm").split()
    return int(fields[1]) * os.sysconf("SC_PAGE_SIZE") if fields else 0


def _read(pid: int, name: str) -> str:
    try:
        return Path(f"/proc/{pid}/{name}").read_text(errors="replace")
    except OSError:  # it has ended meanwhile
        return ""
