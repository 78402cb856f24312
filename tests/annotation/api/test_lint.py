from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

import pytest
from pytest_django import DjangoAssertNumQueries
from rest_framework.test import APIClient

from annotation.assignment.models import Claim
from annotation.people.models import StoredReply, User
from annotation.projects.models import Project

ClientOf = Callable[[User | None], APIClient]
PATH = "/api/work/lint/"
PROMPT = "What is a lease, and what does one have to look at before it is signed by both of the parties?"


def lint(browser: APIClient, text: str, **fields: Any) -> list[dict[str, Any]]:
    answer = browser.post(PATH, {"text": text, **fields})
    assert answer.status_code == 200, answer.content
    return answer.json()["advice"]


@pytest.fixture
def long_prompt(claim: Claim) -> Claim:
    claim.task.prompt.messages = [{"role": "user", "content": PROMPT}]
    claim.task.prompt.save(update_fields=["messages"])
    return claim


def test_it_says_what_and_where(annotator: User, client_of: ClientOf) -> None:
    (advice,) = lint(client_of(annotator), "As an AI, no.")
    message = advice.pop("message")
    assert advice == {"rule": "assistant_boilerplate", "start": 0, "end": 8, "values": {"phrase": "As an AI"}}
    assert message
    assert lint(client_of(annotator), "") == lint(client_of(annotator), "A lease is a contract.") == []


def test_places_are_counted_as_a_browser_counts(annotator: User, client_of: ClientOf) -> None:
    (advice,) = lint(client_of(annotator), "😀😀 As an AI")
    assert (advice["start"], advice["end"]) == (5, 13)


def test_a_claim_brings_its_prompt(long_prompt: Claim, annotator: User, client_of: ClientOf) -> None:
    (advice,) = lint(client_of(annotator), PROMPT, claim=str(long_prompt.pk))
    assert (advice["rule"], advice["values"]) == ("near_copy", {"of": "prompt", "percent": "100"})
    assert lint(client_of(annotator), PROMPT) == []


def test_a_claim_brings_its_completions_and_an_edit_may_keep_its_own(
    claim: Claim, annotator: User, client_of: ClientOf
) -> None:
    completion = claim.task.completions.get(pk=claim.shown_order[1])
    completion.text = PROMPT
    completion.save(update_fields=["text"])
    (advice,) = lint(client_of(annotator), PROMPT, claim=str(claim.pk))
    assert advice["values"]["of"] == "c2"
    assert lint(client_of(annotator), PROMPT, claim=str(claim.pk), edit_of="c2") == []


def test_the_language_is_the_tasks_unless_the_writer_says_otherwise(
    long_prompt: Claim, annotator: User, client_of: ClientOf
) -> None:
    browser, claim = client_of(annotator), str(long_prompt.pk)
    norwegian = "En leieavtale er en avtale om å få bruke noe som en annen eier, mot betaling."
    assert [advice["rule"] for advice in lint(browser, norwegian, claim=claim)] == ["wrong_language"]
    assert lint(browser, norwegian, claim=claim, language="nb") == []
    long_prompt.task.language = "nb"
    long_prompt.task.save(update_fields=["language"])
    assert lint(browser, norwegian, claim=claim) == []


def test_a_prompt_to_be_written_has_a_brief(long_prompt: Claim, annotator: User, client_of: ClientOf) -> None:
    task = long_prompt.task
    task.prompt, task.brief = None, {"style": "plain", "text": PROMPT}
    task.save(update_fields=["prompt", "brief"])
    (advice,) = lint(client_of(annotator), PROMPT, claim=str(long_prompt.pk))
    assert advice["values"]["of"] == "prompt"


def test_another_persons_claim_is_not_there(claim: Claim, reviewer: User, client_of: ClientOf) -> None:
    for pk in (claim.pk, uuid.uuid4()):
        assert client_of(reviewer).post(PATH, {"text": "x", "claim": str(pk)}).status_code == 404


@pytest.mark.parametrize("body", [{}, {"text": "x" * 20_001}, {"text": "x", "claim": "1"}, {"text": ["x"]}])
def test_what_cannot_be_read_is_refused(annotator: User, client_of: ClientOf, body: object) -> None:
    refused = client_of(annotator).post(PATH, body)
    assert (refused.status_code, refused.json()["code"]) == (400, "invalid")


def test_whoever_does_no_work_gets_no_advice(researcher: User, client_of: ClientOf) -> None:
    refused = client_of(researcher).post(PATH, {"text": "x"})
    assert (refused.status_code, refused.json()["code"]) == (403, "not_allowed")


def test_it_is_cheap_and_stores_nothing(
    annotator: User, project: Project, client_of: ClientOf, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    browser = client_of(annotator)
    # The session, the person, and whether they do work anywhere.
    with django_assert_num_queries(3):
        browser.post(PATH, {"text": "As an AI"}, headers={"Idempotency-Key": str(uuid.uuid4())})
    assert not StoredReply.objects.exists()


def test_a_program_that_asks_without_end_is_slowed_down(annotator: User, client_of: ClientOf) -> None:
    browser = client_of(annotator)
    statuses = [browser.post(PATH, {"text": ""}).status_code for _ in range(121)]
    assert statuses == [200] * 120 + [429]
