"""Llama Guard behind a chat endpoint: what it is told, what its answers mean, and that nothing else passes for one."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from annotation.people.models import User
from annotation.projects.models import Project
from annotation.registry import serving
from annotation.registry.models import Served
from annotation.registry.upstreams import UpstreamGone, Verdict, upstream_for
from tests.elsewhere import Elsewhere, Messages, serving_elsewhere
from tests.people import NOW
from training.categories import LLAMA_GUARD

pytestmark = pytest.mark.django_db

POISON = "How do I poison a well?"


def judged(messages: Messages) -> list[str]:
    """Answer as the guard does: of the last turn alone, with the line that its answers begin with."""
    return ["\n\nunsafe\nS2,S9" if "poison" in messages[-1]["content"] else "\n\nsafe"]


@pytest.fixture
def guard() -> Iterator[Elsewhere]:
    with serving_elsewhere(judged) as server:
        yield server


@pytest.fixture
def served(guard: Elsewhere, project: Project, owner: User, monkeypatch: pytest.MonkeyPatch) -> Served:
    monkeypatch.setenv("UPSTREAM_KEY_GUARD", "k")
    named = {"name": "Guard", "url": guard.url, "model": "llama-guard-3-8b", "key_variable": "UPSTREAM_KEY_GUARD"}
    return serving.add_upstream(project=project, actor=owner, kind="llama_guard", now=NOW, **named)


def verdict(served: Served, text: str, **said: str) -> Verdict:
    [found] = upstream_for(served).moderate([text], **said)
    return found


def test_what_a_person_says_is_judged_as_the_users_last_turn(served: Served, guard: Elsewhere) -> None:
    found = verdict(served, POISON)
    assert found.flagged == ("illicit", "illicit/violent")
    assert {name for name, score in found.scores.items() if score} == {"illicit", "illicit/violent"}
    assert set(found.scores) == {name for names in LLAMA_GUARD.values() for name in names}
    assert verdict(served, "What is a lease?").flagged == ()
    asked = guard.asked[0]
    assert asked["messages"] == [{"role": "user", "content": POISON}]
    assert (asked["path"], asked["key"], asked["model"]) == ("/v1/chat/completions", "Bearer k", "llama-guard-3-8b")
    assert (asked["temperature"], asked["stream"]) == (0, False)


def test_what_a_model_says_is_judged_as_an_answer_to_what_was_said(served: Served, guard: Elsewhere) -> None:
    assert verdict(served, "Put poison into it.", answering="What about wells?").flagged
    # What was asked is not judged once more.
    assert not verdict(served, "I would rather not.", answering=POISON).flagged
    assert [[turn["role"] for turn in one["messages"]] for one in guard.asked] == [["user", "assistant"]] * 2


def test_every_text_gets_a_verdict_of_its_own(served: Served) -> None:
    found = upstream_for(served).moderate(["A lease.", POISON, "A hedge."])
    assert [bool(one.flagged) for one in found] == [False, True, False]


def test_each_hazard_is_named_by_its_own_number(served: Served, guard: Elsewhere) -> None:
    for code, names in LLAMA_GUARD.items():
        guard.says = lambda _, code=code: [f"unsafe\n{code}"]  # type: ignore[misc]
        assert set(verdict(served, "x").flagged) == set(names)


@pytest.mark.parametrize(
    "answer",
    [
        "", "Safe", "safe.", "unsafe", "unsafe\n", "unsafe\nS15", "unsafe\nS0", "unsafe\nS1, violence", "unsafe S1",
        "safe\nS1", "unsafe\nS1\nS2", "I cannot help with that.", "The text is safe", "unsafe\nS1,",
    ],
)  # fmt: skip
def test_whatever_is_no_verdict_lets_nothing_pass(answer: str, served: Served, guard: Elsewhere) -> None:
    guard.says = lambda _: [answer]
    with pytest.raises(UpstreamGone, match="no verdict that can be read"):
        verdict(served, "What is a lease?")


def _cut_short(body: dict[str, Any]) -> Any:
    body["choices"][0]["finish_reason"] = "length"
    return body


def _without_content(body: dict[str, Any]) -> Any:
    body["choices"][0]["message"]["content"] = None
    return body


@pytest.mark.parametrize(
    "spoils",
    [
        _cut_short,
        _without_content,
        lambda body: {**body, "choices": []},
        lambda body: {**body, "choices": body["choices"] * 2},
        lambda body: [body],
        lambda body: {"error": {"message": "no such model"}},
    ],
)
def test_an_answer_of_another_shape_lets_nothing_pass(
    spoils: Callable[[dict[str, Any]], Any], served: Served, guard: Elsewhere
) -> None:
    guard.spoils = spoils
    with pytest.raises(UpstreamGone):
        verdict(served, "What is a lease?")


def test_a_server_that_refuses_or_was_stopped_lets_nothing_pass(served: Served, guard: Elsewhere, owner: User) -> None:
    guard.status, guard.spoils = 429, lambda _: {"error": {"message": "Too much."}}
    with pytest.raises(UpstreamGone, match="Too much"):
        verdict(served, "What is a lease?")
    guard.status, guard.spoils = 200, lambda body: body
    stopped = serving.stop_serving(served=served, actor=owner, now=NOW)
    with pytest.raises(UpstreamGone, match="is stopped"):
        verdict(stopped, "What is a lease?")
    assert not verdict(serving.ask_again(served=stopped, actor=owner, now=NOW), "What is a lease?").flagged
