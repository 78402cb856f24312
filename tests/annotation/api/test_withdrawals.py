"""Withdrawing and lineage over HTTP: who may, and what is shown afterwards."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from pytest_django import DjangoCaptureOnCommitCallbacks
from pytest_django.fixtures import Settings
from rest_framework.test import APIClient

from annotation.exports import actions
from annotation.exports.models import Release
from annotation.people.models import User, Withdrawal
from annotation.projects.models import Project, Protocol
from annotation.registry import withdrawals
from annotation.registry.models import ModelVersion
from annotation.tasks.models import Answer
from tests.factories import answer_task, make_demonstration_task, make_ranking_task
from tests.guards import ask_everybody, guards
from tests.people import NOW
from tests.runs import finish_run, order_run

ClientOf = Callable[[User | None], APIClient]
WORDS = "The annotator's own words."


@pytest.fixture(autouse=True)
def media(settings: Settings, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = str(tmp_path)


@pytest.fixture
def answers(
    demonstration_protocol: Protocol, ranking_protocol: Protocol, annotator: User, reviewer: User
) -> list[Answer]:
    """Two of the annotator's and one of the reviewer's."""
    asked = make_demonstration_task(demonstration_protocol, "What is a loan?", required_answers=2)
    return [
        answer_task(asked, annotator, {"completion": WORDS}),
        answer_task(make_ranking_task(ranking_protocol, "Name a tree."), annotator),
        answer_task(asked, reviewer),
    ]


@pytest.fixture
def frozen(answers: list[Answer], project: Project, owner: User) -> Release:
    row = actions.request_release(project=project, name="Spring", selection={}, actor=owner, now=NOW)
    actions.freeze(release_id=row.pk)
    counts = {kind: {"train": 3, "validation": 0, "test": 0} for kind in ("rankings", "demonstrations")}
    Release.objects.filter(pk=row.pk).update(counts=counts)
    row.refresh_from_db()
    return row


@pytest.fixture
def model(frozen: Release, project: Project, owner: User) -> ModelVersion:
    return finish_run(order_run(project, owner, frozen))


def test_people_see_what_they_have_given_and_take_it_back(
    model: ModelVersion, answers: list[Answer], project: Project, annotator: User, client_of: ClientOf
) -> None:
    client = client_of(annotator)
    given = client.get("/api/me/data/").json()["results"]
    assert given == [
        {
            "project": {"id": project.pk, "name": project.name},
            "answers": 2, "prompts": 0, "completions": 0, "releases": 1, "models": 1, "withdrawals": [],
            "kinds": [{"kind": "demonstration", "answers": 1}, {"kind": "ranking", "answers": 1}],
        }
    ]  # fmt: skip
    assert client.get(f"/api/work/answers/{answers[0].pk}/lineage/").json() == {"releases": 1, "models": 1}
    assert client.get(f"/api/work/answers/{answers[2].pk}/lineage/").status_code == 404
    done = client.post("/api/me/withdrawals/", {"project": project.pk, "reason": "I would rather not."})
    assert (done.status_code, done.json()["answers"], done.json()["kind"]) == (201, 2, "work")
    assert client.post("/api/me/withdrawals/", {"project": project.pk}).json()["id"] == done.json()["id"]
    after = client.get("/api/me/data/").json()["results"][0]
    assert (after["answers"], after["releases"], len(after["withdrawals"])) == (0, 0, 1)
    mine = client.get("/api/work/answers/").json()["results"]
    assert {(row["is_withdrawn"], str(row["payload"]), str(row["messages"])) for row in mine} == {(True, "{}", "[]")}


def test_nobody_reads_withdrawn_words(
    answers: list[Answer], project: Project, annotator: User, manager: User, client_of: ClientOf
) -> None:
    withdrawals.withdraw_work(project=project, person=annotator, actor=annotator, now=NOW.replace(year=2027))
    client, place = client_of(manager), f"/api/projects/{project.pk}/answers/"
    pages = [place, f"{place}{answers[0].pk}/", f"{place}{answers[2].pk}/", f"{place}?q=own+words"]
    for page in pages:
        assert WORDS not in client.get(page).content.decode()
    assert client.get(pages[-1]).json()["results"] == []
    shown = client.get(pages[1]).json()
    assert (shown["state"], shown["withdrawn"]["kind"], shown["payload"]) == ("struck", "work", {})
    assert client.get(pages[2]).json()["withdrawn"] is None
    reviewed = client.post(f"{pages[1]}review/", {"verdict": "restore", "revision": 1})
    assert (reviewed.status_code, reviewed.json()["code"]) == (409, "answer_withdrawn")


def test_stale_data_says_why_and_offers_the_corrected_release(
    model: ModelVersion,
    frozen: Release,
    project: Project,
    annotator: User,
    researcher: User,
    client_of: ClientOf,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    client, place = client_of(researcher), f"/api/projects/{project.pk}"
    release = f"{place}/releases/{frozen.pk}/"
    refused = client.post(f"{release}correct/")
    assert (refused.status_code, refused.json()["code"]) == (409, "release_not_stale")
    withdrawals.withdraw_work(project=project, person=annotator, actor=annotator, now=NOW.replace(year=2027))
    shown = client.get(release).json()
    assert shown["stale_at"] == "2027-11-23T12:00:00Z"
    assert shown["withdrawn"] == [{"kind": "work", "at": "2027-11-23T12:00:00Z", "answers": 2}]
    of_model = client.get(f"{place}/models/{model.pk}/").json()
    assert (of_model["deployable"], of_model["withdrawn"][0]["kind"]) == (False, "work")
    entry = frozen.manifest["files"][0]["path"]
    start = {"release": frozen.pk, "stage": "sft", "start": {"preset": "tiny"}, "config": {}}
    for answer in (client.get(f"{release}files/{entry}"), client.post(f"{place}/runs/", start)):
        assert (answer.status_code, answer.json()["code"]) == (410, "stale_data")
        assert "corrected release" in answer.json()["detail"]
    assert client.get(f"{release}manifest/").status_code == 200
    with django_capture_on_commit_callbacks() as promised:
        corrected = client.post(f"{release}correct/")
    assert (corrected.status_code, corrected.json()["corrects"], len(promised)) == (202, frozen.pk, 1)


def test_striking_a_spammer_marks_what_was_made(
    frozen: Release, project: Project, annotator: User, manager: User, client_of: ClientOf
) -> None:
    client = client_of(manager)
    struck = client.post(f"/api/projects/{project.pk}/answers/strikes/", {"annotator": annotator.pk})
    assert struck.json() == {"answers": 2}
    shown = client.get(f"/api/projects/{project.pk}/releases/{frozen.pk}/").json()
    assert [row["kind"] for row in shown["withdrawn"]] == ["strike"]
    assert client.get(f"/api/projects/{project.pk}/withdrawals/").json()["results"][0]["answers"] == 2


@pytest.mark.parametrize("body", [{}, {"person": 1, "prompt": 1}, {"prompt": 1, "answer": 1}, {"person": "x"}])
def test_a_withdrawal_is_of_a_person_or_of_a_prompt(
    project: Project, manager: User, client_of: ClientOf, body: dict[str, Any]
) -> None:
    assert client_of(manager).post(f"/api/projects/{project.pk}/withdrawals/", body).status_code == 400


def test_an_answer_is_withdrawn_by_its_author_or_a_manager(
    answers: list[Answer], project: Project, annotator: User, manager: User, client_of: ClientOf
) -> None:
    mine, place = client_of(annotator), "/api/me/withdrawals/"
    assert mine.post(place, {"project": project.pk, "answer": answers[2].pk}).status_code == 404
    both = {"project": project.pk, "answer": answers[0].pk, "prompt": 1}
    assert mine.post(place, both).status_code == 400
    taken = mine.post(place, {"project": project.pk, "answer": answers[0].pk}).json()
    assert (taken["kind"], taken["answers"], taken["answer_id"]) == ("answer", 1, answers[0].pk)
    assert [row["is_withdrawn"] for row in mine.get("/api/work/answers/").json()["results"]] == [False, True]
    theirs = client_of(manager).post(f"/api/projects/{project.pk}/withdrawals/", {"answer": answers[2].pk})
    assert (theirs.status_code, theirs.json()["person"]["name"]) == (201, "Reviewer Person")
    assert Answer.objects.filter(withdrawal=None).get() == answers[1]


def test_a_prompt_is_withdrawn_by_its_author_and_nobody_elses_is(
    answers: list[Answer], project: Project, annotator: User, client_of: ClientOf
) -> None:
    prompt = answers[0].task.prompt
    assert prompt is not None
    client, body = client_of(annotator), {"project": project.pk, "prompt": prompt.pk}
    assert client.post("/api/me/withdrawals/", body).status_code == 404
    type(prompt).objects.filter(pk=prompt.pk).update(author=annotator)
    assert client.post("/api/me/withdrawals/", body).json()["answers"] == 2
    assert Withdrawal.objects.get().prompt_ref == prompt.pk


# In each row: owner, manager, researcher, reviewer, annotator, chat user, outsider, anonymous.
TABLE: list[tuple[str, str, Any]] = [
    ("GET /api/me/data/", "200 200 200 200 200 200 200 401", None),
    # The annotator and the reviewer have given something to the project.
    ("POST /api/me/withdrawals/", "404 404 404 201 201 404 404 401", {"project": "{project}"}),
    ("GET /api/projects/{project}/withdrawals/", "200 200 403 403 403 403 404 401", None),
    ("POST /api/projects/{project}/withdrawals/", "201 201 403 403 403 403 404 401", {"person": "{person}"}),
    ("POST /api/projects/{project}/releases/{release}/correct/", "409 409 409 403 403 403 404 401", None),
    ("GET /api/projects/{project}/models/{model}/lineage/", "200 200 200 403 403 403 404 401", None),
    ("GET /api/projects/{project}/releases/{release}/lineage/", "200 200 200 200 403 403 404 401", None),
    ("GET /api/projects/{project}/answers/{answer}/lineage/", "200 200 200 200 403 403 404 401", None),
    ("GET /api/projects/{project}/prompts/{prompt}/lineage/", "200 200 403 403 403 403 404 401", None),
    ("GET /api/projects/{project}/people/{person}/lineage/", "200 200 403 403 403 403 404 401", None),
    ("GET /api/work/answers/{answer}/lineage/", "404 404 404 404 200 404 404 401", None),
]


@guards(*(endpoint for endpoint, _, _ in TABLE))
def test_who_withdraws_and_who_sees_lineage(
    model: ModelVersion,
    frozen: Release,
    answers: list[Answer],
    project: Project,
    everybody: dict[str, User | None],
    client_of: ClientOf,
) -> None:
    ids = {
        "project": project.pk, "person": answers[0].annotator_id, "release": frozen.pk, "model": model.pk,
        "answer": answers[0].pk, "prompt": answers[0].task.prompt_id,
    }  # fmt: skip
    browsers = {who: client_of(user) for who, user in everybody.items()}
    for endpoint, statuses, body in TABLE:
        sent = {name: ids[value[1:-1]] for name, value in body.items()} if body else None
        found = ask_everybody(browsers, endpoint.format(**ids), sent)
        assert " ".join(map(str, found.values())) == statuses, endpoint
