"""Many people at one queue, each on a database connection of their own."""

from __future__ import annotations

import random
import sys
import threading
import time
import uuid
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import timedelta

import pytest
from django.db import connection, connections
from django.db.models import Count, F
from django.utils import timezone

from annotation.assignment import actions, submitting
from annotation.assignment.models import Claim, ClaimState
from annotation.people.models import User
from annotation.projects import actions as project_actions
from annotation.projects.models import Protocol
from annotation.tasks.models import Answer, Prompt, PromptGroup, Task, TaskState

PEOPLE, TASKS, OVERLAP = 200, 1000, 3
KEPT_FREE = 12
PATIENCE_SECONDS = 150


def allowed_connections() -> int:
    """Return how many of this server's connections the test may take, leaving some for its other users."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('max_connections')::int - count(*) FROM pg_stat_activity")
        return min(PEOPLE, int(cursor.fetchone()[0]) - KEPT_FREE)


@pytest.fixture
def queue(transactional_db: None) -> Protocol:
    owner = User.objects.create_user("owner@example.com", None, name="Owner", is_owner=True)
    project = project_actions.create_project(actor=owner, name="Crowd", now=timezone.now())
    protocol = project.protocols.get(kind="demonstration")
    protocol.required_answers = OVERLAP
    protocol.save(update_fields=["required_answers"])
    return protocol


def open_tasks(protocol: Protocol, count: int) -> None:
    now, project = timezone.now(), protocol.project
    group = PromptGroup.objects.create(project=project, key="g", split="train")
    prompts = Prompt.objects.bulk_create(
        Prompt(
            project=project,
            group=group,
            messages=[{"role": "user", "content": f"Question {n}"}],
            messages_sha256=f"{n:064}",
            created_at=now,
        )
        for n in range(count)
    )
    Task.objects.bulk_create(
        Task(protocol=protocol, prompt=p, content_sha256=f"{p.pk:064}", required_answers=OVERLAP, created_at=now)
        for p in prompts
    )


def make_people(protocol: Protocol, count: int) -> list[User]:
    people = User.objects.bulk_create(User(email=f"p{n}@example.com", name=f"Person {n}") for n in range(count))
    for person in people:
        protocol.project.memberships.create(user=person, role="annotator", joined_at=timezone.now())
    return people


def work_until_empty(protocol: Protocol, person: User, everybody: threading.Barrier, seed: int) -> Counter[str]:
    """Claim and answer until every task is closed, now and then releasing, skipping, or sending an answer twice.

    Who finds nothing stays: what somebody holds may come back.
    """
    did: Counter[str] = Counter()
    chance = random.Random(seed)
    with closing(connections["default"]):
        connection.ensure_connection()
        everybody.wait(timeout=120)
        until = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < until:
            claim = actions.claim_next(protocol=protocol, actor=person, now=timezone.now())
            if claim is None:
                if not Task.objects.filter(state=TaskState.OPEN).exists():
                    break
                time.sleep(0.1)
                continue
            step = chance.random()
            if step < 0.03:
                actions.release(claim_id=claim.pk, actor=person, now=timezone.now())
                did["released"] += 1
                continue
            if step < 0.05:
                actions.skip(claim_id=claim.pk, actor=person, reason="unclear", now=timezone.now())
                did["skipped"] += 1
                continue
            key = uuid.uuid4()
            for _ in range(2 if step < 0.15 else 1):
                submitting.submit(
                    claim_id=claim.pk,
                    actor=person,
                    payload={"completion": f"Answer of {person.pk}"},
                    seconds=1,
                    idempotency_key=key,
                    now=timezone.now(),
                )
                did["sent"] += 1
    return did


@pytest.mark.timeout(280)
def test_two_hundred_people_give_each_task_exactly_three_answers(
    queue: Protocol, capsys: pytest.CaptureFixture[str]
) -> None:
    count = allowed_connections()
    with capsys.disabled():
        sys.stdout.write(f"\n{count} database connections at once, {TASKS} tasks, overlap {OVERLAP}\n")
    assert count >= 20
    open_tasks(queue, TASKS)
    people = make_people(queue, count)
    everybody = threading.Barrier(count)
    with ThreadPoolExecutor(count) as pool:
        done = [pool.submit(work_until_empty, queue, p, everybody, n) for n, p in enumerate(people)]
        did = sum((future.result() for future in done), Counter())
    assert did["released"] > 0
    assert did["skipped"] > 0
    assert did["sent"] > TASKS * OVERLAP
    per_task = Task.objects.annotate(given=Count("answers")).values_list(
        "given", "answers_count", "claims_count", "state"
    )
    assert Counter(per_task) == {(OVERLAP, OVERLAP, 0, TaskState.CLOSED): TASKS}
    assert not Answer.objects.filter(is_spare=True).exists()
    assert not Answer.objects.values("task", "annotator").annotate(n=Count("pk")).filter(n__gt=1).exists()
    assert not Claim.objects.filter(state=ClaimState.OPEN).exists()


@pytest.fixture
def crowd(queue: Protocol) -> list[User]:
    return make_people(queue, 8)


def test_one_task_is_never_handed_to_more_people_than_it_wants(queue: Protocol, crowd: list[User]) -> None:
    for round_number in range(10):
        Answer.objects.all().delete()
        Claim.objects.all().delete()
        Task.objects.all().delete()
        Prompt.objects.all().delete()
        PromptGroup.objects.all().delete()
        open_tasks(queue, 1)
        start = threading.Barrier(len(crowd))

        def claim(person: User, start: threading.Barrier = start) -> Claim | None:
            with closing(connections["default"]):
                start.wait(timeout=30)
                return actions.claim_next(protocol=queue, actor=person, now=timezone.now())

        with ThreadPoolExecutor(len(crowd)) as pool:
            claims = list(pool.map(claim, crowd))
        # Somebody may find the row locked and go away; nobody may come on top.
        assert 1 <= sum(c is not None for c in claims) <= OVERLAP, round_number
        assert Task.objects.get().claims_count == sum(c is not None for c in claims)


def test_the_same_submit_from_two_tabs_is_stored_once(queue: Protocol, crowd: list[User]) -> None:
    open_tasks(queue, 1)
    person, key = crowd[0], uuid.uuid4()
    claim = actions.claim_next(protocol=queue, actor=person, now=timezone.now())
    assert claim is not None
    start = threading.Barrier(2)

    def send(text: str) -> int:
        with closing(connections["default"]):
            start.wait(timeout=30)
            answer = submitting.submit(
                claim_id=claim.pk,
                actor=person,
                payload={"completion": text},
                seconds=1,
                idempotency_key=key,
                now=timezone.now(),
            )
            return answer.pk

    with ThreadPoolExecutor(2) as pool:
        assert len(set(pool.map(send, ["first tab", "second tab"]))) == 1
    assert Answer.objects.count() == 1


def test_expiring_while_submitting_leaves_the_counters_right(queue: Protocol, crowd: list[User]) -> None:
    open_tasks(queue, 20)
    start = threading.Barrier(len(crowd) + 1)

    def work(person: User) -> None:
        with closing(connections["default"]):
            start.wait(timeout=30)
            for _ in range(10):
                claim = actions.claim_next(protocol=queue, actor=person, now=timezone.now())
                if claim is None:
                    return
                payload = {"completion": "Late or not, it is kept."}
                key = uuid.uuid4()
                submitting.submit(
                    claim_id=claim.pk,
                    actor=person,
                    payload=payload,
                    seconds=1,
                    idempotency_key=key,
                    now=timezone.now(),
                )

    def expire() -> None:
        with closing(connections["default"]):
            start.wait(timeout=30)
            for _ in range(40):
                actions.expire_stale(now=timezone.now() + timedelta(hours=2))

    with ThreadPoolExecutor(len(crowd) + 1) as pool:
        futures = [pool.submit(expire), *(pool.submit(work, person) for person in crowd)]
        for future in futures:
            future.result()
    for task in Task.objects.annotate(given=Count("answers")):
        counted = task.answers.filter(is_spare=False).count()
        assert (task.answers_count, task.claims_count) == (counted, 0)
        assert counted <= OVERLAP
    assert not Task.objects.filter(answers_count__gt=F("required_answers")).exists()
