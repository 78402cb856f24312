from __future__ import annotations

import uuid
from datetime import date, timedelta

import pytest
from pytest_django import DjangoAssertNumQueries

from annotation.assignment import actions, submitting
from annotation.assignment.hours import hours_by_day, hours_by_person
from annotation.people.models import User
from annotation.projects.models import Project, Protocol
from annotation.tasks.models import Answer, AnswerRevision
from tests.factories import answer_task, make_demonstration_task
from tests.people import NOW

TODAY, TOMORROW = NOW.date(), NOW.date() + timedelta(days=1)


def days_of(project: Project, first: date = TODAY, last: date = TOMORROW) -> list[tuple[date, str, int, int, float]]:
    return [(row.day, row.name, row.answers, row.skips, row.seconds) for row in hours_by_day(project, first, last)]


def test_each_persons_answers_are_summed_by_day(
    project: Project, demonstration_protocol: Protocol, annotator: User, reviewer: User
) -> None:
    for number, (person, hours) in enumerate(((annotator, 0), (annotator, 1), (annotator, 13), (reviewer, 0))):
        task = make_demonstration_task(demonstration_protocol, f"Question {number}?")
        answer_task(task, person, now=NOW + timedelta(hours=hours), seconds=60 + number)
    assert days_of(project) == [
        (TODAY, "Annotator Person", 2, 0, 121),
        (TODAY, "Reviewer Person", 1, 0, 63),
        (TOMORROW, "Annotator Person", 1, 0, 62),
    ]
    assert days_of(project, TOMORROW, TOMORROW) == [(TOMORROW, "Annotator Person", 1, 0, 62)]
    people = hours_by_person(project, TODAY, TOMORROW)
    assert [(row.id, row.answers, row.seconds) for row in people] == [(annotator.pk, 3, 183), (reviewer.pk, 1, 63)]


def test_a_revision_counts_what_it_took_on_its_own_day(
    project: Project, demonstration_protocol: Protocol, annotator: User
) -> None:
    answer = answer_task(make_demonstration_task(demonstration_protocol), annotator, seconds=100)
    first = AnswerRevision.objects.get(answer=answer)
    AnswerRevision.objects.create(
        answer=answer,
        number=2,
        payload=first.payload,
        protocol_version=first.protocol_version,
        seconds=130,
        created_at=NOW + timedelta(days=1),
    )
    assert days_of(project) == [
        (TODAY, "Annotator Person", 1, 0, 100),
        (TOMORROW, "Annotator Person", 0, 0, 30),
    ]


@pytest.mark.parametrize(("end", "skips"), [("skip", 1), ("release", 0), ("expire", 0)])
def test_time_on_what_became_no_answer_is_time_worked(
    project: Project, demonstration_protocol: Protocol, annotator: User, end: str, skips: int
) -> None:
    make_demonstration_task(demonstration_protocol)
    claim = actions.claim_next(protocol=demonstration_protocol, actor=annotator, now=NOW)
    assert claim is not None
    actions.save_draft(claim_id=claim.pk, actor=annotator, payload={"completion": "A"}, seconds=40, now=NOW)
    assert days_of(project) == []
    if end == "skip":
        actions.skip(claim_id=claim.pk, actor=annotator, reason="unclear", now=NOW)
    elif end == "release":
        actions.release(claim_id=claim.pk, actor=annotator, now=NOW)
    else:
        actions.expire_stale(now=NOW + timedelta(hours=1))
    assert days_of(project) == [(TODAY, "Annotator Person", 0, skips, 40)]


def test_a_reopened_answer_counts_what_it_took_anew(
    project: Project, demonstration_protocol: Protocol, annotator: User
) -> None:
    """Given back, it counts the seconds since it was reopened; handed in, the same, and those of the answer once."""
    answer = answer_task(make_demonstration_task(demonstration_protocol), annotator, seconds=100)
    payload = {"completion": "Better."}
    given_back = actions.reopen(answer=answer, actor=annotator, now=NOW)
    actions.save_draft(claim_id=given_back.pk, actor=annotator, payload=payload, seconds=110, now=NOW)
    actions.release(claim_id=given_back.pk, actor=annotator, now=NOW)
    assert days_of(project) == [(TODAY, "Annotator Person", 1, 0, 110)]
    tomorrow = NOW + timedelta(days=1)
    claim = actions.reopen(answer=answer, actor=annotator, now=tomorrow)
    submitting.submit(
        claim_id=claim.pk, actor=annotator, payload=payload, seconds=130, idempotency_key=uuid.uuid4(), now=tomorrow
    )
    assert days_of(project, TOMORROW, TOMORROW) == [(TOMORROW, "Annotator Person", 0, 0, 30)]


def test_what_is_handed_in_counts_once(project: Project, demonstration_protocol: Protocol, annotator: User) -> None:
    """An answer to a claim that ran out was counted with the claim; now it is counted as an answer, and no more."""
    make_demonstration_task(demonstration_protocol)
    claim = actions.claim_next(protocol=demonstration_protocol, actor=annotator, now=NOW)
    assert claim is not None
    payload = {"completion": "A lease."}
    actions.save_draft(claim_id=claim.pk, actor=annotator, payload=payload, seconds=40, now=NOW)
    actions.expire_stale(now=NOW + timedelta(hours=1))
    submitting.submit(
        claim_id=claim.pk,
        actor=annotator,
        payload=payload,
        seconds=50,
        idempotency_key=uuid.uuid4(),
        now=NOW + timedelta(hours=2),
    )
    assert days_of(project) == [(TODAY, "Annotator Person", 1, 0, 50)]


def test_judges_of_imported_files_have_no_hours(
    project: Project, demonstration_protocol: Protocol, annotator: User
) -> None:
    answer = answer_task(make_demonstration_task(demonstration_protocol), annotator)
    Answer.objects.filter(pk=answer.pk).update(source_kind="import")
    assert days_of(project) == []


def test_other_projects_and_other_people_are_left_out(
    project: Project, demonstration_protocol: Protocol, annotator: User, reviewer: User, outsider: User
) -> None:
    answer_task(make_demonstration_task(demonstration_protocol), annotator)
    assert hours_by_person(Project.objects.get(memberships__user=outsider), TODAY, TODAY) == []
    assert hours_by_person(project, TODAY, TODAY, person=reviewer) == []
    assert [row.name for row in hours_by_day(project, TODAY, TODAY, person=annotator)] == ["Annotator Person"]


def test_hours_cost_one_query(
    project: Project,
    demonstration_protocol: Protocol,
    annotator: User,
    reviewer: User,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    for person in (annotator, reviewer):
        answer_task(make_demonstration_task(demonstration_protocol, f"For {person}?"), person)
    with django_assert_num_queries(1):
        assert len(hours_by_person(project, TODAY, TODAY)) == 2
