"""The limit line: the same statements through psycopg, without HTTP, sign-in, checks or JSON to a client."""

from __future__ import annotations

import multiprocessing
import time
import uuid
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
from psycopg.rows import namedtuple_row
from psycopg.types.json import Jsonb

from annotation.assignment import handing, queue, standing
from annotation.tasks import recording
from annotation.tasks.queue import Place


def loops_per_second(url: str, protocol_id: int, people: Sequence[int], seconds: float) -> float:
    """Let so many connections claim and answer for so long; a process each, so that Python does not wait for itself."""
    # Forked, so that they find Django set up; each opens a connection of its own.
    context = multiprocessing.get_context("fork")
    with context.Pool(len(people)) as pool:
        rates = pool.starmap(_work, [(url, protocol_id, person, seconds) for person in people])
    return sum(rates)


def wait_until_compared(url: str, *, most_seconds: float = 180.0) -> None:
    """Wait until the site's worker has compared all answers to tasks that several people answered."""
    until = time.monotonic() + most_seconds
    with psycopg.connect(url, autocommit=True) as connection:
        while connection.execute(
            "SELECT FROM tasks_task WHERE answers_count > 1 AND NOT answers_count = compared_answers LIMIT 1"
        ).fetchone():
            assert time.monotonic() < until, f"Answers are not compared after {most_seconds:g} s."
            time.sleep(0.2)


def buffers_per_claim(url: str, protocol_id: int, person: int, repeats: int = 20) -> float:
    """Return how many pages one hand-out reads, as EXPLAIN counts them; nothing of it is kept."""
    read = []
    with psycopg.connect(url) as connection:
        for _ in range(repeats):
            position = _position(connection, protocol_id, person)
            cursor = psycopg.ClientCursor(connection)
            plan = cursor.execute(
                "EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) " + queue.TAKE, _take(protocol_id, person, *position)
            ).fetchone()
            connection.rollback()
            assert plan
            top = plan[0][0]["Plan"]
            read.append(top["Shared Hit Blocks"] + top["Shared Read Blocks"])
    return sorted(read)[len(read) // 2]


def _work(url: str, protocol_id: int, person: int, seconds: float) -> float:
    done = 0
    with psycopg.connect(url, row_factory=namedtuple_row, prepare_threshold=0) as connection:
        claim: uuid.UUID | None = None
        begun = time.perf_counter()
        while time.perf_counter() - begun < seconds:
            claim = _loop(connection, protocol_id, person, claim)
            done += 1
        return done / (time.perf_counter() - begun)


def _loop(connection: psycopg.Connection[Any], protocol_id: int, person: int, claim: uuid.UUID | None) -> uuid.UUID:
    now = datetime.now(UTC)
    connection.execute("SELECT pg_advisory_xact_lock(hashtext('annotation.claim'), %s::int)", [person])
    if claim:
        _answer(connection, claim, person, now)
    there = connection.execute(standing.STANDING, {"person": person, "protocol": protocol_id, "now": now}).fetchone()
    assert there
    place = next((row for row in there.places or [] if row[1]), None)
    start, last = (Place(*place[2:5]), Place(*place[5:8])) if place else (Place(), Place())
    taken = connection.execute(queue.TAKE, _take(protocol_id, person, start, last)).fetchone()
    assert taken, "the queue of the limit line ran dry"
    claim = uuid.uuid4()
    opened = {"id": claim, "task_id": taken.id, "annotator_id": person, "protocol_version_id": there.version_id}
    opened |= {"shown_order": [pk for pk, _ in taken.completions], "selection": Jsonb({}), "created_at": now}
    opened["guideline_version_id"] = None
    connection.execute(handing.OPEN, {**opened, "expires_at": now + timedelta(minutes=10)})
    connection.commit()
    return claim


def _answer(connection: psycopg.Connection[Any], claim: uuid.UUID, person: int, now: datetime) -> None:
    who = {"claim": claim, "person": person, "is_owner": False, "roles": ["annotator"]}
    row = connection.execute(handing.LOCK, who).fetchone()
    assert row
    shown = row.claim_shown_order
    is_last = row.task_answers_count + 1 >= row.task_required_answers
    answer = {
        "task_id": row.task_id, "annotator_id": person, "payload": Jsonb({"tiers": [shown[:1], shown[1:]]}),
        "is_spare": False, "protocol_version_id": row.claim_protocol_version_id, "guideline_version_id": None,
        "shown_order": shown, "seconds": 30.5, "step_seconds": Jsonb({}), "evidence": Jsonb({}),
        "selection": Jsonb({}), "source_kind": "person", "submitted_at": now, "protocol": row.protocol_id,
        "purpose": "work", "day": now.date(), "freed": 1, "counts": 1, "state": "closed" if is_last else "open",
        "closed_at": now if is_last else None,
    }  # fmt: skip
    stored = connection.execute(recording.RECORD, answer).fetchone()
    assert stored
    connection.execute(handing.SUBMITTED, {"claim": claim, "key": uuid.uuid4(), "now": now})


def _position(connection: psycopg.Connection[Any], protocol_id: int, person: int) -> tuple[Place, Place]:
    row = connection.execute(
        "SELECT rank, queue_key, task, last_rank, last_queue_key, last_task FROM tasks_queueplace"
        " WHERE protocol_id = %s AND annotator_id = %s AND walked_as <> ''",
        [protocol_id, person],
    ).fetchone()
    return (Place(*row[:3]), Place(*row[3:])) if row else (Place(), Place())


def _take(protocol_id: int, person: int, start: Place, last: Place) -> dict[str, Any]:
    return queue.parameters(protocol_id, "work", queue.Walker(person), start, last)
