"""A written prompt becomes a prompt of the project, with a task for everybody but its author.

A few-shot prompt becomes a conversation: the instruction with the first query, the completions as the assistant's
turns, and the last query left open. The author's own completion of that one stays in the answer alone.
Source: Ouyang et al. 2022 (arXiv:2203.02155), appendix A.1: with K pairs, K - 1 are the context of the last query.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from annotation.followups.rules.shape import Rule
from annotation.projects.models import Protocol
from annotation.tasks.actions import add_prompt, open_task
from annotation.tasks.messages import Message
from annotation.tasks.models import Answer, Source, Task

_TAG_CHARACTERS = 60


def open_next(answer: Answer, protocol: Protocol, now: datetime) -> tuple[Task, bool]:
    use_case = answer.payload["use_case"]
    prompt, _ = add_prompt(
        project=protocol.project,
        messages=conversation(answer.payload),
        author=answer.annotator,
        language=answer.task.language,
        tags=[use_case] if 0 < len(use_case) <= _TAG_CHARACTERS else [],
        source_kind=Source.PERSON,
        now=now,
    )
    return open_task(protocol=protocol, prompt=prompt, follows=answer, now=now)


def conversation(payload: Mapping[str, Any]) -> list[Message]:
    """Return what somebody who answers the prompt reads."""
    text, shots = payload["text"], payload["shots"]
    if not shots:
        return [_turn("user", text)]
    turns = [turn for shot in shots for turn in (_turn("user", shot["query"]), _turn("assistant", shot["completion"]))]
    turns[0] = _turn("user", f"{text}\n\n{shots[0]['query']}")
    return turns[:-1]


def _turn(role: str, content: str) -> Message:
    return {"role": role, "content": content}


RULE = Rule(kind="prompt", open_next=open_next)
