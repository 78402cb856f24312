"""The server is killed with a request in its hands: sent again, the request is done once and answered as before."""

from __future__ import annotations

import os
import signal
import threading
import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest
from django.db import connection, transaction
from django.utils import timezone

from annotation.people.actions import create_sign_in_link
from annotation.people.models import StoredReply, User
from annotation.processes import programs
from annotation.projects.models import Project, Protocol
from annotation.tasks.models import Answer, Prompt, Task
from tests.factories import make_demonstration_task
from tests.journeys.site import Person, Reply, Site, site_at, started, wait_until_answering

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True), pytest.mark.timeout(200)]

COMMIT_SECONDS = 3
# Holds every commit of a transaction that wrote a row of the table, so that a server can be killed in it.
SLOW_COMMIT = f"""
    CREATE FUNCTION dawdle() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN PERFORM pg_sleep({COMMIT_SECONDS}); RETURN NULL; END $$;
    CREATE CONSTRAINT TRIGGER dawdles AFTER INSERT ON {{table}} DEFERRABLE INITIALLY DEFERRED
        FOR EACH ROW EXECUTE FUNCTION dawdle();
"""
IS_DAWDLING = "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'PgSleep' AND datname = current_database()"
IS_WAITING = """SELECT count(*) FROM pg_locks JOIN pg_stat_activity USING (pid)
                WHERE NOT granted AND datname = current_database()"""


@pytest.fixture
def site(database_url: str, tmp_path: Path) -> Site:
    return site_at(database_url, tmp_path)


def arrived(site: Site, user: User) -> Person:
    person = Person(site)
    person.post("/api/sign-in-links/redeem/", {"token": create_sign_in_link(user=user, now=timezone.now())})
    return person


def claim_of(person: Person, protocol: Protocol) -> str:
    claim = person.post("/api/work/claims/", {"protocol": protocol.pk}, 201)
    return f"/api/work/claims/{claim['id']}/submit/"


@contextmanager
def server(site: Site) -> Iterator[Callable[[], None]]:
    """Run the web server in the block, which is given what kills it and all its workers at once."""
    port = int(site.address.rpartition(":")[2])
    with ExitStack() as stack:
        log = stack.enter_context(site.log.open("ab"))
        program = programs.web(host="127.0.0.1", port=port, workers=1, threads=4)
        process = stack.enter_context(started(program.guarded, site.environment, log))
        wait_until_answering(site)
        yield lambda: os.killpg(process.pid, signal.SIGKILL)


@contextmanager
def dawdling_commits(table: str) -> Iterator[None]:
    with connection.cursor() as cursor:
        cursor.execute(SLOW_COMMIT.format(table=table))
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("DROP FUNCTION dawdle() CASCADE")


def killed_in(query: str, ask: Callable[[], Reply], kill: Callable[[], None]) -> None:
    """Send a request, kill the server once the query counts something, and see the request fail."""
    failed: list[Exception] = []

    def send() -> None:
        try:
            ask()
        except OSError as error:
            failed.append(error)

    sender = threading.Thread(target=send)
    sender.start()
    for _ in range(600):
        with connection.cursor() as cursor:
            cursor.execute(query)
            if cursor.fetchone()[0]:
                break
        threading.Event().wait(0.05)
    kill()
    sender.join(30)
    assert len(failed) == 1


def until(counted: Callable[[], int]) -> None:
    """Wait for the database to end what the killed server left it with."""
    for _ in range(200):
        if counted():
            return
        threading.Event().wait(0.05)


def answer() -> dict[str, Any]:
    return {"payload": {"completion": "A contract."}, "seconds": 7, "idempotency_key": str(uuid.uuid4())}


def test_between_the_answers_commit_and_its_reply(
    site: Site, demonstration_protocol: Protocol, annotator: User
) -> None:
    make_demonstration_task(demonstration_protocol)
    body = answer()
    with server(site) as kill, dawdling_commits("tasks_answer"):
        person = arrived(site, annotator)
        submit = claim_of(person, demonstration_protocol)
        killed_in(IS_DAWDLING, lambda: person.ask("POST", submit, body), kill)
        until(Answer.objects.count)
    assert Answer.objects.count() == 1
    with server(site):
        first, again = person.post(submit, body), person.post(submit, body)
    assert first["answer"]["id"] == again["answer"]["id"] == Answer.objects.get().pk
    assert list(Task.objects.values_list("answers_count", "claims_count", "state")) == [(1, 0, "closed")]


def test_before_the_answers_commit(site: Site, demonstration_protocol: Protocol, annotator: User) -> None:
    task, body = make_demonstration_task(demonstration_protocol), answer()
    with server(site) as kill:
        person = arrived(site, annotator)
        submit = claim_of(person, demonstration_protocol)
        with transaction.atomic():
            Task.objects.select_for_update().get(pk=task.pk)
            killed_in(IS_WAITING, lambda: person.ask("POST", submit, body), kill)
    with server(site):
        assert not Answer.objects.exists()
        person.post(submit, body)
    assert Answer.objects.count() == 1


def test_between_any_writes_commit_and_its_reply(site: Site, project: Project, owner: User) -> None:
    path, body, key = f"/api/projects/{project.pk}/prompts/", {"text": "Asked once?"}, str(uuid.uuid4())
    with server(site) as kill, dawdling_commits("tasks_prompt"):
        person = arrived(site, owner)
        killed_in(IS_DAWDLING, lambda: person.ask("POST", path, body, key=key), kill)
        until(Prompt.objects.count)
    assert Prompt.objects.count() == StoredReply.objects.count() == 1
    with server(site):
        replies = [person.ask("POST", path, body, key=key) for _ in range(2)]
        without_key = person.ask("POST", path, body)
    # As the first time: made. Without the key the same text is found.
    assert [reply.status for reply in (*replies, without_key)] == [201, 201, 200]
    assert replies[0].body["id"] == Prompt.objects.get().pk
