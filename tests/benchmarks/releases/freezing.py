"""Freeze everything a project holds, through the worker; beside it, COPY of the same rows out of the same joins."""

from __future__ import annotations

import time

import psycopg

from annotation.processes.postgres import Server
from tests.benchmarks.releases.stages import MEGABYTE, Bench, Measured, Stage, peak_memory, wait_for

# What records are made of: each answer with its task, prompt and group, and beside it the completions it is about.
ROWS = """
    COPY (
        SELECT r.id, r.payload, r.shown_order, r.seconds, r.step_seconds, r.created_at, a.annotator_id, a.source_kind,
               a.selection, p.kind, p.id, v.number, g.number, t.prompt_id, t.brief, t.language, q.language, q.messages,
               s.key, s.split, shown.*
        FROM tasks_answerrevision r
        JOIN tasks_answer a ON a.id = r.answer_id AND a.revision = r.number
        JOIN tasks_task t ON t.id = a.task_id
        JOIN projects_protocol p ON p.id = t.protocol_id
        JOIN projects_protocolversion v ON v.id = r.protocol_version_id
        LEFT JOIN projects_guidelineversion g ON g.id = r.guideline_version_id
        LEFT JOIN tasks_prompt q ON q.id = t.prompt_id
        LEFT JOIN tasks_promptgroup s ON s.id = q.group_id
        LEFT JOIN LATERAL (
            SELECT array_agg(c.id), array_agg(c.text), array_agg(c.source_kind), array_agg(c.source_label)
            FROM tasks_completion c WHERE c.prompt_id = t.prompt_id
        ) shown ON true
        WHERE p.project_id = %s
    ) TO STDOUT
"""


def measure(bench: Bench, size: int) -> list[Measured]:
    from django.utils import timezone

    from annotation.exports import actions, jobs
    from tests.annotation.exports.many import make_rankings

    project = bench.projects[size]
    protocol = project.protocols.filter(kind="ranking").order_by("pk")[0]
    if not protocol.tasks.exists():
        # Nobody has brought a file in: this stage runs alone.
        make_rankings(protocol, bench.owner, size)
    release = actions.request_release(
        project=project, name="Everything", selection={}, actor=bench.owner, now=timezone.now()
    )
    with peak_memory(bench.worker_pid) as peak, bench.crowd.working():
        jobs.freeze_release.delay(release_id=release.pk)
        try:
            wait_for(release, seconds=3600)
        except AssertionError as error:
            raise AssertionError(f"{error}\n{bench.site.lines()}") from error
    assert sum(release.counts["rankings"].values()) == size, (release.counts, release.left_out)
    assert release.started_at
    assert release.finished_at
    seconds = (release.finished_at - release.started_at).total_seconds()
    size_bytes, limit_seconds = read_limit(bench.server, project.pk)
    bench.made["release", size] = release
    stored = sum(file["bytes"] for file in release.manifest["files"]) / MEGABYTE
    return [
        Measured(
            what="freeze",
            rows=size,
            size_bytes=size_bytes,
            seconds=seconds,
            limit_seconds=limit_seconds,
            peak_rss_mb=peak(),
            p95_ms=bench.crowd.p95_ms,
            remark=f"({stored:.0f} MB of Parquet)",
        )
    ]


def read_limit(server: Server, project_id: int) -> tuple[int, float]:
    """Return the bytes that COPY hands out for a project, and how long it takes."""
    size, begun = 0, time.perf_counter()
    with psycopg.connect(server.url) as there, psycopg.ClientCursor(there).copy(ROWS, [project_id]) as copy:
        for line in copy:
            size += len(line)
    return size, time.perf_counter() - begun


STAGE = Stage("freeze", measure)
