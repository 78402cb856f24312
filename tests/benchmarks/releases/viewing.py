"""Write views of a release, through the worker: pairs for TRL as lines and as Parquet, whole rankings for NeMo-RL.

The limit is the freeze's, COPY of the same rows out of the same joins: one ranking out of it is one ranking read here,
though it becomes five or six pairs, each with the prompt.
"""

from __future__ import annotations

from typing import Any

from tests.benchmarks.releases import freezing
from tests.benchmarks.releases.stages import MEGABYTE, Bench, Measured, Stage, peak_memory, wait_for

VIEWS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("trl_preference", {}),
    ("trl_preference", {"container": "parquet"}),
    ("nemo_preference", {}),
)


def measure(bench: Bench, size: int) -> list[Measured]:
    if ("release", size) not in bench.made:
        freezing.measure(bench, size)
    release = bench.made["release", size]
    size_bytes, limit_seconds = freezing.read_limit(bench.server, release.project_id)
    return [
        written(bench, release, format, options, size=size, size_bytes=size_bytes, limit_seconds=limit_seconds)
        for format, options in VIEWS
    ]


def written(
    bench: Bench,
    release: Any,
    format: str,
    options: dict[str, Any],
    *,
    size: int,
    size_bytes: int,
    limit_seconds: float,
) -> Measured:
    from django.utils import timezone

    from annotation.exports import building, jobs

    view = building.request_view(release=release, format=format, options=options, actor=bench.owner, now=timezone.now())
    with peak_memory(bench.worker_pid) as peak, bench.crowd.working():
        jobs.build_view.delay(view_id=view.pk)
        wait_for(view, seconds=3600)
    assert sum(view.counts["records"].values()) == size, view.counts
    assert view.started_at
    assert view.finished_at
    rows = sum(view.counts["rows"].values())
    stored = sum(file["bytes"] for file in view.manifest["files"]) / MEGABYTE
    return Measured(
        what=f"view {format.removesuffix('_preference')} {view.options['container']}",
        rows=size,
        size_bytes=size_bytes,
        seconds=(view.finished_at - view.started_at).total_seconds(),
        limit_seconds=limit_seconds,
        peak_rss_mb=peak(),
        p95_ms=bench.crowd.p95_ms,
        remark=f"({rows:,} rows, {stored:,.0f} MB)",
    )


STAGE = Stage("view", measure)
