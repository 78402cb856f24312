from __future__ import annotations

from collections.abc import Callable

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from annotation.people.models import User
from annotation.projects.models import Protocol
from annotation.tasks.models import Answer
from tests.factories import answer_task, make_demonstration_task

ClientOf = Callable[[User | None], APIClient]


def test_everybody_sees_their_own_pace_alone(
    demonstration_protocol: Protocol, annotator: User, manager: User, client_of: ClientOf
) -> None:
    answer_task(make_demonstration_task(demonstration_protocol), annotator, now=timezone.now(), seconds=1800)
    mine = client_of(annotator).get("/api/work/pace/").json()
    assert (mine["today"]["answers"], mine["today"]["answers_per_hour"], mine["usual_answers"]) == (1, 2, None)
    assert (len(mine["days"]), mine["days"][-1]) == (14, mine["today"])
    assert client_of(manager).get("/api/work/pace/", {"annotator": annotator.pk}).json()["today"]["answers"] == 0


def test_one_protocol_by_itself(demonstration_protocol: Protocol, annotator: User, client_of: ClientOf) -> None:
    answer_task(make_demonstration_task(demonstration_protocol), annotator, now=timezone.now())
    browser = client_of(annotator)
    for protocol, answers in ((demonstration_protocol.pk, 1), (demonstration_protocol.pk + 1, 0)):
        assert browser.get("/api/work/pace/", {"protocol": protocol}).json()["today"]["answers"] == answers
    assert browser.get("/api/work/pace/", {"protocol": "x"}).status_code == 400


@pytest.mark.parametrize(("state", "note"), [("returned", "Say why."), ("accepted", "")])
def test_ones_own_answers_show_what_the_reviewer_said(
    demonstration_protocol: Protocol, annotator: User, client_of: ClientOf, state: str, note: str
) -> None:
    answer = answer_task(make_demonstration_task(demonstration_protocol), annotator)
    Answer.objects.filter(pk=answer.pk).update(state=state, review_note=note)
    (mine,) = client_of(annotator).get("/api/work/answers/").json()["results"]
    assert (mine["state"], mine["review_note"], mine["frozen_at"]) == (state, note, None)
    returned = client_of(annotator).get("/api/work/answers/", {"state": "returned"}).json()["results"]
    assert [row["id"] for row in returned] == ([answer.pk] if state == "returned" else [])
    assert client_of(annotator).get("/api/work/answers/", {"state": "lost"}).status_code == 400
