"""A worker killed at any moment leaves nothing half-imported, and the next one brings the file in whole."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from annotation.intake import actions
from annotation.intake.models import ImportFile
from annotation.projects.models import Protocol
from annotation.tasks.models import Answer, Completion, Prompt, Task
from tests.annotation.intake.readers.reading import lines_of
from tests.factories import make_demonstration_task

pytestmark = pytest.mark.django_db(transaction=True)

ROWS = 3000
WORKER = """
import django; django.setup()
import sys
from django.utils import timezone
from annotation.intake import actions, first_pass
first_pass.BATCH_ROWS = 100
actions.run_import(import_file_id=int(sys.argv[1]), clock=timezone.now)
"""


@contextmanager
def worker(row: ImportFile, database_url: str) -> Iterator[subprocess.Popen[bytes]]:
    """Run the import in a process of its own, and kill that at the end."""
    environment = os.environ | {
        "DATABASE_URL": database_url,
        "MEDIA_ROOT": settings.MEDIA_ROOT,
        "DJANGO_SETTINGS_MODULE": "annotation.settings",
    }
    process = subprocess.Popen([sys.executable, "-c", WORKER, str(row.pk)], env=environment, cwd=settings.ROOT)
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def wait_until(condition: Callable[[], bool], process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 60
    while not condition():
        assert process.poll() is None, "the worker ended too early"
        assert time.monotonic() < deadline
        time.sleep(0.01)


def somebody_waits_for_a_lock() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted")
        (waiting,) = cursor.fetchone()
    return bool(waiting)


@pytest.fixture
def row(receive: Callable[..., ImportFile], demonstration_protocol: Protocol) -> ImportFile:
    """A file whose last row answers a task that is there already."""
    make_demonstration_task(demonstration_protocol, f"Question {ROWS - 1}?")
    rows = ({"kind": "demonstration", "text": f"Question {n}?", "completion": "So."} for n in range(ROWS))
    return receive(lines_of(*rows))


def test_killed_while_reading(row: ImportFile, database_url: str) -> None:
    with worker(row, database_url) as process:
        wait_until(ImportFile.objects.filter(pk=row.pk, counts__read__gt=0, phase="reading").exists, process)
    assert_nothing_came_in(row)
    assert_the_next_worker_finishes(row)


def test_killed_while_bringing_in(row: ImportFile, database_url: str) -> None:
    with worker(row, database_url) as process, transaction.atomic():
        # The import writes all but its last answers, then waits for this task.
        Task.objects.select_for_update().get()
        wait_until(somebody_waits_for_a_lock, process)
        row.refresh_from_db()
        assert (row.phase, row.counts["read"], row.counts["prompts"]) == ("writing", ROWS, 0)
        process.kill()
        process.wait()
    assert_nothing_came_in(row)
    assert_the_next_worker_finishes(row)


def assert_nothing_came_in(row: ImportFile) -> None:
    row.refresh_from_db()
    assert (row.state, row.attempt) == ("running", 1)
    assert (Prompt.objects.count(), Task.objects.count(), Answer.objects.count()) == (1, 1, 0)


def assert_the_next_worker_finishes(row: ImportFile) -> None:
    actions.run_import(import_file_id=row.pk, clock=timezone.now)
    row.refresh_from_db()
    assert row.attempt == 1, "a row with a fresh heartbeat is not taken over"
    later = timezone.now() + timedelta(minutes=1)
    actions.run_import(import_file_id=row.pk, clock=lambda: later)
    row.refresh_from_db()
    assert (row.state, row.attempt, row.lost_workers) == ("done", 2, 1)
    assert (row.counts["demonstrations"], row.counts["prompts"], row.counts["tasks"]) == (ROWS, ROWS - 1, ROWS - 1)
    assert set(Task.objects.values_list("state", "answers_count")) == {("closed", 1)}
    assert (Completion.objects.count(), Answer.objects.count()) == (0, ROWS)
