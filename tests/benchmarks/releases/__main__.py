"""Data sets at a million comparisons: make bench-releases, or SIZES=10000,100000 make bench-releases.

A site of its own (embedded PostgreSQL with fsync, the product's web server and workers). For each size every stage runs
as a user's would, through the worker, while a few people go on claiming and submitting; beside it stands the limit,
COPY of the same rows from or into the same tables. Prints a line for each, and one JSON object last.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg

from annotation.processes import postgres
from tests.benchmarks.annotators_queue import PASSWORD, arrive, say
from tests.benchmarks.releases import freezing, importing, viewing
from tests.benchmarks.releases.annotators import PEOPLE, Crowd
from tests.benchmarks.releases.stages import Bench, Measured, Stage, default_worker
from tests.journeys.site import ROOT, running_site

# In the order in which they run for each size: what one leaves in `Bench.made`, a later one finds.
STAGES: tuple[Stage, ...] = (importing.STAGE, freezing.STAGE, viewing.STAGE)
SIZES = "10000,100000,1000000"
UPLOAD_LIMIT_BYTES = 8 * 2**30
QUEUE, QUIET_SECONDS = 100_000, 10.0
EMPTY = "as_it_was"


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--sizes", default=os.environ.get("SIZES") or SIZES, help="rankings, with commas between")
    asked.add_argument("--stages", default="", help="only these, with commas between")
    asked.add_argument("--folder", default=None, help="where the site is made: a disk like the one it will stand on")
    given = asked.parse_args()
    sizes = sorted(int(size) for size in given.sizes.split(","))
    stages = [stage for stage in STAGES if not given.stages or stage.name in given.stages.split(",")]
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    with (
        tempfile.TemporaryDirectory(prefix="bennet-releases-", dir=given.folder) as folder,
        site(folder, sizes) as bench,
    ):
        say(f"claim and submit, nothing else going on: p95 {bench.crowd.work_for(QUIET_SECONDS):.1f} ms")
        measured = {stage.name: run(stage, bench, sizes) for stage in stages}
        quiet = bench.crowd.work_for(QUIET_SECONDS)
        say(f"claim and submit, nothing else going on any more: p95 {quiet:.1f} ms")
    print(json.dumps(summary(measured)))


def run(stage: Stage, bench: Bench, sizes: Sequence[int]) -> list[list[Measured]]:
    """Return what the stage measured, a list for each size."""
    results = []
    for size in sizes:
        results.append(stage.measure(bench, size))
        for measured in results[-1]:
            say(measured.line())
    return results


def summary(measured: dict[str, list[list[Measured]]]) -> dict[str, float]:
    """Return the ratios at the largest size, the largest worker, and the largest growth of what a row costs."""
    every = [one for sizes in measured.values() for results in sizes for one in results]
    ratios = {f"{name}_vs_limit": min(one.vs_limit for one in sizes[-1]) for name, sizes in measured.items()}
    growth = [
        (last.seconds / last.rows) / (first.seconds / first.rows)
        for sizes in measured.values()
        for first, last in zip(sizes[0], sizes[-1], strict=True)
    ]
    peak = max(one.peak_rss_mb for one in every)
    figures = ratios | {"peak_rss_mb": peak, "cost_growth": max(growth)}
    return {name: round(figure, 2) for name, figure in figures.items()}


@contextmanager
def site(folder: str, sizes: Sequence[int]) -> Iterator[Bench]:
    """A running site with people, a queue for them, and an empty project for each size."""
    root = Path(folder)
    with postgres.running(postgres.Server.under(root / "var")) as server:
        os.environ |= {"DATABASE_URL": server.url, "VAR_ROOT": str(root / "var")}
        os.environ |= {"UPLOAD_LIMIT_BYTES": str(UPLOAD_LIMIT_BYTES), "DJANGO_SETTINGS_MODULE": "annotation.settings"}
        subprocess.run([sys.executable, "manage.py", "prepare"], cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
        import django

        django.setup()
        from django.conf import settings

        owner, people, protocol_id, projects = prepare(sizes)
        keep_empty(server)
        web = {"web_workers": settings.WEB_WORKERS, "web_threads": settings.WEB_THREADS}
        with running_site(server.url, root, **web) as running:
            annotators = [arrive(running, *person, by_token=number % 2 == 1) for number, person in enumerate(people)]
            crowd = Crowd(annotators, protocol_id)
            yield Bench(running, server, EMPTY, root, owner, projects, crowd, default_worker())


def prepare(sizes: Sequence[int]) -> tuple[Any, list[tuple[int, str]], int, dict[int, Any]]:
    """Return the owner, the people as (id, e-mail), their protocol, and a project for each size."""
    from django.utils import timezone

    from annotation.people.models import User
    from annotation.projects import actions, membership
    from tests.benchmarks import queue_rows

    now = timezone.now()
    owner = User.objects.create_user("owner@example.com", PASSWORD, name="Owner", is_owner=True)
    desk = actions.create_project(actor=owner, name="Desk", now=now)
    people = []
    for number in range(PEOPLE):
        person = User.objects.create_user(f"p{number}@example.com", PASSWORD, name=f"Person {number}")
        membership.add_member(project=desk, user=person, role="annotator", actor=owner, now=now)
        people.append((person.pk, f"p{number}@example.com"))
    protocol = actions.create_protocol(
        project=desk, kind="ranking", name="Queue", actor=owner, now=now, required_answers=1
    )
    queue_rows.write_prompts(desk.pk)
    queue_rows.write_tasks(protocol, QUEUE, overlap=1)
    projects = {}
    for size in sizes:
        projects[size] = actions.create_project(actor=owner, name=f"{size:,} rankings", now=now)
        actions.create_protocol(project=projects[size], preset="rank", actor=owner, now=now)
    queue_rows.settle()
    return owner, people, protocol.pk, projects


def keep_empty(server: postgres.Server) -> None:
    """Copy the database as it is now, before anybody is connected to it."""
    from django.db import connection

    connection.close()
    connection.close_pool()
    with psycopg.connect(server.url, dbname="postgres", autocommit=True) as maker:
        maker.execute(f"CREATE DATABASE {EMPTY} TEMPLATE bennet")


if __name__ == "__main__":
    main()
