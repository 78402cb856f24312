from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from pytest_django import DjangoAssertNumQueries
from rest_framework.test import APIClient

from annotation.people.models import User
from annotation.projects.models import Project, Protocol
from annotation.tasks.models import Prompt, Task
from tests.factories import answer_task, make_completion, make_prompt, make_ranking_task

ClientOf = Callable[[User | None], APIClient]

ASK = {"role": "user", "content": "What is a lease?"}


@pytest.fixture
def add(project: Project, researcher: User, client_of: ClientOf) -> Callable[..., Any]:
    browser = client_of(researcher)
    return lambda **body: browser.post(f"/api/projects/{project.pk}/prompts/", body)


def test_a_conversation_becomes_a_prompt_and_is_kept_once(add: Callable[..., Any], researcher: User) -> None:
    messages = [
        {"role": "system", "content": "Be brief."},
        ASK,
        {"role": "assistant", "content": " A contract.\n"},
        ASK,
    ]
    first, again = add(messages=messages, language="en"), add(messages=messages)
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json()["messages"] == messages
    assert first.json()["split"] in ("train", "validation", "test")
    assert first.json()["id"] == again.json()["id"]
    assert Prompt.objects.get().author == researcher


def test_a_text_is_short_for_one_message(add: Callable[..., Any]) -> None:
    assert add(text="What is a lease?\u2028Or a loan?").json()["messages"] == [
        {"role": "user", "content": "What is a lease?\u2028Or a loan?"}
    ]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "messages[0].content"),
        ({"text": ""}, "text"),
        ({"text": "a\u0007b"}, "messages[0].content"),
        ({"text": "x" * 200_001}, "messages"),
        ({"messages": [{"role": "king", "content": "x"}]}, "messages[0].role"),
        ({"messages": [ASK, {"role": "assistant", "content": "x"}]}, "messages[1].role"),
        ({"messages": [ASK, {"role": "system", "content": "x"}, ASK]}, "messages[1].role"),
        ({"messages": [{"role": "user", "content": ""}]}, "messages[0].content"),
        ({"messages": [{"role": "user"}]}, "messages[0].content"),
        ({"messages": ["x"]}, "messages[0]"),
        ({"messages": "x"}, "messages"),
        ({"text": "x", "language": "x" * 17}, "language"),
    ],
)
def test_what_is_no_prompt_is_refused_by_its_place(add: Callable[..., Any], body: dict[str, Any], field: str) -> None:
    answer = add(**body)
    assert answer.status_code == 400
    assert [row["field"] for row in answer.json()["errors"]] == [field]
    assert not Prompt.objects.exists()


def test_a_prompt_comes_with_a_task_where_its_protocol_takes_one(
    add: Callable[..., Any], demonstration_protocol: Protocol, ranking_protocol: Protocol, outsider: User
) -> None:
    assert add(text="One?", protocol=demonstration_protocol.pk).status_code == 201
    assert Task.objects.get().protocol == demonstration_protocol
    refused = add(text="Two?", protocol=ranking_protocol.pk)
    assert (refused.status_code, refused.json()["code"]) == (400, "task_not_openable")
    foreign = Protocol.objects.filter(project__memberships__user=outsider)[0]
    assert add(text="Three?", protocol=foreign.pk).status_code == 404
    assert Prompt.objects.count() == 1, "a refused task leaves no prompt behind"


def test_a_prompt_is_shown_with_its_completions_and_their_origin(
    ranking_protocol: Protocol, annotator: User, reviewer: User, client_of: ClientOf
) -> None:
    task = make_ranking_task(ranking_protocol)
    answer_task(task, annotator)
    body = client_of(reviewer).get(f"/api/projects/{ranking_protocol.project_id}/prompts/{task.prompt_id}/").json()
    assert {(row["source_kind"], row["source_label"]) for row in body["completions"]} == {("model", "model-a")}
    assert body["answers_count"] == 1


def test_prompts_are_searched_and_filtered(project: Project, owner: User, client_of: ClientOf) -> None:
    prompts = [make_prompt(project, f'Question {number} about "leases"?') for number in range(20)]
    browser = client_of(owner)

    def found(**asked: str) -> Any:
        return browser.get(f"/api/projects/{project.pk}/prompts/", asked)

    assert len(found(q="question 7").json()["results"]) == 1
    assert len(found(q='"leases"').json()["results"]) == 20
    assert found(q="user").json()["results"] == []
    assert found(q="\x00 nothing like it").json()["results"] == []
    train = [row["id"] for row in found(split="train").json()["results"]]
    assert sorted(train) == [prompt.pk for prompt in prompts if prompt.group.split == "train"]
    assert found(split="everything").status_code == 400


@pytest.mark.parametrize("count", [1, 8])
def test_lists_and_details_cost_the_same_however_long(
    project: Project, owner: User, client_of: ClientOf, count: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(count):
        prompt = make_prompt(project, f"Question {number}?")
    for number in range(count):
        make_completion(prompt, f"Completion {number}.")
    browser, address = client_of(owner), f"/api/projects/{project.pk}/prompts/"
    with django_assert_num_queries(4):
        assert len(browser.get(address).json()["results"]) == count
    with django_assert_num_queries(5):
        assert len(browser.get(f"{address}{prompt.pk}/").json()["completions"]) == count


def test_a_prompt_of_another_project_is_not_found(project: Project, outsider: User, client_of: ClientOf) -> None:
    elsewhere = Project.objects.get(memberships__user=outsider)
    address = f"/api/projects/{elsewhere.pk}/prompts/{make_prompt(project).pk}/"
    assert client_of(outsider).get(address).status_code == 404
