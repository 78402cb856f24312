"""Bring the file in: received as the page receives it, read and written by the worker."""

from __future__ import annotations

from tests.benchmarks.releases import limit, rows
from tests.benchmarks.releases.stages import Bench, Measured, Stage, peak_memory, wait_for


def measure(bench: Bench, size: int) -> list[Measured]:
    from django.core.files import File
    from django.utils import timezone

    from annotation.intake import actions, jobs

    path = bench.folder / f"{size}.jsonl"
    size_bytes = rows.write(path, size)
    with path.open("rb") as stream:
        row = actions.receive_file(
            actor=bench.owner,
            project=bench.projects[size],
            file=File(stream, name=path.name),
            file_name=path.name,
            now=timezone.now(),
        )
    with peak_memory(bench.worker_pid) as peak, bench.crowd.working():
        jobs.run_import.delay(import_file_id=row.pk)
        wait_for(row, seconds=3600)
    assert row.counts["rankings"] == size, row.counts
    assert row.started_at
    assert row.finished_at
    limit_seconds = limit.write_limit_seconds(bench.server, bench.empty, row.project_id, bench.folder / "copied")
    one_table = limit.one_table_seconds(bench.server, bench.empty, path)
    path.unlink()
    measured = Measured(
        what="import",
        rows=size,
        size_bytes=size_bytes,
        seconds=(row.finished_at - row.started_at).total_seconds(),
        limit_seconds=limit_seconds,
        peak_rss_mb=peak(),
        p95_ms=bench.crowd.p95_ms,
        remark=f"(one jsonb table: {size_bytes / 10**6 / one_table:.1f} MB/s)",
    )
    return [measured]


STAGE = Stage("import", measure)
