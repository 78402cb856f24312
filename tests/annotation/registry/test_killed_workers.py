"""A worker killed while models write what people will compare, or while it fills a worklist: nothing is doubled."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone
from pytest_django.fixtures import Settings

from annotation import durable, installed
from annotation.durable import Job
from annotation.exports.models import Release
from annotation.installed import Installation
from annotation.people.models import User
from annotation.projects.models import Project
from annotation.registry import comparison_writing, launch, worklist_filling, worklists
from annotation.registry.models import ComparedPair, ModelComparison, ModelVersion, Worklist, WorklistPair
from annotation.tasks.models import Completion, PromptGroup, Task
from tests.annotation.registry.worker import slow_command
from tests.comparing import hold_out, order, refine
from tests.factories import make_completion, make_prompt
from tests.people import NOW
from tests.runs import finish_run

pytestmark = pytest.mark.django_db(transaction=True)

PROMPTS = 6
AT_A_LOCK = """SELECT count(*) FROM pg_locks JOIN pg_stat_activity USING (pid)
               WHERE NOT granted AND datname = current_database()"""


@pytest.fixture(autouse=True)
def at_work(settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let this process and the workers it starts share a disk on which training counts as installed."""
    settings.INSTALL_STATE = tmp_path / "installs" / "training.json"
    installed.write(settings.INSTALL_STATE, Installation("done", "Training is installed."))
    monkeypatch.setattr(launch, "training_command", slow_command("0"))


@pytest.fixture
def comparison(project: Project, owner: User, release: Release, annotator: User) -> ModelComparison:
    model = refine(project, owner, release)
    hold_out(release, annotator, [f"Question {number}?" for number in range(PROMPTS)])
    return order(model, owner, prompts=PROMPTS, judges=2)


@pytest.fixture
def worklist(queue_run: Callable[..., object], project: Project, owner: User) -> Worklist:
    model: ModelVersion = finish_run(queue_run("reward", heads=2))  # type: ignore[arg-type]
    for number in range(PROMPTS):
        prompt = make_prompt(project, f"Question {number}?")
        for text in ("Yes.", "No, never.", "Perhaps."):
            make_completion(prompt, text)
    PromptGroup.objects.filter(project=project).update(split="train")
    return worklists.request_worklist(
        model=model, actor=owner, kind="collect", pairs=4, judges=1, control_share=0.5, now=NOW
    )


@contextmanager
def worker(job: Job, database_url: str, seconds: float) -> Iterator[None]:
    """Have a process of its own work on the row in the block, and kill it at the end, before it is done."""
    module, function = {
        ModelComparison: ("comparison_writing", "comparison"),
        Worklist: ("worklist_filling", "worklist"),
    }[type(job)]  # type: ignore[index]
    environment = os.environ | {
        "DJANGO_SETTINGS_MODULE": "annotation.settings",
        "DATABASE_URL": database_url,
        "MEDIA_ROOT": str(settings.MEDIA_ROOT),
        "VAR_ROOT": str(settings.TRAINING_ROOT.parent),
    }
    words = [module, function, str(job.pk), str(seconds)]
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.annotation.registry.worker", *words],
        env=environment,
        cwd=Path(__file__).parents[3],
    )
    try:
        yield
    finally:
        process.send_signal(signal.SIGKILL)
        assert process.wait() == -signal.SIGKILL


def wait_until(happened: Callable[[], object]) -> None:
    until = time.monotonic() + 60
    while not happened():
        assert time.monotonic() < until, "it did not happen in time"
        time.sleep(0.01)


def killed_in_mid_child(job: Job, database_url: str) -> None:
    with worker(job, database_url, seconds=60):
        wait_until(lambda: type(job)._default_manager.get(pk=job.pk).progress_done >= PROMPTS / 2)


def killed_in_mid_commit(job: Job, database_url: str) -> None:
    """Kill it in the transaction that opens the tasks, where it waits for the row of the project."""
    with transaction.atomic():
        Project.objects.select_for_update().get(pk=job.project_id)  # type: ignore[attr-defined]
        with worker(job, database_url, seconds=0):
            wait_until(is_at_a_lock)


def is_at_a_lock() -> bool:
    with connection.cursor() as cursor:
        cursor.execute(AT_A_LOCK)
        return bool(cursor.fetchone()[0])


def swept(job: Job, work: Callable[[], object]) -> None:
    """See that the row is left to its worker as long as that may live, then taken up again and done."""
    model = type(job)
    assert model._default_manager.get(pk=job.pk).state == "running"
    assert durable.due(model, now=timezone.now()) == []
    stale = timezone.now() - timedelta(seconds=durable.STALE_SECONDS + 1)
    model._default_manager.filter(pk=job.pk).update(heartbeat_at=stale)
    assert durable.take_hints(model, now=timezone.now()) == [job.pk]
    work()
    work()
    job.refresh_from_db()
    assert (job.state, job.attempt, job.lost_workers, job.error) == ("done", 2, 1, "")
    assert list(settings.TRAINING_ROOT.glob("*-attempt-*")) == []


@pytest.mark.parametrize("killed", [killed_in_mid_child, killed_in_mid_commit])
def test_what_two_models_write_is_there_once(
    comparison: ModelComparison, database_url: str, killed: Callable[[Job, str], None]
) -> None:
    killed(comparison, database_url)
    assert (Completion.objects.count(), ComparedPair.objects.count()) == (0, 0)

    def work() -> None:
        comparison_writing.execute_comparison(comparison_id=comparison.pk, must_stop=threading.Event())

    swept(comparison, work)
    assert comparison.counts == {"tasks": PROMPTS, "same": 0, "empty": 0}
    assert comparison.progress_done == comparison.progress_total == 2 * PROMPTS
    assert Completion.objects.count() == 2 * PROMPTS
    asked = Task.objects.filter(protocol=comparison.protocol)
    assert sorted(asked.values_list("prompt", flat=True)) == comparison.prompts
    pairs = ComparedPair.objects.filter(comparison=comparison)
    assert sorted(pairs.values_list("task__prompt", flat=True)) == comparison.prompts
    assert all(pair.after.text.startswith("after") for pair in pairs)
    assert all(pair.before.text.startswith("before") for pair in pairs)


@pytest.mark.parametrize("killed", [killed_in_mid_child, killed_in_mid_commit])
def test_what_a_worklist_asks_is_asked_once(
    worklist: Worklist, database_url: str, killed: Callable[[Job, str], None]
) -> None:
    killed(worklist, database_url)
    assert (Task.objects.count(), WorklistPair.objects.count()) == (0, 0)

    def work() -> None:
        worklist_filling.execute_worklist(worklist_id=worklist.pk, must_stop=threading.Event())

    swept(worklist, work)
    assert worklist.counts == {"candidates": PROMPTS, "tasks": 4}
    arms = WorklistPair.objects.filter(worklist=worklist).order_by("arm").values_list("arm", flat=True)
    assert list(arms) == ["chosen", "chosen", "control", "control"]
    assert len(set(Task.objects.values_list("prompt", flat=True))) == Task.objects.count() == 4
