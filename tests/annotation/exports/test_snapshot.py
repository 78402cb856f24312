"""The cost of a freeze: flat in memory, two queries and a sign of life a batch."""

from __future__ import annotations

import gc
import resource
import sys
import time
import tracemalloc
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from annotation.exports import files, rows, snapshot, spill
from annotation.exports.selection import Selection
from annotation.people.models import User
from annotation.projects.models import Project, Protocol
from tests.annotation.exports.many import make_rankings
from tests.people import NOW


def write(work: Path, project: Project) -> snapshot.Snapshot:
    work = work / "release"
    work.mkdir(parents=True)

    def progress(done: int, total: int) -> None:
        assert 0 <= done <= total

    return snapshot.write(work, project=project, name="n", selection=Selection(), now=NOW, progress=progress)


def test_queries_grow_by_the_batch_not_by_the_row(
    ranking_protocol: Protocol, project: Project, owner: User, media: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_rankings(ranking_protocol, owner, 60)
    monkeypatch.setattr(rows, "BATCH", 20)
    asked: list[str] = []
    execute = rows.Cursor.execute

    def counted(cursor: Any, statement: str, *given: Any, **named: Any) -> Any:
        asked.append(statement)
        return execute(cursor, statement, *given, **named)

    monkeypatch.setattr(rows.Cursor, "execute", counted)
    with CaptureQueriesContext(connection) as captured:
        write(media / "batches", project)
    wide = [statement for statement in asked if "ANY(" in statement]
    assert len(wide) == 3 * 2
    assert len(captured) <= 10


def test_memory_does_not_grow_with_the_rows(
    ranking_protocol: Protocol, project: Project, owner: User, media: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rows, "BATCH", 100)
    monkeypatch.setattr(files, "ROW_GROUP_BYTES", 20_000)
    monkeypatch.setattr(spill, "BUFFER_BYTES", 20_000)

    def peak_of(name: str) -> int:
        """Return the lower peak of two: what is in memory for the first time or not yet collected is no growth."""
        return min(once(f"{name} {number}") for number in range(2))

    def once(name: str) -> int:
        gc.collect()
        tracemalloc.start()
        try:
            write(media / name, project)
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    make_rankings(ranking_protocol, owner, 300)
    few = peak_of("few")
    make_rankings(ranking_protocol, owner, 1200, first=301)
    many = peak_of("many")
    # Ids, ranks, hashes and places are 80 bytes a record; the text of one record is over two thousand.
    assert many - few < 1200 * 600


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_a_hundred_thousand_rankings(
    ranking_protocol: Protocol, project: Project, owner: User, media: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    make_rankings(ranking_protocol, owner, 100_000)
    begun, before = time.monotonic(), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    written = write(media / "many", project)
    grown_mib = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    seconds = time.monotonic() - begun
    with capsys.disabled():
        sys.stdout.write(f"\n100,000 rankings: {seconds:.0f} s, {grown_mib:.0f} MiB more memory\n")

    assert sum(len(ids) for ids in written.members.values()) == 100_000
    assert grown_mib < 150
