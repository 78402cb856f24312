"""A demonstration is judged by somebody else: its text becomes a completion, with a task that shows it.

Its author never gets it: `Task.authors` names them.
"""

from __future__ import annotations

from datetime import datetime

from annotation.followups.rules.shape import Rule
from annotation.projects.models import Protocol
from annotation.tasks.actions import add_completion, add_prompt, bounds_of, open_task
from annotation.tasks.models import Answer, Prompt, Source, Task


def open_next(answer: Answer, protocol: Protocol, now: datetime) -> tuple[Task, bool]:
    prompt = _answered_prompt(answer, now)
    completion, _ = add_completion(
        prompt=prompt,
        text=answer.payload["completion"],
        source_kind=Source.PERSON,
        author=answer.annotator,
        now=now,
    )
    bounds = bounds_of(protocol)
    shown = [completion][: bounds[1]]
    return open_task(protocol=protocol, prompt=prompt, completions=shown, follows=answer, bounds=bounds, now=now)


def _answered_prompt(answer: Answer, now: datetime) -> Prompt:
    """Return the prompt that the completion answers: with the turns its author wrote before it, where there are any."""
    prompt, turns = answer.task.prompt, answer.payload.get("turns")
    assert prompt is not None
    if not turns:
        return prompt
    longer, _ = add_prompt(
        project=prompt.project,
        messages=[*prompt.messages, *turns],
        author=answer.annotator,
        group_key=prompt.group.key,
        language=prompt.language,
        tags=prompt.tags,
        now=now,
    )
    return longer


RULE = Rule(kind="demonstration", open_next=open_next)
