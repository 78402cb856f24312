"""The annotator's hand-over under load, as users run it: make bench-queue, or bench-queue-full with 10 million tasks.

A site of its own (embedded PostgreSQL with fsync, the product's web server and workers) and annotators without think
time, half of them signed in by session, half by token, on the same machine. One loop stores an answer and claims the
next task with prompt and completions. Prints a table, and one JSON object last.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from annotation.processes import postgres
from tests.journeys.site import ROOT, Person, Site, running_site

SIZES, FULL = (10_000, 100_000, 1_000_000), (10_000, 100_000, 1_000_000, 10_000_000)
OVERLAPS, CROWDS = (1, 3), (1, 10, 50)
# Above it a queue has one overlap and two completions a task, for the disk's sake: ten million are 7 GiB then.
WITH_ALL = 1_000_000
HEADLINE = (100_000, 1, 10)
ALREADY_ANSWERED = 50_000
PASSWORD = "netherfield-park"


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--full", action="store_true", help="10 million tasks as well")
    asked.add_argument("--seconds", type=float, default=5.0, help="of each measurement")
    asked.add_argument("--sizes", type=int, nargs="+", help="only these")
    asked.add_argument("--people", type=int, nargs="+", default=CROWDS, help="only so many at once, and one")
    given = asked.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    with tempfile.TemporaryDirectory(prefix="bennet-queue-") as folder:
        figures = run(
            Path(folder), given.sizes or (FULL if given.full else SIZES), sorted({1, *given.people}), given.seconds
        )
    print(json.dumps(figures))


def run(folder: Path, sizes: Sequence[int], crowds: Sequence[int], seconds: float) -> dict[str, Any]:
    with postgres.running(postgres.Server.under(folder / "var")) as server:
        os.environ |= {"DATABASE_URL": server.url, "VAR_ROOT": str(folder / "var")}
        os.environ["DJANGO_SETTINGS_MODULE"] = "annotation.settings"
        subprocess.run([sys.executable, "manage.py", "prepare"], cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
        import django

        django.setup()
        from django.conf import settings

        people, queues = prepare(sizes, max(crowds))
        with running_site(
            server.url, folder, web_workers=settings.WEB_WORKERS, web_threads=settings.WEB_THREADS
        ) as site:
            try:
                return measure_all(site, server.url, people, queues, crowds, seconds)
            except BaseException:
                say(site.lines())  # its folder goes with this process
                raise


def prepare(sizes: Sequence[int], crowd: int) -> tuple[list[tuple[int, str]], dict[tuple[int, int], Any]]:
    """Make the people, as (id, e-mail), and a protocol with a queue for each size and overlap."""
    from django.utils import timezone

    from annotation.people.models import User
    from annotation.projects import actions, membership
    from tests.benchmarks import queue_rows

    now = timezone.now()
    owner = User.objects.create_user("owner@example.com", PASSWORD, name="Owner", is_owner=True)
    project = actions.create_project(actor=owner, name="Bench", now=now)
    people = []
    for number in range(max(crowd, HEADLINE[2]) + 1):
        person = User.objects.create_user(f"p{number}@example.com", PASSWORD, name=f"Person {number}")
        membership.add_member(project=project, user=person, role="annotator", actor=owner, now=now)
        people.append((person.pk, f"p{number}@example.com"))
    say("writing prompts")
    queue_rows.write_prompts(project.pk)
    queues = {}
    for size, overlap in ((size, overlap) for size in sizes for overlap in OVERLAPS):
        if size > WITH_ALL and overlap > 1:
            continue
        say(f"writing {size:,} tasks, overlap {overlap}")
        name = f"{size} tasks, overlap {overlap}"
        protocol = actions.create_protocol(
            project=project, kind="ranking", name=name, actor=owner, now=now, required_answers=overlap
        )
        queue_rows.write_tasks(protocol, size, overlap, completions=4 if size <= WITH_ALL else 2)
        queues[size, overlap] = protocol
    size = largest_with(queues, overlap=3)
    queue_rows.write_answers(queues[size, 3], people[0][0], min(ALREADY_ANSWERED, size // 2))
    queue_rows.settle()
    say(f"{queue_rows.disk_bytes() / 2**30:.1f} GiB on disk")
    return people, queues


def measure_all(
    site: Site,
    url: str,
    people: list[tuple[int, str]],
    queues: dict[tuple[int, int], Any],
    crowds: Sequence[int],
    seconds: float,
) -> dict[str, Any]:
    from tests.benchmarks import queue_sql
    from tests.benchmarks.queue_load import measure

    roots = children_of(os.getpid())
    annotators = [arrive(site, *person, by_token=number % 2 == 1) for number, person in enumerate(people)]
    cells: dict[tuple[int, int, int], dict[str, float]] = {}
    # Else the comparing of one row's answers would stand in the way of the next row's people.
    until_done = partial(queue_sql.wait_until_compared, url)
    say(f"{'tasks':>10} overlap people   loops/s  cpu ms   p50   p95   p99 ms")
    for (size, overlap), protocol in queues.items():
        for crowd in crowds:
            # The first person has answered the head of the largest queue: their turn comes last.
            chosen = annotators[1 : crowd + 1]
            cell = cells[size, overlap, crowd] = measure(
                chosen, protocol.pk, seconds, roots, until_done=until_done
            ).figures()
            say(f"{size:>10,} {overlap:>7} {crowd:>6} {row(cell)}")
    largest, shared = largest_with(queues, overlap=1), largest_with(queues, overlap=3)
    bad = measure(annotators[:1], queues[shared, 3].pk, seconds, roots, until_done=until_done).figures()
    say(f"{shared:>10,}       3      1 {row(bad)}  after {ALREADY_ANSWERED:,} answers at the head of the queue")
    buffers = {
        size: queue_sql.buffers_per_claim(url, queues[size, overlap].pk, people[1][0])
        for size, overlap in queues
        if overlap == 1
    }
    size, overlap = HEADLINE[:2] if HEADLINE[:2] in queues else (largest, 1)
    head = cells[size, overlap, HEADLINE[2] if HEADLINE[2] in crowds else max(crowds)]
    limit = queue_sql.loops_per_second(url, queues[size, overlap].pk, [pk for pk, _ in people[1:11]], seconds)
    say(f"plain SQL: {limit:.0f} loops/s with 10 connections; pages read by a claim, by size: {buffers}")
    slowest = max(pages(site, queues[largest, 1]).values())
    smallest = min(size for size, _ in queues)
    ends = [(largest_with(queues, overlap=overlap), overlap, crowd) for overlap in OVERLAPS for crowd in crowds]
    flat = [cells[size, o, c]["p95_ms"] / cells[smallest, o, c]["p95_ms"] for size, o, c in ends]
    return {
        "loops_per_second": head["loops_per_second"],
        "cpu_ms_per_loop": head["cpu_ms_per_loop"],
        "p95_growth": round(max(flat), 2),
        "p95_growth_after_many_answers": round(bad["p95_ms"] / cells[shared, 3, 1]["p95_ms"], 2),
        "buffers_per_claim": max(buffers.values()),
        "slowest_page_ms": slowest,
        "sql_limit_ratio": round(head["loops_per_second"] / limit, 3),
        **faults(annotators),
    }


def largest_with(queues: dict[tuple[int, int], Any], *, overlap: int) -> int:
    return max(size for size, of in queues if of == overlap)


def pages(site: Site, protocol: Any) -> dict[str, float]:
    """Return how long the pages of those who run the project take, in milliseconds: the median of five."""
    owner, here = Person(site), f"/api/projects/{protocol.project_id}"
    owner.sign_in("owner@example.com", PASSWORD)
    addresses = [f"{here}/tasks/", f"{here}/tasks/?state=open&protocol={protocol.pk}", f"{here}/answers/"]
    addresses += [f"{here}/board/", f"{here}/progress/", "/api/work/"]
    took = {}
    for address in addresses:
        seconds = []
        for _ in range(5):
            begun = time.perf_counter()
            owner.get(address)
            seconds.append(time.perf_counter() - begun)
        took[address] = round(1000 * statistics.median(seconds), 1)
        say(f"{took[address]:>10} ms  {address}")
    return took


def faults(annotators: Sequence[Any]) -> dict[str, int]:
    """Count, in the database, what must never happen."""
    from django.db.models import Count, F, Q

    from annotation.tasks.models import Answer, Task

    accepted = sum(annotator.accepted for annotator in annotators)
    by_http = Answer.objects.filter(payload__rationale="The first says why.")
    twice = Answer.objects.values("task", "annotator").annotate(n=Count("pk")).filter(n__gt=1)
    counted = Count("answers", filter=Q(answers__is_spare=False))
    touched = Task.objects.filter(answers_count__gt=0).annotate(given=counted)
    return {
        "lost": accepted - by_http.count(),
        "doubled": sum(annotator.doubled for annotator in annotators) + twice.count(),
        "overshot": touched.filter(given__gt=F("required_answers")).count(),
    }


def arrive(site: Site, person_id: int, email: str, *, by_token: bool) -> Any:
    """Sign in as a person does, or with a token as a program does; more sign-ins at once the site would refuse."""
    from django.utils import timezone

    from annotation.people import actions
    from annotation.people.models import User
    from tests.benchmarks.queue_load import Annotator

    host = urlsplit(site.address).netloc
    if by_token:
        person = User.objects.get(pk=person_id)
        scopes = ["read", "write"]
        _, token = actions.create_token(
            actor=person, name="bench", scopes=scopes, expires_in_days=1, now=timezone.now()
        )
        return Annotator(host, {"Authorization": f"Bearer {token}"})
    visitor = Person(site)
    visitor.sign_in(email, PASSWORD)
    cookies = {cookie.name: cookie.value or "" for cookie in visitor.cookies}
    held = "; ".join(f"{name}={value}" for name, value in cookies.items())
    return Annotator(host, {"Cookie": held, "X-CSRFToken": cookies["csrftoken"]})


def children_of(parent: int) -> list[int]:
    listed = subprocess.run(["ps", "-o", "pid=", "--ppid", str(parent)], capture_output=True, text=True, check=True)
    return [int(pid) for pid in listed.stdout.split()]


def row(cell: dict[str, float]) -> str:
    return (
        f"{cell['loops_per_second']:>9.1f} {cell['cpu_ms_per_loop']:>7.2f}"
        f" {cell['p50_ms']:>6.1f} {cell['p95_ms']:>6.1f} {cell['p99_ms']:>6.1f}"
    )


def say(line: str) -> None:
    print(line, flush=True)


if __name__ == "__main__":
    main()
