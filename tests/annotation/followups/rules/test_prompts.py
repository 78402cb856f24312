from __future__ import annotations

from typing import Any

import pytest

from annotation.followups.rules.prompts import conversation, open_next
from annotation.people.models import User
from annotation.projects.models import Protocol
from annotation.tasks.messages import check_messages
from annotation.tasks.models import Task
from tests.factories import answer_task, make_prompt
from tests.people import NOW

PLAIN = {"style": "plain", "text": "What is a lease?", "shots": [], "use_case": ""}


def shot(number: int) -> dict[str, str]:
    return {"query": f"Query {number}", "completion": f"Completion {number}"}


def test_a_written_prompt_becomes_work_for_everybody_but_its_author(
    brief: Task, writing: Protocol, annotator: User
) -> None:
    answer = answer_task(brief, annotator, PLAIN | {"use_case": "open_qa"})
    task, is_new = open_next(answer, writing, NOW)
    prompt = task.prompt
    assert prompt
    assert (is_new, task.protocol, task.authors, task.follows) == (True, writing, [annotator.pk], answer)
    assert (prompt.messages, prompt.author, prompt.source_kind) == (
        [{"role": "user", "content": "What is a lease?"}],
        annotator,
        "person",
    )
    assert (prompt.language, task.language, prompt.tags) == ("nb", "nb", ["open_qa"])
    assert open_next(answer, writing, NOW) == (task, False)


def test_a_prompt_that_is_there_already_keeps_its_own_author(brief: Task, writing: Protocol, annotator: User) -> None:
    there = make_prompt(writing.project)
    task, _ = open_next(answer_task(brief, annotator, PLAIN), writing, NOW)
    assert (task.prompt, there.author) == (there, None)


@pytest.mark.parametrize(
    ("shots", "said"),
    [
        (0, ["Do it."]),
        (1, ["Do it.\n\nQuery 1"]),
        (3, ["Do it.\n\nQuery 1", "Completion 1", "Query 2", "Completion 2", "Query 3"]),
    ],
)
def test_examples_lead_up_to_the_last_query(shots: int, said: list[str]) -> None:
    payload: dict[str, Any] = {"text": "Do it.", "shots": [shot(number + 1) for number in range(shots)]}
    messages = conversation(payload)
    assert [message["content"] for message in messages] == said
    assert check_messages(messages) == messages
