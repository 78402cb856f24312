"""Where written prompts stand: their answers have no prompt, and are prompts themselves.

Such a text belongs to the group, and so to the split, of the prompt that it is or would become: else a prompt of the
test split could be read in the train split.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from annotation.followups.rules.prompts import conversation
from annotation.projects.models import Project
from annotation.tasks.models import PromptGroup
from annotation.tasks.splits import group_key_of, split_of

Payload = Mapping[str, Any]


def places_of(project: Project, payloads: Sequence[Payload]) -> list[dict[str, Any]]:
    """Return what stands in for a prompt, {messages, group, split}, for each answer. One query."""
    said = [conversation(payload) for payload in payloads]
    keys = [group_key_of(messages) for messages in said]
    stored = dict(PromptGroup.objects.filter(project=project, key__in=set(keys)).values_list("key", "split"))
    return [
        {"messages": messages, "group": key, "split": stored.get(key) or split_of(key)}
        for messages, key in zip(said, keys, strict=True)
    ]
